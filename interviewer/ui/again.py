"""The panel of answering again: begin another attempt, and see how the attempts at a question went."""

from collections.abc import Sequence
from typing import Any

import gradio as gr

from interviewer.grading.compare import counts
from interviewer.grading.rating import Grade
from interviewer.grading.scorecard import Scored
from interviewer.guide.model import Item
from interviewer.interview.events import Origin
from interviewer.review.again import Attempt, Attempts, both_graded, origin_of
from interviewer.service import Service
from interviewer.ui.card import not_graded, words
from interviewer.ui.guard import QUEUED, guarded
from interviewer.ui.html import Html, join, table, tag
from interviewer.ui.panel import InView
from interviewer.ui.sides import answers, compared, fold, verdicts
from interviewer.ui.view import day
from interviewer.wiring import Parts

WEAKEST = 3
BETTER = ("Better than before", "Not as good as before")


class AgainPanel:
    """Components and handlers of the panel.

    Attributes:
        begun: Id of the interview that a button has started; the page goes to it when it changes.
    """

    def __init__(self, service: Service, parts: Parts) -> None:
        """Lay out the panel inside the open accordion."""
        self.service = service
        self.attempts = Attempts(service)
        self.begun = gr.State("")
        gr.Markdown(
            "A short interview in practice mode, at the same level and in the same manner. What you said before stays "
            "as it is; afterwards the two stand side by side."
        )
        with gr.Row():
            self.scratch = gr.Button("Answer this question again", variant="primary", size="sm", scale=0, min_width=230)
            self.edit = gr.Button("Start from my answer", elem_id="again-edit", size="sm", scale=0, min_width=190)
        with gr.Row():
            self.weakest = gr.Button("My weakest three here", size="sm", scale=0, min_width=200)
            self.weakest_all = gr.Button(
                "My weakest three of all interviews", elem_id="again-weakest-all", size="sm", scale=0, min_width=280
            )
        self.page = gr.HTML(elem_id="attempts")

    @property
    def shown(self) -> list[Any]:
        """The components that `show` sets."""
        return [self.scratch, self.edit]

    def show(self, interview: str | None, exchange: int | None) -> dict[Any, Any]:
        """Offer what there is to answer again; the attempts are drawn when the exchange in view is another."""
        asked = exchange is not None and interview is not None
        replied = asked and self.service.interview(interview or "").asked[exchange or 0].replies > 0
        return {
            self.scratch: gr.update(interactive=asked),
            self.edit: gr.update(interactive=replied),
        }

    def draw(self, drawn: InView) -> Html:
        """Return how the attempts at the question in view went."""
        interview, exchange = drawn.interview, drawn.exchange
        if not interview or exchange is None:
            return Html("")
        attempts = self.attempts.of(interview, exchange)
        here = Origin(interview, exchange)
        place = next((n for n, one in enumerate(attempts) if one.origin == here), None)
        if place is None or len(attempts) < 2:
            return tag("p", "This question has been answered once so far.", class_="quiet")
        origin = origin_of(self.service.interview(interview), exchange)
        earlier = next((one for one in attempts if one.origin == origin), attempts[max(0, place - 1)])
        first, second = (attempts[0], attempts[1]) if place == 0 else (earlier, attempts[place])
        return tag(
            "article",
            tag("section", tag("h3", "Attempts at this question"), history(attempts, here)),
            tag("section", tag("h3", "Side by side"), side_by_side(first, second)),
            class_="card",
        )

    def _begin(self, origins: Sequence[Origin], edit: bool = False) -> str:
        return self.attempts.begin(origins, edit=edit)

    def wire(self, chosen: gr.State, drawn: gr.State) -> None:
        """Connect its events."""
        drawn.change(guarded(self.draw), drawn, self.page, trigger_mode="always_last", **QUEUED)
        for button, handler in (
            (self.scratch, lambda at: self._begin([Origin(at.interview, at.exchange)])),
            (self.edit, lambda at: self._begin([Origin(at.interview, at.exchange)], edit=True)),
            (self.weakest, lambda at: self._begin(self.attempts.weakest(WEAKEST, at.interview))),
            (self.weakest_all, lambda at: self._begin(self.attempts.weakest(WEAKEST))),
        ):
            button.click(guarded(handler), drawn, self.begun, **QUEUED)


# -- pages -----------------------------------------------------------------------------------------------------------


def attempts_page(service: Service, interview: str) -> Html | None:
    """Return the answers of an interview beside the ones they were a second attempt at; None when there are none."""
    sections = []
    for before, now in Attempts(service).compared(interview):
        question = now.scored.exchange.question
        sections.append(tag("section", tag("h3", question), side_by_side(before, now)))
    if not sections:
        return None
    return tag("article", tag("p", "Answered again", class_="kicker"), *sections, class_="card")


def side_by_side(before: Attempt, now: Attempt) -> Html:
    """Return two attempts at a question: what improved, what got worse, and both answers."""
    names = (f"Before, {day(before.at)}", f"Now, {day(now.at)}")
    comparison = both_graded(before.scored, now.scored)
    if comparison is None:
        lines = [
            tag("p", tag("b", f"{name}: "), words(one.scored.verdict) if one.scored.overall else not_graded(one.scored))
            for name, one in zip(names, (before, now), strict=True)
        ]
        body = join(*lines)
    else:
        body = join(verdicts(before.scored, now.scored), compared(comparison, ("Before", "Now"), BETTER))
    both = fold("Both answers, side by side", answers(before.scored, now.scored, names))
    return tag("div", body, both, class_="exchange")


def history(attempts: Sequence[Attempt], here: Origin) -> Html:
    """Return all attempts at a question: what each came to, and each item over them."""
    rows = []
    for number, one in enumerate(attempts, 1):
        this = one.origin == here
        level = one.scored.rubric.level.value
        verdict = f"{words(one.scored.verdict)} at {level}" if one.scored.overall else not_graded(one.scored)
        rows.append(
            tag(
                "tr",
                tag("th", number, scope="row"),
                tag("td", day(one.at), " (in view)" if this else None),
                tag("td", verdict, class_="reads" if this else None),
            )
        )
    items: dict[str, Item] = {}
    for one in attempts:
        items |= {item.id: item for item in counts(one.scored)}
    courses = [(item, [_value(one.scored, item) for one in attempts]) for item in items.values()]
    lines = [
        tag("li", tag("span", item.text, class_="name"), tag("span", " → ".join(values), class_="words"))
        for item, values in courses
        if any(value not in ("0", "–") for value in values)
    ]
    return join(
        table(("No.", "When", "Overall"), rows, class_="narrow"),
        tag("ul", *lines, class_="chart", aria_label="Ratings over the attempts") if lines else None,
    )


def _value(scored: Scored, item: Item) -> str:
    rating = scored.assessment.rating(item.id) if isinstance(scored.assessment, Grade) else None
    return str(rating.value) if rating else "–"
