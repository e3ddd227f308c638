"""The next step of an interview: ask, probe, answer the candidate, or close. Pure.

The policy's only sensor is the embedded grader's reading of the exchanges,
never the grade of a model that may be slow. Budgets are code: probes for a question, minutes for a question, minutes
for the interview.
"""

import re
from collections.abc import Sequence
from typing import Literal

from interviewer.grading.rating import SHOWN, Assessment, Grade
from interviewer.guide.model import Fact, Guide, Item, Kind
from interviewer.interview.events import Answer, Ask, Close, PlannedQuestion, Probe
from interviewer.interview.state import Asked, Interview

# A new question is opened only while this share of its planned minutes is left.
ENOUGH = 0.4
# A question may overrun its planned minutes by this factor before the interview moves on.
OVERRUN = 1.6
# Angles for a guide that gives none: neutral, and true of any answer.
PLAIN_ANGLES = (
    "the part you did yourself",
    "how you went about it",
    "why it was done that way",
    "what came of it",
    "what made it difficult",
)
# The first follow-up to a story that was only claimed: these fit whatever was asked, and are taken in this order.
CONCRETE_ANGLES = ("the particular time you have in mind", "what you did yourself", "what came of it")
# A rating just there that is held with less confidence than this is worth asking about while nothing else is.
UNSURE = 0.6
# So many empty messages in a row are waited for; at the next the interview goes on.
PATIENCE = 2
# A reply of fewer words is not asked for its short version.
LONG_ENOUGH = 60
_SHORTER = re.compile(r"\b(?:short|shorter|brief|briefly|summary|sentence)\b")
Because = Literal["start", "done", "skipped", "no_example", "budget", "time", "later", "return"]


def first_step(interview: Interview) -> Ask:
    """Return the step that opens an interview."""
    return _ask(interview, interview.plan.questions[0], "start")


def next_step(
    interview: Interview,
    readings: Sequence[Assessment | None],
    guide: Guide,
    seconds: float,
    facts: Sequence[Fact] = (),
) -> Ask | Probe | Answer | Close:
    """Choose what the interviewer does after the candidate's last message.

    Args:
        interview: The interview with that message in it.
        readings: The embedded grader's reading of each exchange, the one in hand last; None for one not read.
        guide: The guide the interview runs on.
        seconds: Interview time used, pauses left out.
        facts: What the case knows about a clarifying question, if anything.
    """
    asked = interview.asked[-1]
    intent = asked.intents[-1] if asked.intents else "answer"
    left = interview.plan.minutes * 60 - seconds
    if intent == "stop":
        return Close("stopped")
    if left <= 0:
        return Close("time")
    if intent == "time":
        return Answer("time", minutes_left=max(1, round(left / 60)))
    if intent in ("rephrase", "request"):
        return Answer(intent)
    if intent == "language" and "language" not in asked.intents[:-1]:
        return Answer("language")
    if intent == "clarify":
        return Answer("clarify", fact="\n".join(fact.line for fact in facts))
    if intent == "silence" and _in_a_row(asked, "silence") <= PATIENCE:
        return Answer("silence")
    if intent == "silence":
        return _move_on(interview, guide, left, "skipped")
    if intent == "later":
        return _move_on(interview, guide, left, "later")
    if intent == "skip":
        return _move_on(interview, guide, left, "skipped")
    if intent == "no_example" and not asked.probed:
        return _move_on(interview, guide, left, "no_example")
    if intent == "no_example" and _in_a_row(asked, "no_example") > 1:
        return _move_on(interview, guide, left, "done")
    if intent == "no_example" and not asked.ask.kind.hypothetical and _nothing_shown(readings[-1]):
        # Asked twice about a story there is not. In a hypothetical talk only that one side of it is missing.
        return _move_on(interview, guide, left, "no_example")
    if _overrun(asked, guide, seconds):
        return _move_on(interview, guide, left, "time")
    probe = best_probe(interview, asked, readings, guide, _spare(interview, guide, left))
    return probe or _move_on(interview, guide, left, "done")


def best_probe(
    interview: Interview, asked: Asked, readings: Sequence[Assessment | None], guide: Guide, spare: bool
) -> Probe | None:
    """Return the probe for the most valuable thing still missing, or None when it is time to move on.

    Args:
        interview: The interview so far.
        asked: The question in hand.
        readings: As for `next_step`.
        guide: The guide the interview runs on.
        spare: Whether there is more time than the questions still to come are planned to take.
    """
    *earlier, reading = readings
    budget = guide.budgets[asked.ask.kind].probes
    if len(asked.probed) >= budget or not isinstance(reading, Grade):
        return None
    probable = _probable(interview, asked, guide)
    missing = [
        (value, -place, item)
        for place, item in enumerate(probable)
        if item.id not in asked.probed and (value := _worth(asked, item, reading, earlier, spare)) > 0
    ]
    if not missing:
        return None
    item = max(missing, key=lambda entry: entry[:2])[2]
    passage = guide.passage(item.id)
    # Where nothing it was asked for can be seen yet, a story's details would be asked of a story nobody has heard.
    claimed = asked.ask.kind is Kind.BEHAVIORAL and not asked.probed and _nothing_shown(reading, probable)
    return Probe(
        item=item.id,
        angle=_angle(interview, asked, item, claimed),
        chunk=passage.id if passage else "",
        number=len(asked.probed) + 1,
        weak=_nothing_shown(reading),
    )


