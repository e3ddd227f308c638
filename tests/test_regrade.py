"""Grading kept interviews once more: kept beside, gone on with, tried again, compared."""

import re
import threading
from dataclasses import replace

import pytest

from interviewer import cli
from interviewer.engines.protocols import Graded, Usage
from interviewer.errors import InputError, UnknownInterview
from interviewer.grading.rating import Grade, NotAssessed, Ungraded
from interviewer.guide.model import Kind, Level
from interviewer.interview.events import Regraded
from interviewer.prompts import load_prompt
from interviewer.review.regrade import BAR, Job, Regrading
from interviewer.service import Service, Setup
from interviewer.settings import load_settings
from interviewer.store import open_store
from interviewer.ui.compare import models
from interviewer.ui.sides import graded_again, run_name, run_summary
from interviewer.wiring import Parts
from tests.conftest import ROOT
from tests.fakes import ScriptedServer, form
from tests.helpers import Clock, NoPassages, PlainInterviewer, ScriptedGrader

STORY = "I moved the ledger writes to a queue because month end locked the database."


class Again:
    """A grader of another name, whose nth grading is what it is told; it counts what it was asked for."""

    def __init__(self, *values, spec="other:model") -> None:
        self.spec = spec
        self.scripted = ScriptedGrader(values)
        self.levels: list[Level] = []
        self._lock = threading.Lock()

    def grade(self, exchange, rubric):
        with self._lock:
            self.levels.append(rubric.level)
            graded = self.scripted.grade(exchange, rubric)
        return Graded(graded.assessment, Usage(self.spec, tokens_in=7))


@pytest.fixture
def house(guide, tmp_path):
    """A service whose first grades are all `value`, its regrading, and a way to hold interviews."""
    store = open_store(tmp_path)
    clock = Clock()

    class House:
        def __init__(self) -> None:
            self.service = Service(
                guide, store, NoPassages, lambda: self.sensor, PlainInterviewer, lambda: self.sensor, clock=clock
            )
            self.regrading = Regrading(self.service, tmp_path)

        def hold(self, questions: int, level=Level.STAFF) -> str:
            """Hold an interview whose answers are all graded 3, which no probe follows."""
            self.sensor = ScriptedGrader([3] * questions)
            setup = Setup(level, (Kind.BEHAVIORAL,), 7 * questions, seed=1)
            interview = self.service.start(setup)
            "".join(self.service.resume(interview))
            for _ in range(questions):
                "".join(self.service.reply(interview, STORY))
            assert self.service.interview(interview).closed
            clock.forward(minutes=1)
            return interview

        def run(self, interviews, job, **kwargs):
            return list(self.regrading.work(self.regrading.left(interviews, job, **kwargs), job))

        def state(self, interview):
            return self.service.interview(interview)

    yield House()
    store.close()


def test_the_house_holds_what_it_is_told(house) -> None:
    interview = house.hold(3)
    assert [one.overall for one in house.service.scored(house.state(interview))] == [4, 4, 4]


def test_a_run_is_appended_and_the_first_grades_stay(house) -> None:
    interview = house.hold(3)
    before = house.service.store.events(interview)
    card = house.service.scorecard(interview)
    job = Job(Again(1, 1, 3))
    assert len(house.run([interview], job)) == 3
    after = house.service.store.events(interview)
    assert after[: len(before)] == before
    added = after[len(before) :]
    assert all(isinstance(event, Regraded) and event.run == job.run for event in added)
    assert {event.exchange for event in added} == {0, 1, 2}
    assert {event.tokens_in for event in added} == {7}
    assert house.service.scorecard(interview) == card
    assert house.state(interview).spent[-1].tokens_in == 7  # it was paid for


def test_what_moved_stands_side_by_side(house, guide) -> None:
    interview = house.hold(3)
    house.run([interview], job := Job(Again(1, 1, 1)))
    found = house.regrading.summary(house.state(interview), job.run)
    assert (found.before, found.moved, found.failed) == (4, (0, 1, 2), ())
    assert found.after < 4
    assert found.agreement.same == 0
    shown = run_summary(found)
    assert "Strong hire" in shown
    assert "0 up, 5 down" in shown
    assert "Rated lower" in graded_again(found.pairs[0])
    (run,) = house.regrading.runs(house.state(interview))
    assert (run.graded, run.failed) == (3, 0)
    assert "other:model at staff" in run_name(run, guide.hash)


