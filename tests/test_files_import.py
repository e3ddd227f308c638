"""Interviews into the library: exported ones as they were, transcripts as interviews that can be graded."""

import json
import re
import time
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path

import numpy as np
import pytest

from interviewer.errors import InputError, StoreError, UnknownInterview
from interviewer.files import text as text_module
from interviewer.files.bring import Hints, bring, grade_all, read_lines
from interviewer.files.captions import read_captions
from interviewer.files.chatlog import read_chat
from interviewer.files.course import _ASKS, _SMALL_TALK, LONG, _opens
from interviewer.files.export import export
from interviewer.files.record import digest
from interviewer.files.sides import take_sides
from interviewer.grading.rating import Grade
from interviewer.guide.model import Kind, Level
from interviewer.interview.events import Noted
from interviewer.service import Service, Setup
from interviewer.store import open_store
from tests.helpers import START, Clock, NoPassages, PlainInterviewer, ScriptedGrader

ANSWER = (
    "Settlement kept missing its window and nobody owned the reason. I wrote a proposal to take the ledger writes out "
    "of the monolith, went through it with the leads of four teams one by one, and changed it twice because billing "
    "feared double booking. Failures fell from three percent to almost none within a quarter, and two teams copied it."
)
CHAT = f"""Interviewer: Hi Ana, how are you?
Ana: Fine, thanks.
Interviewer: Tell me about a time you moved a team that did not report to you.
Ana: {ANSWER}
Interviewer: What did billing fear?
Ana: That a retry books the same payment twice.
Interviewer: Which decision of yours would you take back today, knowing how it all turned out?
Ana: The first queue. It had no dead letter handling, so I lost a day of events and owned that with the leads.
Interviewer: Thank you, that is all.
"""
VTT = """WEBVTT - an interview

STYLE
::cue { color: red }

NOTE this is a note

intro
00:01.000 --> 00:04.000 align:start
<v Mark Weber>Tell me about a time you moved
a team that did not report to you.

00:05.500 --> 00:09.000
<v.loud Ana Lima>I wrote a proposal &amp; went through it

00:09.000 --> 00:14.250
<v Ana Lima>with the leads <i>one by one</i>.</v>

01:00:15.000 --> 01:00:16.000
<v Mark Weber>What did they fear?</v> <v Ana Lima>Double booking.</v>
"""
SRT = """1
00:00:01,000 --> 00:00:04,000
MARK WEBER: Tell me about a time you moved
a team that did not report to you.

2
00:00:05,500 --> 00:00:09,000
ANA: I wrote a proposal
3
00:00:09,000 --> 00:00:14,250
and went through it with the leads.

4
00:00:15,000 --> 00:00:16,000
MARK WEBER: What did they fear?

5
00:00:17,000 --> 00:00:18,000
ANA: Double booking.
"""


def encode(texts):
    """Return bags of words: the same words are alike, others are not."""
    rows = np.zeros((len(texts), 4096), np.float32)
    for row, text in zip(rows, texts, strict=True):
        for word in re.findall(r"\w+", text.lower()):
            row[sum(ord(c) * 31**n for n, c in enumerate(word[:12])) % 4096] += 1
    return rows / np.maximum(1e-9, np.linalg.norm(rows, axis=1, keepdims=True))


@pytest.fixture
def service(guide, tmp_path):
    store = open_store(tmp_path / "data")
    sensor = ScriptedGrader([3] * 40)
    yield Service(guide, store, NoPassages, lambda: sensor, PlainInterviewer, lambda: sensor, clock=Clock())
    store.close()


@pytest.fixture
def give(service, tmp_path):
    """Import a file with this text."""

    def one(content: str | bytes, name: str = "talk.txt", **hints):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return bring(path, service.store, service.guide, encode, Hints(**hints), START)

    return one


def said(transcript) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in transcript.turns]


# -- transcripts to turns ----------------------------------------------------------------------------------------------


