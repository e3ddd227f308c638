"""The Interview tab: the first screen, the conversation, the scorecard. Everything is drawn from the event log."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr

from interviewer.errors import UnknownInterview
from interviewer.guide.model import Kind, Level
from interviewer.interview.events import Interview, now
from interviewer.interview.plan import MAX_MINUTES, MIN_MINUTES
from interviewer.service import Service, Setup
from interviewer.ui import theme
from interviewer.ui.card import exchange_card, notes_list, scorecard_page
from interviewer.ui.guard import guarded
from interviewer.ui.html import tag
from interviewer.ui.view import draft_to_show, message, view

# What the small buttons say for the candidate; the interview knows these wishes in any words.
WISHES = {
    "Ask differently": "Could you ask me that differently?",
    "Time left?": "How much time is left?",
    "Come back later": "Can we come back to this later?",
    "No example": "I don't have an example for this.",
}
SKIP = "Let's skip this question."
TICK = 15
Updates = dict[Any, Any]


class InterviewTab:
    """Components and handlers of the tab. Holds nothing of an interview: its id comes with every event."""

    def __init__(self, service: Service, current: gr.BrowserState) -> None:
        """Lay out the tab inside the open Blocks.

        Args:
            current: The id of the interview this page shows; empty on the first screen.
        """
        self.service = service
        self.current = current
        with gr.Column(elem_id="start") as self.start_screen:
            self._lay_out_start()
        with gr.Row(visible=False, equal_height=False) as self.talk:
            with gr.Column(scale=3, min_width=300):
                self._lay_out_talk()
            with gr.Column(scale=2, min_width=300, visible=False) as self.side:
                self.feedback = gr.HTML(elem_id="feedback")
        with gr.Column(visible=False) as self.done:
            self.grading = gr.HTML(visible=False)
            self.result = gr.HTML(elem_id="scorecard")
            with gr.Row(elem_id="after"):
                self.again = gr.Button("New interview", variant="primary", elem_id="again", scale=0, min_width=180)
                self.replay = gr.Button("Step through it", elem_id="open-replay", scale=0, min_width=180)
                self.regrade = gr.Button("Grade what is missing", visible=False, scale=0, min_width=220)
        self.timer = gr.Timer(TICK, active=False)

    def _lay_out_start(self) -> None:
        gr.Markdown(
            "# Mock interviews for senior and staff engineers, graded item by item with your own words as evidence\n\n"
            "Practice, not a hiring tool. Everything stays on this machine unless a model is configured."
        )
        self.level = gr.Radio(
            [(level.value.capitalize(), level.value) for level in Level], value="senior", label="Level"
        )
        self.kinds = gr.CheckboxGroup(
            [(kind.words.capitalize(), kind.value) for kind in Kind],
            value=[Kind.BEHAVIORAL.value],
            label="Kinds of question",
            info="All four make a full loop.",
        )
        self.minutes = gr.Slider(MIN_MINUTES, MAX_MINUTES, value=45, step=5, label="Length in minutes", buttons=[])
        self.begin = gr.Button("Start", variant="primary", elem_id="begin")
        with gr.Accordion("More choices", open=False):
            self.manner = gr.Radio(
                [("Friendly", "friendly"), ("Neutral", "neutral"), ("Tough", "tough")], value="neutral", label="Manner"
            )
            self.practice = gr.Checkbox(
                label="Practice mode", info="Shows the feedback on each question as soon as it closes."
            )
            self.seed = gr.Number(
                label="Seed", info="A whole number; the same seed brings the same questions.", precision=0, value=None
            )

    def _lay_out_talk(self) -> None:
        self.status = gr.Markdown(elem_id="status")
        self.chat = gr.Chatbot(
            label="Conversation",
            show_label=False,
            elem_id="chat",
            height="max(20rem, calc(100dvh - 30rem))",
            allow_tags=False,
            latex_delimiters=[],
            render_markdown=False,
            group_consecutive_messages=False,
            feedback_options=None,
            buttons=["copy_all"],
        )
        self.go_on = gr.Button("Let the interviewer go on", variant="primary", visible=False, elem_id="go-on")
        self.answer = gr.Textbox(
            label="Your answer",
            info="Ctrl+Enter or Cmd+Enter sends, Enter starts a new line. Kept as you type.",
            lines=4,
            max_lines=14,
            elem_id="answer",
            autofocus=True,
        )
        with gr.Row(elem_id="tools"):
            self.send = gr.Button("Send", variant="primary", elem_id="send")
            self.stop = gr.Button("Stop", elem_id="stop", interactive=False)
            self.edit = gr.Button("Edit last answer", elem_id="edit", interactive=False)
            self.pause = gr.Button("Pause", elem_id="pause")
            self.end = gr.Button("End", elem_id="end")
        with gr.Row(visible=False) as self.sure:
            gr.Markdown("End here and see the scorecard?")
            self.end_now = gr.Button("End the interview", variant="stop", elem_id="end-now")
            self.keep_on = gr.Button("Go on with it", elem_id="keep-on")
        with gr.Row(elem_id="quick"):
            self.wishes = [gr.Button(name, size="sm") for name in WISHES]
            self.skip = gr.Button("Skip", size="sm", elem_id="skip")
        with gr.Accordion("Your notes", open=False):
            self.note = gr.Textbox(label="A note to yourself, kept with the transcript", lines=2, elem_id="note")
            self.keep_note = gr.Button("Keep note", size="sm", elem_id="keep-note")
            self.notes = gr.HTML()

    @property
    def drawn(self) -> list[Any]:
        """The components that `draw` sets."""
        return [
            self.start_screen, self.talk, self.done, self.status, self.chat, self.go_on, self.answer, self.send,
            self.stop, self.edit, self.pause, self.end, self.sure, self.side, self.feedback, self.notes, self.grading,
            self.result, self.regrade, self.timer,
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
        state = self.service.interview(interview)
        shown = view(state, now())
        talking = shown.phase == "talk"
        updates: Updates = {
            self.start_screen: gr.update(visible=False),
            self.talk: gr.update(visible=talking),
            self.done: gr.update(visible=not talking),
            self.timer: gr.Timer(active=talking and not shown.paused),
            self.status: shown.status,
            self.chat: shown.messages,
            self.go_on: gr.update(visible=shown.owed and not shown.paused),
            self.send: gr.update(interactive=not shown.paused),
            self.stop: gr.update(interactive=False),
            self.edit: gr.update(interactive=shown.editable and not shown.paused),
            self.pause: gr.update(value="Resume" if shown.paused else "Pause"),
            self.end: gr.update(interactive=True),
            self.sure: gr.update(visible=False),
            self.notes: notes_list(shown.notes) if shown.notes else "",
            self.side: gr.update(visible=talking and state.plan.practice),
            self.grading: gr.update(visible=False),
        }
        if answer is not None:
            updates[self.answer] = answer
        if talking:
            updates[self.feedback] = self._feedback(state, shown.closed_exchange)
        else:
            card = self.service.card(state)
            updates[self.result] = scorecard_page(state, card, self.service.guide)
            missing = any(one.assessment is None or one.assessment.outcome == "ungraded" for one in card.exchanges)
            updates[self.regrade] = gr.update(visible=missing)
        return updates

    def _feedback(self, state: Interview, exchange: int | None) -> str:
        if not state.plan.practice:
            return ""
        if exchange is None:
            return tag("p", "Practice mode: the feedback on each question appears here when it closes.", class_="quiet")
        return exchange_card(state, self.service.scored(state)[exchange], self.service.guide, after_end=False)

    def _busy(self, interview: str, answer: str | None = None) -> Updates:
        """Draw an interview while the interviewer is about to speak."""
        return self.draw(interview, answer) | {
            self.go_on: gr.update(visible=False),
            self.edit: gr.update(interactive=False),
            self.send: gr.update(interactive=False),
            self.stop: gr.update(interactive=True),
        }

    # -- handlers ----------------------------------------------------------------------------------------------------

    def arrive(self, interview: str) -> Updates:
        """Draw the interview of the address, or the first screen when there is none."""
        if not interview:
            return {self.current: ""} | self.draw("")
        try:
            shown = view(self.service.interview(interview), now())
        except UnknownInterview:
            gr.Info("The interview this page was on is no longer here.")
            return {self.current: ""} | self.draw("")
        draft = draft_to_show(self.service.draft(interview), shown.last_reply)
        return {self.current: interview} | self._busy(interview, draft)

    def start(
        self, level: str, kinds: list[str], minutes: float, manner: Any, practice: bool, seed: float | None
    ) -> Updates:
        """Plan an interview and show its empty room."""
        setup = Setup(
            level=Level(level),
            kinds=tuple(Kind(kind) for kind in kinds),
            minutes=int(minutes),
            seed=None if seed is None else int(seed),
            manner=manner,
            practice=practice,
        )
        interview = self.service.start(setup)
        return {self.current: interview} | self._busy(interview, "")

    def take(self, interview: str, text: str) -> Updates:
        """Commit the answer and show it; the box is emptied only once it is safe."""
        self.service.take(interview, text)
        return self._busy(interview, "")

    def wish(self, text: str) -> Callable[[str], Updates]:
        """Return a handler that says a text for the candidate and leaves the box as it is."""

        def say(interview: str) -> Updates:
            draft = self.service.draft(interview)
            self.service.take(interview, text)
            self.service.save_draft(interview, draft)
            return self._busy(interview)

        return say

    def speak(self, interview: str) -> Iterator[list[dict[str, Any]]]:
        """Stream what the interviewer still has to say."""
        if not interview:
            yield []
            return
        said = view(self.service.interview(interview), now()).messages
        yield said
        text = ""
        for piece in self.service.resume(interview):
            text += piece
            yield [*said, message("interviewer", text)]

    def settle(self, interview: str) -> Iterator[Updates]:
        """Draw the interview after the interviewer has spoken; after its end, wait for grades that are under way."""
        if not interview:
            yield self.draw("")
            return
        state = self.service.interview(interview)
        while state.closed and (running := self.service.wait_for_grades(interview, 0.5)):
            total = len(state.asked)
            bar = tag("progress", max=total, value=total - running, aria_label="Grading")
            words = tag("p", f"Grading: {total - running} of {total} answers are done. You may leave and come back.")
            yield {
                self.talk: gr.update(visible=False),
                self.done: gr.update(visible=True),
                self.grading: gr.update(value=tag("div", words, bar), visible=True),
            }
        yield self.draw(interview)

    def halt(self, interview: str) -> Updates:
        """Draw the interview after its stream was cut; gives the cut a moment to be written down."""
        for _ in range(20):
            if not self.service.interview(interview).waiting:
                break
            time.sleep(0.05)
        return self.draw(interview)

    def withdraw(self, interview: str) -> Updates:
        """Take the last answer back into the box."""
        return self.draw(interview, self.service.withdraw(interview))

    def toggle_pause(self, interview: str) -> Updates:
        """Stop the clock, or let it run."""
        if self.service.interview(interview).paused:
            self.service.unpause(interview)
        else:
            self.service.pause(interview)
        return self.draw(interview)

    def finish(self, interview: str) -> Iterator[list[dict[str, Any]]]:
        """End the interview and stream the goodbye."""
        said = view(self.service.interview(interview), now()).messages
        text = ""
        for piece in self.service.finish(interview):
            text += piece
            yield [*said, message("interviewer", text)]

    def keep(self, interview: str, note: str) -> tuple[str, str]:
        """Keep a note of the candidate's own; return the emptied box and the list."""
        self.service.note(interview, note)
        return "", notes_list(self.service.interview(interview).notes)

    def tick(self, interview: str, feedback: str) -> tuple[Any, Any]:
        """Move the clock on; show feedback that has come in meanwhile."""
        if not interview:
            return gr.skip(), gr.skip()
        state = self.service.interview(interview)
        shown = view(state, now())
        fresh = self._feedback(state, shown.closed_exchange)
        return shown.status, fresh if fresh != feedback else gr.skip()

    def grade_again(self, interview: str) -> None:
        """Grade what has no grade yet."""
        for one in self.service.scorecard(interview).exchanges:
            if one.assessment is None or one.assessment.outcome == "ungraded":
                self.service.retry_grading(interview, one.position)

    def save_draft(self, interview: str, text: str) -> None:
        """Keep what is being written."""
        if interview:
            self.service.save_draft(interview, text)

    # -- events ------------------------------------------------------------------------------------------------------

    def wire(self, blocks: gr.Blocks, opened: Callable[[], None]) -> None:
        """Connect components and handlers.

        Args:
            opened: Called when a page has been shown.
        """
        current, drawn = self.current, self.drawn
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        now_: dict[str, Any] = quiet | {"queue": False}
        speaks: dict[str, Any] = quiet | {"concurrency_limit": 16}

        def arrive(interview: str) -> Updates:
            opened()
            return self.arrive(interview)

        streams = []

        def then_speak(event: Any) -> None:
            speaking = event.success(guarded(self.speak), current, self.chat, **speaks)
            settling = speaking.then(guarded(self.settle), current, drawn, **speaks)
            settling.then(None, None, None, js=theme.FOCUS, **now_)
            streams.append(speaking)

        then_speak(blocks.load(guarded(arrive), current, [current, *drawn], js=theme.ARRIVE, **now_))
        choices = [self.level, self.kinds, self.minutes, self.manner, self.practice, self.seed]
        then_speak(self.begin.click(guarded(self.start), choices, [current, *drawn], **now_))
        then_speak(self.send.click(guarded(self.take), [current, self.answer], drawn, **now_))
        then_speak(self.go_on.click(guarded(self._busy), current, drawn, **now_))
        for button, text in zip([*self.wishes, self.skip], [*WISHES.values(), SKIP], strict=True):
            then_speak(button.click(guarded(self.wish(text)), current, drawn, **now_))
        ending = self.end_now.click(guarded(self.finish), current, self.chat, **speaks)
        ending.then(guarded(self.settle), current, drawn, **speaks)
        self.stop.click(guarded(self.halt), current, drawn, cancels=[*streams], **now_)

        self.end.click(lambda: gr.update(visible=True), None, self.sure, **now_)
        self.keep_on.click(lambda: gr.update(visible=False), None, self.sure, **now_)
        self.edit.click(guarded(self.withdraw), current, drawn, **now_).then(None, None, None, js=theme.FOCUS, **now_)
        self.pause.click(guarded(self.toggle_pause), current, drawn, **now_)
        self.keep_note.click(guarded(self.keep), [current, self.note], [self.note, self.notes], **now_)
        self.again.click(lambda: {current: ""} | self.draw(""), None, [current, *drawn], **now_)
        again = self.regrade.click(guarded(self.grade_again), current, None, **speaks)
        again.then(guarded(self.settle), current, drawn, **speaks)
        self.answer.input(guarded(self.save_draft), [current, self.answer], None, trigger_mode="always_last", **now_)
        self.timer.tick(guarded(self.tick), [current, self.feedback], [self.status, self.feedback], **now_)
        current.change(None, current, None, js=theme.ADDRESS, **now_)
