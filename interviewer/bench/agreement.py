"""`interviewer bench agreement`: how far a grader agrees with the labels of the calibration set."""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from interviewer.bench.calibration import length_kappa
from interviewer.bench.labels import BANDS, Labelled, outside, spans
from interviewer.bench.measures import bootstrap, calibration_error, ordered_share, precision_recall, weighted_kappa
from interviewer.engines.protocols import Graded, Grader
from interviewer.errors import InputError
from interviewer.grading.rating import Evidence, Grade, Scope
from interviewer.grading.scorecard import overall
from interviewer.grading.sentences import sentences
from interviewer.guide.model import Guide, Rubric


def measure(
    labelled: Sequence[Labelled], grader: Grader, guide: Guide, rounds: int = 1000, repeats: int = 20
) -> dict[str, Any]:
    """Grade labelled replies and return every figure of the report.

    Args:
        labelled: The replies; each is graded once, the first `repeats` twice.
        grader: Any grader.
        guide: Where the rubrics come from.
        rounds: Resamplings of each interval.
        repeats: How many are graded twice, to see whether the grade is the same.

    Raises:
        InputError: When a label is for an item that the guide does not have there, or nothing could be graded.
    """
    if not labelled:
        raise InputError("There is no reply to grade. Use a limit of at least 1.")
    rubrics = [guide.rubric(one.exchange.level, one.exchange.kind) for one in labelled]
    for one, rubric in zip(labelled, rubrics, strict=True):
        _known(one, rubric)
    began = time.perf_counter()
    graded: list[Graded] = [
        grader.grade(one.exchange, rubric)
        for one, rubric in zip(tqdm(labelled, unit=" replies", disable=None), rubrics, strict=True)
    ]
    seconds = time.perf_counter() - began
    again = [
        grader.grade(one.exchange, rubric) for one, rubric in zip(labelled[:repeats], rubrics[:repeats], strict=True)
    ]
    kept = [
        (one, rubric, g.assessment)
        for one, rubric, g in zip(labelled, rubrics, graded, strict=True)
        if isinstance(g.assessment, Grade)
    ]
    if not kept:
        reasons = [g.assessment.reason for g in graded if not isinstance(g.assessment, Grade)]
        raise InputError(f"None of the {len(labelled)} replies could be graded: {' '.join(reasons[:1])}")
    true = np.array([one.overall - 1 for one, _, _ in kept])
    given = np.array([overall(grade, rubric) - 1 for _, rubric, grade in kept])
    items, quotes = _items(kept, guide, rounds)
    return {
        "engine": grader.spec,
        "version": kept[0][2].maker.version,
        "prompt_hash": kept[0][2].maker.prompt_hash,
        "replies": len(labelled),
        "graded": len(kept),
        "overall": {
            "kappa": weighted_kappa(true, given, 4),
            "interval": bootstrap(_resampled(true, given, 4), len(kept), rounds),
            "hire_kappa": weighted_kappa((true >= 2).astype(int), (given >= 2).astype(int), 2),
            "bias": float((given - true).mean()),
            "bias_by_grade": {int(g) + 1: float((given - true)[true == g].mean()) for g in sorted(set(true))},
            "exact": float((given == true).mean()),
            "within_one": float((abs(given - true) <= 1).mean()),
            "confusion": [[int(((true == t) & (given == g)).sum()) for g in range(4)] for t in range(4)],
        },
        "scope_kappa": weighted_kappa(
            [list(Scope).index(one.grade.scope) for one, _, _ in kept],
            [list(Scope).index(grade.scope) for _, _, grade in kept],
            3,
        ),
        "items": items,
        "red_flags": _flags(kept, guide),
        "ordered_within_length": _ordered(kept, given),
        "baselines": {
            "length_kappa": length_kappa(labelled),
            "majority_exact": max(Counter(true).values()) / len(true) if len(true) else 0.0,
        },
        "quote_support": quotes | {"slices": _slices(kept)},
        "repeatable": sum(a.assessment == b.assessment for a, b in zip(graded, again, strict=False))
        / max(len(again), 1),
        "confidence": _confidence(kept),
        "replies_per_second": len(labelled) / seconds,
    }


