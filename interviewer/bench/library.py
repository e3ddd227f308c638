"""How a library of thousands opens and searches: `python -m interviewer.bench.library [--interviews N]`.

The interviews are made of the calibration set's replies and ratings, six to nine questions each, and kept in a
throw-away store on disk. Times are medians of several runs; those marked as first are taken once, with nothing warm.
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tqdm import tqdm

from interviewer.bench import calibration
from interviewer.bench.labels import Labelled
from interviewer.grading.rating import Verdict
from interviewer.guide.model import Kind, Level
from interviewer.interview.events import (
    Ask,
    CandidateReplied,
    Close,
    Closed,
    Event,
    InterviewerSpoke,
    InterviewStarted,
    Plan,
    PlannedQuestion,
    Probe,
    Renamed,
    ReplyGraded,
    StepChosen,
)
from interviewer.interview.state import fold
from interviewer.review.library import Library, Query
from interviewer.service import Service
from interviewer.settings import Settings
from interviewer.store import Store
from interviewer.wiring import Parts

# A day of interviews now and then, for some years.
FIRST = datetime(2023, 1, 2, 9, 0, tzinfo=UTC)


def events(labelled: Sequence[Labelled], number: int) -> Iterator[Event]:
    """Yield the events of one interview of a level's labelled replies; the same number gives the same interview."""
    choose = random.Random(number)
    chosen = choose.sample(labelled, choose.randint(6, 9))
    level = chosen[0].exchange.level
    kinds = tuple(dict.fromkeys(one.exchange.kind for one in chosen))
    planned = [PlannedQuestion(one.id, one.exchange.question, one.exchange.kind, (), "") for one in chosen]
    at = FIRST + timedelta(hours=5 * number)
    yield InterviewStarted(Plan(level, kinds, 45, number, tuple(planned)), "", "embedded", "embedded", "0", at)
    for place, (one, question) in enumerate(zip(chosen, planned, strict=True)):
        ask = Ask(question.id, question.text, question.kind, (), "", place + 1, "done" if place else "start")
        yield StepChosen(ask, at)
        yield InterviewerSpoke(question.text, at=at)
        for turn in one.exchange.turns:
            if turn.speaker == "candidate":
                yield CandidateReplied(turn.text, at=at)
            else:
                yield StepChosen(Probe("trade-offs", "what it cost", "", 1), at)
                yield InterviewerSpoke(turn.text, at=at)
        yield ReplyGraded(place, len(one.exchange.replies), one.grade, at=at)
        at += timedelta(minutes=5)
    if number % 10:
        yield StepChosen(Close("done"), at)
        yield InterviewerSpoke("Thank you, that is all I have.", at=at)
        yield Closed("done", at)
    if number % 7 == 0:
        yield Renamed(f"Practice round {number}", at)


def fill(store: Store, count: int) -> None:
    """Make that many interviews."""
    by_level: dict[Level, list[Labelled]] = defaultdict(list)
    for one in calibration.load():
        by_level[one.exchange.level].append(one)
    levels = sorted(by_level)
    for number in tqdm(range(count), unit=" interviews", file=sys.stderr, disable=None):
        first, *rest = events(by_level[levels[number % len(levels)]], number)
        assert isinstance(first, InterviewStarted)
        store.append(store.create(first), *rest)


def median(work: Callable[[], Any], runs: int) -> float:
    """Return the median milliseconds of a piece of work."""
    return statistics.median(milliseconds(work) for _ in range(runs))


def milliseconds(work: Callable[[], Any]) -> float:
    """Return how long a piece of work took."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def measure(count: int, runs: int, folder: Path) -> dict[str, float]:
    """Return milliseconds by what was done, in a store with that many interviews."""
    parts = Parts(Settings(data_dir=folder))

    def opened() -> tuple[Store, Service, Library]:
        service = parts.service()
        assert isinstance(service.store, Store)
        return service.store, service, Library(service)

    store, _, library = opened()
    fill(store, count)
    found: dict[str, float] = {}
    size = sum(path.stat().st_size for path in folder.glob("interviews.db*"))
    some = [fold(store.events(row.id)) for row in store.rows()[:: max(1, count // 50)]]
    talk = statistics.mean(sum(len(said.text) for said in state.said) for state in some)
    print(f"{count:,} interviews of about {talk:,.0f} characters, {size / 1e6:.0f} MB", flush=True)
    found["first look of all, nothing read yet"] = milliseconds(library.find)
    found["the rest of them"] = milliseconds(lambda: library.refresh(3600))
    library.close()
    store.close()

    def open_and_look() -> None:
        store, _, library = opened()
        assert library.find().total == count
        library.close()
        store.close()

    found["open the store and show the first page"] = median(open_and_look, runs)
    store, service, library = opened()
    text = service.store.events(service.store.rows()[count // 2].id)[3]
    rare = max(getattr(text, "text", "nothing").split(), key=len)
    for name, query in (
        ("first page", Query()),
        ("a word many hold", Query(words="migration")),
        ("three words", Query(words="queue team week")),
        (f"a rare word ({rare})", Query(words=rare)),
        ("a word none holds", Query(words="zanzibar")),
        (
            "level, kind, verdict and dates",
            Query("", Level.STAFF, Kind.CODING, Verdict.HIRE, True, FIRST.date(), FIRST.date() + timedelta(400)),
        ),
    ):
        found[f"{name}: {library.find(query).total:,} found"] = median(lambda q=query: library.find(q), runs)  # type: ignore[misc]
    found["the last page"] = median(lambda: library.find(Query(), 50, count - 50), runs)
    newest = service.store.rows()[0].id

    def rename() -> None:
        library.rename(newest, "Renamed")
        library.find()

    found["rename one and look again"] = median(rename, runs)
    found["delete one"] = milliseconds(lambda: library.delete(newest))
    found["take the deletion back"] = milliseconds(library.undelete)
    library.close()
    found["end of the program, the file written anew"] = milliseconds(store.close)
    return found


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--interviews", type=int, default=5000, metavar="N", help="how many are made (5000)")
    parser.add_argument("--runs", type=int, default=7, metavar="N", help="runs of each, the median counts (7)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name, took in measure(args.interviews, args.runs, Path(folder)).items():
            print(f"{took:8.0f} ms  {name}")


if __name__ == "__main__":
    main()
