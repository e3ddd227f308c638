"""Which questions to ask, in which order, for a level, kinds and a length. Pure and deterministic for a seed."""

import random
from collections import Counter
from collections.abc import Collection, Sequence

from interviewer.errors import InputError
from interviewer.guide.model import Guide, Kind, Level, Question
from interviewer.interview.events import Manner, Plan, PlannedQuestion

MIN_MINUTES, MAX_MINUTES = 5, 120
# A full loop spends its time so; other mixes share it equally.
LOOP_SHARE = {Kind.BEHAVIORAL: 0.4, Kind.DEEP_DIVE: 0.2, Kind.SYSTEM_DESIGN: 0.25, Kind.CODING: 0.15}
TOO_SHORT = "Too short for a verdict"


def make_plan(
    guide: Guide,
    level: Level,
    kinds: Sequence[Kind],
    minutes: int,
    seed: int,
    manner: Manner = "neutral",
    practice: bool = False,
    asked_before: Collection[str] = (),
) -> Plan:
    """Choose the questions of an interview.

    Args:
        kinds: Kinds wanted, each once, in any order.
        minutes: Length, 5 to 120.
        seed: Same seed, same plan.
        asked_before: Ids asked in earlier interviews; they are used only when nothing else is left.

    Raises:
        InputError: When the length is out of range, no kind is given, or the guide has no question that fits.
    """
    if not MIN_MINUTES <= minutes <= MAX_MINUTES:
        raise InputError(f"An interview takes {MIN_MINUTES} to {MAX_MINUTES} minutes; {minutes} was asked for.")
    pools = _pools(guide, level, kinds)
    if not pools:
        raise InputError("Choose at least one kind of question: behavioral, deep dive, system design or coding.")
    empty = [kind.words for kind, pool in pools.items() if not pool]
    if empty:
        raise InputError(
            f"The guide {guide.title!r} has no {' and no '.join(empty)} question for {level.value}. "
            "Choose other kinds, or add questions to the guide."
        )
    rng = random.Random(f"{seed}/{level.value}/{minutes}")
    chosen: list[Question] = []
    for kind, pool in pools.items():
        chosen += _spread(pool, _count(guide, kind, pools, minutes), asked_before, rng)
    return Plan(
        level=level,
        kinds=tuple(pools),
        minutes=minutes,
        seed=seed,
        questions=tuple(planned(guide, question) for question in chosen),
        manner=manner,
        practice=practice,
    )


def warning(guide: Guide, level: Level, kinds: Collection[Kind], minutes: int, needed: int) -> str:
    """Say beforehand that an interview plans too few questions for a verdict; empty when it does not.

    Args:
        minutes: Length, 5 to 120.
        needed: How many graded answers a verdict needs.
    """
    pools = _pools(guide, level, kinds)

    def planned(minutes: int) -> int:
        return sum(_count(guide, kind, pools, minutes) for kind in pools)

    count = planned(minutes)
    if not all(pools.values()) or not 0 < count < needed:
        return ""
    longer = next((m for m in range(minutes - minutes % 5 + 5, MAX_MINUTES + 1, 5) if planned(m) >= needed), None)
    way_out = f"From {longer} minutes on it plans enough." if longer else "More kinds of question would plan more."
    return (
        f"{TOO_SHORT}: this plans {_questions(count)}, and a verdict needs {needed} graded answers. "
        f"Each answer is still graded by itself. {way_out}"
    )


def no_verdict(plan: Plan, graded: int, needed: int) -> str:
    """Say why an interview has no verdict.

    Args:
        graded: How many of its answers have an overall.
        needed: How many of those a verdict needs.
    """
    if len(plan.questions) < needed:
        return f"A verdict needs {needed} graded answers; this interview had {_questions(len(plan.questions))} planned."
    return f"{graded} of the {needed} graded answers that a verdict needs."


def _questions(count: int) -> str:
    return f"{count} question{'s' if count != 1 else ''}"


def _pools(guide: Guide, level: Level, kinds: Collection[Kind]) -> dict[Kind, list[Question]]:
    """Return the questions of each kind that a level may be asked."""
    fit = [question for question in guide.questions if question.level in (level, None)]
    return {kind: [question for question in fit if question.kind is kind] for kind in Kind if kind in kinds}


def _count(guide: Guide, kind: Kind, pools: dict[Kind, list[Question]], minutes: int) -> int:
    """Return how many questions of a kind fit its share of the time: at least one, and no more than there are."""
    whole = sum(LOOP_SHARE[k] for k in pools)
    share = minutes * LOOP_SHARE[kind] / whole
    return min(len(pools[kind]), max(1, round(share / guide.budgets[kind].minutes)))


def _spread(pool: Sequence[Question], count: int, asked_before: Collection[str], rng: random.Random) -> list[Question]:
    """Choose questions one by one, each aiming first at what the ones before left out.

    Only its first aim decides: a sum over all aims is smallest for a question that has but one, and the same few
    would be asked in every interview.
    """
    left = list(pool)
    rng.shuffle(left)
    covered: Counter[str] = Counter()
    chosen: list[Question] = []
    for _ in range(count):
        best = min(left, key=lambda q: (q.id in asked_before, sum(covered[aim] for aim in q.aims[:1])))
        left.remove(best)
        # The first aim counts four, the second two, the third one.
        covered.update(dict(zip(best.aims, (4, 2, 1), strict=False)))
        chosen.append(best)
    return chosen


def planned(guide: Guide, question: Question) -> PlannedQuestion:
    """Return a question with all that is needed to ask it."""
    chunk = guide.passage(question.id)
    return PlannedQuestion(question.id, question.text, question.kind, question.aims, chunk.id if chunk else "")
