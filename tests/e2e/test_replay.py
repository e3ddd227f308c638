"""Looking back in a real browser: finding an interview, stepping through it, choosing an item, links, notes, undo."""

import contextlib
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from interviewer.engines.protocols import Graded
from interviewer.grading.rating import Evidence, Exchange, Flag, Grade, Rating, Scope
from interviewer.guide.markdown import read_guide
from interviewer.guide.model import Kind, Level, Rubric
from interviewer.interview.events import InterviewStarted, Origin
from interviewer.review.library import Library
from interviewer.service import Service, Setup
from interviewer.store import open_store
from tests.e2e.conftest import ROOT, App
from tests.e2e.driving import STRONG, WEAK
from tests.e2e.test_accessible import findings, tab_to
from tests.helpers import MAKER, START, Clock, NoPassages, PlainInterviewer

pytestmark = pytest.mark.e2e

# What each reply shows: the item, its rating and the words that carry it.
SHOWS = {
    WEAK: {"navigates-ambiguity": (1, "")},
    STRONG: {
        "thinks-strategically": (2, "I wrote a proposal to take the ledger writes out of the monolith"),
        "influences-across-teams": (3, "went through it with the leads of four teams one by one"),
        "navigates-ambiguity": (2, "Settlement kept missing its window, and nobody owned the reason."),
        "develops-senior-engineers": (2, "I handed the rollout to two senior engineers"),
    },
}
BLAME = "because billing feared double booking"


class Reader:
    """A grader that finds what `SHOWS` says, so that each answer changes what is known."""

    spec = "embedded"

    def grade(self, exchange: Exchange, rubric: Rubric) -> Graded:
        found: dict[str, Rating] = {}
        flags = [Flag("no-trade-offs", 0.8, (), "The migration is told as if it had cost nothing.")]
        for place, reply in enumerate(exchange.replies):
            for item, (value, words) in SHOWS.get(reply, {}).items():
                spans = (_span(place, reply, words),) if words else ()
                found[item] = Rating(item, value, 0.7, spans, "It says so in as many words.")
            if reply == STRONG:
                flags = [Flag("blames-others", 0.6, (_span(place, reply, BLAME),), "Billing is made the reason.")]
        ratings = tuple(found.get(item.id, Rating(item.id, 0, 0.7)) for item in rubric.items())
        return Graded(Grade(ratings, tuple(flags), Scope.AT, MAKER))


def _span(reply: int, text: str, words: str) -> Evidence:
    return Evidence(reply, text.index(words), text.index(words) + len(words))


class Desk:
    """Interviews written straight into an app's data folder, before it starts."""

    def __init__(self, folder: Path) -> None:
        self.store = open_store(folder)
        self.clock = Clock()
        guide = read_guide([ROOT / "knowledge" / "guides"])[0]
        self.service = Service(
            guide, self.store, NoPassages, Reader, PlainInterviewer, Reader, clock=self.clock, max_reply_chars=20_000
        )

    def hold(self, setup: Setup, replies: list[str], *, name: str = "", end: bool = True, begin: str = "") -> str:
        interview = begin or self.service.start(setup)
        "".join(self.service.resume(interview))
        for text in replies:
            self.clock.forward(seconds=30)
            if self.service.interview(interview).closed:
                break
            "".join(self.service.reply(interview, text))
        if end:
            "".join(self.service.finish(interview))
        if name:
            Library(self.service).rename(interview, name)
        self.clock.forward(days=1)
        return interview

    def shelf(self) -> dict[str, str]:
        """Fill a small library; return its ids by what they are."""
        staff = Setup(Level.STAFF, (Kind.BEHAVIORAL,), 45, 7)
        ids = {"ledger": self.hold(staff, [WEAK, STRONG, WEAK, STRONG, STRONG], name="The ledger story")}
        ids["coding"] = self.hold(Setup(Level.SENIOR, (Kind.CODING,), 45, 2), [WEAK], end=False)
        plan = self.service.interview(ids["ledger"]).plan
        again = self.service.begin(replace(plan, again=tuple(Origin(ids["ledger"], 0) for _ in plan.questions)))
        ids["again"] = self.hold(staff, [STRONG], begin=again)
        first, *rest = self.store.events(ids["ledger"])
        assert isinstance(first, InterviewStarted)
        ids["imported"] = self.store.create(replace(first, imported="team.json", at=self.clock()))
        self.store.append(ids["imported"], *rest)
        return ids


