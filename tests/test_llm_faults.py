"""Whatever a model's server does, both roles end in recovery or one clear sentence, as docs/configuration.md says."""

import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from interviewer.engines.llm.build import build_grader, build_interviewer
from interviewer.engines.llm.models import ChatModel
from interviewer.engines.protocols import Context
from interviewer.grading.rating import Exchange, Grade, NotAssessed, Scope, Turn, Ungraded
from interviewer.guide.model import Kind, Level, LookFor, Rubric
from interviewer.interview.events import Manner, Probe
from interviewer.settings import ROOT, ModelSettings, Settings
from tests.fakes import ListedGrader, SayingInterviewer, Scripted, ScriptedServer, Step, form

KEY = "sk-test-0123456789abcdef"
REPLY = Turn("candidate", "I asked three groups to drop their own queues, and they did.")
QUESTION = "Tell me about a system you built."
MANNER: Manner = "neutral"
CONTEXT = Context(Level.STAFF, Kind.DEEP_DIVE, MANNER, 1, QUESTION, (REPLY,), ("Hello.", QUESTION), (), 3, 45)
PROBE = Probe("moves-groups", "who had to agree", "c1", 1)
MOVES = LookFor("moves-groups", "Moves groups not their own", 1, level=Level.STAFF)
RUBRIC = Rubric(Level.STAFF, Kind.DEEP_DIVE, (MOVES,), (), (), ())
EXCHANGE = Exchange(Level.STAFF, Kind.DEEP_DIVE, QUESTION, (REPLY,))
EMBEDDED_WORDS = "Who had to agree to it?"
GOOD: dict[str, Step] = {"interviewer": "And who had to agree?", "grader": form("I asked three groups to drop")}
ROLES = tuple(GOOD)


@dataclass(frozen=True)
class Outcome:
    """How one turn or one grading ended: by whom, and why not by the first model."""

    by: str
    reason: str


def outcome(role: str, url: str, spare: str = "", **settings: Any) -> Outcome:
    """Let a role work with a model at `url`, and one at `spare` behind it."""
    profiles = {"spare": ModelSettings(model="openai:spare", base_url=spare, retries=0)} if spare else {}
    options = {"model": "openai:tiny", "base_url": url, "retries": 0, "api_key_env": "TINY_KEY"} | settings
    model = ModelSettings(**({"fallbacks": ("spare",)} if spare else {}) | options)
    every = Settings(profiles=profiles)
    if role == "interviewer":
        said = build_interviewer(every, model, SayingInterviewer(EMBEDDED_WORDS), ()).speak(PROBE, CONTEXT)
        text = "".join(said.chunks)
        return Outcome("embedded" if text.endswith(EMBEDDED_WORDS) else said.usage.engine, said.usage.replaced)
    embedded = ListedGrader(NotAssessed("read by the embedded engine"))
    graded = build_grader(every, model, embedded).grade(EXCHANGE, RUBRIC)
    match graded.assessment:
        case Grade(maker=maker, scope=Scope.AT):
            return Outcome(maker.engine, graded.usage.replaced)
        case Ungraded(reason=reason):
            return Outcome("nobody", reason)
        case NotAssessed():
            return Outcome("embedded", graded.usage.replaced)
    raise AssertionError(graded)


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINY_KEY", KEY)


# The rows of the table in docs/configuration.md, by name. The server breaks off or refuses: nothing came to be judged.
TRANSPORT: dict[str, tuple[Scripted, str]] = {
    "wrong key (401, 403)": (Scripted(f"bad key {KEY}", status=401), "refused the key"),
    "unknown model (404)": (Scripted("no such model", status=404), "There is no model openai:tiny"),
    "too many requests (429)": (Scripted("slow down", status=429), "takes no more requests now"),
    "429 with Retry-After": (
        Scripted("slow down", status=429, headers={"retry-after": "1"}),
        "takes no more requests now",
    ),
    "server error (500)": (Scripted("oops", status=500), "failed (status 500)"),
    "request refused (400)": (
        Scripted(f"no, Bearer {KEY}", status=400),
        "refused the request (status 400: ",
    ),
    "hang": (Scripted(fault="hang"), "did not answer within 0.3 seconds"),
    "stream cut in the middle": (Scripted("You moved the", fault="cut"), "broke off in the middle"),
    "stream that stalls": (Scripted("You moved the", fault="stall"), "did not answer within 0.3 seconds"),
    "a page instead of a reply": (Scripted(fault="html"), "openai:tiny"),
    "cut off at max_tokens": (Scripted("You moved the", fault="length"), "cut off at 4000 tokens"),
}
# Of these, what a grader takes for a bad reply and asks to be mended once.
BAD_FORMS = ("a page instead of a reply", "cut off at max_tokens")
# A reply came that cannot stand. One more is asked for, with what was wrong.
CONTENT: dict[str, Step] = {
    "empty reply": Scripted(fault="empty"),
    "refusal": Scripted("I would rather not.", fault="refusal"),
    "ten thousand tokens of rubbish": "blah " * 10_000,
}
# The same, where only a grade has a form.
FORMS: dict[str, Step] = {
    "half a JSON object": '{"reply_is": "answer", "look_fors": {"moves',
    "JSON that does not fit the form": '{"verdict": "strong hire", "overall": 4}',
    "a quote nobody said": form("I moved the whole company"),
}
BOTH = [(role, name) for name in (*TRANSPORT, *CONTENT) for role in ROLES] + [("grader", name) for name in FORMS]


