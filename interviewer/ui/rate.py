"""The panel in which people rate an exchange themselves, and disagree with a rating. Grades can be hidden meanwhile."""

from collections.abc import Sequence
from typing import Any

import gradio as gr

from interviewer.advice import scale
from interviewer.grading.rating import Grade, Scope, Verdict
from interviewer.guide.model import Guide, Item, Kind, Level
from interviewer.interview.state import Interview
from interviewer.review import people
from interviewer.service import Service
from interviewer.ui.guard import DIRECT, QUEUED, guarded
from interviewer.ui.html import Html, table, tag
from interviewer.ui.panel import InView
from interviewer.ui.rated import SCOPE_WORDS, shown_items
from interviewer.ui.view import day
from interviewer.wiring import Parts

SELF, COACH = "I am the candidate", "I coach or calibrate"
OVERALLS = [(verdict.words.capitalize(), place) for place, verdict in enumerate(Verdict, 1)]
SCOPES = [(words.capitalize(), scope.value) for scope, words in SCOPE_WORDS.items()]
# While somebody rates blind, everything on the page that tells the grade is hidden.
HIDE = """(on) => {
  document.documentElement.classList.toggle('blind', on);
  return on;
}"""
CSS = """
html.blind #replay-ratings, html.blind #replay-card, html.blind #replay-head .came, html.blind #timeline,
html.blind #bars, html.blind #regraded, html.blind #attempts, html.blind #rate-page, html.blind #disagree,
html.blind .turn sup.no { display: none !important; }
html.blind .turn mark.ev { background: none !important; border: 0 !important; padding: 0 !important;
  outline: 0 !important; text-decoration: none !important; pointer-events: none; }
#rate-rows label { font-size: .95rem; }
#raters .card th { min-width: 0; }
@media (max-width: 640px) {
  #raters .card :is(th, td) { font-size: .85rem; padding-right: .45rem !important; }
  /* Seven columns are one too many here. */
  #raters .card tr > :nth-child(3):nth-last-child(5) { display: none; }
}
.rated { display: grid; gap: .8rem; }
.rated > div { border-top: 1px solid var(--line); padding-top: .6rem; }
"""


