"""`interviewer bench latency`: this program's own time beside a model's, against a scripted server on loopback.

Each turn of an interview is followed by the same request from the bare `openai` client, so that both are measured in
one run on one machine. Between two turns the bench waits until this program is at rest: a candidate takes longer to
answer than what is prepared meanwhile.
"""

import contextlib
import json
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import openai
from tqdm import tqdm

from interviewer.engines.protocols import Graded, Grader
from interviewer.grading.rating import Exchange
from interviewer.guide.model import Kind, Level, Rubric
from interviewer.interview.events import Answer, Ask, Close, Probe
from interviewer.service import Service, Setup
from interviewer.settings import ModelSettings, Settings
from interviewer.wiring import Parts

TURNS = 60
WARM_UP = 5
# Seconds between two words of the server: a fast model.
GAP = 0.004
# The bars, in milliseconds: own time before the call and for each chunk at the 95th percentile, and how much later
# than with the bare client the first sentence is heard, at the median.
BARS = {"before_call": 10.0, "chunk": 0.5, "first_sentence": 50.0}
_THINGS = ("ledger", "queue", "consumers", "deadline", "review", "rollback", "database", "plan", "team", "night")
_REPLY = (
    "I moved the {0} writes away from the {1}, since the {2} could not keep up. I wrote a short note on it, asked two "
    "colleagues, and we tried it on one account type first. It took three weeks longer than planned."
)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    owner: "Scripted"

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_POST(self) -> None:
        self.owner.arrived = time.perf_counter()
        self.owner.body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.owner.requests += 1
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for word in self.owner.words.split(" "):
            time.sleep(GAP)
            self._event({"content": f"{word} "}, None)
        self._event({}, "stop")
        self._chunk("data: [DONE]\n\n")
        self._chunk("")

    def _event(self, delta: dict[str, str], finish: str | None) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        chunk = {"id": "0", "object": "chat.completion.chunk", "created": 0, "model": "scripted", "choices": [choice]}
        self._chunk(f"data: {json.dumps(chunk)}\n\n")

    def _chunk(self, text: str) -> None:
        data = text.encode()
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")


@dataclass
class Scripted:
    """A server that streams the words it was given.

    Attributes:
        words: What it says next.
        arrived: When the last request came.
        body: The last request.
    """

    url: str
    words: str = ""
    arrived: float = 0.0
    body: dict[str, Any] = field(default_factory=dict)
    requests: int = 0


