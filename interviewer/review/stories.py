"""The story bank: what was told, found again across interviews by meaning, and where each story is thin. Pure.

Two tellings are one story when their sentences find each other: the mean, over the sentences of either, of the
likeness to the nearest sentence of the other. On the calibration set every paraphrase of a reply lies above 0.65 and
every pair of different replies below 0.5.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from interviewer.grading.rating import SHOWN
from interviewer.grading.sentences import sentences
from interviewer.guide.model import Guide, Level, LookFor
from interviewer.review.past import Past

Vectors = NDArray[np.float32]
# Sentences of two tellings of one story lie nearer than this on the mean.
SAME = 0.5
# Two tellings whose mean vectors lie further apart than this are not looked at closely.
NEAR = 0.45
# Fewer words than these are no story.
MIN_WORDS = 25
TITLE = 64

PARTS = ("situation", "task", "own action", "result")
_STATES = (
    "was|were|am|had|have|think|thought|felt|feel|want(?:ed)?|believe[d]?|hope[d]?|need(?:ed)?|knew|know|like[d]?|"
    "love[d]?|learn(?:ed|t)|notice[d]?|realis?z?ed|guess|mean|suppose|would|could|can|may|might|will|should|do|did|"
    "don't|didn't|wasn't|couldn't|wouldn't|must|wish(?:ed)?|used|tend(?:ed)?|care[d]?|remember(?:ed)?"
)
_OWN = re.compile(
    r"\bI(?:'d|'ve| have| had| then| also| first| finally| personally| simply| quickly| just| even| and \w+)?"
    rf" (?!(?:{_STATES})\b)(?:\w+ly )?(?:\w{{2,}}ed|built|wrote|led|ran|made|took|gave|held|drew|chose|cut|set|put|"
    r"got|brought|sat|met|found|went|spoke|told|said|sent|kept|broke|split|began|drove|rewrote|taught|rebuilt|paid|"
    r"sold|won|threw|stood|read|let|hired|bought|spent|dug|pushed|undid|swept|shut|tore|rang)\b",
    re.IGNORECASE,
)
_TASK = re.compile(
    r"\b(?:(?:was|were|been|'d been) (?:asked|told|given|handed|hired|promised|supposed|meant)\b|asked (?:me|us|for)\b|"
    r"(?:the|our|my|their) (?:ask|goal|aim|brief|target|mandate|job|task|bit|part|role|requirement|deadline)\b|"
    r"(?:responsible|accountable) for|fell to me|on me to|in charge of|"
    r"(?:we|I|they|it|who|auditors|customers?) (?:needed|had|wanted) to\b|what \w+(?: \w+)? (?:needed|wanted) was|"
    r"(?:company|business|board|lead|team|customers?|office|product|sales|legal) wanted|wanted (?:us|me|it) to|"
    r"by the end of|(?:was |were |, )due\b|fixed (?:for|date|because)|date was fixed|"
    r"I was (?:the |a )?(?:\w+ )?(?:lead|manager|owner|architect|tech lead|on call)|"
    r"I (?:led|owned|headed|inherited|ran) (?:this|it|the|our|a)\b|(?:I|we) set out|took (?:it|this|that) on)",
    re.IGNORECASE,
)
_RESULT = re.compile(
    r"\b(?:as a result|in the end|since then|afterwards?|ever since|to this day|these days|today|end state|"
    r"now (?:\w+ )?(?:takes?|runs?|has|have|uses?|serves?|carries|leads?|maintains?|it|we|they|the|require)|"
    r"(?:it|that|they|she|he|which|loading|time|tickets?|errors?) (?:now )?(?:fell|dropped|rose|grew|shrank|climbed|"
    r"improved|moved|walked|agreed|signed|changed|took it|came round|stopped|went|doubled|halved|tripled|slipped|runs)|"
    r"went (?:live|from|down|up|out)|got (?:\w+ )?(?:better|faster|slower|worse|promoted)|"
    r"(?:fell|dropped|rose|grew|down|up|cut|reduced|improved) (?:\w+ ){0,4}(?:to|by|from)\b|halved|doubled|saved|"
    r"(?:we|they|it) (?:shipped|launched|landed|released|delivered)|rolled out|switched over|adopted|fallen apart|"
    r"still (?:in use|runs?|uses?|used|there)|(?:no|zero|not one|without a) (?:\w+ ){0,3}(?:since|incidents?|outages?|"
    r"complaints?|rollbacks?|tickets?)|tickets?: (?:zero|none|\d+)|(?:weeks?|months?|years?|quarters?) later|"
    r"by (?:spring|summer|autumn|winter|monday|tuesday|wednesday|thursday|friday|january|february|march|april|may|june|"
    r"july|august|september|october|november|december)\b|runs (?:in|at|on) \S*\d|in (?:under|about) \d|"
    r"from \S+ (?:\w+ ){0,3}to (?:about |around |under |below )?\S*\d|was promoted|paid for itself|"
    r"stopped (?:happening|paging)|(?:it|that) (?:worked|failed|held|cost us)|each \w+ now)",
    re.IGNORECASE,
)
_BACKGROUND = re.compile(
    r"\b(?:was|were|had|when|while|at the time|back then|used to|every|kept|our|we|there|nobody|team|company|system|"
    r"service|customers?|users?|years? ago|last|in 20\d\d)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Telling:
    """One time a story was told.

    Attributes:
        parts: For each of PARTS the sentence that holds it; empty when it was not found.
    """

    past: Past
    parts: dict[str, str]


@dataclass(frozen=True, slots=True)
class Story:
    """One story, however often it was told.

    Attributes:
        title: Words of the candidate's own.
        tellings: Oldest first.
        shown: Best value of each look-for it has shown, by id, values of 2 and 3 only.
        claimed: Look-fors it reached 1 on and never more: told, with nothing concrete behind it.
        missing: Parts no telling has.
    """

    title: str
    tellings: tuple[Telling, ...]
    shown: dict[str, int]
    claimed: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def parts(self) -> dict[str, str]:
        """The newest sentence found for each part; empty when none was."""
        return {part: next((t.parts[part] for t in reversed(self.tellings) if t.parts[part]), "") for part in PARTS}


def stories(past: Sequence[Past], embed: Callable[[Sequence[str]], Vectors], guide: Guide) -> list[Story]:
    """Return the stories told in behavioral answers and deep dives, the one told last first.

    Args:
        embed: Texts to unit vectors, (texts, d).
    """
    told = [one for one in past if not one.scored.rubric.hypothetical and len(one.said.split()) >= MIN_WORDS]
    cut = [[s.text for s in sentences(one.scored.exchange.replies)] or [one.said] for one in told]
    vectors = [embed(texts) for texts in cut]
    means = [_unit(v.mean(0)) for v in vectors]
    groups: list[list[int]] = []
    for n in range(len(told)):
        nearest = max(
            ((_best(n, group, vectors, means), place) for place, group in enumerate(groups)), default=(0.0, -1)
        )
        if nearest[0] >= SAME:
            groups[nearest[1]].append(n)
        else:
            groups.append([n])
    groups.sort(key=lambda group: -group[-1])
    return [_story([Telling(told[n], star(cut[n])) for n in group], guide) for group in groups]


def _best(n: int, group: Sequence[int], vectors: Sequence[Vectors], means: Sequence[Vectors]) -> float:
    return max(likeness(vectors[n], vectors[k]) if float(means[n] @ means[k]) >= NEAR else 0.0 for k in group)


def likeness(one: Vectors, other: Vectors) -> float:
    """Return how far the sentences of two tellings find each other, -1 to 1.

    Args:
        one: (sentences, d), unit vectors.
        other: The same for the other telling.
    """
    near = one @ other.T
    return float((near.max(1).mean() + near.max(0).mean()) / 2)


def star(told: Sequence[str]) -> dict[str, str]:
    """Return for each part of a story the first sentence that holds it; empty where none does.

    Read by narrow rules on words: a part that is told in an unusual way can be missed, and the sentence is shown so
    that one sees what was taken for it.
    """
    own = next((s for s in told if _OWN.search(s)), "")
    task = next((s for s in told if _TASK.search(s)), "")
    result = next((s for s in reversed(told) if s != own and _RESULT.search(s)), "")
    if not result and own and _RESULT.search(told[-1]):
        result = told[-1]
    opening = [s for s in told[: max(2, len(told) // 3)] if s != task]
    apart = [s for s in opening if not _OWN.search(s)]
    situation = next((s for s in (*apart, *opening) if len(s.split()) >= 5 and _BACKGROUND.search(s)), "")
    return {"situation": situation, "task": task, "own action": own, "result": result}


def _story(tellings: list[Telling], guide: Guide) -> Story:
    best: dict[str, int] = {}
    for telling in tellings:
        for item in guide.look_fors:
            rating = telling.past.grade.rating(item.id)
            if rating:
                best[item.id] = max(best.get(item.id, 0), rating.value)
    newest = tellings[-1]
    title = newest.parts["own action"] or newest.parts["situation"] or " ".join(newest.past.said.split())
    return Story(
        title=title if len(title) <= TITLE else title[:TITLE].rsplit(" ", 1)[0] + " …",
        tellings=tuple(tellings),
        shown={item: value for item, value in best.items() if value >= SHOWN},
        claimed=tuple(item for item, value in best.items() if value == 1),
        missing=tuple(part for part in PARTS if not any(telling.parts[part] for telling in tellings)),
    )


def without_story(found: Sequence[Story], guide: Guide, level: Level) -> list[LookFor]:
    """Return the look-fors of a level that no story has shown."""
    shown = {item for story in found for item in story.shown}
    return [item for item in guide.look_fors if item.level is level and item.id not in shown]


def _unit(vector: Vectors) -> Vectors:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-9), np.float32)
