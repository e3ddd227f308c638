"""The Setup tab: what is configured, and what the guide holds."""

import gradio as gr

from interviewer.guide.model import Guide, Kind, Level
from interviewer.settings import ModelSettings, Settings
from interviewer.ui.html import Html, tag

KEYS = (
    ("Ctrl+Enter, Cmd+Enter", "send the answer"),
    ("Alt+P (on a Mac Ctrl+Option+P)", "pause, and resume"),
    ("Alt+N (Ctrl+Option+N)", "skip to the next question"),
    ("Alt+E (Ctrl+Option+E)", "end the interview"),
    ("Escape", "stop the interviewer's words"),
    ("Left, Right", "step through a replay"),
)


def lay_out(settings: Settings, guide: Guide) -> None:
    """Lay out the tab inside the open Blocks."""
    gr.HTML(page(settings, guide), elem_id="setup")


def page(settings: Settings, guide: Guide) -> Html:
    """Return what is configured as HTML."""
    configured = [
        ("Interviewer", _model(settings.interviewer)),
        ("Grader", _model(settings.grader)),
        ("Guide", f"{guide.title} ({settings.guide}, version {guide.hash})"),
        ("Data folder", settings.data_dir),
        ("Settings from", settings.source),
        ("Longest answer", f"{settings.max_reply_chars:,} characters"),
    ]
    return tag(
        "article",
        _section("What is configured", _table((), configured)),
        _section("The guide", _table(("", "Senior", "Staff"), _counts(guide))),
        _section("Keys", _table((), KEYS)),
        class_="card",
    )


def _model(model: ModelSettings) -> str:
    if model.embedded:
        return "embedded: no key, no network"
    return f"{model.model}{f' at {model.base_url}' if model.base_url else ''}: answers leave this machine"


def _counts(guide: Guide) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for kind in Kind:
        counts = [sum(q.kind is kind and q.level in (level, None) for q in guide.questions) for level in Level]
        rows.append((f"{kind.words.capitalize()} questions", *counts))
    rows.append(("Look-fors", *(sum(item.level is level for item in guide.look_fors) for level in Level)))
    rows.append(("Expectations", *(sum(item.level is level for item in guide.expectations) for level in Level)))
    rows.append(("Depth probes", len(guide.probes), len(guide.probes)))
    rows.append(("Red flags", len(guide.red_flags), len(guide.red_flags)))
    return rows


def _section(title: str, body: Html) -> Html:
    return tag("section", tag("h3", title), body)


def _table(head: tuple[str, ...], rows: object) -> Html:
    assert isinstance(rows, list | tuple)
    lines = [tag("tr", tag("th", row[0], scope="row"), *(tag("td", cell) for cell in row[1:])) for row in rows]
    top = tag("thead", tag("tr", *(tag("th", name, scope="col") for name in head))) if head else None
    return tag("table", top, tag("tbody", *lines))