@pytest.fixture
def desk(unstarted: App) -> Iterator[Desk]:
    one = Desk(unstarted.data)
    with contextlib.closing(one.store):
        yield one


def open_replay(page: Page, app: App) -> None:
    page.goto(app.url)
    expect(page.locator("#begin")).to_be_visible()
    page.get_by_role("tab", name="Replay").click()
    expect(page.locator("#library li").first).to_be_visible()


def at_turn(page: Page, turn: int) -> None:
    expect(page.locator("#place")).to_contain_text(f"Turn {turn} of")


def test_find_rename_delete_and_undo(unstarted: App, desk: Desk, page: Page, picture: Callable[[str], None]) -> None:
    ids = desk.shelf()
    for number in range(52):
        desk.hold(Setup(Level.SENIOR, (Kind.DEEP_DIVE,), 30, number), [WEAK], end=False)
    unstarted.start()
    open_replay(page, unstarted)
    rows = page.locator("#library li")
    expect(rows).to_have_count(50)
    expect(page.locator("#library [role=status]")).to_have_text("1 to 50 of 56 interviews.")
    page.locator("#older").click()
    expect(rows).to_have_count(6)
    expect(page.locator("#library")).to_contain_text("from team.json")
    expect(page.locator("#library")).to_contain_text("answered again")
    picture("replay-1-library")
    assert not findings(page)

    # As one types, over names, questions and answers; filters narrow further.
    page.locator("#find input, #find textarea").press_sequentially("settlement kept", delay=20)
    expect(rows).to_have_count(3)
    page.get_by_text("Filters").click()
    page.get_by_label("Level").click()
    page.get_by_role("option", name="Senior").click()
    expect(page.locator("#library")).to_contain_text("Nothing fits.")
    picture("replay-2-nothing")
    assert not findings(page)
    page.locator("#find-clear").click()
    expect(rows).to_have_count(50)
    page.get_by_label("Kind of question").click()
    page.get_by_role("option", name="Coding").click()
    expect(rows).to_have_count(1)
    page.locator("#find-clear").click()
    page.get_by_label("From").fill(f"{START + timedelta(days=1):%Y-%m-%d}")
    page.get_by_label("To").fill(f"{START + timedelta(days=1):%Y-%m-%d}")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("coding")
    page.get_by_label("To").fill("yesterday")
    expect(page.get_by_text("is not a date")).to_be_visible()
    page.locator("#find-clear").click()
    expect(rows).to_have_count(50)

    page.locator("#find input, #find textarea").fill("ledger story")
    expect(rows).to_have_count(2)
    rows.last.locator("a").click()
    at_turn(page, 1)
    expect(page.locator("#replay-head h2")).to_have_text("The ledger story")
    expect(page.locator("#library")).to_be_hidden()
    page.locator("#rename").click()
    page.locator("#name input, #name textarea").fill("The <b>ledger</b>, told twice")
    page.keyboard.press("Enter")
    expect(page.locator("#replay-head h2")).to_have_text("The <b>ledger</b>, told twice")

    page.locator("#delete").click()
    expect(page.locator("#undone")).to_contain_text("Deleted: The <b>ledger</b>, told twice.")
    expect(page.locator("#replay-head")).to_be_hidden()
    assert "replay=" not in page.url
    page.get_by_role("tab", name="Setup").click()
    page.get_by_role("tab", name="Replay").click()
    page.locator("#undo").click()
    expect(page.locator("#replay-said")).to_contain_text("is back")
    expect(page.locator("#undone")).to_be_hidden()
    page.goto(f"{unstarted.url}?replay={ids['ledger']}&turn=2")
    at_turn(page, 2)

    # "Delete all my data" still asks, and takes what could be undone with it.
    expect(page.locator("#delete-all")).to_be_hidden()  # it has nothing to do with the interview in view
    page.locator("#replay-all").click()
    page.locator("#delete-all").click()
    page.locator("#delete-all-now").click()
    expect(page.get_by_text("No interviews yet")).to_be_visible()
    expect(page.locator("#undone")).to_be_hidden()


