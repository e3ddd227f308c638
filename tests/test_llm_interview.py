"""Whole interviews with a model that speaks and a model that grades: by a settings file, over the real protocol."""

import io
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from interviewer.cli import main
from interviewer.cost import cost_line, cost_of
from interviewer.grading.rating import Grade, Ungraded
from interviewer.guide.model import Kind, Level
from interviewer.interview.events import Answer, Ask, Close, Event, GradingFailed, InterviewerSpoke, Probe, ReplyGraded
from interviewer.interview.state import Interview
from interviewer.service import Service, Setup
from interviewer.settings import load_settings
from interviewer.wiring import IndexPassages, Parts
from tests.fakes import BlankSensor, Scripted, ScriptedServer, Step, form

KEY = "sk-test-0123456789abcdef"
SETUP = Setup(Level.SENIOR, (Kind.BEHAVIORAL,), 20, seed=3)
STORY = "I moved the ledger writes to a queue, because the nightly run locked the database for six hours."
# More gradings than any interview here asks for.
ENOUGH = 30
THINGS = ("ledger", "queue", "writes", "database", "night", "run", "hour", "lock", "book", "page", "start", "plan")
GOODBYE = "That was the last question, thank you for your time."
SETTINGS = """
retries = 0
timeout = 20
{prices}
{top}
[interviewer]
model = "openai:speaker"
base_url = "{speaker}"
api_key_env = "SPEAKER_KEY"
[grader]
model = "openai:reader"
base_url = "{reader}"
{more_grader}
"""


def words(step: Any, turn: int) -> str:
    """Say what a good model would say to a step, never twice the same."""
    match step:
        case Ask(text=text):
            return text
        case Probe(angle=angle):
            return f"Staying with the {THINGS[turn % len(THINGS)]}, what can you say about {angle}?"
        case Answer():
            return "That is yours to decide, please go on."
        case Close():
            return GOODBYE
    raise AssertionError(step)


class House:
    """A service over two scripted servers, set up by a file as a user would write it."""

    def __init__(self, file: Path, speaker: ScriptedServer, reader: ScriptedServer, **more: str) -> None:
        given = {"prices": "price_in = 2.0\nprice_out = 10.0", "top": "", "more_grader": ""} | more
        file.write_text(SETTINGS.format(speaker=speaker.url, reader=reader.url, **given))
        self.parts = Parts(load_settings(file))
        self.service: Service = self.parts.service()
        self.speaker = speaker
        self.id = self.service.start(SETUP)

    @property
    def state(self) -> Interview:
        return self.service.interview(self.id)

    @property
    def events(self) -> list[Event]:
        return self.service.store.events(self.id)

    def hear(self, *script: Step) -> str:
        """Let the interviewer speak its next words from a script; from what a good model says without one."""
        heard = self.service.resume(self.id)
        self.speaker.script += script or [words(self.state.waiting, len(self.state.said))]
        return "".join(heard)

    def say(self, text: str, *script: Step) -> str:
        self.service.take(self.id, text)
        return self.hear(*script)

    def close(self) -> None:
        self.service.store.close()  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One data folder for all, so that the index is built once."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture
def house(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., House]]:
    monkeypatch.setenv("INTERVIEWER_DATA_DIR", str(folder))
    monkeypatch.setenv("INTERVIEWER_CONFIG", str(tmp_path / "interviewer.toml"))
    monkeypatch.setenv("SPEAKER_KEY", KEY)
    monkeypatch.setattr(Parts, "_embedded_grader", BlankSensor())
    made: list[House] = []

    def build(speaker: ScriptedServer, reader: ScriptedServer, **more: str) -> House:
        made.append(House(tmp_path / "interviewer.toml", speaker, reader, **more))
        return made[-1]

    yield build
    for one in made:
        one.close()


def spoken(house: House) -> list[InterviewerSpoke]:
    return [event for event in house.events if isinstance(event, InterviewerSpoke)]


def test_a_whole_interview_is_spoken_and_graded_by_models(house: Any, capsys: pytest.CaptureFixture[str]) -> None:
    with ScriptedServer() as speaker, ScriptedServer(*[form(STORY)] * ENOUGH) as reader:
        h = house(speaker, reader)
        h.hear()
        replies = 0
        while not h.state.closed:
            h.say(STORY)
            replies += 1
        assert h.service.wait_for_grades(h.id, 60) == 0
        assert len(reader.requests) == len(h.state.asked)
        reader.script.clear()
    state = h.state
    assert state.closed is not None
    assert state.closed.because == "done"
    assert [said.text for said in state.said if said.speaker == "candidate"] == [STORY] * replies
    assert state.said[-1].text == GOODBYE
    assert (state.started.interviewer, state.started.grader) == ("openai:speaker", "openai:reader")
    assert all(one.engine == "openai:speaker" and not one.replaced and one.price for one in spoken(h))
    for scored in h.service.scored(state):
        assert isinstance(scored.assessment, Grade)
        assert scored.assessment.maker.engine == "openai:reader"
        assert scored.assessment.maker.prompt_hash
        assert scored.assessment.maker.guide_hash == h.service.guide.hash
        for rating in scored.assessment.ratings:
            assert rating.evidence[0].quote(scored.exchange.replies) == STORY
    # No server is ever told what an interview is not for: the reader's rubric does not reach the speaker.
    hidden = [item.text for item in h.service.guide.look_fors]
    assert not [text for body in speaker.requests for text in hidden if text in str(body)]
    assert set(speaker.keys) == {f"Bearer {KEY}"}
    assert set(reader.keys) == {"Bearer none"}
    assert KEY not in str(h.events)
    cost = cost_of(state)
    assert cost.total.price == pytest.approx((cost.total.tokens_in * 2 + cost.total.tokens_out * 10) / 1e6)
    assert (cost.interviewer.pieces, cost.grader.pieces) == (len(spoken(h)), len(state.asked))
    assert main(["show", h.id]) == 0
    out = capsys.readouterr().out
    assert f"together: {cost_line(cost)}" in out
    assert out.count("[") == len(spoken(h))