def test_webvtt_with_voices() -> None:
    read = read_captions(VTT)
    assert said(read) == [
        ("Mark Weber", "Tell me about a time you moved a team that did not report to you."),
        ("Ana Lima", "I wrote a proposal & went through it with the leads one by one."),
        ("Mark Weber", "What did they fear?"),
        ("Ana Lima", "Double booking."),
    ]
    assert [turn.at for turn in read.turns] == [1.0, 5.5, 3615.0, 3615.0]
    assert [(turn.line, turn.last) for turn in read.turns][:2] == [(10, 11), (14, 17)]
    assert not read.problems


def test_srt_with_names_and_a_number_too_near() -> None:
    read = read_captions(SRT)
    assert said(read) == [
        ("MARK WEBER", "Tell me about a time you moved a team that did not report to you."),
        ("ANA", "I wrote a proposal and went through it with the leads."),
        ("MARK WEBER", "What did they fear?"),
        ("ANA", "Double booking."),
    ]
    assert [turn.at for turn in read.turns] == [1.0, 5.5, 15.0, 17.0]


def test_what_is_no_cue_is_listed_by_line() -> None:
    read = read_captions(VTT + "\nstray words\n\n00:99 --> what\n<v Ana Lima>lost")
    assert next((one.line, "stray words" in one.reason) for one in read.problems) == (22, True)
    assert [one.line for one in read.problems] == [22, 24, 25]


@pytest.mark.parametrize(
    "line",
    [
        "Ana: hello", "[10:02] Ana: hello", "10:02 Ana: hello", "[2026-03-01 10:02:33] Ana: hello", "**Ana:** hello",
        "**Ana**: hello", "(00:12:03) Ana: hello", "Ana (10:02): hello", "10:02 PM - Ana: hello",
        "Ana [00:01:02]\nhello", "ANA 0:12\nhello",
    ],
)  # fmt: skip
def test_a_speaker_is_read_in_many_forms(line) -> None:
    read = read_chat(f"{line}\nInterviewer: and?\n")
    assert [(who.lower(), text.strip()) for who, text in said(read)] == [("ana", "hello"), ("interviewer", "and?")]


def test_lines_without_a_name_go_on_with_the_turn() -> None:
    read = read_chat(
        "Interviewer: go\nAna: I wrote\n\n    def f(x):\n    Else: pass\nResult: it held.\nhttps://x.example\n"
    )
    assert said(read)[1] == (
        "Ana", "I wrote\n\n    def f(x):\n    Else: pass\nResult: it held.\nhttps://x.example"
    )  # fmt: skip


def test_times_of_a_log_are_counted_from_its_first() -> None:
    read = read_chat("[2026-03-01 10:02] Mark: Why?\n[2026-03-01 10:03:30] Ana: So.\n[2026-03-01 10:01] Mark: And?\n")
    assert [turn.at for turn in read.turns] == [0, 90, 90]
    assert read.day.isoformat().startswith("2026-03-01T10:02")
    assert [turn.at for turn in read_chat("Mark 0:05\nWhy?\nAna 12:40\nSo.\n").turns] == [0, 755]


def test_a_time_inside_an_answer_is_the_candidates_own() -> None:
    answer = "I was on call.\n14:02 the alert fired\n14:09: we rolled back"
    assert said(read_chat(f"Mark: Why?\nAna: {answer}\nMark: And?\n"))[1] == ("Ana", answer)
    timed = read_chat(f"[10:00] Mark: Why?\n[10:01] Ana: {answer}\n[10:02] and so on\n[10:05] Mark: And?\n")
    assert said(timed)[1] == ("Ana", f"{answer}\nand so on")
    assert [turn.at for turn in timed.turns] == [0, 60, 300]


