"""The page: its tabs put together, and the few events that go from one to another."""

import logging
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from interviewer.errors import UnknownInterview
from interviewer.service import Service
from interviewer.ui import files, progress, rate, setup, sides, start, theme, timeline
from interviewer.ui.again import AgainPanel
from interviewer.ui.endpoints import add_endpoints
from interviewer.ui.guard import DIRECT, IN_ORDER, QUEUED, guarded
from interviewer.ui.interview import InterviewTab
from interviewer.ui.progress import ProgressTab
from interviewer.ui.replay import ReplayTab
from interviewer.wiring import Parts

TITLE = "Mock interviewer"
CSS = "".join(part.CSS for part in (theme, timeline, sides, rate, files, progress))
LOG = logging.getLogger(__name__)


def build_screen(service: Service, parts: Parts, opened: Callable[[], None] = lambda: None) -> gr.Blocks:
    """Build the page; launch it with the theme, CSS and head of `interviewer.ui.theme`.

    Args:
        opened: Called whenever a page has been shown to somebody.
    """
    # A file that was chosen and never imported does not stay in the temporary folder.
    with gr.Blocks(title=TITLE, analytics_enabled=False, delete_cache=(3600, 3600)) as blocks:
        current = gr.BrowserState("", storage_key="interviewer", secret=browser_secret(parts.settings.data_dir))
        gr.HTML("<p><strong>Mock interviewer</strong> <span>Practice, not a hiring tool.</span></p>", elem_id="brand")
        with gr.Tabs() as tabs:
            with gr.Tab("Interview", id="interview"):
                interview = InterviewTab(service, current, start.models(parts.settings))
            with gr.Tab("Replay", id="replay") as replay_tab:
                replay = ReplayTab(service, parts)
            with gr.Tab("Progress", id="progress") as progress_tab:
                course = ProgressTab(service, parts)
            with gr.Tab("Setup", id="setup"):
                setup.lay_out(parts.settings, service.guide)
        interview.wire(blocks, opened)
        replay.wire()
        course.wire(progress_tab)
        _wire_between(interview, replay, course, tabs, replay_tab, current)
        interview.wire_cuts()
        _wire_address(blocks, replay, tabs)
        add_endpoints(service, parts)
    # Not `blocks.queue(...)`: it builds the whole web app once more, and every event names its own limit.
    return blocks


def _wire_between(
    interview: InterviewTab,
    replay: ReplayTab,
    course: ProgressTab,
    tabs: gr.Tabs,
    replay_tab: gr.Tab,
    current: gr.BrowserState,
) -> None:
    looked = replay.shelf.asked
    seen = [replay.chosen, replay.turn, replay.upto, *looked]
    back = replay_tab.select(guarded(replay.look_again), seen, replay.read, **IN_ORDER)
    replay.then_panels(back)
    attempts = [panel for panel in replay.panels if isinstance(panel, AgainPanel)]
    for panel in attempts:
        # Meanwhile the question in view may have been answered again, in an interview of its own.
        back.then(guarded(panel.draw), replay.drawn, panel.page, **QUEUED)

    def step_through(chosen: str) -> dict[Any, Any]:
        return {tabs: gr.Tabs(selected="replay")} | replay.go(f"{chosen} 1", None)

    replay.then_panels(interview.replay.click(guarded(step_through), current, [tabs, *replay.read], **QUEUED))

    def go_on(chosen: str) -> Iterator[dict[Any, Any]]:
        yield {tabs: gr.Tabs(selected="interview")}
        yield from interview.arrive(chosen)

    for event, chosen in (
        *((state.change, state) for state in (course.started, *(panel.begun for panel in attempts))),
        (replay.go_on.click, replay.chosen),
    ):
        # What is still being said in another interview would be written into this one.
        event(None, None, None, cancels=interview.streams, **DIRECT)
        interview.stream(event, go_on, chosen, [tabs])

    def gone(shown: str, *asked: Any) -> dict[Any, Any]:
        """Draw both tabs after a deletion; the interview on the first may be one of those that went."""
        kept = shown
        try:
            if shown:
                replay.service.interview(shown)
        except UnknownInterview:
            kept = ""
        first = interview.draw(kept) if not kept else {}
        folded = {replay.sure_all: gr.update(visible=False)}
        return {current: kept} | first | replay.refresh(*asked) | folded | replay.close()

    def delete(chosen: str | None, shown: str, *asked: Any) -> dict[Any, Any]:
        said = replay.remove(chosen)
        return gone(shown, *asked) | said

    def delete_all(shown: str, *asked: Any) -> dict[Any, Any]:
        said = replay.remove_all()
        return gone(shown, *asked) | said

    drawn = [current, *interview.drawn, *replay.read, replay.sure_all, replay.deleted]
    deleted = [
        replay.delete.click(guarded(delete), [replay.chosen, current, *looked], drawn, **IN_ORDER),
        replay.delete_all_now.click(guarded(delete_all), [current, *looked], drawn, **IN_ORDER),
    ]
    for event in deleted:
        replay.then_panels(event)
    # The events of one click run one after the other: where what was pressed has gone, the keyboard goes on elsewhere.
    for button in (replay.all, replay.delete):
        button.click(None, None, None, js="() => window.replay.left()", **DIRECT)
    replay.delete_all_now.click(None, None, None, js="() => focusOn('[role=tab][aria-selected=true]')", **DIRECT)
    for kept in (replay.keep_name.click, replay.name.submit):
        kept(None, None, None, js="() => focusOn('#rename')", **DIRECT)


def _wire_address(blocks: gr.Blocks, replay: ReplayTab, tabs: gr.Tabs) -> None:
    """Open the turn that the page's address names, and keep the turn in view in the address."""

    def arrive(wish: str) -> dict[Any, Any]:
        if not wish:
            return {replay.said: ""}
        return {tabs: gr.Tabs(selected="replay")} | replay.go(wish, None)

    replay.then_panels(blocks.load(guarded(arrive), replay.wish, [tabs, *replay.read], js=timeline.SCRIPT, **QUEUED))
    tabs.change(None, None, None, js="() => setTimeout(() => window.replay?.drawn(), 100)", **DIRECT)


def browser_secret(data_dir: Path) -> str:
    """Return the key the browser's note of the interview is kept with, the same after every start."""
    path = data_dir / "browser-key"
    try:
        if path.is_file() and (kept := path.read_text(encoding="ascii").strip()):
            return kept
        data_dir.mkdir(parents=True, exist_ok=True)
        fresh = secrets.token_hex(16)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(fresh)
        return fresh
    except (OSError, ValueError):
        # The page works without; a browser then forgets its interview when the program starts anew.
        LOG.warning("the browser key %s cannot be kept", path)
        return secrets.token_hex(16)
