"""Ratings to overall, verdict and level read-out: pure arithmetic over one table of constants."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from interviewer.grading.rating import Assessment, Exchange, Flag, Grade, Rating, Scope, Verdict
from interviewer.guide.model import Aspect, Item, Kind, Level, Rubric

# The constants of `overall`. What a reply shows is the sum of weight times feature: nothing, or less, is a 1. Added to
# the base of its kind of question it makes the points, and the cuts between 2, 3 and 4 are put through those.
# Fitted on the training split of knowledge/calibration by `python -m interviewer.bench.fit_scorecard`.
WEIGHTS = {
    "best": 0.22,
    "second": 0.27,
    "mean": 0.15,
    "expectations": 0.27,
    "probes": 0.15,
    "below": -0.43,
    "above": 0.40,
    "said_flags": -0.11,
    "absence_flags": -0.12,
}
BASE = {"behavioral": 1.76, "deep-dive": 1.64, "system-design": 1.56, "coding": 1.51}
CUTS = (2.7, 3.4)

MIN_ASSESSED = 3
NOT_SEEN = "not seen"
COLUMNS = ("junior/mid", "senior", "staff")


def features(grade: Grade, rubric: Rubric) -> dict[str, float]:
    """Return what an overall is made of; every feature is 0 to 3 or a small count.

    A 0 on something nobody asked about must not cap an overall, so look-fors
    count by the best shown, and by the mean over the aimed ones. An item
    without a rating counts neither for nor against: where all of a sort have
    none, the mean of what was rated stands for them.
    """
    value = {rating.item: rating.value for rating in grade.ratings}

    def rated(items: Iterable[Item]) -> list[float]:
        return [value[item.id] for item in items if item.id in value]

    look_fors = sorted(rated(item for item in rubric.look_fors if item.level is rubric.level), reverse=True)
    expectations = rated(rubric.expectations)
    probes = [1.5 * x for x in rated(rubric.probes)]
    usual = _mean([*look_fors, *expectations, *probes])
    best, second = [*look_fors, usual, usual][:2]
    aimed = rated(item for item in rubric.criteria if item.id in rubric.aims) or look_fors or [usual]
    said = {flag.id for flag in rubric.red_flags if flag.evidence == "said"}
    raised = [flag.item for flag in grade.flags]
    return {
        "best": best,
        "second": second,
        "mean": _mean(aimed),
        "expectations": _mean(expectations or [usual] * bool(rubric.expectations)),
        "probes": _mean(probes or [usual] * bool(rubric.probes)),
        "below": float(grade.scope is Scope.BELOW),
        "above": float(grade.scope is Scope.ABOVE),
        "said_flags": float(sum(item in said for item in raised)),
        "absence_flags": float(sum(item not in said for item in raised)),
    }


def overall(grade: Grade, rubric: Rubric) -> int:
    """Return the overall of an exchange: 1 strong no hire, 2 no hire, 3 hire, 4 strong hire, at its level.

    Args:
        grade: With a rating for one of the rubric's criteria or probes at least.
    """
    shown = sum(WEIGHTS[name] * x for name, x in features(grade, rubric).items())
    return 1 if shown <= 0 else 2 + sum(BASE[rubric.kind.value] + shown >= cut for cut in CUTS)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


@dataclass(frozen=True, slots=True)
class Scored:
    """One exchange of an interview with what it came to.

    Attributes:
        position: Place in the interview, from 0.
        assessment: The newest outcome; None when grading has not run yet.
        overall: 1 to 4, or None when it was not graded, or on nothing that counts.
    """

    position: int
    rubric: Rubric
    exchange: Exchange
    assessment: Assessment | None
    overall: int | None

    @property
    def verdict(self) -> Verdict | None:
        return Verdict.of(self.overall) if self.overall else None

    @property
    def spread(self) -> str:
        """How many of a panel's gradings came to the same overall, as ", 4 of 5"; empty for a single grader."""
        panel = self.assessment.panel if isinstance(self.assessment, Grade) else ()
        return f", {panel.count(self.overall or 0)} of {len(panel)}" if panel else ""


@dataclass(frozen=True, slots=True)
class Best:
    """The best rating of an item in any exchange."""

    rating: Rating
    position: int


@dataclass(frozen=True, slots=True)
class Raised:
    """A red flag and the exchange it was raised in."""

    flag: Flag
    position: int


