"""`interviewer bench invariance`: what happens to a grade when nothing, or one thing, of worth has changed."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from tqdm import tqdm

from interviewer.bench.labels import Labelled
from interviewer.engines.protocols import Grader
from interviewer.grading.rating import SHOWN, Assessment, Exchange, Grade, Turn
from interviewer.grading.scorecard import overall
from interviewer.guide.model import Guide


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
    seen: dict[str, Assessment] = {}
    rows: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for pair in tqdm(pairs, unit=" pairs", disable=None):
        base = bases[pair["base"]]
        rubric = guide.rubric(base.exchange.level, base.exchange.kind)
        if base.id not in seen:
            seen[base.id] = grader.grade(base.exchange, rubric).assessment
        before = seen[base.id]
        second = None
        if isinstance(before, Grade):
            second = grader.grade(_changed(base.exchange, pair["reply"]), rubric).assessment
        if not isinstance(before, Grade) or not isinstance(second, Grade):
            rows[pair["change"]].append({"ungraded": True})
            continue
        moves = {r.item: after.value - r.value for r in before.ratings if (after := second.rating(r.item)) is not None}
        flags = {f.item for f in second.flags}
        rows[pair["change"]].append(
            {
                "ungraded": False,
                "overall": overall(second, rubric) - overall(before, rubric),
                "raised_items": sum(move > 0 for move in moves.values()),
                "shown_items": sum(moves.get(r.item, 0) > 0 and r.value >= SHOWN for r in second.ratings),
                "moved_items": sum(move != 0 for move in moves.values()),
                "items": len(moves),
                "lowered": _lowered(pair, before, moves),
                "flagged": pair.get("flag") in flags if pair.get("flag") else None,
            }
        )
    return {change: _sum(found) for change, found in sorted(rows.items())}


def _changed(exchange: Exchange, reply: str) -> Exchange:
    return replace(exchange, turns=(Turn("candidate", reply),))


def _lowered(pair: dict[str, Any], before: Grade, moves: dict[str, int]) -> bool | None:
    """Return whether the item whose evidence was removed fell; None when it was not shown to begin with."""
    item = pair.get("item")
    rating = before.rating(item) if item else None
    return moves[item] < 0 if item and rating and rating.value >= SHOWN and item in moves else None


def _sum(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    graded = [row for row in rows if not row["ungraded"]]
    items = sum(row["items"] for row in graded)
    moves = [row["overall"] for row in graded]
    return {
        "pairs": len(rows),
        "ungraded": len(rows) - len(graded),
        "overall_raised": _share(sum(move > 0 for move in moves), len(moves)),
        "overall_kept": _share(sum(move == 0 for move in moves), len(moves)),
        "overall_moved_by_two": _share(sum(abs(move) >= 2 for move in moves), len(moves)),
        "items_raised": _share(sum(row["raised_items"] for row in graded), items),
        "items_raised_to_shown": _share(sum(row["shown_items"] for row in graded), items),
        "items_moved": _share(sum(row["moved_items"] for row in graded), items),
        "item_lowered": _share_of(row["lowered"] for row in graded),
        "flag_raised": _share_of(row["flagged"] for row in graded),
    }


def _share(part: int, whole: int) -> float | None:
    """Return a share; None of nothing, which is not the same as a share of 0."""
    return part / whole if whole else None


def _share_of(answers: Iterable[bool | None]) -> float | None:
    known = [answer for answer in answers if answer is not None]
    return _share(sum(known), len(known))


def render(report: dict[str, Any]) -> str:
    """Return a report as a Markdown table."""
    lines = [
        "| change | pairs | overall kept | overall raised | moved by two | items raised | to 2 or 3 | item lowered "
        "| flag raised |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for change, row in report.items():
        pairs = f"{row['pairs'] - row['ungraded']} of {row['pairs']}" if row["ungraded"] else str(row["pairs"])
        lines.append(
            f"| {change} | {pairs} | {_percent(row['overall_kept'])} | {_percent(row['overall_raised'])} | "
            f"{_percent(row['overall_moved_by_two'])} | {_percent(row['items_raised'], 1)} | "
            f"{_percent(row['items_raised_to_shown'], 1)} | "
            f"{_percent(row['item_lowered'])} | {_percent(row['flag_raised'])} |"
        )
    return "\n".join(lines)


def _percent(share: float | None, digits: int = 0) -> str:
    return "" if share is None else f"{share:.{digits}%}"
