import threading
from dataclasses import replace

import pytest

from interviewer.engines.protocols import Graded, Usage
from interviewer.errors import ConfigError, InputError, UnknownInterview
from interviewer.grading.rating import Grade, NotAssessed, Ungraded
from interviewer.guide.model import Kind, Level
from interviewer.interview.events import Probe
from interviewer.service import Engines, Service, Setup, clean
from interviewer.store import open_store
from tests.helpers import Clock, NoPassages, PlainInterviewer, ScriptedGrader, grade

SETUP = Setup(Level.STAFF, (Kind.BEHAVIORAL,), 45, seed=1)
STORY = "I moved the ledger writes to a queue because month end locked the database."


class House:
    """A service with everything in it scripted but the store."""

    def __init__(self, guide, tmp_path, readings=(), grader=None, **kwargs) -> None:
        self.store = open_store(tmp_path)
        self.clock = Clock()
        self.voice = PlainInterviewer()
        self.sensor = ScriptedGrader(readings)
        names = ("embedded", "openai:x" if grader else "embedded")
        self.service = Service(
            guide, self.store, NoPassages, lambda: self.sensor, lambda: self.voice, lambda: grader or self.sensor,
            names=names, clock=self.clock, **kwargs,
        )  # fmt: skip

    def start(self, setup=SETUP):
        interview = self.service.start(setup)
        return interview, "".join(self.service.resume(interview))

    def say(self, interview, text):
        return "".join(self.service.reply(interview, text))


@pytest.fixture
def house(guide, tmp_path):
    made = []

    def make(*args, **kwargs):
        made.append(House(guide, tmp_path / str(len(made)), *args, **kwargs))
        return made[-1]

    yield make
    for one in made:
        one.store.close()


def test_a_whole_interview(house, guide) -> None:
    h = house([0, 3, 3, 3, 3, 3, 3, 3])
    interview, first = h.start()
    assert first == f"ask: {guide.question(h.service.interview(interview).asked[0].ask.question).text}"
    assert h.say(interview, "Something vague.").startswith("probe: ")
    assert h.say(interview, STORY).startswith("ask: ")
    while not h.service.interview(interview).closed:
        h.say(interview, STORY)
    state = h.service.interview(interview)
    assert state.closed.because == "done"
    assert len(state.asked) == len(state.plan.questions)
    card = h.service.scorecard(interview)
    assert card.assessed == len(state.asked)
    assert card.overall == 4


class Killed(BaseException):
    """What ends a process: nothing in the program catches it."""


def killed(*_):
    raise Killed


def test_a_reply_is_committed_before_anything_else(house) -> None:
    h = house()
    interview, _ = h.start()
    h.sensor.grade = killed
    with pytest.raises(Killed):
        h.service.reply(interview, STORY)
    assert h.service.interview(interview).said[-1].text == STORY
    assert h.service.interview(interview).owed


def test_after_a_crash_the_interview_goes_on_where_it_was(house, guide, tmp_path) -> None:
    h = house([1, 1])
    interview, _ = h.start()
    broken = h.service._sensor
    h.service._sensor = killed
    with pytest.raises(Killed):
        h.service.reply(interview, STORY)
    h.service._sensor = broken
    assert "".join(h.service.resume(interview)).startswith("probe: ")
    assert "".join(h.service.resume(interview)) == ""


def test_an_interview_is_stored_with_its_first_question_or_not_at_all(house, monkeypatch) -> None:
    h = house()
    monkeypatch.setattr(h.store, "append", killed)  # a second transaction that does not come
    interview = h.service.start(SETUP)
    assert h.service.interview(interview).waiting


def test_a_sensor_that_breaks_is_a_grading_that_failed_wherever_it_is_asked(house, caplog) -> None:
    h = house([3])
    broken = h.service._sensor

    def fault():
        raise RuntimeError("boom")

    h.service._sensor = fault
    interview, _ = h.start()
    assert h.say(interview, STORY).startswith("ask: ")  # nothing is known to be missing, so it goes on
    h.service.take(interview, STORY)
    "".join(h.service.finish(interview))
    for asked in h.service.interview(interview).asked:
        assert "fault of the program" in asked.assessment.reason
    assert "boom" in caplog.text
    h.service.retry_grading(interview, 0)
    assert isinstance(h.service.interview(interview).asked[0].assessment, Ungraded)
    h.service._sensor = broken
    h.service.retry_grading(interview, 0)
    assert isinstance(h.service.interview(interview).asked[0].assessment, Grade)


def test_a_closed_tab_keeps_what_was_shown_and_locks_nothing(house) -> None:
    h = house([0, 0])
    interview, _ = h.start()
    words = h.service.reply(interview, "Something vague.")
    shown = next(words)
    words.close()
    last = h.service.interview(interview).said[-1]
    assert last.text == shown.strip()
    assert last.interrupted
    assert h.say(interview, "More of it.")


def test_a_step_that_was_never_shown_is_spoken_on_resume(house) -> None:
    h = house([0])
    interview, _ = h.start()
    h.service.reply(interview, "Something vague.")  # never read
    assert h.service.interview(interview).waiting
    with pytest.raises(InputError, match="about to speak"):
        h.service.reply(interview, "Too early.")
    assert "".join(h.service.resume(interview)).startswith("probe: ")


