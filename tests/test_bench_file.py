"""A user's own labelled file: read, or refused with the line and the reason."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from interviewer.bench import agreement, calibration
from interviewer.cli import main
from interviewer.errors import InputError
from interviewer.grading.rating import Evidence, Flag, Ungraded
from interviewer.guide.model import Guide
from tests.fakes import BlankSensor, ListedGrader
from tests.helpers import grade

GOOD: dict[str, Any] = {
    "id": "mine-1",
    "level": "senior",
    "kind": "behavioral",
    "question": "What did you fix?",
    "turns": [{"speaker": "candidate", "text": "I fixed the nightly export before anybody asked."}],
    "overall": 3,
    "scope": "at",
    "look_fors": {"takes-ownership": {"rating": 2, "spans": [[0, 0, 27]]}},
    "red_flags": {},
}


def written(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "mine.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def without(name: str) -> str:
    return json.dumps({key: value for key, value in GOOD.items() if key != name})


def changed(**changes: Any) -> str:
    return json.dumps(GOOD | changes)


def test_a_file_of_ones_own_is_read(tmp_path: Path) -> None:
    (one,) = calibration.chosen(str(written(tmp_path, json.dumps(GOOD), "")))
    assert (one.id, one.overall, one.exchange.replies) == ("mine-1", 3, (GOOD["turns"][0]["text"],))
    (rating,) = one.grade.ratings
    assert rating.evidence[0].quote(one.exchange.replies) == "I fixed the nightly export "


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "EOF while parsing"),
        ("[1, 2]", "an object"),
        ("null", "an object"),
        (without("id"), "id: Field required"),
        (without("red_flags"), "red_flags: Field required"),
        (without("overall"), "overall: Field required"),
        (changed(overall=5), "overall: Input should be less than or equal to 4"),
        (changed(overall="3"), "overall: Input should be a valid integer"),
        (changed(overall=True), "overall: Input should be a valid integer"),
        (changed(level="junior"), "level: Input should be 'senior' or 'staff'"),
        (changed(kind="coffee"), "kind: Input should be"),
        (changed(scope="wide"), "scope: Input should be"),
        (changed(turns=[]), "the candidate says nothing"),
        (changed(turns=[{"speaker": "interviewer", "text": "Hm."}]), "the candidate says nothing"),
        (changed(turns=[{"speaker": "me", "text": "Hm."}]), "turns.0.speaker: Input should be"),
        (changed(look_fors=[1]), "look_fors: Input should be an object"),
        (
            changed(look_fors={"takes-ownership": {"rating": 4, "spans": []}}),
            "look_fors.takes-ownership.rating: Input should be less than or equal to 3",
        ),
        (
            changed(probes={"what-was-hard": {"rating": 3, "spans": []}}),
            "probes.what-was-hard.rating: Input should be less than or equal to 2",
        ),
        (
            changed(look_fors={"takes-ownership": {"rating": 2, "spans": [[0, 0, 999]]}}),
            "a span is not in the reply: [0, 0, 999]",
        ),
        (changed(red_flags={"cannot-zoom": {"spans": [[1, 0, 3]]}}), "a span is not in the reply: [1, 0, 3]"),
    ],
)
def test_a_bad_line_is_refused_with_its_number_and_why(tmp_path: Path, line: str, reason: str) -> None:
    path = written(tmp_path, json.dumps(GOOD), "", line)
    with pytest.raises(InputError) as refused:
        calibration.chosen(str(path))
    assert f"{path}:3: " in str(refused.value)
    assert reason in str(refused.value)


def test_the_command_says_so_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, json.dumps(GOOD), changed(overall=5))
    assert main(["bench", "agreement", "--set", str(path)]) != 0
    said = capsys.readouterr()
    assert f"{path}:2: this is no labelled reply: overall: " in said.err
    assert "Traceback" not in said.err + said.out


def test_a_file_without_replies_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no labelled reply"):
        calibration.chosen(str(written(tmp_path, "", "  ")))


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="cannot be read"):
        calibration.chosen(str(path))


def test_an_item_the_guide_does_not_have_is_refused(tmp_path: Path, guide: Guide) -> None:
    for labels in (
        {"look_fors": {"takes-ownreship": {"rating": 1, "spans": []}}},
        {"red_flags": {"takes-ownreship": {"spans": []}}},
        {"probes": {"takes-ownreship": {"rating": 1, "spans": []}}},
    ):
        labelled = calibration.load_file(written(tmp_path, changed(**labels)))
        with pytest.raises(InputError, match=r"'mine-1'.*takes-ownreship.*senior behavioral"):
            agreement.measure(labelled, BlankSensor(), guide)


def test_only_what_is_labelled_is_measured(tmp_path: Path, guide: Guide) -> None:
    labelled = calibration.load_file(written(tmp_path, json.dumps(GOOD), changed(id="mine-2", overall=1)))
    report = agreement.measure(labelled, BlankSensor(), guide, rounds=5)
    assert report["graded"] == 2
    assert list(report["items"]["look_fors"]["items"]) == ["takes-ownership"]
    table = agreement.render(report)
    assert "| look-fors, mean kappa |" in table
    assert "probes, mean" not in table
    assert "expectations, mean" not in table


def test_a_quote_that_is_no_slice_of_the_reply_shows_in_the_report(tmp_path: Path, guide: Guide) -> None:
    labelled = calibration.load_file(written(tmp_path, json.dumps(GOOD)))
    sound = grade({"takes-ownership": 2}, flags=["blames-others"], said=["blames-others"])
    beyond = replace(sound, flags=(Flag("blames-others", 0.8, (Evidence(0, 40, 400),)),))
    for given, share in ((sound, 1.0), (beyond, 0.5)):
        report = agreement.measure(labelled, ListedGrader(given), guide, rounds=5, repeats=0)
        assert report["quote_support"]["slices"] == share
        assert f"| quotes that are slices of the reply | {share:.0%} |" in agreement.render(report)


def test_a_quote_counts_by_what_the_author_marked_and_by_what_either_reader_did(tmp_path: Path, guide: Guide) -> None:
    (one,) = calibration.load_file(written(tmp_path, json.dumps(GOOD)))
    (span,) = next(rating.evidence for rating in one.grade.ratings if rating.item == "takes-ownership")
    elsewhere = Evidence(0, span.end, span.end + 4)
    quoted = grade({"takes-ownership": 2})
    quoted = replace(quoted, ratings=tuple(replace(r, evidence=(elsewhere,)) for r in quoted.ratings))
    row = "quotes that overlap a span either reader marked"
    for also, either in (({}, None), ({"takes-ownership": (elsewhere,)}, 1.0)):
        report = agreement.measure([replace(one, also=also)], ListedGrader(quoted), guide, rounds=5, repeats=0)
        assert report["quote_support"]["overlapping"] == 0.0
        assert report["quote_support"]["overlapping_either"] == either
        assert report["quote_support"]["by_luck"] == 1.0  # it is one sentence
        assert (row in agreement.render(report)) == (either is not None)


def test_luck_is_the_chance_that_a_draw_holds_a_marked_sentence() -> None:
    assert agreement._by_luck(10, 2, 1) == pytest.approx(0.2)
    assert agreement._by_luck(4, 2, 2) == pytest.approx(1 - 1 / 6)
    assert agreement._by_luck(3, 0, 2) == 0
    assert agreement._by_luck(1, 1, 2) == 1


def test_nothing_graded_is_a_sentence(tmp_path: Path, guide: Guide) -> None:
    labelled = calibration.load_file(written(tmp_path, json.dumps(GOOD)))
    grader = ListedGrader(Ungraded("The model could not be reached."), Ungraded("Again not."))
    with pytest.raises(InputError, match=r"None of the 1 replies could be graded: The model could not be reached\."):
        agreement.measure(labelled, grader, guide)