def test_step_choose_and_note(unstarted: App, desk: Desk, page: Page, picture: Callable[[str], None]) -> None:
    ids = desk.shelf()
    unstarted.start()
    open_replay(page, unstarted)
    page.get_by_role("link", name="The ledger story").last.click()  # newest first: the copy stands above it
    at_turn(page, 1)
    expect(page.locator("#replay-head h2")).to_be_focused()
    expect(page.locator("#replay-ratings")).to_contain_text("No answer yet")

    # By keyboard; keys that come faster than pages are all counted.
    page.keyboard.press("ArrowRight")
    at_turn(page, 2)
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    at_turn(page, 4)
    expect(page).to_have_url(re.compile(rf"\?replay={ids['ledger']}&turn=4$"))
    expect(page.locator("#replay-ratings .changed")).to_have_text(
        re.compile("4 ratings rose, 1 red flag raised, 1 red flag lifted")
    )
    expect(page.locator("#replay-ratings details[data-item=influences-across-teams] .change")).to_have_text(
        "0 → 3 after this probe"
    )
    picture("replay-3-turn")

    # Its mark in the text shows an item's reason and the passage it rests on; its line finds the words.
    mark = page.locator("#replay-talk mark[data-items=influences-across-teams]")
    mark.click()
    line = page.locator("#replay-ratings details[data-item=influences-across-teams]")
    expect(line).to_have_attribute("open", "")
    expect(line.locator(".passage")).to_be_visible()
    expect(line).to_contain_text("It says so in as many words.")
    expect(mark).to_have_attribute("aria-pressed", "true")
    flag = page.locator("#replay-ratings details[data-item=blames-others]")
    flag.locator("> summary").click()
    expect(flag.locator(".passage")).to_be_visible()
    expect(line).not_to_have_attribute("open", "")
    expect(page.locator("#replay-talk mark.chosen")).to_have_text(re.compile(BLAME))
    picture("replay-4-chosen")
    assert not findings(page)
    tab_to(page, "#replay-talk mark[data-items=thinks-strategically]", most=60)
    page.keyboard.press("Enter")
    expect(page.locator("#replay-ratings details[data-item=thinks-strategically]")).to_have_attribute("open", "")

    # What was chosen stays chosen while one steps.
    page.keyboard.press("ArrowLeft")
    at_turn(page, 3)
    page.keyboard.press("ArrowRight")
    at_turn(page, 4)
    expect(page.locator("#replay-ratings details[data-item=thinks-strategically]")).to_have_attribute("open", "")

    # The timeline: where ratings rose and flags were raised, in words too; a click goes there.
    beat = page.locator(".beat").nth(5)
    expect(page.locator(".beat").nth(3)).to_have_attribute(
        "aria-label", "Turn 4, you answer; 4 ratings rose, 1 red flag raised, 1 red flag lifted"
    )
    beat.click()
    at_turn(page, 6)
    expect(beat).to_have_attribute("aria-current", "step")
    page.locator("#line-note textarea, #line-note input").fill("Say the <number> here.")
    page.locator("#keep-line-note").click()
    expect(page.locator("#replay-talk .now .own")).to_contain_text("Say the <number> here.")
    expect(beat).to_have_attribute("aria-label", re.compile("your note"))
    page.locator("#replay-next").click()
    at_turn(page, 7)
    page.locator("#replay-back").click()
    expect(page.locator("#replay-talk .now .own")).to_contain_text("Say the <number> here.")

    # Whoever rates blind is not told by the list of what one may disagree with either.
    page.get_by_role("button", name="Rate it yourself").click()
    expect(page.locator("#disagree")).to_be_visible()
    blind = page.get_by_label("Hide the grades on this page while I rate (blind)")
    blind.check()
    expect(page.locator("#disagree")).to_be_hidden()
    blind.uncheck()

    # The address follows the tab in view.
    page.get_by_role("tab", name="Setup").click()
    expect(page).not_to_have_url(re.compile("replay="))
    page.get_by_role("tab", name="Replay").click()
    expect(page).to_have_url(re.compile("turn=6$"))
    page.get_by_text("Export and import").click()
    expect(page.locator("#export")).to_be_visible()
    page.locator("#replay-all").click()
    expect(page.locator("#library li")).to_have_count(4)
    expect(page).not_to_have_url(re.compile("replay="))
    expect(page.locator("#export")).to_be_hidden()  # there is no "this interview" any more


