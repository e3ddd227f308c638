"""Every way a chat model can fail ends in one sentence, over the real protocol."""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, Literal

import pytest
from langchain_core.messages import AIMessage, AIMessageChunk
from pydantic import BaseModel, ConfigDict

from interviewer.engines.llm import local, models
from interviewer.engines.llm.models import ChatModel, cost, open_model
from interviewer.engines.protocols import Usage
from interviewer.errors import BadModelReply, ModelError, ModelTimeout, ModelUnavailable
from interviewer.settings import ModelSettings
from tests.fakes import Scripted, ScriptedServer

KEY = "sk-test-0123456789abcdef"
ASK: list[tuple[Literal["system", "user", "assistant"], str]] = [("system", "Be brief."), ("user", "Say something.")]


class Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")
    reason: str
    rating: Literal[0, 1, 2]


def opened(server: ScriptedServer, **changes: Any) -> ChatModel:
    settings: dict[str, Any] = {"model": "openai:tiny", "base_url": server.url, "retries": 0, "timeout": 5} | changes
    return open_model(ModelSettings(**settings), KEY)


def said(model: ChatModel, usage: Usage | None = None) -> str:
    return "".join(model.stream(ASK, usage or Usage()))


def test_a_stream_comes_in_pieces_and_reports_its_tokens() -> None:
    usage = Usage()
    with ScriptedServer(Scripted("One two three four.", cached=5)) as server:
        pieces = list(opened(server).stream(ASK, usage))
    assert "".join(pieces) == "One two three four."
    assert len(pieces) > 2
    assert (usage.tokens_in, usage.tokens_cached, usage.tokens_out) == (5, 5, 4)
    assert usage.price is None
    assert server.keys == [f"Bearer {KEY}"]
    request = server.requests[0]
    assert request["model"] == "tiny"
    assert request["max_tokens"] == 4000
    assert "temperature" not in request
    assert [m["role"] for m in request["messages"]] == ["system", "user"]


def test_a_server_without_key_gets_a_stand_in_key() -> None:
    with ScriptedServer("Hello.") as server:
        model = open_model(ModelSettings(model="openai:tiny", base_url=server.url), None)
        assert said(model) == "Hello."
    assert server.keys == ["Bearer none"]


def test_a_schema_is_sent_and_the_reply_is_read_into_it() -> None:
    usage = Usage()
    with ScriptedServer(Scripted('{"reason": "so", "rating": 2}', cached=3)) as server:
        reply = opened(server, temperature=0).structured(ASK, Answer, usage)
    assert reply == Answer(reason="so", rating=2)
    sent = server.requests[0]["response_format"]
    assert sent["type"] == "json_schema"
    assert sent["json_schema"]["strict"] is True
    assert list(sent["json_schema"]["schema"]["properties"]) == ["reason", "rating"]
    assert server.requests[0]["temperature"] == 0
    assert usage.tokens_cached == 3


@pytest.mark.parametrize(
    ("method", "key"), [("function_calling", "tools"), ("json_mode", "response_format"), ("prompt", None)]
)
def test_every_method_of_structured_output_gives_the_same_value(method: str, key: str | None) -> None:
    with ScriptedServer('{"reason": "so", "rating": 1}') as server:
        assert opened(server, structured_output=method).structured(ASK, Answer, Usage()).rating == 1
    assert {"tools", "response_format"} & set(server.requests[0]) == ({key} if key else set())


def test_json_with_prose_around_it_is_read() -> None:
    with ScriptedServer('Here you are:\n```json\n{"reason": "so", "rating": 0}\n```') as server:
        assert opened(server).structured(ASK, Answer, Usage()).rating == 0


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Scripted('{"reason": "half of'), "not one JSON object"),
        (Scripted('{"reason": "so", "rating": 7}'), "rating: Input should be 0, 1 or 2"),
        (Scripted('{"reason": "so", "rating": 1, "total": 4}'), "total: Extra inputs"),
        (Scripted("[1, 2]"), "does not fit the form"),
        (Scripted(fault="empty"), "was empty"),
        (Scripted("I would rather not.", fault="refusal"), "refused: I would rather not."),
        (Scripted('{"reason": "so"', fault="length"), "cut off at 4000 tokens"),
        (Scripted("blah " * 10_000), "not one JSON object"),
        (Scripted("[" * 10_000), "not one JSON object"),
        (Scripted(fault="html"), "no chat reply"),
    ],
    ids=["half", "schema", "extra", "list", "empty", "refusal", "length", "rubbish", "nested", "html"],
)
def test_a_reply_that_cannot_be_used_says_why(reply: Scripted, words: str) -> None:
    with ScriptedServer(reply) as server, pytest.raises(BadModelReply, match="openai:tiny") as caught:
        opened(server).structured(ASK, Answer, Usage())
    assert words in str(caught.value)
    assert len(str(caught.value)) < 600


