"""Progress, stories, the study plan and people's ratings: from kept interviews to what is shown of them."""

import json
import random
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from interviewer.bench.calibration import PAIRS, load
from interviewer.cli import main
from interviewer.embedding import load_encoder
from interviewer.errors import InputError
from interviewer.grading.rating import Exchange, Scope, Turn
from interviewer.grading.scorecard import score
from interviewer.grading.sentences import sentences
from interviewer.guide.model import Budget, Kind, Level
from interviewer.review import people
from interviewer.review.again import Attempts
from interviewer.review.past import Past, graded
from interviewer.review.progress import courses, interval, share
from interviewer.review.stories import PARTS, SAME, likeness, star, stories, without_story
from interviewer.review.study import exercise_plan, study_plan
from interviewer.service import Service, Setup
from interviewer.settings import ROOT
from interviewer.store import open_store
from tests.helpers import START, Clock, NoPassages, PlainInterviewer, ScriptedGrader, grade

STORY = (
    "Month end locked our ledger database for six hours every time. I was asked to make that stop before the audit. "
    "I moved the writes to a queue and paired with two juniors on the consumers. Month end now takes forty minutes."
)
RETOLD = (
    "There was this database lock whenever the books were closed, a whole working day nearly. My job was to get rid of "
    "it ahead of the auditors. I put a queue before the ledger's writes and built the consumers with two juniors. "
    "Closing the month went down to under an hour."
)
OTHER = (
    "Three mobile teams each had their own release train. I wrote a proposal for one train, went to every lead, and "
    "gave up our own Friday slot for it. Since then all three ship together every second week."
)


def past(guide, values, *, n=0, aims=None, level=Level.SENIOR, kind=Kind.BEHAVIORAL, said=STORY, flags=()):
    """Return one graded exchange, `n` days after the first."""
    question = next(q for q in guide.questions if q.kind is kind and q.level in (level, None))
    rubric = guide.rubric(level, kind, question.aims if aims is None else tuple(aims))
    exchange = Exchange(level, kind, question.text, (Turn("candidate", said),))
    given = grade(values, flags=flags)
    return Past(f"i{n}", START + timedelta(days=n), question.id, score(0, rubric, exchange, given), given)


# -- over time -------------------------------------------------------------------------------------------------------


def test_a_course_counts_answers_that_aimed_at_the_item_and_those_only(guide) -> None:
    told = [
        past(guide, {"takes-ownership": 1, "helps-others-grow": 0}, n=1, aims=["takes-ownership"]),
        past(guide, {"takes-ownership": 3, "helps-others-grow": 2}, n=2, aims=["takes-ownership", "helps-others-grow"]),
        past(guide, {"takes-ownership": 0}, n=3, aims=["helps-others-grow"]),
        past(guide, {"takes-ownership": 2}, n=4, aims=["takes-ownership"], level=Level.STAFF),
    ]
    found = {one.item.id: one for one in courses(told, guide, Level.SENIOR)}
    assert [p.value for p in found["takes-ownership"].points] == [1, 3]
    assert [p.value for p in found["helps-others-grow"].points] == [2]
    assert found["takes-ownership"].mean is None, "two answers are too few for a mean"
    assert "thinks-strategically" not in found


def test_a_flag_that_nobody_looked_for_is_no_point_of_its_course(guide) -> None:
    told = [
        past(guide, {"takes-ownership": 2}, n=1, aims=["takes-ownership"]),
        past(guide, {"helps-others-grow": 2}, n=2, aims=["helps-others-grow"]),
    ]
    found = {one.item.id: one for one in courses(told, guide, Level.SENIOR)}
    assert len(found["no-influence-examples"].points) == 1
    assert len(found["blames-others"].points) == 2


def test_means_come_with_their_uncertainty(guide) -> None:
    item = guide.item("takes-ownership")
    mean, low, high = interval([1, 2, 3], item)
    assert mean == 2
    assert low == 0, "three answers a step apart: t(2) = 4.30, so 2 - 2.48 is off the scale"
    assert high == 3
    mean, low, high = interval([2] * 10, item)
    assert low == pytest.approx(2 - 2.26 * 0.5 / 10**0.5)
    assert high == pytest.approx(2 + 2.26 * 0.5 / 10**0.5)
    assert interval([2, 2], item) == (None, None, None)


