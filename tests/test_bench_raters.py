"""The two raters of the calibration set, and the resolution of every difference between them."""

import re
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from interviewer.bench import calibration, raters
from interviewer.bench.labels import Labelled
from interviewer.grading.rating import Evidence, Exchange, Flag, Grade, Maker, Rating, Scope, Turn
from interviewer.guide.model import Guide, Kind, Level
from tests.conftest import ROOT

SPAN = (Evidence(0, 0, 9),)
EXCHANGE = Exchange(Level.SENIOR, Kind.BEHAVIORAL, "Why?", (Turn("candidate", "I fixed it before anybody asked."),))


def rated(overall: int, flags: tuple[str, ...] = (), scope: Scope = Scope.AT, **ratings: int) -> Labelled:
    grade = Grade(
        tuple(Rating(item.replace("_", "-"), value, 1.0, SPAN) for item, value in ratings.items()),
        tuple(Flag(flag, 1.0, SPAN) for flag in flags),
        scope,
        Maker("label", "1"),
    )
    return Labelled("b00-01", "b00", "", "", EXCHANGE, grade, overall)


PAIR = (
    rated(3, ("cannot-zoom",), takes_ownership=1, helps_others_grow=2),
    rated(3, ("cannot-zoom", "blames-others"), takes_ownership=3, helps_others_grow=2),
)


def record(item: str = "takes-ownership", **changes: Any) -> dict[str, Any]:
    made = {"first": 1, "second": 3, "resolved": 2, "spans": [[0, 0, 9]], "by": "reading", "reason": "It is a deed."}
    return {"id": "b00-01", "item": item, **made, **changes}


FLAG = record("blames-others", first=False, second=True, resolved=True)


def test_differences_are_overall_scope_items_and_flags() -> None:
    assert raters.differences(PAIR) == {"takes-ownership": (1, 3), "blames-others": (False, True)}
    assert raters.differences((rated(2), rated(1, scope=Scope.BELOW))) == {"overall": (2, 1), "scope": ("at", "below")}


def test_a_sound_resolution_has_no_fault(guide: Guide) -> None:
    assert list(raters.check([PAIR], [record(), FLAG], guide)) == []
    assert list(raters.check([PAIR], [record(resolved=1, spans=[]), {**FLAG, "resolved": False}], guide)) == []


@pytest.mark.parametrize(
    ("spoiled", "fault"),
    [
        ([], "differ on blames-others"),
        ([record("helps-others-grow", first=2, second=2, resolved=2)], "do not differ"),
        ([record(first=0)], "resolved as a difference of 0 and 3"),
        ([record(resolved=0)], "0 is neither 1 nor 3"),
        ([record(resolved=True)], "True is neither"),
        ([record(by="feeling")], "by what and why"),
        ([record(reason=" ")], "by what and why"),
        ([record(spans=[[0, 0, 999]])], "not in the reply"),
        ([record(spans=[[1, 0, 5]])], "not in the reply"),
        ([record(spans=[])], "2 has no span"),
        ([{**FLAG, "spans": []}], "True has no span"),
        ([record(), record()], "1 differences are resolved twice"),
        ([record(id="b99-01")], "not rated twice: b99-01"),
    ],
)
def test_a_broken_resolution_is_caught(guide: Guide, spoiled: list[dict[str, Any]], fault: str) -> None:
    assert any(fault in found for found in raters.check([PAIR], spoiled, guide))


def test_every_difference_of_the_set_is_resolved_by_itself(guide: Guide) -> None:
    labelled = calibration.load()
    pairs, resolved = calibration.second_ratings(labelled), calibration.records(calibration.RESOLVED)
    assert len(pairs) == 160
    assert list(raters.check(pairs, resolved, guide)) == []
    for n in (0, 200, 461):
        (fault,) = raters.check(pairs, resolved[:n] + resolved[n + 1 :], guide)
        assert resolved[n]["id"] in fault
        assert resolved[n]["item"] in fault


def test_the_check_of_the_set_includes_the_resolutions(guide: Guide, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibration, "RESOLVED", calibration.LOOKS)
    monkeypatch.setattr(calibration, "records", lambda path: [] if path == calibration.LOOKS else _records(path))
    labelled = calibration.load()
    assert sum("is not resolved" in found for found in calibration.check(labelled, guide)) == 462


_records = calibration.records


def test_the_tables_count_sides(guide: Guide) -> None:
    other = tuple(replace(one, id="b00-02") for one in PAIR)
    resolved = [
        record(),
        FLAG,
        record(id="b00-02", resolved=3),
        {**FLAG, "id": "b00-02", "resolved": False},
    ]
    table = raters.render([PAIR, other], resolved, guide)
    assert "| look-fors | 4 | 2 | 0 | 1 | 1 |" in table
    assert "| blames-others | 2 | 2 | 1 | 1 | 0 |" in table
    assert "| cannot-zoom | 2 | 0 | 0 | 0 | 0 |" in table
    assert "| blames-others | 0.00 | 0.00 | 0 |" in table
    assert "| cannot-zoom | 1.00 | 1.00 | 2 |" in table


def test_kappas_compare_the_two_raters() -> None:
    pairs = [(rated(n, takes_ownership=n - 1), rated(n, takes_ownership=4 - n)) for n in (1, 2, 3, 4)]
    found = raters.kappas(pairs)
    assert found["overall"] == (1.0, 4)
    assert found["takes-ownership"] == (-1.0, 4)


def test_the_committed_table_and_the_data_card_tell_what_the_files_hold(guide: Guide) -> None:
    resolved = calibration.records(calibration.RESOLVED)
    table = raters.render(calibration.second_ratings(calibration.load()), resolved, guide)
    assert table in (ROOT / "docs" / "calibration.md").read_text(encoding="utf-8")
    card = re.sub(r"\s+", " ", (calibration.FOLDER / "README.md").read_text(encoding="utf-8"))
    sides = Counter(raters.side(one) for one in resolved)
    by = Counter(one["by"] for one in resolved)
    team = [one["resolved"] for one in resolved if one["item"] == "no-mention-of-team"]
    for words in (
        f"They differ in {len(resolved)} of",
        f"All {len(resolved)} were resolved",
        f"The first rating's in {sides['first']} places, the second's in {sides['second']}",
        f"between in {sides['between']}",
        f"{by['rule']} by a rule of the written scale alone",
        f"{by['reading']} by reading",
        f"Of the {len(team)} others, {sum(team)} keep it and {len(team) - sum(team)} lose it",
    ):
        assert words in card
