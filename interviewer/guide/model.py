"""What an interview guide says, as frozen values. Nothing here reads files."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal


class Level(StrEnum):
    """The level interviewed for."""

    SENIOR = "senior"
    STAFF = "staff"

    @property
    def other(self) -> "Level":
        return Level.STAFF if self is Level.SENIOR else Level.SENIOR


class Kind(StrEnum):
    """What sort of conversation a question opens."""

    BEHAVIORAL = "behavioral"
    DEEP_DIVE = "deep-dive"
    SYSTEM_DESIGN = "system-design"
    CODING = "coding"

    @property
    def words(self) -> str:
        """The kind as written in a sentence."""
        return self.value.replace("-", " ")

    @property
    def hypothetical(self) -> bool:
        """Whether its questions ask for a proposal rather than for something that happened."""
        return self in (Kind.SYSTEM_DESIGN, Kind.CODING)


Audience = Literal["interviewer", "grader"]


@dataclass(frozen=True, slots=True)
class Aspect:
    """One row of the guide's table of what differs by level.

    Attributes:
        aims: Ids of the items and flags whose evidence reads as one of its columns.
        by_scope: Whether the row is read from the scope of the replies instead.
    """

    name: str
    junior_mid: str
    senior: str
    staff: str
    line: int
    aims: tuple[str, ...] = ()
    by_scope: bool = False

    def column(self, name: str) -> str:
        """Return a column's words: "junior/mid", "senior" or "staff"."""
        return {"junior/mid": self.junior_mid, "senior": self.senior, "staff": self.staff}.get(name, "")


@dataclass(frozen=True, slots=True)
class Item:
    """One rated line of a guide.

    Attributes:
        id: Stable id; set in the guide, or made from the text by rule.
        text: The line's own words.
        line: Line number in the guide file, from 1.
        angles: Neutral phrases an interviewer may ask about without naming the item ("who had to agree").
        max_if_hypothetical: Highest rating in a hypothetical design, 0 to 3; None for no cap.
    """

    id: str
    text: str
    line: int
    angles: tuple[str, ...] = ()
    max_if_hypothetical: int | None = None


@dataclass(frozen=True, slots=True)
class LookFor(Item):
    """What interviewers look for at one level; rated 0 to 3."""

    level: Level = Level.SENIOR


@dataclass(frozen=True, slots=True)
class Expectation(Item):
    """What a system-design or coding talk should reach at one level; rated 0 to 3.

    Attributes:
        rated: False for a line about the interview's format, which is read but not rated.
    """

    level: Level = Level.SENIOR
    kind: Kind = Kind.SYSTEM_DESIGN
    rated: bool = True


@dataclass(frozen=True, slots=True)
class Probe(Item):
    """One step of a deep dive's expected depth; rated 0 to 2."""


@dataclass(frozen=True, slots=True)
class RedFlag(Item):
    """A warning sign; raised or not.

    Attributes:
        evidence: "said" when the flag is carried by a quote, "absence" when it is what the reply lacks.
        aims: Ids of the items whose questions ask for what it misses; empty when every question does.
    """

    evidence: Literal["said", "absence"] = "absence"
    aims: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """Something a case's interviewer knows and tells when asked ("users": "about 40 million a day")."""

    topic: str
    text: str

    @property
    def line(self) -> str:
        """The fact as the guide writes it and an answer keeps it."""
        return f"{self.topic}: {self.text}"


