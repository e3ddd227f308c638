import pytest

from interviewer.grading.rating import Exchange, NotAssessed, Scope, Turn, Ungraded, Verdict
from interviewer.grading.scorecard import NOT_SEEN, overall, score, scorecard
from interviewer.guide.model import Kind, Level
from tests.helpers import grade

EXCHANGE = Exchange(Level.STAFF, Kind.BEHAVIORAL, "Q?", (Turn("candidate", "A reply."),))
ALL = {"thinks-strategically", "influences-across-teams", "navigates-ambiguity", "balances-short-long-term"}


@pytest.fixture
def rubric(guide):
    return guide.rubric(Level.STAFF, Kind.BEHAVIORAL, ("influences-across-teams",))


def at(rubric, position=0, **kwargs):
    return score(position, rubric, EXCHANGE, grade(**kwargs))


def test_nothing_shown_is_a_strong_no_hire_and_everything_a_strong_hire(rubric) -> None:
    nothing = dict.fromkeys((item.id for item in rubric.items()), 0)
    assert overall(grade(nothing, scope=Scope.BELOW, flags=["cannot-zoom"]), rubric) == 1
    assert overall(grade(dict.fromkeys(ALL, 3)), rubric) == 4


def test_better_ratings_never_lower_an_overall(rubric) -> None:
    for item in ALL:
        seen = [overall(grade({"communicates-clearly": 1, item: value}), rubric) for value in range(4)]
        assert seen == sorted(seen)


def test_flags_and_a_smaller_scope_never_raise_one(rubric) -> None:
    values = {"influences-across-teams": 2, "thinks-strategically": 2}
    plain = overall(grade(values), rubric)
    assert overall(grade(values, scope=Scope.BELOW), rubric) <= plain
    for flag in rubric.red_flags:
        assert overall(grade(values, flags=[flag.id]), rubric) <= plain


def test_a_fine_story_at_the_wrong_scope_is_a_no_hire_at_staff(rubric) -> None:
    assert overall(grade({"influences-across-teams": 1, "navigates-ambiguity": 2}, scope=Scope.BELOW), rubric) <= 2


def card_of(rubric, overalls, flags=()):
    """Return a card of exchanges whose grades come to these overalls."""
    made = []
    for position, wanted in enumerate(overalls):
        for a in range(4):
            for b in range(4):
                told = {"influences-across-teams": a, "thinks-strategically": b}
                g = grade(dict.fromkeys(ALL, 3) if wanted == 4 else told, flags=flags if position < 2 else ())
                if overall(g, rubric) == wanted:
                    break
            else:
                continue
            break
        made.append(score(position, rubric, EXCHANGE, g))
    assert [m.overall for m in made] == list(overalls)
    return scorecard(Level.STAFF, made)


@pytest.mark.parametrize(
    ("overalls", "expected"),
    [([3, 3, 3], 3), ([1, 2, 4], 2), ([2, 3, 3, 4], 3), ([1, 2, 3, 4], 2), ([4, 4, 1], 4)],
)
def test_the_verdict_is_the_lower_median(rubric, overalls, expected) -> None:
    assert card_of(rubric, overalls).overall == expected


def test_fewer_than_three_exchanges_say_nothing(rubric) -> None:
    card = card_of(rubric, [4, 4])
    assert card.overall is None
    assert card.verdict is None


def test_a_said_flag_in_two_exchanges_takes_the_verdict_one_step_down(rubric) -> None:
    card = card_of(rubric, [3, 3, 3], flags=["blames-others"])
    assert (card.overall, card.lowered) == (2, True)
    card = card_of(rubric, [3, 3, 3], flags=["no-trade-offs"])
    assert (card.overall, card.lowered) == (3, False)


def test_what_was_not_graded_enters_nothing(rubric) -> None:
    good = grade(dict.fromkeys(ALL, 3))
    outcomes = [good, NotAssessed("skipped"), Ungraded("the model was away"), None, good, good]
    card = scorecard(Level.STAFF, [score(i, rubric, EXCHANGE, o) for i, o in enumerate(outcomes)])
    assert card.assessed == 3
    assert card.overall == 4
    assert [one.overall for one in card.exchanges] == [4, None, None, None, 4, 4]


