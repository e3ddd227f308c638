"""For programs: the Python API of docs/api.md, the app's endpoints, and who may not call them."""

import gc
import importlib.metadata
import importlib.util
import json
import re
import runpy
import urllib.error
import urllib.request
import warnings
from pathlib import Path

import gradio as gr
import pytest
from gradio_client import Client

import app as start
from interviewer.api import one_of, open_interviewer
from interviewer.errors import InputError, UnknownInterview
from interviewer.grading.rating import Grade, NotAssessed, Ungraded, Verdict
from interviewer.guide.model import Kind, Level
from interviewer.service import Setup
from interviewer.settings import Settings
from interviewer.ui import endpoints
from interviewer.ui.endpoints import ENDPOINTS, add_endpoints
from interviewer.ui.origin import OwnPagesOnly, refusal
from interviewer.wiring import Parts

# The server under test leaves event loops and sockets to the garbage collector, which may come in any test.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
ROOT = Path(__file__).resolve().parent.parent
DOC = ROOT / "docs" / "api.md"
STORY = (
    "I moved the ledger writes to a queue because month end locked the database for six hours. I wrote the plan, "
    "paired with two juniors on the consumers, and we switched one account type a week. Month end now takes forty "
    "minutes. What I gave up was reading your own write."
)


# -- from Python -----------------------------------------------------------------------------------------------------


def python_blocks() -> list[str]:
    return re.findall(r"```python\n(.*?)```", DOC.read_text(encoding="utf-8"), re.DOTALL)


def test_the_example_of_the_documentation_runs(tmp_path, capsys) -> None:
    example = python_blocks()[0]
    assert len([line for line in example.splitlines() if line.strip()]) <= 12
    assert example in (ROOT / "README.md").read_text(encoding="utf-8")
    (tmp_path / "example.py").write_text(example)
    runpy.run_path(str(tmp_path / "example.py"))
    said = capsys.readouterr().out
    assert "This is a practice interview" in said
    assert len(said.strip().splitlines()) >= 4  # the opening, the answer to the reply, the verdict, the other grade
    assert "at senior" in said
    assert re.search(r"(hire|not enough to say)", said)