class RatePanel:
    """A form with the exchange's own items, the ratings people gave so far, and a word of disagreement.

    `kept` changes whenever a rating or an objection was kept.
    """

    def __init__(self, service: Service, parts: Parts) -> None:
        """Lay out the panel."""
        self.service = service
        self.kept = gr.State(0)
        self.about = gr.HTML()
        with gr.Column(visible=False) as self.form:
            with gr.Row():
                self.who = gr.Radio([SELF, COACH], value=SELF, label="Who rates?")
                self.name = gr.Textbox(label="Name of the coach", visible=False, max_length=80, elem_id="rate-name")
            self.blind = gr.Checkbox(False, label="Hide the grades on this page while I rate (blind)")
            self.overall = gr.Radio(OVERALLS, label="Overall", elem_id="rate-overall")
            with gr.Accordion("Item by item", open=False), gr.Column(elem_id="rate-rows"):
                self.rows = [gr.Radio([], visible=False) for _ in range(_most_items(service.guide))]
                self.scope = gr.Radio(SCOPES, value=Scope.AT.value, label="Scope")
                self.flags = gr.CheckboxGroup([], label="Red flags you see")
            self.note = gr.Textbox(label="In a sentence or two (optional)", lines=2, max_length=people.LONGEST_NOTE)
            self.keep = gr.Button("Keep my rating", variant="primary", elem_id="rate-keep", scale=0, min_width=180)
        self.page = gr.HTML(elem_id="rate-page")
        with gr.Accordion("I disagree with a rating", open=False, visible=False, elem_id="disagree") as self.disagree:
            self.item = gr.Dropdown([], label="Which one?", elem_id="dispute-item")
            self.value = gr.Radio([], label="It should be", visible=False, elem_id="dispute-value")
            self.reason = gr.Textbox(label="Why?", lines=2, max_length=people.LONGEST_NOTE, elem_id="dispute-why")
            self.say = gr.Button("Keep my objection", elem_id="dispute-keep", scale=0, min_width=180)

    @property
    def shown(self) -> list[Any]:
        """The components that `show` sets."""
        return [
            self.about, self.form, self.page, self.disagree, self.item, self.value, self.reason, self.overall,
            self.scope, self.flags, self.note, *self.rows,
        ]  # fmt: skip

    def show(self, interview: str | None, exchange: int | None) -> dict[Any, Any]:
        """Draw an empty form for the exchange in view, and what was kept about it."""
        state = self.service.interview(interview) if interview else None
        asked = state.asked[exchange] if state and exchange is not None else None
        if state is None or asked is None or exchange is None or not asked.replies:
            words = "Step to an answer first: it is rated here, question by question."
            return {
                self.about: tag("p", words, class_="quiet"),
                self.form: gr.update(visible=False),
                self.page: "",
                self.disagree: gr.update(visible=False),
            }
        rubric = self.service.guide.rubric(state.plan.level, asked.ask.kind, asked.ask.aims)
        items = shown_items(rubric)
        graded = isinstance(asked.assessment, Grade)
        updates: dict[Any, Any] = {
            self.about: tag("p", "Question ", exchange + 1, ": ", asked.ask.text, class_="quiet"),
            self.form: gr.update(visible=True),
            self.page: self._kept(state, exchange),
            self.disagree: gr.update(visible=graded),
            self.item: gr.update(choices=self._choices(state, exchange, items) if graded else [], value=None),
            self.value: gr.update(choices=[], value=None, visible=False),
            self.reason: "",
            self.overall: None,
            self.scope: Scope.AT.value,
            self.flags: gr.update(choices=[(flag.text, flag.id) for flag in rubric.red_flags], value=[]),
            self.note: "",
        }
        for place, row in enumerate(self.rows):
            item = items[place] if place < len(items) else None
            updates[row] = (
                gr.update(label=item.text, choices=_steps(item), value=None, visible=True)
                if item
                else gr.update(visible=False, value=None)
            )
        return updates

    def _choices(self, state: Interview, exchange: int, items: Sequence[Item]) -> list[tuple[str, str]]:
        grade = state.asked[exchange].assessment
        assert isinstance(grade, Grade)
        raised = {flag.item for flag in grade.flags}
        return [
            *((item.text, item.id) for item in items if grade.rating(item.id)),
            *(
                (f"{f.text} ({'raised' if f.id in raised else 'not raised'})", f.id)
                for f in self.service.guide.red_flags
            ),
        ]

    def _kept(self, state: Interview, exchange: int) -> Html:
        guide = self.service.guide
        parts: list[Html] = []
        for rating in reversed(state.rated):
            if rating.exchange != exchange:
                continue
            head = f"{people.name_of(rating).capitalize()} · {day(rating.at)}" + (" · blind" if rating.blind else "")
            overall = Verdict.of(rating.overall).words.capitalize() if rating.overall else "no overall"
            values = "; ".join(f"{guide.words(r.item)}: {r.value}" for r in rating.grade.ratings)
            flags = "; ".join(guide.words(f.item) for f in rating.grade.flags)
            parts.append(
                tag(
                    "div",
                    tag("b", head),
                    tag("p", overall + (f" · {values}" if values else "")),
                    tag("p", f"Red flags: {flags}") if flags else None,
                    tag("p", rating.note) if rating.note else None,
                )
            )
        for objection in reversed(state.disputed):
            if objection.exchange == exchange:
                should = self._should(objection.item, objection.value)
                head = f"Objection · {guide.words(objection.item)}: {should}"
                parts.append(tag("div", tag("b", head), tag("p", objection.reason)))
        return tag("div", *parts, class_="rated exchange") if parts else Html("")

    def _should(self, item: str, value: int) -> str:
        if item in {flag.id for flag in self.service.guide.red_flags}:
            return "it is there" if value else "it is not there"
        try:
            return "should be " + _steps(self.service.guide.item(item))[value][0]
        except (KeyError, IndexError):  # the guide has changed since
            return f"should be {value}"

    def keep_rating(self, drawn: InView, kept: int, who: str, name: str, blind: bool, *rest: Any) -> dict[Any, Any]:
        """Keep what was filled in for the exchange the form was drawn for, and empty the form."""
        interview, exchange = drawn.interview, drawn.exchange
        if interview is None or exchange is None:
            return self.show(interview, exchange)
        overall, scope, flags, note, *values = rest
        state = self.service.interview(interview)
        asked = state.asked[exchange]
        items = shown_items(self.service.guide.rubric(state.plan.level, asked.ask.kind, asked.ask.aims))
        form = people.Form(
            who="self" if who == SELF else "coach",
            name=name,
            values={i.id: int(v) for i, v in zip(items, values, strict=False) if v is not None},
            flags=flags or (),
            scope=Scope(scope or Scope.AT),
            overall=int(overall) if overall else None,
            blind=blind,
            note=note,
        )
        people.rate(self.service, interview, exchange, form)
        said = _kept("Your rating is kept beside the grade.")
        return self.show(interview, exchange) | {self.about: said, self.kept: kept + 1}

    def keep_objection(
        self, drawn: InView, kept: int, item: str | None, value: int | None, reason: str
    ) -> dict[Any, Any]:
        """Keep a disagreement with one rating."""
        interview, exchange = drawn.interview, drawn.exchange
        if interview is None or exchange is None:
            return self.show(interview, exchange)
        if item is None or value is None:
            raise gr.Error("Choose the item and what it should be.", print_exception=False)
        people.dispute(self.service, interview, exchange, item, int(value), reason)
        said = _kept("Your objection is kept beside the rating.")
        return self.show(interview, exchange) | {self.about: said, self.kept: kept + 1}

    def _values(self, item: str | None) -> Any:
        if not item:
            return gr.update(choices=[], value=None, visible=False)
        if item in {flag.id for flag in self.service.guide.red_flags}:
            return gr.update(choices=[("not there", 0), ("there", 1)], value=None, visible=True)
        return gr.update(choices=_steps(self.service.guide.item(item)), value=None, visible=True)

    def wire(self, chosen: gr.State, drawn: gr.State) -> None:
        """Connect its events."""
        self.who.change(lambda who: gr.update(visible=who == COACH), self.who, self.name, **DIRECT)
        self.blind.input(None, self.blind, None, js=HIDE, **DIRECT)
        self.item.input(self._values, self.item, self.value, **DIRECT)
        rating = [self.who, self.name, self.blind, self.overall, self.scope, self.flags, self.note, *self.rows]
        objection = [self.item, self.value, self.reason]
        for button, keep, fields in (
            (self.keep, self.keep_rating, rating),
            (self.say, self.keep_objection, objection),
        ):
            button.click(guarded(keep), [drawn, self.kept, *fields], [*self.shown, self.kept], **QUEUED)


