"""Progress and people's own ratings in a real browser."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from interviewer.guide.model import Kind, Level
from interviewer.service import Service, Setup
from interviewer.settings import load_settings
from interviewer.store import open_store
from interviewer.wiring import Parts
from tests.e2e.conftest import App
from tests.e2e.driving import STRONG, end, said, say, wait_ready
from tests.e2e.test_accessible import findings
from tests.helpers import Clock, PlainInterviewer

pytestmark = pytest.mark.e2e
OTHER = (
    "Three mobile teams each had their own release train, and nobody was asked to change that. I wrote a proposal for "
    "one train, went to every lead, and gave up our own Friday slot for it. Since then all three ship together."
)


@pytest.fixture
def kept(unstarted: App, tmp_path: Path) -> App:
    """An app whose library holds three staff interviews, graded by the embedded grader."""
    parts = Parts(load_settings(env={"INTERVIEWER_DATA_DIR": str(unstarted.data)}))
    store, clock = open_store(unstarted.data), Clock()
    service = Service(parts.guide, store, parts.passages, parts.sensor, PlainInterviewer, parts.sensor, clock=clock)
    for number in range(3):
        interview = service.start(Setup(Level.STAFF, (Kind.BEHAVIORAL,), 25, seed=number))
        list(service.resume(interview))
        while not (state := service.interview(interview)).closed:
            clock.forward(minutes=2)
            list(service.reply(interview, (STRONG, OTHER)[len(state.asked) % 2]))
        clock.now += timedelta(days=5)
    store.close()
    unstarted.start()
    return unstarted


def test_what_was_held_becomes_what_to_practise(kept: App, page: Page, picture: Callable[[str], None]) -> None:
    page.goto(kept.url)
    expect(page.locator("#begin")).to_be_visible()
    page.get_by_role("tab", name="Progress").click()
    expect(page.locator("#stories details.story").first).to_be_visible()
    expect(page.get_by_label("Staff").last).to_be_checked()
    expect(page.locator("#courses svg[role=img]").first).to_be_visible()
    expect(page.locator("#stories")).to_contain_text("told 6 times")
    story = page.locator("#stories details.story", has_text="told").first
    story.locator("> summary").click()
    expect(story).to_contain_text("Own action:")
    assert not findings(page)
    picture("10-progress")
    exercise = page.locator(".exercise").first
    question = exercise.locator("p", has_text="On:").inner_text().removeprefix("On: ")
    page.locator("#exercise-1").click()
    expect(page.locator("#chat .bot.message")).to_have_count(1)
    wait_ready(page)
    assert question in said(page)[0]


def test_a_coach_rates_blind_and_an_objection_is_kept(kept: App, page: Page, picture: Callable[[str], None]) -> None:
    page.goto(kept.url)
    expect(page.locator("#begin")).to_be_visible()
    page.get_by_role("tab", name="Replay").click()
    page.locator("#library a").first.click()
    expect(page.locator("#place")).to_contain_text("Turn 1 of")
    page.locator("#replay-next").click()
    expect(page.locator("#place")).to_contain_text("Turn 2 of")
    page.get_by_role("button", name="Rate it yourself").click()
    page.get_by_label("Hide the grades on this page while I rate (blind)").check()
    expect(page.locator("#replay-ratings")).to_be_hidden()
    page.get_by_label("I coach or calibrate").check()
    page.locator("#rate-name input, #rate-name textarea").fill("Ana <b>")
    page.locator("#rate-overall").get_by_label("Hire", exact=True).check()
    page.get_by_role("button", name="Item by item").click()
    page.locator("#rate-rows fieldset").first.get_by_label("2 · shown", exact=True).check()
    picture("11-rate")
    page.locator("#rate-keep").click()
    expect(page.locator("#rate-page")).to_contain_text("Ana <b>")
    expect(page.locator("#rate-page")).to_contain_text("blind")
    expect(page.locator("#rate-page")).to_contain_text("Hire")
    page.get_by_label("Hide the grades on this page while I rate (blind)").uncheck()
    expect(page.locator("#replay-ratings")).to_be_visible()

    page.get_by_role("button", name="I disagree with a rating").click()
    page.locator("#dispute-item input").click()
    page.get_by_role("option").first.click()
    page.locator("#dispute-value label").last.click()
    page.locator("#dispute-why textarea").fill("The outcome stands in the last sentence.")
    page.locator("#dispute-keep").click()
    expect(page.locator("#rate-page")).to_contain_text("The outcome stands in the last sentence.")
    assert not findings(page)

    page.get_by_role("tab", name="Progress").click()
    expect(page.locator("#raters")).to_contain_text("Ana <b> and the grade")


def test_the_feedback_waits_for_ones_own_rating(app: App, page: Page, picture: Callable[[str], None]) -> None:
    page.goto(app.url)
    page.get_by_label("Staff", exact=True).check()
    page.get_by_text("More choices").click()
    page.get_by_label("Seed").fill("7")
    page.get_by_label("Practice mode").check()
    page.get_by_label("I rate myself first").check()
    page.locator("#begin").click()
    expect(page.locator("#chat .bot.message")).to_have_count(1)
    wait_ready(page)
    expect(page.locator("#own")).to_be_hidden()
    for _ in range(6):
        say(page, STRONG)
        if page.locator("#own").is_visible():
            break
    expect(page.locator("#own")).to_be_visible()
    expect(page.locator("#feedback")).to_contain_text("Rate yourself first")
    picture("12-own")
    page.locator("#own").get_by_label("Hire", exact=True).check()
    expect(page.locator("#own")).to_be_hidden()
    expect(page.locator("#feedback")).to_contain_text("Question 1")
    end(page)
    page.get_by_role("tab", name="Progress").click()
    expect(page.locator("#raters")).to_contain_text("Your own view beside the grade")
