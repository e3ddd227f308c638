"""Every exchange that was graded in any kept interview, with what it came to: what progress and stories rest on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from interviewer.grading.rating import Grade
from interviewer.grading.scorecard import Scored
from interviewer.guide.model import Item, Probe
from interviewer.interview.state import Interview
from interviewer.service import Service

# Folding an interview takes milliseconds; older ones than these say little about tomorrow.
NEWEST = 200


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


def graded(service: Service, newest: int = NEWEST) -> list[Past]:
    """Return the graded exchanges of the newest interviews, oldest first."""
    found = []
    for row in list(service.store.rows())[:newest]:
        state = service.interview(row.id)
        found += of_interview(row.id, state, service.scored(state))
    return sorted(found, key=lambda one: one.at)


def of_interview(interview: str, state: Interview, scored: Sequence[Scored]) -> list[Past]:
    """Return the graded exchanges of one interview, in order."""
    asked_at = {said.exchange: said.at for said in reversed(state.said) if said.exchange is not None}
    return [
        Past(
            interview,
            asked_at.get(one.position, state.started.at),
            state.asked[one.position].ask.question,
            one,
            one.assessment,
        )
        for one in scored
        if isinstance(one.assessment, Grade)
    ]


def speaks_of(one: Past, item: Item) -> bool:
    """Whether an answer says something about an item: its question aims at it, or rates it whatever it aims at."""
    if one.grade.rating(item.id) is None:
        return False
    rubric = one.scored.rubric
    return not rubric.aims or item.id in rubric.aims or isinstance(item, Probe) or item in rubric.expectations
