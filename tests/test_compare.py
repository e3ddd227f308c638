"""Two grades side by side, and one answer under two bars."""

import re

import pytest

from interviewer.grading.agreement import agreement_of
from interviewer.grading.compare import agreement, compare, two_bars
from interviewer.grading.rating import Evidence, Exchange, Grade, NotAssessed, Rating, Scope, Turn
from interviewer.grading.scorecard import score
from interviewer.guide.model import Kind, Level
from interviewer.review.regrade import Twice
from interviewer.ui.sides import agreement_words, answers, bars_page, compared
from tests.helpers import MAKER, grade

REPLY = "I wrote the plan <b>myself</b> and took it to four teams."
SENIOR = ("takes-ownership", "thinks-beyond-task", "helps-others-grow", "communicates-clearly")
STAFF = (
    "thinks-strategically", "influences-across-teams", "navigates-ambiguity", "balances-short-long-term",
    "develops-senior-engineers",
)  # fmt: skip


@pytest.fixture
def graded(guide):
    def make(assessment, level=Level.STAFF, kind=Kind.BEHAVIORAL, reply=REPLY, aims=()):
        exchange = Exchange(level, kind, "What did you change?", (Turn("candidate", reply),))
        return score(0, guide.rubric(level, kind, aims), exchange, assessment)

    return make


def values(senior: int, staff: int, **others: int) -> dict[str, int]:
    found = dict.fromkeys(SENIOR, senior) | dict.fromkeys(STAFF, staff)
    return found | {name.replace("_", "-"): value for name, value in others.items()}


def test_what_moved_is_told_with_its_steps(graded) -> None:
    found = compare(
        graded(grade(values(1, 1), flags=["no-trade-offs"])),
        graded(grade(values(1, 1, thinks_strategically=3, navigates_ambiguity=0), flags=["cannot-zoom"])),
    )
    assert [(one.item.id, one.steps) for one in found.rose] == [("thinks-strategically", 2)]
    assert [(one.item.id, one.steps) for one in found.fell] == [("navigates-ambiguity", -1)]
    assert [flag.id for flag in found.flags_gone] == ["no-trade-offs"]
    assert [flag.id for flag in found.flags_come] == ["cannot-zoom"]
    assert found.same == 3 / 5


def test_the_other_levels_look_fors_are_there_but_do_not_count(graded) -> None:
    found = compare(graded(grade(values(0, 1))), graded(grade(values(3, 1))))
    assert len(found.items) == 9
    assert {one.item.id for one in found.counted} == set(STAFF)
    assert not found.rose
    assert found.same == 1


def test_other_quotes_are_seen_only_on_the_same_words(graded) -> None:
    def quoting(start: int) -> Grade:
        ratings = (Rating(STAFF[0], 2, 0.8, (Evidence(0, start, start + 5),)), Rating(STAFF[1], 0, 0.8))
        return Grade(ratings, (), Scope.AT, MAKER)

    found = {one.item.id: one.quotes_differ for one in compare(graded(quoting(0)), graded(quoting(2))).items}
    assert found[STAFF[0]] is True
    assert found[STAFF[1]] is False
    other = compare(graded(quoting(0)), graded(quoting(0), reply=REPLY + " Twice."))
    assert {one.quotes_differ for one in other.items} == {None}


def test_what_has_no_grade_is_not_compared(graded) -> None:
    with pytest.raises(ValueError, match="only two grades"):
        compare(graded(grade({})), graded(NotAssessed("Nothing was said.")))


def test_an_item_rated_once_neither_rises_nor_falls(graded) -> None:
    found = compare(graded(grade(values(1, 1))), graded(grade({STAFF[0]: 3})))
    assert [one.item.id for one in found.rose] == [STAFF[0]]
    assert not found.fell
    assert found.same == 0


