"""What a report of an interview holds, without a look: Markdown, HTML and PDF draw the same blocks. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from interviewer.cost import cost_line, cost_of
from interviewer.grading.rating import Assessment, Evidence, Flag, Grade, NotAssessed, Rating, Ungraded, Verdict
from interviewer.grading.scorecard import MIN_ASSESSED, Scorecard, Scored, score
from interviewer.guide.model import Guide, Item, Kind, Probe
from interviewer.interview.events import Disputed, RatedByPerson, Regraded
from interviewer.interview.plan import no_verdict
from interviewer.interview.state import Interview

PRACTICE = "Practice, not a hiring tool."
CLOSED = {
    "done": "All questions were asked.",
    "time": "The time was used up.",
    "stopped": "It was ended early.",
    "budget": "What it may cost was used up.",
}
# Beside the words of a turn: the first after those that broke off, the second in place of none.
CUT_OFF, SILENCE = " … (cut off)", "(silence)"
Why = Callable[[Item, Rating], str]
GuideOf = Callable[[str], Guide]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 2 opens a part, 3 a section of it."""

    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; a quiet one is secondary."""

    text: str
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Spoken:
    """One turn of the conversation.

    Attributes:
        speaker: "Interviewer" or "Candidate".
        at: Time since the start, such as "2:05".
        remarks: Notes on this turn.
    """

    speaker: str
    text: str
    at: str
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rated:
    """One item with its rating, or a red flag.

    Attributes:
        value: None for a red flag and where there is no rating.
        top: The highest value it can have.
        about: What else there is to say in short, such as the confidence.
    """

    name: str
    value: int | None
    top: int
    quotes: tuple[str, ...] = ()
    reason: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Bullets:
    rows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Block = Heading | Text | Spoken | Rated | Bullets | Table


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report.

    Attributes:
        id: The interview's id.
        at: When the interview began.
    """

    id: str
    title: str
    at: datetime
    blocks: tuple[Block, ...]


def make_report(
    id: str, interview: Interview, card: Scorecard, guide_of: GuideOf, why: Why = lambda _, rating: rating.reason
) -> Report:
    """Return the report of an interview.

    Args:
        guide_of: Finds a guide by its hash, so that each grade is told in the words of its own; the one in use for "".
        why: Says why an item is rated as it is; the grader's own reason when left out.
    """
    writer = _Writer(interview, card, guide_of, why)
    return Report(id, title(interview), interview.started.at, tuple(writer.blocks()))


def title(interview: Interview) -> str:
    """Name an interview: its own name, or what it was about."""
    plan = interview.plan
    kinds = "full loop" if len(plan.kinds) == len(Kind) else ", ".join(kind.words for kind in plan.kinds)
    return interview.name or f"Mock interview, {plan.level.value}: {kinds}"


