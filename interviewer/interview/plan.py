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
    kinds = [kind for kind in Kind if kind in kinds]
    if not kinds:
        raise InputError("Choose at least one kind of question: behavioral, deep dive, system design or coding.")
    pools = {kind: [q for q in guide.questions if q.kind is kind and q.level in (level, None)] for kind in kinds}
    empty = [kind.words for kind in kinds if not pools[kind]]
    if empty:
        raise InputError(
            f"The guide {guide.title!r} has no {' and no '.join(empty)} question for {level.value}. "
            "Choose other kinds, or add questions to the guide."
        )
    rng = random.Random(f"{seed}/{level.value}/{minutes}")
    chosen: list[Question] = []
    for kind in kinds:
        count = min(_count(guide, kind, kinds, minutes), len(pools[kind]))
        chosen += _spread(pools[kind], count, asked_before, rng)
    return Plan(
        level=level,
        kinds=tuple(kinds),
        minutes=minutes,
        seed=seed,
        questions=tuple(planned(guide, question) for question in chosen),
        manner=manner,
        practice=practice,
    )


def _count(guide: Guide, kind: Kind, kinds: Sequence[Kind], minutes: int) -> int:
    """Return how many questions of a kind fit its share of the time, at least one."""
    whole = sum(LOOP_SHARE[k] for k in kinds)
    share = minutes * LOOP_SHARE[kind] / whole
    return max(1, round(share / guide.budgets[kind].minutes))


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
