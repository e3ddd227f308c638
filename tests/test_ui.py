"""The screen without a browser: what is shown of an interview, and that all of it is escaped."""

import gc
import re
import socket
import subprocess
import sys
import warnings
from datetime import timedelta
from pathlib import Path

import gradio as gr
import pytest

import app
from interviewer.errors import InputError, StoreError
from interviewer.grading.rating import Evidence, Exchange, Flag, Grade, NotAssessed, Rating, Scope, Turn, Ungraded
from interviewer.grading.scorecard import score, scorecard
from interviewer.guide.model import Kind, Level
from interviewer.review.library import Found, Line
from interviewer.review.regrade import Job
from interviewer.service import Service
from interviewer.settings import load_settings
from interviewer.store import open_store
from interviewer.ui import setup as setup_tab
from interviewer.ui.card import exchange_card, scorecard_page, ungraded
from interviewer.ui.endpoints import ENDPOINTS
from interviewer.ui.guard import guarded
from interviewer.ui.html import Html, Mark, escape, in_place, join, marked, plain, tag
from interviewer.ui.library import NO_FILTERS
from interviewer.ui.library import page as library_page
from interviewer.ui.panel import InView
from interviewer.ui.rate import SELF, RatePanel
from interviewer.ui.rated import exchange_items, marks
from interviewer.ui.replay import ReplayTab
from interviewer.ui.screen import browser_secret, build_screen
from interviewer.ui.start import models
from interviewer.ui.view import draft_to_show, status, view
from interviewer.wiring import Parts
from tests.helpers import MAKER, START, Clock, NoPassages, PlainInterviewer, ScriptedGrader, begin

ROOT = Path(__file__).resolve().parent.parent
NASTY = "<script>alert('x')</script> ${1} {{2}} `3`"
STORY = "I wrote the plan and took it to four teams. Billing feared double booking, so I changed it twice."


@pytest.fixture
def room(guide, tmp_path):
    """A service whose grader follows a script, and its clock."""
    made = []

    def make(readings=()):
        store = open_store(tmp_path / str(len(made)))
        clock, sensor = Clock(), ScriptedGrader(readings)
        service = Service(guide, store, NoPassages, lambda: sensor, PlainInterviewer, lambda: sensor, clock=clock)
        made.append(store)
        return service, clock

    yield make
    for store in made:
        store.close()


@pytest.fixture
def replay(room, tmp_path, blocks_allowed):
    """A Replay tab, wired, over a service whose grader follows a script."""

    def make(readings=()):
        service, _ = room(readings)
        with gr.Blocks(analytics_enabled=False) as blocks:
            tab = ReplayTab(service, Parts(load_settings(env={"INTERVIEWER_DATA_DIR": str(tmp_path / "data")})))
            tab.wire()
        return tab, service, blocks

    return make


