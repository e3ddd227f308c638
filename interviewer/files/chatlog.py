"""Plain conversations: `Name: words`, with or without times, and the Markdown reports of this program."""

import re
from collections import Counter
from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta

from interviewer.files.heard import Heard, Piece, Transcript, named, turns_of
from interviewer.files.markdown import MARK, unescape
from interviewer.files.report import CUT_OFF, SILENCE

_DATE = r"(?:(?P<date>\d{4}-\d{2}-\d{2})[T ])?"
_CLOCK = rf"{_DATE}(?P<clock>\d{{1,3}}:\d{{2}}(?::\d{{2}})?)(?:\.\d+)?(?P<half>\s?[AaPp][Mm])?(?P<utc>Z)?"
_LEADING = re.compile(rf"[\[(]?{_CLOCK}[\])]?\s*[-–|]?\s+")
_NAME = r"(?P<name>[^\W\d_][\w.'’ -]{0,39}?)"
_TRAILING = re.compile(rf"{_NAME}\s*[\[(]?{_CLOCK}[\])]?\s*(?P<colon>:)?(?:\s+(?P<text>.*))?$")
_BOLD = re.compile(r"(?:[-*]\s+)?(?:\*\*|__)([^*_]{1,40}?)(:?)(?:\*\*|__)(:?)\s*")
_QUESTION_HEADING = re.compile(r"#{1,6}\s*(?:Question|Q)\b(?:\s*\d+)?\s*[:.)-]?\s*(?P<text>.*)", re.IGNORECASE)
_MARKED = re.compile(r"(?:\*\*)?Q(?:uestion)?\s*\d*\s*[:.)](?:\*\*)?\s+", re.IGNORECASE)
# Seconds that lines of a log are never out of order by.
FALLEN = 11 * 3600
_OWN_TURN = re.compile(r"\*\*(Interviewer|Candidate)\*\* \(((?:\d+:)?\d+:\d\d)\)")


def read_chat(text: str, given: Collection[str] = ()) -> Transcript:
    """Read a conversation line by line; lines without a name go on with the turn before them."""
    if text.startswith(MARK):
        return _own(text)
    pieces, day = _pieces(text)
    turns, problems = turns_of(pieces, "\n", given)
    return Transcript(turns, tuple(problems), day)


def _pieces(text: str) -> tuple[list[Piece], datetime | None]:
    pieces: list[Piece] = []
    clock = _Clock()
    opens = False
    lines = text.split("\n")
    form = _form_of_times(lines)
    for number, line in enumerate(lines, 1):
        if heading := _QUESTION_HEADING.fullmatch(line.strip()):
            opens = True
            if not heading["text"] or re.fullmatch(r"[\w -]{1,30}", heading["text"]):
                continue
            line = f"Interviewer: {heading['text']}"
        piece = _piece(line, number, clock, form)
        if found := named(piece.text):
            asks = found[0].lower() in ("q", "question")
            marked = _MARKED.match(found[1])
            if marked:
                piece = Piece(
                    number, f"{found[0]}: {found[1][marked.end() :]}", piece.at, piece.speaker, piece.sure, opens=True
                )
            elif asks or opens:
                piece = Piece(number, piece.text, piece.at, piece.speaker, piece.sure, opens=True)
            opens = False
        pieces.append(piece)
    return pieces, clock.day


def _form_of_times(lines: list[str]) -> str | None:
    """Return the form of the times that most names stand after; None when they stand after none."""
    forms: Counter[str | None] = Counter()
    for line in lines:
        found = _LEADING.match(line)
        if named(_plain(line[found.end() if found else 0 :], timed=bool(found))):
            forms[_form(found) if found else None] += 1
    return forms.most_common(1)[0][0] if forms else None


def _form(found: re.Match[str]) -> str:
    return re.sub(r"[\d:. ]+|[AaPp][Mm]", "", found[0])


def _plain(text: str, *, timed: bool) -> str:
    """Return a line with the name in bold at its start, if there is one, as a name with a colon."""
    bold = _BOLD.match(text)
    return f"{bold[1]}: {text[bold.end() :]}" if bold and (bold[2] or bold[3] or timed) else text


