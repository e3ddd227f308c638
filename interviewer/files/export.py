"""Interviews out of the library: one place that knows every format."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from interviewer.errors import InputError
from interviewer.files.lines import calibration_lines, grade_lines
from interviewer.files.markdown import to_markdown
from interviewer.files.record import Record, write_record
from interviewer.files.report import Why, make_report
from interviewer.grading.scorecard import Scorecard
from interviewer.guide.model import Guide
from interviewer.interview.events import Event
from interviewer.interview.state import Interview, fold


class Kept(Protocol):
    """Where events are kept."""

    def events(self, interview: str) -> list[Event]: ...
    def draft(self, interview: str) -> str: ...


class Holder(Protocol):
    """What an export needs of the use cases."""

    guide: Guide

    @property
    def store(self) -> Kept: ...
    def card(self, state: Interview) -> Scorecard: ...
    def guide_of(self, guide_hash: str) -> Guide: ...


@dataclass(frozen=True, slots=True)
class Format:
    """One format.

    Attributes:
        name: As it is chosen.
        suffix: Of its files.
        words: What it is for.
        joined: Whether the lines of several interviews make one file.
    """

    name: str
    suffix: str
    words: str
    joined: bool = False


FORMATS = {
    one.name: one
    for one in (
        Format("md", "md", "Markdown, to read and to edit"),
        Format("html", "html", "a web page that needs nothing else"),
        Format("pdf", "pdf", "PDF, to print or to send"),
        Format("json", "json", "everything that is kept, to be imported again"),
        Format("jsonl", "jsonl", "one line a question, for `interviewer grade`", joined=True),
        Format("calibration", "jsonl", "people's ratings, for `interviewer bench agreement`", joined=True),
    )
}


def export(holder: Holder, interview: str, name: str, why: Why | None = None) -> bytes:
    """Return an interview in a format.

    Args:
        name: One of `FORMATS`.
        why: Says why an item is rated as it is, for the reports; the grader's own reasons when left out.

    Raises:
        InputError: When there is no such format, or nothing to put into it.
        UnknownInterview: When there is no such interview.
    """
    if name not in FORMATS:
        raise InputError(f"There is no format {name!r}. Use {', '.join(FORMATS)}.")
    events = holder.store.events(interview)
    if name == "json":
        return write_record(Record(interview, tuple(events), holder.store.draft(interview))).encode()
    state = fold(events)
    if FORMATS[name].joined:
        found = grade_lines(interview, state) if name == "jsonl" else calibration_lines(interview, state, holder.guide)
        return "".join(f"{line}\n" for line in found).encode()
    card = holder.card(state)
    report = make_report(interview, state, card, holder.guide_of, *([why] if why else []))
    if name == "md":
        return to_markdown(report).encode()
    if name == "html":
        from interviewer.files.page import to_page

        return to_page(report).encode()
    from interviewer.files.pdf import to_pdf

    return to_pdf(report)


def file_name(interview: str, state: Interview, name: str) -> str:
    """Return the name of an export's file."""
    extra = "-ratings" if name == "calibration" else ""
    return f"interview-{state.started.at.astimezone():%Y-%m-%d}-{interview}{extra}.{FORMATS[name].suffix}"


def joined(parts: Sequence[bytes], name: str) -> bytes:
    """Return the lines of several interviews as one file.

    Raises:
        InputError: When there is not a single line.
    """
    data = b"".join(parts)
    if not data:
        missing = "has an overall rating by a person" if name == "calibration" else "was answered"
        raise InputError(f"No question {missing}, so there is nothing to write.")
    return data
