"""Answering a question again: a short interview of questions asked before, and how the attempts went."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from interviewer.errors import InputError, InterviewerError
from interviewer.grading.compare import Comparison, compare
from interviewer.grading.rating import Grade
from interviewer.grading.scorecard import Scored, features
from interviewer.guide.model import Kind, Level
from interviewer.interview.events import Origin, PlannedQuestion
from interviewer.interview.intent import RATEABLE
from interviewer.interview.plan import MAX_MINUTES, MIN_MINUTES
from interviewer.interview.state import Asked, Interview
from interviewer.review.past import Past, asked_at, graded, of_interview, readable
from interviewer.service import Service


@dataclass(frozen=True, slots=True)
class Attempt:
    """One answer to a question that was answered several times.

    Attributes:
        interview: Id of the interview it was given in.
        at: When the question was asked.
        scored: The exchange with what it came to.
    """

    interview: str
    at: datetime
    scored: Scored

    @property
    def origin(self) -> Origin:
        return Origin(self.interview, self.scored.position)


class Attempts:
    """Second and further answers to the same questions."""

    def __init__(self, service: Service) -> None:
        """Look at a service's transcripts."""
        self.service = service
        # What a closed interview asked does not change; looking through all of them once is enough.
        self._closed: dict[str, frozenset[str]] = {}

    # -- beginning ---------------------------------------------------------------------------------------------------

    def begin(self, origins: Sequence[Origin], *, edit: bool = False) -> str:
        """Start an interview of questions asked before, in practice mode, and return its id.

        Level, manner and seed are those of the interview of the first one.

        Args:
            origins: The exchanges to answer again, all of one level.
            edit: Whether the old answer to the first of them is put into the answer box.

        Raises:
            InputError: When there are none, or one of them is no exchange.
            UnknownInterview: When there is no such interview.
        """
        if not origins:
            raise InputError("There is no graded answer to give again. Hold an interview first.")
        states = [self.service.interview(origin.interview) for origin in origins]
        origins = [
            Origin(origin.interview, _with_answer(state, origin.exchange))
            for state, origin in zip(states, origins, strict=True)
        ]
        asked = [state.asked[origin.exchange] for state, origin in zip(states, origins, strict=True)]
        kinds = {one.ask.kind for one in asked}
        minutes = sum(self.service.guide.budgets[one.ask.kind].minutes for one in asked)
        interview = self.service.begin(
            replace(
                states[0].plan,
                kinds=tuple(kind for kind in Kind if kind in kinds),
                minutes=max(MIN_MINUTES, min(MAX_MINUTES, minutes)),
                questions=tuple(_planned(one) for one in asked),
                practice=True,
                again=tuple(origins),
            )
        )
        if edit:
            self.service.save_draft(interview, answer(asked[0]))
        return interview

    def weakest(self, count: int, interview: str | None = None, level: Level | None = None) -> list[Origin]:
        """Return the weakest graded answers, weakest first.

        Args:
            count: How many at most, 1 or more.
            interview: Where to look; the newest 200 interviews when None, and there only the newest attempt at a
                question.
            level: The level looked for in them; that of the newest graded answer when None.
        """
        if interview:
            state = self.service.interview(interview)
            found = of_interview(interview, state, self.service.scored(state))
        else:
            every = graded(self.service)
            level = level or (every[-1].scored.rubric.level if every else None)
            found = [one for one in every if one.scored.rubric.level is level]
        # Later attempts take the place of earlier ones; they are in order of time.
        newest = {one.scored.exchange.question: one for one in found}
        return [Origin(one.interview, one.position) for one in sorted(newest.values(), key=_weak)[:count]]

    # -- looking back ------------------------------------------------------------------------------------------------

    def of(self, interview: str, exchange: int) -> list[Attempt]:
        """Return every answer to the question of an exchange, in any interview, oldest first.

        It is the same question when it has the same id, or, coming from elsewhere, the same words. One that was put
        off or skipped is no answer.
        """
        mine = _names(_asked(self.service.interview(interview), exchange))
        rows = [row for row in self.service.store.rows() if mine & self._closed.get(row.id, mine)]
        found = []
        for row, state in readable(self.service, rows):
            if state.closed:
                self._closed[row.id] = frozenset(name for asked in state.asked for name in _names(asked))
            same = [place for place, asked in enumerate(state.asked) if _answered(asked) and mine & _names(asked)]
            found += self._attempts(row.id, state, same)
        return sorted(found, key=lambda one: one.at)

    def compared(self, interview: str) -> list[tuple[Attempt, Attempt]]:
        """Return (before, now) of every answer of an interview that answers an earlier one again."""
        state = self.service.interview(interview)
        pairs = []
        for position, asked in enumerate(state.asked):
            origin = origin_of(state, position)
            if origin is None or not _answered(asked):
                continue
            try:
                first = self.service.interview(origin.interview)
                _asked(first, origin.exchange)
            except InterviewerError:
                continue  # the earlier one was deleted, or cannot be read
            (before,) = self._attempts(origin.interview, first, [origin.exchange])
            (now,) = self._attempts(interview, state, [position])
            pairs.append((before, now))
        return pairs

    def _attempts(self, interview: str, state: Interview, places: Sequence[int]) -> list[Attempt]:
        if not places:
            return []
        at, scored = asked_at(state), self.service.scored(state)
        return [Attempt(interview, at[place], scored[place]) for place in places]


