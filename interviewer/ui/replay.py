"""The Replay tab: past interviews found, stepped through turn by turn or played, named, noted and deleted."""

import json
from typing import Any

import gradio as gr

from interviewer.errors import UnknownInterview
from interviewer.interview.state import Interview
from interviewer.review.library import Library, Line
from interviewer.service import Service
from interviewer.ui.again import AgainPanel
from interviewer.ui.card import scorecard_page
from interviewer.ui.compare import ComparePanel
from interviewer.ui.files import FilesPanel
from interviewer.ui.guard import DIRECT, IN_ORDER, QUEUED, guarded, sentence
from interviewer.ui.html import Html, join, tag
from interviewer.ui.library import NO_FILTERS, Shelf, facts, labels, outcome
from interviewer.ui.panel import InView, Panel
from interviewer.ui.rate import RatePanel
from interviewer.ui.stepping import step_count, turn_page
from interviewer.ui.timeline import DRAWN, FOLLOW, pace, timeline
from interviewer.ui.view import day
from interviewer.wiring import Parts

PLAY = "▶ Play"
Updates = dict[Any, Any]


class ReplayTab:
    """Components and handlers of the tab; the chosen interview and turn come with every event."""

    def __init__(self, service: Service, parts: Parts) -> None:
        """Lay out the tab inside the open Blocks."""
        self.service = service
        self.library = Library(service)
        self.turn = gr.State(0)
        self.chosen = gr.State(None)
        self.exchange = gr.State(None)
        self.upto = gr.State(())
        self.drawn = gr.State(InView())
        self.wish = gr.Textbox(visible=False)  # "id turn", written by the browser; a turn counts from 1 there
        self.panels: list[Panel] = []
        self.said = gr.HTML(elem_id="replay-said")
        with gr.Row(visible=False, elem_id="undone") as self.undone:
            self.deleted = gr.HTML()
            self.undo = gr.Button("Undo", size="sm", scale=0, min_width=90, elem_id="undo")
        with gr.Column() as self.shelf_side:
            self.shelf = Shelf(self.library)
        with gr.Column(visible=False, elem_id="replay-reader") as self.reader:
            with gr.Row(elem_id="replay-tools"):
                self.all = gr.Button("← All interviews", size="sm", scale=0, min_width=150, elem_id="replay-all")
                self.rename = gr.Button("Rename", size="sm", scale=0, min_width=90, elem_id="rename")
                self.copy = gr.Button("Copy link to this turn", size="sm", scale=0, min_width=190, elem_id="copy")
                self.delete = gr.Button("Delete", size="sm", scale=0, min_width=90, elem_id="delete")
            self.head = gr.HTML(elem_id="replay-head")
            with gr.Row(visible=False, elem_id="naming") as self.naming:
                self.name = gr.Textbox(label="Name of this interview", max_lines=1, max_length=120, elem_id="name")
                self.keep_name = gr.Button("Keep name", size="sm", scale=0, min_width=120)
            with gr.Row(elem_id="steps"):
                self.first = gr.Button("First", size="sm", elem_id="replay-first", scale=0, min_width=70)
                self.back = gr.Button("← Previous", size="sm", elem_id="replay-back", scale=0, min_width=110)
                self.next = gr.Button(
                    "Next →", variant="primary", size="sm", elem_id="replay-next", scale=0, min_width=100
                )
                self.last = gr.Button("Last", size="sm", elem_id="replay-last", scale=0, min_width=70)
                self.play = gr.Button(PLAY, size="sm", elem_id="replay-play", scale=0, min_width=100)
                self.place = gr.HTML(elem_id="place")
            self.line = gr.HTML(elem_id="timeline", js_on_load=FOLLOW)
            with gr.Row(elem_id="replay-pages"):
                with gr.Column(scale=3, min_width=300):
                    self.talk = gr.HTML(elem_id="replay-talk", js_on_load=DRAWN)
                    with gr.Row(elem_id="turn-note"):
                        self.note = gr.Textbox(
                            label="Note on this turn", max_lines=3, lines=1, elem_id="line-note", scale=1
                        )
                        self.keep_note = gr.Button(
                            "Keep note", size="sm", scale=0, min_width=120, elem_id="keep-line-note"
                        )
                with gr.Column(scale=2, min_width=300):
                    self.ratings = gr.HTML(elem_id="replay-ratings", js_on_load=DRAWN)
            with gr.Accordion("Scorecard", open=False):
                self.card = gr.HTML(elem_id="replay-card")
            for name, panel in (
                ("The other bar, and grading again", ComparePanel),
                ("Answer again", AgainPanel),
                ("Rate it yourself", RatePanel),
            ):
                with gr.Accordion(name, open=False):
                    self.panels.append(panel(service, parts))
            self.go_on = gr.Button(
                "Go on with this interview", visible=False, elem_id="replay-go-on", scale=0, min_width=240
            )
        with gr.Accordion("Export and import", open=False):
            self.into = FilesPanel(service, parts)
            self.panels.append(self.into)
        with gr.Column(visible=False, elem_id="all-data") as self.data:
            self.delete_all = gr.Button("Delete all my data", size="sm", elem_id="delete-all", scale=0)
            with gr.Row(visible=False) as self.sure_all:
                gr.Markdown("Delete every interview, draft and note on this machine for good?")
                self.delete_all_now = gr.Button("Delete everything", variant="stop", elem_id="delete-all-now")
                self.keep_all = gr.Button("Keep everything")

    @property
    def listed(self) -> list[Any]:
        """The components that `refresh` sets."""
        return [*self.shelf.shown, self.data]

    @property
    def page(self) -> list[Any]:
        """The components that a step sets."""
        return [
            self.turn, self.exchange, self.upto, self.place, self.line, self.talk, self.ratings, self.first, self.back,
            self.next, self.last,
        ]  # fmt: skip

    @property
    def read(self) -> list[Any]:
        """The components that `open`, `go` and `close` set."""
        return [
            *self.page, self.chosen, self.reader, self.shelf_side, self.head, self.card, self.go_on, self.naming,
            self.undone, self.said, self.note, *self.listed,
        ]  # fmt: skip

    # -- the list ----------------------------------------------------------------------------------------------------

    def refresh(self, *asked: Any) -> Updates:
        """List the interviews; what is open, or asked before a deletion, stays as it is, for this may come late."""
        updates = self.shelf.show(*(asked or (0, *NO_FILTERS)))
        return updates | {self.data: updates[self.shelf.finder]}

    def close(self, said: str = "") -> Updates:
        """Go back to the list.

        Args:
            said: What there is to say of it; a sentence.
        """
        return {
            self.chosen: None,
            self.exchange: None,
            self.upto: (),
            self.reader: gr.update(visible=False),
            self.shelf_side: gr.update(visible=True),
            self.said: tag("p", said, role="status") if said else "",
            self.talk: "",
        }

    # -- one interview -----------------------------------------------------------------------------------------------

    def look_again(self, chosen: str | None, turn: int, upto: tuple[int, ...], *asked: Any) -> Updates:
        """List the interviews, and draw the open one anew where it has gone on since.

        Args:
            turn: The turn in view, from 0.
            upto: How far it had come when it was drawn.
        """
        updates = self.refresh(*asked)
        if not chosen:
            return updates
        try:
            state = self.service.interview(chosen)
        except UnknownInterview as error:
            return updates | self.close(str(error))
        if _upto(state) != upto:
            updates |= self.whole(chosen, state, max(0, min(turn, step_count(state) - 1)))
        return updates

    def go(self, wish: str, chosen: str | None, *asked: Any) -> Updates:
        """Show the turn that is wished for.

        An error is told on the page: a toast is shown for queued events only, and Gradio drops the step that waits
        behind one that raised.

        Args:
            wish: The interview's id and the turn, from 1.
            chosen: The interview in view.
            asked: What the list was last asked for.
        """
        try:
            return self._go(wish, chosen, *asked)
        except Exception as error:
            return {self.said: tag("p", sentence(error), role="alert")}

    def _go(self, wish: str, chosen: str | None, *asked: Any) -> Updates:
        interview, _, number = wish.partition(" ")
        try:
            state = self.service.interview(interview)
        except UnknownInterview:
            return self.refresh(*asked) | self.close(
                f"There is no interview {interview[:40]} here; it may have been deleted. These are the ones there are."
            )
        count = step_count(state)
        turn = int(number) - 1 if number.isdecimal() and len(number) < 7 else -1
        if not 0 <= turn < max(1, count):
            return self.refresh(*asked) | self.close(
                f"That interview has {count} turn{'' if count == 1 else 's'}, and {number[:20]} is none of them. "
                "Choose it below to begin at its first."
            )
        if interview != chosen:
            return self.open(interview, state, turn)
        return self.step(interview, state, turn) | {self.said: ""}

    def open(self, interview: str, state: Interview, turn: int = 0) -> Updates:
        """Show an interview at a turn."""
        return self.whole(interview, state, turn) | {
            self.chosen: interview,
            self.reader: gr.update(visible=True),
            self.shelf_side: gr.update(visible=False),
            self.naming: gr.update(visible=False),
            self.undone: gr.update(visible=False),
            self.said: "",
            self.note: "",
        }

    def whole(self, interview: str, state: Interview, turn: int) -> Updates:
        """Show one turn, and all around it that tells of the interview."""
        return self.step(interview, state, turn) | {
            self.head: self._head(interview, state),
            self.card: scorecard_page(state, self.service.card(state), self.service.guide),
            self.go_on: gr.update(visible=not state.closed),
        }

    def step(self, interview: str, state: Interview, turn: int) -> Updates:
        """Show one turn, with nothing around it that stays the same while one steps.

        Args:
            turn: From 0.
        """
        count = step_count(state)
        talk, ratings = turn_page(state, turn, self.service.guide)
        text = state.said[turn].text if count else ""
        place = f"Turn {turn + 1 if count else 0} of {count}."
        return {
            self.turn: turn,
            self.exchange: state.said[turn].exchange if count else None,
            self.upto: _upto(state),
            self.place: tag(
                "p", tag("span", place, role="status"), tag("span", " The arrow keys step too.", class_="keys")
            ),
            self.line: timeline(interview, state, turn, self.service.guide),
            self.talk: tag(
                "div", talk, data_replay=interview, data_turn=turn + 1, data_count=count, data_pace=pace(text)
            ),
            self.ratings: ratings,
            self.first: gr.update(interactive=turn > 0),
            self.back: gr.update(interactive=turn > 0),
            self.next: gr.update(interactive=turn < count - 1),
            self.last: gr.update(interactive=turn < count - 1),
        }

    @property
    def panelled(self) -> list[Any]:
        """The components that `show_panels` sets."""
        return [self.drawn, *(component for panel in self.panels for component in panel.shown)]

    def then_panels(self, event: Any) -> None:
        """Draw the panels after an event that may have changed the turn in view, not within it.

        A state's own change would not do: it is not told for events that go past the queue, as steps do.
        """
        live = [self.chosen, self.exchange, self.upto]
        event.then(guarded(self.show_panels), [*live, self.drawn], self.panelled, **QUEUED)

    def show_panels(self, interview: str | None, exchange: int | None, upto: tuple[int, ...], drawn: InView) -> Updates:
        """Draw the panels for an interview and the exchange in view; nothing when they stand for it already."""
        now = InView(interview, exchange, upto)
        if now == drawn:
            return {self.drawn: drawn}  # an empty answer is none to Gradio
        updates: Updates = {self.drawn: now}
        for panel in self.panels:
            updates |= panel.show(interview, exchange)
        return updates

    def _line(self, interview: str, state: Interview) -> Line:
        return Line(
            interview, state.started.at, state.name, state.plan.level, state.plan.kinds, len(state.asked),
            state.closed is not None, self.service.card(state).verdict, state.started.imported,
            bool(state.plan.again),
        )  # fmt: skip

    def _head(self, interview: str, state: Interview) -> Html:
        line = self._line(interview, state)
        name = line.name or day(line.started)
        about = ([day(line.started)] if line.name else []) + [facts(line)]
        return join(
            tag("h2", name, *labels(line), tabindex="-1"),
            tag("p", " · ".join(about), tag("span", " · ", outcome(line), class_="quiet came"), class_="quiet"),
        )

    def keep_the_name(self, interview: str, name: str) -> Updates:
        """Give the interview a name of one's own."""
        self.library.rename(interview, name)
        head = self._head(interview, self.service.interview(interview))
        return {self.head: head, self.naming: gr.update(visible=False)}

    def keep_the_note(self, interview: str, turn: int, text: str) -> Updates:
        """Keep a note on the turn in view; an empty one is ignored."""
        self.service.note(interview, text, line=turn)
        return self.step(interview, self.service.interview(interview), turn) | {self.note: ""}

    # -- deleting ----------------------------------------------------------------------------------------------------

    def remove(self, interview: str | None) -> Updates:
        """Delete the interview in view, and offer to take that back."""
        if not interview:
            return {self.undone: gr.update(visible=False)}
        state = self.service.interview(interview)
        self.library.delete(interview)
        return {
            self.undone: gr.update(visible=True),
            self.deleted: tag("p", f"Deleted: {_name(state)}.", role="status"),
        }

    def bring_back(self, *asked: Any) -> Updates:
        """Take the last deletion back."""
        if (interview := self.library.undelete()) is None:
            return {
                self.undone: gr.update(visible=False),
                self.said: tag("p", "It cannot be brought back any more.", role="status"),
            }
        state = self.service.interview(interview)
        said = tag("p", f"{_name(state)} is back.", role="status")
        return self.refresh(*asked) | {self.undone: gr.update(visible=False), self.said: said}

    def remove_all(self) -> Updates:
        """Delete everything."""
        count = self.service.delete_all()
        gr.Info(f"{count} interview{' was' if count == 1 else 's were'} deleted.")
        return {self.undone: gr.update(visible=False), self.deleted: ""}

    # -- events ------------------------------------------------------------------------------------------------------

    def wire(self) -> None:
        """Connect components and handlers."""
        for panel in self.panels:
            panel.wire(self.chosen, self.drawn)
        self.into.imported.change(guarded(self.refresh), self.shelf.asked, self.listed, **IN_ORDER)
        shelf = self.shelf
        gr.on(
            [box.change for box in shelf.filters],
            guarded(shelf.search), shelf.filters, shelf.shown, trigger_mode="always_last", **IN_ORDER,
        )  # fmt: skip
        for button, by in ((shelf.newer, -1), (shelf.older, 1)):
            button.click(guarded(lambda *asked, by=by: shelf.turn(by, *asked)), shelf.asked, shelf.shown, **IN_ORDER)
        shelf.soon.tick(guarded(shelf.show), shelf.asked, shelf.shown, **IN_ORDER)
        # Emptied by the browser at once, so that nothing typed since is lost; that changes them, which looks again.
        shelf.clear.click(None, None, shelf.filters, js=f"() => {json.dumps(NO_FILTERS)}", **DIRECT)

        # One event for every way to a turn, so that they come one after the other; a key pressed while a step is on
        # its way is counted by the browser and is not lost. What people think of the ratings in view comes so, too.
        kept = [panel.kept.change for panel in self.panels if isinstance(panel, RatePanel)]
        buttons = [button.click for button in (self.first, self.back, self.next, self.last)]
        steps = gr.on(
            [shelf.list.select, self.line.select, *buttons, *kept],
            guarded(self.go), [self.wish, self.chosen, *shelf.asked], self.read,
            js="(wish, ...rest) => [window.replay.wish(), ...rest]",
            **DIRECT | {"trigger_mode": "always_last"},
        )  # fmt: skip
        self.then_panels(steps)
        self.play.click(None, None, self.play, js="() => window.replay.play()", **DIRECT)
        self.copy.click(None, None, self.place, js="() => window.replay.copy()", **DIRECT)
        self.then_panels(
            self.all.click(
                guarded(lambda *asked: self.refresh(*asked) | self.close()), shelf.asked, self.read, **IN_ORDER
            )
        )

        self.rename.click(
            guarded(lambda i: (gr.update(visible=True), self.service.interview(i).name)),
            self.chosen, [self.naming, self.name], **QUEUED,
        )  # fmt: skip
        gr.on(
            [self.keep_name.click, self.name.submit],
            guarded(self.keep_the_name), [self.chosen, self.name], [self.head, self.naming], **QUEUED,
        )  # fmt: skip
        gr.on(
            [self.keep_note.click, self.note.submit],
            guarded(self.keep_the_note), [self.chosen, self.turn, self.note], [*self.page, self.note], **QUEUED,
        )  # fmt: skip
        self.undo.click(guarded(self.bring_back), shelf.asked, [*self.listed, self.undone, self.said], **IN_ORDER)
        self.delete_all.click(lambda: gr.update(visible=True), None, self.sure_all, **DIRECT)
        self.keep_all.click(lambda: gr.update(visible=False), None, self.sure_all, **DIRECT)


def _upto(state: Interview) -> tuple[int, ...]:
    """Return how far an interview has come; what people noted or rated afterwards does not count."""
    return len(state.said), sum(len(one.assessments) for one in state.asked), int(state.closed is not None)


def _name(state: Interview) -> str:
    return state.name or f"The interview of {day(state.started.at)}"
