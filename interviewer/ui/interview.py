"""The Interview tab: the first screen, the conversation, the scorecard. Everything is drawn from the event log."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import gradio as gr

from interviewer.errors import UnknownInterview
from interviewer.interview.events import now
from interviewer.interview.state import Interview
from interviewer.review import people
from interviewer.service import Service
from interviewer.ui import theme
from interviewer.ui.again import attempts_page
from interviewer.ui.card import exchange_card, notes_list, scorecard_page, ungraded
from interviewer.ui.guard import DIRECT, EACH, QUEUED, guarded, sentence, warn
from interviewer.ui.html import join, tag
from interviewer.ui.rate import OVERALLS
from interviewer.ui.room import SKIP, WISHES, Room
from interviewer.ui.start import StartForm, chosen
from interviewer.ui.view import draft_to_show, message, view

TICK = 15
Updates = dict[Any, Any]


class InterviewTab:
    """Components and handlers of the tab. Holds nothing of an interview: its id comes with every event."""

    def __init__(self, service: Service, current: gr.BrowserState, models: Sequence[tuple[str, str]] = ()) -> None:
        """Lay out the tab inside the open Blocks.

        Args:
            current: The id of the interview this page shows; empty on the first screen.
            models: The models one may choose among, as (words, name).
        """
        self.service = service
        self.current = current
        # Every event that goes on for a while: what the interviewer says, and the waiting for grades.
        self.streams: list[Any] = []
        with gr.Column(elem_id="start") as self.start_screen:
            self.form = StartForm(service.guide, models)
        with gr.Row(visible=False, equal_height=False) as self.talk:
            with gr.Column(scale=3, min_width=300):
                self.room = Room()
            with gr.Column(scale=2, min_width=300, visible=False) as self.side:
                self.own = gr.Radio(
                    OVERALLS, label="Before you see the feedback: how did it go?", visible=False, elem_id="own"
                )
                # The question that one asks about, from 0; kept by the browser, for the log may be further on.
                self.own_of = gr.Number(visible=False, precision=0)
                self.feedback = gr.HTML(elem_id="feedback")
        with gr.Column(visible=False) as self.done:
            self.grading = gr.HTML(visible=False)
            self.result = gr.HTML(elem_id="scorecard")
            with gr.Row():
                self.again = gr.Button("New interview", variant="primary", elem_id="again", scale=0, min_width=180)
                self.replay = gr.Button("Step through it", elem_id="open-replay", scale=0, min_width=180)
                self.regrade = gr.Button("Grade what is missing", visible=False, scale=0, min_width=220)
        self.timer = gr.Timer(TICK, active=False)
        self.speaking = gr.Checkbox(visible=False)  # whether words are coming, written by the browser

    @property
    def drawn(self) -> list[Any]:
        """The components that `draw` sets."""
        room = self.room
        return [
            self.start_screen, self.talk, self.done, room.status, room.chat, room.go_on, room.answer, room.send,
            room.stop, room.edit, room.pause, room.end, room.sure, self.side, self.own, self.own_of, self.feedback,
            room.notes, self.grading, self.result, self.regrade, self.timer,
        ]  # fmt: skip

    # -- drawing -----------------------------------------------------------------------------------------------------

    def draw(self, interview: str, answer: str | None = None) -> Updates:
        """Return what every component shows for an interview as it stands.

        Args:
            interview: Its id; empty for the first screen.
            answer: What the answer box is to hold; None leaves it as it is.
        """
        if not interview:
            return {
                self.start_screen: gr.update(visible=True),
                self.talk: gr.update(visible=False),
                self.done: gr.update(visible=False),
                self.timer: gr.Timer(active=False),
            }
        room = self.room
        state = self.service.interview(interview)
        shown = view(state, now())
        talking = shown.phase == "talk"
        updates: Updates = {
            self.start_screen: gr.update(visible=False),
            self.talk: gr.update(visible=talking),
            self.done: gr.update(visible=not talking),
            self.timer: gr.Timer(active=talking and not shown.paused),
            room.status: shown.status,
            room.chat: shown.messages,
            room.go_on: gr.update(visible=shown.owed and not shown.paused),
            room.send: gr.update(interactive=not shown.paused),
            room.stop: gr.update(interactive=False),
            room.edit: gr.update(interactive=shown.editable and not shown.paused),
            room.pause: gr.update(value="Resume" if shown.paused else "Pause"),
            room.end: gr.update(interactive=True),
            room.sure: gr.update(visible=False),
            room.notes: notes_list(shown.notes) if shown.notes else "",
            self.side: gr.update(visible=talking and state.plan.practice),
            self.grading: gr.update(visible=False),
        }
        if answer is not None:
            updates[room.answer] = answer
        if talking:
            # No scorecard of another interview may stand there while this one's grades are awaited.
            updates |= self._aside(state, shown.closed_exchange)
            updates |= {self.result: "", self.regrade: gr.update(visible=False)}
        else:
            card = self.service.card(state)
            whole = scorecard_page(state, card, self.service.guide)
            updates[self.result] = join(attempts_page(self.service, interview), whole) if state.plan.again else whole
            updates[self.regrade] = gr.update(visible=bool(ungraded(card)))
        return updates

    def _aside(self, state: Interview, exchange: int | None) -> Updates:
        """Draw the feedback on an exchange, and the wish for one's own rating where that comes first."""
        label = f"Before you see the feedback: how did question {(exchange or 0) + 1} go?"
        return {
            self.feedback: self._feedback(state, exchange),
            self.own: gr.update(visible=awaits_own(state, exchange), value=None, label=label),
            self.own_of: exchange,
        }

    def _feedback(self, state: Interview, exchange: int | None) -> str:
        if not state.plan.practice:
            return ""
        if exchange is None:
            return tag("p", "Practice mode: the feedback on each question appears here when it closes.", class_="quiet")
        if awaits_own(state, exchange):
            return tag(
                "p", "Rate yourself first; the feedback appears then, and at the end in any case.", class_="quiet"
            )
        return exchange_card(state, self.service.scored(state)[exchange], self.service.guide, after_end=False)

    def _busy(self, interview: str, answer: str | None = None) -> Updates:
        """Draw an interview while the interviewer is about to speak."""
        room = self.room
        return self.draw(interview, answer) | {
            room.go_on: gr.update(visible=False),
            room.edit: gr.update(interactive=False),
            room.send: gr.update(interactive=False),
            room.stop: gr.update(interactive=True),
        }

    # -- handlers that let the interviewer speak ---------------------------------------------------------------------

    def arrive(self, interview: str) -> Iterator[Updates]:
        """Show the interview of the address and go on where it was; the first screen when there is none."""
        try:
            shown = view(self.service.interview(interview), now()) if interview else None
        except UnknownInterview:
            gr.Info("The interview this page was on is no longer here.")
            shown = None
        if shown is None:
            yield {self.current: ""} | self.draw("")
            return
        draft = draft_to_show(self.service.draft(interview), shown.last_reply)
        yield from self.hold(interview, draft)

    def start(self, *choices: Any) -> Iterator[Updates]:
        """Plan an interview and let the interviewer open it."""
        yield from self.hold(self.service.start(chosen(*choices)), "")

    def say(self, interview: str, text: str) -> Iterator[Updates]:
        """Commit the answer, show it and stream what is said to it; the page empties the box once it is shown."""
        self.service.take(interview, text)
        yield from self.hold(interview)

    def wish(self, text: str) -> Callable[[str], Iterator[Updates]]:
        """Return a handler that says a text for the candidate and leaves the box as it is."""

        def say(interview: str) -> Iterator[Updates]:
            draft = self.service.draft(interview)
            self.service.take(interview, text)
            self.service.save_draft(interview, draft)
            yield from self.hold(interview)

        return say

    def finish(self, interview: str) -> Iterator[Updates]:
        """End the interview, stream the goodbye and show the scorecard."""
        yield from self.hold(interview, speech=self.service.finish)

    def hold(
        self,
        interview: str,
        answer: str | None = None,
        speech: Callable[[str], Iterator[str]] | None = None,
    ) -> Iterator[Updates]:
        """Show an interview, stream what the interviewer has to say, and draw it as it then stands.

        Args:
            answer: What the answer box is to hold; None leaves it as it is.
            speech: What streams the words; `Service.resume` when None.
        """
        yield {self.current: interview} | self._busy(interview, answer)
        try:
            said = view(self.service.interview(interview), now()).messages
            text = ""
            for piece in (speech or self.service.resume)(interview):
                text += piece
                yield {self.room.chat: [*said, message("interviewer", text)]}
        except Exception as error:
            # The page is still to be drawn from the log, with the button that lets the interviewer try again.
            warn(error)
        yield from self.settle(interview)

    def settle(self, interview: str) -> Iterator[Updates]:
        """Draw an interview that nobody is speaking in; after its end, wait for grades that are under way."""
        state = self.service.interview(interview)
        while state.closed and (running := self.service.wait_for_grades(interview, 0.5)):
            total = len(state.asked)
            bar = tag("progress", max=total, value=total - running, aria_label="Grading")
            words = f"Grading: {total - running} of {total} answers are done. You may leave and come back."
            yield {
                self.talk: gr.update(visible=False),
                self.done: gr.update(visible=True),
                self.grading: gr.update(value=tag("div", tag("p", words, role="status"), bar), visible=True),
            }
        yield self.draw(interview)

    # -- the other handlers ------------------------------------------------------------------------------------------

    def halt(self, interview: str) -> Iterator[Updates]:
        """Draw an interview whose stream was cut; what was shown stays on the page until the cut is written down."""
        yield {self.room.stop: gr.update(interactive=False), self.room.status: "Stopping …"}
        for _ in range(100):
            if not self.service.interview(interview).waiting:
                break
            time.sleep(0.1)
        yield self.draw(interview)

    def withdraw(self, interview: str) -> Updates:
        """Take the last answer back into the box."""
        return self.draw(interview, self.service.withdraw(interview))

    def toggle_pause(self, interview: str, speaking: bool) -> Updates:
        """Stop the clock, or let it run.

        Args:
            speaking: Whether words are coming; they go on, and the rest is drawn at their end.
        """
        if self.service.interview(interview).paused:
            self.service.unpause(interview)
        else:
            self.service.pause(interview)
        updates = self.draw(interview)
        kept = (self.room.status, self.room.pause, self.timer) if speaking else updates
        return {part: updates[part] for part in kept}

    def keep(self, interview: str, note: str) -> tuple[str, str]:
        """Keep a note of the candidate's own; return the emptied box and the list."""
        self.service.note(interview, note)
        return "", notes_list(self.service.interview(interview).notes)

    def rate_own(self, interview: str, exchange: int | None, overall: int | None) -> Updates:
        """Keep how the candidate saw an answer, and show its feedback."""
        if overall and exchange is not None and awaits_own(self.service.interview(interview), exchange):
            people.rate(self.service, interview, exchange, people.Form("self", overall=int(overall), blind=True))
        return self._aside(self.service.interview(interview), exchange)

    def tick(self, interview: str, feedback: str) -> tuple[Any, Any]:
        """Move the clock on; show feedback that has come in meanwhile."""
        if not interview:
            return gr.skip(), gr.skip()
        state = self.service.interview(interview)
        shown = view(state, now())
        fresh = self._feedback(state, shown.closed_exchange)
        return shown.status, fresh if fresh != feedback else gr.skip()

    def grade_again(self, interview: str) -> Iterator[Updates]:
        """Grade what has no grade yet."""
        for position in ungraded(self.service.scorecard(interview)):
            self.service.retry_grading(interview, position)
        yield from self.settle(interview)

    def save_draft(self, interview: str, text: str) -> str:
        """Keep what is being written; return what to show beneath it, which is nothing while that works."""
        try:
            if interview:
                self.service.save_draft(interview, text)
        except Exception as error:
            words = f"What you write is not being kept; copy it before you leave. {sentence(error)}"
            return tag("p", words, role="alert")
        return ""

    # -- events ------------------------------------------------------------------------------------------------------

    def stream(
        self, event: Any, handler: Callable[..., Any], inputs: Any, also: Sequence[Any] = (), js: str | None = None
    ) -> None:
        """Connect an event that lets the interviewer speak or waits for grades.

        Args:
            also: Components that the handler sets besides those of this tab.
        """
        made = event(guarded(handler), inputs, [*also, self.current, *self.drawn], js=js, **QUEUED)
        made.then(None, None, None, js=theme.FOCUS, **DIRECT)
        self.streams.append(made)

    def wire(self, blocks: gr.Blocks, opened: Callable[[], None]) -> None:
        """Connect components and handlers, but for what cuts a stream.

        Args:
            opened: Called when a page has been shown.
        """
        current, drawn, room = self.current, self.drawn, self.room

        def arrive(interview: str) -> Iterator[Updates]:
            yield from self.arrive(interview)
            opened()

        self.stream(blocks.load, arrive, current, js=theme.ARRIVE)
        self.stream(self.form.begin.click, self.start, self.form.choices)
        self.stream(room.send.click, self.say, [current, room.answer], js=theme.SEND)
        self.stream(room.go_on.click, self.hold, current)
        self.stream(room.end_now.click, self.finish, current)
        self.stream(self.regrade.click, self.grade_again, current)
        for button, text in zip([*room.wishes, room.skip], [*WISHES.values(), SKIP], strict=True):
            self.stream(button.click, self.wish(text), current)

        room.end.click(lambda: gr.update(visible=True), None, room.sure, **DIRECT).then(
            None, None, None, js="() => focusOn('#end-now')", **DIRECT
        )
        room.keep_on.click(lambda: gr.update(visible=False), None, room.sure, **DIRECT).then(
            None, None, None, js=theme.FOCUS, **DIRECT
        )
        room.edit.click(guarded(self.withdraw), current, drawn, **QUEUED).then(
            None, None, None, js=theme.FOCUS, **DIRECT
        )
        room.pause.click(guarded(self.toggle_pause), [current, self.speaking], drawn, js=theme.SPEAKING, **EACH)
        self.own.input(
            guarded(self.rate_own),
            [current, self.own_of, self.own], [self.feedback, self.own, self.own_of], **QUEUED,
        )  # fmt: skip
        room.keep_note.click(guarded(self.keep), [current, room.note], [room.note, room.notes], **QUEUED)
        # On change, not on input: Gradio's text box sends `input` for key presses only, and misses a paste or a cut.
        kept = [current, room.answer]
        room.answer.change(self.save_draft, kept, room.kept, trigger_mode="always_last", **DIRECT)
        self.timer.tick(guarded(self.tick), [current, self.feedback], [room.status, self.feedback], **DIRECT)
        current.change(None, current, None, js=theme.ADDRESS, **DIRECT)

    def wire_cuts(self) -> None:
        """Connect what cuts a stream, once every stream of the page is there."""
        current, drawn, room = self.current, self.drawn, self.room
        # Cut first: the events of one click run one after the other, and the drawing waits for the cut.
        room.stop.click(None, None, None, cancels=self.streams, **DIRECT)
        room.stop.click(guarded(self.halt), current, drawn, **QUEUED).then(None, None, None, js=theme.FOCUS, **DIRECT)
        self.again.click(None, None, None, cancels=self.streams, **DIRECT)
        self.again.click(lambda: {current: ""} | self.draw(""), None, [current, *drawn], **DIRECT).then(
            None, None, None, js="() => focusOn('#start input:checked')", **DIRECT
        )


def awaits_own(interview: Interview, exchange: int | None) -> bool:
    """Whether the feedback on an exchange waits for the candidate's own rating."""
    if exchange is None or not interview.plan.own_first or not interview.asked[exchange].replies:
        return False
    return not any(one.exchange == exchange and one.rater == "self" for one in interview.rated)