@pytest.mark.parametrize(
    ("first", "second", "seconds"),
    [
        ("[2026-03-01 23:50]", "[2026-03-02 00:10]", 1200),
        ("[2026-03-01 23:50]", "[00:10]", 1200),
        ("[23:50]", "[00:10]", 1200),
        ("[11:50 PM]", "[12:10 AM]", 1200),
        ("[12:10 AM]", "[12:20 AM]", 600),
        ("[11:50 AM]", "[12:10 PM]", 1200),
        ("[12:50]", "[1:10]", 1200),
        ("[10:50]", "[10:10]", 0),
        ("[2026-03-01 10:00]", "[2026-02-30 10:10]", 600),
        ("[10:00]", "[2026-03-01 10:10]", 600),
    ],
)
def test_a_clock_goes_on_past_midnight_and_noon(first, second, seconds) -> None:
    assert [turn.at for turn in read_chat(f"{first} Mark: Why?\n{second} Ana: So.\n").turns] == [0, seconds]


def test_the_day_of_a_log_is_local_or_utc_as_it_says(monkeypatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        days = [read_chat(f"2026-03-01T12:00{zone} Mark: Why?\nAna: So.\n").day for zone in ("Z", "")]
        midnight = read_chat("2026-03-01 12:10 AM Mark: Why?\nAna: So.\n").day
    finally:
        monkeypatch.undo()
        time.tzset()
    assert [day.astimezone(UTC).hour for day in days] == [12, 17]
    assert midnight.astimezone(UTC).hour == 5


def test_words_before_anybody_is_named_are_listed() -> None:
    read = read_chat("Notes of Friday\n\nInterviewer: go\nAna: I went.\n")
    assert [str(one) for one in read.problems] == ["line 1: stands before anybody is named: 'Notes of Friday'"]


# -- who is who --------------------------------------------------------------------------------------------------------


def test_who_asks_more_is_the_interviewer_and_that_is_said() -> None:
    turns, notes = take_sides(read_captions(VTT).turns)
    assert [turn.speaker for turn in turns] == ["interviewer", "candidate", "interviewer", "candidate"]
    assert notes[0].startswith("Guessed: Mark Weber asks 1 question and Ana Lima 0")
    turns, notes = take_sides(read_captions(VTT).turns, candidate="mark weber")
    assert turns[0].speaker == "candidate"
    assert notes == ["The candidate is Mark Weber; Ana Lima asks."]


def test_two_interviewers_are_one_side_and_their_turns_are_joined() -> None:
    read = read_chat("Mark: Hello.\nEva: Why a queue?\nAna: Because.\nMark: And?\nAna: So.\nEva: Fine.\n")
    turns, _ = take_sides(read.turns, candidate="Ana")
    assert next((turn.speaker, turn.text) for turn in turns) == ("interviewer", "Hello.\n\nWhy a queue?")
    assert len(turns) == 5


def test_a_name_that_stands_once_is_listed() -> None:
    read = read_chat("Mark: Why?\nAna: So.\nCaveat: it held.\nMark: And?\nAna: So.\n")
    assert [str(one) for one in read.problems] == ["line 3: 'Caveat' is not taken for a speaker: it stands there once"]
    assert read.turns[1].text == "So.\nCaveat: it held."


def test_a_third_speaker_is_no_part_of_the_answer() -> None:
    talk = "Interviewer: Why?\nCandidate: So.\nPriya: And how?\nCandidate: Like this.\nPriya: When?\n"
    assert said(read_chat(talk))[2:] == [("Priya", "And how?"), ("Candidate", "Like this."), ("Priya", "When?")]
    # Where names stand after times, what has none is a label in an answer.
    timed = read_chat("[10:00] Mark: Why?\n[10:01] Ana: So.\nLatency: 5 ms\n[10:02] Mark: And?\nLatency: less?\n")
    assert said(timed) == [("Mark", "Why?"), ("Ana", "So.\nLatency: 5 ms"), ("Mark", "And?\nLatency: less?")]
    assert str(timed.problems[0]) == "line 3: 'Latency' is not taken for a speaker: it does not stand as the names do"
    dashed = read_captions(
        "1\n00:00:01,000 --> 00:00:04,000\n- Mark: Why?\n- Ana: So.\n\n"
        "2\n00:00:05,000 --> 00:00:06,000\nPriya: How?\n\n"
        "3\n00:00:07,000 --> 00:00:08,000\nAna: Like this.\n\n4\n00:00:09,000 --> 00:00:10,000\nPriya: When?\n"
    )
    assert [who for who, _ in said(dashed)] == ["Mark", "Ana", "Priya", "Ana", "Priya"]


def test_a_name_that_is_not_there_is_refused(give) -> None:
    with pytest.raises(InputError, match=r"'talk.txt': Nobody in it is called 'Bob'; those who speak are Interv"):
        give(CHAT, candidate="Bob")


# -- turns to an interview ---------------------------------------------------------------------------------------------


def test_a_chat_log_becomes_an_interview(service, give) -> None:
    brought = give(CHAT, level=Level.STAFF)
    state = service.interview(brought.interview)
    assert state.started.imported == "talk.txt"
    assert state.started.interviewer == "imported"
    assert state.plan.level is Level.STAFF
    assert [(one.line, one.follow_ups) for one in brought.questions] == [(3, 1), (7, 1)]
    assert [asked.replies for asked in state.asked] == [2, 1]
    assert [said.exchange for said in state.said] == [None, None, 0, 0, 0, 0, 1, 1, 1]
    assert [said.step.name for said in state.said if said.step] == ["ask", "probe", "ask", "close"]
    assert state.closed.because == "done"
    assert list(grade_all(service, brought.interview)) == [(0, 2), (1, 2), (2, 2)]
    assert all(isinstance(asked.assessment, Grade) for asked in service.interview(brought.interview).asked)


def test_a_question_of_the_guide_is_known(service, give, guide) -> None:
    known = next(q for q in guide.questions if q.kind is Kind.DEEP_DIVE and q.aims and "?" not in q.text)
    brought = give(CHAT.replace("Tell me about a time you moved a team that did not report to you.", known.text))
    asked = service.interview(brought.interview).asked[0].ask
    assert (asked.question, asked.kind, asked.aims) == (known.id, Kind.DEEP_DIVE, known.aims)
    assert service.interview(give(CHAT, kind=Kind.CODING).interview).plan.kinds == (Kind.CODING,)


def test_questions_of_the_guide_are_heard_as_such(guide) -> None:
    missed = [q.text for q in guide.questions if not _ASKS.search(q.text) or _SMALL_TALK.search(q.text)]
    assert len(missed) < len(guide.questions) / 50, missed


@pytest.mark.parametrize(
    ("text", "opens"),
    [
        ("Thanks. Moving on: how do you plan?", True),
        ("Tell me about a time you failed.", True),
        ("Which system that you built are you most proud of, and what did you consider for it?", True),
        ("You said billing feared double booking; what exactly did they fear, and who told you about that?", False),
        ("And what happened with the two teams that copied it, did they keep it for longer than a year?", False),
        ("What did they fear?", False),
        ("Great, thank you for all of that, it was a very clear answer to a rather long question.", False),
        ("Do you have any questions for me before we finish for today, about the team or the work?", False),
    ],
)
def test_what_opens_a_question(text, opens) -> None:
    assert _opens(text, False, first=False, answered=80) is opens
    if opens and len(text.split()) > LONG:
        assert not _opens(text, False, first=False, answered=10)


def test_cue_times_are_event_times(service, give) -> None:
    state = service.interview(give(VTT, "a.vtt").interview)
    began = START - timedelta(seconds=3615)
    assert state.started.at == began
    assert [said.at - began for said in state.said] == [timedelta(seconds=s) for s in (1, 5.5, 3615, 3615)]
    assert state.plan.minutes == 60


def test_markers_and_lines_correct_the_rule(service, give) -> None:
    brought = give(CHAT, questions=(5,))
    assert [one.line for one in brought.questions] == [5]
    marked = CHAT.replace("Interviewer: What did", "Interviewer: Q: What did")
    brought = give(marked, "b.txt")
    assert [(one.line, one.text) for one in brought.questions] == [(5, "What did billing fear?")]
    headed = CHAT.replace("Interviewer: Tell", "## Question 1\nInterviewer: Tell")
    assert [one.line for one in give(headed, "c.txt").questions] == [4]
    short = give("Q: Why a queue?\nA: It was there.\nQ: And then?\nA: Nothing.\n", "d.txt")
    assert [one.line for one in short.questions] == [1, 3]
    joined = CHAT.replace(
        "Interviewer: What did billing fear?", "Interviewer: Fine.\nInterviewer: What did billing fear?"
    )
    both = give(joined, "e.txt", questions=(5, 6, 8))
    assert [(one.line, one.follow_ups) for one in both.questions] == [(5, 0), (8, 1)]
    assert [said.exchange for said in service.interview(both.interview).said][4:] == [0, 0, 1, 1, 1]
    with pytest.raises(InputError, match="Line 4 holds no words of the interviewer"):
        give(CHAT, questions=(4,))


def test_the_words_of_a_question_make_its_id(service, give) -> None:
    def ids(content: str, name: str) -> list[str]:
        return [asked.ask.question for asked in service.interview(give(content, name).interview).asked]

    first = ids("Q: Почему очередь?\nA: So.\nQ: And then?\nA: Nothing.\nQ: and  then?\nA: Nothing.\n", "a.txt")
    second = ids("Q: And then?\nA: So.\nQ: Зачем очередь?\nA: So.\n", "b.txt")
    assert len({*first, *second}) == 4
    assert first[1] == second[0]
    assert first[2].startswith(first[1])


def test_an_import_broken_off_while_grading_is_graded_the_next_time(service, give) -> None:
    brought = give(CHAT)
    grading = grade_all(service, brought.interview)
    assert [next(grading), next(grading)] == [(0, 2), (1, 2)]
    grading.close()
    again = give(CHAT)
    assert again.outcome == "known"
    assert list(grade_all(service, again.interview)) == [(0, 1), (1, 1)]
    assert not list(grade_all(service, again.interview))


def test_our_own_markdown_comes_back_as_the_same_conversation(service, give) -> None:
    first = give(CHAT.replace("twice.", "twice.\n    code = x_y * 2 # <b>\n\n- and a list"), level=Level.STAFF)
    events = [
        replace(event, interrupted=True) if event.type == "InterviewerSpoke" and "billing" in event.text
        else replace(event, text="") if event.type == "CandidateReplied" and "Fine" in event.text
        else event
        for event in service.store.events(first.interview)
    ]  # fmt: skip
    service.delete(first.interview)
    service.store.put(first.interview, events)
    report = export(service, first.interview, "md")
    assert b"(cut off)" in report
    assert b"(silence)" in report
    again = give(report, "report.md", level=Level.STAFF)
    assert again.interview != first.interview
    one, two = service.interview(first.interview), service.interview(again.interview)
    assert [(s.speaker, s.text, s.exchange) for s in two.said] == [(s.speaker, s.text, s.exchange) for s in one.said]


def test_the_same_transcript_again_changes_nothing(service, give) -> None:
    first, second = give(CHAT), give(CHAT)
    assert (first.outcome, second.outcome) == ("new", "known")
    assert first.interview == second.interview
    assert give(CHAT, level=Level.STAFF).outcome == "new"
    assert len(service.store.rows()) == 2


# -- our JSON ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def exported(service):
    interview = service.start(Setup(Level.STAFF, (Kind.BEHAVIORAL,), 45, seed=1))
    "".join(service.resume(interview))
    "".join(service.reply(interview, ANSWER))
    "".join(service.finish(interview))
    return interview, export(service, interview, "json")


def test_export_import_export_is_the_same_to_the_byte(service, give, exported) -> None:
    interview, data = exported
    service.delete(interview)
    brought = give(data, "x.json")
    assert (brought.interview, brought.outcome) == (interview, "new")
    assert export(service, interview, "json") == data


def test_what_is_there_already_is_left(service, give, exported) -> None:
    _interview, data = exported
    assert give(data, "x.json").outcome == "known"
    assert len(service.store.rows()) == 1


def test_a_different_interview_of_the_same_id_is_kept_beside_it(service, give, exported) -> None:
    interview, data = exported
    service.store.append(interview, Noted("since then"))
    brought = give(data, "x.json")
    assert brought.outcome == "new"
    assert brought.interview != interview
    assert f"The library holds another {interview}" in brought.notes[0]
    assert service.interview(interview).notes == ("since then",)
    assert give(data, "x.json").outcome == "known"
    assert len(service.store.rows()) == 2


def changed(data: bytes, change) -> str:
    """Return an export with its events changed and its hash made to fit."""
    found = json.loads(data)
    change(found)
    found["sha256"] = digest(found["events"])
    return json.dumps(found)


def graded(found) -> dict:
    return next(event for event in found["events"] if event["type"] == "ReplyGraded")


def rated(found, overall: int) -> dict:
    """Add a person's rating to an export and return it."""
    grade = {"ratings": [], "flags": [], "scope": "at", "maker": {"engine": "self", "version": "1"}, "panel": []}
    found["events"].append({
        "type": "RatedByPerson", "exchange": 0, "replies": 1, "rater": "self", "name": "", "grade": grade,
        "overall": overall, "blind": True, "at": found["events"][0]["at"],
    })  # fmt: skip
    return found["events"][-1]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda f: f.update(schema=2, version="9.9"), "later version .9.9, schema 2"),
        (lambda f: f.update(schema="1"), "says schema '1'"),
        (lambda f: f.update(format="other"), "not an interview exported by this program"),
        (lambda f: f.update(events=[]), "holds no events"),
        (lambda f: f["events"].pop(0), "the first event is StepChosen"),
        (lambda f: f["events"].append(f["events"][0]), "starts the interview a second time"),
        (lambda f: f["events"][3].update(type="Foreign"), "event 4: it: Input tag 'Foreign'"),
        (lambda f: f["events"][2].pop("text"), "event 3: InterviewerSpoke.text: Field required"),
        (lambda f: f["events"][2].update(mood="good"), "event 3 holds 'mood'"),
        (lambda f: graded(f).update(exchange=7), None),
        (
            lambda f: graded(f)["assessment"]["ratings"][0].update(evidence=[{"reply": 3, "start": 0, "end": 4}]),
            "a quote of question 1 is not in the candidate's words",
        ),
        (
            lambda f: f["events"].append({"type": "Noted", "text": "x", "line": 99, "at": f["events"][0]["at"]}),
            "a note belongs to a line",
        ),
        (
            lambda f: f["events"].append(
                {"type": "Disputed", "exchange": 9, "item": "x", "value": 1, "reason": "", "at": f["events"][0]["at"]}
            ),
            "a disputed rating belongs to a question that was not asked",
        ),
        (
            lambda f: f["events"][0].update(at="2026-03-01T10:00:00"),
            "event 1: the time 2026-03-01T10:00:00 has no zone",
        ),
        (lambda f: rated(f, 7), r"event \d+: an overall is 7; overalls are 1 to 4"),
        (lambda f: rated(f, 0), r"event \d+: an overall is 0; overalls are 1 to 4"),
        (lambda f: rated(f, 2)["grade"].update(panel=[5]), r"event \d+: an overall is 5"),
        (
            lambda f: graded(f)["assessment"]["ratings"][0].update(value=4),
            r"event \d+: '[\w-]+' is rated 4; it is rated 0",
        ),
        (lambda f: graded(f)["assessment"]["ratings"][0].update(value=-1), r"event \d+: '[\w-]+' is rated -1"),
        (
            lambda f: graded(f)["assessment"]["ratings"][0].update(item="alternatives", value=3),
            "'alternatives' is rated 3; it is rated 0 to 2",
        ),
        (
            lambda f: graded(f)["assessment"]["ratings"][0].update(confidence=1.5),
            r"event \d+: '[\w-]+' has confidence 1.5",
        ),
        (
            lambda f: graded(f)["assessment"]["flags"].append({"item": "x", "confidence": -0.1}),
            r"event \d+: 'x' has confidence -0.1; confidences are 0 to 1",
        ),
        (
            lambda f: f["events"].append(
                {"type": "Disputed", "exchange": 0, "item": "x", "value": 9, "reason": "", "at": f["events"][0]["at"]}
            ),
            r"event \d+: a rating should be 9",
        ),
    ],
)
def test_json_that_does_not_fit_is_refused(service, give, exported, change, words) -> None:
    interview, data = exported
    service.delete(interview)
    content = changed(data, change)
    if words is None:  # a grade of a question that was never asked shows nowhere
        assert give(content, "x.json").outcome == "new"
        return
    with pytest.raises(InputError, match=words):
        give(content, "x.json")
    assert not service.store.rows()


