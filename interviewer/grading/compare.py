"""Two grades side by side: what moved, what is quoted otherwise, and how far they agree. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from interviewer.grading.rating import Evidence, Grade, Rating
from interviewer.grading.scorecard import Scored
from interviewer.guide.model import Item


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
        same: Share of the items with a rating in both that have the same one; None when there is none.
    """

    before: Scored
    after: Scored
    items: tuple[Moved, ...]
    flags_gone: tuple[Item, ...]
    flags_come: tuple[Item, ...]
    same: float | None

    @property
    def rose(self) -> tuple[Moved, ...]:
        return tuple(one for one in self.items if one.steps > 0)

    @property
    def fell(self) -> tuple[Moved, ...]:
        return tuple(one for one in self.items if one.steps < 0)


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
    both = [one for one in moved if one.before and one.after]
    flags = {flag.id: flag for flag in (*before.rubric.red_flags, *after.rubric.red_flags)}
    had, has = {flag.item for flag in first.flags}, {flag.item for flag in second.flags}
    return Comparison(
        before=before,
        after=after,
        items=moved,
        flags_gone=tuple(flag for flag in flags.values() if flag.id in had - has),
        flags_come=tuple(flag for flag in flags.values() if flag.id in has - had),
        same=sum(not one.steps for one in both) / len(both) if both else None,
    )


def _moved(item: Item, first: Grade, second: Grade, *, same_words: bool) -> Moved:
    before, after = first.rating(item.id), second.rating(item.id)
    differ = None
    if same_words:
        differ = _spans(before.evidence if before else ()) != _spans(after.evidence if after else ())
    return Moved(item, before, after, differ)


def _spans(evidence: Sequence[Evidence]) -> set[tuple[int, int, int]]:
    return {(one.reply, one.start, one.end) for one in evidence}
