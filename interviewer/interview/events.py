"""The facts of one interview, in order, and the interview they add up to.

An interview is never stored as such: it is `fold(events)`. Events are plain
values; the store turns them into JSON and back.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from interviewer.grading.rating import Assessment, Exchange, Grade, Maker, NotAssessed, Turn, Ungraded
from interviewer.guide.model import Kind, Level

Manner = Literal["friendly", "neutral", "tough"]
Intent = Literal[
    "answer", "clarify", "no_example", "skip", "stop", "time", "rephrase", "later", "silence", "request", "language"
]


def now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


# -- steps: what the policy chooses ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ask:
    """Put a question of the plan.

    Attributes:
        question: The question's id.
        text: Its words in the guide, kept so that a transcript outlives its guide.
        kind: Its kind.
        aims: Ids it can draw out.
        chunk: Id of the guide chunk it came from.
        number: Its place in the plan, from 1.
        because: What led here: "later" puts the question before it aside, "return" comes back to this one.
    """

    question: str
    text: str
    kind: Kind
    aims: tuple[str, ...]
    chunk: str
    number: int
    because: Literal["start", "done", "skipped", "no_example", "budget", "time", "later", "return"] = "start"
    name: Literal["ask"] = "ask"


@dataclass(frozen=True, slots=True)
class Probe:
    """Ask about something still missing from the answer.

    Attributes:
        item: Id of the look-for, expectation or depth probe; for the log, never given to the interviewer engine.
        angle: The neutral phrase to ask about.
        chunk: Id of the guide chunk the item stands in.
        number: Which probe of this question it is, from 1.
        weak: Whether the answer so far showed next to nothing.
    """

    item: str
    angle: str
    chunk: str
    number: int
    weak: bool = False
    name: Literal["probe"] = "probe"


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer what the candidate asked or said about the interview itself.

    Attributes:
        about: What it is about.
        fact: The case's facts to be told, one a line; empty when there is none and it is the candidate's to decide.
        minutes_left: Whole minutes left, for `about="time"`.
    """

    about: Literal["clarify", "time", "rephrase", "silence", "request", "language"]
    fact: str = ""
    minutes_left: int = 0
    name: Literal["answer"] = "answer"


@dataclass(frozen=True, slots=True)
class Close:
    """End the interview."""

    because: Literal["done", "time", "stopped", "budget"]
    name: Literal["close"] = "close"


Step = Annotated[Ask | Probe | Answer | Close, Field(discriminator="name")]


# -- events ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PlannedQuestion:
    """One question of a plan, with all that is needed to ask it."""

    id: str
    text: str
    kind: Kind
    aims: tuple[str, ...]
    chunk: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What an interview sets out to do.

    Attributes:
        minutes: Planned length in minutes, 5 to 120.
        seed: Seed of every choice of question and wording.
        practice: Whether each exchange's feedback is shown when it closes.
    """

    level: Level
    kinds: tuple[Kind, ...]
    minutes: int
    seed: int
    questions: tuple[PlannedQuestion, ...]
    manner: Manner = "neutral"
    practice: bool = False


@dataclass(frozen=True, slots=True)
class InterviewStarted:
    plan: Plan
    guide_hash: str
    interviewer: str
    grader: str
    version: str
    at: datetime = field(default_factory=now)
    type: Literal["InterviewStarted"] = "InterviewStarted"


@dataclass(frozen=True, slots=True)
class StepChosen:
    step: Step
    at: datetime = field(default_factory=now)
    type: Literal["StepChosen"] = "StepChosen"


@dataclass(frozen=True, slots=True)
class InterviewerSpoke:
    """What the interviewer said.

    Attributes:
        text: What was shown, whole.
        engine: "embedded" or the model's spec.
        interrupted: Whether the stream broke before its end.
        replaced: Why the embedded wording took a model's place; empty when it did not.
        prompt_hash: Hash of the prompt; empty for the embedded engine.
        tokens_in: Tokens read by the model.
        tokens_cached: Of those, tokens served from its prefix cache.
        tokens_out: Tokens written.
        price: In the currency of the settings; None when no price was set.
        milliseconds: From the request to the last word.
    """

    text: str
    engine: str = "embedded"
    interrupted: bool = False
    replaced: str = ""
    prompt_hash: str = ""
    tokens_in: int = 0
    tokens_cached: int = 0
    tokens_out: int = 0
    price: float | None = None
    milliseconds: int = 0
    at: datetime = field(default_factory=now)
    type: Literal["InterviewerSpoke"] = "InterviewerSpoke"


@dataclass(frozen=True, slots=True)
class CandidateReplied:
    text: str
    intent: Intent = "answer"
    at: datetime = field(default_factory=now)
    type: Literal["CandidateReplied"] = "CandidateReplied"


@dataclass(frozen=True, slots=True)
class ReplyWithdrawn:
    """The last reply and what followed it are taken back, so that it can be edited."""

    at: datetime = field(default_factory=now)
    type: Literal["ReplyWithdrawn"] = "ReplyWithdrawn"


@dataclass(frozen=True, slots=True)
class ReplyGraded:
    """An assessment of an exchange as it stood after a number of replies.

    Attributes:
        exchange: Position of the exchange, from 0.
        replies: How many of its replies the grader had read.
        assessment: The outcome.
    """

    exchange: int
    replies: int
    assessment: Annotated[Grade | NotAssessed, Field(discriminator="outcome")]
    tokens_in: int = 0
    tokens_cached: int = 0
    tokens_out: int = 0
    price: float | None = None
    milliseconds: int = 0
    at: datetime = field(default_factory=now)
    type: Literal["ReplyGraded"] = "ReplyGraded"


@dataclass(frozen=True, slots=True)
class GradingFailed:
    """A grading that came to nothing, and what it cost all the same."""

    exchange: int
    replies: int
    reason: str
    maker: Maker
    tokens_in: int = 0
    tokens_cached: int = 0
    tokens_out: int = 0
    price: float | None = None
    milliseconds: int = 0
    at: datetime = field(default_factory=now)
    type: Literal["GradingFailed"] = "GradingFailed"


@dataclass(frozen=True, slots=True)
class Paused:
    at: datetime = field(default_factory=now)
    type: Literal["Paused"] = "Paused"


@dataclass(frozen=True, slots=True)
class Resumed:
    at: datetime = field(default_factory=now)
    type: Literal["Resumed"] = "Resumed"


@dataclass(frozen=True, slots=True)
class Closed:
    because: Literal["done", "time", "stopped", "budget"]
    at: datetime = field(default_factory=now)
    type: Literal["Closed"] = "Closed"


@dataclass(frozen=True, slots=True)
class Noted:
    """A note of the candidate's own, beside the chat."""

    text: str
    at: datetime = field(default_factory=now)
    type: Literal["Noted"] = "Noted"


