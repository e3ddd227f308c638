"""What a change of nothing, or of one thing, does to a grade; pairs that were not graded are not counted as kept."""

from typing import Any

import pytest

from interviewer.bench import calibration, invariance
from interviewer.engines.protocols import Graded
from interviewer.grading.rating import Assessment, Exchange, Ungraded
from interviewer.guide.model import Guide, Kind, Level, Rubric
from tests.helpers import grade

DOWN = Ungraded("The model could not be reached.")


class ByLength:
    """Rates every item by a table of how many words a reply has; `asked` counts the gradings."""

    spec = "by-length"

    def __init__(self, table: dict[int, int | Assessment]) -> None:
        self.table = table
        self.asked = 0

    def grade(self, exchange: Exchange, rubric: Rubric) -> Graded:
        self.asked += 1
        value = self.table[sum(len(reply.split()) for reply in exchange.replies)]
        if not isinstance(value, int):
            return Graded(value)
        return Graded(grade({item.id: value for item in rubric.items()}, flags=["blames-others"] if value == 1 else []))


@pytest.fixture(scope="module")
def base() -> calibration.Labelled:
    """A reply of the set, one turn long, to a behavioral question."""
    return next(
        one
        for one in calibration.load()
        if len(one.exchange.replies) == 1
        and (one.exchange.level, one.exchange.kind) == (Level.SENIOR, Kind.BEHAVIORAL)
        and one.words > 10
    )


def pair(base: calibration.Labelled, change: str, words: int, **more: Any) -> dict[str, Any]:
    return {"pair": f"{change}-{words}", "change": change, "base": base.id, "reply": "word " * words, **more}


def test_moves_are_counted(base: calibration.Labelled, guide: Guide) -> None:
    grader = ByLength({base.words: 2, 1: 2, 2: 3, 3: 0, 4: 1})
    pairs = [
        pair(base, "padded", 1),
        pair(base, "padded", 2),
        pair(base, "evidence-removed", 3, item="takes-ownership"),
        pair(base, "flag-added", 4, flag="blames-others"),
        pair(base, "flag-added", 1, flag="blames-others"),
    ]
    report = invariance.measure(pairs, [base], grader, guide)
    assert report["padded"] | {"items_raised": 0.5, "items_moved": 0.5} == report["padded"]
    assert report["padded"]["items_raised_to_shown"] == 0.5
    assert (report["padded"]["pairs"], report["padded"]["ungraded"]) == (2, 0)
    assert report["padded"]["overall_raised"] == 0.5 == report["padded"]["overall_kept"]
    assert report["padded"]["item_lowered"] is None
    assert report["evidence-removed"]["item_lowered"] == 1
    assert report["flag-added"]["flag_raised"] == 0.5
    assert grader.asked == 6  # the unchanged reply is graded once


def test_an_item_that_rises_to_a_claim_was_not_raised_to_shown(base: calibration.Labelled, guide: Guide) -> None:
    grader = ByLength({base.words: 0, 1: 1, 2: 2})
    pairs = [pair(base, "padded", 1), pair(base, "boasts-added", 2)]
    report = invariance.measure(pairs, [base], grader, guide)
    assert (report["padded"]["items_raised"], report["padded"]["items_raised_to_shown"]) == (1, 0)
    assert report["boasts-added"]["items_raised_to_shown"] == 1


def test_what_was_not_graded_has_no_figure(base: calibration.Labelled, guide: Guide) -> None:
    grader = ByLength({base.words: 2, 1: DOWN, 2: 2})
    pairs = [pair(base, "padded", 1), pair(base, "paraphrased", 1), pair(base, "paraphrased", 2)]
    report = invariance.measure(pairs, [base], grader, guide)
    assert (report["padded"]["ungraded"], report["padded"]["overall_kept"]) == (1, None)
    assert report["paraphrased"]["overall_kept"] == 1
    table = invariance.render(report)
    assert "| padded | 0 of 1 |  |  |  |  |  |  |  |" in table
    assert "| paraphrased | 1 of 2 | 100% |" in table


def test_a_base_that_was_not_graded_is_asked_for_once_and_counted(base: calibration.Labelled, guide: Guide) -> None:
    grader = ByLength({base.words: DOWN})
    report = invariance.measure([pair(base, "padded", 1), pair(base, "padded", 2)], [base], grader, guide)
    assert (report["padded"]["pairs"], report["padded"]["ungraded"]) == (2, 2)
    assert grader.asked == 1