def test_agreement_needs_enough_ratings_for_a_kappa(graded) -> None:
    one = compare(graded(grade(values(0, 1))), graded(grade(values(0, 1, thinks_strategically=2))))
    two = compare(graded(grade(values(0, 3))), graded(grade(values(0, 3))))
    few, many = agreement([one, two]), agreement([one, two] * 2)
    assert (few.items, few.same, few.kappa) == (10, 0.9, None)
    assert many.kappa == pytest.approx(0.9, abs=0.06)
    assert agreement([]).same is None
    # All ratings of one value: agreement by chance is certain, and a kappa would say nothing.
    assert agreement([compare(graded(grade(values(0, 1))), graded(grade(values(0, 1))))] * 9).kappa is None
    assert agreement_words(few) == "9 of 10 ratings are the same (90%); too few, or too much alike, for a kappa."


def test_probes_stand_on_a_scale_of_their_own_and_count_for_no_kappa() -> None:
    look_fors = [(0, 0, False), (3, 3, False), (1, 2, False), (2, 2, False)] * 5
    probes = [(0, 2, True), (2, 0, True)] * 5
    assert agreement_of(look_fors + probes).kappa == agreement_of(look_fors).kappa == pytest.approx(0.9, abs=0.03)
    found = agreement_of(look_fors[4:] + probes)
    assert (found.items, found.same, found.within_one, found.kappa) == (26, 12 / 26, 16 / 26, None)
    assert agreement_of([]).within_one is None


# -- two bars --------------------------------------------------------------------------------------------------------


def test_the_difference_between_the_bars_is_told_in_a_sentence(graded, guide) -> None:
    at_senior = graded(grade(values(3, 0), scope=Scope.AT), Level.SENIOR)
    at_staff = graded(grade(values(3, 0, thinks_strategically=1), scope=Scope.BELOW), Level.STAFF, aims=(STAFF[1],))
    told = two_bars(compare(at_senior, at_staff), guide.aspects)
    assert told.startswith("Strong hire at senior; strong no hire at staff: ")
    # What was asked for is named first, what was claimed at all is not among what is missing.
    assert told.index("Moves other teams") < told.index("Finds a way where things are unclear")
    assert "Thinks strategically" not in told
    assert "the reach stays below what staff asks for (the organisation or the company)" in told
    assert told == two_bars(compare(at_staff, at_senior), guide.aspects)


def test_the_weightiest_reason_comes_first(graded, guide) -> None:
    at_senior = graded(grade(values(3, 3), scope=Scope.ABOVE), Level.SENIOR)
    at_staff = graded(grade(values(3, 2), scope=Scope.AT), Level.STAFF)
    told = two_bars(compare(at_senior, at_staff), guide.aspects)
    assert told.index("are shown, though not strongly") < told.index("the reach goes no further than what staff asks")


def test_equal_verdicts_need_no_reason(graded) -> None:
    same = compare(graded(grade(values(2, 2)), Level.SENIOR), graded(grade(values(2, 2)), Level.STAFF))
    assert two_bars(same) == "Hire at both levels."


def test_the_page_of_two_bars_shows_what_counts_at_each(graded, guide) -> None:
    before, after = graded(grade(values(2, 0)), Level.SENIOR), graded(grade(values(2, 1)), Level.STAFF)
    shown = bars_page(Twice(before, after, compare(before, after)), guide)
    senior, staff = shown[: shown.index("What counts at staff")], shown[shown.index("What counts at staff") :]
    assert "Takes ownership" in senior
    assert "Moves other teams" not in senior.split("What counts at senior")[1]
    assert "Moves other teams" in staff
    assert "5 read differently under the two bars" in shown


def test_an_answer_without_a_grade_under_a_bar_says_why(graded, guide) -> None:
    shown = bars_page(Twice(graded(grade({})), graded(NotAssessed("Only <silence>."), Level.SENIOR), None), guide)
    assert "Senior level: Not assessed: Only &#60;silence&#62;." in shown


def test_what_a_candidate_wrote_is_escaped(graded) -> None:
    before, after = graded(grade(values(1, 1))), graded(grade(values(2, 2)))
    page = compared(compare(before, after), ("Before", "Now"), ("Better", "Worse")) + answers(before, after, ("A", "B"))
    assert "<b>myself" not in page
    assert page.count("&#60;b&#62;myself") == 7  # two answers, five quotes
    assert re.search(r"<h4>Better</h4>", page)
    assert "Worse" not in page
