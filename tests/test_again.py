"""Answering again: a short interview of questions asked before, and how the attempts went."""

import pytest

from interviewer import cli
from interviewer.errors import InputError, UnknownInterview
from interviewer.guide.model import Kind, Level
from interviewer.interview.events import (
    Ask,
    CandidateReplied,
    InterviewerSpoke,
    InterviewStarted,
    Origin,
    ReplyGraded,
    StepChosen,
)
from interviewer.review.again import Attempts, answer, origin_of
from interviewer.service import Service, Setup
from interviewer.store import open_store
from interviewer.ui.again import attempts_page, history
from tests.helpers import NOTHING, Clock, NoPassages, PlainInterviewer, ScriptedGrader, grade

STORY = "I moved the ledger writes to a queue because month end locked the database."
BETTER = "I moved <the> ledger writes, took it to four teams, and failures fell from 3 % to 0.1 %."


@pytest.fixture
def house(guide, tmp_path):
    store = open_store(tmp_path)
    clock = Clock()

    def serve(sensor: ScriptedGrader) -> Service:
        return Service(guide, store, NoPassages, lambda: sensor, PlainInterviewer, lambda: sensor, clock=clock)

    class House:
        def __init__(self) -> None:
            self.service = serve(ScriptedGrader([NOTHING]))
            self.attempts = Attempts(self.service)

        def hold(self, *values: int, level=Level.STAFF, manner="neutral") -> str:
            """Hold an interview of as many questions, graded so; each is answered once."""
            setup = Setup(level, (Kind.BEHAVIORAL,), 7 * len(values), seed=1, manner=manner)
            return self.answer(self.service.start(setup), values)

        def answer(self, interview, values, text=STORY) -> str:
            # A service remembers how it read an answer, and the same words are to be graded otherwise here.
            sensor = ScriptedGrader([])
            service = serve(sensor)
            "".join(service.resume(interview))
            for value in values:
                place = len(service.interview(interview).asked)
                while len((state := service.interview(interview)).asked) == place and not state.closed:
                    sensor.values = [value] * 9
                    "".join(service.reply(interview, text))
            "".join(service.finish(interview))
            clock.forward(minutes=1)
            return interview

        def state(self, interview):
            return self.service.interview(interview)

    yield House()
    store.close()


# -- beginning -------------------------------------------------------------------------------------------------------


def test_answering_again_is_a_short_practice_interview_of_that_question(house) -> None:
    first = house.hold(1, 3, 3, manner="tough")
    asked = house.state(first).asked[1].ask
    again = house.state(house.attempts.begin([Origin(first, 1)]))
    plan = again.plan
    assert [(q.id, q.text, q.aims) for q in plan.questions] == [(asked.question, asked.text, asked.aims)]
    assert (plan.level, plan.manner, plan.practice, plan.minutes) == (Level.STAFF, "tough", True, 7)
    assert plan.again == (Origin(first, 1),)
    assert origin_of(again, 0) == Origin(first, 1)
    assert again.asked[0].ask.question == asked.question


def test_as_many_probes_are_asked_as_the_first_time(house) -> None:
    first = house.hold(1)
    again = house.answer(house.attempts.begin([Origin(first, 0)]), [1])
    assert len(house.state(again).asked[0].probed) == len(house.state(first).asked[0].probed) == 2


def test_the_old_answer_is_the_draft_when_it_is_to_be_edited(house) -> None:
    first = house.hold(1)
    said = [turn.text for turn in house.state(first).asked[0].turns if turn.speaker == "candidate"]
    assert len(said) == 3
    edited = house.attempts.begin([Origin(first, 0)], edit=True)
    assert house.service.draft(edited) == "\n\n".join(said) == answer(house.state(first).asked[0])
    assert house.service.draft(house.attempts.begin([Origin(first, 0)])) == ""


def test_what_is_not_there_is_not_begun(house) -> None:
    first = house.hold(3)
    before = len(house.service.store.rows())
    with pytest.raises(InputError, match="no question 5; it has 1"):
        house.attempts.begin([Origin(first, 4)])
    with pytest.raises(UnknownInterview):
        house.attempts.begin([Origin("nowhere", 0)])
    with pytest.raises(InputError, match="no graded answer"):
        house.attempts.begin([])
    assert len(house.service.store.rows()) == before


