"""A whole interview in a real browser: held, interrupted, finished, looked at, deleted."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import App, settled
from tests.e2e.driving import STRONG, WEAK, begin, end, said, say, wait_ready

pytestmark = pytest.mark.e2e

SCRIPT = '<img src=x onerror="window.broken=1"> ${alert(1)} {{7*7}} **bold** $$x^2$$\n    indented'


def test_a_whole_staff_interview(app: App, page: Page, picture: Callable[[str], None]) -> None:
    page.goto(app.url)
    expect(page.get_by_text("Practice, not a hiring tool.").first).to_be_visible()
    expect(page.locator("#begin")).to_be_visible()
    picture("1-start")
    begin(page, app, practice=True)
    assert re.search(r"\?interview=[0-9a-f]{12}$", page.url)
    first = said(page)[0]
    expect(page.locator("#status")).to_contain_text("question 1 of")

    probe = say(page, WEAK)
    assert probe != first
    expect(page.locator("#status")).to_contain_text("question 1 of")  # a weak answer is probed, not passed over
    clarified = say(page, "Do you mean inside my own team, or across the company?")
    expect(page.locator("#status")).to_contain_text("question 1 of")
    assert clarified not in (first, probe)
    say(page, STRONG)
    picture("2-talk")

    # A reload in mid-interview: the conversation, the draft and the place in it are as they were.
    before = said(page)
    page.locator("#answer textarea").press_sequentially("A draft I had not", delay=5)
    page.keyboard.insert_text(" sent yet")
    expect(page.locator("#answer textarea")).to_have_value("A draft I had not sent yet")
    app.wait_for_draft("A draft I had not sent yet")
    page.reload()
    wait_ready(page)
    assert said(page) == before
    expect(page.locator("#answer textarea")).to_have_value("A draft I had not sent yet")

    page.locator("#answer textarea").fill("")
    turns = 0
    while page.locator("#status").inner_text().find("question 4 of") < 0:
        say(page, (STRONG, WEAK)[turns % 2])
        turns += 1
        assert turns < 12, "the interview does not move on"
    expect(page.locator("#feedback")).to_contain_text("Question 3")  # practice mode: what the last question came to
    picture("3-practice")
    page.get_by_text("Your notes").click()
    page.locator("#note textarea").fill("Bring a number next time.")
    page.locator("#keep-note").click()
    expect(page.get_by_text("Bring a number next time.").last).to_be_visible()

    end(page)
    card = page.locator("#scorecard")
    expect(card.locator(".verdict")).to_have_text(re.compile("hire", re.I))
    expect(card).to_contain_text("Level read-out")
    expect(card).to_contain_text("Bring a number next time.")
    shown = card.locator("details.item", has=page.locator("mark.ev")).first
    shown.locator("> summary").click()
    quote = shown.locator("mark.ev").first.inner_text()
    assert quote in STRONG or quote in WEAK
    shown.locator(".guide > summary").first.click()
    expect(shown.locator(".passage").first).to_be_visible()
    picture("4-scorecard")

    # Stepping through it, by keyboard.
    page.locator("#open-replay").click()
    expect(page.locator("#place")).to_contain_text("Turn 1 of")
    page.locator("#place").click()
    for turn in range(2, 7):
        page.keyboard.press("ArrowRight")
        expect(page.locator("#place")).to_contain_text(f"Turn {turn} of")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#place")).to_contain_text("Turn 6 of")
    expect(page.locator("#replay-talk .turn.now mark.ev").first).to_be_visible()
    expect(page.locator("#replay-ratings details.item").first).to_be_visible()
    picture("5-replay")

    page.get_by_role("tab", name="Setup").click()
    expect(page.locator("#setup")).to_contain_text("embedded: no key, no network")
    picture("6-setup")

    # And it can be deleted.
    page.get_by_role("tab", name="Replay").click()
    page.locator("#replay-all").click()
    page.locator("#delete-all").click()
    page.locator("#delete-all-now").click()
    expect(page.get_by_text("No interviews yet")).to_be_visible()
    picture("7-empty")
    page.get_by_role("tab", name="Interview").click()
    expect(page.locator("#begin")).to_be_visible()


def test_a_killed_server_loses_nothing(app: App, page: Page) -> None:
    begin(page, app)
    say(page, WEAK)
    before = said(page)
    page.locator("#answer textarea").press_sequentially("Half an answer", delay=5)
    app.wait_for_draft("Half an answer")
    app.kill()
    app.start()
    page.goto(app.url)  # without the interview in the address: the browser remembers it
    wait_ready(page)
    assert said(page) == before
    expect(page.locator("#answer textarea")).to_have_value("Half an answer")
    say(page, STRONG)


def test_the_last_answer_can_be_edited_and_the_clock_paused(app: App, page: Page) -> None:
    begin(page, app)
    say(page, WEAK)
    page.locator("#edit").click()
    expect(page.locator("#answer textarea")).to_have_value(WEAK)
    expect(page.locator("#chat .user.message")).to_have_count(0)
    expect(page.locator("#chat .bot.message")).to_have_count(1)
    expect(page.locator("#edit")).to_be_disabled()
    page.keyboard.press("Alt+p")
    expect(page.locator("#status")).to_contain_text("clock paused")
    expect(page.locator("#send")).to_be_disabled()
    page.keyboard.press("Alt+p")
    expect(page.locator("#status")).to_contain_text("left")
    for _ in range(2):  # each press counts, also one that comes before the last is answered
        page.keyboard.press("Alt+p")
    settled(page)
    expect(page.locator("#status")).to_contain_text("left")
    say(page, STRONG)
    page.locator("#answer textarea").fill("kept in the box")
    page.get_by_role("button", name="Time left?").click()
    expect(page.locator("#chat .bot.message").last).to_contain_text(re.compile("minute", re.I))
    expect(page.locator("#answer textarea")).to_have_value("kept in the box")


def test_what_a_candidate_writes_is_shown_and_never_run(app: App, page: Page) -> None:
    begin(page, app)
    say(page, SCRIPT)
    expect(page.locator("#chat .user.message")).to_have_text(
        re.compile(r"<img src=x onerror.*\{\{7\*7\}\} \*\*bold\*\* \$\$x")
    )
    assert "\n    indented" in page.locator("#chat .user.message").inner_text()
    end(page)
    expect(page.locator("#scorecard .verdict")).to_have_text("Not enough to say")
    page.locator("#open-replay").click()
    expect(page.locator("#place")).to_contain_text("Turn 1 of")
    page.locator("#replay-next").click()
    expect(page.locator("#replay-talk .turn.now")).to_contain_text(
        '<img src=x onerror="window.broken=1"> ${alert(1)} {{7*7}}'
    )
    assert page.evaluate("window.broken") is None


def test_keys_write_letters_on_a_mac_and_steps_need_the_bare_arrow(app: App, page: Page) -> None:
    page.add_init_script("Object.defineProperty(navigator, 'platform', { get: () => 'MacIntel' })")
    begin(page, app)

    def taken(**keys: object) -> bool:
        script = """keys => !document.querySelector('#answer textarea').dispatchEvent(
            new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...keys }))"""
        return bool(page.evaluate(script, keys))

    assert not taken(key="π", code="KeyP", altKey=True)
    assert not taken(key="Dead", code="KeyE", altKey=True)
    assert taken(key="π", code="KeyP", altKey=True, ctrlKey=True)
    expect(page.locator("#status")).to_contain_text("clock paused")
    page.locator("#pause").click()
    expect(page.locator("#status")).not_to_contain_text("clock paused")
    say(page, WEAK)
    end(page)
    page.locator("#open-replay").click()
    expect(page.locator("#place")).to_contain_text("Turn 1 of")
    for key in ("Shift+ArrowRight", "Control+ArrowRight", "Meta+ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    assert str(page.evaluate("window.replay.wish()")).endswith(" 2")
    expect(page.locator("#place")).to_contain_text("Turn 2 of")
    page.locator("#replay-first").click()
    expect(page.locator("#place")).to_contain_text("Turn 1 of")
    page.locator("#replay-play").click()
    expect(page.locator("#replay-play")).to_have_text("❚❚ Pause")
    page.locator("#line-note textarea").click()
    expect(page.locator("#replay-play")).to_have_text("▶ Play")


def test_the_keyboard_goes_on_where_what_was_pressed_has_gone(app: App, page: Page) -> None:
    begin(page, app)
    say(page, WEAK)
    end(page)
    page.locator("#open-replay").click()
    heading = page.locator("#replay-head h2")
    expect(heading).to_be_focused()
    page.locator("#rename").press("Enter")
    page.locator("#name input, #name textarea").fill("My first")
    page.keyboard.press("Enter")
    expect(heading).to_have_text("My first")
    expect(page.locator("#rename")).to_be_focused()
    page.locator("#replay-all").press("Enter")
    expect(page.locator("#library a")).to_be_focused()
    page.keyboard.press("Enter")
    expect(heading).to_be_focused()  # of the same interview once more
    page.get_by_role("tab", name="Interview").click()
    page.locator("#again").press("Enter")
    expect(page.locator("#start input[type=radio]:checked").first).to_be_focused()

    # A new interview is what the browser remembers, too.
    page.goto(app.url)
    expect(page.locator("#begin")).to_be_visible()
    expect(page.locator("#scorecard .verdict")).to_have_count(0)
    page.get_by_role("tab", name="Replay").click()
    page.locator("#library a").click()
    page.locator("#delete").press("Enter")
    expect(page.locator("#undo")).to_be_focused()


def test_bad_input_is_a_toast_and_loses_nothing(app: App, page: Page) -> None:
    page.goto(app.url)
    page.get_by_label("Behavioral").uncheck()
    page.locator("#begin").click()
    expect(page.get_by_text("Choose at least one kind of question")).to_be_visible()
    begin(page, app)
    long = "far too long " * 2000
    page.locator("#answer textarea").fill(long)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("at most 20,000 are taken")).to_be_visible()
    assert len(page.locator("#answer textarea").input_value()) == len(long)
    page.goto(app.url + "?interview=abcdefabcdef")
    expect(page.get_by_text("no longer here")).to_be_visible()
    expect(page.locator("#begin")).to_be_visible()
    assert "Traceback" not in app.log.read_text()


def test_no_connection_leaves_loopback(app: App, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    begin(page, app)
    say(page, STRONG)
    end(page)
    outside = [url for url in asked if not url.startswith((app.url, "data:", "blob:"))]
    assert not outside
    reached = app.reached.read_text().splitlines()
    assert reached, "the watch did not see even the app's own loopback connections"
    local = ("127.0.0.1", "localhost", "::1")
    outside = [line for line in reached if not any(name in line for name in local)]
    assert not outside


def test_controls_have_names_and_text_can_be_read(app: App, page: Page) -> None:
    begin(page, app, practice=True)
    say(page, STRONG)
    say(page, "Let's skip this question.")
    for scheme in ("light", "dark"):
        page.evaluate("dark => document.body.classList.toggle('dark', dark)", scheme == "dark")
        page.wait_for_timeout(300)
        found = page.evaluate(FAULTS)
        assert not found, f"{scheme}: {found}"
    page.evaluate("document.body.classList.remove('dark')")
    end(page)
    for scheme in ("light", "dark"):
        page.evaluate("dark => document.body.classList.toggle('dark', dark)", scheme == "dark")
        page.wait_for_timeout(300)
        found = page.evaluate(FAULTS)
        assert not found, f"{scheme}: {found}"


# Every visible control has a name, and every visible text 4.5:1 against what is behind it (3:1 when it is large).
FAULTS = """() => {
  const faults = [];
  const seen = (e) => e.checkVisibility({checkOpacity: true, checkVisibilityCSS: true}) && e.getClientRects().length;
  for (const e of document.querySelectorAll('button, input, textarea, select, [role=tab], summary')) {
    if (!seen(e)) continue;
    const labels = e.labels && e.labels.length ? [...e.labels].map(l => l.innerText).join(' ') : '';
    const name = e.getAttribute('aria-label') || labels || e.innerText || e.title;
    if (!name || !name.trim()) faults.push('no name: ' + e.outerHTML.slice(0, 160));
  }
  const parse = (c) => {
    const canvas = parse.c ||= document.createElement('canvas').getContext('2d', {willReadFrequently: true});
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = '#000'; canvas.fillStyle = c; canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, under) => [0, 1, 2].map(i => top[i] * top[3] + under[i] * (1 - top[3]));
  const light = (c) => {
    const [r, g, b] = c.map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (e) => {
    const stack = [];
    for (let n = e; n; n = n.parentElement) stack.push(parse(getComputedStyle(n).backgroundColor));
    return stack.reverse().reduce((under, top) => over(top, under), [255, 255, 255]);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !e || !seen(e) || e.closest('[disabled], script, style')) continue;
    const style = getComputedStyle(e);
    const back = behind(e), fore = over(parse(style.color), back);
    const [a, b] = [light(fore), light(back)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && +style.fontWeight >= 700);
    if (ratio < (large ? 3 : 4.5)) faults.push(`${ratio.toFixed(2)}:1 ${walker.currentNode.data.trim().slice(0, 50)}`);
  }
  return faults;
}"""
