"""How the browser tests hold an interview: two answers, and the steps they share."""

from playwright.sync_api import Page, expect

from tests.e2e.conftest import App, settled

WEAK = "We did a big migration and it went well. Everyone was happy with it."
STRONG = """Settlement kept missing its window, and nobody owned the reason. I wrote a proposal to take the ledger \
writes out of the monolith, went through it with the leads of four teams one by one, and changed it twice because \
billing feared double booking.

I chose a queue with idempotent keys over sharding the database: sharding would have taken nine months. What we gave \
up was reading our own writes for about two seconds, and I had support sign that off before we began.

I handed the rollout to two senior engineers and reviewed their plan each week. Failures fell from 3 % to 0.1 % in a \
quarter, and two other teams copied the pattern the year after."""


def said(page: Page) -> list[str]:
    """Return what the interviewer has said so far."""
    return page.locator("#chat .bot.message").all_inner_texts()


def wait_ready(page: Page) -> None:
    """Wait until the interviewer has finished and the room takes an answer."""
    expect(page.locator("#send")).to_be_enabled()
    expect(page.locator("#stop")).to_be_disabled()
    settled(page)


def say(page: Page, text: str) -> str:
    """Send an answer by keyboard and return what the interviewer says to it."""
    before = page.locator("#chat .bot.message").count()
    page.locator("#answer textarea").fill(text)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#chat .bot.message")).to_have_count(before + 1)
    wait_ready(page)
    expect(page.locator("#answer textarea")).to_have_value("")
    return said(page)[-1]


def begin(page: Page, app: App, level: str = "Staff", seed: int = 7, practice: bool = False) -> None:
    page.goto(app.url)
    page.get_by_label(level, exact=True).check()
    page.get_by_text("More choices").click()
    page.get_by_label("Seed").fill(str(seed))
    if practice:
        page.get_by_label("Practice mode").check()
    page.locator("#begin").click()
    expect(page.locator("#chat .bot.message")).to_have_count(1)
    wait_ready(page)


def end(page: Page) -> None:
    """End the interview and wait for its scorecard."""
    page.locator("#end").click()
    page.locator("#end-now").click()
    expect(page.locator("#scorecard .verdict")).to_be_visible()
