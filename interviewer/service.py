"""The use cases: start, reply, finish, resume, pause, withdraw, regrade. Knows nothing of a screen.

Nothing per user lives here: every call reads the interview from the event log,
appends to it, and is done. What the candidate said is committed before
anything else happens.
"""

import logging
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, Protocol
from weakref import WeakValueDictionary

from interviewer import __version__
from interviewer.cost import cost_of
from interviewer.engines.protocols import Context, Graded, Grader, Interviewer, Usage
from interviewer.errors import ConfigError, InputError, InterviewerError
from interviewer.grading.rating import Assessment, Grade, Maker, NotAssessed, Ungraded
from interviewer.grading.scorecard import Scorecard, Scored, score, scorecard
from interviewer.guide.model import Chunk, Fact, Guide, Kind, Level
from interviewer.interview.clarify import facts_for
from interviewer.interview.events import (
    Answer,
    Ask,
    CandidateReplied,
    Close,
    Closed,
    Event,
    GradingFailed,
    InterviewerSpoke,
    InterviewStarted,
    Manner,
    Noted,
    Paused,
    Plan,
    Probe,
    ReplyGraded,
    ReplyWithdrawn,
    Resumed,
    StepChosen,
    now,
)
from interviewer.interview.intent import RATEABLE, read_intent
from interviewer.interview.plan import make_plan
from interviewer.interview.policy import CONCRETE_ANGLES, PLAIN_ANGLES, first_step, next_step
from interviewer.interview.state import Interview, after, fold

PASSAGES = 3
# Readings of the sensor that are kept.
READINGS = 1024

log = logging.getLogger(__name__)


class Transcripts(Protocol):
    """Where events are kept."""

    def create(self, started: InterviewStarted, *events: Event) -> str: ...
    def put(self, interview: str, events: Sequence[Event], draft: str = "") -> None: ...
    def append(self, interview: str, *events: Event, draft: str | None = None) -> None: ...
    def events(self, interview: str) -> list[Event]: ...
    def rows(self) -> Sequence["Listed"]: ...
    def asked(self) -> Sequence[str]: ...
    def draft(self, interview: str) -> str: ...
    def save_draft(self, interview: str, text: str) -> None: ...
    def delete(self, interview: str) -> None: ...
    def delete_all(self) -> int: ...


class Listed(Protocol):
    """One interview of the library."""

    @property
    def id(self) -> str: ...
    @property
    def started(self) -> datetime: ...


class Passages(Protocol):
    """Retrieval by meaning."""

    def passages(self, query: str, level: Level, kind: Kind, k: int) -> tuple[Chunk, ...]:
        """Return passages meant for interviewers, best first."""
        ...

    def fact(self, question: str, facts: Sequence[Fact]) -> Fact | None:
        """Return the fact a candidate's question asks for, or None."""
        ...


@dataclass(frozen=True, slots=True)
class Setup:
    """What a candidate chooses before an interview.

    Attributes:
        kinds: Kinds of question; all four make a full loop.
        minutes: Length, 5 to 120.
        seed: Seed of questions and wording; None for a new one.
        own_first: In practice mode, whether one's own rating comes before the feedback.
        model: A profile's name, for another model than the settings name; empty for that one.
    """

    level: Level = Level.SENIOR
    kinds: tuple[Kind, ...] = (Kind.BEHAVIORAL,)
    minutes: int = 45
    seed: int | None = None
    manner: Manner = "neutral"
    practice: bool = False
    own_first: bool = False
    model: str = ""


@dataclass(frozen=True, slots=True)
class Engines:
    """Who speaks and who grades in an interview; made when first asked for.

    Attributes:
        names: Specs of interviewer and grader. When the grader is the embedded one the sensor's reading is the grade.
    """

    interviewer: Callable[[], Interviewer]
    grader: Callable[[], Grader]
    names: tuple[str, str] = ("embedded", "embedded")

    @property
    def embedded_grader(self) -> bool:
        return self.names[1] == "embedded"


