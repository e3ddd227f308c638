"""The Interview and Progress tabs without a browser: what a handler changes, and what cuts what."""

import gc
import inspect
import io
import warnings

import gradio as gr
import pytest

from interviewer.cli import main
from interviewer.guide.model import Level
from interviewer.review.past import graded
from interviewer.review.study import study_plan
from interviewer.service import Service
from interviewer.settings import load_settings
from interviewer.store import open_store
from interviewer.ui import theme
from interviewer.ui.interview import InterviewTab, awaits_own
from interviewer.ui.progress import ProgressTab
from interviewer.ui.screen import build_screen
from interviewer.wiring import Parts
from tests.helpers import Clock, NoPassages, PlainInterviewer, ScriptedGrader, begin

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
STORY = "I wrote the plan and took it to four teams. Billing feared double booking, so I changed it twice."


@pytest.fixture
def service(guide, tmp_path):
    """A service whose grader sees every answer as concrete."""
    store = open_store(tmp_path / "store")
    sensor = ScriptedGrader([3] * 20)
    yield Service(guide, store, NoPassages, lambda: sensor, PlainInterviewer, lambda: sensor, clock=Clock())
    store.close()


@pytest.fixture
def parts(tmp_path):
    return Parts(load_settings(env={"INTERVIEWER_DATA_DIR": str(tmp_path / "data")}))


@pytest.fixture
def tab(service):
    """The Interview tab; the event loops that Gradio leaves behind are gathered at the end."""
    with gr.Blocks(analytics_enabled=False):
        made = InterviewTab(service, gr.BrowserState("", storage_key="x", secret="y"))
    yield made
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def closed(service, interview, count) -> None:
    """Answer until so many questions have closed."""
    while sum(asked.closed for asked in service.interview(interview).asked) < count:
        "".join(service.reply(interview, STORY))


def test_the_first_screen_warns_of_a_length_that_allows_no_verdict(tab) -> None:
    form = tab.form
    assert not form.warning.visible  # what is chosen at first is long enough
    assert not form.warn(form.level.value, form.kinds.value, form.minutes.value)["visible"]
    shown = form.warn("staff", ["system-design"], 45)
    assert shown["visible"]
    assert "this plans 2 questions, and a verdict needs 3 graded answers" in shown["value"]
    assert not form.warn("staff", ["system-design"], 60)["visible"]
    assert not form.warn("staff", [], 45)["visible"]
    assert not form.warn("staff", ["system-design"], None)["visible"]
    blocks = form.warning
    while blocks.parent:
        blocks = blocks.parent
    watched = {
        target[0]
        for event in blocks.fns.values()
        if [part._id for part in event.outputs] == [form.warning._id]
        for target in event.targets
    }
    assert watched == {form.level._id, form.kinds._id, form.minutes._id}


def test_a_scorecard_is_gone_when_the_next_interview_is_shown(service, tab) -> None:
    first = begin(service)
    closed(service, first, 1)
    "".join(service.finish(first))
    drawn = tab.draw(first)
    assert "verdict" in drawn[tab.result]
    drawn = tab.draw(begin(service))
    assert drawn[tab.result] == ""
    assert not drawn[tab.regrade]["visible"]


def test_ones_own_rating_is_kept_for_the_question_it_was_asked_for(service, tab) -> None:
    interview = begin(service, practice=True, own_first=True)
    closed(service, interview, 1)
    asked = tab.draw(interview)
    assert asked[tab.own_of] == 0
    assert "question 1" in asked[tab.own]["label"]
    closed(service, interview, 2)  # while the page still asks for the first
    answered = tab.rate_own(interview, asked[tab.own_of], 3)
    state = service.interview(interview)
    assert [(one.exchange, one.overall) for one in state.rated] == [(0, 3)]
    assert awaits_own(state, 1)
    assert "Question 1" in answered[tab.feedback]
    assert set(answered) == {tab.feedback, tab.own, tab.own_of}  # words may be on their way
    assert tab.draw(interview)[tab.own_of] == 1


