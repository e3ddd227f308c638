"""Stepping through an interview: what was known at a turn, what it changed, and the timeline of it all."""

import re
from dataclasses import replace

import pytest

from interviewer.grading.rating import Evidence, Flag, Grade, Rating, Scope, Ungraded
from interviewer.guide.model import Guide, Kind, Level
from interviewer.interview.events import Disputed, Noted, Probe, RatedByPerson
from interviewer.interview.state import Asked, Interview
from interviewer.service import Service, Setup
from interviewer.store import open_store
from interviewer.ui.html import Mark, marked
from interviewer.ui.stepping import changes, known, step_count, turn_page
from interviewer.ui.timeline import beats, pace, timeline
from tests.helpers import MAKER, NoPassages, PlainInterviewer, ScriptedGrader, grade

STORY = "I wrote the plan and took it to four teams. Billing feared double booking, so I changed it twice."
ITEM = "thinks-strategically"
OTHERS = ("influences-across-teams", "navigates-ambiguity", "balances-short-long-term", "develops-senior-engineers")
FLAG = "no-trade-offs"


def reading(value: int, *flags: Flag, reply: int = 1) -> Grade:
    span = (Evidence(reply, 2, 16),) if value >= 2 else ()
    others = (Rating(item, 0, 0.7) for item in OTHERS)
    return Grade((Rating(ITEM, value, 0.7, span, "Because of <this>."), *others), flags, Scope.AT, MAKER)


@pytest.fixture
def held(guide: Guide, tmp_path):
    """Hold an interview whose grader follows a script, and hand back its service and id."""
    stores = []

    def hold(readings, *replies: str, end: bool = True):
        store = open_store(tmp_path / str(len(stores)))
        stores.append(store)
        sensor = ScriptedGrader(readings)
        service = Service(guide, store, NoPassages, lambda: sensor, PlainInterviewer, lambda: sensor)
        interview = service.start(Setup(Level.STAFF, (Kind.BEHAVIORAL,), 45, 1))
        "".join(service.resume(interview))
        for text in replies:
            "".join(service.reply(interview, text))
        if end:
            "".join(service.finish(interview))
        return service, interview

    yield hold
    for store in stores:
        store.close()


def two_answers(held) -> Interview:
    """Hold a question with a probe: the first answer raises a flag, the second lifts it and shows an item."""
    said = Flag("blames-others", 0.6, (Evidence(1, 44, 57),), "Billing is blamed.")
    service, interview = held([reading(0, Flag(FLAG, 0.8)), reading(3, said)], "Vague words.", STORY)
    return service.interview(interview)


def test_a_turn_knows_only_what_was_known_then(held, guide) -> None:
    state = two_answers(held)
    assert isinstance(state.said[2].step, Probe)
    asked = state.asked[0]
    assert known(asked, 0) is None
    assert known(asked, 1).ratings[0].value == 0
    assert known(asked, 2).ratings[0].value == 3
    talk, side = turn_page(state, 0, guide)
    assert "No answer yet" in side
    assert "Vague words." not in talk
    talk, side = turn_page(state, 1, guide)
    assert "<mark" not in talk
    assert "Interviewer probes" not in talk
    talk, side = turn_page(state, 3, guide)
    assert talk.count("aria-current") == 1
    assert 'data-items="thinks-strategically"' in talk
    assert "shown strongly" in side


def test_a_newer_reading_of_the_same_replies_wins() -> None:
    first, second, partial = grade({"a": 1}), grade({"a": 3}), grade({"a": 0})
    asked = Asked(ask=None, assessments=((1, partial), (2, first), (2, second)))  # type: ignore[arg-type]
    assert known(asked, 2) is second
    assert known(asked, 1) is partial


def test_an_answer_says_what_its_probe_brought_out(held, guide) -> None:
    state = two_answers(held)
    first, second = changes(state, 1, guide), changes(state, 3, guide)
    assert (first.ratings, first.raised, first.lifted) == ((), (FLAG,), ())
    assert second.of(ITEM) == "0 → 3 after this probe"
    assert second.of("navigates-ambiguity") == ""
    assert (second.rose, second.fell, second.raised, second.lifted) == (1, 0, ("blames-others",), (FLAG,))
    assert second.words == "1 rating rose, 1 red flag raised, 1 red flag lifted"
    for turn in (0, 2):  # the interviewer's words change no rating
        assert not changes(state, turn, guide).words
    _, side = turn_page(state, 3, guide)
    assert "0 → 3 after this probe" in side
    assert "raised after this probe" in side
    assert f"Red flag lifted: {guide.item(FLAG).text}." in side
    assert "0 → 3" not in turn_page(state, 2, guide)[1]


