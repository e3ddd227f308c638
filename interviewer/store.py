"""Events in SQL: append-only, one transaction an event. The only module that speaks SQL.

SQLite in the data folder by default (WAL, synchronous FULL, so that a reply
that was accepted survives a power cut); any other SQLAlchemy URL by setting.
"""

import contextlib
import json
import secrets
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from interviewer.errors import StoreError, StoreTooNew, UnknownInterview
from interviewer.interview.events import EVENT, Event, InterviewStarted

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


def _m001_initial(connection: sa.Connection) -> None:
    METADATA.create_all(connection)


# Numbered by position, applied in order on open; a store's version is how many it has had.
MIGRATIONS = (_m001_initial,)


@dataclass(frozen=True, slots=True)
class Row:
    """One interview of the library, without its events."""

    id: str
    started: datetime


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

    def create(self, started: InterviewStarted) -> str:
        """Store the first event of a new interview and return the interview's id."""
        interview = secrets.token_hex(6)
        with self._write() as connection:
            connection.execute(
                INTERVIEWS.insert().values(id=interview, started=started.at.astimezone(UTC).isoformat(), draft="")
            )
            self._insert(connection, interview, 0, [started])
        return interview

    def append(self, interview: str, *events: Event) -> None:
        """Commit events at the end of an interview, together or not at all.

        Raises:
            UnknownInterview: When there is no such interview.
            StoreError: When they cannot be written.
        """
        with self._write() as connection:
            last = connection.scalar(sa.select(sa.func.max(EVENTS.c.number)).where(EVENTS.c.interview == interview))
            if last is None:
                raise _unknown(interview)
            self._insert(connection, interview, last + 1, events)

    def _insert(self, connection: sa.Connection, interview: str, first: int, events: Sequence[Event]) -> None:
        for number, event in enumerate(events, first):
            body = EVENT.dump_json(event).decode()
            connection.execute(EVENTS.insert().values(interview=interview, number=number, type=event.type, body=body))

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
            return [EVENT.validate_json(body) for body in rows]
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
            connection.execute(
                INTERVIEWS.update().where(INTERVIEWS.c.id == interview).values(draft=text.replace("\0", ""))
            )

    def delete(self, interview: str) -> None:
        """Delete one interview and all that belongs to it.

        Raises:
            UnknownInterview: When there is no such interview.
        """
        with self._write() as connection:
            connection.execute(EVENTS.delete().where(EVENTS.c.interview == interview))
            if not connection.execute(INTERVIEWS.delete().where(INTERVIEWS.c.id == interview)).rowcount:
                raise _unknown(interview)
        self._vacuum()

    def delete_all(self) -> int:
        """Delete every interview; return how many there were."""
        with self._write() as connection:
            connection.execute(EVENTS.delete())
            count = connection.execute(INTERVIEWS.delete()).rowcount
        self._vacuum()
        return count

    def _vacuum(self) -> None:
        """Take deleted words out of the file and its log too: people delete their stories to be rid of them."""
        if self._engine.dialect.name != "sqlite":
            return
        with self._lock, self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Let go of the database."""
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


def _unknown(interview: str) -> UnknownInterview:
    return UnknownInterview(f"There is no interview {interview!r}. `interviewer list` shows those there are.")


def _cause(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error).splitlines()[0]
