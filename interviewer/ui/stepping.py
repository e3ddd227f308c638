"""One turn of a finished or running interview, with what was known at that turn and what it changed. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from interviewer.grading.rating import Assessment, Flag, Grade
from interviewer.grading.scorecard import Scored, score
from interviewer.guide.model import Guide, Item, Rubric
from interviewer.interview.state import Asked, Interview, Said
from interviewer.ui.card import not_graded
from interviewer.ui.html import Html, join, marked, tag
from interviewer.ui.rated import (
    Shown,
    exchange_items,
    fact,
    flag_details,
    flag_marks,
    item_details,
    marks,
    shown_items,
)
from interviewer.ui.view import CUT_OFF

STEP_WORDS = {"ask": "asks", "probe": "probes", "answer": "answers", "close": "closes"}


@dataclass(frozen=True, slots=True)
class Change:
    """What one answer did to one rating.

    Attributes:
        before: None when it had none.
        after: None when it has none.
    """

    item: Item
    before: int | None
    after: int | None

    @property
    def steps(self) -> int:
        """How many steps it rose, or fell when below zero; what had no rating counts as absent."""
        return (self.after or 0) - (self.before or 0)


@dataclass(frozen=True, slots=True)
class Changes:
    """What one turn changed in what is known of its exchange.

    Attributes:
        ratings: Those that rose or fell.
        raised: Ids of red flags that stand now and did not before.
        lifted: Ids of red flags that stood before and do not now.
        after: What the turn follows, for a sentence; empty for the first reading of an exchange.
    """

    ratings: tuple[Change, ...] = ()
    raised: tuple[str, ...] = ()
    lifted: tuple[str, ...] = ()
    after: str = ""

    @property
    def rose(self) -> int:
        return sum(change.steps > 0 for change in self.ratings)

    @property
    def fell(self) -> int:
        return sum(change.steps < 0 for change in self.ratings)

    @property
    def words(self) -> str:
        """The changes in a few words; empty when there are none."""
        parts = [
            _count(self.rose, "rating rose", "ratings rose"),
            _count(self.fell, "rating fell", "ratings fell"),
            _count(len(self.raised), "red flag raised", "red flags raised"),
            _count(len(self.lifted), "red flag lifted", "red flags lifted"),
        ]
        return ", ".join(part for part in parts if part)

    def of(self, item: str) -> str:
        """Say what has become of one item's rating; empty when it stayed."""
        change = next((change for change in self.ratings if change.item.id == item), None)
        if change is None:
            return ""
        if change.before is None:
            return f"new {self.after}".rstrip()
        return f"{change.before} → {'none' if change.after is None else change.after} {self.after}"


def _count(number: int, one: str, more: str) -> str:
    return f"{number} {one if number == 1 else more}" if number else ""


def step_count(interview: Interview) -> int:
    """Return how many turns there are to step through."""
    return len(interview.said)


def known(asked: Asked, replies: int) -> Assessment | None:
    """Return the newest assessment that had read no more than so many replies."""
    seen = [(read, place, outcome) for place, (read, outcome) in enumerate(asked.assessments) if read <= replies]
    return max(seen, key=lambda entry: entry[:2])[2] if seen else None


def changes(interview: Interview, turn: int, guide: Guide) -> Changes:
    """Return what a turn changed in the ratings and flags of its exchange; nothing but an answer changes any.

    Args:
        turn: Place in the transcript, from 0.
    """
    now = interview.said[turn]
    if now.exchange is None or now.speaker != "candidate":
        return Changes()
    earlier = [said for said in interview.said[:turn] if said.exchange == now.exchange]
    replies = 1 + sum(said.speaker == "candidate" for said in earlier)
    asked = interview.asked[now.exchange]
    before, after = known(asked, replies - 1), known(asked, replies)
    if after is before or not isinstance(after, Grade):
        return Changes()
    had, has = _values(before), _values(after)
    items = shown_items(_rubric(interview, now.exchange, guide))
    ratings = [Change(item, had.get(item.id), has.get(item.id)) for item in items]
    stood = {flag.item for flag in before.flags} if isinstance(before, Grade) else set()
    stands = {flag.item for flag in after.flags}
    step = next((said.step for said in reversed(earlier) if said.speaker == "interviewer"), None)
    words = "after this probe" if step and step.name == "probe" else "with this answer"
    return Changes(
        tuple(change for change in ratings if change.steps),
        tuple(flag.item for flag in after.flags if flag.item not in stood),
        tuple(flag.item for flag in before.flags if flag.item not in stands) if isinstance(before, Grade) else (),
        words if isinstance(before, Grade) else "",
    )


def _values(assessment: Assessment | None) -> dict[str, int]:
    return {one.item: one.value for one in assessment.ratings} if isinstance(assessment, Grade) else {}


def _rubric(interview: Interview, exchange: int, guide: Guide) -> Rubric:
    ask = interview.asked[exchange].ask
    return guide.rubric(interview.plan.level, ask.kind, ask.aims)