Event = Annotated[
    InterviewStarted
    | StepChosen
    | InterviewerSpoke
    | CandidateReplied
    | ReplyWithdrawn
    | ReplyGraded
    | GradingFailed
    | Paused
    | Resumed
    | Closed
    | Noted,
    Field(discriminator="type"),
]
EVENT: TypeAdapter[Event] = TypeAdapter(Event)


# -- the interview ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Spent:
    """What one piece of a model's work cost.

    Attributes:
        exchange: Position of the exchange a grader read, from 0; None for the interviewer.
        price: In the currency of the settings; None when no price was set.
    """

    role: Literal["interviewer", "grader"]
    exchange: int | None
    tokens_in: int
    tokens_cached: int
    tokens_out: int
    price: float | None


@dataclass(frozen=True, slots=True)
class Said:
    """One line of the transcript.

    Attributes:
        exchange: Position of the exchange it belongs to, from 0; None for words before the first question.
        step: What the interviewer was doing; None for the candidate.
        intent: What the candidate was doing; None for the interviewer.
        spent: What the words cost; None for the candidate and where no model was asked.
    """

    speaker: Literal["interviewer", "candidate"]
    text: str
    at: datetime
    exchange: int | None
    step: Ask | Probe | Answer | Close | None = None
    intent: Intent | None = None
    interrupted: bool = False
    spent: Spent | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """One question that was asked, and what is known about the exchange it opened.

    Attributes:
        ask: The step that opened it.
        wording: The words it was asked in; the guide's own until it is spoken.
        turns: What was said after it, from the first reply on.
        probed: Ids probed, in order.
        assessments: (replies read, outcome), in order of time.
        began: Interview seconds used when it was asked.
        closed: Whether the interview has moved on.
    """

    ask: Ask
    wording: str = ""
    turns: tuple[Turn, ...] = ()
    intents: tuple[Intent, ...] = ()
    probed: tuple[str, ...] = ()
    assessments: tuple[tuple[int, Assessment], ...] = ()
    began: float = 0.0
    closed: bool = False

    def exchange(self, level: Level) -> Exchange:
        """Return it as graders read it."""
        return Exchange(level=level, kind=self.ask.kind, question=self.ask.text, turns=self.turns)

    @property
    def replies(self) -> int:
        return sum(turn.speaker == "candidate" for turn in self.turns)

    @property
    def assessment(self) -> Assessment | None:
        """The newest outcome that read every reply; None while there is none."""
        return next((a for read, a in reversed(self.assessments) if read == self.replies), None)


@dataclass(frozen=True, slots=True)
class Interview:
    """The state of one interview: `fold` of its events.

    Attributes:
        said: The transcript, withdrawn replies left out.
        asked: The questions asked so far.
        waiting: A step that was chosen and has not been spoken yet.
        owed: Whether the candidate's last reply has had no step chosen for it yet.
        seconds: Interview time used up to the last event, pauses left out.
        spent: Every piece of work a model was paid for, withdrawn and failed ones included.
    """

    started: InterviewStarted
    said: tuple[Said, ...] = ()
    asked: tuple[Asked, ...] = ()
    waiting: Ask | Probe | Answer | Close | None = None
    owed: bool = False
    paused: bool = False
    closed: Closed | None = None
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    last_tick: datetime | None = None
    spent: tuple[Spent, ...] = ()

    @property
    def plan(self) -> Plan:
        return self.started.plan

    def seconds_used(self, at: datetime | None = None) -> float:
        """Return interview time used until `at`, in seconds, pauses left out."""
        if self.closed or self.paused or self.last_tick is None:
            return self.seconds
        return self.seconds + max(0.0, ((at or now()) - self.last_tick).total_seconds())