def scripted(role: str, name: str) -> tuple[list[Step], str]:
    """Return what the server does until the model is given up, and words of the sentence it ends with."""
    if name in TRANSPORT:
        fault, words = TRANSPORT[name]
        return [fault] * (2 if role == "grader" and name in BAD_FORMS else 1), words
    step = (CONTENT | FORMS)[name]
    return [step, step], ""


def patience(name: str) -> float:
    return 0.3 if name in ("hang", "stream that stalls") else 20


@pytest.mark.parametrize(("role", "name"), BOTH, ids=[f"{name}-{role}" for role, name in BOTH])
def test_alone_a_turn_gets_the_embedded_wording_and_a_grade_one_sentence(role: str, name: str) -> None:
    script, words = scripted(role, name)
    with ScriptedServer(*script) as server:
        found = outcome(role, server.url, timeout=patience(name))
    assert found.by == ("embedded" if role == "interviewer" else "nobody")
    assert words in found.reason
    assert found.reason.endswith(".")
    assert len(found.reason) < 600
    assert KEY not in found.reason
    assert "Traceback" not in found.reason


@pytest.mark.parametrize(("role", "name"), BOTH, ids=[f"{name}-{role}" for role, name in BOTH])
def test_with_a_fallback_the_next_model_does_it(role: str, name: str) -> None:
    script, words = scripted(role, name)
    # Words that may not stand are the first model's own affair: the embedded wording takes the place of them.
    unfit = role == "interviewer" and name in CONTENT
    with ScriptedServer(*script) as broken, ScriptedServer(*([] if unfit else [GOOD[role]])) as sound:
        found = outcome(role, broken.url, sound.url, timeout=patience(name))
    assert found.by == ("embedded" if unfit else "openai:spare")
    if role == "grader":
        assert words in found.reason


@pytest.mark.parametrize("name", [*TRANSPORT, *CONTENT, *FORMS])
def test_the_embedded_grader_reads_where_it_is_the_fallback(name: str) -> None:
    script, _ = scripted("grader", name)
    with ScriptedServer(*script) as server:
        found = outcome("grader", server.url, timeout=patience(name), fallbacks=("embedded",))
    assert found.by == "embedded"
    assert "openai:tiny" in found.reason or "after one repair" in found.reason


MENDED = [(role, name) for role, name in BOTH if name not in TRANSPORT]


@pytest.mark.parametrize(("role", "name"), MENDED, ids=[f"{name}-{role}" for role, name in MENDED])
def test_one_bad_reply_is_mended_by_asking_again(role: str, name: str) -> None:
    with ScriptedServer(scripted(role, name)[0][0], GOOD[role]) as server:
        assert outcome(role, server.url) == Outcome("openai:tiny", "")
    assert [message["role"] for message in server.requests[1]["messages"]][-2:] == ["assistant", "user"]


# What passes by itself when the request is repeated.
PASSING = {
    "429 with Retry-After": Scripted("slow down", status=429, headers={"retry-after-ms": "5"}),
    "too many requests (429)": Scripted("slow down", status=429),
    "server error (500)": Scripted("oops", status=500, headers={"retry-after-ms": "5"}),
    "hang": Scripted(fault="hang"),
    "connection refused": Scripted(fault="drop"),
}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", PASSING)
def test_what_passes_is_waited_for_and_leaves_no_trace(role: str, name: str) -> None:
    with ScriptedServer(PASSING[name], GOOD[role]) as server:
        assert outcome(role, server.url, retries=1, timeout=patience(name) * 4) == Outcome("openai:tiny", "")
    assert len(server.requests) == 2


def test_a_retry_after_is_obeyed() -> None:
    asked_for: list[float] = []

    def at(reply: Scripted | str) -> Callable[[dict[str, Any]], Scripted | str]:
        def step(body: dict[str, Any]) -> Scripted | str:
            asked_for.append(time.monotonic())
            return reply

        return step

    slow = Scripted("slow down", status=429, headers={"retry-after": "1"})
    with ScriptedServer(at(slow), at("And who had to agree?")) as server:
        assert outcome("interviewer", server.url, retries=1).by == "openai:tiny"
    assert asked_for[1] - asked_for[0] >= 1


