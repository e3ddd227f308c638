"""One labelled reply: as a line of a file, what is wrong with a line, and as a value."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from interviewer.grading.rating import Evidence, Exchange, Flag, Grade, Maker, Rating, Scope, Speaker, Turn
from interviewer.guide.model import Kind, Level

Split = Literal["train", "development", "test"]
# Upper ends of the length bands, in words of the candidate.
BANDS = (60, 110, 180, 10_000)


class _Spans(BaseModel):
    model_config = ConfigDict(strict=True)
    spans: list[tuple[int, int, int]]

    def evidence(self) -> tuple[Evidence, ...]:
        return tuple(Evidence(*span) for span in self.spans)


class _Rated(_Spans):
    rating: int = Field(ge=0, le=3)


class _Probed(_Rated):
    rating: int = Field(ge=0, le=2)


class _Turn(BaseModel):
    model_config = ConfigDict(strict=True)
    speaker: Speaker
    text: str


class Labels(BaseModel):
    """The labels of one reply; what is not rated may be left out, but scope and flags may not."""

    model_config = ConfigDict(strict=True)
    overall: int = Field(ge=1, le=4)
    scope: Scope
    look_fors: dict[str, _Rated] = {}
    expectations: dict[str, _Rated] = {}
    probes: dict[str, _Probed] = {}
    red_flags: dict[str, _Spans]

    def grade(self) -> Grade:
        """Return the labels as a Grade, every span an Evidence."""
        rated = {**self.look_fors, **self.expectations, **self.probes}
        ratings = tuple(Rating(item, label.rating, 1.0, label.evidence()) for item, label in rated.items())
        flags = tuple(Flag(item, 1.0, label.evidence()) for item, label in self.red_flags.items())
        return Grade(ratings, flags, self.scope, Maker(engine="label", version="1"))


class Line(Labels):
    """A labelled reply: what was asked and said, and its labels."""

    id: str
    level: Level
    kind: Kind
    question: str
    turns: list[_Turn]
    batch: str = "0"
    voice: str = ""
    case: str = ""

    def exchange(self) -> Exchange:
        """Return what was asked and said."""
        turns = tuple(Turn(turn.speaker, turn.text) for turn in self.turns)
        return Exchange(self.level, self.kind, self.question, turns)


def read_line(text: str) -> Line:
    """Read one line of JSON.

    Raises:
        ValueError: When it is no labelled reply; says what is wrong and where in the line.
    """
    try:
        line = Line.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise ValueError(f"{place}: {first['msg']}" if place else first["msg"]) from None
    replies = line.exchange().replies
    if not any(reply.strip() for reply in replies):
        raise ValueError("the candidate says nothing in it")
    for fault in outside(spans(line.grade()), replies):
        raise ValueError(fault)
    return line


def spans(grade: Grade) -> list[Evidence]:
    """Return every span of a grade."""
    return [span for rating in grade.ratings for span in rating.evidence] + [
        span for flag in grade.flags for span in flag.evidence
    ]


def outside(found: Iterable[Evidence], replies: tuple[str, ...]) -> Iterator[str]:
    """Say which spans are not in the candidate's words."""
    for span in found:
        if not (0 <= span.reply < len(replies) and 0 <= span.start < span.end <= len(replies[span.reply])):
            yield f"a span is not in the reply: [{span.reply}, {span.start}, {span.end}]"


@dataclass(frozen=True, slots=True)
class Labelled:
    """One reply of the set with its ratings.

    Attributes:
        grade: The ratings as a Grade, every span an Evidence.
        overall: 1 to 4.
        also: By item, what a second reader marked as its evidence; empty where nobody did.
    """

    id: str
    batch: str
    voice: str
    case: str
    exchange: Exchange
    grade: Grade
    overall: int
    also: dict[str, tuple[Evidence, ...]] = field(default_factory=dict)

    def with_both_marks(self) -> "Labelled":
        """Return the reply with what either reader marked as its evidence."""
        ratings = tuple(replace(r, evidence=(*r.evidence, *self.also.get(r.item, ()))) for r in self.grade.ratings)
        flags = tuple(replace(f, evidence=(*f.evidence, *self.also.get(f.item, ()))) for f in self.grade.flags)
        return replace(self, grade=replace(self.grade, ratings=ratings, flags=flags), also={})

    @property
    def words(self) -> int:
        return sum(len(reply.split()) for reply in self.exchange.replies)

    @property
    def band(self) -> int:
        return next(n for n, end in enumerate(BANDS) if self.words <= end)

    @property
    def split(self) -> Split:
        return split_of(self.batch)


def split_of(batch: str) -> Split:
    """Return the split of an author batch: every sixth is test, every sixth development."""
    rest = int(re.sub(r"\D", "", batch)) % 6
    return "test" if rest == 5 else "development" if rest == 2 else "train"
