"""The room of an interview: conversation, answer box, buttons, notes. Layout only."""

import gradio as gr

# What the small buttons say for the candidate; the interview knows these wishes in any words.
WISHES = {
    "Ask differently": "Could you ask me that differently?",
    "Time left?": "How much time is left?",
    "Come back later": "Can we come back to this later?",
    "No example": "I don't have an example for this.",
}
SKIP = "Let's skip this question."


class Room:
    """Components of a running interview."""

    def __init__(self) -> None:
        """Lay out the room inside the open Blocks."""
        self.status = gr.Markdown(elem_id="status")
        self.chat = gr.Chatbot(
            label="Conversation",
            show_label=False,
            elem_id="chat",
            height="max(20rem, calc(100dvh - 27.5rem))",
            allow_tags=False,
            latex_delimiters=[],
            render_markdown=False,
            group_consecutive_messages=False,
            autoscroll=False,
            feedback_options=None,
            buttons=[],
        )
        self.go_on = gr.Button("Let the interviewer go on", variant="primary", visible=False, elem_id="go-on")
        self.answer = gr.Textbox(
            label="Your answer",
            info="Ctrl+Enter or Cmd+Enter sends, Enter starts a new line. Kept as you type.",
            lines=3,
            max_lines=14,
            elem_id="answer",
            autofocus=True,
        )
        self.kept = gr.HTML(elem_id="kept")
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
