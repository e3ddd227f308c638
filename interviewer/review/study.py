"""The study plan: the guide's preparation advice as the next three exercises, each with a test of success. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from interviewer.advice import FLAG_LACKS, LACKS, scale
from interviewer.guide.model import Guide, Item, Level, Question, RedFlag
from interviewer.interview.events import Plan
from interviewer.interview.plan import MAX_MINUTES, MIN_MINUTES, planned
from interviewer.review.past import Past, speaks_of
from interviewer.review.stories import Story

EXERCISES = 3
# Only the newest answers that aimed at an item say where one stands today.
RECENT = 4
# What an item counts that no question has aimed at yet.
UNTRIED = 0.6


@dataclass(frozen=True, slots=True)
class Exercise:
    """One thing to do next.

    Attributes:
        advice: The line of the guide's preparation section it comes from; empty when the guide has none for it.
        item: The weakest item it is for.
        why: What was seen so far.
        task: What to do.
        success: How one knows that it is done; the program can tell from the next answer.
        question: A question to do it on; None when the guide has none that aims at the item.
        story: Title of the story it builds on; empty for none.
    """

    advice: str
    item: Item
    why: str
    task: str
    success: str
    question: Question | None
    story: str = ""


def study_plan(past: Sequence[Past], found: Sequence[Story], guide: Guide, level: Level) -> list[Exercise]:
    """Return the next three exercises for a level: one for each of its weakest items, the weakest first.

    An item is as weak as what the newest answers lack on it. Each exercise names the line of the guide's preparation
    section that is for it; lines not named yet go first.
    """
    mine = [one for one in past if one.scored.rubric.level is level]
    lacks = _lacks(mine, guide, level)
    asked = [one.question for one in past]
    weakest = sorted((item for item in lacks if lacks[item] > LACKS[2]), key=lambda item: -lacks[item])[:EXERCISES]
    lines = [line for line in guide.advice if line.level in (level, None)]
    chosen: list[Exercise] = []
    for item in weakest:
        named = [one.advice for one in chosen]
        fits = [line.text for line in lines if item in line.aims]
        text = min(fits, key=named.count, default="")
        chosen.append(_exercise(guide.item(item), text, mine, found, guide, level, asked))
    return chosen


def _lacks(mine: Sequence[Past], guide: Guide, level: Level) -> dict[str, float]:
    lacks: dict[str, float] = {}
    for item in (*(i for i in guide.look_fors if i.level is level), *guide.probes):
        values = _recent(mine, item)
        tops = len(scale(item)) - 1
        lacks[item.id] = (
            sum(LACKS[v] if v < tops and v < len(LACKS) else 0.0 for v in values) / len(values) if values else UNTRIED
        )
    for expectation in guide.expectations:
        if expectation.rated and expectation.level is level and (values := _recent(mine, expectation)):
            lacks[expectation.id] = sum(LACKS[v] if v < len(LACKS) else 0.0 for v in values) / len(values)
    for flag in guide.red_flags:
        raised = [any(f.item == flag.id for f in one.grade.flags) for one in mine[-RECENT:]]
        if any(raised):
            lacks[flag.id] = FLAG_LACKS * sum(raised) / len(raised)
    return lacks


def _recent(mine: Sequence[Past], item: Item) -> list[int]:
    values = [rating.value for one in mine if speaks_of(one, item) and (rating := one.grade.rating(item.id))]
    return values[-RECENT:]


def _exercise(
    item: Item, text: str, mine: Sequence[Past], found: Sequence[Story], guide: Guide, level: Level, asked: list[str]
) -> Exercise:
    question = _question(item, guide, level, asked)
    if isinstance(item, RedFlag):
        raised = sum(any(f.item == item.id for f in one.grade.flags) for one in mine[-RECENT:])
        return Exercise(
            text,
            item,
            f"Raised in {raised} of your last {min(RECENT, len(mine))} answers.",
            "Answer one of those questions again without it; ask somebody to listen for nothing else.",
            f"Your next answer does not raise “{item.text}”.",
            question,
        )
    values = _recent(mine, item)
    top = len(scale(item)) - 1
    seen = f"Your last answers that aimed at it: {', '.join(map(str, values))} of {top}." if values else ""
    story = next((s for s in found if item.id in s.claimed), None)
    angles = "; ".join(item.angles)
    if story:
        task = f"Take your story “{story.title}” and make it concrete" + (f": {angles}." if angles else ".")
    elif values:
        task = "Answer a question that aims at it and say" + (f": {angles}." if angles else " what you did and why.")
    else:
        seen = "No question has aimed at it yet."
        task = "Find an occasion of your own and tell it" + (f": {angles}." if angles else ".")
    return Exercise(
        text,
        item,
        seen,
        task,
        f"Your next answer that aims at it is rated “{scale(item)[2].words}”{' or better' if top > 2 else ''}, "
        "with a quote of yours.",
        question,
        story.title if story else "",
    )


def _question(item: Item, guide: Guide, level: Level, asked: list[str]) -> Question | None:
    """Return a question that aims at an item, the one asked least."""
    wanted = {item.id} if not isinstance(item, RedFlag) else set(_kin(item, guide))
    fits = [q for q in guide.questions if q.level in (level, None) and wanted & set(q.aims)]
    return min(fits, key=lambda q: (asked.count(q.id), len(q.aims), q.line), default=None)


def _kin(flag: RedFlag, guide: Guide) -> list[str]:
    """Return what a red flag's lines of advice are for besides it."""
    return [aim for line in guide.advice if flag.id in line.aims for aim in line.aims if aim != flag.id]


def exercise_plan(exercise: Exercise, guide: Guide, level: Level, seed: int) -> Plan:
    """Return an interview of an exercise's one question, in practice mode.

    Raises:
        ValueError: When the exercise has no question.
    """
    question = exercise.question
    if question is None:
        raise ValueError("this exercise has no question")
    minutes = max(MIN_MINUTES, min(MAX_MINUTES, guide.budgets[question.kind].minutes))
    return Plan(level, (question.kind,), minutes, seed, (planned(guide, question),), practice=True)
