"""What a case tells about a clarifying message, and whether more was asked than is told. Pure."""

import re
from collections.abc import Callable, Collection, Sequence

from interviewer.guide.model import Fact
from interviewer.interview.intent import questions_in

# More facts than these in one breath are not heard.
FACTS = 2
# Told as a last fact where a message asks for more than is told: of the rest, whether it is known.
REST = "the rest"
REST_KNOWN, REST_OPEN = Fact(REST, "to be asked for again"), Fact(REST, "open")
# Questions in one breath: "How fast, which providers?"
_PIECES = re.compile(r",\s*(?=(?:which|who|when|where|why)\b)", re.IGNORECASE)
# What goes with a question and is none: "Can I ask something first?", "Like passwords?", "Does that make sense?"
_ASIDE = re.compile(
    r"\W*(?:(?:and|but|so|ok|okay|well|first|please)\W+)*(?:before .{1,30}, )?"
    r"(?:(?:like|such as|for (?:example|instance)|e\.?g\.?|i mean)\b.*"
    r"|(?:(?:can|could|may) i|(?:is it|would it be) (?:ok|okay|all right|fine) (?:if i|to))"
    r"(?: just| first| quickly)? (?:ask|check|clarify)(?: you)?(?: (?:a|an|one|two|three|some|few|couple|of|more|quick|"
    r"short|clarifying|questions?|things?|something|first|here|about (?:it|this|that)|before .{1,30}))*"
    r"|(?:(?:i have|i've got|just|my|a|an|one|another|two|three|some|few|more|quick|short|first) )*questions?"
    r"(?: first| before .{1,30})?"
    r"|(?:does|do) (?:that|this|it|i) make sense)\W*",
    re.IGNORECASE,
)
_ASKING = re.compile(
    r"\W*(?:(?:and|but|so|ok|okay|also|or|plus|then)\W+)*(?:how|what|which|who|whose|when|where|why|is|are|was|were|do|"
    r"does|did|can|could|may|must|should|will|would|has|have|any|tell me|i(?:'d| would) like to know)\b",
    re.IGNORECASE,
)
# Such a part is about what came before it, and so may its answer be: "How many servers, and does each have an owner?",
# "How often do people search, and how far back?"
_POINTS_BACK = re.compile(r"\b(?:it|its|they|them|their|this|that|these|those|ones?|each|all of)\b", re.IGNORECASE)
_FEW_WORDS = 3


def facts_for(
    text: str,
    known: Sequence[Fact],
    find: Callable[[str, Sequence[Fact]], Fact | None],
    told: Collection[str],
) -> tuple[Fact, ...]:
    """Return what a case knows about a message's questions: two facts at most, and a word on the rest if any.

    Facts not told yet come first, so that who asks again gets the rest.

    Args:
        text: The candidate's message.
        known: The facts of the case.
        find: Returns the fact that answers one question, or None.
        told: The facts told before, as "topic: text".
    """
    found: list[Fact] = []
    questions: list[tuple[bool, bool]] = []  # whether it asks, whether the case answers it
    for part in [part for part in questions_in(text) if not _ASIDE.fullmatch(part)] or [text]:
        facts = [fact for piece in _PIECES.split(part) if (fact := find(piece, known))]
        found += facts
        asks = part.endswith("?") or (part[-1:] not in ".!;" and bool(_ASKING.match(part)))
        answered = bool(facts)
        if questions and _alternative(part, text):
            before = questions.pop()
            asks, answered = asks or before[0], answered or before[1]
        elif questions and (_POINTS_BACK.search(part) or len(part.split()) <= _FEW_WORDS):
            answered = answered or questions[-1][1]
        questions.append((asks, answered))
    facts = sorted(dict.fromkeys(found), key=lambda fact: fact.line in told)
    fresh = [fact for fact in facts if fact.line not in told]
    if len(fresh or facts) > FACTS:
        return (*facts[:FACTS], REST_KNOWN)
    rest = facts and any(asks and not answered for asks, answered in questions)
    return (*facts[:FACTS], *([REST_OPEN] if rest else []))


def _alternative(part: str, text: str) -> bool:
    """Whether a part of a message is the other half of an either-or question, which one fact answers."""
    return bool(re.search(r"\bor(?: also)?\s+$", text[: text.find(part)], re.IGNORECASE))
