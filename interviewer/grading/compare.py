"""Two grades side by side: what moved, what is quoted otherwise, and how far they agree. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from interviewer.grading.agreement import Agreement as Agreement
from interviewer.grading.agreement import agreement_of
from interviewer.grading.rating import Evidence, Grade, Rating, Scope
from interviewer.grading.scorecard import WEIGHTS, Scored, features
from interviewer.guide.model import Aspect, Item, Probe

# What moves an overall by less is not told as a reason for it.
TOLD = 0.05


@dataclass(frozen=True, slots=True)
class Moved:
    """One item under two grades.

    Attributes:
        before: Its rating in the first grade; None where it had none.
        after: Its rating in the second; None where it has none.
        quotes_differ: Whether the two rest on different spans; None when they are of different replies.
    """

    item: Item
    before: Rating | None
    after: Rating | None
    quotes_differ: bool | None

    @property
    def steps(self) -> int:
        """How many steps it rose (or fell, below zero); 0 where either has no rating."""
        return self.after.value - self.before.value if self.before and self.after else 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two grades of one exchange, of one answer under two bars, or of two answers to one question.

    Attributes:
        items: Every item of either rubric, in the rubric's order.
        flags_gone: Red flags of the first that the second does not raise.
        flags_come: Red flags that only the second raises.
    """

    before: Scored
    after: Scored
    items: tuple[Moved, ...]
    flags_gone: tuple[Item, ...]
    flags_come: tuple[Item, ...]

    @property
    def counted(self) -> tuple[Moved, ...]:
        """The items that an overall is made of; the other level's look-fors only serve the level read-out."""
        ours = {item.id for one in (self.before, self.after) for item in counts(one)}
        return tuple(one for one in self.items if one.item.id in ours)

    @property
    def rose(self) -> tuple[Moved, ...]:
        return tuple(one for one in self.counted if one.steps > 0)

    @property
    def fell(self) -> tuple[Moved, ...]:
        return tuple(one for one in self.counted if one.steps < 0)

    @property
    def same(self) -> float | None:
        return agreement([self]).same


def compare(before: Scored, after: Scored) -> Comparison:
    """Compare two graded exchanges.

    Raises:
        ValueError: When either has no grade.
    """
    first, second = before.assessment, after.assessment
    if not isinstance(first, Grade) or not isinstance(second, Grade):
        raise ValueError("only two grades can be compared")
    same_words = before.exchange.replies == after.exchange.replies
    items = {item.id: item for item in (*before.rubric.items(), *after.rubric.items())}
    moved = tuple(_moved(item, first, second, same_words=same_words) for item in items.values())
    flags = {flag.id: flag for flag in (*before.rubric.red_flags, *after.rubric.red_flags)}
    had, has = {flag.item for flag in first.flags}, {flag.item for flag in second.flags}
    return Comparison(
        before=before,
        after=after,
        items=moved,
        flags_gone=tuple(flag for flag in flags.values() if flag.id in had - has),
        flags_come=tuple(flag for flag in flags.values() if flag.id in has - had),
    )


def _moved(item: Item, first: Grade, second: Grade, *, same_words: bool) -> Moved:
    before, after = first.rating(item.id), second.rating(item.id)
    differ = None
    if same_words:
        differ = _spans(before.evidence if before else ()) != _spans(after.evidence if after else ())
    return Moved(item, before, after, differ)


def _spans(evidence: Sequence[Evidence]) -> set[tuple[int, int, int]]:
    return {(one.reply, one.start, one.end) for one in evidence}


# -- agreement -------------------------------------------------------------------------------------------------------


def agreement(comparisons: Iterable[Comparison]) -> Agreement:
    """Return how far the gradings of some exchanges agree, over all items that count, taken together."""
    return agreement_of(
        (one.before.value, one.after.value, isinstance(one.item, Probe))
        for each in comparisons
        for one in each.counted
        if one.before and one.after
    )


# -- one answer under two bars ---------------------------------------------------------------------------------------

