"""What a clarifying question has in common with a case's facts beyond nearness in meaning: words, and what it asks for.

A sentence encoder puts "When does it have to be done?" near anything; that
"when" asks for a time or a deadline is better said in a line.
"""

import re
from collections.abc import Sequence

from interviewer.guide.model import Fact

# Chosen on questions about other cases than those of the test.
ASKED_FOR, SHARED_WORD = 0.15, 0.1
MOST_WORDS = 2.0
# Below its floor a question is about something the case leaves open. To say so of something it does lay down is worse
# than to tell a fact that was not quite asked for, so the floor is low. "Do they pay by card?" names a thing of its
# own and shares the rest of its words with nearly any fact, so a yes-or-no question has to come nearer than one that
# asks how many or how long.
FLOOR, YES_NO_FLOOR = 0.27, 0.45

# "Is some of it urgent?" has no word of its own that a fact could share, and still asks for how soon and by when.
_URGENT = re.compile(
    r"\b(?:urgen\w+|deadlines?|latenc\w+|delay\w*|(?:time|delay)[- ](?:critical|sensitive)|real[- ]?time|slas?"
    r"|(?:right|straight) away|at once|immediate\w*|instant\w*|(?:in|on) time|fast|quick\w*|soon"
    r"|within (?:(?:a|an|one|some|a few) )?(?:seconds?|minutes?|hours?))\b",
    re.IGNORECASE,
)
_SOON = frozenset(("time", "deadline", "latency", "speed", "wait"))
_FORMS = tuple(
    (re.compile(pattern, re.IGNORECASE), frozenset(topics.split()))
    for pattern, topics in (
        (r"\b(?:when|deadline|date|how much time)\b", "time deadline"),
        (
            r"\bhow (?:fast|quick\w*|soon)\b|\bhow long (?:may|can|does|do|is|are|must|should|will)\b|"
            r"\b(?:latency|respond|response)\b",
            "latency speed wait",
        ),
        (r"\b(?:budget|spend|costs?|paying|pay for|expensive|how much money)\b", "budget money costs contracts"),
        (r"\b(?:who|whom|team|engineers|developers|staff)\b", "team teams people"),
        (r"\b(?:laws?|legal|legally|allowed|regulat\w+|complian\w+|rules?)\b", "rules privacy"),
        (r"\b(?:personal|privacy|private|gdpr|sensitive)\b", "privacy"),
        (
            r"\b(?:traffic|volume|load|peak|busy|throughput|(?:per|a|each) (?:second|minute|hour|day|week|night))\b",
            "volume load calls rate",
        ),
        (r"\b(?:today|right now|currently|at present|at the moment|existing|so far)\b", "today"),
        (r"\b(?:why|goal|purpose|what for|who (?:asked|wants|ordered))\b", "goal request wish reasons meaning sponsor"),
        (
            r"\b(?:how many (?:users|people|customers|accounts)|who uses|users)\b",
            "users customers visitors players people",
        ),
        (r"\b(?:last time|last year|happened|went wrong|before|attempt|past)\b", "history incidents"),
        (r"\b(?:online|offline|connect\w*|signal|network|bandwidth)\b", "network offline outages readers"),
        (r"\b(?:fails?|failure|wrong|errors?|mistakes?|breaks?)\b", "errors failures faults mistakes failure"),
    )
)
_YES_NO = re.compile(
    r"\W*(?:(?:and|but|so|ok|okay|also|or)\W+)*(?:is|are|was|were|do|does|did|has|have|can|could|may|must|should|will|would)\b",
    re.IGNORECASE,
)
_COMMON = frozenset(
    """there their which would could about where these those peopl does have what when with from that this they them
    will must many much long often""".split()  # noqa: SIM905
)


def in_common(question: str, facts: Sequence[Fact]) -> list[float]:
    """Return for each fact what to add to its nearness in meaning to a question.

    A word shared with one fact alone counts whole, one shared with several is divided among them.

    Args:
        question: One question of a candidate.
        facts: The facts of one case.
    """
    asked = _stems(question)
    known = [_stems(f"{fact.topic} {fact.text}") for fact in facts]
    wanted = set().union(*(topics for form, topics in _FORMS if form.search(question)))
    urgent = _SOON if _URGENT.search(question) else frozenset()
    # A fact that such a question asks for by its topic need not come nearer because the question is a yes-or-no one.
    nearer = floor(question) - FLOOR
    added = []
    for fact, words in zip(facts, known, strict=True):
        shared = sum(1 / sum(stem in other for other in known) for stem in asked & words)
        asked_for = ASKED_FOR * (fact.topic in wanted | urgent) + nearer * (fact.topic in urgent)
        added.append(asked_for + SHARED_WORD * min(shared, MOST_WORDS))
    return added


def floor(question: str) -> float:
    """Return how near the nearest fact must be to a question, words in common included, to be told."""
    return YES_NO_FLOOR if _YES_NO.match(question) else FLOOR


def _stems(text: str) -> frozenset[str]:
    return frozenset(word[:5] for word in re.findall(r"[a-z]{4,}", text.lower())) - _COMMON
