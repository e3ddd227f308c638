"""Small builders the tests share."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from interviewer.engines.protocols import Context, Graded, Usage, Utterance
from interviewer.grading.rating import Assessment, Evidence, Exchange, Flag, Grade, Maker, NotAssessed, Rating, Scope
from interviewer.guide.model import Kind, Level, Rubric
from interviewer.service import Setup

MAKER = Maker(engine="test", version="1")
START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def grade(
    values: dict[str, int], *, flags: Sequence[str] = (), scope: Scope = Scope.AT, said: Sequence[str] = ()
) -> Grade:
    """Return a grade with these values; those in `said` carry the first five characters as their quote."""
    span = (Evidence(0, 0, 5),)
    return Grade(
        ratings=tuple(Rating(item, value, 0.8, span if value >= 2 else ()) for item, value in values.items()),
        flags=tuple(Flag(flag, 0.8, span if flag in said else ()) for flag in flags),
        scope=scope,
        maker=MAKER,
    )


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **delta: float) -> None:
        self.now += timedelta(**delta)


class ScriptedGrader:
    """Gives every item the next value of a script; raises when the script runs out."""

    spec = "scripted"

    def __init__(self, values: Sequence[int | Assessment]) -> None:
        self.values = list(values)
        self.seen: list[Exchange] = []

    def grade(self, exchange: Exchange, rubric: Rubric) -> Graded:
        self.seen.append(exchange)
        if not self.values:
            raise AssertionError("the scripted grader has run out of values")
        value = self.values.pop(0)
        if not isinstance(value, int):
            return Graded(value)
        top = {probe.id: 2 for probe in rubric.probes}
        return Graded(grade({item.id: min(value, top.get(item.id, 3)) for item in rubric.items()}))


class PlainInterviewer:
    """Words a step as its name and text, so that tests can read what was chosen."""

    spec = "embedded"

    def __init__(self) -> None:
        self.contexts: list[Context] = []

    def speak(self, step: object, context: Context) -> Utterance:
        self.contexts.append(context)
        words = {"ask": "text", "probe": "angle", "answer": "about", "close": "because"}
        name = step.name  # type: ignore[attr-defined]
        text = f"{name}: {getattr(step, words[name])}"
        return Utterance(iter([text[:4], text[4:]]), Usage())


class NoPassages:
    """Retrieval that finds nothing."""

    def passages(self, *_: object) -> tuple[()]:
        return ()

    def fact(self, question: str, facts: Sequence[object]) -> object:
        return next((f for f in facts if f.topic in question), None)  # type: ignore[attr-defined]


NOTHING = NotAssessed("Nothing was said that could be rated.")


def begin(service, **choices) -> str:
    """Begin an interview, hear its first question, and return its id."""
    choices = {"level": Level.STAFF, "kinds": (Kind.BEHAVIORAL,), "minutes": 45, "seed": 1} | choices
    interview = service.start(Setup(**choices))
    "".join(service.resume(interview))
    return interview