def turn_page(interview: Interview, turn: int, guide: Guide) -> tuple[Html, Html]:
    """Return the conversation of an exchange up to a turn, and the ratings known by then.

    Args:
        turn: Place in the transcript, from 0.
    """
    if not interview.said:
        return tag("p", "Nothing was said in this interview.", class_="empty"), Html("")
    now = interview.said[turn]
    upto = [(place, said) for place, said in enumerate(interview.said[: turn + 1]) if said.exchange == now.exchange]
    if now.exchange is None:
        return _talk(interview, upto, [], (), guide), Html("")
    replies = sum(said.speaker == "candidate" for _, said in upto)
    asked = interview.asked[now.exchange]
    rubric = _rubric(interview, now.exchange, guide)
    scored = score(now.exchange, rubric, asked.exchange(interview.plan.level), known(asked, replies))
    shown = exchange_items(scored)
    raised = scored.assessment.flags if isinstance(scored.assessment, Grade) else ()
    head = tag(
        "p",
        f"Question {now.exchange + 1} of {len(interview.asked)} · {asked.ask.kind.words}",
        class_="kicker",
    )
    talk = join(head, _talk(interview, upto, shown, raised, guide))
    return talk, _side(interview, turn, replies, scored, shown, guide)


def _side(interview: Interview, turn: int, replies: int, scored: Scored, shown: Sequence[Shown], guide: Guide) -> Html:
    head = tag("h3", "Ratings at this turn")
    if not isinstance(scored.assessment, Grade):
        words = not_graded(scored) if replies else "No answer yet at this turn."
        if replies and isinstance(interview.asked[scored.position].assessment, Grade):
            words = "This answer was graded together with the next one to the same question."
        return tag("section", head, tag("p", words, class_="quiet"), class_="exchange")
    change = changes(interview, turn, guide)
    changed = {one.item.id for one in change.ratings}
    first = [
        one
        for one in shown
        if one.item.id in changed or (one.rating and (one.rating.value or one.item.id in scored.rubric.aims))
    ]
    flags = [
        flag_details(
            flag,
            scored.exchange.replies,
            guide,
            change=f"raised {change.after}" if flag.item in change.raised else "",
            beside=_people(interview, scored.position, flag.item, replies),
        )
        for flag in scored.assessment.flags
    ]
    items = [
        item_details(
            one,
            guide,
            change=change.of(one.item.id),
            beside=_people(interview, scored.position, one.item.id, replies),
            passage_open=True,
        )
        for one in first
    ]
    lifted = ", ".join(guide.words(item) for item in change.lifted)
    return tag(
        "section",
        head,
        tag("p", f"{change.words[0].upper()}{change.words[1:]}.", class_="changed") if change.words else None,
        tag("p", "Red flag lifted: ", lifted, ".", class_="quiet") if lifted else None,
        tag("p", "Choose a line, or a mark in an answer, for the reason and the guide.", class_="quiet"),
        None if first else tag("p", "Nothing shown yet.", class_="quiet"),
        *flags,
        *items,
        class_="exchange",
    )


def _people(interview: Interview, exchange: int, item: str, replies: int) -> list[Html]:
    """Return what people think of one item's rating in an exchange, a quiet line each."""
    lines = []
    for person in interview.rated:
        found = person.grade.rating(item)
        flagged = any(flag.item == item for flag in person.grade.flags)
        if person.exchange != exchange or person.replies > replies or not (found or flagged):
            continue
        who = "You" if person.rater == "self" else person.name or "A coach"
        blind = " before seeing this" if person.blind else ""
        lines.append(fact(who, f"{f'rated it {found.value}' if found else 'raised it too'}{blind}."))
    flags = {flag.item for one in interview.asked[exchange].assessments for flag in _flags(one[1])}
    for dispute in interview.disputed:
        if (dispute.exchange, dispute.item) == (exchange, item):
            value = ("not there", "there")[bool(dispute.value)] if item in flags else str(dispute.value)
            reason = f": {dispute.reason}" if dispute.reason else "."
            lines.append(fact("You disagree", f"it should be {value}{reason}"))
    return [tag("div", line, class_="quiet") for line in lines]


def _flags(assessment: Assessment) -> tuple[Flag, ...]:
    return assessment.flags if isinstance(assessment, Grade) else ()


def _talk(
    interview: Interview, upto: Sequence[tuple[int, Said]], shown: Sequence[Shown], raised: Sequence[Flag], guide: Guide
) -> Html:
    turns = []
    reply = 0
    for place, said in upto:
        current = place == upto[-1][0]
        if said.speaker == "candidate":
            spans = [*marks(shown, reply), *flag_marks(raised, guide, reply)]
            body = marked(said.text, spans, choosable=True) if said.text else "(silence)"
            who = "You" if said.intent in (None, "answer") else f"You · {str(said.intent).replace('_', ' ')}"
            reply += 1
        else:
            body = said.text + (CUT_OFF if said.interrupted else "")
            who = "Interviewer" + (f" {STEP_WORDS[said.step.name]}" if said.step else "")
            # What a probe was after is the grader's; it is told once the interview is over.
            if said.step and said.step.name == "probe" and interview.closed:
                who += f" · after “{guide.words(said.step.item)}”"
        notes = [text for line, text in interview.line_notes if line == place]
        turns.append(
            tag(
                "div",
                tag("span", who, class_="who"),
                body,
                *(tag("span", tag("b", "Your note: "), note, class_="own") for note in notes),
                class_=f"turn {said.speaker}" + (" now" if current else ""),
                aria_current="step" if current else None,
            )
        )
    return tag("div", *turns, class_="turns pane", role="region", aria_label="Conversation", tabindex="0")
