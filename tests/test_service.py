from dataclasses import replace

import pytest

from interviewer.errors import ConfigError, InputError, UnknownInterview
from interviewer.grading.rating import Grade, NotAssessed, Ungraded
from interviewer.guide.model import Kind, Level
from interviewer.service import Engines, Service, Setup, clean
from interviewer.store import open_store
from tests.helpers import Clock, NoPassages, PlainInterviewer, ScriptedGrader

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


def test_a_reply_is_committed_before_anything_else(house) -> None:
    h = house()
    interview, _ = h.start()
    h.sensor.grade = None  # whatever reads it will fail
    with pytest.raises(TypeError):
        h.service.reply(interview, STORY)
    assert h.service.interview(interview).said[-1].text == STORY
    assert h.service.interview(interview).owed


def test_after_a_crash_the_interview_goes_on_where_it_was(house, guide, tmp_path) -> None:
    h = house([1, 1])
    interview, _ = h.start()
    broken = h.service._sensor
    h.service._sensor = lambda: (_ for _ in ()).throw(RuntimeError("killed"))
    with pytest.raises(RuntimeError):
        h.service.reply(interview, STORY)
    h.service._sensor = broken
    assert "".join(h.service.resume(interview)).startswith("probe: ")
    assert "".join(h.service.resume(interview)) == ""


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
