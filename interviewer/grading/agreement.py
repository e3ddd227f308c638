"""How far two sets of ratings agree. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ratings = Sequence[int] | NDArray[np.int_]
# Fewer ratings than these make a kappa that says more about chance than about the raters.
ENOUGH = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How far two raters agree on what both rated.

    Attributes:
        items: Ratings that stand in both.
        same: Share of them that are the same; None when there are none.
        within_one: Share that lie at most one step apart; None when there are none.
        kappa: Quadratic weighted kappa over those on the scale of 0 to 3; None with fewer than 20 of them, or when
            either rater gave them all one value.
    """

    items: int
    same: float | None
    within_one: float | None
    kappa: float | None


def agreement_of(pairs: Iterable[tuple[int, int, bool]]) -> Agreement:
    """Return how far two raters agree.

    Args:
        pairs: What the one and the other gave an item, and whether it is a depth probe, whose scale ends at 2.
    """
    rated = list(pairs)
    one = [a for a, _, probe in rated if not probe]
    other = [b for _, b, probe in rated if not probe]
    varied = len(set(one)) > 1 and len(set(other)) > 1
    return Agreement(
        items=len(rated),
        same=sum(a == b for a, b, _ in rated) / len(rated) if rated else None,
        within_one=sum(abs(a - b) <= 1 for a, b, _ in rated) / len(rated) if rated else None,
        kappa=weighted_kappa(one, other, 4) if varied and len(one) >= ENOUGH else None,
    )


def weighted_kappa(true: Ratings, given: Ratings, grades: int) -> float:
    """Return the quadratic weighted kappa of two raters; 1 is full agreement, 0 is chance.

    Args:
        true: Ratings of one rater, 0 to grades - 1.
        given: Ratings of the other, in the same order.
        grades: How many grades the scale has.

    Source: J. Cohen, "Weighted kappa", Psychological Bulletin 70 (1968), 213-220.
    """
    seen = np.zeros((grades, grades))
    np.add.at(seen, (np.asarray(true, int), np.asarray(given, int)), 1)
    distance = np.subtract.outer(np.arange(grades), np.arange(grades)) ** 2
    chance = np.outer(seen.sum(1), seen.sum(0)) / max(seen.sum(), 1)
    expected = float((distance * chance).sum())
    # Both raters gave everything the same grade: full agreement says nothing.
    return 1 - float((distance * seen).sum()) / expected if expected else 0.0