def test_two_windows_do_not_say_a_step_twice(house) -> None:
    h = house([0])
    interview, _ = h.start()
    one = h.service.reply(interview, "Something vague.")
    two = h.service.resume(interview)
    assert "".join(one) == "".join(two)
    assert sum(s.text.startswith("probe") for s in h.service.interview(interview).said) == 1


def test_withdraw_gives_the_text_back_until_the_next_question(house) -> None:
    h = house([0, 3, 3])
    interview, _ = h.start()
    h.say(interview, "Something vague.")
    assert h.service.withdraw(interview) == "Something vague."
    assert h.service.draft(interview) == "Something vague."
    assert len(h.service.interview(interview).said) == 1
    assert h.say(interview, STORY).startswith("ask: ")
    with pytest.raises(InputError, match="next question"):
        h.service.withdraw(interview)


def test_the_clock_stops_while_paused(house) -> None:
    h = house([0])
    interview, _ = h.start()
    h.clock.forward(minutes=5)
    h.service.pause(interview)
    h.clock.forward(hours=3)
    with pytest.raises(InputError, match="paused"):
        h.service.reply(interview, STORY)
    h.service.unpause(interview)
    h.clock.forward(minutes=1)
    assert h.service.interview(interview).seconds_used(h.clock()) == 360


def test_time_runs_out(house) -> None:
    h = house([0])
    interview, _ = h.start()
    h.clock.forward(minutes=46)
    assert h.say(interview, STORY) == "close: time"
    assert h.service.interview(interview).closed.because == "time"


def test_finish_early_grades_what_was_said(house) -> None:
    h = house([2])
    interview, _ = h.start()
    h.say(interview, STORY)
    assert "".join(h.service.finish(interview)) == "close: stopped"
    assert "".join(h.service.finish(interview)) == ""
    card = h.service.scorecard(interview)
    assert isinstance(card.exchanges[0].assessment, Grade)
    assert card.overall is None
    with pytest.raises(InputError, match="over"):
        h.service.reply(interview, "one more")


def test_skipped_questions_are_not_assessed(house) -> None:
    h = house([])
    interview, _ = h.start()
    h.say(interview, "skip")
    assert isinstance(h.service.scorecard(interview).exchanges[0].assessment, NotAssessed)


def test_no_example_is_an_answer_and_is_rated(house) -> None:
    h = house([0])
    interview, _ = h.start()
    h.say(interview, "I have no example of that.")
    assert isinstance(h.service.scorecard(interview).exchanges[0].assessment, Grade)


def test_over_long_and_odd_input(house) -> None:
    h = house([0, 0], max_reply_chars=100)
    interview, _ = h.start()
    with pytest.raises(InputError, match="at most 100"):
        h.service.reply(interview, "x" * 101)
    assert len(h.service.interview(interview).said) == 1
    h.say(interview, "one\0two \ud800 three")
    assert h.service.interview(interview).said[1].text == "onetwo ? three"
    with pytest.raises(UnknownInterview):
        h.service.reply("nope", "hello")


def test_code_keeps_its_indentation() -> None:
    assert clean("\n\ndef f(x):\n    return x\n\n") == "def f(x):\n    return x"


def test_a_model_grades_beside_the_stream_and_failures_can_be_retried(house) -> None:
    grader = ScriptedGrader([Ungraded("half a JSON"), 3])
    h = house([3, 3, 3], grader=grader)
    interview, _ = h.start()
    h.say(interview, STORY)
    assert h.service.wait_for_grades(interview, 5) == 0
    assert h.service.scorecard(interview).exchanges[0].assessment == Ungraded("half a JSON")
    h.service.retry_grading(interview, 0)
    assert h.service.wait_for_grades(interview, 5) == 0
    assert isinstance(h.service.scorecard(interview).exchanges[0].assessment, Grade)


GERMAN = "Ich habe die Buchungen in eine Warteschlange verschoben, weil wir die Datenbank nicht mehr lesen konnten."


def test_an_answer_in_another_language_is_the_graders_to_refuse(house) -> None:
    refusal = Ungraded("It is not in English.")
    h = house([refusal])
    interview, _ = h.start()
    h.say(interview, GERMAN)
    assert h.service.scorecard(interview).exchanges[0].assessment == refusal
    h = house([refusal], grader=ScriptedGrader([3]))  # one that reads it
    interview, _ = h.start()
    h.say(interview, GERMAN)
    "".join(h.service.finish(interview))
    assert h.service.wait_for_grades(interview, 60) == 0
    assert isinstance(h.service.scorecard(interview).exchanges[0].assessment, Grade)


class Slow(ScriptedGrader):
    """Grades when it is told to."""

    def __init__(self, values) -> None:
        super().__init__(values)
        self.began, self.go = threading.Event(), threading.Event()

    def grade(self, exchange, rubric):
        self.began.set()
        assert self.go.wait(60)
        return Graded(super().grade(exchange, rubric).assessment, Usage("slow", tokens_in=7))


