"""Files: an interview out in several formats, and exported interviews and transcripts in."""

import atexit
import contextlib
import secrets
import shutil
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from interviewer import advice
from interviewer.errors import InputError
from interviewer.files.bring import Brought, Hints, bring, grade_all, read_lines
from interviewer.files.export import FORMATS, export, file_name, joined
from interviewer.guide.model import Kind, Level
from interviewer.service import Service
from interviewer.ui.guard import DIRECT, QUEUED, guarded, sentence
from interviewer.ui.html import Html, join, tag
from interviewer.wiring import Parts

BUTTONS = {"md": "Markdown", "html": "Web page", "pdf": "PDF", "json": "JSON", "jsonl": "JSON Lines",
           "calibration": "My ratings"}  # fmt: skip
# Seconds an exported file lies ready to be saved.
KEPT = 600
# The file is saved as soon as its link is there; `save` stays for a browser that asks first.
SAVE = """() => {
  const look = (tries) => {
    const link = document.querySelector('#export-save a[href], a#export-save[href]');
    const button = document.querySelector('#export-save button, button#export-save');
    if (link || button) (link || button).click();
    else if (tries) setTimeout(() => look(tries - 1), 50);
  };
  setTimeout(() => look(40), 50);
}"""
AS_READ = "As the questions read"
ABOUT_EXPORT = (
    "Markdown, web page and PDF are to read. JSON holds everything and can be imported again. JSON Lines is what "
    "`interviewer grade` reads, and My ratings what `interviewer bench agreement` reads."
)
ABOUT_IMPORT = (
    "An interview exported as JSON comes back as it was. A transcript of a real interview becomes one that is graded "
    "and can be replayed: a chat log with a name and a colon before what each says, WebVTT or SRT."
)

CSS = """
#import-files { border: 1px dashed var(--line); background: var(--sheet); border-radius: 14px; }
#import-files .wrap { font-size: 1rem; line-height: 1.5; }
#import-report section { padding: .8rem 0; border-top: 1px solid var(--line); }
#export-formats { flex-wrap: wrap; gap: .5rem; }
#export-formats button { min-width: 0; flex: 0 1 auto; width: auto; }
#export-save { width: auto; align-self: start; }
"""


class FilesPanel:
    """Exporting the interview that is open, and importing."""

    def __init__(self, service: Service, parts: Parts) -> None:
        """Lay out the panel."""
        self.service, self.parts = service, parts
        self.buttons: dict[str, gr.Button] = {}
        with gr.Column(visible=False, elem_id="export") as self.out:
            gr.Markdown(f"**Export this interview**  \n{ABOUT_EXPORT}")
            with gr.Row(elem_id="export-formats"):
                for name, words in BUTTONS.items():
                    self.buttons[name] = gr.Button(words, size="sm", scale=0, min_width=110, elem_id=f"export-{name}")
            self.save = gr.DownloadButton("Save the file", visible=False, size="sm", elem_id="export-save")
        self.into = ImportPanel(service, parts)
        self.imported = self.into.imported
        self.folder = Path(self.save.GRADIO_CACHE) / "interviewer-exports"
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)

    @property
    def shown(self) -> list[Any]:
        """The components that `show` sets."""
        return [self.out, self.save]

    def show(self, interview: str | None, exchange: int | None) -> dict[Any, Any]:
        """Draw the panel: the export is there while an interview is open."""
        return {self.out: gr.update(visible=bool(interview)), self.save: gr.update(visible=False)}

    def wire(self, chosen: gr.State, exchange: gr.State) -> None:
        """Connect its events."""
        for name, button in self.buttons.items():

            def made(interview: str | None, name: str = name) -> Any:
                return self.make(interview, name)

            button.click(guarded(made), chosen, self.save, **QUEUED).success(None, None, None, js=SAVE, **DIRECT)
        self.into.wire()

    def make(self, interview: str | None, name: str) -> Any:
        """Write an export and offer it.

        Raises:
            InputError: When there is nothing to write.
        """
        if not interview:
            raise InputError("Open an interview first, then export it.")
        data = export(self.service, interview, name, advice.why)
        if FORMATS[name].joined:
            data = joined([data], name)
        self._clear()
        # A folder nobody can guess, inside Gradio's own: from elsewhere it would keep a copy of the file.
        folder = self.folder / secrets.token_hex(16)
        folder.mkdir(parents=True, mode=0o700)
        path = folder / file_name(interview, self.service.interview(interview), name)
        path.write_bytes(data)
        later = threading.Timer(KEPT + 1, self._clear)
        later.daemon = True
        later.start()
        return gr.update(value=str(path), visible=True, label=f"Save {path.name} ({_size(len(data))})")

    def _clear(self) -> None:
        """Take away what was exported some minutes ago."""
        for old in self.folder.glob("*"):
            with contextlib.suppress(OSError):
                if time.time() - old.stat().st_mtime > KEPT:
                    shutil.rmtree(old)


