"""Comparing, grading again and answering again, in a real browser."""

import contextlib
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from interviewer.guide.markdown import read_guide
from interviewer.guide.model import Kind, Level
from interviewer.interview.events import Regraded
from interviewer.review.regrade import Job, Regrading
from interviewer.service import Service, Setup
from interviewer.store import open_store
from tests.e2e.conftest import ROOT, App, settled
from tests.e2e.driving import STRONG, wait_ready
from tests.e2e.test_accessible import findings
from tests.fakes import Scripted, ScriptedServer, form
from tests.helpers import Clock, NoPassages, PlainInterviewer, ScriptedGrader

pytestmark = pytest.mark.e2e

OWN = """Our build took forty minutes, and I decided to fix it. I profiled it and cached the image layers myself. I \
considered a bigger runner, but that would have hidden the problem. I paired with our junior until she could change \
the cache on her own. The build went from forty minutes to nine."""


class Desk:
    """Interviews written straight into an app's data folder; every answer is graded 3, so that no probe follows."""

    def __init__(self, folder: Path) -> None:
        self.store = open_store(folder)
        self.clock = Clock()
        guide = read_guide([ROOT / "knowledge" / "guides"])[0]
        self.grader = ScriptedGrader([])
        self.service = Service(
            guide, self.store, NoPassages, lambda: self.grader, PlainInterviewer, lambda: self.grader, clock=self.clock
        )

    def hold(self, questions: int, level: Level = Level.SENIOR) -> str:
        interview = self.service.start(Setup(level, (Kind.BEHAVIORAL,), 7 * questions, seed=3))
        "".join(self.service.resume(interview))
        for _ in range(questions):
            self.grader.values = [3]
            "".join(self.service.reply(interview, OWN))
        self.clock.forward(days=1)
        return interview

    def regraded(self, interview: str) -> list[Regraded]:
        return list(self.service.interview(interview).regraded)

    def wait_for(self, interview: str, count: int) -> None:
        """Wait until so many gradings are kept."""
        for _ in range(600):
            if len(self.regraded(interview)) >= count:
                return
            time.sleep(0.1)
        raise AssertionError(f"{len(self.regraded(interview))} of {count} gradings came")


@pytest.fixture
def desk(unstarted: App) -> Iterator[Desk]:
    one = Desk(unstarted.data)
    with contextlib.closing(one.store):
        yield one


def replay(page: Page, app: App, interview: str, panel: str) -> None:
    """Open an interview at its first turn, and one of the panels beneath."""
    page.goto(f"{app.url}?replay={interview}&turn=1")
    expect(page.locator("#place")).to_contain_text("Turn 1 of")
    page.get_by_text(panel, exact=True).click()


def test_one_answer_under_both_bars(unstarted: App, desk: Desk, page: Page, picture: Callable[[str], None]) -> None:
    interview = desk.hold(3)
    unstarted.start()
    replay(page, unstarted, interview, "The other bar, and grading again")
    bars = page.locator("#bars")
    page.get_by_label("Show this answer under both bars").check()
    expect(bars).to_contain_text(re.compile(r"hire at senior; (strong )?no hire at staff: .+\.", re.I))
    expect(bars).to_contain_text("What counts at senior")
    expect(bars).to_contain_text("What counts at staff")
    staff = bars.locator(".exchange > .sides > div").last
    expect(staff).to_contain_text("Moves other teams")
    expect(staff).not_to_contain_text("Takes ownership")
    assert not findings(page)
    picture("compare-1-bars")
    assert [(e.exchange, e.level, e.by) for e in desk.regraded(interview)] == [(0, Level.STAFF, "embedded")]

    # The next question is read under the other bar when it comes into view, and only once.
    page.locator("#replay-last").click()
    desk.wait_for(interview, 2)
    page.locator("#replay-first").click()
    expect(page.locator("#place")).to_contain_text("Turn 1 of")
    expect(bars).to_contain_text("What counts at staff")
    page.get_by_label("Show this answer under both bars").uncheck()
    expect(bars).not_to_contain_text("What counts at staff")
    page.get_by_label("Show this answer under both bars").check()
    expect(bars).to_contain_text("What counts at staff")
    assert len(desk.regraded(interview)) == 2


def test_graded_again_by_a_model_stopped_gone_on_with_and_tried_again(
    unstarted: App, desk: Desk, page: Page, picture: Callable[[str], None], tmp_path: Path
) -> None:
    interview = desk.hold(5)
    gate = threading.Event()
    fill = form(OWN[:30])

    def slow(body: dict) -> str:
        gate.wait(60)
        return fill(body)

    with ScriptedServer(slow, slow, slow, slow, Scripted("no such thing", status=400), fill) as server:
        config = tmp_path / "interviewer.toml"
        config.write_text(f'[profiles.small]\nmodel = "openai:small"\nbase_url = "{server.url}"\nretries = 0\n')
        unstarted.start(INTERVIEWER_CONFIG=str(config))
        replay(page, unstarted, interview, "The other bar, and grading again")
        page.locator("#regrade-model input").click()
        page.get_by_role("option", name="small (openai:small)").click()
        page.locator("#regrade").click()
        expect(page.locator("#regrade-progress")).to_contain_text("Graded again: 0 of 5.")
        page.locator("#regrade-stop").click()
        expect(page.locator("#regrade-progress")).to_contain_text("Stopped.")
        gate.set()
        desk.wait_for(interview, 4)  # what was begun is kept
        page.locator("#regrade").click()
        expect(page.locator("#regraded")).to_contain_text("Graded by test 1")
        desk.wait_for(interview, 5)
        assert len({event.run for event in desk.regraded(interview)}) == 1
        page_text = page.locator("#regraded")
        expect(page_text).to_contain_text("ratings are the same")
        expect(page_text.locator("tbody tr")).to_have_count(5)
        expect(page_text).to_contain_text("Rated lower")
        expect(page.locator("#regrade-retry")).to_be_hidden()
        assert not findings(page)
        picture("compare-2-regraded")

        # The one that failed says why, and is tried again alone.
        failed = next(event for event in desk.regraded(interview) if event.outcome.outcome == "ungraded")
        said = desk.service.interview(interview).said
        place = next(turn for turn, one in enumerate(said, 1) if one.exchange == failed.exchange)
        for turn in range(int(page.locator("#place").inner_text().split()[1]) + 1, place + 1):
            page.locator("#replay-next").click()
            expect(page.locator("#place")).to_contain_text(f"Turn {turn} of")
            page.wait_for_timeout(200)
        expect(page_text).to_contain_text("Again: Ungraded:")
        page.locator("#regrade-retry").click()
        expect(page_text).not_to_contain_text("Ungraded")
        expect(page.locator("#regrade-retry")).to_be_hidden()
        assert len(desk.regraded(interview)) == 6


