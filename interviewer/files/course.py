"""From turns to an interview: which of the interviewer's turns open a question, and the events they make."""

import hashlib
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from interviewer import __version__
from interviewer.errors import InputError
from interviewer.files.heard import Heard
from interviewer.files.sides import CANDIDATE
from interviewer.guide.model import Guide, Kind, Level, Question
from interviewer.interview.events import (
    Answer,
    Ask,
    CandidateReplied,
    Close,
    Closed,
    Event,
    InterviewerSpoke,
    InterviewStarted,
    Plan,
    PlannedQuestion,
    Probe,
    StepChosen,
)
from interviewer.interview.intent import read_intent

Encode = Callable[[Sequence[str]], Any]

ENGINE = "imported"
# From this likeness in meaning a turn asks a question of the guide's own; from the lower one, one like it.
SAME, LIKE = 0.85, 0.62
# A shorter turn is a follow-up, and so is one that comes before the candidate has said so many words.
LONG, ANSWERED = 12, 60
_ASKS = re.compile(
    r"\?|\b(?:(?:tell|show|take) (?:me|us) |(?:walk|talk) (?:me|us) through|give (?:me|us) an? |describe|explain|"
    r"(?:pick|choose) (?:an?|the|one|some\w*)\b|design|imagine|suppose|sketch|share an? )",
    re.IGNORECASE,
)
_CUE = re.compile(
    r"\b(?:(?:next|another|new|first|second|third|fourth|fifth|final|last|other) (?:question|one|topic)|"
    r"mov(?:e|ing) on|switch(?:ing)? (?:gears|topics?|to)|(?:different|new) (?:topic|question|subject)|change of topic|"
    r"let's (?:talk about|turn to|go to|move|start|begin|switch|do)|tell (?:me|us) about an? time)",
    re.IGNORECASE,
)
_BACK = re.compile(
    r"\byou (?:just )?(?:said|say|mentioned|told|described|talked|wrote)\b|\bearlier\b|\bback to (?:that|your|what)\b"
    r"|^(?:and|so|but|why|what about|how so|then)\b",
    re.IGNORECASE,
)
_SMALL_TALK = re.compile(
    r"\bhow are you\b|\bcan you (?:hear|see)\b|\bready to\b|\bshall we\b|\bquestions? (?:for|before) (?:me|us|we)\b"
    r"|\banything (?:else )?you(?:'d| would) like to\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Opened:
    """A question that was found.

    Attributes:
        line: Where it stands in the file, from 1.
        like: The guide's question it is like; None when it is like none.
        follow_ups: How many turns of the interviewer follow it.
    """

    line: int
    text: str
    kind: Kind
    like: Question | None
    follow_ups: int


@dataclass(frozen=True, slots=True)
class Course:
    """An interview made from a transcript."""

    events: tuple[Event, ...]
    questions: tuple[Opened, ...]


def make_course(
    turns: Sequence[Heard],
    guide: Guide,
    encode: Encode,
    *,
    name: str,
    began: datetime | None,
    level: Level,
    kind: Kind | None = None,
    lines: Collection[int] = (),
    grader: str = "embedded",
    now: datetime,
) -> Course:
    """Return the events of an interview that was held elsewhere.

    Args:
        turns: "interviewer" and "candidate" in turn.
        encode: Texts to rows of unit length.
        name: Where it came from.
        began: When it began; so long ago as it lasted, when the file does not say.
        kind: Kind of every question; read from the guide's question it is like, else behavioral, when None.
        lines: Lines of the file that open a question; found by rule when there is none.

    Raises:
        InputError: When no question or no answer is found, or a line named is not the interviewer's.
    """
    likes = _likes(turns, guide, encode)
    opening = _opening(turns, likes, lines)
    if not opening:
        raise InputError(
            f"{name!r}: no turn of the interviewer was taken for a question. Put 'Q:' before each, or name their lines "
            "with --questions."
        )
    first = min(opening)
    if not any(turn.speaker == CANDIDATE for turn in turns[first:]):
        raise InputError(f"{name!r}: the candidate does not answer any question in it, so there is nothing to grade.")
    planned = _planned(turns, likes, opening, kind)
    length = max((turn.at or 0.0) for turn in turns)
    start = began or now - timedelta(seconds=length)
    kinds = tuple(one for one in Kind if any(question.kind is one for question in planned))
    plan = Plan(level, kinds, max(5, min(120, round(length / 60))), 0, tuple(planned))
    events: list[Event] = [InterviewStarted(plan, guide.hash, ENGINE, grader, __version__, start, name)]
    events += _told(turns, opening, planned, start)
    found = [
        Opened(turns[place].line, planned[n].text, planned[n].kind, likes[place][0], _follow_ups(turns, opening, n))
        for n, place in enumerate(opening)
    ]
    return Course(tuple(events), tuple(found))


def _likes(turns: Sequence[Heard], guide: Guide, encode: Encode) -> list[tuple[Question | None, float]]:
    """Return for each turn the guide's question that its likest sentence is like, and how like it is."""
    bank = guide.questions
    likes: list[tuple[Question | None, float]] = [(None, 0.0)] * len(turns)
    parts = [
        (place, part)
        for place, turn in enumerate(turns)
        if turn.speaker != CANDIDATE
        for part in {turn.text, *re.split(r"(?<=[.?!])\s+", turn.text)}
        if _ASKS.search(part) and len(part.split()) > 3
    ]
    if not parts or not bank:
        return likes
    vectors = encode([part for _, part in parts]) @ encode([question.text for question in bank]).T
    for (place, _), row in zip(parts, vectors, strict=True):
        best = int(row.argmax())
        if row[best] > likes[place][1]:
            likes[place] = (bank[best] if row[best] >= LIKE else None, float(row[best]))
    return likes


def _opening(
    turns: Sequence[Heard], likes: Sequence[tuple[Question | None, float]], lines: Collection[int]
) -> list[int]:
    """Return the places of the turns that open a question."""
    if lines:
        return sorted({_at_line(turns, line) for line in lines})
    asking = [place for place, turn in enumerate(turns) if turn.speaker != CANDIDATE]
    if marked := [place for place in asking if turns[place].opens]:
        return marked
    found: list[int] = []
    answered = 0
    for place, turn in enumerate(turns):
        if turn.speaker == CANDIDATE:
            answered += len(turn.text.split())
        elif _opens(turn.text, likes[place][0] is not None, first=not found, answered=answered):
            found.append(place)
            answered = 0
    return found


def _opens(text: str, like: bool, *, first: bool, answered: int) -> bool:
    """Whether a turn opens a question.

    It must ask something. Then it does when it is like a question of the
    guide, or says that the topic changes; and when it is long, comes after a
    real answer and does not refer back to it.
    """
    if not _ASKS.search(text) or _SMALL_TALK.search(text):
        return False
    if _CUE.search(text) or (like and not _BACK.search(text)):
        return True
    if first:
        return len(text.split()) >= LONG // 2
    return len(text.split()) >= LONG and answered >= ANSWERED and not _BACK.search(text)


def _at_line(turns: Sequence[Heard], line: int) -> int:
    for place, turn in enumerate(turns):
        if turn.line <= line <= turn.last and turn.speaker != CANDIDATE:
            return place
    raise InputError(f"Line {line} holds no words of the interviewer, so it cannot open a question.")


def _planned(
    turns: Sequence[Heard],
    likes: Sequence[tuple[Question | None, float]],
    opening: Sequence[int],
    kind: Kind | None,
) -> list[PlannedQuestion]:
    planned: list[PlannedQuestion] = []
    for number, place in enumerate(opening, 1):
        like, likeness = likes[place]
        # The words make the id: the same question in another file is the same one, and no other is.
        words = " ".join(turns[place].text.lower().split())
        made = f"imported-{hashlib.sha256(words.encode()).hexdigest()[:12]}"
        known = (like.id,) if like and likeness >= SAME else ()
        taken = {one.id for one in planned}
        id = next(one for one in (*known, made, f"{made}-{number}") if one not in taken)
        own = kind or (like.kind if like else Kind.BEHAVIORAL)
        # What a question of another kind can draw out is not on this one's rubric.
        aims = like.aims if like and like.kind is own else ()
        planned.append(PlannedQuestion(id, turns[place].text, own, aims, ""))
    return planned


def _follow_ups(turns: Sequence[Heard], opening: Sequence[int], number: int) -> int:
    end = opening[number + 1] if number + 1 < len(opening) else len(turns)
    return sum(turn.speaker != CANDIDATE for turn in turns[opening[number] + 1 : end])


def _told(
    turns: Sequence[Heard], opening: Sequence[int], planned: Sequence[PlannedQuestion], start: datetime
) -> list[Event]:
    events: list[Event] = []
    number = probes = 0
    seconds = 0.0
    intent = ""
    for place, turn in enumerate(turns):
        seconds = max(seconds, turn.at or 0.0)
        at = start + timedelta(seconds=seconds)
        if turn.speaker == CANDIDATE:
            reply = CandidateReplied(turn.text, read_intent(turn.text), at)
            intent = reply.intent
            events.append(reply)
            continue
        if place in opening:
            one = planned[number]
            number, probes = number + 1, 0
            because: Any = "start" if number == 1 else "done"
            events.append(StepChosen(Ask(one.id, one.text, one.kind, one.aims, one.chunk, number, because), at))
        elif number:
            asks = bool(_ASKS.search(turn.text))
            if place == len(turns) - 1 and not asks:
                events.append(StepChosen(Close("done"), at))
            elif intent == "clarify" and not asks:
                events.append(StepChosen(Answer("clarify"), at))
            else:
                probes += 1
                events.append(StepChosen(Probe("", "", "", probes), at))
        events.append(InterviewerSpoke(turn.text, ENGINE, at=at))
    return [*events, Closed("done", start + timedelta(seconds=seconds))]
