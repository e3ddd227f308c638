"""While words are on their way: nothing jumps, the newest stay in view, a stop stops them, and a draft is kept."""

import contextlib
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import App
from tests.e2e.driving import STRONG, WEAK, begin, end, say
from tests.fakes import ScriptedServer, Step

pytestmark = pytest.mark.e2e


class PacedServer(ScriptedServer):
    """A scripted chat model that sends its words one by one, with a pause in seconds before each."""

    def __init__(self, *script: Step, pause: float) -> None:
        super().__init__(*script)
        self.pause = pause
        handler: Any = self._server.RequestHandlerClass  # made for this server alone
        send = handler._chunk

        def paced(request: Any, text: str) -> None:
            time.sleep(self.pause)
            send(request, text)

        handler._chunk = paced


def turn(lead: str) -> Callable[[dict[str, Any]], str]:
    """Return a step that says a lead, then asks what the request wants asked."""

    def say(body: dict[str, Any]) -> str:
        words = str(body["messages"][-1]["content"])
        question = re.search(r"put this question.*\n\[\w+\]\n(.*)\n\[/", words)
        angle = re.search(r"Ask about this.*\n\[\w+\]\n(.*)\n\[/", words)
        asked = question[1] if question else f"Can you say {angle[1]}?" if angle else "Go on."
        return f"{' '.join(lead.split())} {asked}"

    return say


ASK = turn("We have time enough.")


@contextlib.contextmanager
def model(app: App, *script: Step, pause: float = 0.0) -> Iterator[PacedServer]:
    """Start the app with a scripted chat model for its interviewer."""
    with PacedServer(*script, pause=pause) as server:
        app.start(
            INTERVIEWER_INTERVIEWER_MODEL="openai:scripted",
            INTERVIEWER_INTERVIEWER_BASE_URL=server.url,
            INTERVIEWER_INTERVIEWER_PRICE_IN="1",
            INTERVIEWER_INTERVIEWER_PRICE_OUT="10",
        )
        yield server
        app.kill()


LAST_IN_VIEW = """() => {
  const log = document.querySelector('#chat [role=log]').getBoundingClientRect();
  const last = [...document.querySelectorAll('#chat .bot.message')].at(-1).getBoundingClientRect();
  return last.bottom <= log.bottom + 1 && last.bottom > log.top && log.bottom <= innerHeight;
}"""


def test_the_cost_of_a_model_is_shown(unstarted: App, page: Page) -> None:
    with model(unstarted, ASK, "All right. That was all, and I thank you for your time. Goodbye."):
        begin(page, unstarted)
        expect(page.locator("#status")).to_contain_text(re.compile(r"· cost 0\.\d+"))
        end(page)
        expect(page.locator("#scorecard")).to_contain_text(re.compile(r"Models used: .* tokens read.*; price 0\.\d+"))


def test_without_a_model_no_cost_is_shown(app: App, page: Page) -> None:
    begin(page, app)
    expect(page.locator("#status")).not_to_contain_text("cost")
    end(page)
    expect(page.locator("#scorecard")).not_to_contain_text("Models used")


def test_the_newest_words_are_in_view_on_a_phone(app: App, page: Page) -> None:
    page.set_viewport_size({"width": 375, "height": 812})
    begin(page, app)
    assert page.evaluate(LAST_IN_VIEW)
    for text in (WEAK, STRONG, "How much time is left?", STRONG):
        say(page, text)
        page.wait_for_function(LAST_IN_VIEW)
    page.set_viewport_size({"width": 812, "height": 700})
    page.set_viewport_size({"width": 375, "height": 812})
    page.wait_for_function(LAST_IN_VIEW)


def test_a_paste_and_a_cut_are_kept_as_draft(app: App, page: Page) -> None:
    begin(page, app)
    page.locator("#answer textarea").fill("A draft that was prepared elsewhere.")
    app.wait_for_draft("A draft that was prepared elsewhere.")
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+x")
    app.wait_for_draft("")
    page.keyboard.press("Control+v")
    page.keyboard.press("Control+v")
    app.wait_for_draft("A draft that was prepared elsewhere." * 2)


def test_a_draft_that_cannot_be_kept_says_so(app: App, page: Page) -> None:
    begin(page, app)
    with contextlib.closing(sqlite3.connect(app.data / "interviews.db", isolation_level=None)) as other:
        other.execute("begin exclusive")
        page.locator("#answer textarea").fill("Words that cannot be kept.")
        expect(page.locator("#kept")).to_contain_text("What you write is not being kept")
        other.execute("rollback")
    page.locator("#answer textarea").fill("Words that can be kept again.")
    app.wait_for_draft("Words that can be kept again.")
    expect(page.locator("#kept")).to_be_hidden()
    say(page, STRONG)