def test_a_failure_is_kept_and_tried_again_alone(house) -> None:
    interview = house.hold(3)
    grader = Again(Ungraded("The model did not answer."), 3, 3, 2)
    house.run([interview], job := Job(grader))
    found = house.regrading.summary(house.state(interview), job.run)
    (failed,) = found.failed
    assert found.after == found.before  # it counts neither for nor against
    assert "Ungraded: The model did not answer." in graded_again(found.pairs[failed])
    assert house.regrading.left([interview], job) == []  # a failure is an outcome
    assert house.regrading.left([interview], job, failed=True) == [(interview, failed)]
    house.run([interview], job, failed=True)
    assert house.regrading.summary(house.state(interview), job.run).failed == ()
    outcomes = [event.outcome for event in house.state(interview).regraded]
    assert isinstance(outcomes[-1], Grade)
    assert sum(isinstance(outcome, Ungraded) for outcome in outcomes) == 1  # nothing was overwritten


def test_a_grader_that_breaks_is_a_failure_with_an_id(house, caplog) -> None:
    interview = house.hold(1)

    class Broken:
        spec = "broken:model"

        def grade(self, *_):
            raise RuntimeError("boom")

    (event,) = house.run([interview], Job(Broken()))
    assert re.search(r"fault of the program \(id [0-9a-f]{8}", event.outcome.reason)
    assert "boom" in caplog.text


def test_an_interrupted_run_is_gone_on_with(house) -> None:
    one, two = house.hold(3), house.hold(2)
    job = Job(grader := Again(*[2] * 5))
    assert house.regrading.unfinished([one, two], job) is None
    tasks = house.regrading.left([one, two], job)
    house.regrading.grade(*tasks[0], job)
    house.regrading.grade(*tasks[3], job)
    again = Job(grader)
    assert house.regrading.unfinished([one, two], again) == job.run
    assert house.regrading.unfinished([one, two], Job(Again(spec="another:model"))) is None
    assert house.regrading.unfinished([one, two], Job(grader, Level.SENIOR)) is None
    assert len(house.run([one, two], replace(again, run=job.run))) == 3
    assert len(grader.levels) == 5  # nothing was paid for twice
    assert house.regrading.unfinished([one, two], again) is None
    house.hold(1)  # one that came later does not make the run unfinished
    everything = [row.id for row in house.service.store.rows()]
    assert house.regrading.unfinished(everything, again) is None


def test_a_stopped_run_keeps_what_it_has(house) -> None:
    interview = house.hold(6)
    job = Job(Again(*[2] * 6))
    work = house.regrading.work(house.regrading.left([interview], job), job)
    next(work)
    work.close()
    kept = house.regrading.left([interview], job)
    assert 1 <= 6 - len(kept) <= 5
    assert len(house.run([interview], job)) == len(kept)
    assert house.regrading.left([interview], job) == []


def test_a_reading_under_the_other_bar_is_paid_for_once(house) -> None:
    interview = house.hold(2)
    grader = Again(2, 1, 3)
    twice = house.regrading.other_bar(interview, 0, grader)
    assert grader.levels == [Level.SENIOR]
    assert (twice.before.rubric.level, twice.after.rubric.level) == (Level.STAFF, Level.SENIOR)
    assert house.regrading.other_bar(interview, 0, grader) == twice
    assert len(grader.levels) == 1
    (event,) = house.state(interview).regraded
    assert (event.run, event.level) == (BAR, Level.SENIOR)
    assert house.regrading.runs(house.state(interview)) == []  # not a run to choose
    house.regrading.other_bar(interview, 0, Again(2, spec="another:model"))
    assert len(house.state(interview).regraded) == 2


def test_a_failed_reading_under_the_other_bar_is_tried_again(house) -> None:
    interview = house.hold(1)
    assert house.regrading.other_bar(interview, 0, Again(Ungraded("no"))).comparison is None
    assert house.regrading.other_bar(interview, 0, Again(2)).comparison is not None
    assert house.regrading.other_bar(interview, 7, Again()) is None


def test_nothing_said_is_not_paid_for(house) -> None:
    interview = house.service.start(Setup(Level.STAFF, (Kind.BEHAVIORAL,), 30, seed=1))
    "".join(house.service.resume(interview))
    "".join(house.service.reply(interview, "Let's skip this question."))
    job = Job(Again())
    assert house.regrading.left([interview], job) == [(interview, 0)]
    (event,) = house.run([interview], job)
    assert isinstance(event.outcome, NotAssessed)
    with pytest.raises(InputError, match="Question 9 has no answer"):
        house.regrading.grade(interview, 8, job)
    with pytest.raises(UnknownInterview):
        house.regrading.left(["nowhere"], job)


