"""Doubles for tests; each of them fails loudly when it is asked for more than it was told."""

import json
import re
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal, Self

from interviewer.engines.llm.models import ChatModel
from interviewer.engines.protocols import Context, Graded, Usage, Utterance
from interviewer.grading.rating import Assessment, Exchange, Grade, Maker, Rating, Scope
from interviewer.guide.model import Rubric
from interviewer.settings import ModelSettings

# -- a scripted chat model, over the real protocol ---------------------------------------------------------------------


@dataclass(frozen=True)
class Scripted:
    """One scripted answer of the chat-completions server.

    Attributes:
        text: The message's content; streamed in words when the request asks for a stream.
        status: HTTP status; any but 200 sends `text` as the error's message.
        headers: More response headers, such as `retry-after-ms`.
        fault: "hang": no answer until the server closes; "stall": the same after `text`; "cut": the connection is
            dropped after `text`;
            "empty": no content; "refusal": `text` comes as a refusal; "html": a page instead of JSON;
            "length": stopped by the token limit; "filter": stopped by the provider's filter; "drop": the connection
            is closed before any answer.
        cached: Tokens reported as read from the prefix cache.
    """

    text: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    fault: Literal["", "hang", "stall", "cut", "empty", "refusal", "html", "length", "filter", "drop"] = ""
    cached: int = 0


Step = Scripted | str | Callable[[dict[str, Any]], Scripted | str]