def test_a_pause_leaves_the_words_that_are_coming_alone(service, tab) -> None:
    interview = begin(service)
    service.take(interview, STORY)
    room = tab.room
    drawn = tab.toggle_pause(interview, True)
    assert set(drawn) == {room.status, room.pause, tab.timer}
    assert drawn[room.pause]["value"] == "Resume"
    drawn = tab.toggle_pause(interview, False)
    assert drawn[room.go_on]["visible"]
    assert drawn[room.send]["interactive"]


def test_grades_that_are_awaited_are_told_to_a_screen_reader(service, tab, monkeypatch) -> None:
    interview = begin(service)
    closed(service, interview, 1)
    "".join(service.finish(interview))
    running = iter([1, 0])
    monkeypatch.setattr(service, "wait_for_grades", lambda *_: next(running))
    waiting, done = tab.settle(interview)
    assert 'role="status"' in waiting[tab.grading]["value"]
    assert not done[tab.grading]["visible"]


def test_an_exercise_that_is_shown_is_the_one_that_is_begun(service, parts, tab) -> None:
    interview = begin(service, minutes=60)
    closed(service, interview, 2)
    with gr.Blocks(analytics_enabled=False):
        course = ProgressTab(service, parts)
    plan = study_plan(graded(service), [], service.guide, Level.STAFF)
    shown = next(n for n, one in enumerate(plan) if one.question)
    drawn = course._plan(Level.STAFF, plan)
    closed(service, interview, 3)  # the plan of now may be another
    begun = service.interview(course._start(shown, drawn[course.plan]))
    assert [one.id for one in begun.plan.questions] == [plan[shown].question.id]
    assert begun.plan.level is Level.STAFF


def test_everything_that_goes_on_can_be_cut(service, parts, tab) -> None:
    blocks = build_screen(service, parts)
    ids = {component.elem_id: component._id for component in blocks.blocks.values() if component.elem_id}

    def on(name: str, event: str = "click"):
        return [fn for fn in blocks.fns.values() if (ids[name], event) in fn.targets]

    def cut_first(name: str, event: str = "click") -> set[int]:
        """Return what an event cuts; the events of one click run one after the other."""
        cuts = [set(fn.cancels) for fn in on(name, event)]
        draws = [bool(fn.outputs) for fn in on(name, event)]
        assert any(cuts[: draws.index(True)]), "what is drawn before the cut is drawn over"
        return set.union(*cuts)

    def streams(fn) -> bool:
        return ids["chat"] in [output._id for output in fn.outputs] and inspect.isgeneratorfunction(fn.fn)

    found = {n for n, fn in blocks.fns.items() if streams(fn)} - {fn._id for fn in on("stop")}
    # Page, Start, Send, the four wishes, Skip, go on, end, what is missing, a replay, an exercise, another attempt.
    assert len(found) == 14
    assert found == {fn.trigger_after for fn in blocks.fns.values() if fn.js == theme.FOCUS} & found
    assert cut_first("stop") == found
    assert cut_first("again") == found
    # What another interview says is cut before this one speaks.
    assert cut_first("replay-go-on") == found - {fn._id for fn in on("replay-go-on")}
    # The newest choice of a level is the one that is drawn last.
    chosen = next(fn for fn in on("progress-level", "input") if fn.outputs)
    assert chosen.trigger_mode == "always_last"
    opening = next(fn for fn in blocks.fns.values() if fn.outputs == chosen.outputs and fn is not chosen)
    assert cut_first("progress-level", "input") == {opening._id}


def test_the_terminal_warns_of_a_length_that_allows_no_verdict_and_says_so_at_the_end(
    service, capsys, monkeypatch
) -> None:
    def held(minutes: str) -> str:
        monkeypatch.setattr("sys.stdin", io.StringIO("/end\n"))
        assert main(["chat", "--kinds", "system-design", "--minutes", minutes, "--seed", "1"]) == 0
        return capsys.readouterr().out

    monkeypatch.setattr("interviewer.commands.chat.build_service", lambda _: service)
    before, _, after = held("45").partition("==")
    assert "this plans 2 questions, and a verdict needs 3 graded answers" in before
    assert "this interview had 2 questions planned" in after
    before, _, after = held("60").partition("==")
    assert "verdict" not in before
    assert "0 of the 3 graded answers that a verdict needs" in after