def _known(one: Labelled, rubric: Rubric) -> None:
    """Refuse a label that no grader could be measured on, such as one with a misspelt id."""
    there = {item.id for item in rubric.items()} | {flag.id for flag in rubric.red_flags}
    labels = {rating.item for rating in one.grade.ratings} | {flag.item for flag in one.grade.flags}
    if unknown := sorted(labels - there):
        talk = f"a {one.exchange.level.value} {one.exchange.kind.value} talk"
        raise InputError(
            f"The reply {one.id!r} is labelled for {', '.join(unknown)}, which the guide does not have for {talk}."
        )


def _items(kept: Sequence[Any], guide: Guide, rounds: int) -> tuple[dict[str, Any], dict[str, Any]]:
    pairs: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    marked = supported = either = 0
    luck = 0.0
    for one, _, grade in kept:
        for label in one.grade.ratings:
            rating = grade.rating(label.item)
            if rating is None:
                continue
            pairs[label.item].append((label.value, rating.value))
            if rating.evidence and label.evidence:
                marked += 1
                supported += _meet(rating.evidence, label.evidence)
                both = [*label.evidence, *one.also.get(label.item, ())]
                either += _meet(rating.evidence, both)
                told = [sentence.evidence for sentence in sentences(one.exchange.replies)]
                luck += _by_luck(len(told), sum(_meet([said], both) for said in told), len(rating.evidence))
    groups = {"look_fors": guide.look_fors, "expectations": guide.expectations, "probes": guide.probes}
    found: dict[str, Any] = {}
    for name, items in groups.items():
        top = 3 if name == "probes" else 4
        table = {}
        for item in items:
            if not pairs[item.id]:
                continue
            t, g = (np.array(x) for x in zip(*pairs[item.id], strict=True))
            table[item.id] = {
                "kappa": weighted_kappa(t, g, top),
                "interval": bootstrap(_resampled(t, g, top), len(t), rounds),
                "replies": len(t),
                "bias": float((g - t).mean()),
            }
        # Items of one list are read together where each alone has few replies.
        pooled = [pair for item in items for pair in pairs[item.id]]
        found[name] = {
            "mean_kappa": float(np.mean([row["kappa"] for row in table.values()])) if table else 0.0,
            "pooled_kappa": weighted_kappa([t for t, _ in pooled], [g for _, g in pooled], top) if pooled else 0.0,
            "items": table,
        }
    twice = any(one.also for one, _, _ in kept)
    return found, {
        "overlapping": supported / max(marked, 1),
        "overlapping_either": either / max(marked, 1) if twice else None,
        "by_luck": luck / max(marked, 1),
        "quoted": marked,
    }


def _meet(quoted: Sequence[Evidence], marked: Sequence[Evidence]) -> bool:
    """Whether one of the quotes overlaps one of the marked spans."""
    return any(a.reply == b.reply and a.start < b.end and b.start < a.end for a in quoted for b in marked)


def _by_luck(sentences: int, marked: int, drawn: int) -> float:
    """Return the chance that one of so many sentences drawn at random is a marked one."""
    drawn = min(drawn, sentences)
    return 1 - comb(sentences - marked, drawn) / comb(sentences, drawn)


def _slices(kept: Sequence[Any]) -> float:
    """Return the share of all quotes that stand in the candidate's words; anything but 1 is a fault of the grader."""
    places = [([span], one.exchange.replies) for one, _, grade in kept for span in spans(grade)]
    return sum(not any(outside(*place)) for place in places) / max(len(places), 1)


def _resampled(true: NDArray[np.int_], given: NDArray[np.int_], grades: int) -> Callable[[NDArray[np.int_]], float]:
    return lambda i: weighted_kappa(true[i], given[i], grades)


def _flags(kept: Sequence[Any], guide: Guide) -> dict[str, Any]:
    counts = {flag.id: [0, 0, 0] for flag in guide.red_flags}
    for one, _, grade in kept:
        there, raised = {f.item for f in one.grade.flags}, {f.item for f in grade.flags}
        for flag, count in counts.items():
            count[0] += flag in there and flag in raised
            count[1] += flag in raised and flag not in there
            count[2] += flag in there and flag not in raised
    rows = {}
    for flag, count in {**counts, "all": [sum(c) for c in zip(*counts.values(), strict=True)]}.items():
        precision, recall = precision_recall(*count)
        rows[flag] = {"precision": precision, "recall": recall, "there": count[0] + count[2]}
    return rows


