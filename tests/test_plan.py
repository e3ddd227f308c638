import re
from collections import Counter
from dataclasses import replace

import pytest

from interviewer.errors import InputError
from interviewer.guide.markdown import read_guide
from interviewer.guide.model import Kind, Level
from interviewer.interview.plan import make_plan, no_verdict, warning


@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize("kinds", [(Kind.BEHAVIORAL,), (Kind.DEEP_DIVE,), tuple(Kind), (Kind.CODING, Kind.BEHAVIORAL)])
def test_a_plan_fits_level_kinds_and_time(guide, level, kinds) -> None:
    plan = make_plan(guide, level, kinds, 45, seed=1)
    assert {q.kind for q in plan.questions} == set(kinds)
    assert all(guide.question(q.id).level in (level, None) for q in plan.questions)
    assert len({q.id for q in plan.questions}) == len(plan.questions)
    assert all(q.chunk for q in plan.questions)


def test_the_same_seed_gives_the_same_plan_and_another_seed_another(guide) -> None:
    plans = [make_plan(guide, Level.STAFF, (Kind.BEHAVIORAL,), 45, seed=s) for s in (3, 3, 4, 5, 6)]
    assert plans[0] == plans[1]
    assert len({tuple(q.id for q in plan.questions) for plan in plans}) > 2


def test_questions_spread_over_the_look_fors(guide) -> None:
    plan = make_plan(guide, Level.STAFF, (Kind.BEHAVIORAL,), 45, seed=2)
    first_aims = [q.aims[0] for q in plan.questions]
    assert len(set(first_aims)) >= min(5, len(first_aims)) - 1


def test_what_was_asked_before_comes_last(guide) -> None:
    fresh = make_plan(guide, Level.SENIOR, (Kind.BEHAVIORAL,), 14, seed=2)
    before = {q.id for q in fresh.questions}
    again = make_plan(guide, Level.SENIOR, (Kind.BEHAVIORAL,), 14, seed=2, asked_before=before)
    assert not before & {q.id for q in again.questions}


@pytest.mark.parametrize("minutes", [4, 0, -1, 121])
def test_a_length_out_of_range_is_refused(guide, minutes) -> None:
    with pytest.raises(InputError, match="5 to 120 minutes"):
        make_plan(guide, Level.SENIOR, (Kind.BEHAVIORAL,), minutes, seed=1)


def test_a_kind_the_guide_lacks_is_named(tmp_path) -> None:
    path = tmp_path / "g.md"
    path.write_text('## Behavioral\n\n```\nSenior:\n- "One?"\n```\n')
    with pytest.raises(InputError, match="no coding question for senior"):
        make_plan(read_guide([path])[0], Level.SENIOR, (Kind.CODING,), 30, seed=1)
    with pytest.raises(InputError, match="at least one kind"):
        make_plan(read_guide([path])[0], Level.SENIOR, (), 30, seed=1)


@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize(
    ("kinds", "minutes"),
    [*(((kind,), 45) for kind in Kind), (tuple(Kind), 45), (tuple(Kind), 60), (tuple(Kind), 75)],
)
def test_ten_interviews_in_a_row_do_not_repeat_a_question(guide, level, kinds, minutes) -> None:
    for first in (1, 77_000):
        asked: list[str] = []
        for number in range(10):
            plan = make_plan(guide, level, kinds, minutes, first + number, asked_before=asked)
            asked += [question.id for question in plan.questions]
        assert len(asked) >= 10 * len(kinds)
        assert len(asked) == len(set(asked))


@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize("kind", list(Kind))
def test_every_question_is_asked_before_any_comes_back(guide, level, kind) -> None:
    pool = {q.id for q in guide.questions if q.kind is kind and q.level in (level, None)}
    asked: list[str] = []
    for number in range(20):
        asked += [q.id for q in make_plan(guide, level, (kind,), 45, number, asked_before=asked).questions]
    assert len(asked) > len(pool)
    assert set(asked[: len(pool)]) == pool


@pytest.mark.parametrize("level", list(Level))
def test_no_question_is_in_every_interview(guide, level) -> None:
    seen = Counter(q.id for seed in range(100) for q in make_plan(guide, level, (Kind.BEHAVIORAL,), 45, seed).questions)
    assert max(seen.values()) <= 25
    assert len(seen) > 55


@pytest.mark.parametrize("kinds", [(kind,) for kind in Kind] + [(Kind.SYSTEM_DESIGN, Kind.CODING), tuple(Kind)])
@pytest.mark.parametrize("minutes", [5, 20, 45, 50, 90, 120])
def test_one_is_warned_exactly_when_a_plan_is_too_short_for_a_verdict(guide, kinds, minutes) -> None:
    said = warning(guide, Level.STAFF, kinds, minutes, needed=3)
    count = len(make_plan(guide, Level.STAFF, kinds, minutes, seed=1).questions)
    assert bool(said) == (count < 3)
    if said:
        assert f"plans {count} question{'s' if count > 1 else ''}, and a verdict needs 3" in said
        longer = int(re.search(r"From (\d+) minutes on", said)[1])
        assert len(make_plan(guide, Level.STAFF, kinds, longer, seed=1).questions) >= 3
        assert len(make_plan(guide, Level.STAFF, kinds, longer - 5, seed=1).questions) < 3


def test_no_warning_where_there_is_nothing_to_plan_and_no_length_where_none_is_enough(guide) -> None:
    assert warning(guide, Level.STAFF, (), 5, needed=3) == ""
    few = replace(guide, questions=tuple(q for q in guide.questions if q.id in ("system-designed", "demanding-piece")))
    assert warning(few, Level.STAFF, (Kind.CODING,), 45, needed=3) == ""
    assert warning(few, Level.STAFF, (Kind.DEEP_DIVE,), 45, needed=3).endswith(
        "More kinds of question would plan more."
    )


def test_why_there_is_no_verdict(guide) -> None:
    short = make_plan(guide, Level.STAFF, (Kind.SYSTEM_DESIGN,), 45, seed=1)
    assert no_verdict(short, 2, 3) == "A verdict needs 3 graded answers; this interview had 2 questions planned."
    long = make_plan(guide, Level.STAFF, (Kind.BEHAVIORAL,), 45, seed=1)
    assert no_verdict(long, 2, 3) == "2 of the 3 graded answers that a verdict needs."