def test_an_interview_from_a_program(tmp_path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    with open_interviewer(settings) as interviewer:
        interview = interviewer.start(Setup(Level.STAFF, (Kind.BEHAVIORAL,), minutes=45, seed=3))
        state = interviewer.interview(interview)
        assert state.plan.level is Level.STAFF
        assert [said.speaker for said in state.said] == ["interviewer"]
        assert interviewer.reply(interview, STORY)
        assert "".join(interviewer.stream(interview, "skip"))
        assert interviewer.finish(interview)
        assert interviewer.finish(interview) == ""
        card = interviewer.scorecard(interview)
        assert isinstance(card.exchanges[0].assessment, Grade)
        assert [line.id for line in interviewer.library.find().lines] == [interview]
        with pytest.raises(InputError, match="over"):
            interviewer.reply(interview, STORY)
        with pytest.raises(UnknownInterview):
            interviewer.scorecard("nope")
    with open_interviewer(settings) as interviewer:
        assert interviewer.interview(interview).closed


def test_one_reply_is_graded_without_an_interview(tmp_path) -> None:
    with open_interviewer(Settings(data_dir=tmp_path / "data")) as interviewer:
        one = interviewer.grade("A project you led?", STORY, Level.STAFF, Kind.DEEP_DIVE)
        assert isinstance(one.assessment, Grade)
        assert one.verdict in Verdict
        assert {probe.id for probe in one.rubric.probes} == {probe.id for probe in interviewer.guide.probes}
        assert isinstance(interviewer.grade("A project you led?", "skip").assessment, NotAssessed)
        german = "Ich habe die Migration der Datenbank geleitet und danach das Team über alles informiert."
        assert isinstance(interviewer.grade("A project you led?", german).assessment, Ungraded)
        assert interviewer.library.find().total == 0


def test_names_are_found_however_they_are_written() -> None:
    assert one_of(Verdict, "verdict", " Strong-no hire") is Verdict.STRONG_NO_HIRE
    assert one_of(Kind, "kind", "system_design") is Kind.SYSTEM_DESIGN
    with pytest.raises(InputError, match=r"no level 'junior'\. Use senior or staff"):
        one_of(Level, "level", "junior")


# -- from other programs ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """The endpoints on a loopback address, behind what app.py puts before them; their service and address."""
    folder = tmp_path_factory.mktemp("app")
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        patch.setenv("GRADIO_TEMP_DIR", str(folder / "gradio"))
        patch.setenv("GRADIO_ANALYTICS_ENABLED", "False")
        warnings.simplefilter("ignore")
        parts = Parts(Settings(data_dir=folder / "data"))
        service = parts.service()
        with gr.Blocks(analytics_enabled=False) as blocks:
            add_endpoints(service, parts)
        _, url, _ = blocks.queue().launch(
            server_name="127.0.0.1", prevent_thread_lock=True, quiet=True, ssr_mode=False, mcp_server=False,
            run_history=False, app_kwargs={"middleware": [endpoints.own_pages_only("127.0.0.1")]},
        )  # fmt: skip
        yield service, url.rstrip("/")
        blocks.close()
        service.store.close()
        gc.collect()


@pytest.fixture
def client(app):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        client = Client(app[1], verbose=False, analytics_enabled=False)
        yield client
        client.close()
        gc.collect()


@pytest.mark.filterwarnings("ignore")
def test_the_endpoints_are_those_of_the_list_and_documented(client) -> None:
    named = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    assert set(named) == {f"/{name}" for name in ENDPOINTS}
    for name, info in named.items():
        assert info["description"], name
        assert all(parameter["parameter_name"] for parameter in info["parameters"]), name
    documented = DOC.read_text(encoding="utf-8")
    assert all(f"`{name}`" in documented for name in ENDPOINTS)


@pytest.mark.filterwarnings("ignore")
def test_an_interview_over_the_endpoints(client, app) -> None:
    begun = client.predict("staff", "coding, system_design", 30, 5, "tough", api_name="/start_interview")
    assert begun["said"]
    assert (begun["question"], begun["over"]) == (1, False)
    interview = begun["interview"]
    assert client.predict(interview, STORY, api_name="/reply")["said"]
    assert client.predict(interview, api_name="/finish_interview")["over"]
    card = client.predict(interview, api_name="/scorecard")
    assert card["level"] == "staff"
    first = card["exchanges"][0]
    assert first["status"] == "graded"
    assert all(quote in STORY for rating in first["criteria"].values() for quote in rating["quotes"])
    found = client.predict(search="ledger", level="staff", api_name="/list_interviews")
    assert [line["id"] for line in found["interviews"]] == [interview]
    json.dumps([card, found])
    graded = client.predict("A project you led?", STORY, api_name="/grade_reply")
    assert graded["status"] == "graded"
    assert app[0].interview(interview).plan.level is Level.STAFF


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("name", "values", "said"),
    [
        ("/reply", ["nope", "x"], "There is no interview 'nope'"),
        ("/start_interview", ["junior"], "level"),
        ("/start_interview", ["staff", "singing"], "no kind 'singing'"),
        ("/start_interview", ["staff", ""], "kind"),
        ("/start_interview", ["staff", "coding", 900], "5 to 120"),
        ("/grade_reply", ["Q?", ["no", "text"]], "reply"),
    ],
)
def test_what_a_program_does_wrong_is_a_sentence(client, name, values, said) -> None:
    with pytest.raises(Exception, match=re.escape(said)) as caught:
        client.predict(*values, api_name=name)
    assert "fault" not in str(caught.value)


# -- who may not call ------------------------------------------------------------------------------------------------


def ask(url: str, body: str | None = None, **headers: str) -> tuple[int, str]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, body.encode() if body is not None else None, named)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


CALL = json.dumps({"data": ["", None, None, None, 50, 0]})
BEGIN = json.dumps({"data": ["senior", "behavioral", 45, 1, "neutral"]})


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/x-www-form-urlencoded"])
@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://127.0.0.1:1", "http://localhost.evil.example", "null"]
)
def test_a_foreign_page_cannot_start_or_read_anything(app, kind, origin) -> None:
    service, url = app
    before = len(service.store.rows())
    for path, body in (("/gradio_api/call/start_interview", BEGIN), ("/gradio_api/call/list_interviews", CALL)):
        status, said = ask(url + path, body, Content_Type=kind, Origin=origin)
        assert (status, "another site" in said) == (403, True)
    for path in ("/config", "/gradio_api/info", "/"):
        assert ask(url + path, Origin=origin)[0] == 403
    assert len(service.store.rows()) == before