def _ordered(kept: Sequence[Any], given: np.ndarray) -> float:
    right = total = 0.0
    for band in range(len(BANDS)):
        inside = [n for n, (one, _, _) in enumerate(kept) if one.band == band]
        share, pairs = ordered_share([kept[n][0].overall for n in inside], [int(given[n]) for n in inside])
        right, total = right + share * pairs, total + pairs
    return right / total if total else 0.0


def _confidence(kept: Sequence[Any]) -> dict[str, Any]:
    said, right = [], []
    for one, _, grade in kept:
        labels = {label.item: label.value for label in one.grade.ratings}
        for rating in grade.ratings:
            if rating.item in labels:
                said.append(rating.confidence)
                right.append(float(labels[rating.item] == rating.value))
    error, table = calibration_error(said, right) if said else (0.0, [])
    return {"error": error, "bins": table}


def _means(groups: dict[str, Any]) -> list[str]:
    """Return a row for each list of items that anything is labelled for."""
    lines = []
    for name, group in groups.items():
        pooled = name == "expectations"  # each of them has few replies
        means = f"{group['mean_kappa']:.3f}" + (f" / {group['pooled_kappa']:.3f}" if pooled else "")
        if group["items"]:
            lines.append(f"| {name.replace('_', '-')}, mean{' / pooled' if pooled else ''} kappa | {means} |")
    return lines


def _by_either(share: float | None) -> list[str]:
    return [] if share is None else [f"| quotes that overlap a span either reader marked | {share:.2f} |"]


def render(report: dict[str, Any]) -> str:
    """Return a report as text for a terminal and for docs/calibration.md."""
    o = report["overall"]
    low, high = o["interval"]
    flags = report["red_flags"]["all"]
    lines = [
        f"{report['engine']} on {report['replies']} replies ({report['graded']} graded)",
        "",
        "| measure | figure |",
        "|---|---|",
        f"| overall, weighted kappa | {o['kappa']:.3f} ({low:.2f} to {high:.2f}) |",
        f"| hire or not, kappa | {o['hire_kappa']:.3f} |",
        f"| same overall / within one | {o['exact']:.0%} / {o['within_one']:.0%} |",
        f"| bias (1 to 4 by true grade) | {o['bias']:+.2f} ("
        + ", ".join(f"{v:+.2f}" for v in o["bias_by_grade"].values())
        + ") |",
        *_means(report["items"]),
        f"| scope, kappa | {report['scope_kappa']:.3f} |",
        f"| red flags, precision / recall | {flags['precision']:.2f} / {flags['recall']:.2f} |",
        f"| ordered right within length bands | {report['ordered_within_length']:.2f} |",
        f"| quotes that overlap a span the author marked | {report['quote_support']['overlapping']:.2f} |",
        *_by_either(report["quote_support"]["overlapping_either"]),
        f"| the same for as many sentences drawn at random | {report['quote_support']['by_luck']:.2f} |",
        f"| quotes that are slices of the reply | {report['quote_support']['slices']:.0%} |",
        f"| same grade when asked twice | {report['repeatable']:.0%} |",
        f"| confidence, calibration error | {report['confidence']['error']:.2f} |",
        f"| length alone, weighted kappa | {report['baselines']['length_kappa']:.3f} |",
        f"| always the commonest grade, same overall | {report['baselines']['majority_exact']:.0%} |",
        "",
        "| item | kappa | 95 % | replies |",
        "|---|---|---|---|",
    ]
    for group in report["items"].values():
        for item, row in group["items"].items():
            a, b = row["interval"]
            lines.append(f"| {item} | {row['kappa']:.2f} | {a:.2f} to {b:.2f} | {row['replies']} |")
    lines += ["", "| red flag | precision | recall | there |", "|---|---|---|---|"]
    for flag, row in report["red_flags"].items():
        lines.append(f"| {flag} | {row['precision']:.2f} | {row['recall']:.2f} | {row['there']} |")
    lines += ["", "| true \\ given | 1 | 2 | 3 | 4 |", "|---|---|---|---|---|"]
    for n, row in enumerate(o["confusion"], 1):
        lines.append(f"| {n} | " + " | ".join(map(str, row)) + " |")
    return "\n".join(lines)
