"""An interview as JSON: its events as the store keeps them, loss-free both ways. docs/formats.md describes the file."""

import hashlib
import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from interviewer import __version__
from interviewer.errors import InputError
from interviewer.files.text import whole
from interviewer.grading.rating import Evidence, Flag, Grade, Rating
from interviewer.interview.events import EVENT, Disputed, Event, InterviewStarted, RatedByPerson, Regraded, ReplyGraded
from interviewer.interview.state import Interview, fold

FORMAT = "interviewer/interview"
SCHEMA = 1
_ID = re.compile(r"[0-9A-Za-z_-]{1,16}")
_LINES = (
    "{name!r} is JSON Lines, which hold questions and not the whole interview, so they cannot be imported. "
    "Export it as JSON (--format json) and import that."
)


@dataclass(frozen=True, slots=True)
class Record:
    """An interview as it stands in a file.

    Attributes:
        draft: An answer that was being written; empty for none.
    """

    id: str
    events: tuple[Event, ...]
    draft: str = ""


def write_record(record: Record) -> str:
    """Return an interview as JSON text, one line an event."""
    events = [EVENT.dump_python(event, mode="json") for event in record.events]
    head = {
        "format": FORMAT,
        "schema": SCHEMA,
        "version": __version__,
        "id": record.id,
        "draft": record.draft,
        "sha256": digest(events),
    }
    lines = ",\n".join(f"  {json.dumps(event, ensure_ascii=False)}" for event in events)
    shown = json.dumps(head, ensure_ascii=False, indent=1).removesuffix("\n}")
    return f'{shown},\n "events": [\n{lines}\n ]\n}}\n'