@dataclass(frozen=True, slots=True)
class Question:
    """Something to ask.

    Attributes:
        id: Stable id.
        text: The question as it may be asked.
        level: The level it is for; None for both.
        kind: The conversation it opens.
        aims: Ids of the look-fors, expectations or probes it can draw out, and of red flags it asks the opposite of.
        line: Line number in its file, from 1.
        file: Name of the guide file it stands in.
        facts: What the interviewer tells when asked (cases only).
        points: What a strong answer reaches, never shown before the end of an interview.
    """

    id: str
    text: str
    level: Level | None
    kind: Kind
    aims: tuple[str, ...]
    line: int
    file: str = ""
    facts: tuple[Fact, ...] = ()
    points: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Advice:
    """A line of preparation advice."""

    text: str
    level: Level | None
    line: int
    aims: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage of the guide as it is retrieved.

    Attributes:
        id: Stable within one guide hash.
        text: Heading and lines together.
        section: Heading path, as "Behavioral / What they look for".
        audience: Who may read it: a grader's chunk is never shown to an interviewer engine.
        level: The level it speaks about; None for both.
        kind: The kind it speaks about; None for all.
        file: Name of the guide file.
        line: First line in that file, from 1.
        items: Ids of the items whose lines stand in it.
    """

    id: str
    text: str
    section: str
    audience: Audience
    level: Level | None
    kind: Kind | None
    file: str
    line: int
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Budget:
    """How many questions and probes an interview of one kind holds.

    Attributes:
        probes: Probes at most for one question.
        minutes: Minutes planned for one question with its probes.
    """

    probes: int
    minutes: int


DEFAULT_BUDGETS = {
    Kind.BEHAVIORAL: Budget(probes=2, minutes=7),
    Kind.DEEP_DIVE: Budget(probes=5, minutes=15),
    Kind.SYSTEM_DESIGN: Budget(probes=4, minutes=20),
    Kind.CODING: Budget(probes=3, minutes=12),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a guide file its author should know."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


@dataclass(frozen=True, slots=True)
class Rubric:
    """What one exchange is rated on.

    Attributes:
        level: The level interviewed for.
        kind: The kind of the question.
        look_fors: Look-fors of both levels; those of `level` are criteria, the others serve the level read-out.
        expectations: The level's expectations for this kind; empty but for system design and coding.
        probes: The depth probes; empty but for a deep dive.
        red_flags: The red flags that the question leaves room for.
        aims: Ids the question can draw out, red flags left out; empty when unknown.
        not_asked: The guide's other red flags, which nobody is asked about.
    """

    level: Level
    kind: Kind
    look_fors: tuple[LookFor, ...]
    expectations: tuple[Expectation, ...]
    probes: tuple[Probe, ...]
    red_flags: tuple[RedFlag, ...]
    aims: tuple[str, ...] = ()
    not_asked: tuple[RedFlag, ...] = ()

    @property
    def criteria(self) -> tuple[Item, ...]:
        """The items the exchange is graded on: the level's look-fors and expectations."""
        return (*(item for item in self.look_fors if item.level is self.level), *self.expectations)

    @property
    def hypothetical(self) -> bool:
        """Whether the question asks for a proposal rather than for something that happened."""
        return self.kind.hypothetical

    def items(self) -> Iterator[Item]:
        """Every item with a number, in the order they are shown."""
        yield from self.look_fors
        yield from self.expectations
        yield from self.probes


@dataclass(frozen=True, slots=True)
class Guide:
    """Everything read from one guide and the question files that belong to it.

    Attributes:
        hash: SHA-256 of the files' text, first 16 hex digits; written on every grade.
    """

    title: str
    hash: str
    aspects: tuple[Aspect, ...]
    questions: tuple[Question, ...]
    look_fors: tuple[LookFor, ...]
    expectations: tuple[Expectation, ...]
    probes: tuple[Probe, ...]
    red_flags: tuple[RedFlag, ...]
    advice: tuple[Advice, ...]
    chunks: tuple[Chunk, ...]
    budgets: dict[Kind, Budget] = field(default_factory=lambda: dict(DEFAULT_BUDGETS))

    def question(self, question_id: str) -> Question:
        """Return the question with this id.

        Raises:
            KeyError: When the guide has no such question.
        """
        for question in self.questions:
            if question.id == question_id:
                return question
        raise KeyError(question_id)

    def item(self, item_id: str) -> Item:
        """Return the look-for, expectation, probe or red flag with this id.

        Raises:
            KeyError: When the guide has no such item.
        """
        for item in (*self.look_fors, *self.expectations, *self.probes, *self.red_flags):
            if item.id == item_id:
                return item
        raise KeyError(item_id)

    def words(self, item_id: str) -> str:
        """Return an item's words; its id when the guide has it no more, as in a transcript of an older one."""
        try:
            return self.item(item_id).text
        except KeyError:
            return item_id

    def rubric(self, level: Level, kind: Kind, aims: tuple[str, ...] = ()) -> Rubric:
        """Return what an exchange of this level and kind is rated on.

        A story is not blamed for lacking what its question did not ask for; the other kinds always ask.

        Args:
            aims: The question's own; where this guide knows none of them, every red flag stays.
        """
        flags = {flag.id for flag in self.red_flags}
        asked = set(aims) & {item.id for item in (*self.look_fors, *self.expectations, *self.probes, *self.red_flags)}
        red_flags = self.red_flags
        if kind is Kind.BEHAVIORAL and asked:
            red_flags = tuple(flag for flag in red_flags if not flag.aims or asked & {flag.id, *flag.aims})
        return Rubric(
            level=level,
            kind=kind,
            look_fors=self.look_fors,
            expectations=tuple(e for e in self.expectations if e.rated and e.level is level and e.kind is kind),
            probes=self.probes if kind is Kind.DEEP_DIVE else (),
            red_flags=red_flags,
            aims=tuple(aim for aim in aims if aim not in flags),
            not_asked=tuple(flag for flag in self.red_flags if flag not in red_flags),
        )

    def passage(self, item_id: str) -> Chunk | None:
        """Return the chunk in which an item or question stands."""
        return next((chunk for chunk in self.chunks if item_id in chunk.items), None)