def test_play_and_pause(unstarted: App, desk: Desk, page: Page) -> None:
    interview = desk.hold(Setup(Level.SENIOR, (Kind.BEHAVIORAL,), 45, 7), ["Short.", "Brief."])
    unstarted.start()
    page.goto(f"{unstarted.url}?replay={interview}&turn=2")
    at_turn(page, 2)
    play = page.locator("#replay-play")
    play.click()
    expect(play).to_have_text("❚❚ Pause")
    at_turn(page, 3)
    play.click()
    expect(play).to_have_text("▶ Play")
    place = page.locator("#place").inner_text()
    page.wait_for_timeout(6000)
    assert page.locator("#place").inner_text() == place
    page.locator("#replay-last").click()
    expect(page.locator("#replay-next")).to_be_disabled()
    play.click()  # from the end it begins anew
    at_turn(page, 1)
    page.locator("#replay-last").click()
    expect(page.locator("#replay-next")).to_be_disabled()
    expect(play).to_have_text("▶ Play")  # at the end it stops by itself


def test_a_link_opens_a_turn(unstarted: App, desk: Desk, page: Page) -> None:
    ids = desk.shelf()
    unstarted.start()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=unstarted.url)
    page.goto(f"{unstarted.url}?replay={ids['again']}&turn=2")
    at_turn(page, 2)
    expect(page.locator("#replay-head")).to_contain_text("answered again")
    page.locator("#replay-next").click()
    at_turn(page, 3)
    page.locator("#copy").click()
    expect(page.locator("#place [role=status]")).to_have_text("The link to turn 3 is copied.")
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == f"{unstarted.url}?replay={ids['again']}&turn=3"
    page.reload()
    at_turn(page, 3)
    for wish, words in (
        (f"replay={ids['again']}&turn=99", "99 is none of them"),
        (f"replay={ids['again']}&turn=0", "0 is none of them"),
        (f"replay={ids['again']}&turn=%3Cb%3E", "<b> is none of them"),
        ("replay=%3Cimg%20src=x%3E&turn=1", "There is no interview"),
        ("replay=abcdefabcdef", "There is no interview abcdefabcdef here"),
    ):
        page.goto(f"{unstarted.url}?{wish}")
        expect(page.locator("#replay-said")).to_contain_text(words)
        expect(page.locator("#library li")).to_have_count(4)
        expect(page.locator("#replay-head")).to_be_hidden()
    # A request of a page that was left may break off with a traceback; a fault of our own has a line of its own.
    log = unstarted.log.read_text()
    assert "fault " not in log, log[-4000:]
    assert "preprocess" not in log, log[-4000:]


