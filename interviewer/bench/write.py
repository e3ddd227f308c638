"""`make bench`: renews the tables between markers in README.md, docs/calibration.md and the data card."""

import json
import re
from collections import defaultdict
from typing import Any

from interviewer.bench import agreement, calibration, invariance
from interviewer.bench.measures import precision_recall, weighted_kappa
from interviewer.engines.embedded.grader import WEIGHTS
from interviewer.grading.rating import Grade, Scope
from interviewer.settings import ROOT, load_settings
from interviewer.wiring import Parts


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
            f"| quotes that overlap a marked span | {report['quote_support']['overlapping']:.0%} |",
            f"| length of the reply alone, weighted kappa | {report['baselines']['length_kappa']:.2f} |",
        ]
    )


def raters() -> str:
    """Return the agreement of the two raters as a table."""
    first = {one.id: one for one in calibration.load()}
    pairs: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    flags: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    top: dict[str, int] = {"overall": 4, "scope": 3}
    for record in calibration.records(calibration.SECOND):
        one, other = first[record["id"]], calibration.read_labels(record)
        pairs["overall"].append((one.overall - 1, record["overall"] - 1))
        pairs["scope"].append(tuple(list(Scope).index(g.scope) for g in (one.grade, other)))  # type: ignore[arg-type]
        for rating in one.grade.ratings:
            again = other.rating(rating.item)
            if again:
                pairs[rating.item].append((rating.value, again.value))
                top.setdefault(rating.item, 4)
        _count_flags(flags, one.grade, other)
    lines = ["| item | weighted kappa | replies |", "|---|---|---|"]
    for item, rated in pairs.items():
        kappa = weighted_kappa(*zip(*rated, strict=True), top[item])  # type: ignore[arg-type]
        lines.append(f"| {item} | {kappa:.2f} | {len(rated)} |")
    lines += ["", "| red flag | precision | recall | there |", "|---|---|---|---|"]
    for flag, count in sorted(flags.items()):
        precision, recall = precision_recall(*count)
        lines.append(f"| {flag} | {precision:.2f} | {recall:.2f} | {count[0] + count[2]} |")
    return "\n".join(lines)


def _count_flags(flags: dict[str, list[int]], one: Grade, other: Grade) -> None:
    first, second = {f.item for f in one.flags}, {f.item for f in other.flags}
    for flag in first | second:
        flags[flag][0] += flag in first and flag in second
        flags[flag][1] += flag in second and flag not in first
        flags[flag][2] += flag in first and flag not in second


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


def main() -> int:
    """Measure, and write every table."""
    parts = Parts(load_settings(env={}))
    grader, guide = parts.sensor(), parts.guide
    report = agreement.measure(calibration.load(split="test"), grader, guide)
    calibration.log_look(report["engine"], report["version"], report["overall"]["kappa"])
    _keep(report)
    pairs = calibration.records(calibration.PAIRS)
    moved = invariance.measure(pairs, calibration.load(), grader, guide)
    tables = {
        ROOT / "README.md": {"figures": figures(report)},
        ROOT / "docs" / "calibration.md": {
            "agreement": agreement.render(report),
            "invariance": invariance.render(moved),
            "raters": raters(),
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
