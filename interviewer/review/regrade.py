"""Grading kept answers once more: by another grader, under the other bar, on another guide. Only ever appended."""

import secrets
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path

from interviewer.engines.protocols import Grader
from interviewer.errors import InputError
from interviewer.grading.compare import Agreement, Comparison, agreement, compare
from interviewer.grading.rating import Grade, Ungraded
from interviewer.grading.scorecard import Scored, score, scorecard
from interviewer.guide.kept import Guides
from interviewer.guide.model import Guide, Level
from interviewer.interview.events import Regraded
from interviewer.interview.state import Interview
from interviewer.service import Service

# The run of all readings under the other bar; every other run has an id of its own.
BAR = "bar"
# Answers that are graded at the same time.
AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Job:
    """How answers are graded once more.

    Attributes:
        level: The bar; each interview's own when None.
        guide: The guide to grade on; the one in use when None.
        prompt: Hash of the grading prompt; empty for the embedded grader.
        run: Id that everything graded together shares.
    """

    grader: Grader
    level: Level | None = None
    guide: Guide | None = None
    prompt: str = ""
    run: str = field(default_factory=lambda: secrets.token_hex(4))


@dataclass(frozen=True, slots=True)
class Run:
    """What one run has of an interview.

    Attributes:
        by: Spec of the grader.
        at: When its last answer was graded.
        guide: Hash of the guide; empty when nothing could be graded.
        graded: Answers with an outcome.
        failed: Answers whose grading failed.
    """

    id: str
    by: str
    level: Level
    at: datetime
    guide: str
    graded: int
    failed: int


