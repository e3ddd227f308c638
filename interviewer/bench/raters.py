"""The two raters of the calibration set: where they differ, how that was resolved, and how far they agree."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from interviewer.bench.labels import Labelled, outside
from interviewer.bench.measures import precision_recall, weighted_kappa
from interviewer.grading.rating import SHOWN, Evidence, Scope
from interviewer.guide.model import Guide

# A reply as each of the two raters labelled it.
Pair = tuple[Labelled, Labelled]
Record = dict[str, Any]
Value = int | str | bool
SIDES = ("first", "second", "between")


def values(one: Labelled) -> dict[str, Value]:
    """Return a reply's labels by item: the overall, the scope, every rating, and True for every flag raised."""
    found: dict[str, Value] = {"overall": one.overall, "scope": one.grade.scope.value}
    found |= {rating.item: rating.value for rating in one.grade.ratings}
    return found | {flag.item: True for flag in one.grade.flags}


def differences(pair: Pair) -> dict[str, tuple[Value, Value]]:
    """Return the items on which two raters differ, with both values; a flag not raised is False."""
    first, second = values(pair[0]), values(pair[1])
    both = {item: (first.get(item, False), second.get(item, False)) for item in {**first, **second}}
    return {item: found for item, found in both.items() if found[0] != found[1]}


def side(record: Record) -> str:
    """Return whose value a resolution took: first, second or between."""
    return next((name for name in SIDES[:2] if record["resolved"] == record[name]), "between")


# -- the checks ------------------------------------------------------------------------------------------------------


def check(pairs: Sequence[Pair], resolved: Sequence[Record], guide: Guide) -> Iterator[str]:
    """Say which differences are not resolved, and which resolutions do not fit the two ratings or the reply."""
    there = {(record["id"], record["item"]): record for record in resolved}
    if len(there) < len(resolved):
        yield f"{len(resolved) - len(there)} differences are resolved twice"
    known = {first.id for first, _ in pairs}
    for first, second in pairs:
        found = differences((first, second))
        for item, (one, other) in found.items():
            record = there.get((first.id, item))
            if record is None:
                yield f"{first.id}: the raters differ on {item} ({one} and {other}), which is not resolved"
            elif (record["first"], record["second"]) != (one, other):
                stands = f"{record['first']} and {record['second']}"
                yield f"{first.id}: {item} is resolved as a difference of {stands}; the raters say {one} and {other}"
            else:
                yield from (f"{first.id}: {item}: {fault}" for fault in _faults(record, first, guide))
        for name, item in there:
            if name == first.id and item not in found:
                yield f"{name}: {item} is resolved, but the raters do not differ"
    if lost := {name for name, _ in there} - known:
        yield f"resolved, but not rated twice: {', '.join(sorted(lost))}"


def _faults(record: Record, one: Labelled, guide: Guide) -> Iterator[str]:
    low, value, high = record["first"], record["resolved"], record["second"]
    numbers = all(type(x) is int for x in (low, value, high))
    between = min(low, high) <= value <= max(low, high) if numbers else value in (low, high)
    if not between or type(value) is not type(low):
        yield f"{value} is neither {low} nor {high} nor between"
    if record["by"] not in ("rule", "reading") or not record["reason"].strip():
        yield "it is not said by what and why it is resolved"
    spans = [Evidence(*span) for span in record["spans"]]
    yield from outside(spans, one.exchange.replies)
    said = {flag.id for flag in guide.red_flags if flag.evidence == "said"}
    shown = type(value) is int and value >= SHOWN and record["item"] != "overall"
    if not spans and (shown or (value is True and record["item"] in said)):
        yield f"{value} has no span"


# -- the tables ------------------------------------------------------------------------------------------------------


