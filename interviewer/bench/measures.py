"""Measures of agreement between two raters: pure functions over lists of numbers."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Numbers = Sequence[float] | NDArray[np.float64]
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


def bootstrap(
    measure: Callable[[NDArray[np.int_]], float], size: int, rounds: int = 1000, seed: int = 0
) -> tuple[float, float]:
    """Return the 95 % interval of a measure under resampling of replies with replacement.

    Args:
        measure: From positions of replies to a number.
        size: How many replies there are.
        rounds: Resamplings.
        seed: Same seed, same interval.
    """
    rng = np.random.default_rng(seed)
    values = [measure(rng.integers(0, size, size)) for _ in range(rounds)]
    low, high = np.percentile(values, (2.5, 97.5))
    return float(low), float(high)


def ordered_share(true: Numbers, given: Numbers) -> tuple[float, int]:
    """Return the share of pairs of unequal true grade that are ordered right (ties count half), and their number."""
    right, pairs = 0.0, 0
    for i in range(len(true)):
        for j in range(i + 1, len(true)):
            if true[i] == true[j]:
                continue
            pairs += 1
            if given[i] == given[j]:
                right += 0.5
            elif (true[i] < true[j]) == (given[i] < given[j]):
                right += 1
    return (right / pairs if pairs else 0.0), pairs


def precision_recall(hits: int, false_alarms: int, misses: int) -> tuple[float, float]:
    """Return precision and recall; 0 where nothing was raised or nothing was there."""
    return hits / max(hits + false_alarms, 1), hits / max(hits + misses, 1)


def calibration_error(
    confidence: Numbers, right: Numbers, bins: int = 5
) -> tuple[float, list[tuple[float, float, int]]]:
    """Return the expected calibration error and, for each filled bin, mean confidence, share right and size.

    Source: Naeini, Cooper, Hauskrecht, "Obtaining well calibrated probabilities using Bayesian binning", AAAI 2015.
    """
    confidence, right = np.asarray(confidence, float), np.asarray(right, float)
    table, error = [], 0.0
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    for b in range(bins):
        inside = place == b
        if inside.any():
            mean, share, size = float(confidence[inside].mean()), float(right[inside].mean()), int(inside.sum())
            table.append((mean, share, size))
            error += size / len(confidence) * abs(mean - share)
    return error, table
