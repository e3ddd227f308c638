"""The Replay tab: past interviews, stepped through turn by turn, and deleting them."""

from typing import Any

import gradio as gr

from interviewer.errors import UnknownInterview
from interviewer.service import Service
from interviewer.ui.again import AgainPanel
from interviewer.ui.card import scorecard_page, words
from interviewer.ui.compare import ComparePanel
from interviewer.ui.files import FilesPanel
from interviewer.ui.guard import DIRECT, QUEUED, guarded
from interviewer.ui.html import tag
from interviewer.ui.panel import Panel
from interviewer.ui.rate import RatePanel
from interviewer.ui.stepping import step_count, turn_page
from interviewer.ui.view import title
from interviewer.wiring import Parts

EMPTY = "No interviews yet. Hold one on the Interview tab, then step through it here."


class ReplayTab:
    """Components and handlers of the tab; the chosen interview and turn come with every event."""

    def __init__(self, service: Service, parts: Parts) -> None:
        """Lay out the tab inside the open Blocks."""
        self.service = service
        self.turn = gr.State(0)
        self.chosen = gr.State(None)
        self.exchange = gr.State(None)
        self.panels: list[Panel] = []
        self.empty = gr.HTML(tag("p", EMPTY, class_="empty"))
        with gr.Column(visible=False) as self.shelf:
            self.library = gr.Radio([], label="Your interviews", elem_id="library")
        with gr.Column(visible=False) as self.reader:
            with gr.Row(elem_id="steps"):
                self.first = gr.Button("First", size="sm", scale=0, min_width=90)
                self.back = gr.Button("← Previous", size="sm", elem_id="replay-back", scale=0, min_width=130)
                self.next = gr.Button(
                    "Next →", variant="primary", size="sm", elem_id="replay-next", scale=0, min_width=130
                )
                self.last = gr.Button("Last", size="sm", scale=0, min_width=90)
                self.place = gr.Markdown(elem_id="place")
            with gr.Row():
                with gr.Column(scale=3, min_width=300):
                    self.talk = gr.HTML(elem_id="replay-talk")
                with gr.Column(scale=2, min_width=300):
                    self.ratings = gr.HTML(elem_id="replay-ratings")
            with gr.Accordion("Scorecard", open=False):
                self.card = gr.HTML()
            for name, panel in (
                ("The other bar, and grading again", ComparePanel),
                ("Answer again", AgainPanel),
                ("Rate it yourself", RatePanel),
                ("Export and import", FilesPanel),
            ):
                with gr.Accordion(name, open=False):
                    self.panels.append(panel(service, parts))
            with gr.Row():
                self.go_on = gr.Button(
                    "Go on with this interview", visible=False, elem_id="replay-go-on", scale=0, min_width=240
                )
                self.delete = gr.Button("Delete this interview", elem_id="delete", scale=0, min_width=220)
        with gr.Row(visible=False) as self.sure:
            gr.Markdown("Delete this interview for good?")
            self.delete_now = gr.Button("Delete it", variant="stop", elem_id="delete-now")
            self.keep = gr.Button("Keep it")
        with gr.Column(visible=False) as self.data:
            self.delete_all = gr.Button("Delete all my data", size="sm", elem_id="delete-all", scale=0)
            with gr.Row(visible=False) as self.sure_all:
                gr.Markdown("Delete every interview, draft and note on this machine for good?")
                self.delete_all_now = gr.Button("Delete everything", variant="stop", elem_id="delete-all-now")
                self.keep_all = gr.Button("Keep everything")

    @property
    def listed(self) -> list[Any]:
        """The components that `refresh` sets."""
        return [self.empty, self.shelf, self.library, self.data]

    @property
    def read(self) -> list[Any]:
        """The components that `open` and `step` set."""
        return [
            self.turn,
            self.chosen,
            self.exchange,
            self.reader,
            self.place,
            self.talk,
            self.ratings,
            self.card,
            self.go_on,
            self.back,
            self.next,
            *(component for panel in self.panels for component in panel.shown),
        ]

    def refresh(self, chosen: str | None) -> dict[Any, Any]:
        """List the interviews; keep the chosen one chosen while it is there."""
        choices = []
        for summary in self.service.library():
            state = summary.interview
            come_to = words(summary.card.verdict).lower() if state.closed else "not finished"
            count = f"{len(state.asked)} question{'' if len(state.asked) == 1 else 's'}"
            choices.append((f"{title(state, summary.started)} · {count} · {come_to}", summary.id))
        ids = [interview for _, interview in choices]
        return {
            self.empty: gr.update(visible=not choices),
            self.shelf: gr.update(visible=bool(choices)),
            self.library: gr.update(choices=choices, value=chosen if chosen in ids else None),
            self.data: gr.update(visible=bool(choices)),
        }

    def unasked(self) -> dict[Any, Any]:
        """Fold the questions before a deletion away; not on `refresh`, which may come after one was opened."""
        return {self.sure: gr.update(visible=False), self.sure_all: gr.update(visible=False)}

    def open(self, interview: str | None, turn: int = 0) -> dict[Any, Any]:
        """Show one turn of an interview, the first when none is named."""
        if not interview:
            return {self.reader: gr.update(visible=False)}
        try:
            state = self.service.interview(interview)
        except UnknownInterview:
            gr.Info("That interview is no longer here.")
            return {self.reader: gr.update(visible=False)}
        count = step_count(state)
        turn = max(0, min(turn, count - 1))
        talk, ratings = turn_page(state, turn, self.service.guide)
        exchange = state.said[turn].exchange if count else None
        panels: dict[Any, Any] = {}
        for panel in self.panels:
            panels |= panel.show(interview, exchange)
        return panels | {
            self.turn: turn,
            self.chosen: interview,
            self.exchange: exchange,
            self.reader: gr.update(visible=True),
            self.place: f"Turn {turn + 1 if count else 0} of {count}. The arrow keys step too.",
            self.talk: talk,
            self.ratings: ratings,
            self.go_on: gr.update(visible=not state.closed),
            self.back: gr.update(interactive=turn > 0),
            self.next: gr.update(interactive=turn < count - 1),
        }

    def choose(self, interview: str | None) -> dict[Any, Any]:
        """Open an interview at its first turn, its scorecard folded beneath."""
        updates = self.open(interview)
        if interview and self.talk in updates:
            state = self.service.interview(interview)
            updates[self.card] = scorecard_page(state, self.service.card(state), self.service.guide)
        return updates

    def remove(self, interview: str | None) -> None:
        """Delete one interview."""
        if interview:
            self.service.delete(interview)

    def remove_all(self) -> None:
        """Delete everything."""
        count = self.service.delete_all()
        gr.Info(f"{count} interview{' was' if count == 1 else 's were'} deleted.")

    def wire(self) -> None:
        """Connect components and handlers."""
        for panel in self.panels:
            panel.wire(self.chosen, self.exchange)
        self.library.change(guarded(self.choose), self.library, self.read, **QUEUED)
        chosen = [self.library, self.turn]
        # A key pressed while a step is on its way is not lost.
        steps = DIRECT | {"trigger_mode": "always_last"}
        self.first.click(guarded(lambda i: self.open(i, 0)), self.library, self.read, **steps)
        self.back.click(guarded(lambda i, t: self.open(i, t - 1)), chosen, self.read, **steps)
        self.next.click(guarded(lambda i, t: self.open(i, t + 1)), chosen, self.read, **steps)
        self.last.click(guarded(lambda i: self.open(i, 10**6)), self.library, self.read, **steps)
        for ask, keep, row in (
            (self.delete, self.keep, self.sure),
            (self.delete_all, self.keep_all, self.sure_all),
        ):
            ask.click(lambda: gr.update(visible=True), None, row, **DIRECT)
            keep.click(lambda: gr.update(visible=False), None, row, **DIRECT)