def _nothing_shown(reading: Assessment | None, items: Sequence[Item] | None = None) -> bool:
    """Return whether every rating of a reading, or those of some items, stays below what counts as shown."""
    ids = None if items is None else {item.id for item in items}
    return isinstance(reading, Grade) and all(
        rating.value < SHOWN for rating in reading.ratings if ids is None or rating.item in ids
    )


def _probable(interview: Interview, asked: Asked, guide: Guide) -> Sequence[Item]:
    """Return what this question may be probed for: its aims first, then the rest of its rubric."""
    rubric = guide.rubric(interview.plan.level, asked.ask.kind, asked.ask.aims)
    # A deep dive walks its depth probes; a design or coding talk its expectations; a story its look-fors.
    rest: Sequence[Item] = rubric.probes or rubric.expectations or rubric.criteria
    aimed = [item for aim in asked.ask.aims for item in rubric.items() if item.id == aim]
    if asked.ask.kind is Kind.BEHAVIORAL and aimed:
        return aimed
    return [*aimed, *(item for item in rest if item not in aimed)]


def _worth(asked: Asked, item: Item, reading: Grade, earlier: Sequence[Assessment | None], spare: bool) -> float:
    """Return what asking about an item could still bring; 0 or less when nothing.

    Something touched and left hanging is worth a little more than something
    absent: the candidate has opened that door. What another exchange has shown
    already is worth less. With time to spare, a design, a system or code is
    also asked about what has been shown, but perhaps not surely; it comes last.
    """
    rating = reading.rating(item.id)
    if rating is None:
        return 0.0
    shown = any(isinstance(other, Grade) and (r := other.rating(item.id)) and r.value >= SHOWN for other in earlier)
    if rating.value >= SHOWN:
        unsure = rating.value == SHOWN and rating.confidence < UNSURE and not shown
        return 0.1 * (1 - rating.confidence) if unsure and spare and asked.ask.kind is not Kind.BEHAVIORAL else 0.0
    worth = 1.0 + 0.3 * (rating.value == 1) + 0.6 * (item.id in asked.ask.aims)
    if item.max_if_hypothetical is not None and asked.ask.kind in (Kind.SYSTEM_DESIGN, Kind.CODING):
        worth -= 1.0
    return worth - 0.7 * shown


def _angle(interview: Interview, asked: Asked, item: Item, claimed: bool) -> str:
    """Choose the angle that has been used least in this interview, of the item or for a story only claimed."""
    used = [said.step.angle for said in interview.said if isinstance(said.step, Probe)]
    if claimed:
        return min(CONCRETE_ANGLES, key=used.count)
    angles = item.angles or PLAIN_ANGLES
    if len(asked.turns[-1].text.split()) < LONG_ENOUGH:
        angles = tuple(angle for angle in angles if not _SHORTER.search(angle)) or angles
    turn = (interview.plan.seed + len(interview.asked) + len(asked.probed)) % len(angles)
    return min((*angles[turn:], *angles[:turn]), key=used.count)


def _in_a_row(asked: Asked, intent: str) -> int:
    """Return how many of the candidate's last messages were of this sort."""
    return next((n for n, said in enumerate(reversed(asked.intents)) if said != intent), len(asked.intents))


def _overrun(asked: Asked, guide: Guide, seconds: float) -> bool:
    return seconds - asked.began > OVERRUN * 60 * guide.budgets[asked.ask.kind].minutes


def _to_come(interview: Interview) -> tuple[list[PlannedQuestion], list[Ask]]:
    """Return the plan's questions not asked yet, and those put aside that have not come back."""
    asked = [asked.ask.question for asked in interview.asked]
    remaining = [question for question in interview.plan.questions if question.id not in asked]
    postponed = [a.ask for a in interview.asked if "later" in a.intents and asked.count(a.ask.question) == 1]
    return remaining, postponed


def _spare(interview: Interview, guide: Guide, left: float) -> bool:
    """Return whether there is more time, in seconds, than the questions still to come are planned to take."""
    remaining, postponed = _to_come(interview)
    kinds = [*(question.kind for question in remaining), *(ask.kind for ask in postponed)]
    return left > 60 * sum(guide.budgets[kind].minutes for kind in kinds)


def _move_on(interview: Interview, guide: Guide, left: float, because: Because) -> Ask | Close:
    """Return the next question of the plan that still fits the time, or the end."""
    remaining, postponed = _to_come(interview)
    if because == "later" and interview.asked[-1].ask in postponed and not remaining:
        # Nothing else is left to ask, so later is now.
        postponed = [interview.asked[-1].ask]
    for question in remaining:
        if left >= ENOUGH * 60 * guide.budgets[question.kind].minutes:
            return _ask(interview, question, because)
    if remaining:
        return Close("time")
    for ask in postponed:
        if left >= ENOUGH * 60 * guide.budgets[ask.kind].minutes:
            return _ask(interview, PlannedQuestion(ask.question, ask.text, ask.kind, ask.aims, ask.chunk), "return")
    return Close("done")


def _ask(interview: Interview, question: PlannedQuestion, because: Because) -> Ask:
    return Ask(
        question=question.id,
        text=question.text,
        kind=question.kind,
        aims=question.aims,
        chunk=question.chunk,
        number=len(interview.asked) + 1,
        because=because,
    )