class ImportPanel:
    """Bringing files in; `imported` changes whenever the library has got another interview."""

    def __init__(self, service: Service, parts: Parts) -> None:
        """Lay out the panel."""
        self.service, self.parts = service, parts
        self.imported = gr.State(0)
        gr.Markdown(f"**Import**  \n{ABOUT_IMPORT}")
        self.files = gr.File(
            label="Files", file_count="multiple", type="filepath", elem_id="import-files", height=130,
            file_types=[".json", ".txt", ".md", ".vtt", ".srt", ".log"],
        )  # fmt: skip
        with gr.Row():
            self.level = gr.Radio(
                [(one.value.capitalize(), one.value) for one in Level], value="senior", label="Level", min_width=180
            )
            self.kind = gr.Dropdown(
                [AS_READ, *((one.words.capitalize(), one.value) for one in Kind)], value=AS_READ, label="Questions",
                min_width=180,
            )  # fmt: skip
            self.candidate = gr.Textbox(
                label="Candidate's name in the file", placeholder="guessed when left empty", max_lines=1, min_width=180
            )
            self.lines = gr.Textbox(
                label="Lines that open a question", placeholder="found when left empty", max_lines=1, min_width=180
            )
        self.go = gr.Button("Import", size="sm", scale=0, min_width=120, elem_id="import-now", interactive=False)
        self.report = gr.HTML(elem_id="import-report")

    def wire(self) -> None:
        """Connect its events."""
        self.files.change(lambda files: gr.update(interactive=bool(files)), self.files, self.go, **QUEUED)
        self.go.click(
            guarded(self.bring),
            [self.files, self.level, self.kind, self.candidate, self.lines, self.imported],
            [self.report, self.imported, self.files],
            **QUEUED,
        )

    def bring(
        self, files: list[str] | None, level: str, kind: str, candidate: str, lines: str, count: int
    ) -> Iterator[dict[Any, Any]]:
        """Import files one by one and grade what is new, telling how far it is.

        Raises:
            InputError: When there is no file, or the lines are no line numbers.
        """
        if not files:
            raise InputError("Choose a file first.")
        hints = Hints(
            level=Level(level),
            kind=Kind(kind) if kind in set(Kind) else None,
            candidate=candidate.strip(),
            questions=read_lines(lines),
            grader=self.parts.settings.grader.model,
        )
        told: list[Html] = []
        for path in map(Path, files):
            yield {self.report: join(*told, tag("p", f"Reading {path.name} …", class_="quiet", role="status"))}
            try:
                brought = bring(path, self.service.store, self.service.guide, self._encode, hints)
                count += brought.outcome == "new"
                told.append(_told(brought))
                if brought.questions:
                    for done, total in grade_all(self.service, brought.interview):
                        yield {self.report: join(*told, _progress(brought.file, done, total))}
            except Exception as error:
                # One faulty file does not lose the others, nor what is told of them.
                words = sentence(error)
                told.append(tag("p", words if path.name in words else f"{path.name}: {words}", role="alert"))
            finally:
                # What was uploaded is read; a copy of somebody's interview is left nowhere else.
                path.unlink(missing_ok=True)
        yield {self.report: join(*told), self.imported: count, self.files: None}

    def _encode(self, texts: Sequence[str]) -> Any:
        return self.parts.encoder().encode(texts)


def _progress(file: str, done: int, total: int) -> Html:
    words = f"{file}: {done} of {total} answers graded …"
    return tag(
        "div", tag("p", words, role="status"), tag("progress", value=done, max=max(1, total), aria_label="Grading")
    )


def _told(brought: Brought) -> Html:
    """Return what was read of one file."""
    rows = []
    for one in brought.questions:
        follow_ups = f"{one.follow_ups} follow-up{'' if one.follow_ups == 1 else 's'}"
        where = tag("span", f" line {one.line}, {one.kind.words}, {follow_ups}", class_="where")
        rows.append(tag("li", " ".join(one.text.split())[:160], where))
    problems = [tag("li", str(problem)) for problem in brought.problems[:50]]
    if len(brought.problems) > 50:
        problems.append(tag("li", f"and {len(brought.problems) - 50} more"))
    return tag(
        "section",
        tag("p", tag("b", brought.file), " ", " ".join(brought.notes), role="status"),
        tag("p", "Questions found; if one is wrong, name the right lines and import again:") if rows else None,
        tag("ol", *rows, class_="notes") if rows else None,
        tag("p", "Not understood:") if problems else None,
        tag("ul", *problems, class_="notes") if problems else None,
        class_="exchange",
    )


def _size(count: int) -> str:
    return f"{count / 1024:,.0f} KB" if count >= 1024 else f"{count} bytes"