def both_graded(before: Scored, now: Scored) -> Comparison | None:
    """Compare two attempts; None where either has no grade."""
    if isinstance(before.assessment, Grade) and isinstance(now.assessment, Grade):
        return compare(before, now)
    return None


def origin_of(state: Interview, position: int) -> Origin | None:
    """Return the exchange that one of an interview answers again; None when it answers none."""
    ask = state.asked[position].ask
    # Ids of imported questions may be those of others in another file, so the words have to be the same too.
    again = zip(state.plan.questions, state.plan.again, strict=False)
    return next((origin for one, origin in again if (one.id, one.text) == (ask.question, ask.text)), None)


def answer(asked: Asked) -> str:
    """Return all that was answered in an exchange, as one draft."""
    said = [turn.text for turn in asked.turns if turn.speaker == "candidate"]
    return "\n\n".join(text for text, intent in zip(said, asked.intents, strict=False) if intent in RATEABLE)


def _asked(state: Interview, exchange: int) -> Asked:
    if not 0 <= exchange < len(state.asked):
        raise InputError(
            f"That interview has no question {exchange + 1}; it has {len(state.asked)}. Choose one of them."
        )
    return state.asked[exchange]


def _answered(asked: Asked) -> bool:
    return any(intent in RATEABLE for intent in asked.intents)


def _with_answer(state: Interview, exchange: int) -> int:
    """Return where a question that was put off was answered in the end; the exchange itself when nowhere else."""
    mine = _asked(state, exchange)
    if _answered(mine):
        return exchange
    later = [place for place, one in enumerate(state.asked) if one.ask.question == mine.ask.question and _answered(one)]
    return later[0] if later else exchange


def _planned(asked: Asked) -> PlannedQuestion:
    ask = asked.ask
    return PlannedQuestion(ask.question, ask.text, ask.kind, ask.aims, ask.chunk)


def _names(asked: Asked) -> frozenset[str]:
    """Return what a question is known by: its words, and its id unless an import only counted."""
    counted = re.fullmatch(r"imported-\d+", asked.ask.question)
    words = " ".join(asked.ask.text.lower().split())
    return frozenset(name for name in (words, "" if counted else asked.ask.question) if name)


def _weak(one: Past) -> tuple[float, ...]:
    """Order by overall, then by what the question aimed at, then by the best that was shown."""
    found = features(one.grade, one.scored.rubric)
    return (one.scored.overall or 0, found["mean"] + found["expectations"] + found["probes"], found["best"])