def render(pairs: Sequence[Pair], resolved: Sequence[Record], guide: Guide) -> str:
    """Return the agreement of the two raters, and whose side the resolutions took, as Markdown tables."""
    return "\n".join(
        [
            *_agreement(pairs),
            "",
            *_flags(pairs),
            "",
            "Every difference was resolved by a third reading. Its overalls, with those on which both agree, stand at "
            f"{_with_outcome(pairs, resolved, 0):.2f} to the first ratings and at "
            f"{_with_outcome(pairs, resolved, 1):.2f} to the second (weighted kappa). "
            "The replies compared for a flag are those where either raised it.",
            "",
            *_sides(pairs, resolved, guide),
        ]
    )


def kappas(pairs: Sequence[Pair]) -> dict[str, tuple[float, int]]:
    """Return the weighted kappa of two raters for the overall, the scope and every item, and on how many replies."""
    rated: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for first, second in pairs:
        rated["overall"].append((first.overall - 1, second.overall - 1))
        rated["scope"].append((_place(first), _place(second)))
        for rating in first.grade.ratings:
            if again := second.grade.rating(rating.item):
                rated[rating.item].append((rating.value, again.value))
    return {
        item: (weighted_kappa([one for one, _ in found], [other for _, other in found], 4), len(found))
        for item, found in rated.items()
    }


def _place(one: Labelled) -> int:
    return list(Scope).index(one.grade.scope)


def _agreement(pairs: Sequence[Pair]) -> list[str]:
    rows = [f"| {item} | {kappa:.2f} | {replies} |" for item, (kappa, replies) in kappas(pairs).items()]
    return ["| item | weighted kappa | replies |", "|---|---|---|", *rows]


def _flags(pairs: Sequence[Pair]) -> list[str]:
    counts: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for first, second in pairs:
        one, other = ({flag.item for flag in rated.grade.flags} for rated in (first, second))
        for flag in one | other:
            counts[flag][0] += flag in one and flag in other
            counts[flag][1] += flag not in one
            counts[flag][2] += flag not in other
    lines = ["| red flag | precision | recall | there |", "|---|---|---|---|"]
    for flag, count in sorted(counts.items()):
        precision, recall = precision_recall(*count)
        lines.append(f"| {flag} | {precision:.2f} | {recall:.2f} | {count[0] + count[2]} |")
    return lines


def _with_outcome(pairs: Sequence[Pair], resolved: Sequence[Record], rater: int) -> float:
    """Return the weighted kappa of one rater's overall with the one both, or the resolution, arrived at."""
    outcome = {record["id"]: record["resolved"] for record in resolved if record["item"] == "overall"}
    final = [outcome.get(first.id, first.overall) - 1 for first, _ in pairs]
    return weighted_kappa([pair[rater].overall - 1 for pair in pairs], final, 4)


def _sides(pairs: Sequence[Pair], resolved: Sequence[Record], guide: Guide) -> list[str]:
    group = {"overall": "overall", "scope": "scope"}
    for name, items in (("look-fors", guide.look_fors), ("expectations", guide.expectations), ("probes", guide.probes)):
        group |= {item.id: name for item in items}
    compared = Counter(group[item] for first, _ in pairs for item in values(first) if item in group)
    raised = Counter(flag for pair in pairs for flag in {f.item for one in pair for f in one.grade.flags})
    rows: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for record in resolved:
        item: str = record["item"]
        rows[group.get(item, item)][side(record)] += 1
    lines = [
        "| resolved | compared | differed | first rating's side | second's | between |",
        "|---|---|---|---|---|---|",
    ]
    for name in (*dict.fromkeys(group.values()), *sorted(raised)):
        row = rows[name]
        sides = " | ".join(str(row[one]) for one in SIDES)
        lines.append(f"| {name} | {compared[name] or raised[name]} | {row.total()} | {sides} |")
    whole = sum(rows.values(), Counter())
    sides = " | ".join(str(whole[one]) for one in SIDES)
    return [*lines, f"| all | {compared.total() + raised.total()} | {whole.total()} | {sides} |"]