class Service:
    """Everything that can be done with interviews."""

    def __init__(
        self,
        guide: Guide,
        store: Transcripts,
        passages: Callable[[], Passages],
        sensor: Callable[[], Grader],
        interviewer: Callable[[], Interviewer],
        grader: Callable[[], Grader],
        *,
        names: tuple[str, str] = ("embedded", "embedded"),
        chosen: Callable[[str], Engines] | None = None,
        kept: Callable[[str], Guide | None] = lambda guide_hash: None,
        max_reply_chars: int = 20_000,
        budget: float | None = None,
        clock: Callable[[], datetime] = now,
    ) -> None:
        """Take the parts; those given as functions are made when they are first needed.

        Args:
            passages: Retrieval over the guide.
            sensor: The embedded grader, the policy's only sense.
            interviewer: Who speaks.
            grader: Who grades; when it is the embedded one the sensor's reading is the grade.
            names: Specs of interviewer and grader, for the first event.
            chosen: The engines of a profile by its name, for interviews that choose another model.
            kept: Guides that grades were made on, by hash; None for one that is not here.
            max_reply_chars: Longest reply that is taken.
            budget: Price at which an interview is closed; None for no limit.
            clock: Time in UTC.
        """
        self.guide = guide
        self.store = store
        self._passages = passages
        self._sensor = cache(lambda: _Remembering(sensor()))
        self._configured = Engines(interviewer, grader, names)
        self._chosen = chosen
        self._kept = kept
        self._max_reply_chars = max_reply_chars
        self._budget = budget
        self._clock = clock
        # A lock is there as long as somebody holds it or waits for it.
        self._locks: WeakValueDictionary[str, threading.Lock] = WeakValueDictionary()
        self._locks_lock = threading.Lock()
        self._background = ThreadPoolExecutor(max_workers=4, thread_name_prefix="grading")
        # What is being done there, with the interview that a grading belongs to.
        self._running: dict[Future[None], str] = {}

    # -- holding an interview ----------------------------------------------------------------------------------------

    def start(self, setup: Setup) -> str:
        """Plan an interview, store it and choose its first question; return its id.

        Raises:
            InputError: When the setup does not fit the guide.
            StoreError: When it cannot be stored.
        """
        seed = setup.seed if setup.seed is not None else int(time.time_ns() % 1_000_000)
        plan = make_plan(
            self.guide,
            setup.level,
            setup.kinds,
            setup.minutes,
            seed,
            setup.manner,
            setup.practice,
            self.store.asked() if setup.seed is None else (),
        )
        return self.begin(replace(plan, own_first=setup.practice and setup.own_first), setup.model)

    def begin(self, plan: Plan, model: str = "") -> str:
        """Store an interview with a ready plan and choose its first question; return its id.

        Raises:
            ConfigError: When no such model is configured.
        """
        names = self._engines(model).names
        started = InterviewStarted(plan, self.guide.hash, *names, version=__version__, at=self._clock(), model=model)
        return self.store.create(started, StepChosen(first_step(fold([started])), at=self._clock()))

    def reply(self, interview: str, text: str) -> Iterator[str]:
        """Take what the candidate said and stream the interviewer's next words.

        The reply is committed when this call returns its iterator; the words
        come as the iterator is read.

        Raises:
            InputError: When the reply is too long, or the interview is closed or paused.
            UnknownInterview: When there is no such interview.
        """
        self.take(interview, text)
        return self.resume(interview)

    def take(self, interview: str, text: str) -> None:
        """Commit what the candidate said and nothing else; `resume` streams what the interviewer says to it.

        Raises:
            InputError: When the reply is too long, or the interview is closed or paused.
            UnknownInterview: When there is no such interview.
        """
        text = clean(text)
        if len(text) > self._max_reply_chars:
            raise InputError(
                f"That answer has {len(text):,} characters; at most {self._max_reply_chars:,} are taken. "
                "Shorten it and send it again."
            )
        with self._lock(interview):
            state = self.interview(interview)
            if state.closed:
                raise InputError("This interview is over. Start a new one, or step through it.")
            if state.paused:
                raise InputError("This interview is paused. Resume it first, then send your answer again.")
            if state.waiting or state.owed:
                raise InputError("The interviewer was about to speak. Hear that first, then send your answer again.")
            intent = read_intent(text)
            self.store.append(interview, CandidateReplied(text, intent, at=self._clock()), draft="")

    def resume(self, interview: str) -> Iterator[str]:
        """Go on where an interview stands and stream what the interviewer still has to say; empty when nothing.

        Raises:
            UnknownInterview: When there is no such interview.
        """
        with self._lock(interview):
            state = self.interview(interview)
            if state.owed and not state.closed and not state.paused:
                state = self._choose(interview, state)
        if state.waiting and not state.closed and not state.paused:
            return self._speak(interview, state, state.waiting)
        return iter(())

    def _choose(self, interview: str, state: Interview) -> Interview:
        """Read the exchange in hand with the sensor, choose and store the next step; return the state after it."""
        position = len(state.asked) - 1
        asked, embedded = state.asked[position], self._at(state).embedded_grader
        graded, cost = self.assess(state, position, self._sensor)
        facts = self._facts(state, asked.turns[-1].text) if asked.intents[-1] == "clarify" else ()
        readings = [*self._earlier(state), graded.assessment]
        step = next_step(state, readings, self.guide, state.seconds_used(self._clock()), facts)
        if self._spent_up(state) and not isinstance(step, Close):
            step = Close("budget")
        events: list[Event] = [self._outcome(state, position, graded, cost)] if embedded else []
        events.append(StepChosen(step, at=self._clock()))
        self.store.append(interview, *events)
        if isinstance(step, Ask | Close) and not embedded:
            self._start_grading(interview, position)
        return after(state, events)

    def _earlier(self, state: Interview) -> list[Assessment | None]:
        """Return the sensor's readings of the exchanges before the one in hand."""
        if self._at(state).embedded_grader:
            return [asked.assessment for asked in state.asked[:-1]]
        return [self.assess(state, position, self._sensor)[0].assessment for position in range(len(state.asked) - 1)]

    def _spent_up(self, state: Interview) -> bool:
        price = cost_of(state).total.price
        return self._budget is not None and price is not None and price >= self._budget

    def _speak(self, interview: str, state: Interview, step: Ask | Probe | Answer | Close) -> Iterator[str]:
        # No lock is held while words are on their way: a tab that is closed in mid-stream must not hold one for ever.
        began = time.monotonic()
        said: list[str] = []
        usage = Usage()
        interrupted = True
        try:
            utterance = self._at(state).interviewer().speak(step, self._context(state, step))
            usage = utterance.usage
            for piece in utterance.chunks:
                said.append(piece)
                yield piece
            interrupted = False
        finally:
            # Reached on a broken stream and on a closed tab too: what was shown is what is kept. When nothing was
            # shown the step is still waiting, and is spoken on resume.
            text = "".join(said).strip()
            if text:
                took = round((time.monotonic() - began) * 1000)
                self._spoken(
                    interview,
                    step,
                    InterviewerSpoke(
                        text, **asdict(usage), interrupted=interrupted, milliseconds=took, at=self._clock()
                    ),
                )

    def _spoken(self, interview: str, step: Ask | Probe | Answer | Close, spoke: InterviewerSpoke) -> None:
        with self._lock(interview):
            if self.interview(interview).waiting != step:
                return  # another window on this interview was faster
            closed = [Closed(step.because, at=self._clock())] if isinstance(step, Close) else []
            self.store.append(interview, spoke, *closed)
        if isinstance(step, Ask) and self._at(state := self.interview(interview)).names[0] != "embedded":
            self._beside(self._look_up, state)

    def _look_up(self, state: Interview) -> None:
        """Retrieve what the next steps may need while the candidate thinks, so that no step waits for it."""
        level, ask = state.plan.level, state.asked[-1].ask
        items = self.guide.rubric(level, ask.kind, ask.aims).items()
        angles = [angle for item in items for angle in item.angles or PLAIN_ANGLES]
        for angle in dict.fromkeys([*angles, *CONCRETE_ANGLES]):
            self._passages().passages(_query(ask.text, angle), level, ask.kind, PASSAGES)
        for question in state.plan.questions:
            self._passages().passages(question.text, level, question.kind, PASSAGES)

    def _context(self, state: Interview, step: Ask | Probe | Answer | Close) -> Context:
        asked = state.asked[-1]
        query = _query(asked.ask.text, step.angle) if isinstance(step, Probe) else asked.ask.text
        # Opening a question, what was said in the exchange before is what it bridges from.
        turns = state.asked[-2].turns if isinstance(step, Ask) and len(state.asked) > 1 else asked.turns
        return Context(
            level=state.plan.level,
            kind=asked.ask.kind,
            manner=state.plan.manner,
            seed=state.plan.seed,
            question=asked.ask.text,
            turns=turns,
            earlier=tuple(said.text for said in state.said if said.speaker == "interviewer"),
            passages=self._retrieve(state, query, asked.ask.kind),
            questions=len(state.plan.questions),
            minutes=state.plan.minutes,
        )

    def _retrieve(self, state: Interview, query: str, kind: Kind) -> tuple[Chunk, ...]:
        if self._at(state).names[0] == "embedded":
            # The phrasebook words a step from the step alone; retrieval would only cost time.
            return ()
        return self._passages().passages(query, state.plan.level, kind, PASSAGES)

    def _facts(self, state: Interview, text: str) -> tuple[Fact, ...]:
        """Return what the case knows about a clarifying message."""
        try:
            known = self.guide.question(state.asked[-1].ask.question).facts
        except KeyError:
            return ()
        told = {line for said in state.said if isinstance(said.step, Answer) for line in said.step.fact.splitlines()}
        return facts_for(text, known, self._passages().fact, told) if known else ()

    def withdraw(self, interview: str) -> str:
        """Take back the last reply, so that it can be edited; return its text.

        Raises:
            InputError: When there is none, or the next question has been asked already.
        """
        with self._lock(interview):
            state = self.interview(interview)
            if state.closed or not state.asked or not state.asked[-1].replies:
                raise InputError("The last answer can be changed until the next question is asked; that time is over.")
            text = next(said.text for said in reversed(state.said) if said.speaker == "candidate")
            self.store.append(interview, ReplyWithdrawn(at=self._clock()), draft=text)
            return text

    def pause(self, interview: str) -> None:
        """Stop the clock; does nothing when it stands already."""
        with self._lock(interview):
            state = self.interview(interview)
            if not state.paused and not state.closed:
                self.store.append(interview, Paused(at=self._clock()))

    def unpause(self, interview: str) -> None:
        """Let the clock go on; does nothing when it runs already."""
        with self._lock(interview):
            if self.interview(interview).paused:
                self.store.append(interview, Resumed(at=self._clock()))

    def finish(self, interview: str) -> Iterator[str]:
        """End an interview early and stream the interviewer's goodbye.

        Raises:
            UnknownInterview: When there is no such interview.
        """
        with self._lock(interview):
            state = self.interview(interview)
            if state.closed or isinstance(state.waiting, Close):
                return self._speak(interview, state, state.waiting) if state.waiting else iter(())
            events: list[Event] = [Resumed(at=self._clock())] if state.paused else []
            self.store.append(interview, *events, StepChosen(Close("stopped"), at=self._clock()))
        if state.asked and state.asked[-1].replies and state.asked[-1].assessment is None:
            self._start_grading(interview, len(state.asked) - 1)
        return self.resume(interview)

    def note(self, interview: str, text: str, line: int | None = None) -> None:
        """Keep a note of one's own with the transcript, on a line of it when one is told; an empty one is ignored."""
        if clean(text):
            self.store.append(interview, Noted(clean(text), at=self._clock(), line=line))

    # -- grading -----------------------------------------------------------------------------------------------------

    def _engines(self, model: str) -> Engines:
        if not model:
            return self._configured
        if self._chosen is None:
            raise ConfigError(f"There is no model {model!r} here.")
        return self._chosen(model)

    def _at(self, state: Interview) -> Engines:
        """Return the engines an interview goes on with: the model chosen for it, or what the settings name by now."""
        return self._engines(state.started.model)

    def _graded(
        self, grader: Grader, state: Interview, position: int, level: Level | None = None, guide: Guide | None = None
    ) -> Graded:
        """Return what a grader makes of an exchange, signed with the guide it was graded on."""
        guide, level, asked = guide or self.guide, level or state.plan.level, state.asked[position]
        graded = grader.grade(asked.exchange(level), guide.rubric(level, asked.ask.kind, asked.ask.aims))
        if not isinstance(graded.assessment, Grade):
            return graded
        maker = replace(graded.assessment.maker, guide_hash=guide.hash)
        return replace(graded, assessment=replace(graded.assessment, maker=maker))

    def assess(
        self,
        state: Interview,
        position: int,
        grader: Callable[[], Grader],
        level: Level | None = None,
        guide: Guide | None = None,
    ) -> tuple[Graded, dict[str, Any]]:
        """Grade one exchange with any grader and keep nothing; whatever fails comes back as Ungraded.

        Args:
            position: Place of the exchange, from 0.
            grader: Who grades; made here, so that a grader that cannot be made is a reason too.
            level: The bar; the interview's own when None.
            guide: The guide to grade on; the one in use when None.

        Returns:
            The outcome, and what it cost in the names of an event's fields.
        """
        if not any(intent in RATEABLE for intent in state.asked[position].intents):
            return Graded(NotAssessed("Nothing was said that could be rated.")), {"at": self._clock()}
        began = time.monotonic()
        try:
            graded = self._graded(grader(), state, position, level, guide)
        except Exception as error:
            # A caller in the background has nobody to raise to; an exchange without an outcome would look unfinished.
            reason = str(error)
            if not isinstance(error, InterviewerError):
                fault = uuid.uuid4().hex[:8]
                log.exception("fault %s", fault)
                reason = f"The grader failed by a fault of the program (id {fault}, in the log)."
            graded = Graded(Ungraded(reason))
        usage = graded.usage
        return graded, {
            "tokens_in": usage.tokens_in,
            "tokens_cached": usage.tokens_cached,
            "tokens_out": usage.tokens_out,
            "price": usage.price,
            "milliseconds": round((time.monotonic() - began) * 1000),
            "at": self._clock(),
        }

    def _outcome(
        self, state: Interview, position: int, graded: Graded, cost: dict[str, Any]
    ) -> ReplyGraded | GradingFailed:
        """Return what came of grading an exchange as it is kept."""
        replies = state.asked[position].replies
        if not isinstance(graded.assessment, Ungraded):
            return ReplyGraded(position, replies, graded.assessment, **cost)
        engine = self._at(state).names[1]
        maker = Maker(engine, __version__, prompt_hash=graded.usage.prompt_hash, guide_hash=self.guide.hash)
        return GradingFailed(position, replies, graded.assessment.reason, maker, **cost)

    def _start_grading(self, interview: str, position: int) -> None:
        """Grade an exchange; a model does so beside the stream."""
        if self._at(self.interview(interview)).embedded_grader:
            self._grade(interview, position)
        else:
            self._beside(self._grade, interview, position, grading=interview)

    def _grade(self, interview: str, position: int) -> None:
        state = self.interview(interview)
        engines, read = self._at(state), state.asked[position].turns
        graded, cost = self.assess(state, position, self._sensor if engines.embedded_grader else engines.grader)
        event = self._outcome(state, position, graded, cost)
        with self._lock(interview):
            if self.interview(interview).asked[position].turns[: len(read)] != read:
                # It was paid for, so it is kept; as a grading of no reply it stands for none.
                changed = Graded(Ungraded("The answer was changed while it was being graded."), graded.usage)
                event = replace(self._outcome(state, position, changed, cost), replies=0)
            self.store.append(interview, event)

    def _beside(self, work: Callable[..., None], *args: Any, grading: str = "") -> None:
        """Do something in the background.

        Args:
            grading: The interview that waits for it to be graded; empty when nobody waits.
        """
        future = self._background.submit(work, *args)
        self._running[future] = grading
        future.add_done_callback(self._done)

    def _done(self, future: Future[None]) -> None:
        self._running.pop(future, None)
        error = future.exception()
        if isinstance(error, InterviewerError):
            log.warning("in the background: %s", error)
        elif error:
            log.error("a fault in the background", exc_info=error)

    def wait_for_grades(self, interview: str, seconds: float = 120) -> int:
        """Wait until no grading of an interview is running; return how many are still running after `seconds`."""
        mine = [future for future, grading in list(self._running.items()) if grading == interview]
        return len(wait(mine, timeout=seconds).not_done)

    def retry_grading(self, interview: str, position: int) -> None:
        """Grade one exchange again with the interview's own grader, without the candidate."""
        self._start_grading(interview, position)

    # -- looking at interviews ---------------------------------------------------------------------------------------

    def interview(self, interview: str) -> Interview:
        """Return an interview as it stands.

        Raises:
            UnknownInterview: When there is no such interview.
        """
        return fold(self.store.events(interview))

    def scorecard(self, interview: str) -> Scorecard:
        """Return what an interview has come to so far."""
        return self.card(self.interview(interview))

    def card(self, state: Interview) -> Scorecard:
        """Return the scorecard of a folded interview."""
        return scorecard(state.plan.level, self.scored(state), self.guide_of(state.started.guide_hash).aspects)

    def scored(self, state: Interview) -> list[Scored]:
        """Return each exchange of an interview with its newest assessment and its overall on the guide of its grade."""
        level, found = state.plan.level, []
        for position, asked in enumerate(state.asked):
            assessment = asked.assessment if asked.replies else NotAssessed("No answer was given.")
            guide = self.guide_of(assessment.maker.guide_hash) if isinstance(assessment, Grade) else self.guide
            rubric = guide.rubric(level, asked.ask.kind, asked.ask.aims)
            found.append(score(position, rubric, asked.exchange(level), assessment))
        return found

    def guide_of(self, guide_hash: str) -> Guide:
        """Return the guide with this hash; the one in use where it was not kept."""
        return self.guide if guide_hash == self.guide.hash else self._kept(guide_hash) or self.guide

    def draft(self, interview: str) -> str:
        """Return the answer that was being written."""
        return self.store.draft(interview)

    def save_draft(self, interview: str, text: str) -> None:
        """Keep the answer that is being written."""
        self.store.save_draft(interview, text[: 2 * self._max_reply_chars])

    def delete(self, interview: str) -> None:
        """Delete an interview for good."""
        self.store.delete(interview)

    def delete_all(self) -> int:
        """Delete every interview for good; return how many there were."""
        return self.store.delete_all()

    def _lock(self, interview: str) -> threading.Lock:
        """Return the lock that keeps two windows on one interview from answering at once."""
        with self._locks_lock:
            return self._locks.setdefault(interview, threading.Lock())


class _Remembering:
    """A grader that reads an exchange once; those before the one in hand are looked at again with every reply."""

    def __init__(self, grader: Grader) -> None:
        self.spec = grader.spec
        self.grade = lru_cache(maxsize=READINGS)(grader.grade)


def _query(question: str, angle: str) -> str:
    return f"{question} {angle}"


def clean(text: str) -> str:
    """Return a candidate's text without NUL, lone surrogates and outer blank lines."""
    text = text.replace("\0", "").encode("utf-8", "replace").decode()
    return re.sub(r"[ \t]+\n", "\n", text.replace("\r\n", "\n")).strip("\n").rstrip()