def test_an_item_without_a_rating_counts_neither_for_nor_against(guide) -> None:
    for kind in Kind:
        rubric = guide.rubric(Level.STAFF, kind)
        everything = [item.id for item in (*rubric.criteria, *rubric.probes)]
        top = {item.id: 2 for item in rubric.probes}
        strong = {item: top.get(item, 3) for item in everything}
        for item in everything:
            assert overall(grade({name: value for name, value in strong.items() if name != item}), rubric) == 4
            assert overall(grade({item: strong[item]}), rubric) == 4, "what was rated stands for the rest"
        assert overall(grade(dict.fromkeys(everything, 0)), rubric) == 1


def test_a_grade_on_nothing_that_counts_has_no_overall(guide, rubric) -> None:
    other = next(item.id for item in guide.look_fors if item.level is Level.SENIOR)
    for values in ({}, {"an-id-of-another-guide": 3}, {other: 3}):
        one = at(rubric, values=values)
        assert one.overall is None
        assert one.verdict is None
        assert scorecard(Level.STAFF, [one] * 3).assessed == 0


def test_a_rating_is_the_best_shown_in_any_exchange(rubric) -> None:
    card = scorecard(
        Level.STAFF, [at(rubric, n, values={"navigates-ambiguity": v}) for n, v in enumerate((1, 3, 2))]
    )  # fmt: skip
    assert card.best["navigates-ambiguity"].rating.value == 3
    assert card.best["navigates-ambiguity"].position == 1


def reading(guide, name, *grades, kind=Kind.BEHAVIORAL, level=Level.STAFF):
    rubric = guide.rubric(level, kind)
    exchange = Exchange(level, kind, "Q?", (Turn("candidate", "A reply."),))
    card = scorecard(level, [score(i, rubric, exchange, g) for i, g in enumerate(grades)], guide.aspects)
    return next(r.column for r in card.readings if r.aspect.name.lower() == name)


def test_the_level_read_out(guide) -> None:
    nothing = grade(dict.fromkeys((i.id for i in guide.look_fors), 0))
    assert reading(guide, "leadership", nothing) == NOT_SEEN
    assert reading(guide, "leadership", grade({"helps-others-grow": 2})) == "senior"
    assert reading(guide, "leadership", grade({"helps-others-grow": 1})) == "junior/mid"
    assert (
        reading(guide, "leadership", grade({"influences-across-teams": 3, "develops-senior-engineers": 2})) == "staff"
    )
    assert reading(guide, "ambiguity", grade({"navigates-ambiguity": 2})) == "staff"
    assert reading(guide, "ambiguity", grade({"navigates-ambiguity": 2}, flags=["cannot-handle-ambiguity"])) == "senior"
    assert reading(guide, "coding", grade({"navigates-ambiguity": 2})) == NOT_SEEN
    strong = grade(dict.fromkeys(("api-design-questions", "system-level-thinking"), 3))
    assert reading(guide, "coding", strong, kind=Kind.CODING) == "staff"
    depth = grade({"alternatives": 2, "trade-offs": 2})
    assert reading(guide, "system design", depth, kind=Kind.DEEP_DIVE, level=Level.SENIOR) == "senior"


def test_an_answer_with_nothing_concrete_reads_as_no_more_than_a_claim(guide) -> None:
    hollow = grade(
        dict.fromkeys((i.id for i in guide.look_fors), 0) | {"develops-senior-engineers": 2},
        scope=Scope.BELOW,
        flags=["cannot-zoom"],
    )
    assert reading(guide, "leadership", hollow) == "junior/mid"
    shown = grade({"develops-senior-engineers": 2, "influences-across-teams": 2})
    assert reading(guide, "leadership", hollow, shown) == "staff"


def test_scope_is_read_against_the_level(guide) -> None:
    told = dict.fromkeys((i.id for i in guide.look_fors), 2)
    assert reading(guide, "scope", grade(told)) == "staff"
    assert reading(guide, "scope", grade(told, scope=Scope.BELOW)) == "senior"
    assert reading(guide, "scope", grade(told), level=Level.SENIOR) == "senior"
    assert reading(guide, "scope", grade(told, scope=Scope.ABOVE), level=Level.SENIOR) == "staff"
    assert reading(guide, "scope") == NOT_SEEN


def test_verdicts_by_number() -> None:
    assert [Verdict.of(n).words for n in (1, 2, 3, 4)] == ["strong no hire", "no hire", "hire", "strong hire"]
