"""What was heard in a transcript, before anybody knows who asks and who answers: pieces, names, turns. Pure."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from interviewer.files.text import Problem

INTERVIEWER_NAMES = {
    "interviewer", "q", "question", "recruiter", "hiring manager", "moderator", "bot", "assistant", "host", "panel",
}  # fmt: skip
CANDIDATE_NAMES = {"candidate", "a", "answer", "me", "you", "user", "applicant", "interviewee", "guest"}
# Words that open a paragraph of an answer, or a line of code, more often than they name somebody.
_NO_NAMES = {
    "situation", "task", "action", "result", "results", "note", "notes", "context", "example", "problem", "solution",
    "first", "second", "third", "finally", "todo", "edit", "update", "summary", "pros", "cons", "step", "http", "https",
    "outcome", "goal", "trade-offs", "tradeoffs", "true", "false", "none", "ps", "re", "date", "time", "subject",
}  # fmt: skip
_PREFIX = re.compile(r"(?P<name>[^\W\d_][\w.'’ ()-]{0,39}?)\s*:(?:\s+(?P<text>.*)|$)", re.DOTALL)
MOST_WORDS_OF_A_NAME = 4


@dataclass(frozen=True, slots=True)
class Piece:
    """One line or cue as it stands in a file.

    Attributes:
        line: From 1.
        at: Seconds since the start; None when the file does not say.
        speaker: Who is named beside it; empty when nobody is.
        sure: Whether the name before the colon stands where only names stand, such as after a time.
        opens: Whether the file marks it as a new question.
    """

    line: int
    text: str
    at: float | None = None
    speaker: str = ""
    sure: bool = False
    opens: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """All that one speaker said until another spoke.

    Attributes:
        line: First line in the file, from 1.
        last: Last line.
    """

    speaker: str
    text: str
    line: int
    last: int
    at: float | None = None
    opens: bool = False


@dataclass(frozen=True, slots=True)
class Transcript:
    """A conversation with its speakers by name.

    Attributes:
        day: When it began, if the file says.
    """

    turns: tuple[Heard, ...]
    problems: tuple[Problem, ...] = ()
    day: datetime | None = field(default=None)


def named(text: str) -> tuple[str, str] | None:
    """Return (name, rest) of a line such as "Ana: hello"; None when it does not begin so."""
    found = _PREFIX.match(text)
    if not found or len(found["name"].split()) > MOST_WORDS_OF_A_NAME:
        return None
    name = found["name"].strip()
    known = name.lower() in INTERVIEWER_NAMES | CANDIDATE_NAMES
    if not known and (not name[0].isupper() or name.lower() in _NO_NAMES):
        return None
    return name, found["text"] or ""


def turns_of(
    pieces: Sequence[Piece], glue: str, given: Collection[str] = ()
) -> tuple[tuple[Heard, ...], list[Problem]]:
    """Join pieces to turns, one for all that one speaker says in a row.

    Args:
        glue: What joins two pieces of one turn.
        given: Names the user gave; they count wherever they stand before a colon.
    """
    names, placed = _names(pieces, given)
    why_not = "it does not stand as the names do" if placed else "it stands there once"
    turns: list[tuple[Piece, str, list[str]]] = []
    ends: list[tuple[int, bool]] = []
    problems: list[Problem] = []
    for piece in pieces:
        speaker, text = piece.speaker, piece.text
        if not speaker and (found := named(text)):
            if found[0].lower() in names:
                speaker, text = found
            elif turns:
                problems.append(Problem(piece.line, f"{found[0]!r} is not taken for a speaker: {why_not}"))
        if not speaker and not turns:
            if text.strip():
                problems.append(Problem(piece.line, f"stands before anybody is named: {text.strip()[:50]!r}"))
        elif turns and (not speaker or speaker.lower() == turns[-1][1].lower()):
            turns[-1][2].append(text)
            ends[-1] = (piece.line, ends[-1][1] or piece.opens)
        else:
            turns.append((piece, speaker, [text]))
            ends.append((piece.line, piece.opens))
    heard = [
        Heard(speaker, glue.join(said).strip("\n").rstrip(), first.line, last, first.at, opens)
        for (first, speaker, said), (last, opens) in zip(turns, ends, strict=True)
    ]
    return tuple(turn for turn in heard if turn.text.strip()), problems


def _names(pieces: Iterable[Piece], given: Collection[str]) -> tuple[set[str], bool]:
    """Return the names of speakers, in lower case, and whether they stand only where nothing else does.

    Where they do, such as after times, a name counts that stands so. Elsewhere it counts when it is known or stands
    twice; with fewer than two of those, one that stands once counts as well.
    """
    sure: set[str] = {name.lower() for name in given}
    placed: set[str] = set()
    loose: Counter[str] = Counter()
    for piece in pieces:
        found = named(piece.text)
        name = (piece.speaker or (found[0] if found else "")).lower()
        if piece.speaker or (found and piece.sure):
            placed.add(name)
        elif found:
            loose[name] += 1
            if name in INTERVIEWER_NAMES | CANDIDATE_NAMES:
                sure.add(name)
    if len(placed) >= 2 and not (sure | placed) & set(loose):
        return sure | placed, True
    names = sure | placed | {name for name, count in loose.items() if count > 1}
    if len(names & (placed | set(loose))) < 2:
        names |= set(loose)
    return names, False