@dataclass(frozen=True, slots=True)
class Twice:
    """One exchange with its grade and another one.

    Attributes:
        comparison: None where either is no grade.
    """

    before: Scored
    after: Scored
    comparison: Comparison | None


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run changed, over the exchanges it has graded.

    Attributes:
        before: Verdict's overall, 1 to 4, with the first grades; None with too few.
        after: The same with the run's grades in the place of the first ones.
        moved: Exchanges whose overall is another.
        failed: Places of the exchanges that could not be graded.
    """

    pairs: tuple[Twice, ...]
    before: int | None
    after: int | None
    moved: tuple[int, ...]
    failed: tuple[int, ...]
    agreement: Agreement


class Regrading:
    """Grades once more, and what came of it."""

    def __init__(self, service: Service, data_dir: Path) -> None:
        """Look at a service's transcripts.

        Args:
            data_dir: Where copies of the other guides are kept, so that a grade can be read when its guide is gone.
        """
        self.service = service
        self._guides = Guides(data_dir / "guides")

    # -- grading -----------------------------------------------------------------------------------------------------

    def left(self, interviews: Sequence[str], job: Job, *, failed: bool = False) -> list[tuple[str, int]]:
        """Return (interview, exchange) of the answers that a run has no outcome for.

        Args:
            failed: Whether those whose grading failed are to be tried again.

        Raises:
            UnknownInterview: When there is no such interview.
        """
        return [
            (interview, position)
            for interview in interviews
            for position in _left(self.service.interview(interview), job.run, failed=failed)
        ]

    def unfinished(self, interviews: Sequence[str], job: Job) -> str | None:
        """Return the newest run of the same kind that was interrupted, or None.

        It has graded some of the answers but not all that were there when it began.
        """
        states = [self.service.interview(interview) for interview in interviews]
        began: dict[str, datetime] = {}
        for state in states:
            for event in state.regraded:
                if _same(event, state, job, self.service.guide):
                    began[event.run] = min(began.get(event.run, event.at), event.at)
        for run in sorted(began, key=lambda run: began[run], reverse=True):
            if any(state.started.at < began[run] and _left(state, run) for state in states):
                return run
        return None

    def grade(self, interview: str, exchange: int, job: Job) -> Regraded:
        """Grade one exchange once more and keep what came of it, a failure with its reason.

        Raises:
            InputError: When nothing was answered there.
        """
        state = self.service.interview(interview)
        if not 0 <= exchange < len(state.asked) or not state.asked[exchange].replies:
            raise InputError(f"Question {exchange + 1} has no answer that could be graded. Choose another one.")
        level = job.level or state.plan.level
        graded, cost = self.service.assess(state, exchange, lambda: job.grader, level, job.guide)
        replies = state.asked[exchange].replies
        event = Regraded(job.run, exchange, replies, level, job.grader.spec, graded.assessment, **cost)
        self.service.store.append(interview, event)
        return event

    def work(self, tasks: Sequence[tuple[str, int]], job: Job) -> Iterator[Regraded]:
        """Grade answers, a few at a time, and give each as it is done; whoever stops loses none that was begun."""
        waiting = iter(tasks)
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="regrading") as pool:
            running = {pool.submit(self.grade, *task, job) for task in islice(waiting, AT_ONCE)}
            while running:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for one in done:
                    yield one.result()
                running |= {pool.submit(self.grade, *task, job) for task in islice(waiting, len(done))}

    def other_bar(self, interview: str, exchange: int, grader: Grader) -> Twice | None:
        """Return an exchange under both bars, grading it under the other one unless that is kept already.

        Returns:
            None when it has no answer.
        """
        state = self.service.interview(interview)
        if not 0 <= exchange < len(state.asked) or not state.asked[exchange].replies:
            return None
        level = state.plan.level.other
        job = Job(grader, level, run=BAR)
        kept = [
            event
            for event in _newest(state, BAR).values()
            if event.exchange == exchange
            and _same(event, state, job, self.service.guide, bar=True)
            and not isinstance(event.outcome, Ungraded)
        ]
        return self._twice(state, kept[0] if kept else self.grade(interview, exchange, job))

    # -- looking at it -----------------------------------------------------------------------------------------------

    def runs(self, state: Interview) -> list[Run]:
        """Return the runs that graded an interview again, newest first."""
        found = []
        for run in dict.fromkeys(event.run for event in state.regraded if event.run != BAR):
            events = list(_newest(state, run).values()) or [e for e in state.regraded if e.run == run]
            failed = sum(isinstance(event.outcome, Ungraded) for event in events)
            hashes = {event.outcome.maker.guide_hash for event in events if isinstance(event.outcome, Grade)}
            last = max(events, key=lambda event: event.at)
            found.append(
                Run(run, last.by, last.level, last.at, "".join(sorted(hashes)[:1]), len(events) - failed, failed)
            )
        return sorted(found, key=lambda run: run.at, reverse=True)

    def summary(self, state: Interview, run: str) -> Summary:
        """Return what a run changed in an interview."""
        newest = _newest(state, run)
        pairs = tuple(self._twice(state, newest[position]) for position in sorted(newest))
        first = self.service.card(state)
        others = {pair.after.position: pair.after for pair in pairs if not isinstance(pair.after.assessment, Ungraded)}
        levels = {pair.after.rubric.level for pair in pairs}
        second = scorecard(
            next(iter(levels), state.plan.level), [others.get(one.position, one) for one in first.exchanges]
        )
        compared = [pair.comparison for pair in pairs if pair.comparison]
        return Summary(
            pairs=pairs,
            before=first.overall,
            after=second.overall,
            moved=tuple(one.before.position for one in compared if one.before.overall != one.after.overall),
            failed=tuple(pair.after.position for pair in pairs if isinstance(pair.after.assessment, Ungraded)),
            agreement=agreement(compared),
        )

    def _twice(self, state: Interview, event: Regraded) -> Twice:
        before = self.service.scored(state)[event.exchange]
        outcome, asked = event.outcome, state.asked[event.exchange]
        guide = self.guide(outcome.maker.guide_hash if isinstance(outcome, Grade) else "")
        rubric = guide.rubric(event.level, asked.ask.kind, asked.ask.aims)
        after = score(event.exchange, rubric, asked.exchange(event.level), outcome)
        grades = isinstance(before.assessment, Grade) and isinstance(outcome, Grade)
        return Twice(before, after, compare(before, after) if grades else None)

    # -- other guides ------------------------------------------------------------------------------------------------

    def keep_guide(self, path: Path) -> Guide:
        """Read another guide and keep a copy of it.

        Args:
            path: A guide file, or a folder of them.

        Raises:
            GuideError: When it cannot be used.
        """
        return self._guides.keep(path)

    def guide(self, guide_hash: str) -> Guide:
        """Return the guide with this hash; the one in use where it is not here."""
        in_use = self.service.guide
        return in_use if guide_hash == in_use.hash else self._guides.find(guide_hash) or in_use


def _newest(state: Interview, run: str) -> dict[int, Regraded]:
    """Return the newest outcome of a run for each exchange, those left out that had read fewer replies than it has."""
    return {
        event.exchange: event
        for event in state.regraded
        if event.run == run
        and event.exchange < len(state.asked)
        and event.replies == state.asked[event.exchange].replies
    }


def _left(state: Interview, run: str, *, failed: bool = False) -> list[int]:
    has = _newest(state, run)
    done = {place for place, event in has.items() if not (failed and isinstance(event.outcome, Ungraded))}
    return [place for place, asked in enumerate(state.asked) if asked.replies and place not in done]


def _same(event: Regraded, state: Interview, job: Job, in_use: Guide, *, bar: bool = False) -> bool:
    """Whether an event comes from a run of the same grader, bar, guide and prompt."""
    if (event.run == BAR) is not bar or event.by != job.grader.spec or event.level != (job.level or state.plan.level):
        return False
    if not isinstance(event.outcome, Grade):
        return True
    maker = event.outcome.maker
    return maker.guide_hash == (job.guide or in_use).hash and (bar or maker.prompt_hash in ("", job.prompt))
