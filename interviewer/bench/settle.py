"""Settles the embedded grader's thresholds on the development split, and writes the card of its weights.

    python -m interviewer.bench.settle

A threshold is put where as many labels pass it as do in truth, so that ratings
spread as wide as the labels do; red flags where precision is kept over all of them; words to
the grader where hardly a sentence of an answer is lost. The test split is not touched.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from interviewer.bench import agreement
from interviewer.bench.calibration import load, set_hash
from interviewer.bench.labels import Labelled
from interviewer.embedding import load_encoder
from interviewer.engines.embedded.grader import WEIGHTS, EmbeddedGrader, Thresholds
from interviewer.grading.rating import Scope
from interviewer.grading.sentences import sentences
from interviewer.guide.markdown import read_guide
from interviewer.guide.model import Guide
from interviewer.settings import Settings

VERSION = "reader-5"
# Settled for 0.82 on one half of the development split, the flags keep 0.80 on the other.
PRECISION = 0.82
# How firmly a red flag's own curve is held near that of all: its slope, its shift.
HELD = np.array([60.0, 3.0])
ENOUGH = 150
UNREAD = 0.003
"""Share of the development split's sentences that may be taken to be no part of an answer."""
Pair = tuple[np.ndarray, int]
TEMPERATURES = (0.5, 0.7, 0.85, 1.0, 1.2, 1.5, 2.0, 2.5)


def settle(labelled: Sequence[Labelled], folder: Path, guide: Guide, held_out: Collection[str] = ()) -> Thresholds:
    """Return the thresholds for some labelled replies and the weights of a folder.

    Args:
        labelled: The development split.
        folder: Where the weights stand.
        guide: Where the rubrics come from.
        held_out: Ids of items that get no thresholds of their own, as those of another guide do not.
    """
    grader = EmbeddedGrader(load_encoder(), folder, Thresholds())
    texts = [s.text for one in labelled for s in sentences(one.exchange.replies)]
    grader.at = Thresholds(aside=round(float(np.quantile(grader.aside(texts), 1 - UNREAD)), 3))
    rated: dict[str, list[Pair]] = defaultdict(list)
    flags: dict[str, list[Pair]] = defaultdict(list)
    scope: list[Pair] = []
    for one in labelled:
        rubric = guide.rubric(one.exchange.level, one.exchange.kind)
        items = [*rubric.items(), *rubric.red_flags]
        logits = grader.read(one.exchange, grader.heard(one.exchange), items)
        true = {r.item: r.value for r in one.grade.ratings}
        raised = {f.item for f in one.grade.flags}
        for n, item in enumerate(items):
            if item.id in true:
                rated[item.id].append((logits.probe[n] if item in rubric.probes else logits.rating[n], true[item.id]))
            else:
                flags[item.id].append((logits.flag[n : n + 1], int(item.id in raised)))
        scope.append((logits.scope, list(Scope).index(one.grade.scope)))
    probes = {probe.id for probe in guide.probes}
    rating = [pair for item, pairs in rated.items() if item not in probes for pair in pairs]
    probe = [pair for item, pairs in rated.items() if item in probes for pair in pairs]
    cuts = _matched(rating)
    # Only an item with labels enough gets thresholds of its own, halfway between its own and the common ones.
    own = {
        item: tuple(round((a + b) / 2, 3) for a, b in zip(_matched(pairs), cuts, strict=True))
        for item, pairs in rated.items()
        if item not in probes and item not in held_out and len(pairs) >= ENOUGH
    }
    flag, flag_cuts = _flag_cuts(flags)
    return Thresholds(
        rating=cuts,
        probe=_matched(probe),
        flag=flag,
        aside=grader.at.aside,
        scope=_matched(scope),
        temperature=_temperature(rating, cuts),
        own=own | {flag: (cut,) for flag, cut in flag_cuts.items()},
    )


def _matched(pairs: Sequence[Pair]) -> tuple[float, ...]:
    """Return for each step the logit that as many pass as do in truth."""
    logits, true = np.stack([p[0] for p in pairs]), np.array([p[1] for p in pairs])
    cuts = []
    for step in range(logits.shape[1]):
        share = float((true > step).mean())
        cuts.append(round(float(np.quantile(logits[:, step], 1 - share)), 3) if share else 99.0)
    return tuple(cuts)


def _flag_cuts(flags: dict[str, list[Pair]]) -> tuple[float, dict[str, float]]:
    """Return the logit a red flag must pass: that of any flag, and each one's own.

    Logits of different flags mean different chances of being right. Each is turned into a chance by a logistic curve of
    its own, held near the one of all flags together, and all are then cut at the same chance: the lowest that keeps the
    precision.
    """
    every = _curve([pair for pairs in flags.values() for pair in pairs])
    own = {flag: _curve(pairs, near=every) for flag, pairs in flags.items()}
    order = sorted(
        (
            (own[flag][0] * float(logit[0]) + own[flag][1], there)
            for flag, pairs in flags.items()
            for logit, there in pairs
        ),
        reverse=True,
    )
    hits, lowest = 0, order[0][0]
    for n, (chance, there) in enumerate(order, 1):
        hits += there
        if hits / n >= PRECISION:
            lowest = chance
    cuts = {flag: round((lowest - shift) / slope - 1e-3, 3) for flag, (slope, shift) in own.items()}
    return round((lowest - every[1]) / every[0] - 1e-3, 3), cuts


def _curve(pairs: Sequence[Pair], near: tuple[float, float] | None = None) -> tuple[float, float]:
    """Return slope and shift of the logistic curve through logits and truths, held near another (Newton's method)."""
    held = np.zeros(2) if near is None else HELD
    x = np.array([[float(logit[0]), 1.0] for logit, _ in pairs])
    true = np.array([there for _, there in pairs])
    found = start = np.array(near or (0.0, 0.0))
    for _ in range(25):
        chance = 1 / (1 + np.exp(-x @ found))
        slope = x.T @ (chance - true) + 2 * held * (found - start)
        found = found - np.linalg.solve((x.T * (chance * (1 - chance))) @ x + 2 * np.diag(held), slope)
    return float(found[0]), float(found[1])


def _temperature(pairs: Sequence[Pair], cuts: Sequence[float]) -> float:
    """Return the temperature under which the given values' confidences are likeliest."""
    logits, true = np.stack([p[0] for p in pairs]) - np.array(cuts), np.array([p[1] for p in pairs])

    def surprise(temperature: float) -> float:
        reached = 1 / (1 + np.exp(-logits / temperature))
        steps = np.concatenate([np.ones((len(reached), 1)), reached, np.zeros((len(reached), 1))], 1)
        chance = np.clip(steps[:, :-1] - steps[:, 1:], 1e-3, 1)
        return float(-np.log(chance[np.arange(len(true)), true]).mean())

    return min(TEMPERATURES, key=surprise)


def main(folder: Path = WEIGHTS, made: dict[str, Any] | None = None, held_out: Collection[str] = ()) -> int:
    """Settle, write card.json, and print what the development split says."""
    guide, _ = read_guide([Settings().guide])
    development = load(split="development")
    thresholds = settle(development, folder, guide, held_out)
    old = json.loads((folder / "card.json").read_text(encoding="utf-8")) if (folder / "card.json").exists() else {}
    card = {**old, "version": VERSION, "calibration": set_hash(), **(made or {}), "thresholds": asdict(thresholds)}
    (folder / "card.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    report = agreement.measure(development, EmbeddedGrader(load_encoder(), folder), guide, rounds=200)
    print(agreement.render(report))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