def test_a_run_goes_with_its_interview_and_work_ends_on_what_is_in_view(
    unstarted: App, desk: Desk, page: Page, tmp_path: Path
) -> None:
    first, second, third = desk.hold(1), desk.hold(1), desk.hold(1)
    regrading = Regrading(desk.service, tmp_path)
    for interview in (first, second):
        regrading.grade(interview, 0, Job(ScriptedGrader([2])))
    gate = threading.Event()
    fill = form(OWN[:30])

    def slow(body: dict) -> str:
        gate.wait(60)
        return fill(body)

    def turn_to(interview: str) -> None:
        page.locator("#replay-all").click()
        page.locator(f"#library a[href*='{interview}']").click()
        expect(page.locator("#place")).to_contain_text("Turn 1 of")

    page_text = page.locator("#regraded")
    with ScriptedServer(slow) as server:
        config = tmp_path / "interviewer.toml"
        config.write_text(f'[profiles.small]\nmodel = "openai:small"\nbase_url = "{server.url}"\nretries = 0\n')
        unstarted.start(INTERVIEWER_CONFIG=str(config))
        replay(page, unstarted, first, "The other bar, and grading again")
        page.locator("#regrade-run input").click()
        page.get_by_role("option").first.click()
        expect(page_text).to_contain_text("Rated lower")
        turn_to(second)
        expect(page_text).to_be_empty()
        page.locator("#regrade-run input").click()
        page.get_by_role("option").first.click()
        expect(page_text).to_contain_text("Rated lower")

        # A grading that ends when another interview is in view does not put its own page there.
        page.locator("#regrade-model input").click()
        page.get_by_role("option", name="small (openai:small)").click()
        page.locator("#regrade").click()
        expect(page.locator("#regrade-progress [role=status]")).to_have_text("Graded again: 0 of 1.")
        turn_to(third)
        expect(page_text).to_be_empty()
        gate.set()
        expect(page.locator("#regrade-stop")).to_be_hidden(timeout=300_000)  # the model's library is loaded first
        assert len(desk.regraded(second)) == 2
        expect(page.locator("#regrade")).to_be_enabled()
        expect(page_text).to_be_empty()
        expect(page.locator("#regrade-run")).to_be_hidden()
        expect(page.locator(".toast-body")).to_have_count(0)


def test_an_answer_is_given_again_from_the_old_one(
    unstarted: App, desk: Desk, page: Page, picture: Callable[[str], None]
) -> None:
    interview = desk.hold(2)
    unstarted.start()
    replay(page, unstarted, interview, "Answer again")
    expect(page.locator("#attempts")).to_contain_text("answered once so far")
    page.locator("#again-edit").click()
    wait_ready(page)
    expect(page.locator("#answer textarea")).to_have_value(OWN)
    expect(page.locator("#status")).to_contain_text("question 1 of 1")
    page.locator("#answer textarea").fill(STRONG)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#scorecard .verdict")).to_be_visible()

    attempts = page.locator("#attempts")
    page.get_by_role("tab", name="Replay").click()  # where the first attempt is still in view
    expect(attempts.locator("tbody tr")).to_have_count(2)
    expect(attempts.locator("tbody tr").first).to_contain_text("(in view)")
    page.get_by_role("tab", name="Interview").click()
    page.locator("#open-replay").click()
    expect(attempts.locator("tbody tr").last).to_contain_text("(in view)")
    settled(page)
    if not attempts.is_visible():
        page.get_by_text("Answer again", exact=True).click()
    expect(attempts).to_contain_text("Not as good as before")  # nothing can be better than a 3 in everything
    attempts.get_by_text("Both answers, side by side").click()
    expect(attempts).to_contain_text("Our build took forty minutes")
    expect(attempts).to_contain_text("Settlement kept missing its window")
    assert not findings(page)
    picture("compare-3-attempts")


def test_the_weakest_three_of_all_interviews_are_asked_again(unstarted: App, desk: Desk, page: Page) -> None:
    desk.hold(2)
    interview = desk.hold(4)
    unstarted.start()
    replay(page, unstarted, interview, "Answer again")
    page.locator("#again-weakest-all").click()
    wait_ready(page)
    expect(page.locator("#status")).to_contain_text("question 1 of 3")
    plan = desk.service.interview(desk.store.rows()[0].id).plan
    assert len({question.id for question in plan.questions}) == len(plan.again) == 3
    assert plan.practice
