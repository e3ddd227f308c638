"""Interviews into the library: an exported file comes back as it was, a transcript becomes an interview.

A file is read whole before anything is stored, and stored in one transaction:
the library is never half-changed.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, Protocol

from interviewer.errors import InputError, UnknownInterview
from interviewer.files.captions import looks_like_captions, read_captions
from interviewer.files.chatlog import read_chat
from interviewer.files.course import Encode, Opened, make_course
from interviewer.files.record import Record, digest, read_record
from interviewer.files.sides import take_sides
from interviewer.files.text import Problem, read_text
from interviewer.guide.model import Guide, Kind, Level
from interviewer.interview.events import EVENT, Event
from interviewer.interview.state import Interview

MOST_TURNS = 2_000
MOST_CHARACTERS = 50_000
"""Most that is taken for one turn; more is a file whose speakers are not told apart."""


class Keeper(Protocol):
    """Where events are kept."""

    def events(self, interview: str) -> list[Event]: ...
    def put(self, interview: str, events: Sequence[Event], draft: str = "") -> None: ...


@dataclass(frozen=True, slots=True)
class Hints:
    """What the user says about a transcript.

    Attributes:
        kind: Kind of every question; None to read it from the questions.
        candidate: The candidate's name in the file; empty to guess.
        interviewer: The interviewer's name in the file; empty to guess.
        questions: Lines that open a question; empty to find them.
        grader: Spec of who will grade.
    """

    level: Level = Level.SENIOR
    kind: Kind | None = None
    candidate: str = ""
    interviewer: str = ""
    questions: tuple[int, ...] = ()
    grader: str = "embedded"


@dataclass(frozen=True, slots=True)
class Brought:
    """What came of one file.

    Attributes:
        outcome: "new" when it is in the library now, "known" when it was there already.
        notes: What was read and guessed, in sentences.
        problems: What could not be understood, by line.
        questions: The questions found in a transcript; empty for an exported file, which needs no grading.
    """

    file: str
    interview: str
    outcome: Literal["new", "known"]
    notes: tuple[str, ...]
    problems: tuple[Problem, ...] = ()
    questions: tuple[Opened, ...] = ()


def bring(
    path: Path,
    store: Keeper,
    guide: Guide,
    encode: Encode,
    hints: Hints = Hints(),
    now: datetime | None = None,
) -> Brought:
    """Read one file and put the interview in it into the library.

    Args:
        encode: Texts to rows of unit length; asked for a transcript only.
        now: The time in UTC; a transcript without a date is taken to have ended then.

    Raises:
        InputError: When the file cannot be used; nothing is stored then.
        StoreError: When it cannot be stored.
    """
    text, problems = read_text(path)
    if path.suffix.lower() == ".json" or text.lstrip()[:1] == "{":
        probes = {probe.id for probe in guide.probes}
        return _record(read_record(text, path.name, probes), path.name, store)
    given = [name for name in (hints.candidate, hints.interviewer) if name]
    read = read_captions(text, given) if looks_like_captions(text) else read_chat(text, given)
    problems += read.problems
    try:
        turns, notes = take_sides(read.turns, hints.candidate, hints.interviewer)
    except InputError as error:
        raise InputError(f"{path.name!r}: {error}") from None
    if len(turns) > MOST_TURNS:
        raise InputError(f"{path.name!r} has {len(turns):,} turns; at most {MOST_TURNS:,} are read. Cut it into parts.")
    if long := next((turn for turn in turns if len(turn.text) > MOST_CHARACTERS), None):
        raise InputError(
            f"{path.name!r}, line {long.line}: one turn has {len(long.text):,} characters; at most "
            f"{MOST_CHARACTERS:,} are taken. Name the speakers after that line."
        )
    course = make_course(
        turns, guide, encode, name=path.name, began=read.day, level=hints.level, kind=hints.kind,
        lines=hints.questions, grader=hints.grader, now=now or datetime.now(UTC),
    )  # fmt: skip
    count = f"{len(course.questions)} question{'' if len(course.questions) == 1 else 's'}"
    notes.append(f"{len(turns)} turns, {count}, read at {hints.level.value} level.")
    # The same file read in the same way is the same interview.
    mark = f"{text}\0{hints.level}\0{[one.line for one in course.questions]}\0{notes[0]}\0{hints.kind}"
    id = hashlib.sha256(mark.encode()).hexdigest()[:12]
    if _held(store, id) is not None:
        notes.append(f"It was imported before, as {id}; nothing was changed.")
        return Brought(path.name, id, "known", tuple(notes), tuple(problems), course.questions)
    store.put(id, course.events)
    return Brought(path.name, id, "new", tuple(notes), tuple(problems), course.questions)


def _record(record: Record, name: str, store: Keeper) -> Brought:
    """Put an exported interview back: the same changes nothing, a different one gets an id of its own."""
    held = _held(store, record.id)
    if held == record.events:
        return Brought(name, record.id, "known", (f"{record.id} is in the library already; nothing was changed.",))
    id, note = record.id, "It is back as it was exported."
    if held is not None:
        id = digest([EVENT.dump_python(event, mode="json") for event in record.events])[:12]
        note = f"The library holds another {record.id}; this one is kept beside it, as {id}."
        if _held(store, id) is not None:
            return Brought(name, id, "known", (f"It was imported before, as {id}; nothing was changed.",))
    store.put(id, record.events, record.draft)
    return Brought(name, id, "new", (note,))


def _held(store: Keeper, id: str) -> tuple[Event, ...] | None:
    try:
        return tuple(store.events(id))
    except UnknownInterview:
        return None


def read_lines(text: str) -> tuple[int, ...]:
    """Return line numbers from a list with commas.

    Raises:
        InputError: When one is none.
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if wrong := [part for part in parts if not part.isdecimal() or int(part[:9]) < 1]:
        raise InputError(f"{wrong[0]!r} is no line number. Give numbers with commas, such as 12,40.")
    return tuple(int(part[:9]) for part in parts)


class Grading(Protocol):
    """What grading needs of the use cases."""

    def interview(self, interview: str) -> Interview: ...
    def retry_grading(self, interview: str, position: int) -> None: ...
    def wait_for_grades(self, interview: str, seconds: float = 120) -> int: ...


def grade_all(service: Grading, interview: str) -> Iterator[tuple[int, int]]:
    """Grade the answers of an interview that have no grade, and tell (done, of how many) on the way."""
    # What an import that was broken off has set going is not paid for twice.
    service.wait_for_grades(interview)
    state = service.interview(interview)
    places = [n for n, asked in enumerate(state.asked) if asked.replies and asked.assessment is None]
    if not places:
        return
    yield 0, len(places)
    for done, place in enumerate(places):
        # An embedded grade is there when this returns; a model's comes beside.
        service.retry_grading(interview, place)
        if done + 1 < len(places):
            yield done + 1 - service.wait_for_grades(interview, seconds=0), len(places)
    while left := service.wait_for_grades(interview, seconds=0.2):
        yield len(places) - left, len(places)
    yield len(places), len(places)
