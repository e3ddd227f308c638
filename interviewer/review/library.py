"""The library of interviews: find, rename, delete, and take a deletion back.

A list of thousands is not folded from thousands of logs at every look. Each interview has a row on the store's shelf
that was made from its events here, and is made again when there are newer ones, or another guide.
"""

import hashlib
import json
import logging
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from typing import Any, Protocol, cast

from interviewer.errors import InterviewerError, StoreError
from interviewer.grading import scorecard
from interviewer.grading.rating import Verdict
from interviewer.guide.model import Guide, Kind, Level
from interviewer.interview.events import Event, Renamed
from interviewer.interview.state import Interview, fold
from interviewer.service import Service, clean

# Raised when a row is made differently.
ROWS = 1
# Seconds that one look may spend on bringing rows up to date; the rest is done beside.
PATIENCE = 0.4
# The same while another thread is at it.
BESIDE_PATIENCE = 0.05
# More of a query than this is not looked for: databases take no pattern of any length.
QUERY_CHARS = 400
# Longest name of one's own.
NAME_CHARS = 120

log = logging.getLogger(__name__)


class Shelf(Protocol):
    """What a library needs of a store beside the transcripts."""

    def stale(self, made_by: str) -> list[tuple[str, bool]]: ...
    def shelve(self, rows: Sequence[Mapping[str, Any]]) -> None: ...
    def search(
        self,
        words: Sequence[str] = (),
        *,
        level: str | None = None,
        kind: str | None = None,
        verdict: str | None = None,
        closed: bool | None = None,
        since: str | None = None,
        before: str | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> tuple[list[Mapping[str, Any]], int]: ...
    def remove(self, interview: str) -> None: ...
    def put_back(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for; what is left out does not narrow.

    Attributes:
        words: All of them must stand in the interview: its name, questions, answers or notes.
        kind: Interviews with at least one question of it.
        finished: True for closed ones, False for those still open.
        since: First day, in the machine's own zone.
        until: Last day, in the machine's own zone.
    """

    words: str = ""
    level: Level | None = None
    kind: Kind | None = None
    verdict: Verdict | None = None
    finished: bool | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One interview in a list.

    Attributes:
        name: A name of one's own; empty for none.
        questions: How many were asked.
        verdict: None when it is open or too little was graded.
        imported: Where one held elsewhere came from; empty for one held here.
        again: Whether it answers earlier questions again.
    """

    id: str
    started: datetime
    name: str
    level: Level
    kinds: tuple[Kind, ...]
    questions: int
    closed: bool
    verdict: Verdict | None
    imported: str = ""
    again: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a search.

    Attributes:
        lines: Newest first.
        total: How many there are on all pages.
        unread: Interviews that have not been looked into yet and may be missing here; they are read beside.
    """

    lines: Sequence[Line]
    total: int
    unread: int = 0


class Library:
    """The interviews kept here."""

    def __init__(self, service: Service) -> None:
        """Look at a service's transcripts."""
        self.service = service
        self._shelf = cast(Shelf, service.store)
        self._made_by = made_by(service.guide)
        self._beside: threading.Thread | None = None
        self._ended = threading.Event()
        self._lock = threading.Lock()

    def find(self, query: Query = Query(), limit: int = 50, offset: int = 0) -> Found:
        """Return one page of the interviews that fit, newest first.

        Rows that are out of date are renewed first, those with new events before those with another guide. What would
        take too long goes on beside: an old row stands until then, and what has none is counted as unread. So it is
        when no row can be written.
        """
        unread, left = self._renew(PATIENCE if self._beside is None else BESIDE_PATIENCE)
        if left:
            self._renew_beside()
        rows, total = self._shelf.search(
            clean(query.words)[:QUERY_CHARS].lower().split(),
            level=query.level and query.level.value,
            kind=query.kind and query.kind.value,
            verdict=query.verdict and query.verdict.value,
            closed=query.finished,
            since=_midnight(query.since) if query.since else None,
            before=_midnight(query.until, days=1) if query.until else None,
            limit=limit,
            offset=offset,
        )
        return Found([_line(row) for row in rows], total, unread)

    def refresh(self, seconds: float) -> int:
        """Renew rows for about this long; return how many interviews have none yet.

        Args:
            seconds: 0 or above.
        """
        return self._renew(seconds)[0]

    def close(self) -> None:
        """Stop what is going on beside; the store can be closed after it."""
        self._ended.set()
        if beside := self._beside:
            beside.join()

    def _renew(self, seconds: float) -> tuple[int, int]:
        """Renew rows for about this long; return how many have none yet, and how many are out of date."""
        began = time.monotonic()
        stale = self._shelf.stale(self._made_by)
        rows = []
        done = 0
        for interview, _ in stale:
            if (done and time.monotonic() - began > seconds) or self._ended.is_set():
                break
            done += 1
            try:
                events = self.service.store.events(interview)
                rows.append(self._row(interview, events, fold(events)))
            except Exception as error:
                # One log that cannot be read, for whatever reason, must not hide all the others.
                log.warning("interview %s cannot be listed: %s", interview, error)
        left = stale[done:]
        try:
            self._shelf.shelve(rows)
        except StoreError as error:
            # A disk that is full or may not be written: what rows there are can be shown all the same, and there is
            # no use in trying again beside.
            log.warning("the library could not be brought up to date: %s", error)
            return sum(not has_row for _, has_row in stale), 0
        return sum(not has_row for _, has_row in left), len(left)

    def _renew_beside(self) -> None:
        with self._lock:
            if self._beside is None and not self._ended.is_set():
                self._beside = threading.Thread(target=self._go_on, name="library", daemon=True)
                self._beside.start()

    def _go_on(self) -> None:
        try:
            # Half of the time is left to whoever is being served meanwhile.
            while not self._ended.wait(PATIENCE) and self._renew(PATIENCE)[1]:
                pass
        except InterviewerError as error:
            log.warning("the library could not be brought up to date: %s", error)
        finally:
            self._beside = None

    def _row(self, interview: str, events: Sequence[Event], state: Interview) -> dict[str, Any]:
        plan = state.plan
        verdict = self.service.card(state).verdict if state.closed else None
        texts = [
            state.name,
            *(asked.ask.text for asked in state.asked),
            *(said.text for said in state.said),
            *state.notes,
            *(text for _, text in state.line_notes),
        ]
        return {
            "interview": interview,
            "upto": len(events) - 1,
            "made_by": self._made_by,
            "started": state.started.at.astimezone(UTC).isoformat(),
            "name": state.name,
            "level": plan.level.value,
            "kinds": "," + "".join(f"{kind.value}," for kind in plan.kinds),
            "questions": len(state.asked),
            "closed": state.closed is not None,
            "verdict": verdict and verdict.value,
            "imported": state.started.imported,
            "again": bool(plan.again),
            # A searched word holds no space, so it stands in a text exactly when it stands in one of the text's words:
            # each of them once is enough, and a third of the whole.
            "words": " ".join(dict.fromkeys(" ".join(texts).replace("\0", " ").lower().split())),
        }

    def rename(self, interview: str, name: str) -> None:
        """Give an interview a name of one's own; an empty one takes it away.

        Raises:
            UnknownInterview: When there is no such interview.
        """
        self.service.store.append(interview, Renamed(" ".join(clean(name).split())[:NAME_CHARS]))

    def delete(self, interview: str) -> None:
        """Delete an interview from the disk; `undelete` brings it back until this program ends.

        Ten deletions are held in memory; with the eleventh the first is gone for good.

        Raises:
            UnknownInterview: When there is no such interview.
        """
        self._shelf.remove(interview)

    def undelete(self) -> str | None:
        """Bring back the interview deleted last; return its id, or None when there is none to bring back."""
        return self._shelf.put_back()


def made_by(guide: Guide) -> str:
    """Return what a row depends on beside its interview: the guide, the scorecard's constants, the way of making it."""
    constants = [scorecard.WEIGHTS, scorecard.BASE, scorecard.CUTS, scorecard.MIN_ASSESSED]
    return hashlib.sha256(json.dumps([ROWS, guide.hash, constants]).encode()).hexdigest()[:16]


def _line(row: Mapping[str, Any]) -> Line:
    return Line(
        id=row["interview"],
        started=datetime.fromisoformat(row["started"]),
        name=row["name"],
        level=Level(row["level"]),
        kinds=tuple(Kind(kind) for kind in row["kinds"].strip(",").split(",") if kind),
        questions=row["questions"],
        closed=row["closed"],
        verdict=Verdict(row["verdict"]) if row["verdict"] else None,
        imported=row["imported"],
        again=row["again"],
    )


def _midnight(day: date, days: int = 0) -> str:
    """Return when a day of the machine's own zone, or one so many days later, begins, as the shelf writes moments."""
    try:
        return datetime.combine(day + timedelta(days), clock_time()).astimezone(UTC).isoformat()
    except (OverflowError, ValueError, OSError):
        # The first and last days a calendar knows; no interview was held then.
        return f"{day.isoformat()}T24"
