"""Every exchange that was graded in any kept interview, with what it came to: what progress and stories rest on."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from interviewer.grading.rating import Grade
from interviewer.grading.scorecard import Scored
from interviewer.guide.model import Item, Probe
from interviewer.interview.state import Interview
from interviewer.service import Listed, Service

# Folding an interview takes milliseconds; older ones than these say little about tomorrow.
NEWEST = 200

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Past:
    """One graded exchange of a kept interview.

    Attributes:
        interview: Id.
        at: When its question was asked.
        question: The question's id.
        scored: The exchange with its grade; its assessment is a Grade.
        grade: The same grade, for short.
    """

    interview: str
    at: datetime
    question: str
    scored: Scored
    grade: Grade

    @property
    def position(self) -> int:
        return self.scored.position

    @property
    def said(self) -> str:
        """All that the candidate said in it."""
        return "\n".join(self.scored.exchange.replies)


def newest(service: Service) -> Sequence[Listed]:
    """Return the newest interviews, newest first."""
    return service.store.rows()[:NEWEST]


def readable(service: Service, rows: Iterable[Listed]) -> Iterator[tuple[Listed, Interview]]:
    """Yield interviews as they stand; one that cannot be read, or was deleted meanwhile, is left out and logged."""
    for row in rows:
        try:
            state = service.interview(row.id)
        except Exception as error:
            # Whatever is wrong with one log, it must not hide all the others.
            log.warning("interview %s is left out: %s", row.id, error)
            continue
        yield row, state


def graded(service: Service) -> list[Past]:
    """Return the graded exchanges of the newest interviews, oldest first."""
    found = []
    for row, state in readable(service, newest(service)):
        found += of_interview(row.id, state, service.scored(state))
    return sorted(found, key=lambda one: one.at)


def of_interview(interview: str, state: Interview, scored: Sequence[Scored]) -> list[Past]:
    """Return the graded exchanges of one interview, in order."""
    at = asked_at(state)
    return [
        Past(interview, at[one.position], state.asked[one.position].ask.question, one, one.assessment)
        for one in scored
        if isinstance(one.assessment, Grade)
    ]


def asked_at(state: Interview) -> list[datetime]:
    """Return when each question of an interview was asked; the interview's beginning for one not spoken yet."""
    first = {said.exchange: said.at for said in reversed(state.said)}
    return [first.get(place, state.started.at) for place in range(len(state.asked))]


def speaks_of(one: Past, item: Item) -> bool:
    """Whether an answer says something about an item: its question aims at it, or rates it whatever it aims at."""
    if one.grade.rating(item.id) is None:
        return False
    rubric = one.scored.rubric
    return not rubric.aims or item.id in rubric.aims or isinstance(item, Probe) or item in rubric.expectations