def test_a_reply_that_was_cut_off_is_paid_for_and_kept_for_the_log() -> None:
    usage = Usage()
    half = '{"reason": "and so on'
    with (
        ScriptedServer(Scripted(half, fault="length", cached=3)) as server,
        pytest.raises(BadModelReply, match="cut off at 4000 tokens") as caught,
    ):
        opened(server, price_out=1e6).structured(ASK, Answer, usage)
    assert caught.value.raw == half
    assert (usage.tokens_in, usage.tokens_cached, usage.tokens_out, usage.price) == (5, 3, 5, 5.0)


TRANSPORT: list[tuple[str, Scripted, type[ModelError], str]] = [
    ("401", Scripted(f"Incorrect API key provided: {KEY}", status=401), ModelUnavailable, "refused the key"),
    ("404", Scripted("no such model", status=404), ModelUnavailable, "There is no model openai:tiny"),
    ("429", Scripted("slow down", status=429), ModelUnavailable, "takes no more requests now"),
    ("500", Scripted("oops", status=500), ModelUnavailable, "failed (status 500)"),
    ("400", Scripted(f"bad thing, Bearer {KEY}", status=400), ModelUnavailable, "refused the request (status 400"),
    ("hang", Scripted(fault="hang"), ModelTimeout, "did not answer within 0.3 seconds"),
    ("cut", Scripted("Here is a long", fault="cut"), ModelUnavailable, "broke off in the middle"),
    ("stall", Scripted("Here is a", fault="stall"), ModelTimeout, "did not answer within 0.3 seconds"),
    ("drop", Scripted(fault="drop"), ModelUnavailable, "cannot be reached"),
]


@pytest.mark.parametrize("way", ["stream", "structured"])
@pytest.mark.parametrize(("reply", "kind", "words"), [row[1:] for row in TRANSPORT], ids=[row[0] for row in TRANSPORT])
def test_every_fault_is_one_sentence_without_the_key(
    way: str, reply: Scripted, kind: type[ModelError], words: str
) -> None:
    with ScriptedServer(reply) as server:
        model = opened(server, timeout=0.3 if reply.fault in ("hang", "stall") else 5)
        with pytest.raises(ModelError) as caught:
            said(model) if way == "stream" else model.structured(ASK, Answer, Usage())
    assert type(caught.value) is kind
    assert words in str(caught.value)
    assert KEY not in str(caught.value)
    assert caught.value.__cause__ is None


def test_connection_refused_names_the_address() -> None:
    with ScriptedServer() as server:
        url = server.url
    model = open_model(ModelSettings(model="openai:tiny", base_url=url, retries=0), KEY)
    with pytest.raises(ModelUnavailable, match="cannot be reached at http://127"):
        said(model)


@pytest.mark.parametrize("headers", [{"retry-after-ms": "5"}, {}], ids=["retry-after", "no retry-after"])
def test_a_passing_429_is_retried(headers: dict[str, str]) -> None:
    with ScriptedServer(Scripted("slow down", status=429, headers=headers), "Better now.") as server:
        assert said(opened(server, retries=1)) == "Better now."
    assert len(server.requests) == 2


def test_retries_are_as_many_as_configured() -> None:
    fault = Scripted("oops", status=500, headers={"retry-after-ms": "1"})
    with ScriptedServer(fault, fault, fault) as server, pytest.raises(ModelUnavailable):
        said(opened(server, retries=2))


def test_a_cut_stream_hands_out_what_came_first() -> None:
    heard: list[str] = []

    def listen() -> None:
        for piece in opened(server).stream(ASK, Usage()):
            heard.append(piece)

    with (
        ScriptedServer(Scripted("You said it was slow.", fault="cut")) as server,
        pytest.raises(ModelUnavailable, match="broke off"),
    ):
        listen()
    assert "".join(heard).startswith("You said")