@pytest.mark.parametrize("role", ROLES)
def test_a_retry_after_of_an_hour_is_not_waited_for(role: str) -> None:
    hour = Scripted("slow down", status=429, headers={"retry-after": "3600"})
    with ScriptedServer(hour) as server, ScriptedServer(GOOD[role]) as sound:
        assert outcome(role, server.url, sound.url, retries=2).by == "openai:spare"


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("spare", [False, True], ids=["alone", "with a fallback"])
def test_connection_refused(role: str, spare: bool) -> None:
    with ScriptedServer() as gone:
        url = gone.url
    with ScriptedServer(*([GOOD[role]] if spare else [])) as sound:
        found = outcome(role, url, sound.url if spare else "")
    if spare:
        assert found.by == "openai:spare"
    else:
        assert found.by == ("embedded" if role == "interviewer" else "nobody")
        assert found.reason.startswith(f"The model openai:tiny cannot be reached at {url}.")


@pytest.mark.parametrize("role", ROLES)
def test_a_refused_parameter_is_left_out_from_then_on(role: str) -> None:
    refusal = Scripted("Unsupported value: temperature does not support 0.5 with this model.", status=400)
    with ScriptedServer(refusal, GOOD[role]) as server:
        assert outcome(role, server.url, temperature=0.5) == Outcome("openai:tiny", "")
    assert server.requests[0]["temperature"] == 0.5
    assert "temperature" not in server.requests[1]


def test_a_model_without_structured_output_is_asked_in_words() -> None:
    refusal = Scripted("This model does not support response_format json_schema.", status=400)

    def in_words(body: dict[str, Any]) -> str:
        assert "response_format" not in body
        assert '"moves-groups"' in str(body["messages"])
        entry = '{"quotes": ["I asked three groups to drop"], "reason": "so", "rating": 2}'
        return f'Here: {{"reply_is": "answer", "look_fors": {{"moves-groups": {entry}}}, "scope": "at"}}'

    with ScriptedServer(refusal, in_words) as server:
        assert outcome("grader", server.url) == Outcome("openai:tiny", "")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"base_url": None, "api_key_env": "NO_SUCH_KEY"}, "Set the environment variable NO_SUCH_KEY"),
        ({"base_url": None, "model": "anthropic:any"}, "pip install langchain-anthropic."),
        ({"base_url": None, "model": "bedrock:any"}, "pip install langchain-aws."),
        ({"base_url": None, "model": "gguf:/nowhere/none.gguf"}, "There is no model file"),
    ],
    ids=["key", "package", "package by another name", "file"],
)
def test_what_is_missing_is_said_with_what_to_do(
    role: str, settings: dict[str, Any], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for package in ("langchain_anthropic", "langchain_aws"):
        monkeypatch.setitem(sys.modules, package, None)
    found = outcome(role, "", **settings)
    assert words in f"{found.reason}."
    with ScriptedServer(GOOD[role]) as sound:
        assert outcome(role, "", sound.url, **settings).by == "openai:spare"


@pytest.mark.parametrize("fault", ["cut", "stall", "length"])
def test_whole_sentences_stay_and_are_gone_on_from(fault: Any) -> None:
    with ScriptedServer(Scripted("You moved the groups. Who had to", fault=fault)) as server:
        model = ModelSettings(model="openai:tiny", base_url=server.url, retries=0, timeout=1)
        said = build_interviewer(Settings(), model, SayingInterviewer(EMBEDDED_WORDS), ()).speak(PROBE, CONTEXT)
        assert "".join(said.chunks) == f"You moved the groups. {EMBEDDED_WORDS}"
    assert said.usage.replaced.endswith(".")


def test_every_row_of_the_documented_table_is_tested_and_every_tested_fault_is_documented() -> None:
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    table = text[text.index("## What happens when a model fails") :]
    documented = re.findall(r"^\| (?!what |---)(.+?) \|", table[3:].partition("\n## ")[0], re.MULTILINE)
    tested = {
        *TRANSPORT,
        *CONTENT,
        *FORMS,
        *PASSING,
        "no key, or a provider's package is missing",
        "a parameter it does not take",
        "no structured output",
    }
    assert set(documented) == tested
    assert len(documented) == len(tested)


def test_a_model_is_opened_before_its_first_call(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(ChatModel, "warm", lambda self: opened.append(self.spec))
    model = ModelSettings(model="openai:tiny", fallbacks=("embedded",))
    build_interviewer(Settings(), model, SayingInterviewer(""), ())
    deadline = time.monotonic() + 10
    while not opened and time.monotonic() < deadline:
        time.sleep(0.01)
    assert opened == ["openai:tiny"]