def _piece(line: str, number: int, clock: "_Clock", form: str | None) -> Piece:
    if line[:1] in (" ", "\t"):
        return Piece(number, line)
    if found := _LEADING.match(line):
        rest = _plain(line[found.end() :], timed=True)
        if (sure := named(rest) is not None) or _form(found) == form:
            return Piece(number, rest, clock.seconds(found), sure=sure)
        # A time that no name follows is the speaker's own: "14:02 the alert fired".
        return Piece(number, line)
    rest = _plain(line, timed=False)
    # "Ana (10:02): words", or a line of its own with name and time, the words below it.
    if (found := _TRAILING.match(rest)) and (found["colon"] or not found["text"]) and named(f"{found['name']}: x"):
        return Piece(number, f"{found['name']}: {found['text'] or ''}", clock.seconds(found), sure=True)
    return Piece(number, rest)


class _Clock:
    """Turns the times of a log into seconds since its first one; time never runs backwards."""

    def __init__(self) -> None:
        self.day: datetime | None = None
        self._first: float | None = None
        self._latest = float("-inf")
        self._midnight = 0.0
        self._from_zero = False

    def seconds(self, found: re.Match[str]) -> float:
        """Return the seconds since the first time that was seen."""
        parts = [int(part) for part in found["clock"].split(":")]
        if self._first is None:
            # Two parts are hours and minutes of a day, but minutes and seconds in a log that begins near zero.
            self._from_zero = parts[0] == 0 and not found["date"]
        if len(parts) == 2:
            parts = [0, *parts] if self._from_zero else [*parts, 0]
        if found["half"]:
            parts[0] = parts[0] % 12 + 12 * ("p" in found["half"].lower())
        whole = parts[0] * 3600 + parts[1] * 60 + parts[2]
        # Dates count from the first line on or not at all: without one there, nobody knows how far off they are.
        moment = _moment(found, whole) if self._first is None or self.day else None
        if moment:
            at = moment.timestamp()
            self._midnight = at - whole
        else:
            # A clock that falls back so far has passed midnight, or noon where it has twelve hours.
            while self._midnight + whole < self._latest - FALLEN:
                self._midnight += 12 * 3600
            at = self._midnight + whole
        if self._first is None:
            self._first, self.day = at, moment
        self._latest = max(self._latest, at)
        return self._latest - self._first


def _moment(found: re.Match[str], seconds: float) -> datetime | None:
    """Return the moment of a time with a date; None without one, and for a day that no calendar has."""
    if not found["date"]:
        return None
    try:
        moment = datetime.fromisoformat(found["date"]) + timedelta(seconds=seconds)
        return (moment.replace(tzinfo=UTC) if found["utc"] else moment).astimezone()
    except (ValueError, OverflowError):
        return None


# -- our own reports ---------------------------------------------------------------------------------------------------


def _own(text: str) -> Transcript:
    """Read the conversation back out of a Markdown report; the ratings in it are left."""
    return Transcript(tuple(_own_turns(text.split("\n"))))


def _own_turns(lines: list[str]) -> Iterator[Heard]:
    opens = False
    place = 0
    while place < len(lines):
        opens = opens or bool(re.match(r"## Question \d+:", lines[place]))
        found = _OWN_TURN.fullmatch(lines[place])
        place += 1
        if not found:
            continue
        first = place
        said: list[str] = []
        while place < len(lines) and (lines[place].startswith(">") or (not lines[place] and not said)):
            if lines[place]:
                said.append(unescape(lines[place][2:].rstrip(" ").replace("\u00a0", " ")))
            place += 1
        at = 0.0
        for part in found[2].split(":"):
            at = at * 60 + int(part)
        if said:
            # What the report puts in for itself is nobody's words.
            text = "\n".join(said).removesuffix(CUT_OFF)
            yield Heard(
                found[1], "" if text == SILENCE else text, first, place, at, opens and found[1] == "Interviewer"
            )
            opens = opens and found[1] != "Interviewer"