@contextlib.contextmanager
def serving() -> Iterator[Scripted]:
    """Run the server while the block lasts."""
    handler = type("Handler", (_Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    handler.owner = Scripted(f"http://127.0.0.1:{server.server_port}/v1")  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield handler.owner  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextlib.contextmanager
def chunks_timed() -> Iterator[list[float]]:
    """Collect the seconds between each chunk that the `openai` client hands out and the next one being asked for."""
    found: list[float] = []
    original = openai.Stream.__iter__

    def timed(self: Any) -> Iterator[Any]:
        for chunk in original(self):
            handed = time.perf_counter()
            yield chunk
            found.append(time.perf_counter() - handed)

    openai.Stream.__iter__ = timed  # type: ignore[method-assign]
    try:
        yield found
    finally:
        openai.Stream.__iter__ = original  # type: ignore[method-assign]


class TimedSensor:
    """The embedded grader with a watch on it.

    Attributes:
        seconds: What its readings took since this was last set to 0.
    """

    def __init__(self, grader: Grader) -> None:
        self.spec = grader.spec
        self.seconds = 0.0
        self._grader = grader

    def grade(self, exchange: Exchange, rubric: Rubric) -> Graded:
        """Rate an exchange."""
        began = time.perf_counter()
        try:
            return self._grader.grade(exchange, rubric)
        finally:
            self.seconds += time.perf_counter() - began


def measure(turns: int = TURNS) -> dict[str, Any]:
    """Hold interviews and return the milliseconds of each measure.

    Args:
        turns: Turns that are measured, after a few that are not.
    """
    with serving() as server, tempfile.TemporaryDirectory() as folder:
        model = ModelSettings(model="openai:scripted", base_url=server.url, retries=0)
        parts = Parts(Settings(interviewer=model, data_dir=Path(folder)))
        parts.warm()
        sensor = TimedSensor(parts.sensor())
        parts.__dict__["_embedded_grader"] = sensor
        service = parts.service()
        bare = openai.OpenAI(base_url=server.url, api_key="none", max_retries=0)
        rows = []
        interview = ""
        for number in tqdm(range(turns + WARM_UP), unit=" turns", disable=None):
            if not interview or service.interview(interview).closed:
                interview = _begin(service, server, number)
            _rest()
            row = _turn(service, interview, server, sensor, number) | _bare(bare, server)
            if number >= WARM_UP:
                rows.append(row)
        service.store.close()  # type: ignore[attr-defined]
    return _report(rows)


def _begin(service: Service, server: Scripted, number: int) -> str:
    interview = service.start(Setup(Level.STAFF, (Kind.BEHAVIORAL,), 120, seed=number))
    server.words = _words(service.interview(interview).waiting, number)
    for _ in service.resume(interview):
        pass
    return interview


def _rest() -> None:
    """Wait until nothing of this process is running."""
    idle = False
    while not idle:
        used = time.process_time()
        time.sleep(0.05)
        idle = time.process_time() - used < 0.005


def _turn(service: Service, interview: str, server: Scripted, sensor: TimedSensor, number: int) -> dict[str, Any]:
    """Say one thing and time what follows, from the moment it is sent."""
    said = [_THINGS[(number + n) % len(_THINGS)] for n in range(3)]
    requests, heard = server.requests, 0.0
    sensor.seconds = 0.0
    with chunks_timed() as chunks:
        began = time.perf_counter()
        service.take(interview, _REPLY.format(*said))
        words = service.resume(interview)
        # Looking up what to answer with belongs to this bench, not to a turn.
        paused = time.perf_counter()
        server.words = _words(service.interview(interview).waiting, number)
        paused = time.perf_counter() - paused
        for _ in words:
            heard = heard or time.perf_counter()
    if server.requests != requests + 1:
        raise RuntimeError(f"the words of this bench were not accepted: {server.body['messages'][-1]['content']}")
    own = sensor.seconds + paused
    return {
        "sensor": sensor.seconds,
        "before_call": server.arrived - began - own,
        "chunks": chunks,
        "first_sentence": heard - began - own,
    }


def _bare(client: openai.OpenAI, server: Scripted) -> dict[str, float]:
    """Send the last request again with the bare client; the first sentence is the whole text up to its first end."""
    body, text, heard = server.body, "", 0.0
    end = min(i for mark in ".?" if (i := server.words.find(mark)) >= 0)
    began = time.perf_counter()
    for chunk in client.chat.completions.create(**body):
        text += (chunk.choices[0].delta.content or "") if chunk.choices else ""
        if not heard and len(text) > end:
            heard = time.perf_counter()
    return {"bare_before_call": server.arrived - began, "bare_first_sentence": heard - began}


def _words(step: Any, number: int) -> str:
    """Return what a good model would say to a step: nothing in it has to be repaired."""
    one, other = _THINGS[number % len(_THINGS)], _THINGS[(number // len(_THINGS) + number + 1) % len(_THINGS)]
    match step:
        case Ask(text=text):
            return text
        case Probe(angle=angle):
            return f"Staying with the {one} and the {other}, what can you say about {angle}?"
        case Answer():
            return "That is open, so please go on."
        case Close():
            return "That was the last question, thank you for your time."
    raise RuntimeError(f"the interview had nothing to say: {step}")


def _report(rows: list[dict[str, Any]]) -> dict[str, Any]:
    def spread(seconds: Any) -> dict[str, float]:
        values = np.array(list(seconds)) * 1000
        return {"median": float(np.median(values)), "p95": float(np.percentile(values, 95))}

    to_server = float(np.median([row["bare_before_call"] for row in rows]))
    before = spread(row["before_call"] - to_server for row in rows)
    chunk = spread(seconds for row in rows for seconds in row["chunks"])
    later = spread(row["first_sentence"] - row["bare_first_sentence"] for row in rows)
    return {
        "turns": len(rows),
        "sensor": spread(row["sensor"] for row in rows),
        "before_call": before,
        "chunk": chunk,
        "bare_first_sentence": spread(row["bare_first_sentence"] for row in rows),
        "first_sentence": later,
        "within": {
            "before_call": before["p95"] <= BARS["before_call"],
            "chunk": chunk["p95"] <= BARS["chunk"],
            "first_sentence": later["median"] <= BARS["first_sentence"],
        },
    }


def render(report: dict[str, Any]) -> str:
    """Return a report as a Markdown table."""

    def row(name: str, key: str, bar: str = "") -> str:
        found = report[key]
        over = "" if report["within"].get(key, True) else " (over)"
        return f"| {name} | {found['median']:.2f} | {found['p95']:.2f} | {bar}{over} |"

    return "\n".join(
        [
            f"{report['turns']} turns against a scripted server on this machine, milliseconds",
            "",
            "| measure | median | 95th percentile | bar |",
            "|---|---|---|---|",
            row("own time before the model is called, sensor apart", "before_call", f"p95 {BARS['before_call']:g}"),
            row("the sensor's reading of the reply", "sensor"),
            row("own time for each streamed chunk", "chunk", f"p95 {BARS['chunk']:g}"),
            row("first sentence with the bare client", "bare_first_sentence"),
            row("first sentence: how much later here", "first_sentence", f"median {BARS['first_sentence']:g}"),
        ]
    )
