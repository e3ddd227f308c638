"""How long a turn of the embedded engine takes: `python -m interviewer.bench.turn`.

From handing a 150-word answer to the service until the first words of what the
interviewer says next, the answer's commit included, in a store of its own.
Prints the median and the 95th percentile in milliseconds, and replies graded a
second.
"""

import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from interviewer.bench.calibration import load
from interviewer.guide.model import Kind, Level
from interviewer.service import Setup
from interviewer.settings import load_settings
from interviewer.wiring import Parts

TURNS = 40


def main() -> int:
    """Hold interviews with the set's own replies and print how long each turn took."""
    answers = [" ".join(one.exchange.replies) for one in load(split="development") if 120 <= one.words <= 180][:TURNS]
    with tempfile.TemporaryDirectory() as folder:
        parts = Parts(load_settings(env={"INTERVIEWER_DATA_DIR": folder}))
        service = parts.service()
        exchange, rubric = _first(parts)
        began = time.perf_counter()
        parts.sensor().grade(exchange, rubric)
        loaded = time.perf_counter() - began
        parts.warm()
        took, graded = [], 0.0
        for n, answer in enumerate(answers):
            interview = service.start(Setup(Level.STAFF, (Kind.BEHAVIORAL,), 45, seed=n))
            list(service.resume(interview))
            began = time.perf_counter()
            next(iter(service.reply(interview, answer)))
            took.append(1000 * (time.perf_counter() - began))
            exchange, rubric = _first(parts, answer + " ")
            began = time.perf_counter()
            parts.sensor().grade(exchange, rubric)
            graded += time.perf_counter() - began
    print(f"{len(took)} answers of 120 to 180 words, {sys.platform}, {Path(sys.executable).name}")
    print(f"turn: median {np.median(took):.0f} ms, 95th percentile {np.percentile(took, 95):.0f} ms")
    print(f"graded: {len(took) / graded:.1f} replies a second; first grade after {loaded:.2f} s")
    return 0


def _first(parts: Parts, text: str = "I moved the ledger to a queue and it held."):  # type: ignore[no-untyped-def]
    one = load(split="development")[0]
    turns = (replace(one.exchange.turns[0], text=text),)
    exchange = replace(one.exchange, turns=turns)
    return exchange, parts.guide.rubric(exchange.level, exchange.kind)


if __name__ == "__main__":
    raise SystemExit(main())
