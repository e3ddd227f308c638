"""Measures of agreement between two raters: pure functions over lists of numbers."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from interviewer.grading.agreement import weighted_kappa as weighted_kappa

Numbers = Sequence[float] | NDArray[np.float64]


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
