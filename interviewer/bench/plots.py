"""The plots of docs/calibration.md, drawn as SVG from the report that the tables are made of."""

from collections.abc import Iterable
from html import escape
from typing import Any

from interviewer.grading.rating import Verdict

# Blue and orange of Okabe and Ito's palette, told apart by every kind of colour vision; the shapes differ too.
# A plot brings its own ground, so it can be read on a light page and on a dark one.
_STYLE = """
  .ground { fill: #ffffff; stroke: #d5d9de; }
  text { fill: #1c2024; font: 13px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
  .title { font-weight: 600; font-size: 15px; }
  .small { font-size: 12px; fill: #555b63; }
  .line { stroke: #e3e6ea; }
  .axis { stroke: #8a9099; }
  .grader { fill: #0072b2; stroke: #0072b2; }
  .rater { fill: #ffffff; stroke: #b35300; stroke-width: 1.8; }
  .cell { fill: #0072b2; }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #16191d; stroke: #363c44; }
    text { fill: #e8eaed; }
    .small { fill: #a9b0b9; }
    .line { stroke: #2b3037; }
    .axis { stroke: #7b838d; }
    .grader { fill: #56b4e9; stroke: #56b4e9; }
    .rater { fill: #16191d; stroke: #e69f00; }
    .cell { fill: #56b4e9; }
    .on-cell { fill: #0b0d0f; }
  }
"""


def agreement(report: dict[str, Any], raters: dict[str, tuple[float, int]]) -> str:
    """Return every item's kappa with its 95 % interval, and beside it that of the two raters.

    Args:
        report: What `agreement.measure` returns.
        raters: Kappa of the second rating against the first, and replies, by item.
    """
    rows: list[tuple[str, dict[str, Any] | None]] = [("overall", report["overall"])]
    for name, group in report["items"].items():
        if group["items"]:
            rows += [(name.replace("_", "-"), None), *group["items"].items()]
    left, width, top, step = 236, 720, 92, 20
    height = top + step * len(rows) + 44

    def x(kappa: float) -> float:
        return left + 12 + max(0.0, kappa) * (width - left - 40)

    body = [
        _text(20, 30, "Agreement by item, weighted kappa", "title"),
        f'<line class="grader" x1="21" x2="45" y1="54" y2="54" stroke-width="2"/>{_dot(33, 54, "grader")}',
        _text(53, 58, "the grader with the labels, 95 % interval", "small"),
        _dot(321, 54, "rater", 5.5),
        _text(333, 58, "the second rater with the first", "small"),
    ]
    bottom = top + step * len(rows) - 8
    for tick in (0, 0.2, 0.4, 0.6, 0.8, 1):
        body.append(f'<line class="line" x1="{x(tick):.1f}" x2="{x(tick):.1f}" y1="{top - 14}" y2="{bottom}"/>')
        body.append(_text(x(tick), bottom + 20, f"{tick:g}", "small", "middle"))
    for n, (item, row) in enumerate(rows):
        y = top + step * n
        if row is None:
            body.append(_text(20, y + 5, item, "small"))
            continue
        low, high = row["interval"]
        body.append(_text(left, y + 5, item, anchor="end"))
        body.append(
            f'<line class="grader" x1="{x(low):.1f}" x2="{x(high):.1f}" y1="{y}" y2="{y}" stroke-width="2" '
            f'stroke-opacity="0.6"/>'
        )
        if item in raters:
            body.append(_dot(x(raters[item][0]), y, "rater", 5.5))
        body.append(_dot(x(row["kappa"]), y, "grader"))
    return _svg(width, height, "Weighted kappa of every item with its 95 % interval", body)


def confusion(report: dict[str, Any]) -> str:
    """Return the table of true and given overalls; the darker a cell, the larger its share of its row."""
    table = report["overall"]["confusion"]
    size, left, top = 72, 160, 96
    width, height = left + 4 * size + 28, top + 4 * size + 28
    body = [
        _text(20, 30, "Overall: labelled and given", "title"),
        _text(left + 2 * size, top - 32, "given by the grader", "small", "middle"),
        _text(left - 14, top - 10, "labelled", "small", "end"),
    ]
    for n in range(4):
        body.append(_text(left + (n + 0.5) * size, top - 10, str(n + 1), anchor="middle"))
        words = f"{Verdict.of(n + 1).words} {n + 1}"
        body.append(_text(left - 14, top + (n + 0.5) * size + 5, words, anchor="end"))
    for r, row in enumerate(table):
        for c, count in enumerate(row):
            share = count / max(sum(row), 1)
            place = f'x="{left + c * size + 1}" y="{top + r * size + 1}" width="{size - 2}" height="{size - 2}" rx="4"'
            body.append(f'<rect class="line" fill="none" {place}/>')
            # Never wholly filled: on every shade either the dark or the light text can be read.
            body.append(f'<rect class="cell" fill-opacity="{0.8 * share:.2f}" {place}/>')
            style = "on-cell" if share > 0.7 else ""
            body.append(_text(left + (c + 0.5) * size, top + (r + 0.5) * size + 5, str(count), style, "middle"))
    return _svg(width, height, "Labelled overall against given overall, counts", body)


def confidence(report: dict[str, Any]) -> str:
    """Return how often ratings of a stated confidence are right; on the diagonal it is what it says."""
    bins = report["confidence"]["bins"]
    side, left, top = 320, 76, 78
    width, height = left + side + 96, top + side + 62

    def place(said: float, right: float) -> tuple[float, float]:
        return left + said * side, top + side - right * side

    body = [_text(20, 30, "Confidence and how often it is right", "title")]
    for tick in (0, 0.25, 0.5, 0.75, 1):
        x, y = place(tick, tick)
        body.append(f'<line class="line" x1="{x}" x2="{x}" y1="{top}" y2="{top + side}"/>')
        body.append(f'<line class="line" x1="{left}" x2="{left + side}" y1="{y}" y2="{y}"/>')
        body.append(_text(x, top + side + 20, f"{tick:.0%}", "small", "middle"))
        body.append(_text(left - 10, y + 4, f"{tick:.0%}", "small", "end"))
    body.append(
        f'<line class="axis" stroke-dasharray="4 4" x1="{left}" x2="{left + side}" y1="{top + side}" y2="{top}"/>'
    )
    points = [place(said, right) for said, right, _ in bins]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    body.append(f'<polyline class="grader" style="fill: none" stroke-width="2" points="{line}"/>')
    for (x, y), (_, _, size) in zip(points, bins, strict=True):
        body.append(_dot(x, y, "grader"))
        body.append(_text(x + 9, y + 17, f"{size:,}", "small"))
    caption = "mean confidence (with the number of ratings)"
    body.append(_text(left + side / 2, top + side + 44, caption, "small", "middle"))
    body.append(_text(20, top - 20, "share that is right", "small"))
    return _svg(width, height, "Mean confidence against the share of ratings that are right", body)


def _text(x: float, y: float, words: str, style: str = "", anchor: str = "start") -> str:
    kind = f' class="{style}"' if style else ""
    return f'<text{kind} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _dot(x: float, y: float, style: str, radius: float = 4) -> str:
    return f'<circle class="{style}" cx="{x:.1f}" cy="{y:.1f}" r="{radius}"/>'


def _svg(width: int, height: int, label: str, body: Iterable[str]) -> str:
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" role="img" aria-label="{escape(label)}">',
            f"<style>{_STYLE}</style>",
            f'<rect class="ground" x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="8"/>',
            *body,
            "</svg>\n",
        ]
    )