def digest(events: Sequence[Any]) -> str:
    """Return the hash of events as JSON, 64 hex digits; it tells whether a file was changed after it was written."""
    plain = json.dumps(events, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(plain.encode()).hexdigest()


def read_record(text: str, name: str, probes: Collection[str] = ()) -> Record:
    """Read an interview from JSON text.

    Args:
        name: The file's name, for the sentence when it cannot be read.
        probes: Ids of the guide's depth probes, whose scale ends at 2.

    Raises:
        InputError: When it is cut off, changed, of another program or of a later version; says what and where.
    """
    try:
        found = json.loads(text, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":  # one value after the other
            raise InputError(_LINES.format(name=name)) from None
        raise InputError(
            f"{name!r}, line {error.lineno}: the JSON is broken off or damaged ({error.msg}). Export it again."
        ) from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{name!r} is no JSON this program can read: {str(error)[:80]}.") from None
    if isinstance(found, dict) and "turns" in found:
        raise InputError(_LINES.format(name=name))
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise InputError(f"{name!r} is JSON, but not an interview exported by this program. Give one of those.")
    schema = found.get("schema")
    if not isinstance(schema, int) or isinstance(schema, bool) or schema < 1:
        raise InputError(f"{name!r} says schema {schema!r}, which is no number of a schema. Export it again.")
    if schema > SCHEMA:
        raise InputError(
            f"{name!r} was written by a later version ({found.get('version')}, schema {schema}; this one reads up to "
            f"{SCHEMA}). Update the program."
        )
    raw = found.get("events")
    if not isinstance(raw, list) or not raw:
        raise InputError(f"{name!r} holds no events. Export it again.")
    if found.get("sha256") not in (None, digest(raw)):
        raise InputError(
            f"{name!r} was changed after it was exported, so its ratings may not fit its words any more. "
            "Import it as it was exported."
        )
    events = tuple(_event(one, place, name) for place, one in enumerate(raw, 1))
    _check(events, name, probes)
    id, draft = found.get("id"), found.get("draft", "")
    if not isinstance(id, str) or not _ID.fullmatch(id):
        id = digest(raw)[:12]
    return Record(id, events, whole(draft) if isinstance(draft, str) else "")


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is not a number")


def _event(raw: Any, place: int, name: str) -> Event:
    mended = _mended(raw)
    try:
        event = EVENT.validate_json(json.dumps(mended))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "it"
        raise InputError(f"{name!r}, event {place}: {where}: {first['msg']}. Export it again.") from None
    if extra := _extra(mended, EVENT.dump_python(event, mode="json")):
        raise InputError(f"{name!r}, event {place} holds {extra!r}, which this version does not know.")
    return event


def _mended(value: Any) -> Any:
    """Replace what no store takes: NUL and lone surrogates; every place in a text stays where it was."""
    if isinstance(value, str):
        return whole(value)
    if isinstance(value, list):
        return [_mended(one) for one in value]
    if isinstance(value, dict):
        return {whole(key): _mended(one) for key, one in value.items()}
    return value


def _extra(given: Any, kept: Any) -> str:
    """Return a key that was given and is not kept; empty when nothing is lost."""
    if isinstance(given, dict) and isinstance(kept, dict):
        for key, value in given.items():
            if key not in kept:
                return str(key)
            if inner := _extra(value, kept[key]):
                return inner
    elif isinstance(given, list) and isinstance(kept, list):
        return next((inner for a, b in zip(given, kept, strict=False) if (inner := _extra(a, b))), "")
    return ""


def _check(events: tuple[Event, ...], name: str, probes: Collection[str]) -> None:
    """Refuse events that no interview of this program adds up to.

    Raises:
        InputError: Says what does not fit.
    """
    if not isinstance(events[0], InterviewStarted):
        raise InputError(f"{name!r}: the first event is {events[0].type}; an interview begins with InterviewStarted.")
    if more := next((n for n, one in enumerate(events[1:], 2) if isinstance(one, InterviewStarted)), None):
        raise InputError(f"{name!r}: event {more} starts the interview a second time.")
    for place, event in enumerate(events, 1):
        if wrong := _off_scale(event, probes):
            raise InputError(f"{name!r}, event {place}: {wrong}. Export it again.")
    state = fold(events)
    for exchange, grade in _grades(state):
        replies = state.asked[exchange].exchange(state.plan.level).replies if 0 <= exchange < len(state.asked) else None
        if replies is None:
            raise InputError(f"{name!r}: a rating is of question {exchange + 1}; there are {len(state.asked)}.")
        spans = [span for rating in grade.ratings for span in rating.evidence]
        spans += [span for flag in grade.flags for span in flag.evidence]
        if not all(_inside(span, replies) for span in spans):
            raise InputError(f"{name!r}: a quote of question {exchange + 1} is not in the candidate's words.")
    if any(not 0 <= line < len(state.said) for line, _ in state.line_notes):
        raise InputError(f"{name!r}: a note belongs to a line that the conversation does not have.")
    if any(not 0 <= one.exchange < len(state.asked) for one in state.disputed):
        raise InputError(f"{name!r}: a disputed rating belongs to a question that was not asked.")


def _off_scale(event: Event, probes: Collection[str]) -> str:
    """Return what the program cannot have written into an event; empty when there is nothing."""
    if event.at.utcoffset() is None:
        return f"the time {event.at.isoformat()} has no zone"
    if isinstance(event, Disputed) and not 0 <= event.value <= 3:
        return f"a rating should be {event.value}; ratings are 0 to 3"
    if isinstance(event, RatedByPerson) and event.overall is not None and not 1 <= event.overall <= 4:
        return f"an overall is {event.overall}; overalls are 1 to 4"
    grade = _grade(event)
    if grade is None:
        return ""
    for overall in grade.panel:
        if not 1 <= overall <= 4:
            return f"an overall is {overall}; overalls are 1 to 4"
    for rating in grade.ratings:
        top = 2 if rating.item in probes else 3
        if not 0 <= rating.value <= top:
            return f"{rating.item!r} is rated {rating.value}; it is rated 0 to {top}"
    both: tuple[Rating | Flag, ...] = (*grade.ratings, *grade.flags)
    for one in both:
        if not 0 <= one.confidence <= 1:
            return f"{one.item!r} has confidence {one.confidence}; confidences are 0 to 1"
    return ""


def _grade(event: Event) -> Grade | None:
    match event:
        case ReplyGraded(assessment=Grade() as grade) | Regraded(outcome=Grade() as grade):
            return grade
        case RatedByPerson(grade=grade):
            return grade
        case _:
            return None


def _grades(state: Interview) -> list[tuple[int, Grade]]:
    found = [
        (place, outcome)
        for place, asked in enumerate(state.asked)
        for _, outcome in asked.assessments
        if isinstance(outcome, Grade)
    ]
    found += [(one.exchange, one.outcome) for one in state.regraded if isinstance(one.outcome, Grade)]
    return found + [(one.exchange, one.grade) for one in state.rated]


def _inside(span: Evidence, replies: tuple[str, ...]) -> bool:
    return 0 <= span.reply < len(replies) and 0 <= span.start <= span.end <= len(replies[span.reply])