def test_whatever_a_speaking_model_does_the_interview_goes_on_and_nothing_is_lost(house: Any) -> None:
    faults: list[tuple[list[Step], str]] = [
        ([Scripted("slow down", status=429)], "takes no more requests now"),
        ([Scripted("You moved the writes to a queue. And who", fault="cut")], "broke off in the middle"),
        ([Scripted(f"bad key {KEY}", status=401)], "refused the key (status 401). Check the key in SPEAKER_KEY"),
        ([Scripted("Great answer!"), Scripted("Excellent!")], "praise"),
        ([Scripted(fault="drop")], "cannot be reached"),
    ]
    with ScriptedServer() as speaker, ScriptedServer(*[Scripted("oops", status=500)] * ENOUGH) as reader:
        h = house(speaker, reader, more_grader='fallbacks = ["embedded"]')
        h.hear()
        told = [f"{STORY} It was number {n}." for n in range(len(faults))]
        for text, (script, _) in zip(told, faults, strict=True):
            assert h.say(text, *script).strip()
        assert h.service.wait_for_grades(h.id, 60) == 0
        reader.script.clear()
    assert "".join(h.service.finish(h.id)).strip()  # the servers are gone
    assert h.service.wait_for_grades(h.id, 60) == 0
    state = h.state
    assert state.closed
    assert [said.text for said in state.said if said.speaker == "candidate"] == told
    reasons = [one.replaced for one in spoken(h)[1:]]
    for reason, (_, expected) in zip(reasons, faults, strict=False):
        assert expected in reason
    assert "cannot be reached" in reasons[-1]
    assert "moved the writes to a queue. " in spoken(h)[2].text
    assert KEY not in str(h.events)
    assert len(state.asked) > 1
    for asked in state.asked:
        assert isinstance(asked.assessment, Grade)
        assert asked.assessment.maker.engine == "embedded"


def test_the_next_question_does_not_wait_for_a_grade_and_the_end_does(house: Any) -> None:
    go_on = threading.Event()

    def slow(body: dict[str, Any]) -> Scripted | str:
        assert go_on.wait(30)
        return form(STORY)(body)

    with ScriptedServer() as speaker, ScriptedServer(slow) as reader:
        h = house(speaker, reader)
        h.hear()
        h.service.take(h.id, STORY)
        speaker.script.append(GOODBYE)
        assert "".join(h.service.finish(h.id)) == GOODBYE
        assert h.state.closed
        assert h.service.wait_for_grades(h.id, 0) == 1
        assert h.service.scorecard(h.id).exchanges[0].assessment is None
        go_on.set()
        assert h.service.wait_for_grades(h.id, 60) == 0
    assert isinstance(h.service.scorecard(h.id).exchanges[0].assessment, Grade)


