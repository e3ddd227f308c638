"""The facts of one interview, in order: plain values that the store turns into JSON and back.

An interview is never stored as such: it is `fold(events)` of interview/state.py.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from interviewer.grading.rating import Grade, Maker, NotAssessed, Ungraded
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
        number: Its place among the questions asked, from 1.
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
class Origin:
    """The exchange that a question is answered again from."""

    interview: str
    exchange: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What an interview sets out to do.

    Attributes:
        minutes: Planned length in minutes, 5 to 120.
        seed: Seed of every choice of question and wording.
        practice: Whether each exchange's feedback is shown when it closes.
        own_first: Whether the candidate rates an answer before that feedback is shown.
        again: For each question, the exchange it is answered again from; empty for an interview of new questions.
    """

    level: Level
    kinds: tuple[Kind, ...]
    minutes: int
    seed: int
    questions: tuple[PlannedQuestion, ...]
    manner: Manner = "neutral"
    practice: bool = False
    again: tuple[Origin, ...] = ()
    own_first: bool = False


@dataclass(frozen=True, slots=True)
class InterviewStarted:
    """The first event.

    Attributes:
        imported: Where an interview held elsewhere came from, such as a file's name; empty for one held here.
        model: The model chosen for this interview by a profile's name; empty for what the settings name.
    """

    plan: Plan
    guide_hash: str
    interviewer: str
    grader: str
    version: str
    at: datetime = field(default_factory=now)
    imported: str = ""
    model: str = ""
    type: Literal["InterviewStarted"] = "InterviewStarted"


@dataclass(frozen=True, slots=True)
class StepChosen:
    step: Step
    at: datetime = field(default_factory=now)
    type: Literal["StepChosen"] = "StepChosen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """What a piece of work by a model read, wrote and cost; all zero for the embedded engine.

    Attributes:
        tokens_in: Tokens read.
        tokens_cached: Of those, tokens served from the provider's prefix cache.
        tokens_out: Tokens written.
        price: In the currency of the settings; None when no price was set.
        milliseconds: From the request to the last word.
    """

    tokens_in: int = 0
    tokens_cached: int = 0
    tokens_out: int = 0
    price: float | None = None
    milliseconds: int = 0


@dataclass(frozen=True, slots=True)
class InterviewerSpoke(Paid):
    """What the interviewer said.

    Attributes:
        text: What was shown, whole.
        engine: "embedded" or the model's spec.
        interrupted: Whether the stream broke before its end.
        replaced: Why the embedded wording took a model's place; empty when it did not.
        prompt_hash: Hash of the prompt; empty for the embedded engine.
    """

    text: str
    engine: str = "embedded"
    interrupted: bool = False
    replaced: str = ""
    prompt_hash: str = ""
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
class ReplyGraded(Paid):
    """An assessment of an exchange as it stood after a number of replies.

    Attributes:
        exchange: Position of the exchange, from 0.
        replies: How many of its replies the grader had read.
        assessment: The outcome.
    """

    exchange: int
    replies: int
    assessment: Annotated[Grade | NotAssessed, Field(discriminator="outcome")]
    at: datetime = field(default_factory=now)
    type: Literal["ReplyGraded"] = "ReplyGraded"


@dataclass(frozen=True, slots=True)
class GradingFailed(Paid):
    """A grading that came to nothing, and what it cost all the same."""

    exchange: int
    replies: int
    reason: str
    maker: Maker
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
    """A note of one's own, beside the chat.

    Attributes:
        line: Place in the transcript it belongs to, from 0; None for the interview as a whole.
    """

    text: str
    at: datetime = field(default_factory=now)
    line: int | None = None
    type: Literal["Noted"] = "Noted"


@dataclass(frozen=True, slots=True)
class Renamed:
    """A name of one's own for the interview; an empty one goes back to the plain title."""

    name: str
    at: datetime = field(default_factory=now)
    type: Literal["Renamed"] = "Renamed"


@dataclass(frozen=True, slots=True)
class Regraded(Paid):
    """An exchange graded once more, beside its grade and never in its place.

    Attributes:
        run: Id shared by all exchanges that were graded again together.
        exchange: Position of the exchange, from 0.
        replies: How many of its replies the grader had read.
        level: The bar it was graded under, which may be the other level's.
        by: Spec of the grader.
        outcome: What came of it.
    """

    run: str
    exchange: int
    replies: int
    level: Level
    by: str
    outcome: Annotated[Grade | NotAssessed | Ungraded, Field(discriminator="outcome")]
    at: datetime = field(default_factory=now)
    type: Literal["Regraded"] = "Regraded"


@dataclass(frozen=True, slots=True)
class RatedByPerson:
    """A person's own grade of an exchange, the candidate's or a coach's.

    Attributes:
        rater: Who it is to the candidate.
        name: The coach's name, free text; empty for oneself.
        grade: In the form every grader gives; the maker's engine is "self" or "coach".
        overall: 1 to 4 as the person sees it; None when left open.
        blind: Whether it was given before the engine's grade could be seen.
        note: A sentence or two in the person's own words.
    """

    exchange: int
    replies: int
    rater: Literal["self", "coach"]
    name: str
    grade: Grade
    overall: int | None
    blind: bool
    note: str = ""
    at: datetime = field(default_factory=now)
    type: Literal["RatedByPerson"] = "RatedByPerson"


@dataclass(frozen=True, slots=True)
class Disputed:
    """A person's disagreement with one rating, kept beside it.

    Attributes:
        item: Id of the look-for, expectation, probe or red flag.
        value: What it should be instead; for a red flag 1 for there and 0 for not there.
    """

    exchange: int
    item: str
    value: int
    reason: str
    at: datetime = field(default_factory=now)
    type: Literal["Disputed"] = "Disputed"


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
    | Noted
    | Renamed
    | Regraded
    | RatedByPerson
    | Disputed,
    Field(discriminator="type"),
]
EVENT: TypeAdapter[Event] = TypeAdapter(Event)