def test_another_guide_is_kept_with_its_grades(house, guide, tmp_path) -> None:
    interview = house.hold(1)
    file = tmp_path / "mine.md"
    text = (ROOT / "knowledge" / "guides" / "senior-staff.md").read_text().replace("Moves other teams", "Sways peers")
    file.write_text(text)
    other = house.regrading.keep_guide(file)
    assert other.hash != guide.hash
    house.run([interview], job := Job(Again(2), guide=other))
    file.unlink()
    afresh = Regrading(house.service, tmp_path)
    (run,) = afresh.runs(house.state(interview))
    assert run.guide == other.hash
    pair = afresh.summary(house.state(interview), job.run).pairs[0]
    assert "Sways peers" in {item.text for item in pair.after.rubric.items()}
    assert f"guide {other.hash}" in run_name(run, guide.hash)


# -- the command -----------------------------------------------------------------------------------------------------


@pytest.fixture
def kept(monkeypatch, tmp_path, guide):
    """One interview with one answer in the data folder that the command uses."""
    folder = tmp_path / "data"
    store = open_store(folder)
    service = Service(guide, store, NoPassages, lambda: sensor, PlainInterviewer, lambda: sensor)
    sensor = ScriptedGrader([3, 3])
    interview = service.start(Setup(Level.STAFF, (Kind.BEHAVIORAL,), 7, seed=1))
    "".join(service.resume(interview))
    "".join(service.reply(interview, STORY))
    "".join(service.finish(interview))
    yield interview, store
    store.close()


def test_the_command_grades_over_the_real_protocol_and_ends_with_a_table(kept, tmp_path, capsys) -> None:
    interview, store = kept
    with ScriptedServer(form(STORY[:20])) as server:
        config = tmp_path / "interviewer.toml"
        config.write_text(f'[profiles.small]\nmodel = "openai:small"\nbase_url = "{server.url}"\nprice_in = 1.0\n')
        assert cli.main(["--config", str(config), "regrade", "--all", "--model", "small"]) == 0
    out = capsys.readouterr()
    assert f"{interview}        1" in out.out
    assert "what moved" in out.out
    assert re.search(r"\d+ ratings in both, \d+% the same", out.out)
    assert "1 answers by openai:small" in out.err
    (event,) = [event for event in store.events(interview) if isinstance(event, Regraded)]
    assert event.by == "openai:small"
    assert event.price is not None


def test_the_command_goes_on_with_a_run_that_is_named(kept, tmp_path, capsys) -> None:
    interview, store = kept
    with ScriptedServer("not a form", "not one either", form(STORY[:20])) as server:
        config = tmp_path / "interviewer.toml"
        config.write_text(f'[profiles.small]\nmodel = "openai:small"\nbase_url = "{server.url}"\nretries = 0\n')
        command = ["--config", str(config), "regrade", interview, "--model", "small"]
        assert cli.main(command) == 0
        out = capsys.readouterr().out
        assert f"{interview}, question 1, ungraded: " in out
        run = re.search(r"--run (\w+)\.", out)[1]
        assert cli.main([*command, "--run", run]) == 0
        assert "ungraded" not in capsys.readouterr().out
    assert {event.run for event in store.events(interview) if isinstance(event, Regraded)} == {run}
    assert cli.main(["regrade", interview, "--run", run]) == 2
    assert "was graded by openai:small, not by embedded" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["nowhere"], "There is no interview 'nowhere'"),
        (["--all", "--model", "nothing"], "There is no model 'nothing'"),
        (["--all", "--guide", "nothing.md"], "There is no guide file 'nothing.md'"),
        (["--all", "--level", "principal"], "There is no level 'principal'"),
        (["--all", "--run", "abc"], "There is no run 'abc'"),
    ],
)
def test_the_command_says_in_a_sentence_what_is_unknown(kept, capsys, more, said) -> None:
    assert cli.main(["regrade", *more]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert "Traceback" not in err


def test_a_job_carries_the_hash_of_the_prompt_its_grader_reads_with(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(Parts, "_embedded_grader", ScriptedGrader([2]))
    config = tmp_path / "interviewer.toml"
    config.write_text('[profiles.small]\nmodel = "openai:small"\n')
    parts = Parts(load_settings(config))
    small = parts.job(parts.settings.model("small"), Level.SENIOR, parts.guide)
    assert small.grader.spec == "openai:small"
    assert (small.level, small.guide) == (Level.SENIOR, parts.guide)
    assert small.prompt == load_prompt(ROOT / "prompts", "grade").hash
    embedded = parts.job(parts.settings.model("embedded"))
    assert (embedded.level, embedded.guide, embedded.prompt) == (None, None, "")
    assert embedded.run not in (small.run, BAR)


def test_every_configured_model_can_be_chosen(tmp_path) -> None:
    config = tmp_path / "interviewer.toml"
    config.write_text('model = "openai:big"\n[profiles.small]\nmodel = "openai:small"\n')
    choices = models(load_settings(config))
    assert choices == [("embedded", "embedded"), ("small (openai:small)", "small"), ("openai:big", "openai:big")]
