"""What a rating means, what the next would need, what to work on, and the outline of a strong answer."""

import re
from dataclasses import replace

import pytest

from interviewer.advice import CAPPED, WORK_ON, capped, confidence, next_step, outline, scale, why, work_on
from interviewer.grading.rating import Exchange, Flag, Grade, Rating, Scope, Turn
from interviewer.grading.scorecard import score, scorecard
from interviewer.guide.model import Kind, Level
from tests.helpers import MAKER


def graded(guide, values, *, level=Level.STAFF, kind=Kind.BEHAVIORAL, aims=(), flags=()):
    """Return the scorecard of one exchange whose items have these values, and 3 or the top where none is given."""
    rubric = guide.rubric(level, kind, aims)
    ratings = tuple(Rating(i.id, values.get(i.id, len(scale(i)) - 1), 0.7) for i in rubric.items())
    exchange = Exchange(level, kind, "Q?", (Turn("candidate", "An answer."),))
    flags = tuple(Flag(flag, 0.9) for flag in flags)
    return scorecard(level, [score(0, rubric, exchange, Grade(ratings, flags, Scope.AT, MAKER))])


def test_every_value_has_words_a_reason_and_a_way_up(guide) -> None:
    look_for, probe = guide.look_fors[0], guide.probes[0]
    expectation = guide.expectations[0]
    assert [len(scale(item)) for item in (look_for, expectation, probe)] == [4, 4, 3]
    for item in (look_for, expectation, probe):
        steps = scale(item)
        assert len({step.words for step in steps}) == len({step.reason for step in steps}) == len(steps)
        ways = [next_step(item, value) for value in range(len(steps))]
        assert ways[-1] == ""
        assert len(set(ways)) == len(ways)
        assert all(re.search(r"[.?]$", way) for way in ways[:-1])
        assert all("; ".join(item.angles) in way for way in ways[:-1])
    assert next_step(look_for, 1) != next_step(expectation, 1) != next_step(probe, 1)


def test_a_models_reason_is_kept_and_a_missing_one_is_made_from_the_scale(guide) -> None:
    item = guide.item("influences-across-teams")
    assert why(item, Rating(item.id, 1, 0.2, reason="You name the teams only.")) == "You name the teams only."
    sure, unsure = why(item, Rating(item.id, 1, 0.9)), why(item, Rating(item.id, 1, 0.49))
    assert "no concrete deed of yours" in sure
    assert unsure == f"{sure} It was a close call."
    assert why(item, Rating(item.id, 0, 0.9)) != sure
    assert "proposal" in why(guide.expectations[0], Rating("x", 2, 0.9))


@pytest.mark.parametrize(
    ("value", "words"), [(0.0, "low, 0%"), (0.49, "low, 49%"), (0.5, "fair, 50%"), (0.8, "high, 80%")]
)
def test_a_low_confidence_is_said_plainly(value, words) -> None:
    assert confidence(value).startswith(words)
    assert ("may well see it otherwise" in confidence(value)) == (value < 0.5)


def test_a_cap_of_hypothetical_designs_is_told_instead_of_advice_that_cannot_help(guide) -> None:
    item = guide.item("takes-ownership")
    assert capped(item, 1, hypothetical=True)
    assert next_step(item, 1, hypothetical=True) == CAPPED
    assert next_step(item, 0, hypothetical=True) == next_step(item, 0) != CAPPED
    assert next_step(item, 1) != CAPPED
    assert not capped(guide.item("communicates-clearly"), 3, hypothetical=True)


def test_advice_answers_what_was_weak(guide) -> None:
    assert work_on(graded(guide, {}), guide) == []
    weak = {"influences-across-teams": 0, "thinks-strategically": 1}
    lines = work_on(graded(guide, weak, aims=tuple(weak)), guide)
    own = {advice.text for advice in guide.advice if advice.level is Level.STAFF}
    assert 1 <= len(lines) <= WORK_ON
    assert {line.text for line in lines} <= own
    assert lines[0].weak == ("influences-across-teams", "thinks-strategically")  # weakest first
    flagged = work_on(graded(guide, {}, flags=["only-one-solution"]), guide)
    assert flagged[0].weak == ("only-one-solution",)


def test_what_nobody_asked_about_counts_little(guide) -> None:
    values = {"develops-senior-engineers": 0, "balances-short-long-term": 1}
    asked = work_on(graded(guide, values, aims=("balances-short-long-term",)), guide)
    assert "balances-short-long-term" in asked[0].weak
    asked = work_on(graded(guide, values, aims=("develops-senior-engineers",)), guide)
    assert "develops-senior-engineers" in asked[0].weak


def test_without_advice_the_weakest_items_stand_for_themselves(guide) -> None:
    bare = replace(guide, advice=())
    values = {"thinks-strategically": 2, "navigates-ambiguity": 0, "influences-across-teams": 1}
    lines = work_on(graded(bare, values, aims=tuple(values)), bare)
    assert [line.weak for line in lines] == [
        ("navigates-ambiguity",),
        ("influences-across-teams",),
        ("thinks-strategically",),
    ]
    assert lines[0].text == guide.item("navigates-ambiguity").text
    many = {item.id: 0 for item in guide.look_fors}
    assert len(work_on(graded(bare, many), bare)) == WORK_ON


def test_an_outline_is_the_cases_points_or_the_angles_of_a_story(guide) -> None:
    case = next(question for question in guide.questions if question.points)
    assert outline(case.id, case.aims, Level.STAFF, guide) == list(case.points)
    story = guide.question("org-change")
    lines = outline(story.id, story.aims, Level.STAFF, guide)
    angle = guide.item("influences-across-teams").angles[0]
    assert any(line.startswith("Say ") and angle in line for line in lines)
    assert lines[-1] == "Say what came of it, with a number or a change others could see."
    assert all(guide.item(aim).text not in " ".join(lines) for aim in story.aims)


def test_an_outline_outlives_a_changed_guide(guide) -> None:
    lines = outline("no-such-question", ("gone", "alternatives"), Level.SENIOR, guide)
    assert any(guide.item("alternatives").angles[0] in line for line in lines)
    assert outline("no-such-question", ("gone",), Level.SENIOR, guide) == []
    # The other level's look-fors are no part of it.
    assert outline("no-such-question", ("thinks-strategically",), Level.SENIOR, guide) == []
