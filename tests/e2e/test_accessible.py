"""Who does without a mouse, or without seeing the screen: keys all the way, and what axe-core finds."""

import json
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import App
from tests.e2e.driving import STRONG, WEAK, begin, end, say, wait_ready

pytestmark = pytest.mark.e2e

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


def findings(page: Page) -> list[str]:
    """Return what axe-core finds to be serious or critical, light and dark, a line each."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found = []
    for scheme in ("light", "dark"):
        page.evaluate("dark => document.body.classList.toggle('dark', dark)", scheme == "dark")
        page.wait_for_timeout(300)
        violations: list[dict[str, Any]] = page.evaluate("axe.run().then(results => results.violations)")
        for violation in violations:
            if violation["impact"] in ("serious", "critical"):
                where = [node["html"][:160] + " " + json.dumps(node["target"]) for node in violation["nodes"]]
                found.append(f"{scheme}: {violation['id']}: {violation['help']}\n  " + "\n  ".join(where[:4]))
    page.evaluate("document.body.classList.remove('dark')")
    return found


def test_axe_finds_nothing_serious(app: App, page: Page) -> None:
    found: dict[str, list[str]] = {}
    page.goto(app.url)
    expect(page.locator("#begin")).to_be_visible()
    page.get_by_text("More choices").click()
    found["first screen"] = findings(page)
    page.get_by_text("More choices").click()
    begin(page, app, practice=True)
    say(page, STRONG)
    say(page, "Let's skip this question.")
    page.get_by_text("Your notes").click()
    found["talk"] = findings(page)
    page.locator("#end").click()
    expect(page.locator("#end-now")).to_be_visible()
    found["asked whether to end"] = findings(page)
    end(page)
    page.locator("#scorecard details.item > summary").first.click()
    page.locator("#scorecard details.question > summary").first.click()
    found["scorecard"] = findings(page)
    page.locator("#open-replay").click()
    expect(page.locator("#place")).to_contain_text("Turn 1 of")
    page.locator("#replay-next").click()
    expect(page.locator("#replay-ratings details.item").first).to_be_visible()
    found["replay"] = findings(page)
    page.get_by_role("tab", name="Setup").click()
    expect(page.locator("#setup")).to_be_visible()
    found["setup"] = findings(page)
    assert not any(found.values()), "\n".join(f"{where}\n{line}" for where, lines in found.items() for line in lines)


def test_axe_would_find_something(app: App, page: Page) -> None:
    page.goto(app.url)
    expect(page.locator("#begin")).to_be_visible()
    page.evaluate("document.querySelector('#begin').innerHTML = '<img src=\"data:,\">'")
    assert any("button-name" in line or "image-alt" in line for line in findings(page))


def tab_to(page: Page, element: str, most: int = 40) -> None:
    """Press Tab until the focus is on an element."""
    for _ in range(most):
        if page.evaluate("element => document.activeElement?.matches(element)", element):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not come to {element} within {most} steps")


def test_an_interview_by_keyboard_alone(app: App, page: Page) -> None:
    page.goto(app.url)
    expect(page.locator("#begin")).to_be_visible()
    tab_to(page, "#start input[type=radio]")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Staff", exact=True)).to_be_checked()
    tab_to(page, "#begin")
    page.keyboard.press("Enter")
    expect(page.locator("#chat .bot.message")).to_have_count(1)
    wait_ready(page)

    # The answer box has the focus at the start and after every turn.
    box = page.locator("#answer textarea")
    for turn in range(2):
        expect(box).to_be_focused()
        page.keyboard.insert_text(STRONG if turn else WEAK)
        page.keyboard.press("Control+Enter")
        expect(page.locator("#chat .bot.message")).to_have_count(turn + 2)
        wait_ready(page)
    expect(box).to_be_focused()
    page.keyboard.press("Alt+n")
    expect(page.locator("#chat .user.message").last).to_have_text("Let's skip this question.")
    wait_ready(page)
    page.keyboard.press("Alt+p")
    expect(page.locator("#status")).to_contain_text("clock paused")
    page.keyboard.press("Alt+p")
    expect(page.locator("#status")).not_to_contain_text("clock paused")
    wait_ready(page)

    # "End" asks first, and the answer to that is under the fingers.
    page.keyboard.press("Alt+e")
    expect(page.locator("#end-now")).to_be_focused()
    tab_to(page, "#keep-on", most=2)
    page.keyboard.press("Enter")
    expect(page.locator("#end-now")).to_be_hidden()
    expect(box).to_be_focused()
    page.keyboard.press("Alt+e")
    expect(page.locator("#end-now")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#scorecard .verdict")).to_be_focused()
    tab_to(page, "#scorecard details.item > summary", most=3)
    page.keyboard.press("Enter")
    expect(page.locator("#scorecard details.item[open]")).to_have_count(1)

    tab_to(page, "#open-replay")
    page.keyboard.press("Enter")
    expect(page.locator("#place")).to_contain_text("Turn 1 of")
    tab_to(page, "#replay-next")
    page.keyboard.press("Enter")
    expect(page.locator("#place")).to_contain_text("Turn 2 of")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#place")).to_contain_text("Turn 3 of")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#place")).to_contain_text("Turn 2 of")
