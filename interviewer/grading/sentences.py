"""Replies cut into sentences with their places, words meant for a grader left out. Readable rules, no vectors."""

import itertools
import re
from dataclasses import dataclass

from interviewer.grading.rating import Evidence

_END = re.compile(r"(?<=[.!?…])([\"'”’)]*)\s+|\n+\s*(?:[-*•]\s+|\d+[.)]\s+)?|(?<=;)\s+")
# Speech without punctuation is cut before connectives, so that one deed is one sentence there too.
_SPOKEN = re.compile(r"\s+(?=(?:and then|and so|so then|but then|because|but|then|so|and i|and we|and they)\b)", re.I)
_LONG_WORDS = 38


# Words meant for whoever grades, not part of an answer: they are neither read nor quoted.
_TOP = (
    r"(?:full (?:marks?|points?)|top (?:marks?|score|rating)|highest|maximum|max\b|strong hire|upper one|"
    r"(?<![\d.,])[34](?:/[34])?(?![\d.,%/]*\d|\s*%| (?:out|of|teams|weeks|days|hours|questions|schools|people)\b))"
)
_RATES = r"rate[ds]?|rating|scored?|graded?|grading|mark(?:ed|ing)?|award|output|counts? as|choose"
_TO_THE_GRADER = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?:ignore|disregard|forget|override|skip)\b.{0,60}\b(?:instructions?|rubric|prompt|checks|red flags?)\b",
        r"^\W*(?:(?-i:SYSTEM|ASSISTANT)|assistant|\[?interviewer\]?|grader|assessor)\s*:|\bassessor's summary\b",
        r"</?(?:reply|grade|answer|system|turn)\b|<!--|\{\{|#+ \w+ rubric",
        r"\"(?:overall|rating|status|verdict|grade)\"\s*:",
        rf"\b(?:{_RATES})\b.{{0,45}}\b{_TOP}",
        rf"\b{_TOP}.{{0,25}}\b(?:rating|score|mark|on (?:each|every|all) (?:item|look|point))",
        r"\bif you(?:'re| are) (?:an? )?(?:ai|llm|language model|grader)\b",
        r"\bwhoever (?:scores|grades|rates|marks)\b",
        r"\byou are (?:no longer|now) (?:a|an|the) (?:grader|helpful|judge|interviewer)",
        r"\b(?:as|dear|note (?:to|for)) (?:the |an |my )?(?:grader|evaluator|assessor)\b",
        r"\binstructions? from the admin",
        r"\boverall\s*[:=]?\s*[34]\b(?!\.)|\b(?:final )?(?:score|grade)\s*[:=]\s*[34]\b",
        r"\blook-fors?\b|\b\w+_\w+=[0-3]\b",
        r"\b(?:grading|scoring) (?:policy|rules?|script|prompt|sheet|criteria)\b|\bred flags? in the (?:text|reply)\b",
    )
)


# Whoever speaks to the grader in one sentence speaks of themselves in the third person in the next.
_OF_THE_CANDIDATE = re.compile(r"\b(?:the|this) (?:candidate|applicant|interviewee)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a reply and where it stands."""

    text: str
    evidence: Evidence


def sentences(replies: tuple[str, ...]) -> list[Sentence]:
    """Cut replies into sentences; each keeps its place, so that a quote is always a slice of its reply."""
    found: list[Sentence] = []
    for n, said in enumerate(replies):
        reply = readable(said)
        aside = to_the_grader(reply)
        start = 0
        cuts = [(max(m.start(), m.end(1)), m.end()) for m in _END.finditer(reply)]
        for cut, after in [*cuts, (len(reply), len(reply))]:
            found.extend(
                one for one in _pieces(reply, n, start, cut) if not (aside and _OF_THE_CANDIDATE.search(one.text))
            )
            start = after
    return found


def to_the_grader(text: str) -> bool:
    """Whether a sentence speaks to whoever grades instead of answering the question."""
    return any(pattern.search(text) for pattern in _TO_THE_GRADER)


def readable(text: str) -> str:
    """Return text without NUL and lone surrogates, of the same length, so that places in it stay true."""
    return "".join(" " if c == "\0" or "\ud800" <= c <= "\udfff" else c for c in text)


def _pieces(reply: str, n: int, start: int, end: int) -> list[Sentence]:
    spans = [(start, end)]
    if len(reply[start:end].split()) > _LONG_WORDS:
        bounds = [start, *(m.end() + start for m in _SPOKEN.finditer(reply[start:end])), end]
        spans = []
        for a, b in itertools.pairwise(bounds):
            # A piece of a few words belongs to the one before it.
            if spans and (len(reply[a:b].split()) < 6 or len(reply[spans[-1][0] : spans[-1][1]].split()) < 6):
                spans[-1] = (spans[-1][0], b)
            else:
                spans.append((a, b))
    made = []
    for a, b in spans:
        text = reply[a:b]
        left, right = len(text) - len(text.lstrip()), len(text.rstrip())
        if right > left and re.search(r"\w", text) and not to_the_grader(text):
            made.append(Sentence(text[left:right], Evidence(n, a + left, a + right)))
    return made
