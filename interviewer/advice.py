"""What a rating means, what the next one would need, what to work on and what a strong answer holds. Pure.

Everything here is made from the scale, the guide and the grades; no model is asked. Screens and reports show it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from interviewer.grading.rating import Grade, Rating
from interviewer.grading.scorecard import Scorecard
from interviewer.guide.model import Expectation, Guide, Item, Level, Probe

# Below this a careful rater would more likely give another rating than the same.
LOW_CONFIDENCE = 0.5
WORK_ON = 3
# What an item at 0, 1 and 2 weighs in the choice of what to work on, and a raised flag.
LACKS = (2.0, 1.0, 0.2)
FLAG_LACKS = 2.5
# The same for an item that no question aimed at.
UNASKED = 0.2


@dataclass(frozen=True, slots=True)
class Step:
    """One value of the scale for one sort of item.

    Attributes:
        words: The value in a few words.
        reason: What was or was not found, for a rating that came without a reason.
        next: What the value above it would need; empty for the highest.
    """

    words: str
    reason: str
    next: str = ""


LOOK_FOR = (
    Step(
        "absent",
        "Nothing in the answers was found that shows it, or what was said speaks against it.",
        "Bring it up at all: one occasion on which you did this, told as yours.",
    ),
    Step(
        "claimed, nothing concrete",
        "It was claimed or hinted at; no concrete deed of yours was found behind it.",
        "Make it concrete: one thing you did yourself, when, with whom, and what was yours to decide.",
    ),
    Step(
        "shown",
        "The marked words were read as something concrete that you did; the reasoning or the outcome was not found "
        "beside it.",
        "Add why you did it that way and what came of it, with a number or a change others could see.",
    ),
    Step("shown strongly", "The marked words were read as a concrete deed, told with its reasoning and its outcome."),
)
EXPECTATION = (
    Step(
        "absent",
        "Nothing in the answers was found that speaks of it.",
        "Bring it up yourself, before you are asked, and say where in your design it matters.",
    ),
    Step(
        "named, nothing proposed",
        "It was named or hinted at; no concrete proposal was found behind it.",
        "Propose something for it: what exactly you would build or do, and why that.",
    ),
    Step(
        "proposed",
        "The marked words were read as a concrete proposal; how it was weighed was not found beside it.",
        "Weigh it: the figures it must hold for, what you set aside for it, and what it costs.",
    ),
    Step("proposed and weighed", "The marked words were read as a concrete proposal, told with its reasons and costs."),
)
PROBE = (
    Step(
        "absent",
        "Nothing in the answers was found that speaks of it.",
        "Answer it at all: one true sentence on this point.",
    ),
    Step(
        "touched",
        "It was touched on; no substance was found behind it.",
        "Give it substance: what it was exactly, why it was so, and what followed from it.",
    ),
    Step("answered with substance", "The marked words were read as an answer with substance."),
)
CAPPED = "What would be done in a design counts for no more here; a higher rating needs something that really happened."


def scale(item: Item) -> tuple[Step, ...]:
    """Return the scale an item is rated on, from 0 up."""
    match item:
        case Probe():
            return PROBE
        case Expectation():
            return EXPECTATION
        case _:
            return LOOK_FOR


def capped(item: Item, value: int, hypothetical: bool) -> bool:
    """Whether a rating stands at the most that a hypothetical design can give the item."""
    return hypothetical and item.max_if_hypothetical is not None and value >= item.max_if_hypothetical


def why(item: Item, rating: Rating) -> str:
    """Say why an item is rated as it is: the grader's own reason, or else what its value stands for.

    A reading of low confidence is told as one.
    """
    if rating.reason:
        return rating.reason
    reason = scale(item)[rating.value].reason
    if rating.confidence < LOW_CONFIDENCE:
        return f"{reason} It was a close call."
    return reason


def confidence(value: float) -> str:
    """Say a confidence, 0 to 1, in words and as a share."""
    share = f"{value:.0%}"
    if value < LOW_CONFIDENCE:
        return f"low, {share}: a careful rater may well see it otherwise"
    return f"{'high' if value >= 0.8 else 'fair'}, {share}"


def next_step(item: Item, value: int, hypothetical: bool = False) -> str:
    """Say what the next higher rating of an item would need; empty at the top of the scale.

    Args:
        value: The rating it has, 0 to 3; 0 to 2 for a probe.
        hypothetical: Whether the question asked for a proposal rather than for something that happened.
    """
    step = scale(item)[value]
    if not step.next:
        return ""
    if capped(item, value, hypothetical):
        return CAPPED
    return step.next + (f" It would answer: {'; '.join(item.angles)}." if item.angles else "")


@dataclass(frozen=True, slots=True)
class WorkOn:
    """One thing to work on.

    Attributes:
        text: A line of the guide's advice; an item's own words where no advice is for it.
        weak: Ids of the weak items it is for, weakest first.
    """

    text: str
    weak: tuple[str, ...]


def work_on(card: Scorecard, guide: Guide) -> list[WorkOn]:
    """Return what to work on, at most three things, the most pressing first.

    The guide's advice for the level is matched with what was weakest: an item that a question aimed at counts for what
    it lacks, one that nobody asked about counts little, a raised flag counts most. Where the advice names too few of
    them, the weakest items that are left stand for themselves.
    """
    lacks = _lacks(card)
    chosen = []
    for advice in guide.advice:
        weak = sorted((aim for aim in advice.aims if aim in lacks), key=lambda aim: -lacks[aim])
        if weak and advice.level in (card.level, None):
            chosen.append(WorkOn(advice.text, tuple(weak)))
    chosen.sort(key=lambda one: -sum(lacks[aim] for aim in one.weak))
    chosen = chosen[:WORK_ON]
    spoken_for = {aim for one in chosen for aim in one.weak}
    left = sorted((item for item in lacks if item not in spoken_for), key=lambda item: -lacks[item])
    chosen += [WorkOn(found.text, (found.id,)) for found in known(guide, left)]
    return chosen[:WORK_ON]


def _lacks(card: Scorecard) -> dict[str, float]:
    """Return how much each item that was not shown in full is missed."""
    aimed = {aim for one in card.exchanges for aim in one.rubric.aims if isinstance(one.assessment, Grade)}
    lacks: dict[str, float] = {}
    for one in card.exchanges:
        for item in (*one.rubric.criteria, *one.rubric.probes):
            found = card.best.get(item.id)
            if found and found.rating.value < len(scale(item)) - 1:
                lacks[item.id] = LACKS[found.rating.value] * (1.0 if item.id in aimed else UNASKED)
    return lacks | {raised.flag.item: FLAG_LACKS for raised in card.raised}


def outline(question: str, aims: Sequence[str], level: Level, guide: Guide) -> list[str]:
    """Return what a strong answer to a question holds, a line each; for after the end of an interview only.

    A case or a talk has points of its own. For a story they are made of the angles of what the question aims at.

    Args:
        question: The question's id.
        aims: The ids it aimed at when it was asked; a changed guide may not know the question any more.
    """
    try:
        points = guide.question(question).points
    except KeyError:
        points = ()
    if points:
        return list(points)
    items = [item for item in known(guide, aims) if item.angles and getattr(item, "level", level) is level]
    if not items:
        return []
    return [
        "Say in two sentences what it was about and why it mattered.",
        *(f"Say {_listed(item.angles)}." for item in items),
        "Say what came of it, with a number or a change others could see.",
    ]


def _listed(parts: Sequence[str]) -> str:
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else parts[0]


def known(guide: Guide, ids: Sequence[str]) -> list[Item]:
    """Return the guide's items with these ids; those it does not have any more are left out."""
    found = []
    for one in ids:
        try:
            found.append(guide.item(one))
        except KeyError:
            continue
    return found