@dataclass(frozen=True, slots=True)
class _Writer:
    interview: Interview
    card: Scorecard
    guide_of: GuideOf
    why: Why

    def blocks(self) -> Iterator[Block]:
        yield Text(PRACTICE, quiet=True)
        yield Bullets(tuple(self._setup()))
        yield from self._verdict()
        yield from self._best()
        yield from self._flags()
        yield from self._readout()
        if before := tuple(self._spoken(None)):
            yield Heading("Before the first question")
            yield from before
        for scored in self.card.exchanges:
            yield from self._exchange(scored)
        yield from self._notes()
        yield from self._end()

    def _setup(self) -> Iterator[str]:
        started, plan = self.interview.started, self.interview.plan
        yield f"Held: {started.at.astimezone():%Y-%m-%d %H:%M}"
        yield f"Level: {plan.level.value}; questions: {', '.join(kind.words for kind in plan.kinds)}"
        yield f"Length: {round(self.interview.seconds / 60)} of {plan.minutes} minutes"
        if started.imported:
            yield f"Held elsewhere, read from {started.imported}"
        else:
            yield f"Interviewer: {started.interviewer}, {plan.manner}" + (", practice mode" if plan.practice else "")
        yield f"Grader: {started.grader}; guide {started.guide_hash}"
        if plan.again:
            yield "Answered again from: " + ", ".join(f"{o.interview}, question {o.exchange + 1}" for o in plan.again)

    def _verdict(self) -> Iterator[Block]:
        yield Heading(_words(self.card.verdict))
        overalls = ", ".join(_words(one.verdict).lower() for one in self.card.exchanges if one.overall)
        if self.card.overall is None:
            why = no_verdict(self.interview.plan, self.card.assessed, MIN_ASSESSED)
        else:
            why = f"The middle of {self.card.assessed} graded answers at {self.card.level.value} level: {overalls}."
        if self.card.lowered:
            why += " One step lower, because a red flag was said in more than one of them."
        yield Text(why)
        closed = self.interview.closed
        yield Text(CLOSED[closed.because] if closed else "It is still going on.", quiet=True)

    def _best(self) -> Iterator[Block]:
        items: dict[str, Item] = {}
        for scored in self.card.exchanges:
            items |= {item.id: item for item in (*scored.rubric.criteria, *scored.rubric.probes)}
        rows = []
        for item in items.values():
            best = self.card.best.get(item.id)
            rating = f"{best.rating.value} of {_top(item)}" if best else "not rated"
            rows.append((item.text, rating, f"question {best.position + 1}" if best and best.rating.value else ""))
        if self.card.best:
            yield Heading("What was shown")
            yield Table(("Item", "Best rating", "In"), tuple(rows))

    def _flags(self) -> Iterator[Block]:
        if not self.card.assessed:
            return
        yield Heading("Red flags")
        if not self.card.raised:
            yield Text("None was raised.")
        for raised in self.card.raised:
            yield self._flag(raised.flag, self.card.exchanges[raised.position], f"question {raised.position + 1}")

    def _readout(self) -> Iterator[Block]:
        if self.card.assessed and self.card.readings:
            yield Heading("Level read-out")
            rows = ((r.aspect.name, r.column, r.aspect.column(r.column)) for r in self.card.readings)
            yield Table(("Aspect", "Reads as", "In the guide's words"), tuple(rows))

    def _exchange(self, scored: Scored) -> Iterator[Block]:
        asked = self.interview.asked[scored.position]
        yield Heading(f"Question {scored.position + 1}: {asked.ask.kind.words}")
        if asked.ask.text not in asked.wording:
            yield Text(asked.ask.text)
        yield from self._spoken(scored.position)
        yield Heading("Ratings", 3)
        yield from self._grade(scored)
        for rated in self.interview.rated:
            if rated.exchange == scored.position:
                yield from self._person(rated)
        again = [one for one in self.interview.regraded if one.exchange == scored.position]
        if again:
            yield Heading("Graded again", 3)
            yield Bullets(tuple(map(self._again, again)))
        disputed = [one for one in self.interview.disputed if one.exchange == scored.position]
        if disputed:
            yield Heading("Disputed", 3)
            yield Bullets(tuple(map(self._disputed, disputed)))

    def _spoken(self, exchange: int | None) -> Iterator[Spoken]:
        for place, said in enumerate(self.interview.said):
            if said.exchange != exchange:
                continue
            seconds = max(0, int((said.at - self.interview.started.at).total_seconds()))
            minutes, seconds = divmod(seconds, 60)
            at = f"{minutes // 60}:{minutes % 60:02}:{seconds:02}" if minutes >= 60 else f"{minutes}:{seconds:02}"
            text = said.text + (CUT_OFF if said.interrupted else "")
            remarks = tuple(note for line, note in self.interview.line_notes if line == place)
            yield Spoken(said.speaker.capitalize(), text or SILENCE, at, remarks)

    def _grade(self, scored: Scored) -> Iterator[Block]:
        grade = scored.assessment
        if not isinstance(grade, Grade):
            yield Text(_not_graded(grade, scored.exchange.replies))
            return
        yield Text(f"{_words(scored.verdict)}; scope {grade.scope.value} the level interviewed for.")
        unseen = []
        for item in (*scored.rubric.criteria, *scored.rubric.probes):
            rating = grade.rating(item.id)
            if rating is None or (not rating.value and item.id not in scored.rubric.aims):
                unseen.append(item.text)
                continue
            about = f"confidence {rating.confidence:.0%}"
            quotes = _quotes(rating.evidence, scored.exchange.replies)
            yield Rated(item.text, rating.value, _top(item), quotes, self.why(item, rating), about)
        for flag in grade.flags:
            yield self._flag(flag, scored)
        if unseen:
            yield Text(f"Neither asked for nor seen: {'; '.join(unseen)}.", quiet=True)
        maker = grade.maker
        yield Text(f"Graded by {maker.engine} {maker.version}, guide {maker.guide_hash}.", quiet=True)

    def _flag(self, flag: Flag, scored: Scored, where: str = "") -> Rated:
        quotes = _quotes(flag.evidence, scored.exchange.replies)
        about = "; ".join(part for part in (where, "" if quotes else "from what is missing") if part)
        name = self._guide(scored.assessment).words(flag.item)
        return Rated(name if where else f"Red flag: {name}", None, 0, quotes, flag.reason, about)

    def _person(self, rated: RatedByPerson) -> Iterator[Block]:
        who = "the candidate" if rated.rater == "self" else rated.name or "a coach"
        blind = ", before the grade was seen" if rated.blind else ""
        yield Heading(f"Rated by {who}{blind}", 3)
        overall = _words(Verdict.of(rated.overall)) if rated.overall else "No overall"
        yield Text(f"{overall}; scope {rated.grade.scope.value} the level interviewed for.")
        words = self._guide(rated.grade).words
        rows = [f"{words(one.item)}: {one.value}" for one in rated.grade.ratings]
        rows += [f"Red flag: {words(flag.item)}" for flag in rated.grade.flags]
        if rows:
            yield Bullets(tuple(rows))
        if rated.note:
            yield Text(rated.note)

    def _again(self, one: Regraded) -> str:
        head = f"{one.by} at {one.level.value} level"
        if not isinstance(one.outcome, Grade):
            return f"{head}: {_not_graded(one.outcome, ())}"
        asked, guide = self.interview.asked[one.exchange], self._guide(one.outcome)
        rubric = guide.rubric(one.level, asked.ask.kind, asked.ask.aims)
        scored = score(one.exchange, rubric, asked.exchange(one.level), one.outcome)
        items = {item.id for item in (*rubric.criteria, *rubric.probes)}
        values = (f"{guide.words(r.item)} {r.value}" for r in one.outcome.ratings if r.item in items)
        return f"{head}: {_words(scored.verdict).lower()}. {'; '.join(values)}."

    def _disputed(self, one: Disputed) -> str:
        # It may be with an older grade than the newest, or with a red flag of the guide in use that nobody raised.
        grades = [outcome for _, outcome in reversed(self.interview.asked[one.exchange].assessments)]
        names = (self._guide(grade).words(one.item) for grade in (*grades, None))
        name = next((name for name in names if name != one.item), one.item)
        return f"{name}: should be {one.value}. {one.reason}"

    def _guide(self, assessment: Assessment | None) -> Guide:
        """Return the guide a grade was made on; the one in use where there is no grade."""
        return self.guide_of(assessment.maker.guide_hash if isinstance(assessment, Grade) else "")

    def _notes(self) -> Iterator[Block]:
        if self.interview.notes:
            yield Heading("Notes")
            yield Bullets(self.interview.notes)

    def _end(self) -> Iterator[Block]:
        if line := cost_line(cost_of(self.interview)):
            yield Text(f"Models used: {line}.", quiet=True)
        yield Text(f"{PRACTICE} Held with version {self.interview.started.version}.", quiet=True)


def _quotes(evidence: tuple[Evidence, ...], replies: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(span.quote(replies) for span in evidence)


def _top(item: Item) -> int:
    return 2 if isinstance(item, Probe) else 3


def _words(verdict: Verdict | None) -> str:
    return verdict.words.capitalize() if verdict else "Not enough to say"


def _not_graded(assessment: Assessment | None, replies: tuple[str, ...]) -> str:
    match assessment:
        case NotAssessed(reason=reason):
            return f"Not assessed: {reason}"
        case Ungraded(reason=reason):
            return f"Ungraded: {reason}"
        case _:
            return "Not graded yet." if replies else "Not answered."