def test_a_rating_that_falls_and_one_that_is_new(held, guide) -> None:
    service, interview = held([reading(2, reply=0), reading(1)], STORY, STORY)
    state = service.interview(interview)
    assert changes(state, 1, guide).of(ITEM) == "new"
    fell = changes(state, 3, guide)
    assert (fell.rose, fell.fell, fell.of(ITEM)) == (0, 1, "2 → 1 after this probe")
    assert '<i class="down">' in timeline(interview, state, 3, guide)


def test_a_grading_that_failed_changes_nothing(held, guide) -> None:
    service, interview = held([reading(2, reply=0), Ungraded("The model timed out.")], STORY, "And more.")
    state = service.interview(interview)
    assert not changes(state, 3, guide).words
    assert "The model timed out." in turn_page(state, 3, guide)[1]


def test_the_item_of_a_probe_is_told_after_the_end_only(held, guide) -> None:
    for end in (True, False):
        service, interview = held([reading(1), reading(1)], "Vague words.", "More of it.", end=end)
        state = service.interview(interview)
        assert isinstance(state.said[2].step, Probe)
        told = guide.item(state.said[2].step.item).text
        assert (f"after “{told}”" in turn_page(state, 2, guide)[0]) is end


def test_every_turn_is_on_the_timeline_with_its_signs_in_words(held, guide) -> None:
    state = two_answers(held)
    state = replace(state, line_notes=((3, "Say a number."),))
    found = beats(state, guide)
    assert len(found) == step_count(state)
    assert found[0].words == "Turn 1, the interviewer asks"
    assert found[1].words == "Turn 2, you answer; 1 red flag raised"
    assert found[2].words == "Turn 3, the interviewer probes"
    assert found[3].words == "Turn 4, you answer; 1 rating rose, 1 red flag raised, 1 red flag lifted; your note"
    page = timeline("abc", state, 3, guide)
    links = re.findall(r'<a href="([^"]*)"[^>]*>', page)
    assert [link.replace("&#38;", "&") for link in links] == [f"?replay=abc&turn={n + 1}" for n in range(len(found))]
    assert page.count("aria-current") == 1
    assert page.count('tabindex="0"') == 1
    assert "Say a number." in turn_page(state, 3, guide)[0]
    assert "Say a number." not in turn_page(state, 2, guide)[0]


def test_people_stand_beside_the_rating_they_speak_of(held, guide) -> None:
    service, interview = held([reading(1), reading(2)], "Vague words.", STORY)
    mine = Grade((Rating(ITEM, 3, 1.0),), (), Scope.AT, MAKER)
    service.store.append(
        interview,
        RatedByPerson(0, 2, "coach", "Ann <x>", mine, 3, blind=True),
        Disputed(0, ITEM, 3, "I named the year after."),
        Noted("Breathe.", line=1),
    )
    state = service.interview(interview)
    _, side = turn_page(state, 3, guide)
    assert "<b>Ann &#60;x&#62;: </b>rated it 3 before seeing this." in side
    assert "it should be 3: I named the year after." in side
    assert "Ann" not in turn_page(state, 1, guide)[1]  # rated with the second answer read


def test_a_mark_can_be_pressed_and_a_flag_has_a_style_of_its_own() -> None:
    marks = [Mark(0, 8, 1, 0, "first", "a"), Mark(4, 12, 0, 0, "Red flag: b", "b", flag=True)]
    shown = marked("some words here", marks, choosable=True)
    assert '<mark class="ev c0" title="first" role="button" tabindex="0" data-items="a">some</mark>' in shown
    assert 'class="ev c0 raised" title="first; Red flag: b" role="button" tabindex="0" data-items="a b"' in shown
    assert 'class="ev raised"' in shown
    assert "⚑" in shown
    assert "role" not in marked("some words here", marks)


def test_nothing_said_is_nothing_to_step_through(held, guide) -> None:
    service, interview = held([], end=False)
    state = replace(service.interview(interview), said=(), asked=())
    assert step_count(state) == 0
    assert "Nothing was said" in turn_page(state, 0, guide)[0]
    assert beats(state, guide) == []


def test_a_longer_turn_is_shown_longer() -> None:
    assert pace("") == 2000
    assert pace("one two three four") == 3000
