"""While words are on their way: nothing jumps, the newest stay in view, a stop stops them, and a draft is kept."""

import contextlib
import re
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from interviewer.embedding import load_encoder
from interviewer.guide.index import open_index
from interviewer.guide.markdown import read_guide
from tests.e2e.conftest import ROOT, App
from tests.e2e.driving import STRONG, WEAK, begin, end, said, say, wait_ready
from tests.fakes import Scripted, ScriptedServer, Step

pytestmark = pytest.mark.e2e

# Many short sentences; the screen gets them one by one.
FIRST = """You said that it was a big migration. Some of those take years. Others are over in a weekend. I would like
to stay with yours for a while. There is no need for the name of the system. A sketch of it will do for now."""
SECOND = """Everyone was happy in the end, as you put it. At the start of such work people seldom agree. Plans change
on the way. Somebody has to carry a pager meanwhile. Roles are enough here, without names. Think of the weeks before."""

OPENING = """We have time enough. Roles are enough here, without names. There is no need for the name of the system. A
sketch of it will do for now. I would like to stay with yours for a while."""


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


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the guide's index once; a busy machine takes minutes over it."""
    folder = tmp_path_factory.mktemp("store") / "index"
    guide, _ = read_guide([ROOT / "knowledge" / "guides"])
    open_index(guide, load_encoder(), folder).close()
    return folder


@contextlib.contextmanager
def model(app: App, index: Path, *script: Step, pause: float = 0.0) -> Iterator[PacedServer]:
    """Start the app with a scripted chat model for its interviewer, and with a ready index for it to retrieve from."""
    shutil.copytree(index, app.data / "index")
    with PacedServer(*script, pause=pause) as server:
        app.start(
            INTERVIEWER_INTERVIEWER_MODEL="openai:scripted",
            INTERVIEWER_INTERVIEWER_BASE_URL=server.url,
            INTERVIEWER_INTERVIEWER_PRICE_IN="1",
            INTERVIEWER_INTERVIEWER_PRICE_OUT="10",
        )
        yield server
        app.kill()


# Notes once a frame where things stand; the last notes are in `window.seen`.
WATCH = """() => {
  window.seen = [];
  const note = () => {
    const log = document.querySelector('#chat [role=log]'), box = document.querySelector('#answer');
    if (log && box) window.seen.push({
      box: Math.round(box.getBoundingClientRect().top), page: document.documentElement.scrollHeight,
      scrolled: window.scrollY, top: log.scrollTop, words: log.innerText.length,
    });
    requestAnimationFrame(note);
  };
  note();
}"""
LAST_IN_VIEW = """() => {
  const log = document.querySelector('#chat [role=log]').getBoundingClientRect();
  const last = [...document.querySelectorAll('#chat .bot.message')].at(-1).getBoundingClientRect();
  return last.bottom <= log.bottom + 1 && last.bottom > log.top && log.bottom <= innerHeight;
}"""


def test_nothing_jumps_while_words_come(unstarted: App, page: Page, index: Path) -> None:
    with model(unstarted, index, ASK, turn(FIRST), turn(SECOND), pause=0.03) as server:
        begin(page, unstarted)
        page.evaluate(WATCH)
        say(page, WEAK)
        seen = page.evaluate("window.seen")
        assert len({one["words"] for one in seen}) > 5, "the words did not come bit by bit"
        assert {one["box"] for one in seen} == {seen[0]["box"]}
        assert {one["page"] for one in seen} == {seen[0]["page"]}
        assert {one["scrolled"] for one in seen} == {seen[0]["scrolled"]}
        tops = [one["top"] for one in seen]
        assert tops == sorted(tops), "the conversation jumped back"
        assert page.evaluate(LAST_IN_VIEW)

        # Somebody who scrolls up to read is left alone, and so is what they write meanwhile.
        server.pause = 0.12
        page.locator("#answer textarea").fill(WEAK)
        page.keyboard.press("Control+Enter")
        expect(page.locator("#chat .bot.message")).to_have_count(3)
        page.locator("#chat [role=log]").hover()
        page.mouse.wheel(0, -4000)
        page.wait_for_function("document.querySelector('#chat [role=log]').scrollTop === 0")
        page.evaluate("window.seen = []")
        page.keyboard.type("A thought of mine")
        expect(page.locator("#stop")).to_be_enabled()
        wait_ready(page)
        page.keyboard.type(", written on.")
        expect(page.locator("#answer textarea")).to_have_value("A thought of mine, written on.")
        seen = page.evaluate("window.seen")
        assert len({one["words"] for one in seen}) > 2
        assert {one["top"] for one in seen} == {0}
        assert {one["box"] for one in seen} == {seen[0]["box"]}


def test_words_that_come_leave_a_note_alone(unstarted: App, page: Page, index: Path) -> None:
    with model(unstarted, index, ASK, turn(FIRST), pause=0.05):
        begin(page, unstarted)
        page.get_by_text("Your notes").click()
        page.locator("#answer textarea").fill(WEAK)
        page.keyboard.press("Control+Enter")
        expect(page.locator("#chat .bot.message")).to_have_count(2)
        page.locator("#note textarea").click()
        page.keyboard.type("Ask them")
        expect(page.locator("#stop")).to_be_enabled()
        wait_ready(page)
        page.wait_for_timeout(300)  # what would take the keyboard away comes a moment after the words
        page.keyboard.type(" what they use.")
        expect(page.locator("#note textarea")).to_have_value("Ask them what they use.")