def test_json_cut_off_or_changed_is_refused(service, give, exported) -> None:
    _, data = exported
    service.delete_all()
    with pytest.raises(InputError, match=r"'x.json', line \d+: the JSON is broken off or damaged"):
        give(data[: len(data) // 2], "x.json")
    with pytest.raises(InputError, match="was changed after it was exported"):
        give(data.replace(b"billing", b"biling"), "x.json")
    with pytest.raises(InputError, match="NaN is not a number"):
        give(b'{"format": NaN}', "x.json")
    with pytest.raises(InputError, match="no JSON this program can read"):
        give("[" * 100_000, "x.json")
    with pytest.raises(InputError, match="not an interview exported"):
        give('["a list"]', "x.json")
    assert not service.store.rows()


@pytest.mark.parametrize("name", ["jsonl", "calibration"])
@pytest.mark.parametrize("count", [1, 2])
def test_json_lines_are_refused_with_what_to_do(service, give, exported, name, count) -> None:
    interview, data = exported
    found = json.loads(data)
    rated(found, 2)
    service.delete(interview)
    give(changed(data, lambda f: rated(f, 2)), "x.json")
    lines = export(service, interview, name)
    assert lines
    with pytest.raises(InputError, match=r"'x.jsonl' is JSON Lines.* cannot be imported. Export it as JSON"):
        give(lines * count, "x.jsonl")


# -- bad files ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.txt", b"", "'a.txt' is empty"),
        ("a.vtt", b" \n\n", "'a.vtt' is empty"),
        ("a.vtt", b"WEBVTT\n", "Nobody is named in it"),
        ("a.txt", bytes(range(256)) * 20, "'a.txt' is not text"),
        ("a.docx", b"PK\x03\x04rest", "is a packed file"),
        ("a.pdf", b"%PDF-1.7", "is a PDF, not text"),
        ("a.txt", b"Just some prose, with nobody named.", "Nobody is named in it"),
        ("a.txt", b"Interviewer: Tell me about a time you led a team.\nInterviewer: Hello?", "Only Interviewer speaks"),
        ("a.txt", b"Interviewer: Tell me about it all?\nHost: Yes, please do tell us.", "No candidate speaks in it"),
        ("a.txt", b"Interviewer: Hello.\nAna: Hello.\nInterviewer: Bye.\n", "no turn of the interviewer was taken"),
        ("a.txt", b"Ana: Hello.\nInterviewer: Tell me about a time you led a team.\n", "does not answer any question"),
    ],
)
def test_bad_files_are_refused_with_the_reason(service, give, name, content, words) -> None:
    with pytest.raises(InputError, match=words):
        give(content, name)
    assert not service.store.rows()