def test_the_weakest_come_first(house) -> None:
    first = house.hold(3, 1, 2, 0)
    assert house.attempts.weakest(3, first) == [Origin(first, 3), Origin(first, 1), Origin(first, 2)]
    interview = house.attempts.begin(house.attempts.weakest(3, first))
    asked = house.state(first).asked
    assert [q.id for q in house.state(interview).plan.questions] == [asked[n].ask.question for n in (3, 1, 2)]


def test_over_the_library_only_the_newest_attempt_counts_and_one_level(house) -> None:
    first = house.hold(0, 1, 3)
    senior = house.hold(0, level=Level.SENIOR)
    house.answer(house.attempts.begin([Origin(first, 0)]), [3])
    found = house.attempts.weakest(3)
    assert found[0] == Origin(first, 1)
    assert Origin(first, 0) not in found
    assert all(origin.interview != senior for origin in found)
    assert house.attempts.weakest(3, level=Level.SENIOR) == [Origin(senior, 0)]


def test_what_has_no_grade_is_not_among_the_weakest(house) -> None:
    first = house.service.start(Setup(Level.STAFF, (Kind.BEHAVIORAL,), 14, seed=1))
    "".join(house.service.resume(first))
    "".join(house.service.reply(first, "Let's skip this question."))
    assert house.attempts.weakest(3, first) == []
    assert house.attempts.weakest(3) == []


# -- looking back ----------------------------------------------------------------------------------------------------


def test_attempts_form_a_history_across_interviews(house) -> None:
    first = house.hold(1, 3)
    second = house.answer(house.attempts.begin([Origin(first, 0)]), [2])
    third = house.answer(house.attempts.begin([Origin(second, 0)]), [3])
    for interview, exchange in ((first, 0), (second, 0), (third, 0)):
        found = house.attempts.of(interview, exchange)
        assert [one.interview for one in found] == [first, second, third]
        assert [one.scored.overall for one in found] == [2, 3, 4]
    assert [one.interview for one in house.attempts.of(first, 1)] == [first]
    shown = history(house.attempts.of(third, 0), Origin(third, 0))
    assert "1 → 2 → 3" in shown
    assert "No hire at staff" in shown
    assert shown.count("(in view)") == 1


def test_a_later_attempt_is_seen_though_the_library_was_looked_through_before(house) -> None:
    first = house.hold(1, 3)
    assert len(house.attempts.of(first, 0)) == 1
    open_one = house.attempts.begin([Origin(first, 0)])
    assert len(house.attempts.of(first, 0)) == 1  # not answered yet
    house.answer(open_one, [2])
    assert len(house.attempts.of(first, 0)) == 2


def test_an_imported_question_is_known_by_its_words(house) -> None:
    first = house.hold(1)
    plan, ask = house.state(first).plan, house.state(first).asked[0].ask
    there = Ask("elsewhere-7", f"  {ask.text.upper()}", ask.kind, (), "", 1)
    started = InterviewStarted(plan, "other", "x", "x", "1", imported="mine.md")
    imported = house.service.store.create(started)
    house.service.store.append(
        imported,
        StepChosen(there),
        InterviewerSpoke(ask.text),
        CandidateReplied(STORY),
        ReplyGraded(0, 1, grade({"thinks-strategically": 2})),
    )
    assert {one.interview for one in house.attempts.of(first, 0)} == {first, imported}


def test_old_and_new_stand_side_by_side(house) -> None:
    first = house.hold(1, 3)
    second = house.answer(house.attempts.begin([Origin(first, 0), Origin(first, 1)]), [3, 2], BETTER)
    pairs = house.attempts.compared(second)
    assert [(before.interview, now.interview) for before, now in pairs] == [(first, second)] * 2
    page = attempts_page(house.service, second)
    one, two = page.split("<section>")[1:]
    assert "Better than before" in one
    assert "Not as good as before" not in one
    assert "Not as good as before" in two
    assert STORY in one
    assert "ed &#60;the&#62; ledger" in one
    assert "<the>" not in page
    assert attempts_page(house.service, first) is None


def test_an_attempt_without_a_grade_is_not_counted_as_worse(house) -> None:
    first = house.hold(1)
    second = house.attempts.begin([Origin(first, 0)])
    "".join(house.service.resume(second))
    "".join(house.service.reply(second, STORY))
    page = attempts_page(house.service, second)
    assert "Not assessed: Nothing was said that could be rated." in page
    assert "Not as good" not in page