def test_a_name_pointed_at_this_machine_is_not_answered_to(app) -> None:
    _, url = app
    port = url.rpartition(":")[2]
    for host in (f"evil.example:{port}", "evil.example", "127.0.0.1.evil.example", ""):
        status, said = ask(url + "/config", Host=host)
        assert (status, "answers to 127.0.0.1" in said) == (403, True), host
    assert ask(url + "/config", Host=f"localhost:{port}", Origin=f"http://localhost:{port}")[0] == 200


def test_our_own_page_and_other_programs_are_let_in(app) -> None:
    service, url = app
    before = len(service.store.rows())
    own = {"Content_Type": "application/json", "Origin": url, "Sec_Fetch_Site": "same-origin"}
    for headers in (own, {"Content_Type": "application/json"}):
        status, said = ask(url + "/gradio_api/call/start_interview", BEGIN, **headers)
        assert status == 200
        stream = ask(f"{url}/gradio_api/call/start_interview/{json.loads(said)['event_id']}")[1]
        assert "event: complete" in stream
    assert len(service.store.rows()) == before + 2


def test_what_a_page_embeds_is_refused_and_what_a_person_opens_is_not() -> None:
    names = OwnPagesOnly(None, "127.0.0.1").names
    base = {"host": "127.0.0.1:7860", "sec-fetch-site": "cross-site"}
    opened = base | {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert refusal("GET", opened, names) is None
    assert refusal("POST", opened, names)
    assert refusal("GET", opened | {"sec-fetch-dest": "iframe"}, names)
    assert refusal("GET", base | {"sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"}, names)
    assert refusal("GET", base | {"sec-fetch-site": "none"}, names) is None
    assert refusal("GET", {"host": "[::1]:7860"}, names) is None
    assert refusal("GET", {"host": "[::1"}, names)
    # Listening for others, any name is ours, but not any page.
    everywhere = OwnPagesOnly(None, "0.0.0.0").names
    assert refusal("GET", {"host": "talks.example"}, everywhere) is None
    assert refusal("GET", {"host": "talks.example", "origin": "https://talks.example"}, everywhere) is None
    assert refusal("GET", {"host": "talks.example", "origin": "https://evil.example"}, everywhere)


# -- MCP -------------------------------------------------------------------------------------------------------------


def test_there_is_no_tool_route_when_it_is_off(app) -> None:
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
    for path in ("/gradio_api/mcp", "/gradio_api/mcp/", "/gradio_api/mcp/schema"):
        assert ask(app[1] + path, body, Content_Type="application/json")[0] in (404, 405)


HAS_MCP = importlib.util.find_spec("mcp") is not None


@pytest.mark.filterwarnings("ignore")
@pytest.mark.skipif(not HAS_MCP, reason="the mcp extra is not installed")
def test_the_tools_are_exactly_the_endpoints_when_it_is_on(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "gradio"))
    parts = Parts(Settings(data_dir=tmp_path / "data"))
    service = parts.service()
    with gr.Blocks(analytics_enabled=False) as blocks:
        add_endpoints(service, parts)
    _, url, _ = blocks.queue().launch(
        server_name="127.0.0.1", prevent_thread_lock=True, quiet=True, ssr_mode=False, mcp_server=True,
        run_history=False, app_kwargs={"middleware": [endpoints.own_pages_only("127.0.0.1")]},
    )  # fmt: skip
    try:
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}})
        kinds = {"Content_Type": "application/json", "Accept": "application/json, text/event-stream"}
        status, said = ask(f"{url}gradio_api/mcp/", body, **kinds)
        assert status == 200
        found = json.loads(next(line for line in said.splitlines() if line.startswith("data:")).removeprefix("data:"))
        tools = found["result"]["tools"]
        assert {tool["name"] for tool in tools} == set(ENDPOINTS)
        assert all(tool["description"] for tool in tools)
        assert ask(f"{url}gradio_api/mcp/", body, **kinds, Origin="https://evil.example")[0] == 403
    finally:
        blocks.close()
        service.store.close()
        gc.collect()


def test_the_app_says_what_is_missing_for_tools(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("INTERVIEWER_MCP", "true")

    def version(found):
        def of(name):
            if found is None:
                raise importlib.metadata.PackageNotFoundError(name)
            return found

        return of

    for found, said in ((None, "not installed"), ("2.3.0", "version 2.3.0")):
        monkeypatch.setattr(importlib.metadata, "version", version(found))
        assert start.main(["--port", "0"]) == 2
        err = capsys.readouterr().err
        assert said in err
        assert '.venv/bin/pip install -e ".[mcp]"' in err
        assert err.count("\n") == 1