def test_a_file_that_is_too_large_is_not_read(service, give, tmp_path, monkeypatch) -> None:
    path = tmp_path / "huge.vtt"
    with path.open("wb") as file:
        file.truncate(50 * 2**20)
    monkeypatch.setattr(Path, "read_bytes", lambda self: pytest.fail("it was read"))
    with pytest.raises(InputError, match=r"'huge\.vtt' has 50 MB; at most 8 MB are read"):
        bring(path, service.store, service.guide, encode)
    with pytest.raises(InputError, match="cannot be read: No such file"):
        bring(tmp_path / "gone.vtt", service.store, service.guide, encode)


def test_endless_files_are_refused_with_the_limit(give, monkeypatch) -> None:
    many = "".join(f"Interviewer: Why {n}?\nAna: So.\n" for n in range(1001))
    with pytest.raises(InputError, match=r"has 2,002 turns; at most 2,000"):
        give(many)
    with pytest.raises(InputError, match=r"line 2: one turn has 60,000 characters; at most 50,000"):
        give("Interviewer: Tell me about a time you led a team.\nAna: " + "x" * 60_000)


def test_a_file_full_of_cues_is_read_in_one_go() -> None:
    # Quadratic work on a turn this long would not end.
    cues = "".join(f"00:{n // 60 % 60:02}:{n % 60:02}.000 --> 00:59:59.000\n<v Ana>word {n}\n\n" for n in range(60_000))
    (turn,) = read_captions(f"WEBVTT\n\n{cues}").turns
    assert turn.text.endswith("word 59999")