@dataclass(frozen=True, slots=True)
class Reading:
    """How one aspect of the guide's table reads.

    Attributes:
        column: "junior/mid", "senior", "staff", or "not seen".
        because: Ids of the items it was read from.
    """

    aspect: Aspect
    column: str
    because: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scorecard:
    """A whole interview, added up.

    Attributes:
        best: Best rating of each item, by id; items that were never rated are missing.
        raised: Every red flag, in order.
        assessed: How many exchanges have an overall.
        overall: 1 to 4; None with fewer than three assessed exchanges.
        lowered: Whether a repeated said flag took the verdict one step down.
    """

    level: Level
    exchanges: tuple[Scored, ...]
    best: dict[str, Best]
    raised: tuple[Raised, ...]
    readings: tuple[Reading, ...]
    assessed: int
    overall: int | None
    lowered: bool = False

    @property
    def verdict(self) -> Verdict | None:
        return Verdict.of(self.overall) if self.overall else None


def score(position: int, rubric: Rubric, exchange: Exchange, assessment: Assessment | None) -> Scored:
    """Return one exchange with its overall, if it was graded on something that counts."""
    value = None
    if isinstance(assessment, Grade) and any(
        map(assessment.rating, (i.id for i in (*rubric.criteria, *rubric.probes)))
    ):
        value = overall(assessment, rubric)
    return Scored(position, rubric, exchange, assessment, value)


def scorecard(level: Level, exchanges: Iterable[Scored], aspects: Sequence[Aspect] = ()) -> Scorecard:
    """Add up an interview: best ratings, flags, verdict and level read-out.

    The verdict is the lower median of the exchanges' overalls, one step lower
    if a flag that was said stands in two or more exchanges.
    """
    scored = tuple(exchanges)
    best: dict[str, Best] = {}
    raised: list[Raised] = []
    overalls: list[int] = []
    said: dict[str, set[int]] = {}
    for one in scored:
        if not isinstance(one.assessment, Grade):
            continue
        if one.overall:
            overalls.append(one.overall)
        for rating in one.assessment.ratings:
            if rating.item not in best or rating.value > best[rating.item].rating.value:
                best[rating.item] = Best(rating, one.position)
        for flag in one.assessment.flags:
            raised.append(Raised(flag, one.position))
            if any(f.id == flag.item and f.evidence == "said" for f in one.rubric.red_flags):
                said.setdefault(flag.item, set()).add(one.position)
    lowered = any(len(positions) >= 2 for positions in said.values())
    total = None
    if len(overalls) >= MIN_ASSESSED:
        total = sorted(overalls)[(len(overalls) - 1) // 2]
        total = max(1, total - lowered)
    readings = tuple(_read(aspect, level, scored, {r.flag.item for r in raised}) for aspect in aspects)
    return Scorecard(level, scored, best, tuple(raised), readings, len(overalls), total, lowered and total is not None)


def _read(aspect: Aspect, level: Level, scored: Sequence[Scored], flags: set[str]) -> Reading:
    if aspect.by_scope:
        return _read_scope(aspect, level, scored)
    best: dict[str, tuple[Item, int]] = {}
    for one in scored:
        for item in one.rubric.items():
            rating = one.assessment.rating(item.id) if isinstance(one.assessment, Grade) else None
            if item.id not in aspect.aims or rating is None:
                continue
            # An answer with nothing concrete on its question does not speak for more than a claim.
            value = min(1, rating.value) if one.overall == 1 else rating.value
            if item.id not in best or value > best[item.id][1]:
                best[item.id] = item, value
    because = list(best)
    shown: dict[str, list[float]] = {"senior": [], "staff": []}
    for item, value in best.values():
        # A depth probe belongs to no level: it speaks for the one interviewed for, on a scale of 0 to 3.
        own = getattr(item, "level", None)
        shown[own.value if own else level.value].append(value if own else 1.5 * value)
    column = -1
    if any(value > 0 for values in shown.values() for value in values):
        column = 0
    for i, name in ((1, "senior"), (2, "staff")):
        top = sorted(shown[name], reverse=True)[:2]
        if top and _mean(top) >= 1.5:
            column = i
    warned = flags & set(aspect.aims)
    if warned:
        column = max(0, column - 1)
        because.extend(sorted(warned))
    return Reading(aspect, COLUMNS[column] if column >= 0 else NOT_SEEN, tuple(because))


def _read_scope(aspect: Aspect, level: Level, scored: Sequence[Scored]) -> Reading:
    """Read the lower median of the scopes shown; one size below staff is senior, one above senior is staff."""
    at = COLUMNS.index(level.value)
    # Coding talks say little about reach, so they are read only where nothing else was said.
    graded = [one for one in scored if isinstance(one.assessment, Grade) and (one.overall or 0) > 1]
    told = [one for one in graded if one.rubric.kind is not Kind.CODING] or graded
    step = {Scope.BELOW: -1, Scope.AT: 0, Scope.ABOVE: 1}
    columns = sorted(
        min(2, max(0, at + step[one.assessment.scope])) for one in told if isinstance(one.assessment, Grade)
    )
    if not columns:
        return Reading(aspect, NOT_SEEN)
    return Reading(aspect, COLUMNS[columns[(len(columns) - 1) // 2]])