def test_a_stream_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(0, 10_000, 2))
    monkeypatch.setattr(models, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    with (
        ScriptedServer("blah " * 1000) as server,
        pytest.raises(ModelTimeout, match="still speaking after 5 seconds"),
    ):
        said(opened(server))


def test_a_filtered_stream_is_an_error() -> None:
    with (
        ScriptedServer(Scripted("No thanks", fault="filter")) as server,
        pytest.raises(BadModelReply, match="filter cut off"),
    ):
        said(opened(server))


@pytest.mark.parametrize("fault", ["empty", "refusal"])
def test_a_stream_without_content_is_no_text(fault: Any) -> None:
    with ScriptedServer(Scripted(fault=fault)) as server:
        assert said(opened(server)) == ""


def test_a_refused_temperature_is_dropped_once_and_for_all() -> None:
    refusal = Scripted("Unsupported value: 'temperature' does not support 0.2 with this model.", status=400)
    with ScriptedServer(refusal, "Hello.", "Again.") as server:
        model = opened(server, temperature=0.2)
        assert said(model) == "Hello."
        assert said(model) == "Again."
    assert ["temperature" in r for r in server.requests] == [True, False, False]


def test_refused_stream_options_and_limit_are_dropped() -> None:
    with ScriptedServer(
        Scripted("Unknown field stream_options", status=400),
        Scripted("'max_tokens' is not supported, use 'max_completion_tokens'", status=400),
        "Hello.",
    ) as server:
        assert said(opened(server)) == "Hello."
    assert "stream_options" not in server.requests[1]
    assert "max_tokens" not in server.requests[2]


def test_the_same_refusal_twice_is_an_error_and_no_loop() -> None:
    refusal = Scripted("temperature is not supported", status=400)
    with ScriptedServer(refusal, refusal) as server, pytest.raises(ModelUnavailable, match="status 400"):
        said(opened(server, temperature=1))


def test_a_parameter_that_another_thread_dropped_meanwhile_is_no_error() -> None:
    both, dropped = threading.Barrier(2), threading.Event()

    def refused_to_both(body: dict[str, Any]) -> Scripted:
        first = both.wait(5) == 0
        # The second refusal comes when the other call has left the parameter out already.
        assert first or dropped.wait(5)
        return Scripted("temperature is not supported", status=400)

    def again(body: dict[str, Any]) -> str:
        assert "temperature" not in body
        dropped.set()
        return "Hello."

    with ScriptedServer(refused_to_both, refused_to_both, again, again) as server:
        model = opened(server, temperature=1)
        with ThreadPoolExecutor(2) as pool:
            assert list(pool.map(lambda _: said(model), range(2))) == ["Hello."] * 2


def test_a_refused_limit_is_dropped_for_every_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    import langchain.chat_models

    given: list[dict[str, Any]] = []

    class Refusal(Exception):
        status_code = 400

    def client(spec: str, **options: Any) -> Any:
        def stream(messages: Any) -> Any:
            given.append(options)
            if "max_tokens" in options:
                raise Refusal("max_tokens is not supported")
            yield AIMessageChunk("Hello.")

        return SimpleNamespace(stream=stream)

    monkeypatch.setattr(langchain.chat_models, "init_chat_model", client)
    model = open_model(ModelSettings(model="anthropic:any", base_url="http://127.0.0.1:9"), KEY)
    assert said(model) == "Hello."
    assert ["max_tokens" in options for options in given] == [True, False]


def test_a_schema_that_a_provider_cannot_take_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    import langchain.chat_models

    def refuse(*_: Any, **__: Any) -> Any:
        raise ValueError("no such schema")

    answer = AIMessage('{"reason": "so", "rating": 1}')
    client = SimpleNamespace(with_structured_output=refuse, invoke=lambda messages: answer)
    monkeypatch.setattr(langchain.chat_models, "init_chat_model", lambda spec, **options: client)
    with caplog.at_level("DEBUG", "interviewer"):
        assert open_model(ModelSettings(model="anthropic:any"), KEY).structured(ASK, Answer, Usage()).rating == 1
    assert "anthropic:any takes no schema by json_schema: no such schema" in caplog.text


def test_a_model_without_structured_output_is_asked_by_prompt() -> None:
    refusal = Scripted("This model does not support response_format", status=400)
    with ScriptedServer(refusal, '{"reason": "so", "rating": 2}', '{"reason": "so", "rating": 1}') as server:
        model = opened(server)
        assert model.structured(ASK, Answer, Usage()).rating == 2
        assert model.structured(ASK, Answer, Usage()).rating == 1
    assert ["response_format" in r for r in server.requests] == [True, False, False]


def test_no_key_and_no_address_says_which_variable_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(ModelUnavailable, match="OPENAI_API_KEY"):
        open_model(ModelSettings(model="openai:tiny")).warm()


def test_a_missing_provider_package_is_one_sentence_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "langchain_anthropic", None)
    with pytest.raises(ModelUnavailable, match=r"pip install langchain-anthropic$"):
        open_model(ModelSettings(model="anthropic:any"), KEY).warm()