def test_what_one_does_shows_at_once_and_moves_nothing(
    unstarted: App, desk: Desk, page: Page, picture: Callable[[str], None]
) -> None:
    interview = desk.hold(Setup(Level.STAFF, (Kind.BEHAVIORAL,), 45, 7), [STRONG])
    unstarted.start()
    page.goto(f"{unstarted.url}?replay={interview}&turn=2")
    at_turn(page, 2)
    line = page.locator("#replay-ratings details[data-item=influences-across-teams]")
    line.locator("> summary").click()

    # The browser forbids it, then lets it; either is said in a line that is there already.
    tops = (
        "() => ['replay-head', 'steps', 'timeline', 'replay-talk'].map((id) => document.getElementById(id).offsetTop)"
    )
    status = page.locator("#place [role=status]")
    for width in (1280, 375):
        page.set_viewport_size({"width": width, "height": 800})
        stood = page.evaluate(tops)
        for forbid, words in (
            (True, "The browser forbids it: copy this link."),
            (False, "The link to turn 2 is copied."),
        ):
            page.evaluate("(no) => navigator.clipboard.writeText = async () => { if (no) throw new Error(); }", forbid)
            page.locator("#copy").click()
            expect(status).to_contain_text(words)
            assert page.evaluate(tops) == stood
    picture("replay-6-link")
    page.locator("#replay-back").click()
    at_turn(page, 1)
    page.locator("#replay-next").click()
    at_turn(page, 2)
    page.set_viewport_size({"width": 1280, "height": 800})

    # A rating, given blind, and an objection stand beside the grade as soon as they are kept.
    page.get_by_role("button", name="Rate it yourself").click()
    blind = page.get_by_label("Hide the grades on this page while I rate (blind)")
    blind.check()
    page.get_by_role("button", name="Item by item").click()
    item = desk.service.guide.words("influences-across-teams")
    page.locator("#rate-rows fieldset", has_text=item).get_by_label("2 · shown", exact=True).check()
    page.locator("#rate-keep").click()
    expect(line).to_contain_text("You: rated it 2 before seeing this.")
    expect(page.locator("#replay-ratings")).to_be_hidden()
    blind.uncheck()
    expect(line).to_be_visible()
    page.get_by_role("button", name="I disagree with a rating").click()
    page.locator("#dispute-item input").click()
    page.get_by_role("option", name=item).click()
    page.locator("#dispute-value label").first.click()
    page.locator("#dispute-why textarea").fill("Four leads were named and none was convinced.")
    page.locator("#dispute-keep").click()
    expect(line).to_contain_text("Four leads were named and none was convinced.")
    expect(line).to_have_attribute("open", "")  # what was chosen stays chosen
    expect(page.get_by_text("Your objection is kept beside the rating.")).to_be_visible()
    at_turn(page, 2)
    picture("replay-7-rated")


def test_a_long_interview_steps_in_time(unstarted: App, desk: Desk, page: Page, picture: Callable[[str], None]) -> None:
    replies = [STRONG if number % 3 else WEAK for number in range(40)]
    interview = desk.hold(Setup(Level.STAFF, tuple(Kind), 120, 5), replies)
    count = len(desk.service.interview(interview).said)
    assert count >= 60
    unstarted.start()
    page.goto(f"{unstarted.url}?replay={interview}&turn=1")
    at_turn(page, 1)
    took = []
    for turn in range(2, count + 1):
        began = time.perf_counter()
        page.locator("#replay-next").click()
        page.wait_for_function(f"document.querySelector('[data-replay]')?.dataset.turn === '{turn}'", polling=5)
        took.append(time.perf_counter() - began)
    took.sort()
    print(f"{count} turns: {1000 * took[len(took) // 2]:.0f} ms in the middle, {1000 * took[-1]:.0f} ms at most")
    picture("replay-5-long")