def test_shares_of_red_flags_come_with_wilsons_interval() -> None:
    p, low, high = share([1, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    assert (p, round(low, 3), round(high, 3)) == (0.1, 0.018, 0.404)
    assert share([0, 0, 0])[1] == 0
    assert share([1, 0]) == (None, None, None)


def test_first_and_last_are_told_apart_only_from_six_answers_on(guide) -> None:
    told = [
        past(guide, {"takes-ownership": v}, n=n, aims=["takes-ownership"]) for n, v in enumerate([0, 1, 1, 2, 3, 3])
    ]
    (course,) = [c for c in courses(told, guide, Level.SENIOR) if c.item.id == "takes-ownership"]
    assert course.first == pytest.approx(2 / 3)
    assert course.last == pytest.approx(8 / 3)
    (course,) = [c for c in courses(told[:5], guide, Level.SENIOR) if c.item.id == "takes-ownership"]
    assert course.first is None


# -- stories ---------------------------------------------------------------------------------------------------------


def test_a_story_is_found_again_by_meaning(guide) -> None:
    told = [
        past(guide, {"takes-ownership": 2, "helps-others-grow": 1}, n=1),
        past(guide, {"influences-across-teams": 3}, n=2, said=OTHER),
        past(guide, {"takes-ownership": 3, "helps-others-grow": 1}, n=3, said=RETOLD),
        past(guide, {"takes-ownership": 3}, n=4, said="I have no example.", kind=Kind.BEHAVIORAL),
        past(guide, {"takes-ownership": 3}, n=5, kind=Kind.SYSTEM_DESIGN),
    ]
    found = stories(told, load_encoder().encode, guide)
    assert [[t.past.interview for t in story.tellings] for story in found] == [["i1", "i3"], ["i2"]]
    assert found[0].shown == {"takes-ownership": 3}
    assert found[0].claimed == ("helps-others-grow",)
    assert not found[0].missing
    lacking = {item.id for item in without_story(found, guide, Level.SENIOR)}
    assert "takes-ownership" not in lacking
    assert "helps-others-grow" in lacking


def test_paraphrases_are_one_story_and_other_replies_are_not() -> None:
    encoder = load_encoder()
    labelled = {one.id: one for one in load()}

    def vectors(text):
        return encoder.encode([s.text for s in sentences((text,))])

    pairs = [json.loads(line) for line in PAIRS.read_text().splitlines()]
    same = []
    for pair in pairs:
        if pair["change"] == "paraphrased":
            base = " ".join(labelled[pair["base"]].exchange.replies)
            same.append(likeness(vectors(base), vectors(pair["reply"])))
    assert min(same) > SAME
    some = [vectors(" ".join(labelled[one].exchange.replies)) for one in random.Random(1).sample(sorted(labelled), 60)]
    other = [likeness(a, b) for n, a in enumerate(some) for b in some[:n]]
    assert np.mean(np.array(other) >= SAME) <= 0.001


@pytest.mark.parametrize(
    ("told", "there"),
    [
        (STORY, set(PARTS)),
        (OTHER, {"situation", "own action", "result"}),
        ("I think it went well. The page went from 300 ms to 90 ms.", {"result"}),
        ("The deploys were failing daily. I was asked to fix them.", {"situation", "task"}),
        ("I rewrote the scheduler. I taught two people how it works.", {"own action"}),
        ("I think I would talk to people first. I believe in ownership.", set()),
    ],
)
def test_the_parts_of_a_story(told, there) -> None:
    parts = star([s.text for s in sentences((told,))])
    assert {part for part, sentence in parts.items() if sentence} == there
    assert all(sentence in told for sentence in parts.values())


def test_the_parts_agree_with_a_readers_labels() -> None:
    """The rules were written on every other of these replies; the rest say how far they can be trusted."""
    labelled = {one.id: one for one in load()}
    lines = [json.loads(line) for line in (ROOT / "tests" / "stories.jsonl").read_text().splitlines()]
    right = 0
    for line in lines[1::2]:
        parts = star([s.text for s in sentences(labelled[line["id"]].exchange.replies)])
        right += sum(bool(parts[part]) == (part in line["parts"]) for part in PARTS)
    assert right / (len(lines[1::2]) * len(PARTS)) >= 0.70


# -- the study plan --------------------------------------------------------------------------------------------------


def test_the_plan_is_for_what_was_weakest_and_says_when_it_is_done(guide) -> None:
    strong = {item.id: 3 for item in guide.look_fors}
    told = [past(guide, strong | {"communicates-clearly": 0}, n=n, aims=strong) for n in range(4)]
    plan = study_plan(told, [], guide, Level.SENIOR)
    assert plan[0].item.id == "communicates-clearly"
    assert plan[0].advice == next(a.text for a in guide.advice if "communicates-clearly" in a.aims)
    assert "0, 0, 0, 0 of 3" in plan[0].why
    assert "shown" in plan[0].success
    assert "communicates-clearly" in plan[0].question.aims
    assert len({one.item.id for one in plan}) == len(plan) <= 3
    again = exercise_plan(plan[0], guide, Level.SENIOR, seed=5)
    assert [q.id for q in again.questions] == [plan[0].question.id]
    assert again.practice
    slow = replace(guide, budgets={kind: Budget(probes=1, minutes=500) for kind in Kind})
    assert exercise_plan(plan[0], slow, Level.SENIOR, seed=5).minutes == 120


def test_a_flag_that_was_raised_is_an_exercise_and_a_thin_story_is_named(guide) -> None:
    strong = {item.id: 3 for item in guide.look_fors} | {"helps-others-grow": 1}
    told = [past(guide, strong, n=n, aims=strong, flags=["no-mention-of-team"]) for n in range(3)]
    found = stories(told, load_encoder().encode, guide)
    plan = {one.item.id: one for one in study_plan(told, found, guide, Level.SENIOR)}
    assert "Raised in 3 of your last 3" in plan["no-mention-of-team"].why
    assert found[0].title in plan["helps-others-grow"].task


def test_the_plan_does_not_ask_the_same_question_again_while_there_are_others(guide) -> None:
    weak = {item.id: 0 for item in guide.look_fors}
    asked = []
    told = []
    for n in range(4):
        plan = study_plan(told, [], guide, Level.STAFF)
        asked.append(plan[0].question.id)
        one = past(guide, weak, n=n, aims=weak, level=Level.STAFF)
        told.append(Past(one.interview, one.at, plan[0].question.id, one.scored, one.grade))
    assert len(set(asked)) > 1


# -- people rate -----------------------------------------------------------------------------------------------------


@pytest.fixture
def house(guide, tmp_path):
    """A service with one closed interview of graded answers, each item at 2."""
    store = open_store(tmp_path)
    clock, sensor = Clock(), ScriptedGrader([2] * 40)
    service = Service(guide, store, NoPassages, lambda: sensor, PlainInterviewer, lambda: sensor, clock=clock)
    interview = service.start(Setup(Level.SENIOR, (Kind.BEHAVIORAL,), 45, seed=1))
    list(service.resume(interview))
    while not service.interview(interview).closed:
        list(service.reply(interview, STORY))
    yield service, interview
    store.close()


def test_ones_own_rating_stands_beside_the_grade_and_changes_nothing(house) -> None:
    service, interview = house
    before = service.scorecard(interview)
    people.rate(service, interview, 0, people.Form("self", values={"takes-ownership": 3}, overall=4, blind=True))
    assert service.scorecard(interview) == before
    (gap,) = people.gaps(service)
    assert (gap.own, gap.given, gap.items) == (4, before.exchanges[0].overall, (("takes-ownership", 3, 2),))
    people.rate(service, interview, 0, people.Form("self", overall=1))
    assert [gap.own for gap in people.gaps(service)] == [1], "the newest counts, both are kept"
    assert len(service.interview(interview).rated) == 2


def test_raters_are_compared_with_each_other_and_with_the_grade(house, guide) -> None:
    service, interview = house
    values = {item.id: 2 for item in guide.look_fors}
    for exchange in range(3):
        people.rate(service, interview, exchange, people.Form("coach", "Ana", values, blind=True))
        people.rate(service, interview, exchange, people.Form("coach", "Bo", values | {"takes-ownership": 0}))
    found = {(one.one, one.other): one for one in people.agreements(service)}
    assert set(found) == {("Ana", "Bo"), ("Ana", people.ENGINE), ("Bo", people.ENGINE)}
    ana = found["Ana", people.ENGINE]
    assert (ana.exchanges, ana.items, ana.same, ana.within_one, ana.blind) == (3, 27, 1.0, 1.0, 3)
    bo = found["Bo", people.ENGINE]
    assert bo.same == pytest.approx(24 / 27)
    assert bo.within_one == pytest.approx(24 / 27)
    assert bo.blind == 0
    assert bo.kappa is None, "the grade has one value throughout: a kappa would say nothing"


def test_a_coach_of_any_name_is_not_taken_for_oneself_or_the_grade(house) -> None:
    service, interview = house
    people.rate(service, interview, 0, people.Form("self", overall=2))
    for name in (people.YOU, people.ENGINE):
        people.rate(service, interview, 0, people.Form("coach", name, overall=4))
    assert [gap.own for gap in people.gaps(service)] == [2]
    names = sorted((one.one, one.other) for one in people.agreements(service))
    assert len(names) == 6, "four raters, each with each"
    assert (people.ENGINE, people.ENGINE) in names
    assert (people.YOU, people.YOU) in names


def test_a_rating_of_an_answer_that_has_grown_since_is_not_one_of_the_whole(guide, tmp_path) -> None:
    store = open_store(tmp_path)
    sensor = ScriptedGrader([1] * 9)
    service = Service(guide, store, NoPassages, lambda: sensor, PlainInterviewer, lambda: sensor)
    interview = service.start(Setup(Level.SENIOR, (Kind.BEHAVIORAL,), 45, seed=1))
    list(service.resume(interview))
    list(service.reply(interview, STORY))
    people.rate(service, interview, 0, people.Form("self", overall=3))
    assert len(people.gaps(service)) == len(people.agreements(service)) == 1
    list(service.reply(interview, OTHER))
    assert service.interview(interview).asked[0].replies == 2
    assert people.gaps(service) == people.agreements(service) == []
    store.close()


def test_what_cannot_be_read_does_not_hide_the_rest(house, monkeypatch, caplog) -> None:
    service, whole = house
    people.rate(service, whole, 0, people.Form("self", overall=3))
    broken, gone = (service.start(Setup(seed=1)) for _ in range(2))
    rows = service.store.rows()
    service.delete(gone)
    monkeypatch.setattr(service.store, "rows", lambda: rows)
    events = service.store.events
    monkeypatch.setattr(service.store, "events", lambda i: events(i)[1:] if i == broken else events(i))
    assert {one.interview for one in graded(service)} == {whole}
    assert len(people.gaps(service)) == len(people.agreements(service)) == 1
    assert [one.interview for one in Attempts(service).of(whole, 0)] == [whole]
    assert f"{broken} is left out: an interview begins with" in caplog.text
    assert f"{gone} is left out" in caplog.text


@pytest.mark.parametrize(
    ("form", "word"),
    [
        (people.Form("self"), "Nothing was rated"),
        (people.Form("self", values={"no-such": 1}), "no-such"),
        (people.Form("self", values={"takes-ownership": 4}), "0 to 3, not 4"),
        (people.Form("self", overall=5), "1 to 4, not 5"),
    ],
)
def test_a_rating_off_the_scale_is_refused(house, form, word) -> None:
    service, interview = house
    with pytest.raises(InputError, match=word):
        people.rate(service, interview, 0, form)
    assert not service.interview(interview).rated


def test_a_question_that_was_not_answered_cannot_be_rated(house) -> None:
    service, interview = house
    with pytest.raises(InputError, match="no answer"):
        people.rate(service, interview, 99, people.Form("self", overall=2, scope=Scope.BELOW))


def test_an_objection_is_kept_with_its_reason(house) -> None:
    service, interview = house
    people.dispute(service, interview, 0, "takes-ownership", 3, "I named the outcome.")
    people.dispute(service, interview, 0, "blames-others", 1, "Listen to the second sentence.")
    kept = service.interview(interview).disputed
    assert [(one.item, one.value) for one in kept] == [("takes-ownership", 3), ("blames-others", 1)]
    for args in [("takes-ownership", 4, "why"), ("no-such", 1, "why"), ("takes-ownership", 1, "  ")]:
        with pytest.raises(InputError):
            people.dispute(service, interview, 0, *args)
    with pytest.raises(InputError, match="no grade"):
        people.dispute(service, interview, 50, "takes-ownership", 1, "why")
    assert len(service.interview(interview).disputed) == 2


# -- the command -----------------------------------------------------------------------------------------------------


def test_past_exchanges_come_oldest_first(house) -> None:
    service, interview = house
    found = graded(service)
    assert [one.position for one in found] == list(range(len(service.interview(interview).asked)))
    assert {one.interview for one in found} == {interview}


def test_progress_on_the_command_line(capsys, tmp_path) -> None:
    assert main(["progress"]) == 0
    assert "Nothing graded yet" in capsys.readouterr().out
    assert main(["progress", "--level", "junior"]) == 2
    assert "'junior'" in capsys.readouterr().err
    assert main(["progress", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["stories"] == []