def test_hostile_lines_do_not_hold_it_up() -> None:
    # Each would end in minutes, not moments, if a pattern looked ahead from every place.
    for line in ("<v " * 100_000, "{\\" * 100_000, "A" + " " * 100_000, "10:02" + " " * 100_000, "&" * 100_000):
        read_captions(f"WEBVTT\n\n00:01.000 --> 00:02.000\n{line}\n")
        read_chat(f"Ana: hello\n{line}\nMark: so?\n")


def test_bytes_that_are_not_utf8_are_named_by_line(service, give) -> None:
    brought = give(CHAT.encode().replace(b"double", b"d\xe9uble"))
    assert [str(one) for one in brought.problems] == [
        "line 4: holds bytes that are not UTF-8; they are shown as \ufffd"
    ]
    assert "d\ufffduble" in service.interview(brought.interview).said[3].text
    utf16 = give(CHAT.encode("utf-16"), "wide.txt")
    assert not utf16.problems


def test_odd_words_of_a_transcript_go_round(service, give) -> None:
    odd = "\U0001f680 שלום \u2028 <b>{{x}}</b> " + "y" * 20_000
    brought = give(f"Interviewer: Tell me about a time you led a team.\nAna: I\0 led {odd}\n")
    data = export(service, brought.interview, "json")
    service.delete(brought.interview)
    give(data, "x.json")
    assert export(service, brought.interview, "json") == data
    assert service.interview(brought.interview).said[1].text == f"I\ufffd led {odd}"


def test_a_store_that_fails_is_left_as_it_was(service, give, monkeypatch) -> None:
    insert = service.store._insert
    calls = []

    def fails(connection, interview, first, events):
        insert(connection, interview, first, events[:2])
        calls.append(interview)
        raise StoreError("The disk is full.")

    monkeypatch.setattr(service.store, "_insert", fails)
    with pytest.raises(StoreError):
        give(CHAT)
    assert calls
    assert not service.store.rows()
    with pytest.raises(UnknownInterview):
        service.store.events(calls[0])


def test_lines_are_read_from_a_list() -> None:
    assert read_lines(" 12, 40,") == (12, 40)
    for wrong in ("x", "0", "1.5", "-3"):
        with pytest.raises(InputError, match="is no line number"):
            read_lines(wrong)


def test_the_limit_stands_in_the_documents() -> None:
    words = (Path(__file__).parent.parent / "docs" / "formats.md").read_text()
    assert f"{text_module.MAX_BYTES // 2**20} MB" in words
