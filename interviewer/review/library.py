"""The library of interviews: find, rename, delete, and take a deletion back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from interviewer.grading.rating import Verdict
from interviewer.guide.model import Kind, Level
from interviewer.interview.events import Renamed
from interviewer.service import Service, clean


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
    """

    lines: Sequence[Line]
    total: int


class Library:
    """The interviews kept here."""

    def __init__(self, service: Service) -> None:
        """Look at a service's transcripts."""
        self.service = service

    def find(self, query: Query = Query(), limit: int = 50, offset: int = 0) -> Found:  # noqa: B008
        """Return one page of the interviews that fit, newest first."""
        lines = []
        for one in self.service.library():
            plan = one.interview.plan
            text = " ".join([one.interview.name, *(said.text for said in one.interview.said)]).lower()
            day = one.started.astimezone().date()
            if (
                all(word in text for word in query.words.lower().split())
                and query.level in (None, plan.level)
                and (query.kind is None or query.kind in plan.kinds)
                and query.verdict in (None, one.card.verdict)
                and query.finished in (None, one.interview.closed is not None)
                and (query.since is None or day >= query.since)
                and (query.until is None or day <= query.until)
            ):
                lines.append(
                    Line(
                        one.id,
                        one.started,
                        one.interview.name,
                        plan.level,
                        plan.kinds,
                        len(one.interview.asked),
                        one.interview.closed is not None,
                        one.card.verdict if one.interview.closed else None,
                        one.interview.started.imported,
                        bool(plan.again),
                    )
                )
        return Found(lines[offset : offset + limit], len(lines))

    def rename(self, interview: str, name: str) -> None:
        """Give an interview a name of one's own; an empty one takes it away.

        Raises:
            UnknownInterview: When there is no such interview.
        """
        self.service.store.append(interview, Renamed(clean(name)[:120]))

    def delete(self, interview: str) -> None:
        """Delete an interview; `undelete` brings the last one back until this program ends.

        Raises:
            UnknownInterview: When there is no such interview.
        """
        self.service.delete(interview)

    def undelete(self) -> str | None:
        """Bring back the interview deleted last; return its id, or None when there is none to bring back."""
        return None