def test_no_step_waits_for_a_retrieval(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    retrieved = IndexPassages._retrieved

    def counted(self: IndexPassages, query: str, level: Level, kind: Kind, k: int) -> Any:
        asked.append(query)
        return retrieved(self, query, level, kind, k)

    monkeypatch.setattr(IndexPassages, "_retrieved", counted)
    with ScriptedServer() as speaker, ScriptedServer() as reader:
        h = house(speaker, reader)
        h.hear()
        h.service._background.shutdown()  # waits for what was looked up ahead
        ahead = len(asked)
        h.say(STORY)
        assert isinstance(h.state.said[-1].step, Probe)
        assert "Background from the guide:\n[" in speaker.texts(1)[-1]
    assert len(asked) == ahead > 20


def test_a_failed_grade_is_retried_alone_and_both_attempts_are_paid_for(house: Any) -> None:
    with ScriptedServer() as speaker, ScriptedServer("no form", "none either") as reader:
        h = house(speaker, reader)
        h.hear()
        h.service.take(h.id, STORY)
        speaker.script.append(GOODBYE)
        "".join(h.service.finish(h.id))
        assert h.service.wait_for_grades(h.id, 60) == 0
        failed = h.service.scorecard(h.id).exchanges[0].assessment
        assert isinstance(failed, Ungraded)
        assert "openai:reader" in failed.reason
        assert h.service.scorecard(h.id).overall is None
        reader.script.append(form(STORY))
        asked = len(speaker.requests)
        h.service.retry_grading(h.id, 0)
        assert h.service.wait_for_grades(h.id, 60) == 0
        assert len(speaker.requests) == asked
    assert isinstance(h.service.scorecard(h.id).exchanges[0].assessment, Grade)
    (lost,) = (event for event in h.events if isinstance(event, GradingFailed))
    (graded,) = (event for event in h.events if isinstance(event, ReplyGraded))
    assert lost.price
    assert lost.maker.prompt_hash
    assert graded.price
    assert cost_of(h.state).grader.price == pytest.approx(lost.price + graded.price)


def test_a_budget_ends_the_interview_politely_and_the_last_answer_is_graded(house: Any) -> None:
    with ScriptedServer() as speaker, ScriptedServer(form(STORY)) as reader:
        h = house(speaker, reader, top="budget = 0.000001")
        h.hear()
        assert h.say(STORY) == GOODBYE
        assert h.service.wait_for_grades(h.id, 60) == 0
    assert h.state.closed is not None
    assert h.state.closed.because == "budget"
    assert "what was set aside for it is used up" in speaker.texts(1)[-1]
    assert isinstance(h.state.asked[0].assessment, Grade)


def test_without_a_price_a_budget_ends_nothing_and_tokens_are_shown(house: Any) -> None:
    with ScriptedServer() as speaker, ScriptedServer() as reader:
        h = house(speaker, reader, top="budget = 0.000001", prices="")
        h.hear()
        h.say("How much time is left?", "About twenty minutes are left.")
    assert h.state.closed is None
    assert cost_of(h.state).total.price is None
    assert cost_line(cost_of(h.state)).endswith("written; no price is set")


def test_what_was_withdrawn_was_paid_for(house: Any) -> None:
    with ScriptedServer() as speaker, ScriptedServer() as reader:
        h = house(speaker, reader)
        h.hear()
        h.say("How much time is left?", "About twenty minutes are left.")
        before = cost_of(h.state)
        h.service.withdraw(h.id)
        assert len(h.state.said) == 1
    assert cost_of(h.state) == before
    assert before.interviewer.pieces == 2


def test_a_grader_that_breaks_leaves_a_reason(house: Any) -> None:
    with ScriptedServer() as speaker, ScriptedServer() as reader:
        h = house(speaker, reader)
        h.hear()
        h.service.take(h.id, STORY)
        broken = lambda: (_ for _ in ()).throw(KeyError("a fault"))  # noqa: E731
        h.service._configured = replace(h.service._configured, grader=broken)
        speaker.script.append(GOODBYE)
        "".join(h.service.finish(h.id))
        assert h.service.wait_for_grades(h.id, 60) == 0
    outcome = h.service.scorecard(h.id).exchanges[0].assessment
    assert isinstance(outcome, Ungraded)
    assert "fault of the program (id " in outcome.reason


def test_doctor_tries_every_configured_model_with_the_real_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Parts, "_embedded_grader", BlankSensor())
    monkeypatch.setenv("INTERVIEWER_CONFIG", str(tmp_path / "interviewer.toml"))
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with ScriptedServer("I am here.", form(rating=0)) as sound, ScriptedServer(Scripted(KEY, status=401)) as broken:
        (tmp_path / "interviewer.toml").write_text(
            f'budget = 1\n[interviewer]\nmodel = "openai:sound"\nbase_url = "{sound.url}"\n'
            f'[profiles.spare]\nmodel = "openai:spare"\nbase_url = "{broken.url}"\nretries = 0\n'
        )
        assert main(["doctor"]) == 2
        assert len(sound.requests[1]["response_format"]["json_schema"]["schema"]["$defs"]) > 3
        assert sound.keys == ["Bearer none"] * 2  # a key goes to its own provider only
    out = capsys.readouterr().out
    assert "ok    The model openai:sound was reached and streams in" in out
    assert "ok    It fills in the real grading form" in out
    assert "FAIL  The model openai:spare at http://127" in out
    assert "note  A budget is set, and the interviewer openai:sound has no price" in out
    assert "The grader is the embedded engine" in out
    assert KEY not in out


def test_a_chat_with_a_model_of_the_command_line_waits_for_its_grades(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Parts, "_embedded_grader", BlankSensor())
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{STORY}\n\n/end\n"))
    monkeypatch.chdir(tmp_path)
    sent: list[str] = []

    def answer(body: dict[str, Any]) -> Scripted | str:
        if "response_format" in body:
            time.sleep(0.3)
            return form(STORY)(body)
        sent.append(str(body))
        return Scripted("no words for it", status=500)  # the embedded wording stands in

    with ScriptedServer(*[answer] * 4) as server:
        Path("interviewer.toml").write_text(
            f'[profiles.tiny]\nmodel = "openai:tiny"\nbase_url = "{server.url}"\nretries = 0\n'
        )
        assert main(["chat", "--minutes", "20", "--seed", "1", "--model", "tiny"]) == 0
    assert len(sent) == 3
    out = capsys.readouterr().out
    assert f'"{STORY}"' in out
    assert "Grading has not finished" not in out
    assert "no price is set" in out
