"""The panel of the other bar, and of grading again: the exchange in view beside itself, and the whole interview."""

from collections.abc import Iterator
from typing import Any

import gradio as gr

from interviewer.prompts import load_prompt
from interviewer.review.regrade import Job, Regrading
from interviewer.service import Service
from interviewer.settings import EMBEDDED, Settings
from interviewer.ui.guard import DIRECT, QUEUED, guarded
from interviewer.ui.html import Html, join, tag
from interviewer.ui.sides import bars_page, graded_again, place_in_view, run_name, run_summary
from interviewer.wiring import Parts

Updates = dict[Any, Any]


class ComparePanel:
    """Components and handlers of the panel; the interview, exchange and run come with every event."""

    def __init__(self, service: Service, parts: Parts) -> None:
        """Lay out the panel inside the open accordion."""
        self.service, self.parts = service, parts
        self.regrading = Regrading(service, parts.settings.data_dir)
        self.place = place_in_view()
        self.both = gr.Checkbox(
            label="Show this answer under both bars",
            info="Senior and staff side by side. Under the other bar an answer is graded once, when you look at it.",
            elem_id="both-bars",
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
        return [self.place, self.run, self.progress]

    @property
    def drawn(self) -> list[Any]:
        """The components that `draw` sets."""
        return [self.bars, self.page, self.retry]

    def show(self, interview: str | None, exchange: int | None) -> Updates:
        """List the runs of the interview; the rest is drawn when the exchange in view is another."""
        return {self.place: f"{interview} {exchange}", self.run: self._runs(interview), self.progress: ""}

    def _runs(self, interview: str | None, chosen: str | None = None) -> Any:
        runs = self.regrading.runs(self.service.interview(interview)) if interview else []
        choices = [(run_name(run, self.service.guide.hash), run.id) for run in runs]
        # Without a value the one that was chosen stays chosen.
        value = {"value": chosen} if chosen or not runs else {}
        return gr.update(choices=choices, visible=bool(runs), **value)

    def draw(self, interview: str | None, exchange: int | None, both: bool, run: str | None) -> Updates:
        """Draw the exchange in view under both bars, if that is wanted, and beside the grades of a run."""
        bars, page, failed = Html(""), Html(""), False
        if interview and exchange is not None:
            if both:
                twice = self.regrading.other_bar(interview, exchange, self.parts.grader())
                none = tag("p", "This question has no answer that could be graded.", class_="quiet")
                bars = bars_page(twice, self.service.guide) if twice else none
            state = self.service.interview(interview)
            if run and any(one.id == run for one in self.regrading.runs(state)):
                summary = self.regrading.summary(state, run)
                here = [pair for pair in summary.pairs if pair.before.position == exchange]
                failed = exchange in summary.failed
                none = tag("p", "This answer is not graded in this run.", class_="quiet")
                parts = [graded_again(here[0]) if here else none, run_summary(summary)]
                page = tag("article", join(*parts), class_="card")
        return {self.bars: bars, self.page: page, self.retry: gr.update(visible=failed)}

    def begin(self, interview: str | None, exchange: int | None, both: bool, name: str) -> Iterator[Updates]:
        """Grade every answer of an interview again and show how far it is; an interrupted run is gone on with."""
        if not interview:
            return
        job = self._job(name)
        job = self._job(name, self.regrading.unfinished([interview], job) or job.run)
        yield from self._work(interview, job, self.regrading.left([interview], job))
        done = self.draw(interview, exchange, both, job.run)
        yield done | {self.progress: "", self.run: self._runs(interview, job.run)} | self._busy(False)

    def again(self, interview: str, exchange: int, both: bool, run: str) -> Iterator[Updates]:
        """Try one answer whose grading failed again, in the run it belongs to."""
        kept = next(one for one in self.regrading.runs(self.service.interview(interview)) if one.id == run)
        guide = self.regrading.guide(kept.guide)
        job = Job(self._job(self._name(kept.by)).grader, kept.level, guide, run=run)
        yield from self._work(interview, job, [(interview, exchange)])
        done = self.draw(interview, exchange, both, run)
        yield done | {self.progress: "", self.run: self._runs(interview, run)} | self._busy(False)

    def _work(self, interview: str, job: Job, tasks: list[tuple[str, int]]) -> Iterator[Updates]:
        yield {self.progress: _bar(0, len(tasks))} | self._busy(True)
        for done, _ in enumerate(self.regrading.work(tasks, job), 1):
            yield {self.progress: _bar(done, len(tasks))}

    def _job(self, name: str, run: str | None = None) -> Job:
        model = self.parts.settings.model(name)
        prompt = "" if model.embedded else load_prompt(self.parts.settings.prompts, "grade").hash
        job = Job(self.parts.grader_for(model), prompt=prompt)
        return Job(job.grader, prompt=prompt, run=run) if run else job

    def _name(self, spec: str) -> str:
        """Return the name of the configured model with a spec; a profile knows its address, a bare spec does not."""
        settings = self.parts.settings
        return next((name for name, model in settings.profiles.items() if model.model == spec), spec)

    def halted(self, interview: str | None, exchange: int | None, both: bool) -> Updates:
        """Draw what there is after a stop; the answers that were graded are kept."""
        runs = self.regrading.runs(self.service.interview(interview)) if interview else []
        newest = runs[0].id if runs else None
        words = tag("p", "Stopped. What was graded is kept; “Grade again” goes on with the rest.", class_="quiet")
        drawn = self.draw(interview, exchange, both, newest)
        return drawn | {self.progress: words, self.run: self._runs(interview, newest)} | self._busy(False)

    def _busy(self, busy: bool) -> Updates:
        return {self.grade: gr.update(interactive=not busy), self.stop: gr.update(visible=busy)}

    def wire(self, chosen: gr.State, exchange: gr.State) -> None:
        """Connect its events."""
        drawn = [*self.drawn, self.progress, self.run, self.grade, self.stop]
        gr.on(
            [self.place.change, self.both.change, self.run.change],
            guarded(self.draw), [chosen, exchange, self.both, self.run], self.drawn,
            trigger_mode="always_last", **QUEUED,
        )  # fmt: skip
        here = [chosen, exchange, self.both]
        work = [
            self.grade.click(guarded(self.begin), [*here, self.model], drawn, **QUEUED),
            self.retry.click(guarded(self.again), [*here, self.run], drawn, **QUEUED),
        ]
        # Cut first, then draw what there is.
        self.stop.click(None, None, None, cancels=work, **DIRECT)
        self.stop.click(guarded(self.halted), here, drawn, **QUEUED)


def models(settings: Settings) -> list[tuple[str, str]]:
    """Return every configured model as a choice: its words and its name."""
    names = {EMBEDDED: "embedded"} | {name: f"{name} ({model.model})" for name, model in settings.profiles.items()}
    spec = settings.grader.model
    return [(words, name) for name, words in (names if spec in names else names | {spec: spec}).items()]


def _bar(done: int, total: int) -> Html:
    words = f"Graded again: {done} of {total}." if total else "Nothing is left to grade."
    return tag("div", tag("p", words), tag("progress", max=max(total, 1), value=done, aria_label="Grading again"))
