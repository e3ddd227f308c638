"""The list of past interviews in the Replay tab: search, filters, pages."""

from datetime import date
from typing import Any

import gradio as gr

from interviewer.grading.rating import Verdict
from interviewer.guide.model import Kind, Level
from interviewer.review.library import Found, Library, Line, Query
from interviewer.ui.html import Html, join, tag
from interviewer.ui.timeline import FOLLOW, address
from interviewer.ui.view import day, kinds_words

PAGE = 50
# Seconds after which a list that was not complete is drawn again.
LOOK_AGAIN = 2
EMPTY = "No interviews yet. Hold one on the Interview tab, then step through it here."
NOTHING = "Nothing fits. Take a word out of the search, or clear the filters."
ANY = "Any"
OPEN = "Not finished"
NO_FILTERS = ("", ANY, ANY, ANY, "", "")


class Shelf:
    """Components of the list. What is looked for comes with every event."""

    def __init__(self, library: Library) -> None:
        """Lay out the list."""
        self.library = library
        self.offset = gr.State(0)
        with gr.Column(visible=False) as self.finder:
            self.words = gr.Textbox(
                label="Search your interviews",
                placeholder="a word of a name, answer or note",
                elem_id="find",
                max_lines=1,
            )
            with gr.Accordion("Filters", open=False), gr.Row(elem_id="replay-find"):
                kinds = [(kind.words.capitalize(), kind.value) for kind in Kind]
                verdicts = [(verdict.words.capitalize(), verdict.value) for verdict in reversed(Verdict)]
                levels = [(level.value.capitalize(), level.value) for level in Level]
                self.level = _choice("Level", levels)
                self.kind = _choice("Kind of question", kinds)
                self.verdict = _choice("Verdict", [*verdicts, (OPEN, OPEN)])
                self.since = gr.Textbox(label="From", placeholder="2026-01-31", max_lines=1, min_width=150)
                self.until = gr.Textbox(label="To", placeholder="2026-12-31", max_lines=1, min_width=150)
                self.clear = gr.Button("Clear", size="sm", scale=0, min_width=90, elem_id="find-clear")
        self.list = gr.HTML(elem_id="library", js_on_load=FOLLOW)
        self.soon = gr.Timer(LOOK_AGAIN, active=False)
        with gr.Row(elem_id="pages"):
            self.newer = gr.Button("← Newer", size="sm", scale=0, min_width=110, visible=False, elem_id="newer")
            self.older = gr.Button("Older →", size="sm", scale=0, min_width=110, visible=False, elem_id="older")

    @property
    def filters(self) -> list[Any]:
        """The components that say what to look for."""
        return [self.words, self.level, self.kind, self.verdict, self.since, self.until]

    @property
    def asked(self) -> list[Any]:
        """What `show` is given."""
        return [self.offset, *self.filters]

    @property
    def shown(self) -> list[Any]:
        """The components that `show` sets."""
        return [self.offset, self.finder, self.list, self.newer, self.older, self.soon]

    def show(self, offset: int, *filters: Any) -> dict[Any, Any]:
        """Draw one page of what fits.

        A date that cannot be read is told above the list and filters nothing. It is no error: Gradio drops the event
        that waits behind one that failed, and what was typed last would not be looked for.

        Args:
            offset: How many newer ones are on the pages before.
        """
        *choices, since, until = filters
        dates = [_date(text or "") for text in (since, until)]
        remarks = [date for date in dates if isinstance(date, str)]
        query = asked(*choices, *(None if isinstance(date, str) else date for date in dates))
        found = self.library.find(query, PAGE, offset)
        if offset and not found.lines:
            offset = 0
            found = self.library.find(query, PAGE, offset)
        any_kept = bool(found.total or found.unread) or (query != Query() and self.library.find(limit=1).total > 0)
        listed = page(found, offset) if any_kept else tag("p", EMPTY, class_="empty")
        return {
            self.offset: offset,
            self.finder: gr.update(visible=any_kept),
            self.list: join(*(tag("p", remark, role="status") for remark in remarks), listed),
            self.newer: gr.update(visible=offset > 0),
            self.older: gr.update(visible=offset + PAGE < found.total),
            self.soon: gr.Timer(active=bool(found.unread)),
        }

    def search(self, *filters: Any) -> dict[Any, Any]:
        """Draw the first page of what fits."""
        return self.show(0, *filters)

    def turn(self, by: int, offset: int, *filters: Any) -> dict[Any, Any]:
        """Draw the page before or after."""
        return self.show(max(0, offset + by * PAGE), *filters)


def _choice(label: str, choices: list[tuple[str, str]]) -> gr.Dropdown:
    return gr.Dropdown([ANY, *choices], value=ANY, label=label, min_width=150, filterable=False)


def asked(words: str, level: str, kind: str, verdict: str, since: date | None, until: date | None) -> Query:
    """Return what the filters ask for."""
    return Query(
        words=words or "",
        level=None if level == ANY else Level(level),
        kind=None if kind == ANY else Kind(kind),
        verdict=None if verdict in (ANY, OPEN) else Verdict(verdict),
        finished=False if verdict == OPEN else None,
        since=since,
        until=until,
    )


def _date(text: str) -> date | str | None:
    """Return a date, what to say of one that cannot be read, or None for none."""
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return f"{text!r} is not a date. Write it as 2026-01-31, or leave it empty."


def page(found: Found, offset: int) -> Html:
    """Return a page of interviews, each a link to its first turn."""
    unread = f" {found.unread} more are still being read." if found.unread else ""
    if not found.lines:
        return tag("p", NOTHING, unread, class_="empty")
    last = offset + len(found.lines)
    count = f"{found.total} interview{'' if found.total == 1 else 's'}"
    if found.total > len(found.lines):
        count = f"{offset + 1} to {last} of {count}"
    rows = [tag("li", tag("a", *_row(line), href=address(line.id, 0))) for line in found.lines]
    return tag("div", tag("p", f"{count}.", unread, class_="quiet", role="status"), tag("ul", *rows, class_="shelf"))


def _row(line: Line) -> list[Html]:
    name = line.name or day(line.started)
    about = [facts(line)] if not line.name else [day(line.started), facts(line)]
    return [
        tag("b", name, *labels(line)),
        tag("span", " · ".join(about), class_="quiet"),
        tag("span", outcome(line), class_="quiet came"),
    ]


def facts(line: Line) -> str:
    """Say what sort of interview it was."""
    questions = f"{line.questions} question{'' if line.questions == 1 else 's'}"
    return f"{line.level.value} · {kinds_words(line.kinds)} · {questions}"


def outcome(line: Line) -> str:
    """Say what it came to."""
    if not line.closed:
        return OPEN.lower()
    return line.verdict.words if line.verdict else "not enough to say"


def labels(line: Line) -> list[Html]:
    """Return where an interview comes from, when it was not simply held here."""
    found = [f"from {line.imported}"] if line.imported else []
    found += ["answered again"] if line.again else []
    return [join(" ", tag("span", text, class_="label")) for text in found]
