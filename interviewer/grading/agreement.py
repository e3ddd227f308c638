"""How far two sets of ratings agree. Pure."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Ratings = Sequence[int] | NDArray[np.int_]


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
