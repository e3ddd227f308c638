"""`interviewer bench invariance`: what happens to a grade when nothing, or one thing, of worth has changed."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tqdm import tqdm

from interviewer.bench.calibration import Labelled
from interviewer.engines.protocols import Grader
from interviewer.grading.rating import Exchange, Grade, Turn
from interviewer.grading.scorecard import overall
from interviewer.guide.model import Guide

# What must not raise anything, what must not move anything, and what must lower something.
NOT_RAISED = ("padded", "boasts-added", "rubric-words-added", "instruction-added")
NOT_MOVED = ("paraphrased", "identity-changed")


def measure(
    pairs: Sequence[dict[str, Any]], labelled: Sequence[Labelled], grader: Grader, guide: Guide
) -> dict[str, Any]:
    """Grade both sides of each pair and return, for each kind of change, how often and how far grades move.

    Args:
        pairs: Records with pair, change, base (id of a labelled reply) and reply.
        labelled: Where the base replies stand.
        grader: Any grader.
        guide: Where the rubrics come from.
    """
    bases = {one.id: one for one in labelled}
    seen: dict[str, tuple[Grade, int]] = {}
    rows: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for pair in tqdm(pairs, unit=" pairs", disable=None):
        base = bases[pair["base"]]
        rubric = guide.rubric(base.exchange.level, base.exchange.kind)
        if base.id not in seen:
            first = grader.grade(base.exchange, rubric).assessment
            if not isinstance(first, Grade):
                continue
            seen[base.id] = (first, overall(first, rubric))
        changed = _changed(base.exchange, pair["reply"])
        second = grader.grade(changed, rubric).assessment
        before, was = seen[base.id]
        if not isinstance(second, Grade):
            rows[pair["change"]].append({"ungraded": True})
            continue
        moves = {r.item: after.value - r.value for r in before.ratings if (after := second.rating(r.item)) is not None}
        flags = {f.item for f in second.flags}
        rows[pair["change"]].append(
            {
                "ungraded": False,
                "overall": overall(second, rubric) - was,
                "raised_items": sum(move > 0 for move in moves.values()),
                "moved_items": sum(move != 0 for move in moves.values()),
                "items": len(moves),
                "lowered": _lowered(pair, before, moves),
                "flagged": pair.get("flag") in flags if pair.get("flag") else None,
            }
        )
    return {change: _sum(change, found) for change, found in sorted(rows.items())}


def _changed(exchange: Exchange, reply: str) -> Exchange:
    return replace(exchange, turns=(Turn("candidate", reply),))


def _lowered(pair: dict[str, Any], before: Grade, moves: dict[str, int]) -> bool | None:
    """Return whether the item whose evidence was removed fell; None when it was not shown to begin with."""
    item = pair.get("item")
    rating = before.rating(item) if item else None
    return moves[item] < 0 if item and rating and rating.value >= 2 and item in moves else None


def _sum(change: str, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    graded = [row for row in rows if not row["ungraded"]]
    count = max(len(graded), 1)
    items = max(sum(row["items"] for row in graded), 1)
    lowered = [row["lowered"] for row in graded if row["lowered"] is not None]
    flagged = [row["flagged"] for row in graded if row["flagged"] is not None]
    return {
        "pairs": len(rows),
        "ungraded": len(rows) - len(graded),
        "overall_raised": sum(row["overall"] > 0 for row in graded) / count,
        "overall_kept": sum(row["overall"] == 0 for row in graded) / count,
        "overall_moved_by_two": sum(abs(row["overall"]) >= 2 for row in graded) / count,
        "items_raised": sum(row["raised_items"] for row in graded) / items,
        "items_moved": sum(row["moved_items"] for row in graded) / items,
        "item_lowered": sum(lowered) / len(lowered) if lowered else None,
        "flag_raised": sum(flagged) / len(flagged) if flagged else None,
    }


def render(report: dict[str, Any]) -> str:
    """Return a report as a Markdown table."""
    lines = [
        "| change | pairs | overall kept | overall raised | moved by two | items raised | item lowered | flag raised |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for change, row in report.items():
        lowered, flagged = (f"{x:.0%}" if x is not None else "" for x in (row["item_lowered"], row["flag_raised"]))
        lines.append(
            f"| {change} | {row['pairs']} | {row['overall_kept']:.0%} | {row['overall_raised']:.0%} | "
            f"{row['overall_moved_by_two']:.0%} | {row['items_raised']:.1%} | {lowered} | {flagged} |"
        )
    return "\n".join(lines)
