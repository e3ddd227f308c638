"""The bench of own time: what it measures is right; how fast this machine is, is not asserted."""

import time
from typing import Any

import pytest

from interviewer.bench import latency
from interviewer.grading.rating import Exchange
from interviewer.guide.model import Kind, Level, Rubric
from interviewer.wiring import Parts
from tests.fakes import BlankSensor


def test_a_run_measures_every_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Parts, "_embedded_grader", BlankSensor())
    monkeypatch.setattr(latency, "WARM_UP", 1)
    monkeypatch.setattr(latency, "_rest", lambda: None)
    report = latency.measure(turns=2)
    assert report["turns"] == 2
    for key in ("sensor", "chunk", "bare_first_sentence"):
        assert 0 < report[key]["median"] <= report[key]["p95"]
    table = latency.render(report)
    assert table.count("\n|") == 7
    assert ("(over)" in table) == (not all(report["within"].values()))


def test_the_sensors_time_is_that_of_the_turn_alone() -> None:
    class Slow(BlankSensor):
        def grade(self, exchange: Any, rubric: Any) -> Any:
            time.sleep(0.01)
            return super().grade(exchange, rubric)

    sensor = latency.TimedSensor(Slow())
    exchange, rubric = Exchange(Level.STAFF, Kind.CODING, "?", ()), Rubric(Level.STAFF, Kind.CODING, (), (), (), ())
    sensor.grade(exchange, rubric)
    sensor.grade(exchange, rubric)
    assert sensor.seconds >= 0.02


def row(**changes: Any) -> dict[str, object]:
    seconds = {"sensor": 0.03, "before_call": 0.006, "first_sentence": 0.09}
    return {**seconds, "bare_before_call": 0.002, "bare_first_sentence": 0.06, "chunks": [0.0001] * 19, **changes}


def test_the_bare_client_is_taken_off_and_bars_are_held_against_the_rest() -> None:
    report = latency._report([row()] * 20)
    assert report["before_call"] == pytest.approx({"median": 4.0, "p95": 4.0})
    assert report["first_sentence"]["median"] == pytest.approx(30.0)
    assert report["chunk"]["p95"] == pytest.approx(0.1)
    assert all(report["within"].values())
    late = row(first_sentence=0.2)
    slow = latency._report([row(before_call=0.02, chunks=[0.001] * 9), late, late])
    assert slow["within"] == {"before_call": False, "chunk": False, "first_sentence": False}
    assert latency.render(slow).count("(over)") == 3


def test_own_time_for_a_chunk_is_what_passes_until_the_next_is_asked_for() -> None:
    import openai

    class Stream(openai.Stream):  # type: ignore[type-arg]
        def __init__(self) -> None:
            self._iterator = iter([1, 2, 3])

    with latency.chunks_timed() as found:
        for _ in Stream():
            time.sleep(0.002)
    assert len(found) == 3
    assert min(found) >= 0.002
    assert openai.Stream.__iter__.__name__ == "__iter__"
