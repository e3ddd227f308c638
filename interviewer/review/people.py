"""People rate too: the candidate before the grade, a coach blind; and how far people and engine agree."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import combinations
from typing import Literal

from interviewer import __version__
from interviewer.advice import scale
from interviewer.errors import InputError
from interviewer.grading import agreement
from interviewer.grading.rating import Flag as Raised
from interviewer.grading.rating import Grade, Maker, Rating, Scope
from interviewer.interview.events import Disputed, RatedByPerson
from interviewer.interview.state import Interview
from interviewer.review.past import newest, readable
from interviewer.service import Service, clean

ENGINE = "the grade"
YOU = "you"
LONGEST_NOTE = 2000
Who = Literal["self", "coach"]
# What a rater is called, and who it is: a coach may have any name.
Rater = tuple[str, Who | Literal["grade"]]


@dataclass(frozen=True, slots=True)
class Form:
    """A person's ratings of one exchange, as filled in.

    Attributes:
        who: The candidate, or somebody else.
        name: The coach's name; left empty for oneself.
        values: 0 to 3 by item id, 0 to 2 for a probe; what is left out was not rated.
        flags: Ids of red flags the person sees.
        overall: 1 to 4; None when left open.
        blind: Whether the grade was hidden meanwhile.
    """

    who: Who
    name: str = ""
    values: Mapping[str, int] | None = None
    flags: Sequence[str] = ()
    scope: Scope = Scope.AT
    overall: int | None = None
    blind: bool = False
    note: str = ""


def rate(service: Service, interview: str, exchange: int, form: Form) -> None:
    """Keep a person's ratings of an exchange beside its grade.

    Raises:
        InputError: When there is no such exchange, nothing was rated, or a value is not on its scale.
        UnknownInterview: When there is no such interview.
    """
    state = service.interview(interview)
    if not 0 <= exchange < len(state.asked) or not state.asked[exchange].replies:
        raise InputError(f"Question {exchange + 1} has no answer in this interview that could be rated.")
    asked = state.asked[exchange]
    rubric = service.guide.rubric(state.plan.level, asked.ask.kind, asked.ask.aims)
    items = {item.id: item for item in rubric.items()}
    values = dict(form.values or {})
    if not values and form.overall is None:
        raise InputError("Nothing was rated yet. Give at least an overall, or one item.")
    for item, value in values.items():
        if item not in items:
            raise InputError(f"{item!r} is not rated on this question.")
        if not 0 <= value < len(scale(items[item])):
            raise InputError(f"{items[item].text!r} is rated 0 to {len(scale(items[item])) - 1}, not {value}.")
    if form.overall is not None and not 1 <= form.overall <= 4:
        raise InputError(f"An overall is 1 to 4, not {form.overall}.")
    known = {flag.id for flag in rubric.red_flags}
    grade = Grade(
        ratings=tuple(Rating(item, value, 1.0) for item, value in values.items()),
        flags=tuple(Raised(flag, 1.0) for flag in form.flags if flag in known),
        scope=form.scope,
        maker=Maker(engine=form.who, version=__version__, guide_hash=service.guide.hash),
    )
    name = clean(form.name)[:80] if form.who == "coach" else ""
    service.store.append(
        interview,
        RatedByPerson(
            exchange,
            asked.replies,
            form.who,
            name or ("coach" if form.who == "coach" else ""),
            grade,
            form.overall,
            form.blind,
            clean(form.note)[:LONGEST_NOTE],
        ),
    )


def dispute(service: Service, interview: str, exchange: int, item: str, value: int, reason: str) -> None:
    """Keep a person's disagreement with one rating beside it.

    Raises:
        InputError: When the exchange has no grade, the item is not on it, the value is not on its scale, or no reason
            is given.
        UnknownInterview: When there is no such interview.
    """
    state = service.interview(interview)
    assessment = state.asked[exchange].assessment if 0 <= exchange < len(state.asked) else None
    if not isinstance(assessment, Grade):
        raise InputError(f"Question {exchange + 1} has no grade to disagree with.")
    flags = {flag.id for flag in service.guide.red_flags}
    if item in flags:
        top = 1
    elif assessment.rating(item):
        top = len(scale(service.guide.item(item))) - 1
    else:
        raise InputError(f"{item!r} has no rating on this question.")
    if not 0 <= value <= top:
        raise InputError(f"That item goes from 0 to {top}, not to {value}.")
    if not clean(reason).strip():
        raise InputError("Say in a sentence why; a number alone tells nobody anything later.")
    service.store.append(interview, Disputed(exchange, item, value, clean(reason)[:LONGEST_NOTE]))


@dataclass(frozen=True, slots=True)
class Gap:
    """One's own view of one exchange beside the grade.

    Attributes:
        own: Own overall, 1 to 4; None when left open.
        given: The grade's overall, 1 to 4.
        items: (item, own value, graded value) where both have one.
    """

    at: datetime
    interview: str
    exchange: int
    own: int | None
    given: int | None
    items: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement(agreement.Agreement):
    """How far two raters agree on what both rated.

    Attributes:
        one: A coach's name, "you", or "the grade".
        exchanges: How many exchanges both rated.
        blind: How many of the exchanges a person rated blind.
    """

    one: str
    other: str
    exchanges: int
    blind: int


def newest_ratings(state: Interview) -> dict[tuple[int, Rater], RatedByPerson]:
    """Return the newest rating of each exchange by each person; one of an answer that has grown since is left out."""
    return {
        (one.exchange, (name_of(one), one.rater)): one
        for one in state.rated
        if one.exchange < len(state.asked) and one.replies == state.asked[one.exchange].replies
    }


def name_of(rating: RatedByPerson) -> str:
    """Return what a rater is called."""
    return YOU if rating.rater == "self" else rating.name


def gaps(service: Service) -> list[Gap]:
    """Return one's own ratings beside the grades, oldest first."""
    found = []
    for interview, state in _rated(service):
        scored = service.scored(state)
        for (exchange, _), rating in newest_ratings(state).items():
            given = scored[exchange]
            if rating.rater != "self" or not isinstance(given.assessment, Grade):
                continue
            found.append(
                Gap(
                    rating.at,
                    interview,
                    exchange,
                    rating.overall,
                    given.overall,
                    tuple(_shared(rating.grade, given.assessment)),
                )
            )
    return sorted(found, key=lambda gap: gap.at)


