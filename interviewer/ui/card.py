"""The scorecard as HTML: of one exchange, and of a whole interview. Pure."""

from collections.abc import Sequence

from interviewer import advice
from interviewer.cost import cost_line, cost_of
from interviewer.grading.rating import Grade, NotAssessed, Ungraded, Verdict
from interviewer.grading.scorecard import MIN_ASSESSED, NOT_SEEN, Scorecard, Scored
from interviewer.guide.model import Guide, Item
from interviewer.interview.plan import TOO_SHORT, no_verdict
from interviewer.interview.state import Interview
from interviewer.ui.html import Html, join, table, tag
from interviewer.ui.rated import (
    SCOPE_WORDS,
    Shown,
    chart,
    exchange_items,
    fact,
    flag_row,
    flags,
    item_details,
    outline,
    shown_items,
)

CLOSED = {
    "done": "All questions were asked.",
    "time": "The time was used up.",
    "stopped": "It was ended early.",
    "budget": "What it may cost was used up.",
}


def exchange_card(interview: Interview, scored: Scored, guide: Guide, after_end: bool = True) -> Html:
    """Return the feedback on one exchange.

    Args:
        after_end: Whether the interview is over; only then is the outline of a strong answer there to open.
    """
    asked = interview.asked[scored.position]
    head = [
        tag("p", f"Question {scored.position + 1} · {scored.rubric.kind.words}", class_="kicker"),
        tag("h3", asked.ask.text),
    ]
    if not isinstance(scored.assessment, Grade):
        return tag("section", *head, tag("p", not_graded(scored), class_="quiet"), class_="exchange")
    shown = exchange_items(scored)
    # What was asked for, or shown, comes first; the rest is one fold away.
    first = [s for s in shown if s.item.id in scored.rubric.aims or (s.rating and s.rating.value > 0)]
    rest = [s for s in shown if s not in first]
    maker = scored.assessment.maker
    return tag(
        "section",
        *head,
        tag(
            "p",
            tag("strong", words(scored.verdict)),
            f"{scored.spread} · scope {_scope(scored)}",
        ),
        join(*(item_details(one, guide) for one in first)),
        _others(rest, guide),
        flags(scored, guide),
        outline(asked.ask.question, asked.ask.aims, scored.rubric.level, guide) if after_end else None,
        tag("p", f"Graded by {maker.engine} {maker.version}, guide {maker.guide_hash}.", class_="maker"),
        class_="exchange",
    )


def not_graded(scored: Scored) -> str:
    """Say why an exchange has no grade."""
    match scored.assessment:
        case NotAssessed(reason=reason):
            return f"Not assessed: {reason}"
        case Ungraded(reason=reason):
            return f"Ungraded: {reason} It counts neither for nor against you."
        case _:
            return "Not graded yet." if scored.exchange.replies else "Not answered."


def ungraded(card: Scorecard) -> list[int]:
    """Return the places of the answers that have no grade and could have one."""
    return [
        one.position
        for one in card.exchanges
        if one.exchange.replies and (one.assessment is None or isinstance(one.assessment, Ungraded))
    ]


def words(verdict: Verdict | None) -> str:
    """Return a verdict in words."""
    return verdict.words.capitalize() if verdict else "Not enough to say"


def scorecard_page(interview: Interview, card: Scorecard, guide: Guide) -> Html:
    """Return the whole scorecard of an interview."""
    return tag(
        "article",
        _verdict(interview, card, guide),
        _ratings(interview, card, guide),
        _red_flags(card, guide),
        _readout(card, guide),
        _work_on(card, guide),
        _left_out(interview, card),
        _questions(interview, card, guide),
        _notes(interview),
        _cost(interview),
        class_="card",
    )


def _verdict(interview: Interview, card: Scorecard, guide: Guide) -> Html:
    overalls = [words(one.verdict).lower() for one in card.exchanges if one.overall]
    headline = words(card.verdict)
    if card.overall is None:
        why = no_verdict(interview.plan, card.assessed, MIN_ASSESSED) + " What was graded stands below."
        if len(interview.plan.questions) < MIN_ASSESSED:
            headline = TOO_SHORT
    else:
        why = f"The middle of {card.assessed} graded answers: {', '.join(overalls)}."
        if card.lowered:
            why += " One step lower, because a red flag was said in more than one of them."
    closed = interview.closed
    last = next((said.text for said in reversed(interview.said) if said.speaker == "interviewer"), "")
    return tag(
        "header",
        tag("p", f"Scorecard · {card.level.value} level", class_="kicker"),
        tag("h2", headline, class_="verdict", tabindex="-1"),
        tag("p", why),
        tag("p", CLOSED[closed.because] if closed else "It is still going on.", class_="quiet"),
        tag("p", "“", last, "”", class_="goodbye") if closed and last else None,
    )


def _ratings(interview: Interview, card: Scorecard, guide: Guide) -> Html | None:
    items: list[Item] = []
    for scored in card.exchanges:
        items += [item for item in shown_items(scored.rubric) if item not in items]
    shown = [_best(item, number, card) for number, item in enumerate(items, 1)]
    if not any(one.rating for one in shown):
        return None
    details = []
    for one in shown:
        found = card.best.get(one.item.id)
        where = f"question {found.position + 1}" if found and one.rating and one.rating.value else ""
        details.append(item_details(one, guide, where))
    return tag(
        "section",
        tag("h3", "What you showed"),
        tag(
            "p", "The best of each in any answer. Open a line for your words, the reason and the guide.", class_="quiet"
        ),
        chart(shown, "Best ratings of the interview"),
        *details,
    )


