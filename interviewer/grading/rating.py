"""Ratings, evidence and grades: the values every grader returns."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from interviewer.guide.model import Kind, Level

Speaker = Literal["interviewer", "candidate"]
# From here on a rating says that an item is shown and quotes what shows it; below, it was claimed at most.
SHOWN = 2


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing somebody said."""

    speaker: Speaker
    text: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question and all that was said about it.

    Attributes:
        question: The question as it was asked.
        turns: What followed it, from the candidate's first reply on.
    """

    level: Level
    kind: Kind
    question: str
    turns: tuple[Turn, ...]

    @property
    def replies(self) -> tuple[str, ...]:
        """The candidate's turns, in order; evidence points into them by position."""
        return tuple(turn.text for turn in self.turns if turn.speaker == "candidate")


class Scope(StrEnum):
    """The reach a reply shows, against the level interviewed for."""

    BELOW = "below"
    AT = "at"
    ABOVE = "above"


class Verdict(StrEnum):
    """An overall in words; `Verdict.of(3)` is hire."""

    STRONG_NO_HIRE = "strong_no_hire"
    NO_HIRE = "no_hire"
    HIRE = "hire"
    STRONG_HIRE = "strong_hire"

    @classmethod
    def of(cls, overall: int) -> "Verdict":
        """Return the verdict of an overall, 1 to 4."""
        return list(cls)[overall - 1]

    @property
    def words(self) -> str:
        return self.value.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Evidence:
    """A span of the candidate's own words: code points `start` to `end` of the exchange's reply `reply`.

    It holds no text: the quote is always cut from the reply, so it cannot differ from it.
    """

    reply: int
    start: int
    end: int

    def quote(self, replies: tuple[str, ...]) -> str:
        """Return the words, cut from the replies of the exchange."""
        return replies[self.reply][self.start : self.end]


@dataclass(frozen=True, slots=True)
class Rating:
    """One item's rating.

    Attributes:
        item: Id of the look-for, expectation or probe.
        value: 0 to 3; 0 to 2 for a probe.
        confidence: 0 to 1, the chance that a careful rater would give the same value.
        evidence: Spans that carry it; at least one for a look-for or expectation at 2 or 3 and a probe at 2.
        reason: Why, in a sentence; may be empty.
    """

    item: str
    value: int
    confidence: float
    evidence: tuple[Evidence, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Flag:
    """A red flag that was raised.

    Attributes:
        item: Id of the red flag.
        confidence: 0 to 1.
        evidence: The words that carry it; empty for a flag of absence.
        reason: Why, in a sentence; may be empty.
    """

    item: str
    confidence: float
    evidence: tuple[Evidence, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Maker:
    """What made a grade.

    Attributes:
        engine: "embedded", or the model's spec such as "openai:gpt-5".
        version: Version of the weights or of the grading code.
        prompt_hash: Hash of the grading prompt; empty for the embedded engine.
        guide_hash: Hash of the guide the rubric came from.
        calibration: Hash of the calibration set behind the weights and constants; empty when none was used.
    """

    engine: str
    version: str
    prompt_hash: str = ""
    guide_hash: str = ""
    calibration: str = ""


@dataclass(frozen=True, slots=True)
class Grade:
    """A graded exchange. The overall is not here: `scorecard.overall` computes it.

    Attributes:
        ratings: One for each item of the rubric that could be rated, look-fors of both levels included.
        flags: The red flags raised.
        scope: The reach the replies show.
        maker: What made this grade.
        panel: For a panel, the overall of each of its gradings, 1 to 4, lowest first; empty for a single grader.
    """

    ratings: tuple[Rating, ...]
    flags: tuple[Flag, ...]
    scope: Scope
    maker: Maker
    outcome: Literal["graded"] = "graded"
    panel: tuple[int, ...] = ()

    def rating(self, item_id: str) -> Rating | None:
        """Return the rating of an item, or None when it has none."""
        return next((rating for rating in self.ratings if rating.item == item_id), None)


@dataclass(frozen=True, slots=True)
class NotAssessed:
    """There was nothing to rate (a clarifying question, a skip, silence). Has no number."""

    reason: str
    outcome: Literal["not_assessed"] = "not_assessed"


@dataclass(frozen=True, slots=True)
class Ungraded:
    """Grading was tried and failed. Has no number."""

    reason: str
    outcome: Literal["ungraded"] = "ungraded"


Assessment = Grade | NotAssessed | Ungraded