def _most_items(guide: Guide) -> int:
    return max(len(shown_items(guide.rubric(level, kind))) for level in Level for kind in Kind)


def _kept(words: str) -> Html:
    return tag("p", words, role="status")


def _steps(item: Item) -> list[tuple[str, int]]:
    return [(f"{value} · {step.words}", value) for value, step in enumerate(scale(item))]


def agreement_page(service: Service) -> Html:
    """Return how raters agree with each other and with the grades, and how far one's own view is from them."""
    parts: list[Html] = []
    own = [gap for gap in people.gaps(service) if gap.own and gap.given]
    if own:
        rows = [
            tag(
                "tr",
                tag("td", day(gap.at)),
                tag("td", Verdict.of(gap.own or 1).words),
                tag("td", Verdict.of(gap.given or 1).words),
                tag("td", f"{(gap.own or 0) - (gap.given or 0):+d}" if gap.own != gap.given else "0"),
            )
            for gap in own[-12:]
        ]
        mean = sum((gap.own or 0) - (gap.given or 0) for gap in own) / len(own)
        shown = f"{mean:+.1f}" if abs(mean) >= 0.05 else "0"
        leaning = "higher than" if mean > 0.15 else "lower than" if mean < -0.15 else "about where"
        parts += [
            tag("h3", "Your own view beside the grade"),
            tag(
                "p",
                f"Over {len(own)} answer{'' if len(own) == 1 else 's'} you rated yourself {leaning} the grade did; "
                f"the mean difference is {shown} on the scale of four.",
            ),
            table(("When", "You said", "Grade", "Apart"), rows),
        ]
    found = people.agreements(service)
    if found:
        parts += [
            tag("h3", "Raters"),
            tag("p", "On what both rated. A kappa is shown from twenty ratings on: 1 is full agreement, 0 chance."),
            table(
                ("Raters", "Answers", "Blind", "Ratings", "Same", "Within one", "Kappa"),
                [
                    tag(
                        "tr",
                        tag("th", f"{one.one[:1].upper()}{one.one[1:]} and {one.other}", scope="row"),
                        *(tag("td", text) for text in _agreement(one)),
                    )
                    for one in found
                ],
            ),
        ]
    return tag("section", *parts) if parts else Html("")


def _agreement(one: people.Agreement) -> Sequence[str]:
    return (
        str(one.exchanges),
        str(one.blind),
        str(one.items),
        "–" if one.same is None else f"{one.same:.0%}",
        "–" if one.within_one is None else f"{one.within_one:.0%}",
        "too few" if one.kappa is None else f"{one.kappa:.2f}",
    )
