"""Fits the scorecard's constants on the true ratings of the training split, and says what they reach.

    python -m interviewer.bench.fit_scorecard

The weights are a ridge regression of the true overall on the features of
`scorecard.features`, with signs held (a better rating never lowers, a flag
never raises). A reply that shows nothing is a 1; the cuts between 2, 3 and 4 are
searched for the best weighted kappa. The result is printed as the table that stands
in interviewer/grading/scorecard.py.
"""

import itertools
import sys

import numpy as np

from interviewer.bench.calibration import load
from interviewer.bench.labels import Labelled
from interviewer.bench.measures import weighted_kappa
from interviewer.grading import scorecard
from interviewer.guide.markdown import read_guide
from interviewer.guide.model import Kind
from interviewer.settings import Settings

NEGATIVE = ("below", "said_flags", "absence_flags")
ROUNDS, STEP = 4000, 0.01


def design(labelled: list[Labelled], guide) -> tuple[np.ndarray, np.ndarray, list[str]]:  # type: ignore[no-untyped-def]
    """Return features with one column a kind, true overalls, and the columns' names."""
    rows, names = [], []
    for one in labelled:
        rubric = guide.rubric(one.exchange.level, one.exchange.kind)
        found = scorecard.features(one.grade, rubric)
        names = [*found, *(f"base:{kind.value}" for kind in Kind)]
        rows.append([*found.values(), *(float(one.exchange.kind is kind) for kind in Kind)])
    return np.array(rows), np.array([one.overall for one in labelled], float), names


def fit(x: np.ndarray, y: np.ndarray, names: list[str], ridge: float = 1.0) -> np.ndarray:
    """Return weights by projected gradient descent on squared error, with signs held."""
    signs = np.array([-1 if n in NEGATIVE else 0 if n.startswith("base:") else 1 for n in names])
    w = np.zeros(x.shape[1])
    gram, target = x.T @ x / len(x) + ridge / len(x) * np.eye(x.shape[1]), x.T @ y / len(x)
    rate = 1 / np.linalg.eigvalsh(gram).max()
    for _ in range(ROUNDS * 5):
        w -= rate * (gram @ w - target)
        w = np.where((signs != 0) & (np.sign(w) == -signs), 0, w)
    return w


def cuts_for(shown: np.ndarray, base: np.ndarray, true: np.ndarray) -> tuple[float, float]:
    """Return the cuts between 2, 3 and 4 with the best weighted kappa."""
    return max(
        itertools.combinations(np.arange(2.2, 3.9, 0.1).round(2).tolist(), 2),
        key=lambda cuts: weighted_kappa(true, given(shown, base, cuts), 4),
    )


def given(shown: np.ndarray, base: np.ndarray, cuts: tuple[float, float]) -> np.ndarray:
    """Return overalls from 0 to 3, as `scorecard.overall` makes them from 1 to 4."""
    return np.where(shown <= 0, 0, 1 + np.searchsorted(cuts, base + shown, side="right"))


def main() -> int:
    """Fit, print the table and the figures."""
    guide, _ = read_guide([Settings().guide])
    x, y, names = design(load(split="train"), guide)
    w = fit(x, y, names).round(2)
    kinds = np.array([n.startswith("base:") for n in names])
    cuts = cuts_for(x @ (w * ~kinds), x @ (w * kinds), (y - 1).astype(int))
    weights = {n: float(v) for n, v in zip(names, w, strict=True)}
    print("WEIGHTS =", {n: v for n, v in weights.items() if not n.startswith("base:")})
    print("BASE =", {n.removeprefix("base:"): v for n, v in weights.items() if n.startswith("base:")})
    print("CUTS =", cuts)
    for split in ("train", "development"):
        xs, ys, _ = design(load(split=split), guide)
        found = given(xs @ (w * ~kinds), xs @ (w * kinds), cuts)
        true = (ys - 1).astype(int)
        print(f"{split}: weighted kappa {weighted_kappa(true, found, 4):.3f} on {len(ys)} replies")
        for overall in range(4):
            print(f"  true {overall + 1}, given 1 to 4: {np.bincount(found[true == overall], minlength=4).tolist()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
