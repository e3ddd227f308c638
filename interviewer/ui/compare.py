"""The panel of the other bar, and of grading again: the exchange in view beside itself, and the whole interview."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import gradio as gr

from interviewer.review.regrade import BAR, Job, Regrading
from interviewer.service import Service
from interviewer.settings import EMBEDDED, Settings
from interviewer.ui.guard import DIRECT, QUEUED, guarded, sentence
from interviewer.ui.html import Html, join, tag
from interviewer.ui.panel import InView
from interviewer.ui.sides import bars_page, graded_again, run_name, run_summary
from interviewer.wiring import Parts

Updates = dict[Any, Any]
STOPPED = tag(
    "p", "Stopped. What was graded is kept; “Grade again” goes on with the rest.", class_="quiet", role="status"
)


class ComparePanel:
    """Components and handlers of the panel; what is in view comes with every event."""

    def __init__(self, service: Service, parts: Parts) -> None:
        """Lay out the panel inside the open accordion."""
        self.service, self.parts = service, parts
        self.regrading = Regrading(service, parts.settings.data_dir)
        self.both = gr.Checkbox(
            label="Show this answer under both bars",
            info="Senior and staff side by side. Under the other bar an answer is graded once, when you look at it.",
        )
        self.bars = gr.HTML(elem_id="bars")
        with gr.Row(equal_height=False):
            self.model = gr.Dropdown(
                models(parts.settings), value=parts.settings.grader.model, label="Graded again by",
                elem_id="regrade-model", scale=1, min_width=220,
            )  # fmt: skip
            self.run = gr.Dropdown(
                [], label="Shown beside the first grades", elem_id="regrade-run", visible=False, scale=2, min_width=260
            )
        with gr.Row():
            self.grade = gr.Button("Grade again", elem_id="regrade", size="sm", scale=0, min_width=150)
            self.stop = gr.Button("Stop", elem_id="regrade-stop", size="sm", scale=0, min_width=100, visible=False)
            self.retry = gr.Button(
                "Try this answer again", elem_id="regrade-retry", size="sm", scale=0, min_width=200, visible=False
            )
        self.progress = gr.HTML(elem_id="regrade-progress")
        self.page = gr.HTML(elem_id="regraded")

    @property
    def shown(self) -> list[Any]:
        """The components that `show` sets."""
        return [self.progress]

    @property
    def drawn(self) -> list[Any]:
        """The components that `draw` sets."""
        return [self.bars, self.page, self.retry, self.run]

    def show(self, interview: str | None, exchange: int | None) -> Updates:
        """Take away what was said of the work; the rest is drawn when the exchange in view is another."""
        return {self.progress: ""}

    def draw(self, drawn: InView, both: bool, chosen: str | None) -> Iterator[Updates]:
        """Draw the exchange in view under both bars, if that is wanted, and beside the grades of a run.

        Args:
            chosen: The run, if one is chosen; it is let go of with its interview, for Gradio would keep it as a value
                that is none of the choices, and refuse every event that is handed one.
        """
        interview, exchange = drawn.interview, drawn.exchange
        state = self.service.interview(interview) if interview else None
        runs = self.regrading.runs(state) if state else []
        run = next((one.id for one in runs if one.id == chosen), None)
        choices = [(run_name(one, self.service.guide.hash), one.id) for one in runs]
        page, failed = Html(""), False
        if state and exchange is not None and run:
            summary = self.regrading.summary(state, run)
            here = [pair for pair in summary.pairs if pair.before.position == exchange]
            failed = exchange in summary.failed
            none = tag("p", "This answer is not graded in this run.", class_="quiet")
            parts = [graded_again(here[0]) if here else none, run_summary(summary)]
            page = tag("article", join(*parts), class_="card")
        updates = {
            self.page: page,
            self.retry: gr.update(visible=failed),
            self.run: gr.update(choices=choices, value=run, visible=bool(runs)),
        }
        if not (state and interview and exchange is not None and both):
            yield updates | {self.bars: ""}
            return
        if not any((event.run, event.exchange) == (BAR, exchange) for event in state.regraded):
            yield updates | {self.bars: tag("p", "Grading under the other bar …", class_="quiet", role="status")}
        try:
            twice = self.regrading.other_bar(interview, exchange, self.parts.grader())
            none = tag("p", "This question has no answer that could be graded.", class_="quiet")
            bars = bars_page(twice, self.service.guide) if twice else none
        except Exception as error:
            # Told here: raised, it would leave the words above standing.
            bars = tag("p", sentence(error), role="alert")
        yield updates | {self.bars: bars}

    def begin(self, drawn: InView, name: str) -> Iterator[Updates]:
        """Grade every answer of an interview again and show how far it is; an interrupted run is gone on with."""
        if not drawn.interview:
            return
        job = self.parts.job(self.parts.settings.model(name))
        if run := self.regrading.unfinished([drawn.interview], job):
            job = replace(job, run=run)
        yield from self._work(job, self.regrading.left([drawn.interview], job))

    def again(self, drawn: InView, run: str) -> Iterator[Updates]:
        """Try one answer whose grading failed again, in the run it belongs to."""
        interview, exchange = drawn.interview, drawn.exchange
        if interview is None or exchange is None:
            return
        kept = next(one for one in self.regrading.runs(self.service.interview(interview)) if one.id == run)
        model = self.parts.settings.model(self._name(kept.by))
        job = self.parts.job(model, kept.level, self.regrading.guide(kept.guide))
        yield from self._work(replace(job, run=run), [(interview, exchange)])

    def _work(self, job: Job, tasks: list[tuple[str, int]]) -> Iterator[Updates]:
        yield {self.progress: _bar(0, len(tasks))} | self._busy(True)
        for done, _ in enumerate(self.regrading.work(tasks, job), 1):
            yield {self.progress: _bar(done, len(tasks))}
        yield {self.progress: ""}

    def worked(self, drawn: InView, both: bool) -> Iterator[Updates]:
        """Draw the newest run of what is in view by now, after work that came to its end, failed or was stopped."""
        runs = self.regrading.runs(self.service.interview(drawn.interview)) if drawn.interview else []
        for updates in self.draw(drawn, both, runs[0].id if runs else None):
            yield updates | self._busy(False)

    def _name(self, spec: str) -> str:
        """Return the name of the configured model with a spec; a profile knows its address, a bare spec does not."""
        settings = self.parts.settings
        return next((name for name, model in settings.profiles.items() if model.model == spec), spec)

    def _busy(self, busy: bool) -> Updates:
        return {self.grade: gr.update(interactive=not busy), self.stop: gr.update(visible=busy)}

    def wire(self, chosen: gr.State, drawn: gr.State) -> None:
        """Connect its events."""
        gr.on(
            [drawn.change, self.both.input, self.run.input],
            guarded(self.draw), [drawn, self.both, self.run], self.drawn, trigger_mode="always_last", **QUEUED,
        )  # fmt: skip
        busy = [self.progress, self.grade, self.stop]
        work = [
            self.grade.click(guarded(self.begin), [drawn, self.model], busy, **QUEUED),
            self.retry.click(guarded(self.again), [drawn, self.run], busy, **QUEUED),
        ]
        for one in work:
            one.then(guarded(self.worked), [drawn, self.both], [*self.drawn, self.grade, self.stop], **QUEUED)
        # Cut first, which ends the work; then say so.
        self.stop.click(None, None, None, cancels=work, **DIRECT)
        self.stop.click(lambda: STOPPED, None, self.progress, **DIRECT)


def models(settings: Settings) -> list[tuple[str, str]]:
    """Return every configured model as a choice: its words and its name."""
    names = {EMBEDDED: "embedded"} | {name: f"{name} ({model.model})" for name, model in settings.profiles.items()}
    spec = settings.grader.model
    return [(words, name) for name, words in (names if spec in names else names | {spec: spec}).items()]


def _bar(done: int, total: int) -> Html:
    words = f"Graded again: {done} of {total}." if total else "Nothing is left to grade."
    return tag(
        "div",
        tag("p", words, role="status"),
        tag("progress", max=max(total, 1), value=done, aria_label="Grading again"),
    )
