"""`make bench`: renews the tables between markers in README.md and docs/calibration.md, and the plots."""

import json
import re
from collections.abc import Sequence
from typing import Any

from interviewer.bench import agreement, calibration, invariance, plots, raters
from interviewer.engines.embedded.grader import WEIGHTS
from interviewer.settings import ROOT, load_settings
from interviewer.wiring import Parts

DOCS = ROOT / "docs"
PLOTS = DOCS / "images" / "plots"


def between(text: str, marker: str, content: str) -> str:
    """Return text with what stands between `<!-- marker -->` and `<!-- /marker -->` replaced.

    Raises:
        ValueError: When the markers are not there.
    """
    pattern = re.compile(rf"(<!-- {marker} -->).*?(<!-- /{marker} -->)", re.DOTALL)
    if not pattern.search(text):
        raise ValueError(f"no marker {marker}")
    return pattern.sub(lambda found: f"{found[1]}\n\n{content}\n\n{found[2]}", text)


def figures(report: dict[str, Any]) -> str:
    """Return the README's short table."""
    o, flags = report["overall"], report["red_flags"]["all"]
    low, high = o["interval"]
    return "\n".join(
        [
            f"| embedded grader, {report['graded']} replies it was not trained on | |",
            "|---|---|",
            f"| overall, weighted kappa | **{o['kappa']:.2f}** (95 %: {low:.2f} to {high:.2f}) |",
            f"| overall the same / within one step | {o['exact']:.0%} / {o['within_one']:.0%} |",
            f"| hire or not, kappa | {o['hire_kappa']:.2f} |",
            f"| look-fors, mean weighted kappa | {report['items']['look_fors']['mean_kappa']:.2f} |",
            f"| depth probes, mean weighted kappa | {report['items']['probes']['mean_kappa']:.2f} |",
            f"| red flags, precision / recall | {flags['precision']:.2f} / {flags['recall']:.2f} |",
            f"| quotes that overlap what the author marked | {report['quote_support']['overlapping']:.0%} |",
            f"| quotes that overlap what either of two readers marked | {_quotes(report['quote_support'])} |",
            f"| length of the reply alone, weighted kappa | {report['baselines']['length_kappa']:.2f} |",
        ]
    )


def _quotes(support: dict[str, Any]) -> str:
    return f"{support['overlapping_either']:.0%} (by chance {support['by_luck']:.0%})"


def _keep(report: dict[str, Any]) -> None:
    """Write the test figures on the card of the weights, which a test reproduces."""
    path = WEIGHTS / "card.json"
    card = json.loads(path.read_text(encoding="utf-8"))
    card["test"] = {
        "overall": round(report["overall"]["kappa"], 3),
        "look_fors": round(report["items"]["look_fors"]["mean_kappa"], 3),
        "probes": round(report["items"]["probes"]["mean_kappa"], 3),
    }
    path.write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")


# File, what a reader who does not see it is told, and the function that draws it.
_ALT = {
    "agreement": "Weighted kappa of every item with its 95 % interval, beside that of the two raters; figures below",
    "confusion": "Labelled overall against given overall as a table of counts, shaded by share; figures below",
    "confidence": "Share of ratings that are right, by stated confidence, beside the diagonal",
}


def pictures(names: Sequence[str]) -> str:
    """Return the lines that show plots in docs/calibration.md."""
    return "\n\n".join(f"![{_ALT[name]}]({PLOTS.relative_to(DOCS).as_posix()}/{name}.svg)" for name in names)


def draw(report: dict[str, Any], kappas: dict[str, tuple[float, int]]) -> None:
    """Write the plots of a report."""
    PLOTS.mkdir(parents=True, exist_ok=True)
    drawn = {
        "agreement": plots.agreement(report, kappas),
        "confusion": plots.confusion(report),
        "confidence": plots.confidence(report),
    }
    for name, text in drawn.items():
        (PLOTS / f"{name}.svg").write_text(text, encoding="utf-8")


def main() -> int:
    """Measure, and write every table and plot."""
    parts = Parts(load_settings(env={}))
    grader, guide, labelled = parts.sensor(), parts.guide, calibration.load()
    report = agreement.measure(calibration.load(split="test"), grader, guide)
    calibration.log_look(report["engine"], report["version"], report["overall"]["kappa"])
    _keep(report)
    moved = invariance.measure(calibration.records(calibration.PAIRS), labelled, grader, guide)
    pairs = calibration.second_ratings(labelled)
    draw(report, raters.kappas(pairs))
    tables = {
        ROOT / "README.md": {"figures": figures(report)},
        DOCS / "calibration.md": {
            "agreement": f"{pictures(list(_ALT))}\n\n{agreement.render(report)}",
            "invariance": invariance.render(moved),
            "raters": raters.render(pairs, calibration.records(calibration.RESOLVED), guide),
        },
    }
    for path, contents in tables.items():
        text = path.read_text(encoding="utf-8")
        for marker, content in contents.items():
            text = between(text, marker, content)
        path.write_text(text, encoding="utf-8")
        print(f"{path.name} is renewed")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