_SCOPE = ("below", "above")
_FLAGS = ("said_flags", "absence_flags")
_SHORT_OF = {0: "not shown", 1: "only claimed", 2: "shown, though not strongly"}


def two_bars(comparison: Comparison, aspects: Sequence[Aspect] = ()) -> str:
    """Say in a sentence what an answer comes to under two bars, and what makes the difference.

    Args:
        comparison: Its grades under the one level and under the other.
        aspects: The guide's table of levels, for its words on scope.
    """
    first, second = sorted((comparison.before, comparison.after), key=lambda one: one.rubric.level.value)
    if first.overall == second.overall:
        return f"{_verdict(first)} at both levels."
    verdicts = f"{_verdict(first)} at {first.rubric.level.value}; {_verdict(second).lower()} at "
    reasons = _reasons(comparison, aspects)
    return f"{verdicts}{second.rubric.level.value}: {'; '.join(reasons)}."


def _verdict(scored: Scored) -> str:
    return scored.verdict.words.capitalize() if scored.verdict else "No grade"


def _reasons(comparison: Comparison, aspects: Sequence[Aspect]) -> list[str]:
    """Say why the lower overall is lower, what weighs most first."""
    high, low = sorted((comparison.before, comparison.after), key=lambda one: -(one.overall or 0))
    assert isinstance(high.assessment, Grade)
    assert isinstance(low.assessment, Grade)
    before, after = features(high.assessment, high.rubric), features(low.assessment, low.rubric)
    moved = {name: weight * (after[name] - before[name]) for name, weight in WEIGHTS.items()}
    flags = sum(moved[name] for name in _FLAGS)
    scope = sum(moved[name] for name in _SCOPE)
    told = [
        (scope, _reach(low, aspects)),
        (flags, f"a red flag is raised: {_listed(_raised(low, high.assessment))}"),
        (sum(moved.values()) - scope - flags, _short(low)),
    ]
    reasons = [words for value, words in sorted(told, key=lambda one: one[0]) if value < -TOLD and words]
    return reasons or ["the same ratings fall just short of the higher line"]


def _reach(low: Scored, aspects: Sequence[Aspect]) -> str:
    """Say that the reach is too small for a bar, with the guide's words for what it asks for."""
    assert isinstance(low.assessment, Grade)
    level = low.rubric.level.value
    asked = next((aspect.column(level) for aspect in aspects if aspect.by_scope), "")
    short = "stays below" if low.assessment.scope is Scope.BELOW else "goes no further than"
    return f"the reach {short} what {level} asks for" + (f" ({asked[0].lower()}{asked[1:]})" if asked else "")


def _raised(low: Scored, other: Grade) -> list[str]:
    assert isinstance(low.assessment, Grade)
    had, has = {flag.item for flag in other.flags}, {flag.item for flag in low.assessment.flags}
    return [flag.text for flag in low.rubric.red_flags if flag.id in has - had]


def _short(low: Scored) -> str:
    """Name what counts under a bar and falls short: what the question aimed at first, then the weakest."""
    assert isinstance(low.assessment, Grade)
    grade = low.assessment
    counted = [(rating.value, item) for item in counts(low) if (rating := grade.rating(item.id))]
    weak = sorted((value, item.id not in low.rubric.aims, n) for n, (value, item) in enumerate(counted) if value < 3)
    if not weak:
        return ""
    value = weak[0][0]
    texts = [counted[n][1].text for v, _, n in weak if v == value][:3]
    return f"{_listed(texts)} {'is' if len(texts) == 1 else 'are'} {_SHORT_OF[value]}"


def counts(scored: Scored) -> tuple[Item, ...]:
    """Return the items that an exchange's overall is made of: its level's criteria and its depth probes."""
    return (*scored.rubric.criteria, *scored.rubric.probes)


def _listed(texts: Sequence[str]) -> str:
    quoted = [f"“{text}”" for text in texts]
    return f"{', '.join(quoted[:-1])} and {quoted[-1]}" if len(quoted) > 1 else "".join(quoted)
