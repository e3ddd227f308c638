"""Graders made of graders: a panel whose median counts, and a row of fallbacks."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from statistics import median_low

from interviewer.engines.protocols import Graded, Grader, Usage
from interviewer.grading.rating import Assessment, Exchange, Flag, Grade, NotAssessed, Rating, Scope, Ungraded
from interviewer.grading.scorecard import overall
from interviewer.guide.model import Rubric

_SCOPES = list(Scope)


class PanelGrader:
    """Grades with several graders at once; the median counts, the spread is the confidence.

    Attributes:
        spec: The first grader's spec.
    """

    def __init__(self, graders: Sequence[Grader]) -> None:
        self.spec = graders[0].spec
        self._graders = tuple(graders)

    def grade(self, exchange: Exchange, rubric: Rubric) -> Graded:
        """Rate an exchange; Ungraded unless more than half of the panel could."""
        with ThreadPoolExecutor(max_workers=len(self._graders)) as pool:
            results = list(pool.map(lambda grader: grader.grade(exchange, rubric), self._graders))
        usage = _added(self.spec, [graded.usage for graded in results])
        return Graded(self._combined([graded.assessment for graded in results], rubric), usage)

    def _combined(self, assessments: Sequence[Assessment], rubric: Rubric) -> Assessment:
        needed = len(self._graders) // 2 + 1
        grades = [a for a in assessments if isinstance(a, Grade)]
        silent = [a for a in assessments if isinstance(a, NotAssessed)]
        if len(silent) >= needed:
            return silent[0]
        if len(grades) < needed:
            reasons = [a.reason for a in assessments if not isinstance(a, Grade)]
            return Ungraded(f"Only {len(grades)} of {len(assessments)} gradings succeeded: {reasons[0]}")
        ratings = []
        aimed = set(rubric.aims) or {item.id for item in rubric.criteria}
        for item in rubric.items():
            found = [rating for grade in grades if (rating := grade.rating(item.id))]
            if len(found) >= needed:
                ratings.append(_median(found, len(assessments)))
            elif item.id in aimed:
                return Ungraded(f"Only {len(found)} of {len(assessments)} gradings have evidence for {item.id}.")
        flags = []
        for flag in rubric.red_flags:
            raised = [f for grade in grades for f in grade.flags if f.item == flag.id]
            if 2 * len(raised) > len(grades):
                flags.append(_agreed(raised, len(grades), len(assessments)))
        scope = _SCOPES[median_low(_SCOPES.index(grade.scope) for grade in grades)]
        spread = tuple(sorted(overall(grade, rubric) for grade in grades))
        return Grade(tuple(ratings), tuple(flags), scope, grades[0].maker, panel=spread)


class FallbackGrader:
    """Grades with the first grader that can.

    Attributes:
        spec: The first grader's spec; a grade's maker says which one made it.
    """

    def __init__(self, graders: Sequence[Grader]) -> None:
        self.spec = graders[0].spec
        self._graders = tuple(graders)

    def grade(self, exchange: Exchange, rubric: Rubric) -> Graded:
        """Rate an exchange; when none can, Ungraded with the reasons of all."""
        used: list[Usage] = []
        reasons: list[str] = []
        for grader in self._graders:
            graded = grader.grade(exchange, rubric)
            used.append(graded.usage)
            if not isinstance(graded.assessment, Ungraded):
                usage = _added(grader.spec, used)
                usage.prompt_hash, usage.replaced = graded.usage.prompt_hash, " ".join(reasons)
                return Graded(graded.assessment, usage)
            reasons.append(graded.assessment.reason)
        return Graded(Ungraded(" ".join(dict.fromkeys(reasons))), _added(self.spec, used))


def _median(found: Sequence[Rating], size: int) -> Rating:
    """Return one of the ratings with the median value, so that its quotes and reason are its own."""
    value = median_low(rating.value for rating in found)
    same = [rating for rating in found if rating.value == value]
    best = max(same, key=lambda rating: (rating.confidence, len(rating.evidence)))
    spread = ", ".join(f"{v} by {n}" for v, n in sorted(Counter(rating.value for rating in found).items()))
    reason = f"{best.reason} (panel of {size}: {spread})".strip()
    return Rating(best.item, value, len(same) / size, best.evidence, reason)


def _agreed(raised: Sequence[Flag], grades: int, size: int) -> Flag:
    best = max(raised, key=lambda flag: (len(flag.evidence), flag.confidence))
    reason = f"{best.reason} (panel of {size}: raised by {len(raised)} of {grades})".strip()
    return Flag(best.item, len(raised) / size, best.evidence, reason)


def _added(spec: str, used: Sequence[Usage]) -> Usage:
    prices = [usage.price for usage in used if usage.price is not None]
    return Usage(
        engine=spec,
        prompt_hash=used[0].prompt_hash,
        tokens_in=sum(usage.tokens_in for usage in used),
        tokens_cached=sum(usage.tokens_cached for usage in used),
        tokens_out=sum(usage.tokens_out for usage in used),
        price=sum(prices) if prices else None,
    )
