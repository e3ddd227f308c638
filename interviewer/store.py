"""Events in SQL: append-only, one transaction an event. The only module that speaks SQL.

SQLite in the data folder by default (WAL, synchronous FULL, so that a reply
that was accepted survives a power cut); any other SQLAlchemy URL by setting.
"""

import atexit
import contextlib
import json
import logging
import secrets
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from interviewer.errors import StoreError, StoreTooNew, UnknownInterview
from interviewer.interview.events import EVENT, Event, InterviewStarted

log = logging.getLogger(__name__)

METADATA = sa.MetaData()
VERSION = sa.Table("schema_version", METADATA, sa.Column("version", sa.Integer, nullable=False))
INTERVIEWS = sa.Table(
    "interviews",
    METADATA,
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column("started", sa.String(40), nullable=False, index=True),
    sa.Column("draft", sa.Text, nullable=False, default=""),
)
EVENTS = sa.Table(
    "events",
    METADATA,
    sa.Column("interview", sa.String(16), sa.ForeignKey("interviews.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("type", sa.String(40), nullable=False),
    sa.Column("body", sa.Text, nullable=False),
)
# What a list shows and a search reads of each interview. Made from the events and never the truth: a row can be made
# again at any time, and goes when its interview goes.
SHELF = sa.Table(
    "shelf",
    METADATA,
    sa.Column("interview", sa.String(16), sa.ForeignKey("interviews.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("upto", sa.Integer, nullable=False),  # number of the last event it was made from
    sa.Column("made_by", sa.String(32), nullable=False),  # the guide and the rules it was made with
    sa.Column("started", sa.String(40), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("level", sa.String(16), nullable=False),
    sa.Column("kinds", sa.Text, nullable=False),  # with a comma before and after each
    sa.Column("questions", sa.Integer, nullable=False),
    sa.Column("closed", sa.Boolean, nullable=False),
    sa.Column("verdict", sa.String(16)),
    sa.Column("imported", sa.Text, nullable=False),
    sa.Column("again", sa.Boolean, nullable=False),
    sa.Column("words", sa.Text, nullable=False),  # each different word once, in lower case
)


def _m001_initial(connection: sa.Connection) -> None:
    METADATA.create_all(connection, tables=[INTERVIEWS, EVENTS])


def _m002_shelf(connection: sa.Connection) -> None:
    METADATA.create_all(connection, tables=[SHELF])


# Numbered by position, applied in order on open; a store's version is how many it has had.
MIGRATIONS = (_m001_initial, _m002_shelf)
# How many deletions can be taken back.
REMEMBERED = 10
# A file of so many bytes is written anew in a fraction of a second.
SMALL = 32_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """One interview of the library, without its events."""

    id: str
    started: datetime


@dataclass(frozen=True, slots=True)
class Removed:
    """An interview that was taken off the disk, as it stood there; held in memory only."""

    interview: Mapping[str, Any]
    events: Sequence[Mapping[str, Any]]


class Store:
    """The transcripts of this installation."""

    def __init__(self, url: str) -> None:
        """Open a store and bring it up to date.

        Args:
            url: SQLAlchemy URL.

        Raises:
            StoreError: When it cannot be opened or written.
            StoreTooNew: When a later version wrote it.
        """
        self.url = url
        self._lock = threading.Lock()
        self._removed: deque[Removed] = deque(maxlen=REMEMBERED)
        self._untidy = False
        self._tidying = ThreadPoolExecutor(max_workers=1, thread_name_prefix="tidy")
        try:
            self._engine = sa.create_engine(url, pool_pre_ping=True)
            if self._engine.dialect.name == "sqlite":
                sa.event.listen(self._engine, "connect", _sqlite_pragmas)
            self._migrate()
        except (SQLAlchemyError, ImportError) as error:
            raise StoreError(f"The transcript store cannot be opened: {_cause(error)}. Check data_dir.") from None

    def _migrate(self) -> None:
        with self._engine.begin() as connection:
            VERSION.create(connection, checkfirst=True)
            version = connection.scalar(sa.select(sa.func.max(VERSION.c.version))) or 0
            if version > len(MIGRATIONS):
                raise StoreTooNew(
                    f"The transcripts were written by a later version (schema {version}; this one knows "
                    f"{len(MIGRATIONS)}). Update the program, or point INTERVIEWER_DATA_DIR elsewhere."
                )
            for number, migrate in enumerate(MIGRATIONS[version:], version + 1):
                migrate(connection)
                connection.execute(VERSION.insert().values(version=number))

    @contextlib.contextmanager
    def _write(self) -> Iterator[sa.Connection]:
        try:
            with self._lock, self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise StoreError(
                f"The transcript could not be written: {_cause(error)}. Nothing of it is lost so far; free some space "
                "or mend the folder's rights, and send it again."
            ) from None

    @contextlib.contextmanager
    def _read(self) -> Iterator[sa.Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise StoreError(f"The transcripts cannot be read: {_cause(error)}.") from None

    def create(self, started: InterviewStarted, *events: Event) -> str:
        """Store a new interview with its first events, all of them or none, and return its id."""
        interview = secrets.token_hex(6)
        self.put(interview, (started, *events))
        return interview

    def put(self, interview: str, events: Sequence[Event], draft: str = "") -> None:
        """Store a whole interview under an id that is free, all of it or nothing.

        Raises:
            StoreError: When it cannot be written, or the id is taken.
        """
        started = events[0].at.astimezone(UTC).isoformat()
        with self._write() as connection:
            connection.execute(INTERVIEWS.insert().values(id=interview, started=started, draft=draft))
            self._insert(connection, interview, 0, events)

    def append(self, interview: str, *events: Event, draft: str | None = None) -> None:
        """Commit events at the end of an interview, together or not at all.

        Args:
            draft: What the answer being written is from now on; None leaves it alone.

        Raises:
            UnknownInterview: When there is no such interview.
            StoreError: When they cannot be written.
        """
        with self._write() as connection:
            # Writing first takes the write lock: two processes that read the last number at once would use it twice.
            if not self._draft(connection, interview, draft):
                raise _unknown(interview)
            mine = EVENTS.c.interview == interview
            last = connection.execute(sa.select(sa.func.max(EVENTS.c.number)).where(mine)).scalar_one()
            self._insert(connection, interview, last + 1, events)

    def _draft(self, connection: sa.Connection, interview: str, text: str | None) -> int:
        """Set a draft, or write it as it is for None; return how many interviews have that id."""
        draft = INTERVIEWS.c.draft if text is None else text.replace("\0", "")
        return connection.execute(INTERVIEWS.update().where(INTERVIEWS.c.id == interview).values(draft=draft)).rowcount

    def _insert(self, connection: sa.Connection, interview: str, first: int, events: Sequence[Event]) -> None:
        rows = [
            {"interview": interview, "number": number, "type": event.type, "body": EVENT.dump_json(event).decode()}
            for number, event in enumerate(events, first)
        ]
        if rows:
            connection.execute(EVENTS.insert(), rows)

    def events(self, interview: str) -> list[Event]:
        """Return an interview's events in order.

        Raises:
            UnknownInterview: When there is no such interview.
        """
        with self._read() as connection:
            rows = connection.scalars(
                sa.select(EVENTS.c.body).where(EVENTS.c.interview == interview).order_by(EVENTS.c.number)
            ).all()
        if not rows:
            raise _unknown(interview)
        try:
            return [_event(body) for body in rows]
        except ValueError:
            raise StoreError(
                f"The interview {interview!r} holds an event this version cannot read. Update the program."
            ) from None

    def rows(self) -> list[Row]:
        """Return every interview, newest first."""
        with self._read() as connection:
            rows = connection.execute(
                sa.select(INTERVIEWS.c.id, INTERVIEWS.c.started).order_by(INTERVIEWS.c.started.desc())
            ).all()
        return [Row(id=row.id, started=datetime.fromisoformat(row.started)) for row in rows]

    def asked(self) -> list[str]:
        """Return the ids of all questions asked in any interview, oldest first, repeats included."""
        with self._read() as connection:
            bodies = connection.scalars(
                sa.select(EVENTS.c.body)
                .join(INTERVIEWS, INTERVIEWS.c.id == EVENTS.c.interview)
                .where(EVENTS.c.type == "StepChosen")
                .order_by(INTERVIEWS.c.started, EVENTS.c.number)
            ).all()
        steps = (json.loads(body)["step"] for body in bodies)
        return [step["question"] for step in steps if step["name"] == "ask"]

    def draft(self, interview: str) -> str:
        """Return the answer that was being written; empty when there is none."""
        with self._read() as connection:
            found = connection.scalar(sa.select(INTERVIEWS.c.draft).where(INTERVIEWS.c.id == interview))
        return found or ""

    def save_draft(self, interview: str, text: str) -> None:
        """Keep the answer that is being written; an unknown interview is ignored."""
        with self._write() as connection:
            self._draft(connection, interview, text)

    # -- deleting ----------------------------------------------------------------------------------------------------

    def delete(self, interview: str) -> None:
        """Delete one interview and all that belongs to it.

        Raises:
            UnknownInterview: When there is no such interview.
        """
        self._take_out(interview)

    def remove(self, interview: str) -> None:
        """Delete one interview from the disk and hold it in memory for `put_back`.

        Raises:
            UnknownInterview: When there is no such interview.
        """
        self._removed.append(self._take_out(interview))

    def put_back(self) -> str | None:
        """Store the interview removed last again, byte for byte; return its id, or None when none is held.

        Raises:
            StoreError: When it cannot be written; it is still held then.
        """
        try:
            last = self._removed.pop()
        except IndexError:
            return None
        try:
            with self._write() as connection:
                connection.execute(INTERVIEWS.insert(), [dict(last.interview)])
                connection.execute(EVENTS.insert(), [dict(event) for event in last.events])
        except StoreError:
            self._removed.append(last)
            raise
        return str(last.interview["id"])

    def _take_out(self, interview: str) -> Removed:
        with self._write() as connection:
            # Deleting first takes the write lock where reading first would only hope for it.
            connection.execute(SHELF.delete().where(SHELF.c.interview == interview))
            row = connection.execute(sa.select(INTERVIEWS).where(INTERVIEWS.c.id == interview)).mappings().first()
            if row is None:
                raise _unknown(interview)
            mine = EVENTS.c.interview == interview
            events = connection.execute(sa.select(EVENTS).where(mine).order_by(EVENTS.c.number)).mappings().all()
            connection.execute(EVENTS.delete().where(mine))
            connection.execute(INTERVIEWS.delete().where(INTERVIEWS.c.id == interview))
        self._forget()
        return Removed(dict(row), [dict(event) for event in events])

    def delete_all(self) -> int:
        """Delete every interview, those held for `put_back` too; return how many there were."""
        with self._write() as connection:
            connection.execute(SHELF.delete())
            connection.execute(EVENTS.delete())
            count = connection.execute(INTERVIEWS.delete()).rowcount
        self._removed.clear()
        self._forget(all_of_it=True)
        return count

    def _forget(self, *, all_of_it: bool = False) -> None:
        """Take deleted words out of the file and its log too: people delete their stories to be rid of them.

        What is deleted is overwritten with zeros at once (secure_delete), and the log is emptied here. What may be
        left are copies in the unused part of pages that SQLite once rearranged: those go when the whole file is
        written anew. Nobody can write meanwhile, so a large file has to wait until this store is closed or the
        program ends.
        """
        _event.cache_clear()
        if self._engine.dialect.name != "sqlite":
            return
        with self._lock, self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            size = pages * connection.exec_driver_sql("PRAGMA page_size").scalar_one()
        if all_of_it or size <= SMALL:
            self._tidying.submit(self._vacuum)
        elif not self._untidy:
            self._untidy = True
            atexit.register(self._vacuum)

    def tidied(self) -> None:
        """Wait until the file has been written anew, where that goes on beside."""
        self._tidying.submit(lambda: None).result()

    def _vacuum(self) -> None:
        try:
            with self._lock, self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("VACUUM")
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        except SQLAlchemyError as error:
            log.warning("the transcripts could not be written anew after a deletion: %s", _cause(error))

    # -- the shelf ---------------------------------------------------------------------------------------------------

    def stale(self, made_by: str) -> list[tuple[str, bool]]:
        """Return (id, whether it has a row) of every interview whose row on the shelf is missing or out of date.

        Args:
            made_by: The guide and rules a row must have been made with.

        Returns:
            Those with events newer than their row first, then those made with another guide; each newest first.
        """
        last = sa.select(sa.func.max(EVENTS.c.number)).where(EVENTS.c.interview == INTERVIEWS.c.id).scalar_subquery()
        behind = sa.or_(SHELF.c.upto.is_(None), SHELF.c.upto < last)
        with self._read() as connection:
            rows = connection.execute(
                sa.select(INTERVIEWS.c.id, SHELF.c.interview.is_not(None))
                .join_from(INTERVIEWS, SHELF, SHELF.c.interview == INTERVIEWS.c.id, isouter=True)
                .where(sa.or_(behind, SHELF.c.made_by != made_by))
                .order_by(sa.case((behind, 0), else_=1), INTERVIEWS.c.started.desc())
            ).all()
        return [(row[0], bool(row[1])) for row in rows]

    def shelve(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Put rows on the shelf in place of those that are there, together or not at all.

        Args:
            rows: The columns of SHELF by name. Those of interviews that are gone by now are left out.
        """
        if not rows:
            return
        with self._write() as connection:
            ids = [row["interview"] for row in rows]
            for some in _portions(ids):
                connection.execute(SHELF.delete().where(SHELF.c.interview.in_(some)))
            kept = {
                interview
                for some in _portions(ids)
                for interview in connection.scalars(sa.select(INTERVIEWS.c.id).where(INTERVIEWS.c.id.in_(some)))
            }
            if fresh := [dict(row) for row in rows if row["interview"] in kept]:
                connection.execute(SHELF.insert(), fresh)

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
    ) -> tuple[list[Mapping[str, Any]], int]:
        """Return one page of the rows that fit, newest first and without their words, and how many fit at all.

        Args:
            words: Texts in lower case without spaces, each of which must stand in the row's words.
            since: First moment, ISO 8601 in UTC.
            before: The moment after the last.
        """
        asked = [SHELF.c.words.contains(word, autoescape=True) for word in words]
        if kind is not None:
            asked.append(SHELF.c.kinds.contains(f",{kind},", autoescape=True))
        for column, value in ((SHELF.c.level, level), (SHELF.c.verdict, verdict), (SHELF.c.closed, closed)):
            if value is not None:
                asked.append(column == value)
        if since is not None:
            asked.append(SHELF.c.started >= since)
        if before is not None:
            asked.append(SHELF.c.started < before)
        newest = (SHELF.c.started.desc(), SHELF.c.interview)
        with self._read() as connection:
            ids = connection.scalars(sa.select(SHELF.c.interview).where(*asked).order_by(*newest)).all()
            shown = [column for column in SHELF.c if column is not SHELF.c.words]
            page = ids[offset : offset + limit]
            rows = [
                row
                for some in _portions(page)
                for row in connection.execute(
                    sa.select(*shown).where(SHELF.c.interview.in_(some)).order_by(*newest)
                ).mappings()
            ]
        return [dict(row) for row in rows], len(ids)

    def close(self) -> None:
        """Finish what is to be tidied and let go of the database."""
        self._tidying.shutdown()
        if self._untidy:
            atexit.unregister(self._vacuum)
            self._vacuum()
        self._engine.dispose()


def open_store(data_dir: Path, url: str | None = None) -> Store:
    """Open the store of a data folder, or of a URL.

    Raises:
        StoreError: When the folder cannot be made or written.
    """
    if url is None:
        try:
            data_dir.mkdir(parents=True, exist_ok=True)
            probe = data_dir / ".writable"
            probe.write_text("")
            probe.unlink()
        except OSError as error:
            raise StoreError(
                f"The data folder {str(data_dir)!r} cannot be written: {error.strerror}. "
                "Set INTERVIEWER_DATA_DIR to a folder that can."
            ) from None
        url = f"sqlite:///{data_dir / 'interviews.db'}"
    return Store(url)


def _sqlite_pragmas(connection: object, _record: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _portions(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Cut a list so that no statement has more values than any database takes."""
    return (ids[i : i + 500] for i in range(0, len(ids), 500))


@lru_cache(maxsize=4096)
def _event(body: str) -> Event:
    """Return a stored event; every turn reads them all again, and reading one takes longer than fetching it."""
    return EVENT.validate_json(body)


def _unknown(interview: str) -> UnknownInterview:
    return UnknownInterview(f"There is no interview {interview!r}. `interviewer list` shows those there are.")


def _cause(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error).splitlines()[0]