def test_an_answer_is_compared_with_the_one_to_the_same_question(house) -> None:
    first = house.hold(1, 3, 2)
    asked = house.state(first).asked
    second = house.attempts.begin([Origin(first, place) for place in range(3)])
    "".join(house.service.resume(second))
    "".join(house.service.reply(second, "Can we come back to this later?"))
    house.answer(second, [2, 2, 2])
    again = house.state(second)
    order = [1, 2, 0]
    assert [one.ask.question for one in again.asked] == [asked[n].ask.question for n in (0, *order)]
    assert [origin_of(again, place) for place in range(4)] == [Origin(first, n) for n in (0, *order)]
    pairs = house.attempts.compared(second)
    assert [(before.origin.exchange, now.origin.exchange) for before, now in pairs] == [(1, 1), (2, 2), (0, 3)]
    at = [next(said.at for said in again.said if said.exchange == place) for place in (1, 2, 3)]
    assert [now.at for _, now in pairs] == at
    assert [one.origin for one in house.attempts.of(first, 0)] == [Origin(first, 0), Origin(second, 3)]
    third = house.attempts.begin([Origin(second, 0)], edit=True)
    assert house.state(third).plan.again == (Origin(second, 3),), "what was put off is answered further down"
    assert STORY in house.service.draft(third)


def test_questions_that_old_imports_only_counted_are_not_one_for_their_number(house) -> None:
    first = house.hold(1)
    plan = house.state(first).plan
    made = []
    for text in ("What went wrong?", "What went well?", "what went  WRONG?"):
        one = house.service.store.create(InterviewStarted(plan, "other", "x", "x", "1", imported="mine.md"))
        ask = Ask("imported-1", text, Kind.BEHAVIORAL, (), "", 1)
        house.service.store.append(one, StepChosen(ask), InterviewerSpoke(text), CandidateReplied(STORY))
        made.append(one)
    assert {one.interview for one in house.attempts.of(made[0], 0)} == {made[0], made[2]}
    again = house.state(house.attempts.begin([Origin(made[0], 0), Origin(made[1], 0)]))
    assert origin_of(again, 0) == Origin(made[0], 0)


def test_a_deleted_origin_is_left_out(house) -> None:
    first = house.hold(1)
    second = house.answer(house.attempts.begin([Origin(first, 0)]), [3])
    house.service.delete(first)
    assert house.attempts.compared(second) == []
    assert [one.interview for one in house.attempts.of(second, 0)] == [second]


# -- the command -----------------------------------------------------------------------------------------------------


@pytest.fixture
def kept(guide, tmp_path):
    """A staff interview of two graded answers in the data folder that the command uses."""
    store = open_store(tmp_path / "data")
    sensor = ScriptedGrader([3, 3])
    service = Service(guide, store, NoPassages, lambda: sensor, PlainInterviewer, lambda: sensor)
    interview = service.start(Setup(Level.STAFF, (Kind.BEHAVIORAL,), 14, seed=1))
    "".join(service.resume(interview))
    for _ in range(2):
        "".join(service.reply(interview, STORY))
    yield interview, service
    store.close()


def test_the_command_asks_again_and_shows_before_and_now(kept, capsys, monkeypatch) -> None:
    interview, service = kept
    monkeypatch.setattr("sys.stdin", iter([STORY + "\n", "\n", "/end\n"]))
    assert cli.main(["again", interview, "2"]) == 0
    out = capsys.readouterr().out
    question = service.interview(interview).asked[1].ask.text
    assert question in out
    assert f"== before and now: {question}" in out
    assert "worse: " in out
    (newest, *_) = service.store.rows()
    assert service.interview(newest.id).plan.again == (Origin(interview, 1),)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ([], "Say what to answer again"),
        (["nowhere"], "There is no interview 'nowhere'"),
        (["--weakest", "0"], "--weakest takes a number of answers from 1"),
        (["--weakest", "3"], "There is no graded answer to give again"),
    ],
)
def test_the_command_says_in_a_sentence_what_it_needs(capsys, more, said) -> None:
    assert cli.main(["again", *more]) == 2
    assert said in capsys.readouterr().err


def test_the_command_takes_a_number_or_the_weakest(kept, capsys) -> None:
    assert cli.main(["again", kept[0], "9"]) == 2
    assert "has no question 9" in capsys.readouterr().err
    assert cli.main(["again", kept[0], "1", "--weakest", "2"]) == 2
    assert "not both" in capsys.readouterr().err