class ScriptedServer:
    """A loopback server that speaks /v1/chat/completions and answers from a script, in order.

    A step of the script may be a function of the request's body; steps may be added to `script` on the way.
    Requests are kept in `requests` (the JSON bodies) and `keys` (the Authorization headers). A request beyond the
    script is answered with status 500 and remembered in `overrun`.
    """

    def __init__(self, *script: Step) -> None:
        self.script: list[Step] = list(script)
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.overrun = 0
        self.closing = threading.Event()
        self._lock = threading.Lock()
        handler = type("Handler", (_Handler,), {"owner": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def take(self, body: dict[str, Any], key: str) -> Scripted:
        with self._lock:
            self.requests.append(body)
            self.keys.append(key)
            if not self.script:
                self.overrun += 1
                return Scripted(f"the script has no answer for request {len(self.requests)}", status=500)
            step = self.script.pop(0)
        if callable(step):
            step = step(body)
        return Scripted(step) if isinstance(step, str) else step

    def texts(self, request: int) -> list[str]:
        """Return the messages of a request as text, in order."""
        return [str(message["content"]) for message in self.requests[request]["messages"]]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        if kind is None:
            assert not self.overrun, f"{self.overrun} request(s) came after the script's end"
            assert not self.script, f"{len(self.script)} scripted answer(s) were never asked for"


def form(*quotes: str, rating: int = 2) -> Callable[[dict[str, Any]], str]:
    """Return a script's step that fills in whatever form the request asks for."""

    def fill(body: dict[str, Any]) -> str:
        schema = body["response_format"]["json_schema"]["schema"]

        def value(name: str, of: dict[str, Any]) -> Any:
            of = schema["$defs"][of["$ref"].rsplit("/", 1)[1]] if "$ref" in of else of
            if "properties" in of:
                return {key: value(key, inner) for key, inner in of["properties"].items()}
            made = {"quotes": list(quotes), "reason": "so it says", "rating": rating, "quote": None, "raised": False}
            return {"reply_is": "answer", "scope": "at"}.get(name, made.get(name))

        return json.dumps(value("", schema))

    return fill


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client that stops listening is part of the tests; anything else is a fault of the double.
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    owner: ScriptedServer

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        if self.path != "/v1/chat/completions":
            return self._send(404, json.dumps({"error": {"message": f"no {self.path} here"}}))
        step = self.owner.take(body, self.headers.get("Authorization", ""))
        try:
            self._answer(step, body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _answer(self, step: Scripted, body: dict[str, Any]) -> None:
        if step.fault == "hang":
            self.owner.closing.wait(30)
        if step.fault in ("hang", "drop"):
            self.close_connection = True
            return
        if step.fault == "html":
            return self._send(200, "<html><body>It works!</body></html>", "text/html")
        if step.status != 200:
            return self._send(step.status, json.dumps({"error": {"message": step.text}}), headers=step.headers)
        text = "" if step.fault in ("empty", "refusal") else step.text
        finish = {"length": "length", "filter": "content_filter"}.get(step.fault, "stop")
        read, written = sum(len(str(m["content"])) for m in body["messages"]) // 4, len(step.text) // 4
        usage = {
            "prompt_tokens": read,
            "completion_tokens": written,
            "total_tokens": read + written,
            "prompt_tokens_details": {"cached_tokens": step.cached},
        }
        base = {"id": "scripted", "created": 0, "model": body.get("model", "scripted")}
        message: dict[str, Any] = {"role": "assistant", "content": text}
        if step.fault == "refusal":
            message = {"role": "assistant", "content": None, "refusal": step.text}
        elif body.get("tools"):
            call = {"name": body["tools"][0]["function"]["name"], "arguments": text}
            message["tool_calls"] = [{"id": "call-1", "type": "function", "index": 0, "function": call}]
            message["content"] = None
        if not body.get("stream"):
            choice = {"index": 0, "finish_reason": finish, "message": message}
            whole = json.dumps(base | {"object": "chat.completion", "usage": usage, "choices": [choice]})
            return self._send(200, whole, half=step.fault)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

        def event(delta: dict[str, Any], finish: str | None = None, last: bool = False) -> None:
            chunk = base | {"object": "chat.completion.chunk", "choices": []}
            if not last:
                chunk["choices"] = [{"index": 0, "delta": delta, "finish_reason": finish}]
            elif (body.get("stream_options") or {}).get("include_usage"):
                chunk["usage"] = usage
            self._chunk(f"data: {json.dumps(chunk)}\n\n")

        event({"role": "assistant"})
        if step.fault == "refusal":
            event({"refusal": step.text})
        for word in re.findall(r"\s*\S+\s*?", text):
            event({"content": word})
        if step.fault == "stall":
            self.owner.closing.wait(30)
        if step.fault in ("cut", "stall"):
            self.close_connection = True
            self.connection.close()
            return
        event({}, finish)
        event({}, last=True)
        self._chunk("data: [DONE]\n\n")
        self._chunk("")

    def _chunk(self, text: str) -> None:
        data = text.encode()
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def _send(
        self,
        status: int,
        text: str,
        kind: str = "application/json",
        headers: dict[str, str] | None = None,
        half: str = "",
    ) -> None:
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        if half not in ("cut", "stall"):
            self.wfile.write(data)
            return
        self.wfile.write(data[: len(data) // 2])
        self.close_connection = True
        if half == "stall":
            self.owner.closing.wait(30)


# -- engines -----------------------------------------------------------------------------------------------------------


class SilentModel(ChatModel):
    """A chat model that must not be called."""

    def __init__(self) -> None:
        super().__init__(ModelSettings(model="silent:model"))

    def _build(self) -> Any:
        raise AssertionError("this model must not be called")


class SilentInterviewer:
    """An interviewer that must not speak."""

    spec = "silent"

    def speak(self, step: Any, context: Context) -> Utterance:
        raise AssertionError(f"this interviewer must not speak; it was asked for {step}")


class SayingInterviewer:
    """An interviewer that says the same words whatever the step; `steps` holds what it was asked for."""

    spec = "saying"

    def __init__(self, words: str = "What happened then?") -> None:
        self.words = words
        self.steps: list[Any] = []

    def speak(self, step: Any, context: Context) -> Utterance:
        self.steps.append(step)
        return Utterance(iter(re.findall(r"\S+\s*", self.words)))


class BlankSensor:
    """Stands in for the embedded grader: finds nothing shown, so that the policy probes."""

    spec = "embedded"

    def grade(self, exchange: Exchange, rubric: Rubric) -> Graded:
        ratings = tuple(Rating(item.id, 0, 0.8) for item in rubric.items())
        return Graded(Grade(ratings, (), Scope.AT, Maker("embedded", "1")))


class ListedGrader:
    """A grader that returns the given assessments in order."""

    def __init__(self, *assessments: Assessment, spec: str = "listed", tokens: int = 10) -> None:
        self.spec = spec
        self._left = list(assessments)
        self._tokens = tokens
        self._lock = threading.Lock()

    def grade(self, exchange: Exchange, rubric: Rubric) -> Graded:
        with self._lock:
            assert self._left, "this grader has no more assessments"
            return Graded(self._left.pop(0), Usage(engine=self.spec, tokens_in=self._tokens))