def test_a_grade_of_words_that_were_taken_back_stands_for_no_others(house) -> None:
    h = house([0, 0], grader=(slow := Slow([3])))
    interview, _ = h.start()
    h.say(interview, "Something vague.")
    h.service.retry_grading(interview, 0)
    assert slow.began.wait(60)
    h.service.withdraw(interview)
    h.say(interview, "Something else.")
    slow.go.set()
    assert h.service.wait_for_grades(interview, 60) == 0
    state = h.service.interview(interview)
    assert state.asked[0].assessment is None
    assert [spent.tokens_in for spent in state.spent] == [7], "it was paid for"


def test_a_model_that_grades_slowly_changes_no_question(house, guide) -> None:
    some = grade({item.id: 2 for item in guide.probes[::2]})

    def held(grader) -> list:
        h = house([0] * 12, grader=grader)
        interview, _ = h.start(replace(SETUP, kinds=(Kind.DEEP_DIVE,), minutes=30))
        while not h.service.interview(interview).closed:
            h.say(interview, STORY)
            if not isinstance(grader, Slow):
                assert h.service.wait_for_grades(interview, 60) == 0
        return [said.step for said in h.service.interview(interview).said if said.step]

    slow = Slow([some] * 9)
    steps = held(ScriptedGrader([some] * 9))
    assert sum(isinstance(step, Probe) for step in steps) == 10
    late = held(slow)
    slow.go.set()
    assert steps == late == held(None)


def test_what_fails_in_the_background_is_logged_and_nothing_piles_up(house, caplog) -> None:
    h = house([3], grader=(slow := Slow([3])))
    interview, _ = h.start()
    h.say(interview, STORY)
    h.store.append = None  # whatever would be kept now fails
    slow.go.set()
    h.service._background.shutdown()
    assert "TypeError" in caplog.text
    assert not h.service._running
    assert not h.service._locks


def test_a_grade_is_read_on_its_own_guide_where_that_is_kept(house, guide) -> None:
    h = house([3] * 3)
    interview, _ = h.start(replace(SETUP, minutes=21))
    for _ in range(3):
        h.say(interview, STORY)
    was = h.service.scorecard(interview)
    assert was.overall == 4
    other = replace(
        guide, hash="another", look_fors=tuple(replace(item, id=f"new-{item.id}") for item in guide.look_fors)
    )

    def later(**kwargs):
        return Service(other, h.store, NoPassages, lambda: h.sensor, PlainInterviewer, lambda: h.sensor, **kwargs)

    assert later(kept={guide.hash: guide}.get).scorecard(interview) == was
    lost = later().scorecard(interview)
    assert lost.overall is None, "what has no rating is no strong no hire"
    assert [one.overall for one in lost.exchanges] == [None] * 3


def test_grades_say_which_guide_they_rest_on(house, guide) -> None:
    h = house([3])
    interview, _ = h.start()
    h.say(interview, STORY)
    assert h.service.scorecard(interview).exchanges[0].assessment.maker.guide_hash == guide.hash


def test_the_interviewer_is_told_nothing_about_the_rubric(house, guide) -> None:
    h = house([0, 0, 0])
    interview, _ = h.start()
    h.say(interview, "Something vague.")
    hidden = [item.text for item in (*guide.look_fors, *guide.expectations, *guide.red_flags)]
    for context in h.voice.contexts:
        assert all(chunk.audience == "interviewer" for chunk in context.passages)
        assert not [text for text in hidden if text in repr(context)]


def test_notes_and_the_library(house) -> None:
    h = house([0])
    interview, _ = h.start()
    h.service.note(interview, "mention the rollback")
    h.service.note(interview, "   ")
    assert h.service.interview(interview).notes == ("mention the rollback",)
    assert [row.id for row in h.service.store.rows()] == [interview]
    h.service.delete(interview)
    assert not h.service.store.rows()


def test_an_interview_may_be_held_with_another_model_and_stays_with_it(house) -> None:
    other, reader = PlainInterviewer(), ScriptedGrader([3] * 20)
    asked_for = []

    def chosen(name):
        if name != "spare":
            raise ConfigError(f"There is no model {name!r}.")
        asked_for.append(name)
        return Engines(lambda: other, lambda: reader, ("openai:spare", "openai:spare"))

    h = house([0] * 20, chosen=chosen)
    interview, _ = h.start(replace(SETUP, model="spare"))
    assert len(other.contexts) == 1
    assert not h.voice.contexts
    started = h.service.interview(interview).started
    assert (started.model, started.interviewer, started.grader) == ("spare", "openai:spare", "openai:spare")
    h.say(interview, STORY)
    list(h.service.finish(interview))
    assert h.service.wait_for_grades(interview, 60) == 0
    graded = h.service.scorecard(interview).exchanges[0].assessment
    assert isinstance(graded, Grade)
    assert graded.ratings[0].value == 3, "the chosen grader's, not the sensor's"
    plain, _ = h.start()
    assert h.service.interview(plain).started.model == ""
    assert h.voice.contexts
    with pytest.raises(ConfigError, match="nope"):
        h.start(replace(SETUP, model="nope"))