def test_an_unknown_provider_is_one_sentence() -> None:
    with pytest.raises(ModelError, match="nobody:any"):
        open_model(ModelSettings(model="nobody:any"), KEY).warm()


def test_tracing_stays_off_whatever_the_shell_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGSMITH_TRACING_V2", "true")
    seen: list[bool] = []
    from langsmith.utils import get_env_var, tracing_is_enabled

    get_env_var.cache_clear()
    assert tracing_is_enabled()
    with ScriptedServer("Hello.", '{"reason": "so", "rating": 1}') as server:
        model = opened(server)
        kind = type(model._open())

        def spied(original: Any) -> Any:
            def call(*args: Any, **kwargs: Any) -> Any:
                seen.append(bool(tracing_is_enabled()))
                return original(*args, **kwargs)

            return call

        for name in ("_generate", "_stream"):
            monkeypatch.setattr(kind, name, spied(getattr(kind, name)))
        assert said(model) == "Hello."
        model.structured(ASK, Answer, Usage())
    get_env_var.cache_clear()
    assert seen == [False, False]


def test_price_counts_cached_tokens_apart() -> None:
    settings = ModelSettings(model="openai:tiny", price_in=2.0, price_cached=0.5, price_out=8.0)
    assert cost(settings, 1_000_000, 400_000, 500_000) == pytest.approx(0.6 * 2 + 0.4 * 0.5 + 0.5 * 8)
    assert cost(settings.model_copy(update={"price_cached": None}), 10, 4, 0) == pytest.approx(20e-6)
    assert cost(ModelSettings(model="openai:tiny"), 1_000_000, 400_000, 500_000) is None


def test_every_call_adds_its_tokens_and_its_price() -> None:
    usage = Usage()
    prices = {"price_in": 1e6, "price_cached": 0.0, "price_out": 1e6}
    with ScriptedServer(Scripted("One two three four.", cached=5), '{"reason": "so", "rating": 2}') as server:
        said(opened(server, **prices), usage)
        opened(server, **prices).structured(ASK, Answer, usage)
    assert (usage.tokens_in, usage.tokens_cached, usage.tokens_out) == (10, 5, 11)
    assert usage.price == 5 + 11


# -- model files -------------------------------------------------------------------------------------------------------


def test_a_missing_model_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"no model file .*none\.gguf"):
        open_model(ModelSettings(model=f"gguf:{tmp_path}/none.gguf")).warm()


def test_a_missing_llama_is_one_sentence_with_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    file = tmp_path / "m.gguf"
    file.write_bytes(b"GGUF")
    with pytest.raises(ModelUnavailable, match=r"pip install xllamacpp$"):
        open_model(ModelSettings(model=f"gguf:{file}")).warm()


def test_a_model_file_is_served_once_and_spoken_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loads: list[str] = []
    keys: list[str] = []

    class Params:
        def __init__(self) -> None:
            self.model = SimpleNamespace(path="")
            self.cpuparams, self.cpuparams_batch = SimpleNamespace(), SimpleNamespace()

    with ScriptedServer("Hello.", '{"reason": "so", "rating": 2}') as server:

        def serve(params: Any) -> Any:
            loads.append(params.model.path)
            assert params.hostnames == ["127.0.0.1"]
            keys.extend(params.api_keys)
            return SimpleNamespace(listening_address=server.url.removesuffix("/v1"))

        fake = ModuleType("xllamacpp")
        fake.CommonParams, fake.Server = Params, serve  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "xllamacpp", fake)
        monkeypatch.setattr(local, "_served", {})
        file = tmp_path / "m.gguf"
        file.write_bytes(b"GGUF")
        settings = ModelSettings(model=f"gguf:{file}")
        assert said(open_model(settings)) == "Hello."
        assert open_model(settings).structured(ASK, Answer, Usage()).rating == 2
    assert loads == [str(file)]
    assert server.keys == [f"Bearer {key}" for key in keys * 2]
    assert len(keys[0]) == 32


@pytest.mark.parametrize(
    ("reply", "heard"),
    [
        ("<think>He said {x}. Hm.</think> Who agreed?", "Who agreed?"),
        ("<thing> is no thought.", "<thing> is no thought."),
        ("<think>and never an end", ""),
        ("<", "<"),
    ],
)
def test_a_reasoning_models_thoughts_are_left_out(reply: str, heard: str) -> None:
    with ScriptedServer(reply) as server:
        assert said(opened(server)) == heard


def test_thoughts_before_a_json_object_are_left_out() -> None:
    with ScriptedServer('<think>{"rating": 9}</think>{"reason": "so", "rating": 1}') as server:
        assert opened(server).structured(ASK, Answer, Usage()).rating == 1
