"""An interview as it stands: `fold` of its events. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from interviewer.grading.rating import Assessment, Exchange, Turn, Ungraded
from interviewer.guide.model import Level
from interviewer.interview.events import (
    Answer,
    Ask,
    CandidateReplied,
    Close,
    Closed,
    Disputed,
    Event,
    GradingFailed,
    Intent,
    InterviewerSpoke,
    InterviewStarted,
    Noted,
    Paused,
    Plan,
    Probe,
    RatedByPerson,
    Regraded,
    Renamed,
    ReplyGraded,
    ReplyWithdrawn,
    Resumed,
    StepChosen,
    now,
)


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
        name: A name of one's own; empty for none.
        notes: Notes on the interview as a whole.
        line_notes: (place in `said`, text) of notes on one line.
        regraded: Every grading beside the first ones, in order of time.
        rated: What people rated, in order of time.
        disputed: Disagreements with single ratings, in order of time.
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
    name: str = ""
    notes: tuple[str, ...] = ()
    line_notes: tuple[tuple[int, str], ...] = ()
    regraded: tuple[Regraded, ...] = ()
    rated: tuple[RatedByPerson, ...] = ()
    disputed: tuple[Disputed, ...] = ()
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
    state = after(Interview(started=history[0], last_tick=history[0].at), history[1:])
    return replace(state, spent=tuple(spent))


def after(state: Interview, events: Iterable[Event]) -> Interview:
    """Return an interview after more events that cost nothing and withdraw nothing."""
    grown = replace(state)
    for event in events:
        grown = _apply(_tick(grown, event.at), event)
    return grown


def _spent(event: Event) -> Spent | None:
    if (
        not isinstance(event, InterviewerSpoke | ReplyGraded | GradingFailed | Regraded)
        or not event.tokens_in + event.tokens_out
    ):
        return None
    role: Literal["interviewer", "grader"] = "interviewer" if isinstance(event, InterviewerSpoke) else "grader"
    exchange = None if isinstance(event, InterviewerSpoke) else event.exchange
    return Spent(role, exchange, event.tokens_in, event.tokens_cached, event.tokens_out, event.price)


def _withdraw(history: list[Event]) -> None:
    """Drop the last reply and everything that answered it; keep what is about words that stay, and the clock."""
    last = max((i for i, e in enumerate(history) if isinstance(e, CandidateReplied)), default=None)
    if last is None:
        return
    asked = [i for i, e in enumerate(history[:last]) if isinstance(e, StepChosen) and isinstance(e.step, Ask)]
    replies = sum(isinstance(e, CandidateReplied) for e in history[max(asked, default=0) : last + 1])
    lines = sum(isinstance(e, InterviewerSpoke | CandidateReplied) for e in history[:last])

    def stays(event: Event) -> bool:
        match event:
            case Noted(line=int(line)):
                return line < lines
            case ReplyGraded() | GradingFailed() | Regraded() | RatedByPerson():
                # What comes late is often about the exchange before.
                return (event.exchange, event.replies) < (len(asked) - 1, replies)
            case Disputed():
                return event.exchange < len(asked) - 1
            case _:
                return isinstance(event, Noted | Renamed | Paused | Resumed)

    history[last:] = [event for event in history[last:] if stays(event)]


def _set(state: Interview, **changes: object) -> Interview:
    """Change a state that only `after` has seen yet: a new one for each event would cost milliseconds a turn."""
    for name, value in changes.items():
        object.__setattr__(state, name, value)
    return state


def _tick(state: Interview, at: datetime) -> Interview:
    return _set(state, seconds=state.seconds_used(at), last_tick=at)


def _apply(state: Interview, event: Event) -> Interview:
    match event:
        case StepChosen(step=step):
            state = _set(state, waiting=step, owed=False)
            if isinstance(step, Ask):
                before = (*state.asked[:-1], replace(state.asked[-1], closed=True)) if state.asked else ()
                return _set(state, asked=(*before, Asked(ask=step, wording=step.text, began=state.seconds)))
            if isinstance(step, Close) and state.asked:
                return _set(state, asked=(*state.asked[:-1], replace(state.asked[-1], closed=True)))
            if isinstance(step, Probe) and state.asked:
                return _last(state, probed=(*state.asked[-1].probed, step.item))
            return state
        case InterviewerSpoke(text=text, interrupted=interrupted):
            spoken, cost = state.waiting, _spent(event)
            said = Said(
                "interviewer", text, event.at, _position(state), step=spoken, interrupted=interrupted, spent=cost
            )
            state = _set(state, said=(*state.said, said), waiting=None)
            if isinstance(spoken, Ask):
                return _last(state, wording=text)
            if isinstance(spoken, Probe | Answer) and state.asked:
                return _last(state, turns=(*state.asked[-1].turns, Turn("interviewer", text)))
            return state
        case CandidateReplied(text=text, intent=intent):
            said = Said("candidate", text, event.at, _position(state), intent=intent)
            state = _set(state, said=(*state.said, said), owed=True)
            if state.asked:
                last = state.asked[-1]
                return _last(state, turns=(*last.turns, Turn("candidate", text)), intents=(*last.intents, intent))
            return state
        case ReplyGraded(exchange=i, replies=n, assessment=outcome):
            return _assessed(state, i, n, outcome)
        case GradingFailed(exchange=i, replies=n, reason=reason):
            return _assessed(state, i, n, Ungraded(reason))
        case Paused():
            return _set(state, paused=True)
        case Resumed():
            return _set(state, paused=False)
        case Closed():
            return _set(state, closed=event, paused=False)
        case Noted(text=text, line=None):
            return _set(state, notes=(*state.notes, text))
        case Noted(text=text, line=int(line)):
            return _set(state, line_notes=(*state.line_notes, (line, text)))
        case Renamed(name=name):
            return _set(state, name=name)
        case Regraded():
            return _set(state, regraded=(*state.regraded, event))
        case RatedByPerson():
            return _set(state, rated=(*state.rated, event))
        case Disputed():
            return _set(state, disputed=(*state.disputed, event))
        case _:
            return state


def _position(state: Interview) -> int | None:
    return len(state.asked) - 1 if state.asked else None


def _last(state: Interview, **changes: object) -> Interview:
    return _set(state, asked=(*state.asked[:-1], replace(state.asked[-1], **changes)))  # type: ignore[arg-type]


def _assessed(state: Interview, i: int, replies: int, outcome: Assessment) -> Interview:
    if not 0 <= i < len(state.asked):
        return state
    asked = state.asked[i]
    asked = replace(asked, assessments=(*asked.assessments, (replies, outcome)))
    return _set(state, asked=(*state.asked[:i], asked, *state.asked[i + 1 :]))
