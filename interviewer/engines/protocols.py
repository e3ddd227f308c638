"""The two things an engine does: speak and grade."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from interviewer.grading.rating import Assessment, Exchange, Turn
from interviewer.guide.model import Chunk, Kind, Level, Rubric
from interviewer.interview.events import Answer, Ask, Close, Manner, Probe


@dataclass(frozen=True, slots=True)
class Context:
    """What an interviewer may know when it words a step: never a look-for, a red flag or a grade.

    Attributes:
        level: The level interviewed for.
        kind: The kind of the question in hand.
        manner: How it speaks.
        seed: Seed of every choice of wording.
        question: The question in hand, as the guide words it; for an Ask, the one to be asked.
        turns: The exchange in hand, oldest first; empty before the first reply.
        earlier: Everything the interviewer has said in this interview, oldest first, so as not to repeat itself.
        passages: Guide passages meant for interviewers.
        questions: How many questions the plan holds.
        minutes: Planned length in minutes.
    """

    level: Level
    kind: Kind
    manner: Manner
    seed: int
    question: str
    turns: tuple[Turn, ...] = ()
    earlier: tuple[str, ...] = ()
    passages: tuple[Chunk, ...] = ()
    questions: int = 0
    minutes: int = 0


@dataclass(slots=True)
class Usage:
    """What a piece of work cost; filled in by the engine while it works.

    Attributes:
        engine: "embedded" or the model's spec.
        replaced: Why the embedded wording took the model's place; empty when it did not.
        prompt_hash: Hash of the prompt file; empty for the embedded engine.
        tokens_in: Tokens read.
        tokens_cached: Of those, tokens from the provider's prefix cache.
        tokens_out: Tokens written.
        price: In the currency of the settings, each model's tokens at its own prices; None when none is known.
    """

    engine: str = "embedded"
    replaced: str = ""
    prompt_hash: str = ""
    tokens_in: int = 0
    tokens_cached: int = 0
    tokens_out: int = 0
    price: float | None = None


@dataclass(frozen=True, slots=True)
class Utterance:
    """The interviewer's words as they come, and what they cost once they have come.

    Attributes:
        chunks: Pieces of text; joined they are what was said.
        usage: Complete when `chunks` is exhausted.
    """

    chunks: Iterator[str]
    usage: Usage = field(default_factory=Usage)


class Interviewer(Protocol):
    """Words the steps the policy chooses."""

    spec: str

    def speak(self, step: Ask | Probe | Answer | Close, context: Context) -> Utterance:
        """Word one step.

        Raises:
            ModelError: While streaming, when the model does not deliver and nothing may take its place.
        """
        ...


@dataclass(frozen=True, slots=True)
class Graded:
    """An assessment and what it cost."""

    assessment: Assessment
    usage: Usage = field(default_factory=Usage)


class Grader(Protocol):
    """Rates one exchange on one rubric."""

    spec: str

    def grade(self, exchange: Exchange, rubric: Rubric) -> Graded:
        """Rate an exchange; failures come back as Ungraded, they are not raised."""
        ...