def agreements(service: Service) -> list[Agreement]:
    """Return how far every two raters agree, the engine's grade among them, those with most in common first."""
    pairs: dict[tuple[Rater, Rater], list[tuple[int, int, bool]]] = defaultdict(list)
    exchanges: dict[tuple[Rater, Rater], int] = defaultdict(int)
    blind: dict[tuple[Rater, Rater], int] = defaultdict(int)
    for _, state in _rated(service):
        scored = service.scored(state)
        rated = newest_ratings(state)
        for exchange in {exchange for exchange, _ in rated}:
            grades = {rater: (r.grade, r.blind) for (at, rater), r in rated.items() if at == exchange}
            if isinstance(given := scored[exchange].assessment, Grade):
                grades[ENGINE, "grade"] = (given, False)
            probes = {probe.id for probe in scored[exchange].rubric.probes}
            for one, other in combinations(sorted(grades), 2):
                exchanges[one, other] += 1
                blind[one, other] += grades[one][1] or grades[other][1]
                shared = _shared(grades[one][0], grades[other][0])
                pairs[one, other] += [(a, b, item in probes) for item, a, b in shared]
    found = [
        Agreement(
            **asdict(agreement.agreement_of(pairs[one, other])),
            one=one[0],
            other=other[0],
            exchanges=exchanges[one, other],
            blind=blind[one, other],
        )
        for one, other in exchanges
    ]
    return sorted(found, key=lambda one: (-one.items, -one.exchanges, one.one, one.other))


def _shared(one: Grade, other: Grade) -> Iterator[tuple[str, int, int]]:
    for rating in one.ratings:
        if match := other.rating(rating.item):
            yield rating.item, rating.value, match.value


def _rated(service: Service) -> Iterator[tuple[str, Interview]]:
    return ((row.id, state) for row, state in readable(service, newest(service)) if state.rated)