def _best(item: Item, number: int, card: Scorecard) -> Shown:
    found = card.best.get(item.id)
    if found is None:
        return Shown(item, number, None, ())
    scored = card.exchanges[found.position]
    return Shown(item, number, found.rating, scored.exchange.replies, scored.rubric.hypothetical)


def _red_flags(card: Scorecard, guide: Guide) -> Html:
    rows = []
    for raised in card.raised:
        replies = card.exchanges[raised.position].exchange.replies
        where = f"question {raised.position + 1}"
        rows.append(flag_row(raised.flag.item, raised.flag.evidence, raised.flag.reason, replies, guide, where))
    seen = {raised.flag.item for raised in card.raised}
    graded = [one for one in card.exchanges if isinstance(one.assessment, Grade)]
    looked_for = {flag.id for one in graded for flag in one.rubric.red_flags}
    others = [flag for flag in guide.red_flags if flag.id not in seen]
    unseen = [flag.text for flag in others if flag.id in looked_for]
    not_asked = [flag.text for flag in others if flag.id not in looked_for]
    return tag(
        "section",
        tag("h3", "Red flags"),
        tag("ul", *rows, class_="flags") if rows else None,
        tag("p", f"Not seen: {'; '.join(unseen)}.", class_="quiet") if unseen else None,
        tag("p", f"Not looked for, as no graded question gave occasion: {'; '.join(not_asked)}.", class_="quiet")
        if not_asked
        else None,
    )


def _readout(card: Scorecard, guide: Guide) -> Html | None:
    if not card.readings:
        return None
    rows = []
    for reading in card.readings:
        because = ", ".join(guide.words(item) for item in reading.because)
        rows.append(
            tag(
                "tr",
                tag("th", reading.aspect.name, scope="row"),
                tag("td", reading.column, class_="quiet" if reading.column == NOT_SEEN else "reads"),
                tag("td", reading.aspect.column(reading.column), title=because or None),
            )
        )
    head = ("Aspect", "Reads as", "In the guide's words")
    return tag("section", tag("h3", "Level read-out"), table(head, rows))


def _work_on(card: Scorecard, guide: Guide) -> Html | None:
    rows = []
    for line in advice.work_on(card, guide):
        weak = [guide.words(item) for item in line.weak[:3]]
        because = tag("p", f"For: {'; '.join(weak)}.", class_="quiet") if weak != [line.text] else _raised(line, card)
        rows.append(tag("li", tag("b", line.text), because, _first_step(line, card, guide)))
    if not rows:
        return None
    return tag("section", tag("h3", "To work on"), tag("ol", *rows, class_="work-on"))


def _raised(line: advice.WorkOn, card: Scorecard) -> Html | None:
    """Say where a red flag that no advice speaks of was raised."""
    places = sorted({one.position + 1 for one in card.raised if one.flag.item in line.weak})
    questions = f"question{'s' if len(places) > 1 else ''} {', '.join(map(str, places))}"
    return tag("p", f"A red flag of {questions}.", class_="quiet") if places else None


def _first_step(line: advice.WorkOn, card: Scorecard, guide: Guide) -> Html | None:
    """Say what the weakest item of a line would need first; None for a red flag."""
    for item in advice.known(guide, line.weak[:1]):
        if found := card.best.get(item.id):
            rubric = card.exchanges[found.position].rubric
            needs = advice.next_step(item, found.rating.value, rubric.hypothetical)
            return fact("First", needs) if needs else None
    return None


def _left_out(interview: Interview, card: Scorecard) -> Html | None:
    rows = [
        tag("li", tag("b", f"Question {one.position + 1}. "), not_graded(one))
        for one in card.exchanges
        if not isinstance(one.assessment, Grade)
    ]
    asked = {one.ask.question for one in interview.asked}
    never = sum(question.id not in asked for question in interview.plan.questions)
    if never:
        rows.append(tag("li", f"{never} planned question{'s were' if never > 1 else ' was'} not reached."))
    if not rows:
        return None
    return tag("section", tag("h3", "Skipped, not graded, not reached"), tag("ul", *rows))


def _questions(interview: Interview, card: Scorecard, guide: Guide) -> Html | None:
    if not card.exchanges:
        return None
    rows = []
    for one in card.exchanges:
        verdict = words(one.verdict) if one.overall else "no grade"
        summary = tag(
            "summary",
            tag("span", one.position + 1, class_="no"),
            tag("span", interview.asked[one.position].ask.text, class_="name"),
            tag("span", verdict, class_="words"),
        )
        rows.append(tag("details", summary, exchange_card(interview, one, guide), class_="item question"))
    return tag("section", tag("h3", "Question by question"), *rows)


def _notes(interview: Interview) -> Html | None:
    if not interview.notes:
        return None
    return tag("section", tag("h3", "Your notes"), notes_list(interview.notes))


def notes_list(notes: Sequence[str]) -> Html:
    """Return the candidate's own notes as a list."""
    return tag("ul", *(tag("li", note) for note in notes), class_="notes")


def _cost(interview: Interview) -> Html | None:
    line = cost_line(cost_of(interview))
    return tag("p", f"Models used: {line}.", class_="maker") if line else None


def _scope(scored: Scored) -> str:
    assert isinstance(scored.assessment, Grade)
    return SCOPE_WORDS[scored.assessment.scope]


def _others(rest: Sequence[Shown], guide: Guide) -> Html | None:
    if not rest:
        return None
    summary = tag("summary", f"{len(rest)} more that this question did not aim at")
    return tag("details", summary, *(item_details(one, guide) for one in rest), class_="guide")
