"""How ratings went over time: counts, means and how sure one can be of them. Pure.

Nothing here compares a candidate with anybody else, and nothing is said from fewer than three answers.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from interviewer.advice import scale
from interviewer.guide.model import Guide, Item, Level
from interviewer.review.past import Past, speaks_of

ENOUGH = 3
# 97.5 % points of Student's t for 1, 2, ... degrees of freedom; beyond the last they hardly change.
_T = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20, 2.18, 2.16, 2.14, 2.13, 2.12, 2.11, 2.10, 2.09)
_T_LARGE = 2.0
_Z = 1.96


@dataclass(frozen=True, slots=True)
class Point:
    """One rating of an item.

    Attributes:
        interview: Id of the interview.
        exchange: Place of the exchange in it, from 0.
        value: 0 to 3; 0 to 2 for a probe; for a red flag 1 when it was raised.
        confidence: 0 to 1, the grader's own; 1 for a flag that was not raised.
    """

    at: datetime
    interview: str
    exchange: int
    value: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Course:
    """One item over time, at one level.

    Attributes:
        top: The highest value it can have.
        points: Oldest first; answers to questions that aimed at it, or to every question for what is always rated.
        mean: Mean value, or for a red flag the share of answers that raised it; None with fewer than three points.
        low: Lower end of the 95 % interval of the mean; None with the mean.
        high: Upper end.
    """

    item: Item
    level: Level
    top: int
    points: tuple[Point, ...]
    mean: float | None
    low: float | None
    high: float | None

    @property
    def first(self) -> float | None:
        """Mean of the first three points; None while they and the last three would overlap."""
        return _mean([p.value for p in self.points[:ENOUGH]]) if len(self.points) >= 2 * ENOUGH else None

    @property
    def last(self) -> float | None:
        """Mean of the last three points; None while they and the first three would overlap."""
        return _mean([p.value for p in self.points[-ENOUGH:]]) if len(self.points) >= 2 * ENOUGH else None


def courses(past: Sequence[Past], guide: Guide, level: Level) -> list[Course]:
    """Return how each look-for, expectation, probe and red flag of a level went, those never met left out."""
    mine = [one for one in past if one.scored.rubric.level is level]
    items: list[Item] = [
        *(item for item in guide.look_fors if item.level is level),
        *(item for item in guide.expectations if item.rated and item.level is level),
        *guide.probes,
    ]
    found = []
    for item in items:
        points = tuple(_rated(one, item) for one in mine if speaks_of(one, item))
        if points:
            found.append(Course(item, level, len(scale(item)) - 1, points, *interval([p.value for p in points], item)))
    for flag in guide.red_flags:
        # Where the question gave no occasion for a flag, that it was not raised says nothing.
        points = tuple(_raised(one, flag) for one in mine if any(f.id == flag.id for f in one.scored.rubric.red_flags))
        if points:
            found.append(Course(flag, level, 1, points, *share([p.value for p in points])))
    return found


def _rated(one: Past, item: Item) -> Point:
    rating = one.grade.rating(item.id)
    assert rating is not None
    return Point(one.at, one.interview, one.position, rating.value, rating.confidence)


def _raised(one: Past, flag: Item) -> Point:
    raised = next((f for f in one.grade.flags if f.item == flag.id), None)
    return Point(one.at, one.interview, one.position, int(raised is not None), raised.confidence if raised else 1.0)


def interval(values: Sequence[int], item: Item) -> tuple[float | None, float | None, float | None]:
    """Return mean, lower and upper end of its 95 % interval (Student's t, kept on the scale); None for too few."""
    if len(values) < ENOUGH:
        return None, None, None
    mean = _mean(values)
    deviation = math.sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1))
    t = _T[len(values) - 2] if len(values) - 2 < len(_T) else _T_LARGE
    # Equal ratings do not make one sure: the scale itself has steps, so half a step is the least deviation taken.
    reach = t * max(deviation, 0.5) / math.sqrt(len(values))
    return mean, max(0.0, mean - reach), min(float(len(scale(item)) - 1), mean + reach)


def share(values: Sequence[int]) -> tuple[float | None, float | None, float | None]:
    """Return the share of ones with its 95 % interval; None for too few.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).
    """
    count = len(values)
    if count < ENOUGH:
        return None, None, None
    p, z2 = _mean(values), _Z**2
    middle = (p + z2 / (2 * count)) / (1 + z2 / count)
    reach = _Z * math.sqrt(p * (1 - p) / count + z2 / (4 * count**2)) / (1 + z2 / count)
    return p, max(0.0, middle - reach), min(1.0, middle + reach)


def _mean(values: Sequence[int]) -> float:
    return sum(values) / len(values)