def fold(events: Iterable[Event]) -> Interview:
    """Return the interview that a list of events adds up to.

    Args:
        events: In the order they were stored; the first is InterviewStarted.

    Raises:
        ValueError: When there are no events, or the first is not InterviewStarted.
    """
    history: list[Event] = []
    spent: list[Spent] = []
    for event in events:
        if isinstance(event, ReplyWithdrawn):
            _withdraw(history)
        if (cost := _spent(event)) is not None:
            spent.append(cost)
        history.append(event)
    if not history or not isinstance(history[0], InterviewStarted):
        raise ValueError("an interview begins with InterviewStarted")
    state = Interview(started=history[0], last_tick=history[0].at)
    for event in history[1:]:
        state = _apply(_tick(state, event.at), event)
    return replace(state, spent=tuple(spent))


def _spent(event: Event) -> Spent | None:
    if not isinstance(event, InterviewerSpoke | ReplyGraded | GradingFailed) or not event.tokens_in + event.tokens_out:
        return None
    role: Literal["interviewer", "grader"] = "interviewer" if isinstance(event, InterviewerSpoke) else "grader"
    exchange = None if isinstance(event, InterviewerSpoke) else event.exchange
    return Spent(role, exchange, event.tokens_in, event.tokens_cached, event.tokens_out, event.price)


def _withdraw(history: list[Event]) -> None:
    """Drop the last reply and everything that answered it; keep notes and the clock."""
    last = max((i for i, e in enumerate(history) if isinstance(e, CandidateReplied)), default=None)
    if last is not None:
        history[last:] = [e for e in history[last:] if isinstance(e, Noted | Paused | Resumed)]


def _tick(state: Interview, at: datetime) -> Interview:
    return replace(state, seconds=state.seconds_used(at), last_tick=at)


def _apply(state: Interview, event: Event) -> Interview:
    match event:
        case StepChosen(step=step):
            state = replace(state, waiting=step, owed=False)
            if isinstance(step, Ask):
                before = (*state.asked[:-1], replace(state.asked[-1], closed=True)) if state.asked else ()
                return replace(state, asked=(*before, Asked(ask=step, wording=step.text, began=state.seconds)))
            if isinstance(step, Close) and state.asked:
                return replace(state, asked=(*state.asked[:-1], replace(state.asked[-1], closed=True)))
            if isinstance(step, Probe) and state.asked:
                return _last(state, probed=(*state.asked[-1].probed, step.item))
            return state
        case InterviewerSpoke(text=text, interrupted=interrupted):
            spoken, cost = state.waiting, _spent(event)
            said = Said(
                "interviewer", text, event.at, _position(state), step=spoken, interrupted=interrupted, spent=cost
            )
            state = replace(state, said=(*state.said, said), waiting=None)
            if isinstance(spoken, Ask):
                return _last(state, wording=text)
            if isinstance(spoken, Probe | Answer) and state.asked:
                return _last(state, turns=(*state.asked[-1].turns, Turn("interviewer", text)))
            return state
        case CandidateReplied(text=text, intent=intent):
            said = Said("candidate", text, event.at, _position(state), intent=intent)
            state = replace(state, said=(*state.said, said), owed=True)
            if state.asked:
                last = state.asked[-1]
                return _last(state, turns=(*last.turns, Turn("candidate", text)), intents=(*last.intents, intent))
            return state
        case ReplyGraded(exchange=i, replies=n, assessment=outcome):
            return _assessed(state, i, n, outcome)
        case GradingFailed(exchange=i, replies=n, reason=reason):
            return _assessed(state, i, n, Ungraded(reason))
        case Paused():
            return replace(state, paused=True)
        case Resumed():
            return replace(state, paused=False)
        case Closed():
            return replace(state, closed=event, paused=False)
        case Noted(text=text):
            return replace(state, notes=(*state.notes, text))
        case _:
            return state


def _position(state: Interview) -> int | None:
    return len(state.asked) - 1 if state.asked else None


def _last(state: Interview, **changes: object) -> Interview:
    return replace(state, asked=(*state.asked[:-1], replace(state.asked[-1], **changes)))  # type: ignore[arg-type]


def _assessed(state: Interview, i: int, replies: int, outcome: Assessment) -> Interview:
    if not 0 <= i < len(state.asked):
        return state
    asked = state.asked[i]
    asked = replace(asked, assessments=(*asked.assessments, (replies, outcome)))
    return replace(state, asked=(*state.asked[:i], asked, *state.asked[i + 1 :]))
