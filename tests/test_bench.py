from dataclasses import replace

import pytest

from interviewer.bench import calibration
from interviewer.bench.measures import bootstrap, calibration_error, ordered_share, weighted_kappa
from interviewer.bench.write import between
from interviewer.errors import InputError
from interviewer.grading.rating import Evidence, Rating


def test_weighted_kappa_on_known_tables() -> None:
    assert weighted_kappa([0, 1, 2, 3], [0, 1, 2, 3], 4) == 1
    assert weighted_kappa([0, 1, 2, 3], [3, 2, 1, 0], 4) == -1
    assert weighted_kappa([0, 0, 3, 3], [0, 3, 0, 3], 4) == 0
    # Two raters, three grades, worked by hand: observed 1/4, expected 17/16.
    assert weighted_kappa([0, 0, 1, 2], [0, 0, 1, 1], 3) == pytest.approx(1 - (1 / 4) / (17 / 16), abs=0.02)


def test_interval_holds_its_measure() -> None:
    true, given = [0, 1, 2, 3] * 20, [0, 1, 2, 2] * 20

    def measure(i):
        return weighted_kappa([true[n] for n in i], [given[n] for n in i], 4)

    low, high = bootstrap(measure, 80, rounds=100)
    assert low < measure(range(80)) < high


def test_order_counts_ties_half() -> None:
    assert ordered_share([1, 2], [1, 2]) == (1.0, 1)
    assert ordered_share([1, 2, 2], [1, 1, 0]) == (0.25, 2)


def test_confidence_that_is_right_has_no_error() -> None:
    assert calibration_error([1.0, 1.0], [1.0, 1.0])[0] == 0
    assert calibration_error([0.9, 0.9], [0.0, 0.0])[0] == pytest.approx(0.9)


@pytest.fixture(scope="module")
def labelled():
    return calibration.load()


def test_the_set_keeps_its_promises(labelled, guide) -> None:
    assert list(calibration.check(labelled, guide)) == []


def test_a_broken_set_is_caught(labelled, guide) -> None:
    one = labelled[0]
    long = one.grade.ratings[0]
    spoiled = replace(
        one, grade=replace(one.grade, ratings=(replace(long, value=2, evidence=()), *one.grade.ratings[1:]))
    )
    assert any("without a span" in p for p in calibration.check([spoiled], guide))
    missing = replace(one, grade=replace(one.grade, ratings=one.grade.ratings[1:]))
    assert any("items missing" in p for p in calibration.check([missing], guide))
    outside = replace(
        one,
        grade=replace(one.grade, ratings=(Rating(long.item, 2, 1.0, (Evidence(0, 0, 10**6),)), *one.grade.ratings[1:])),
    )
    assert any("not in the reply" in p for p in calibration.check([outside], guide))
    twice = [one, replace(one, id="copy")]
    assert any("share" in p for p in calibration.check(twice, guide))


def test_second_marks_that_do_not_fit_are_caught(labelled, guide) -> None:
    one = next(one for one in labelled if one.also)
    item = next(iter(one.also))
    fewer = replace(one, also={name: spans for name, spans in one.also.items() if name != item})
    assert any(f"not marked as it is rated: {item}" in p for p in calibration.check([fewer], guide))
    beyond = replace(one, also=one.also | {item: (Evidence(0, 0, 10**6),)})
    assert any(f"{one.id}: {item}: a span is not in the reply" in p for p in calibration.check([beyond], guide))
    both = {r.item: r.evidence for r in one.with_both_marks().grade.ratings}
    for rating in one.grade.ratings:
        assert both[rating.item] == (*rating.evidence, *one.also.get(rating.item, ()))


def test_length_alone_is_caught(labelled) -> None:
    by_length = sorted(labelled, key=lambda one: one.words)
    quarter = len(by_length) / 4
    follows = [replace(one, overall=1 + int(n // quarter)) for n, one in enumerate(by_length)]
    assert calibration.length_kappa(follows) > 0.9
    assert calibration.length_kappa(labelled) <= 0.25


def test_the_split_is_by_batch(labelled) -> None:
    splits = {}
    for one in labelled:
        assert splits.setdefault(one.batch, one.split) == one.split
    assert set(splits.values()) == {"train", "development", "test"}


def test_pairs_and_second_ratings_belong_to_the_set(labelled) -> None:
    known = {one.id for one in labelled}
    assert {record["id"] for record in calibration.records(calibration.SECOND)} <= known
    pairs = calibration.records(calibration.PAIRS)
    assert {pair["base"] for pair in pairs} <= known
    assert len({pair["pair"] for pair in pairs}) == len(pairs) >= 200


def test_unknown_sets_are_a_sentence() -> None:
    with pytest.raises(InputError, match="train, development, test"):
        calibration.chosen("nope")


def test_tables_stand_between_markers() -> None:
    assert between("a <!-- x -->old<!-- /x --> b", "x", "new") == "a <!-- x -->\n\nnew\n\n<!-- /x --> b"
    with pytest.raises(ValueError):
        between("nothing here", "x", "new")
