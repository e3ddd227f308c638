"""The plots of the bench: well-formed, complete, and true to the report they are drawn from."""

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from interviewer.bench import plots, write
from tests.conftest import ROOT

SVG = "{http://www.w3.org/2000/svg}"


def row(kappa: float, low: float, high: float) -> dict[str, Any]:
    return {"kappa": kappa, "interval": (low, high)}


@pytest.fixture
def report() -> dict[str, Any]:
    return {
        "overall": {**row(0.8, 0.7, 0.9), "confusion": [[9, 1, 0, 0], [2, 8, 3, 0], [0, 4, 7, 5], [0, 0, 6, 11]]},
        "items": {
            "look_fors": {"items": {"takes-ownership": row(0.6, 0.5, 0.7), "a<b": row(-0.3, -0.6, 0.1)}},
            "expectations": {"items": {}},
            "probes": {"items": {"trade-offs": row(0.7, 0.6, 0.8)}},
        },
        "confidence": {"bins": [(0.3, 0.25, 40), (0.9, 0.95, 1200)]},
    }


def drawn(text: str) -> ElementTree.Element:
    root = ElementTree.fromstring(text)
    assert root.get("role") == "img"
    assert root.get("aria-label")
    width, height = float(root.get("width", 0)), float(root.get("height", 0))
    for one in root.iter(f"{SVG}circle"):
        assert 0 < float(one.get("cx", -1)) < width
        assert 0 < float(one.get("cy", -1)) < height
    return root


def words(root: ElementTree.Element) -> list[str]:
    return [one.text or "" for one in root.iter(f"{SVG}text")]


def dots(root: ElementTree.Element, style: str) -> list[tuple[float, float]]:
    circles = [one for one in root.iter(f"{SVG}circle") if one.get("class") == style]
    return [(float(one.get("cx", 0)), float(one.get("cy", 0))) for one in circles]


def test_agreement_has_every_item_in_its_place(report: dict[str, Any]) -> None:
    root = drawn(plots.agreement(report, {"overall": (0.9, 160), "trade-offs": (0.99, 42)}))
    said = words(root)
    assert {"overall", "takes-ownership", "a<b", "trade-offs", "look-fors", "probes"} <= set(said)
    assert "expectations" not in said
    legend, overall, ownership, worst, trade = dots(root, "grader")
    assert worst[0] < ownership[0] < trade[0] < overall[0]
    assert overall[1] < ownership[1] < worst[1] < trade[1]
    (zero,) = (float(one.get("x", 0)) for one in root.iter(f"{SVG}text") if one.text == "0")
    assert worst[0] == zero  # below chance is drawn at chance, not over the names
    assert len(dots(root, "rater")) == 3  # one of them in the legend
    assert legend[1] < overall[1]


def test_confusion_shows_every_count_and_shades_by_share(report: dict[str, Any]) -> None:
    root = drawn(plots.confusion(report))
    counts = [str(n) for line in report["overall"]["confusion"] for n in line]
    assert [word for word in words(root) if word.isdigit()][4:] == counts
    shade = [float(one.get("fill-opacity", 0)) for one in root.iter(f"{SVG}rect") if one.get("class") == "cell"]
    assert len(shade) == 16
    assert shade[0] == max(shade) > shade[1] > shade[2] == 0


def test_confidence_climbs_with_what_is_right(report: dict[str, Any]) -> None:
    root = drawn(plots.confidence(report))
    (low, high) = dots(root, "grader")
    assert low[0] < high[0]
    assert low[1] > high[1]  # upwards
    assert {"40", "1,200"} <= set(words(root))


def test_a_plot_can_be_read_on_light_and_on_dark_pages(report: dict[str, Any]) -> None:
    text = plots.confidence(report)
    light, dark = text.split("prefers-color-scheme: dark")
    for style in (light, dark):
        ground = re.search(r"\.ground \{ fill: (#\w+)", style)
        ink = re.search(r"text \{ fill: (#\w+)", style)
        assert ground
        assert ink
        assert _contrast(ground[1], ink[1]) > 7


def _contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


def test_make_bench_writes_the_plots_its_page_shows(
    report: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = re.findall(r"!\[([^]]+)\]\((images/plots/[^)]+)\)", (ROOT / "docs" / "calibration.md").read_text("utf-8"))
    assert len(shown) == 3
    for alt, path in shown:
        assert len(alt) > 40
        drawn((ROOT / "docs" / path).read_text(encoding="utf-8"))
    monkeypatch.setattr(write, "PLOTS", tmp_path / "plots")
    write.draw(report, {})
    assert {path.name for path in (tmp_path / "plots").iterdir()} == {Path(path).name for _, path in shown}


def test_every_marker_of_make_bench_is_there() -> None:
    page = (ROOT / "docs" / "calibration.md").read_text(encoding="utf-8")
    for marker in ("agreement", "invariance", "raters"):
        assert f"new {marker}" in write.between(page, marker, f"new {marker}")
    assert "new" in write.between((ROOT / "README.md").read_text(encoding="utf-8"), "figures", "new")
