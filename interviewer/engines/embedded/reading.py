"""A reply as the embedded grader reads it: sentences with their places, and what each shows on its face.

Everything here is readable rules over words; no vectors. Length is never a
feature: what is counted is counted per sentence.
"""

import itertools
import re
from dataclasses import dataclass

from interviewer.grading.rating import Evidence

_END = re.compile(r"(?<=[.!?…])([\"'”’)]*)\s+|\n+\s*(?:[-*•]\s+|\d+[.)]\s+)?|(?<=;)\s+")
# Speech without punctuation is cut before connectives, so that one deed is one sentence there too.
_SPOKEN = re.compile(r"\s+(?=(?:and then|and so|so then|but then|because|but|then|so|and i|and we|and they)\b)", re.I)
_LONG_WORDS = 38
_OWN = re.compile(
    r"\b(?:i|i'd|i've)\s+(?:\w+ly\s+|then\s+|also\s+|just\s+|first\s+|had\s+to\s+|ended up\s+)?"
    r"(?!(?:think|believe|feel|guess|would|could|can|should|might|like|love|am|was|have|had|want|wanted|know|care|"
    r"always|usually|try|mean|suppose|dont|don't|do|will)\b)[a-z]{3,}",
    re.I,
)
_DOING = re.compile(r"\b(?:i|my|me|mine|i'd|i've|i'm)\b", re.I)
_WE = re.compile(r"\b(?:we|our|us|ours)\b", re.I)
_THEY = re.compile(
    r"\b(?:he|she|they|their|them|his|her)\b|\b(?:my|the|our) (?:manager|lead|boss|team|director)\b", re.I
)
_NUMBER = re.compile(
    r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|dozen|hundred|thousand|half|twice|double)\b", re.I
)
_OUTCOME = re.compile(
    r"\b(?:went (?:from|down|up|live)|dropped|fell|cut|halved|doubled|reduced|since then|still (?:use|run|in)|"
    r"ended up|as a result|in the end|shipped|launched|adopted|stopped|saved|no longer|never again|from then|today|"
    r"now (?:they|we|it|he|she|owns?|runs?|leads?)|got promoted)\b",
    re.I,
)
_REASON = re.compile(
    r"\b(?:because|since|so that|in order to|the reason|which meant|that's why|otherwise|given that)\b", re.I
)
_COST = re.compile(
    r"\b(?:cost|price|gave up|give up|trade|traded|instead of|rather than|at the expense|slower|downside|but it|"
    r"sacrific\w+|accept(?:ed)?|worse|risk|against|versus|vs)\b",
    re.I,
)
_WOULD = re.compile(
    r"\b(?:would|i'd|could|should|might|one (?:can|should)|you (?:should|need|have to)|it is important)\b", re.I
)
_NEGATED = re.compile(r"\b(?:not|never|n't|no|nobody|nothing|without|didn't|don't|wasn't|wouldn't|can't)\b", re.I)
_NAMES = re.compile(r"(?<![.!?]\s)(?<!^)\b[A-Z][a-z]*[A-Z0-9]?\w*|\b[A-Z]{2,}\b")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a reply and where it stands."""

    text: str
    evidence: Evidence


def sentences(replies: tuple[str, ...]) -> list[Sentence]:
    """Cut replies into sentences; each keeps its place, so that a quote is always a slice of its reply."""
    found = []
    for n, said in enumerate(replies):
        reply = readable(said)
        start = 0
        cuts = [(max(m.start(), m.end(1)), m.end()) for m in _END.finditer(reply)]
        for cut, after in [*cuts, (len(reply), len(reply))]:
            found.extend(_pieces(reply, n, start, cut))
            start = after
    return found


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
        if right > left and re.search(r"\w", text):
            made.append(Sentence(text[left:right], Evidence(n, a + left, a + right)))
    return made


FEATURES = ("own", "first", "we", "they", "number", "outcome", "reason", "cost", "would", "negated", "names")


def features(sentence: str) -> tuple[float, ...]:
    """Return what one sentence shows on its face, each 0 or 1, in the order of FEATURES."""
    tests = (_OWN, _DOING, _WE, _THEY, _NUMBER, _OUTCOME, _REASON, _COST, _WOULD, _NEGATED, _NAMES)
    return tuple(float(bool(test.search(sentence))) for test in tests)