def test_what_is_written_while_an_answer_is_sent_stays(app: App, page: Page) -> None:
    begin(page, app)
    box = page.locator("#answer textarea")
    # Both in one go: the answer is on its way when the next words are written.
    box.fill(WEAK)
    page.evaluate("""() => {
      document.getElementById('send').click();
      const box = document.querySelector('#answer textarea');
      box.value += ' And one more thing.';
      box.dispatchEvent(new Event('input', { bubbles: true }));
    }""")
    expect(page.locator("#chat .bot.message")).to_have_count(2)
    wait_ready(page)
    expect(box).to_have_value("And one more thing.")
    assert WEAK in page.locator("#chat .user.message").inner_text()
    page.get_by_role("button", name="Time left?").click()
    expect(page.locator("#chat .bot.message")).to_have_count(3)
    wait_ready(page)
    expect(box).to_have_value("And one more thing.")


def test_an_answer_that_was_refused_stays_in_the_box(app: App, page: Page) -> None:
    begin(page, app)
    long = "word " * 5000
    page.locator("#answer textarea").fill(long)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Shorten it and send it again")).to_be_visible()
    page.get_by_role("button", name="Time left?").click()
    expect(page.locator("#chat .bot.message")).to_have_count(2)
    wait_ready(page)
    expect(page.locator("#answer textarea")).to_have_value(long)


def test_the_cost_of_a_model_is_shown(unstarted: App, page: Page, index: Path) -> None:
    with model(unstarted, index, ASK, "All right. That was all, and I thank you for your time. Goodbye."):
        begin(page, unstarted)
        expect(page.locator("#status")).to_contain_text(re.compile(r"· cost 0\.\d+"))
        end(page)
        expect(page.locator("#scorecard")).to_contain_text(re.compile(r"Models used: .* tokens read.*; price 0\.\d+"))


def test_without_a_model_no_cost_is_shown(app: App, page: Page) -> None:
    begin(page, app)
    expect(page.locator("#status")).not_to_contain_text("cost")
    end(page)
    expect(page.locator("#scorecard")).not_to_contain_text("Models used")


def test_a_stop_stops_the_words_and_keeps_what_was_shown(unstarted: App, page: Page, index: Path) -> None:
    with model(unstarted, index, ASK, turn(FIRST), turn(SECOND), pause=0.1) as server:
        begin(page, unstarted)
        page.locator("#answer textarea").fill(WEAK)
        page.keyboard.press("Control+Enter")
        expect(page.locator("#chat .bot.message").last).to_contain_text("big migration.")
        expect(page.locator("#stop")).to_be_enabled()
        page.keyboard.press("Escape")
        expect(page.locator("#chat .bot.message").last).to_contain_text("(cut off)")
        wait_ready(page)
        cut = said(page)[-1]
        assert "A sketch of it" not in cut
        page.reload()
        wait_ready(page)
        assert said(page)[-1] == cut
        say(page, STRONG)  # and the interview goes on
        assert len(server.requests) == 3


def test_another_attempt_can_be_paused_and_stopped(unstarted: App, page: Page, index: Path) -> None:
    with model(unstarted, index, ASK, turn(FIRST), "That was all. Goodbye.", turn(OPENING)) as server:
        begin(page, unstarted)
        say(page, WEAK)
        end(page)
        page.locator("#open-replay").click()
        page.locator("#replay-next").click()
        expect(page.locator("#place")).to_contain_text("Turn 2 of")
        page.get_by_role("button", name="Answer again").click()
        server.pause = 0.5
        page.get_by_role("button", name="Answer this question again").click()
        expect(page.locator("#chat .bot.message").last).to_contain_text("Roles are enough")
        # A pause in mid-stream leaves the words and the way to stop them alone.
        page.locator("#pause").click()
        expect(page.locator("#status")).to_contain_text("clock paused")
        expect(page.locator("#stop")).to_be_enabled()
        page.locator("#pause").click()
        expect(page.locator("#status")).not_to_contain_text("clock paused")
        expect(page.locator("#go-on")).to_be_hidden()
        expect(page.locator("#stop")).to_be_enabled()
        page.locator("#stop").click()
        expect(page.locator("#chat .bot.message").last).to_contain_text("(cut off)")
        wait_ready(page)
        expect(page.locator("#answer textarea")).to_be_focused()
        assert len(server.requests) == 4


def test_a_new_interview_waits_for_no_grades(unstarted: App, page: Page) -> None:
    with ScriptedServer(Scripted(fault="hang")) as grader:
        unstarted.start(INTERVIEWER_GRADER_MODEL="openai:scripted", INTERVIEWER_GRADER_BASE_URL=grader.url)
        begin(page, unstarted)
        say(page, STRONG)
        page.locator("#end").click()
        page.locator("#end-now").click()
        expect(page.get_by_text(re.compile(r"Grading: \d of \d answers are done"))).to_be_visible()
        for _ in range(300):
            if grader.requests:
                break
            page.wait_for_timeout(200)
        page.locator("#again").click()
        expect(page.locator("#begin")).to_be_visible()
        page.wait_for_timeout(1500)  # longer than from one look at the grades to the next
        expect(page.locator("#begin")).to_be_visible()
        expect(page.locator("#again")).to_be_hidden()
        unstarted.kill()


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