@pytest.fixture
def blocks_allowed():
    """Gather the event loops that Gradio leaves behind when a page is built."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


# -- HTML ------------------------------------------------------------------------------------------------------------


def test_text_is_escaped_and_html_is_kept() -> None:
    assert tag("p", "a<b", Html("<i>c</i>"), None, class_="x") == '<p class="x">a&#60;b<i>c</i></p>'
    assert tag("details", open=True, title='"', hidden=False) == '<details open title="&#34;"></details>'
    assert join("&", None, 1) == "&#38;1"
    # Gradio reads an HTML component's value as a template; none of its signs may be left.
    assert not re.search(r"[<>'\"{}$`]", escape(NASTY))
    assert plain("a<b> & don't") == "a&lt;b&gt; &amp; don't"


def test_marks_cut_a_text_without_losing_a_letter() -> None:
    text = "one <two> three four"
    shown = marked(text, [Mark(4, 15, 1, 0, "first"), Mark(10, 20, 2, 1, "second"), Mark(18, 99, 3, 2, "void")])
    words = re.sub(r"<sup.*?</sup>|<[^>]*>", "", shown).replace("&#60;", "<").replace("&#62;", ">")
    assert words == text
    assert shown.count("<mark") == 3  # one alone, two together, the other alone
    assert "first; second" in shown
    assert "void" not in shown


def test_a_quote_is_shown_in_its_place() -> None:
    reply = "Before that nothing worked. I moved the writes to a queue. After that it did."
    start = reply.index("I moved")
    shown = in_place(reply, start, start + 30, 3, around=15)
    assert '<mark class="ev c3">I moved the writes to a queue.</mark>' in shown
    assert shown.startswith("<blockquote>… worked. ")
    assert shown.endswith(" After that it …</blockquote>")
    assert "…" not in in_place("All of it.", 0, 10, 0)


# -- the view of an interview ----------------------------------------------------------------------------------------


def test_the_status_says_where_one_is_and_how_long_is_left(room) -> None:
    service, clock = room([1, 1])
    interview = begin(service)
    count = len(service.interview(interview).plan.questions)
    clock.forward(minutes=10)
    line = status(service.interview(interview), clock.now)
    assert line == f"Staff · behavioral · question 1 of {count} · 10 of 45 min used · 35 min left"
    service.pause(interview)
    clock.forward(hours=3)
    assert status(service.interview(interview), clock.now).endswith("10 of 45 min used · clock paused")
    service.unpause(interview)
    assert "no time left" in status(service.interview(interview), clock.now + timedelta(hours=2))


def test_the_view_follows_the_log(room) -> None:
    service, clock = room([1, 3])
    interview = begin(service)
    shown = view(service.interview(interview), clock.now)
    assert (shown.phase, shown.owed, shown.editable, shown.closed_exchange) == ("talk", False, False, None)
    service.take(interview, "if x:\n    return <y>")
    shown = view(service.interview(interview), clock.now)
    assert shown.owed
    assert shown.messages[-1] == {
        "role": "user",
        "content": [{"type": "text", "text": "if x:\n    return &lt;y&gt;"}],
    }
    "".join(service.resume(interview))
    shown = view(service.interview(interview), clock.now)
    assert shown.editable
    assert not shown.owed
    assert service.withdraw(interview) == "if x:\n    return <y>"
    assert len(view(service.interview(interview), clock.now).messages) == 1
    "".join(service.reply(interview, STORY))
    "".join(service.finish(interview))
    shown = view(service.interview(interview), clock.now)
    assert (shown.phase, shown.editable) == ("done", False)


def test_a_draft_that_was_sent_is_not_shown_again() -> None:
    assert draft_to_show("half an ans", "half an answer") == ""
    assert draft_to_show("half an answer", "") == "half an answer"
    assert draft_to_show("something else", "half an answer") == "something else"


# -- ratings and the scorecard ---------------------------------------------------------------------------------------


def scored_exchange(guide, values, reply=STORY, kind=Kind.BEHAVIORAL, flags=(), position=0):
    rubric = guide.rubric(Level.STAFF, kind, ("thinks-strategically",))
    ratings = tuple(
        Rating(
            item.id, values.get(item.id, 0), 0.7, (Evidence(0, 2, 16),) if values.get(item.id, 0) >= 2 else (), "Why."
        )
        for item in rubric.items()
    )
    exchange = Exchange(Level.STAFF, kind, "Q?", (Turn("candidate", reply),))
    return score(position, rubric, exchange, Grade(ratings, tuple(flags), Scope.AT, MAKER))


def test_an_exchange_shows_quote_reason_passage_and_next_step(room, guide) -> None:
    service, _ = room([2])
    interview = begin(service)
    "".join(service.reply(interview, STORY))
    state = service.interview(interview)
    flags = [Flag("blames-others", 0.7, (Evidence(0, 44, 57),)), Flag("no-trade-offs", 0.6)]
    one = scored_exchange(guide, {"thinks-strategically": 2}, flags=flags)
    shown = exchange_card(state, one, guide, after_end=True)
    assert '<mark class="ev c0">wrote the plan</mark>' in shown
    assert "shown" in shown
    assert "Why." in shown
    assert escape(guide.passage("thinks-strategically").section) in shown
    assert "Add why you did it that way and what came of it" in shown
    assert '<mark class="ev c5">Billing feare</mark>' in shown
    assert "From what is missing." in shown
    assert "Outline of a strong answer" in shown
    assert "Outline of a strong answer" not in exchange_card(state, one, guide, after_end=False)


def test_what_has_no_grade_says_so_and_has_no_number(room, guide) -> None:
    service, _ = room([NotAssessed("Nothing was said."), Ungraded("The model timed out.")])
    interview = begin(service)
    "".join(service.reply(interview, STORY))
    "".join(service.finish(interview))
    card = service.scorecard(interview)
    page = scorecard_page(service.interview(interview), card, guide)
    assert "Not enough to say" in page
    assert "Not assessed: Nothing was said." in page
    assert "0 of the 3 graded answers" in page
    assert "What you showed" not in page
    rubric = guide.rubric(Level.STAFF, Kind.BEHAVIORAL)
    exchange = Exchange(Level.STAFF, Kind.BEHAVIORAL, "Q?", (Turn("candidate", "x"),))
    outcomes = [Ungraded("no"), None, NotAssessed("no")]
    assert ungraded(scorecard(Level.STAFF, [score(i, rubric, exchange, o) for i, o in enumerate(outcomes)])) == [0, 1]


def test_the_scorecard_of_an_interview(room, guide) -> None:
    service, clock = room([0, 0, 0, 3, 3, 3, 1, 1, 1, 3, 3, 3])
    interview = begin(service)
    for _ in range(6):
        clock.forward(minutes=1)
        "".join(service.reply(interview, STORY))
    service.note(interview, NASTY)
    "".join(service.finish(interview))
    state, card = service.interview(interview), service.scorecard(interview)
    page = scorecard_page(state, card, guide)
    assert card.assessed >= 3
    assert f'<h2 class="verdict" tabindex="-1">{card.verdict.words.capitalize()}</h2>' in page
    for item in guide.look_fors:
        if item.level is Level.STAFF:
            assert escape(item.text) in page
    assert "<script" not in page
    assert escape(NASTY) in page
    assert "planned question" in page  # those that were not reached


def test_a_flag_that_no_question_gave_occasion_for_is_not_called_unseen(room, guide) -> None:
    service, _ = room([])
    interview = begin(service)
    state = service.interview(interview)
    grown = Grade((Rating("takes-ownership", 1, 0.9),), (), Scope.AT, MAKER)
    exchange = Exchange(Level.SENIOR, Kind.BEHAVIORAL, "Q?", (Turn("candidate", STORY),))

    def told(*aims) -> str:
        rubrics = [guide.rubric(Level.SENIOR, Kind.BEHAVIORAL, each) for each in aims]
        # The last is asked about everything, and has no grade.
        outcomes = [(rubric, grown) for rubric in rubrics]
        outcomes.append((guide.rubric(Level.SENIOR, Kind.BEHAVIORAL), Ungraded("no")))
        scored = [score(0, rubric, exchange, outcome) for rubric, outcome in outcomes]
        page = scorecard_page(state, scorecard(Level.SENIOR, scored), guide)
        return re.search(r"<h3>Red flags</h3>(.*?)</section>", page)[1]

    names = {flag.id: flag.text for flag in guide.red_flags}
    seen, _, rest = told(("communicates-clearly",)).partition("Not looked for")
    assert names["blames-others"] in seen
    assert all((names[flag.id] in rest) == bool(flag.aims) for flag in guide.red_flags)
    assert all((names[flag.id] in seen) != bool(flag.aims) for flag in guide.red_flags)
    seen, _, rest = told(("communicates-clearly",), ("helps-others-grow",)).partition("Not looked for")
    assert names["no-influence-examples"] in seen
    assert names["no-influence-examples"] not in rest
    assert "Not looked for" not in told(())


def test_a_plan_too_short_for_a_verdict_is_named_on_its_scorecard(room, guide) -> None:
    service, _ = room([3] * 9)
    interview = begin(service, kinds=(Kind.SYSTEM_DESIGN,))
    "".join(service.reply(interview, STORY))
    "".join(service.finish(interview))
    page = scorecard_page(service.interview(interview), service.scorecard(interview), guide)
    assert '<h2 class="verdict" tabindex="-1">Too short for a verdict</h2>' in page
    assert "A verdict needs 3 graded answers; this interview had 2 questions planned." in page


# -- the library -------------------------------------------------------------------------------------------------------


def test_marks_point_into_the_right_reply(guide) -> None:
    shown = exchange_items(scored_exchange(guide, {"thinks-strategically": 2}))
    assert [mark.number for mark in marks(shown, 0)] == [1]
    assert marks(shown, 1) == []


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_the_library_lists_forgets_and_brings_back(replay) -> None:
    tab, service, _ = replay([3])
    shelf = tab.shelf
    assert "No interviews yet" in tab.refresh()[shelf.list]
    assert not tab.refresh()[tab.data]["visible"]
    interview = begin(service)
    listed = tab.refresh(0, *NO_FILTERS)[shelf.list]
    assert "staff · behavioral · 1 question" in listed
    assert f'href="{escape(f"?replay={interview}&turn=1")}"' in listed
    assert "Nothing fits" in shelf.search("no such word", *NO_FILTERS[1:])[shelf.list]
    listed = shelf.search(*NO_FILTERS[:5], "soon")[shelf.list]  # no error: one would drop the search that waits
    assert "is not a date" in listed
    assert "1 interview." in listed

    opened = tab.go(f"{interview} 1", None)
    assert (opened[tab.chosen], opened[tab.turn], opened[tab.exchange]) == (interview, 0, 0)
    stepped = tab.go(f"{interview} 1", interview)
    assert tab.card not in stepped  # a step draws nothing that stays the same
    for wish in (f"{interview} 2", f"{interview} 0", f"{interview} x", f"{interview} ", "none 1", ""):
        gone = tab.go(wish, None)
        assert not gone[tab.reader]["visible"]
        assert gone[tab.shelf_side]["visible"]
        assert gone[tab.said].count("<p") == 1
    gone = tab.go("none 1", interview, 0, "no such word", *NO_FILTERS[1:])
    assert "Nothing fits" in gone[shelf.list]  # the list stands for what is in the search box

    tab.keep_the_name(interview, "Mine <i>")
    tab.keep_the_note(interview, 0, " First of all. ")
    assert "Mine &#60;i&#62;" in tab.refresh()[shelf.list]
    assert "First of all." in tab.go(f"{interview} 1", None)[tab.talk]
    assert "Deleted: Mine &#60;i&#62;." in tab.remove(interview)[tab.deleted]
    assert "No interviews yet" in tab.refresh()[shelf.list]
    assert interview in tab.bring_back()[shelf.list]
    assert "cannot be brought back" in tab.bring_back()[tab.said]


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_step_that_fails_says_so_and_raises_nothing(replay, monkeypatch) -> None:
    tab, service, _ = replay()
    interview = begin(service)

    def fails(_):
        raise StoreError("The store <cannot> be read.")

    monkeypatch.setattr(service, "interview", fails)
    assert tab.go(f"{interview} 1", interview) == {tab.said: '<p role="alert">The store &#60;cannot&#62; be read.</p>'}


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_an_interview_that_went_on_is_drawn_anew(replay) -> None:
    tab, service, _ = replay([3])
    interview = begin(service)
    opened = tab.go(f"{interview} 1", None)
    upto = opened[tab.upto]
    drawn = tab.show_panels(interview, 0, upto, InView())[tab.drawn]
    assert tab.talk not in tab.look_again(interview, 0, upto)  # a late answer would undo a step made meanwhile
    assert tab.show_panels(interview, 0, upto, drawn) == {tab.drawn: drawn}  # and this, what was filled in
    tab.keep_the_note(interview, 0, "A note.")
    assert tab.look_again(interview, 0, upto).keys() == tab.refresh().keys()

    "".join(service.reply(interview, STORY))
    "".join(service.finish(interview))
    again = tab.look_again(interview, 0, upto)
    assert "Turn 1 of 4." in again[tab.place]
    assert not again[tab.go_on]["visible"]
    assert "It was ended early." in again[tab.card]
    assert tab.undone not in again  # what was asked before stays
    assert tab.panels[0].progress in tab.show_panels(interview, 0, again[tab.upto], drawn)

    service.delete(interview)
    gone = tab.look_again(interview, 0, again[tab.upto])
    assert not gone[tab.reader]["visible"]
    assert "No interviews yet" in gone[tab.shelf.list]


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_form_is_kept_for_what_it_was_drawn_for(replay) -> None:
    tab, _, blocks = replay()
    rate, compare = next(p for p in tab.panels if isinstance(p, RatePanel)), tab.panels[0]
    for button in (rate.keep, rate.say, compare.grade, compare.retry):
        taken = [fn.inputs[0] for fn in blocks.fns.values() if (button._id, "click") in fn.targets]
        assert taken == [tab.drawn]  # not the turn that the page has gone on to


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_what_a_person_thinks_stands_beside_the_grade_as_soon_as_it_is_kept(replay) -> None:
    tab, service, blocks = replay([3])
    rate = next(p for p in tab.panels if isinstance(p, RatePanel))
    interview = begin(service)
    "".join(service.reply(interview, STORY))
    "".join(service.finish(interview))
    tab.go(f"{interview} 2", None)
    view = InView(interview, 0)
    steps = [fn for fn in blocks.fns.values() if (rate.kept._id, "change") in fn.targets]
    assert [fn.inputs[:2] for fn in steps] == [[tab.wish, tab.chosen]]
    for button in (rate.keep, rate.say):
        (fn,) = (fn for fn in blocks.fns.values() if (button._id, "click") in fn.targets)
        assert fn.inputs[1] is rate.kept
        assert rate.kept in fn.outputs

    with pytest.raises(InputError, match="Nothing was rated yet"):
        rate.keep_rating(view, 0, SELF, "", False, None, None, [], "")
    assert rate.keep_rating(view, 0, SELF, "", True, None, None, [], "", 2)[rate.kept] == 1
    given = service.interview(interview).rated[0].grade.ratings[0].item
    assert rate.keep_objection(view, 1, given, 1, "It was less.")[rate.kept] == 2
    drawn = tab.go(f"{interview} 2", interview)
    assert "rated it 2 before seeing this." in drawn[tab.ratings]
    assert "it should be 1: It was less." in drawn[tab.ratings]
    assert not drawn.keys() & {rate.about, tab.chosen, tab.head}


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_the_copied_link_is_told_in_the_line_that_every_step_draws(replay) -> None:
    tab, _, blocks = replay()
    (fn,) = (fn for fn in blocks.fns.values() if (tab.copy._id, "click") in fn.targets)
    assert fn.outputs == [tab.place]
    assert tab.place in tab.page


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_the_other_bar_says_that_it_is_being_graded_and_a_run_goes_with_its_interview(replay, monkeypatch) -> None:
    tab, service, _ = replay([3, 3, 3, 3])
    panel = tab.panels[0]
    monkeypatch.setattr(panel.parts, "grader", lambda: ScriptedGrader([3]))
    views = []
    for _ in range(2):
        interview = begin(service)
        "".join(service.reply(interview, STORY))
        "".join(service.finish(interview))
        views.append(InView(interview, 0))
    run = panel.regrading.grade(views[0].interview, 0, Job(ScriptedGrader([2]))).run
    (shown,) = panel.draw(views[0], False, run)
    assert (shown[panel.run]["value"], len(shown[panel.run]["choices"])) == (run, 1)
    assert "Rated lower" in shown[panel.page]

    # It is none of the next interview's choices, and Gradio would refuse it.
    first, then = panel.draw(views[1], True, run)
    assert first[panel.run] == then[panel.run] == gr.update(choices=[], value=None, visible=False)
    assert first[panel.page] == ""
    assert 'role="status">Grading under the other bar' in first[panel.bars]
    assert "What counts at senior" in then[panel.bars]
    assert len(list(panel.draw(views[1], True, None))) == 1  # kept by now

    def fails():
        raise InputError("No key <is> set.")

    monkeypatch.setattr(panel.parts, "grader", fails)
    *_, told = panel.draw(views[0], True, run)
    assert told[panel.bars] == '<p role="alert">No key &#60;is&#62; set.</p>'


def test_a_row_of_the_library_says_where_it_came_from() -> None:
    line = Line("abc", START, "", Level.STAFF, tuple(Kind), 3, True, None, imported="<b>.json", again=True)
    row = library_page(Found([line], 120), 50)
    assert "51 to 51 of 120 interviews." in row
    assert "staff · full loop · 3 questions" in row
    assert "not enough to say" in row
    assert "from &#60;b&#62;.json" in row
    assert "answered again" in row


# -- the page and its entry ------------------------------------------------------------------------------------------


def test_the_setup_tab_names_engines_and_counts(guide, tmp_path) -> None:
    page = setup_tab.page(load_settings(env={"INTERVIEWER_MODEL": "openai:x"}), guide)
    assert "openai:x: answers leave this machine" in page
    assert "embedded: no key, no network" in setup_tab.page(load_settings(env={}), guide)
    senior = sum(item.level is Level.SENIOR for item in guide.look_fors)
    assert f'<th scope="row">Look-fors</th><td>{senior}</td>' in page


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_the_page_is_built_private_and_quiet(room, tmp_path, blocks_allowed) -> None:
    service, _ = room()
    settings = load_settings(env={"INTERVIEWER_DATA_DIR": str(tmp_path / "data")})
    blocks = build_screen(service, Parts(settings))
    assert {fn.api_name for fn in blocks.fns.values() if fn.api_visibility != "private"} == set(ENDPOINTS)
    assert not blocks.analytics_enabled
    secret = browser_secret(tmp_path / "data")
    assert len(secret) == 32
    assert browser_secret(tmp_path / "data") == secret
    assert (tmp_path / "data" / "browser-key").stat().st_mode & 0o077 == 0


def test_errors_become_toasts() -> None:
    def fails(error):
        raise error

    with pytest.raises(gr.Error) as caught:
        guarded(fails)(InputError("Shorten <it>."))
    assert caught.value.message == "Shorten &#60;it&#62;."
    with pytest.raises(gr.Error) as caught:
        guarded(fails)(KeyError("secret words"))
    assert "secret words" not in caught.value.message
    assert "A fault of the program" in caught.value.message


def test_the_app_does_not_start_on_a_wrong_setting(tmp_path, capsys, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)

    def refused(*arguments: str) -> str:
        assert app.main(list(arguments)) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.count("\n") == 1
        return err

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"Port {port} is in use" in refused("--port", str(port))
    assert "cannot be listened on" in refused("--host", "256.0.0.1", "--port", "0")
    assert "port" in refused("--port", "70000")
    (tmp_path / "broken.toml").write_text("model = ")
    assert "not valid TOML" in refused("--config", str(tmp_path / "broken.toml"))
    assert "no settings file" in refused("--config", str(tmp_path / "none.toml"))
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("INTERVIEWER_DATA_DIR", str(tmp_path / "file" / "data"))
    assert "cannot be written" in refused("--port", "0")


def test_the_first_page_needs_nothing_heavy() -> None:
    code = "import sys, app, interviewer.ui.screen; print(*(m for m in sys.modules if '.' not in m))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert not set(run.stdout.split()) & {"chromadb", "onnxruntime", "langchain", "langchain_core", "openai", "torch"}


def test_the_models_one_may_choose_are_those_of_the_settings(tmp_path) -> None:
    assert models(load_settings(env={})) == [("embedded", "")]
    path = tmp_path / "interviewer.toml"
    path.write_text('[interviewer]\nmodel = "openai:x"\n[profiles.local]\nmodel = "openai:y"\n')
    assert models(load_settings(path, env={})) == [
        ("openai:x speaks, embedded grades", ""),
        ("embedded: no key, no network", "embedded"),
        ("local (openai:y)", "local"),
    ]
