"""Interviews out of the library: every format, whatever was said."""

import json
import random
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from interviewer.advice import why
from interviewer.bench import agreement, calibration
from interviewer.errors import InputError
from interviewer.files import pdf
from interviewer.files.export import FORMATS, export, file_name, joined
from interviewer.files.markdown import escape, unescape
from interviewer.files.pdf import to_pdf
from interviewer.files.record import Record, read_record, write_record
from interviewer.files.report import Bullets, Heading, Rated, Report, Spoken, Table, Text, make_report
from interviewer.files.text import whole
from interviewer.graded_line import grade_line
from interviewer.grading.rating import Evidence, Flag, Grade, Maker, Rating, Scope, Ungraded
from interviewer.guide.model import Kind, Level
from interviewer.interview.events import (
    CandidateReplied,
    Disputed,
    Noted,
    RatedByPerson,
    Regraded,
    Renamed,
    ReplyGraded,
)
from interviewer.interview.state import fold
from interviewer.service import Service, Setup, clean
from interviewer.store import open_store
from tests.helpers import START, Clock, NoPassages, PlainInterviewer, ScriptedGrader

STORY = "I moved the ledger writes to a queue because month end locked the database."
SCRIPT = '<img src=x onerror="alert(1)"> **bold** [link](http://evil.example) </main><script>alert(2)</script> &amp;'
ODD = [
    "plain words", "\U0001f680 launched \U0001f469\u200d\U0001f4bb", "שלום, we moved 3 services", "السلام عليكم",
    "नमस्ते สวัสดี 中文 日本語", "tab\tand\u2028separator\u0085next", "    indented = {code: [1, 2]}", "# not a heading",
    "- no list\n1. nor this\n> nor a quote", "```\nfence\n```", "<!-- x --> <b>&lt;</b>", "e\u0301 \ufeff\u00ad\u200b",
    "x" * 20_000, "a|b|c \\ * _ ~ ` $x$", "trailing  \n\n\nlines", "\x07\x1b[31mred", "{{7*7}} ${x} %s %(a)s",
]  # fmt: skip


@pytest.fixture
def service(guide, tmp_path):
    store = open_store(tmp_path)
    sensor = ScriptedGrader([3] * 40)
    yield Service(guide, store, NoPassages, lambda: sensor, PlainInterviewer, lambda: sensor, clock=Clock())
    store.close()


def held(service, *answers: str, level: Level = Level.STAFF) -> str:
    """Hold an interview with these answers and end it."""
    interview = service.start(Setup(level, (Kind.BEHAVIORAL,), 45, seed=1))
    "".join(service.resume(interview))
    for answer in answers:
        "".join(service.reply(interview, answer))
    "".join(service.finish(interview))
    return interview


def with_everything(service) -> str:
    """Return an interview that has one of everything a report holds."""
    interview = held(service, STORY, SCRIPT, STORY)
    state = service.interview(interview)
    flag = service.guide.red_flags[0]
    item = service.guide.look_fors[0].id
    grade = Grade(
        (Rating(item, 2, 1.0, (Evidence(0, 0, 7),)),), (Flag(flag.id, 1.0),), Scope.BELOW, Maker("coach", "1")
    )
    other = Grade(
        state.asked[0].assessment.ratings, (Flag(flag.id, 0.9, (Evidence(0, 2, 7),), "Said so."),), Scope.AT,
        Maker("openai:x", "1"),
    )  # fmt: skip
    service.store.append(
        interview,
        Renamed("Payments <practice>"),
        Noted("a note on all"),
        Noted("a note on one turn", line=1),
        RatedByPerson(0, 1, "coach", "Mira", grade, 2, True, "Too vague for me."),
        RatedByPerson(1, 1, "self", "", grade, None, False),
        Regraded("run", 0, 1, Level.SENIOR, "openai:x", other),
        Regraded("run", 1, 1, Level.STAFF, "openai:x", Ungraded("The model did not answer.")),
        Disputed(0, item, 3, "I said who had to agree."),
    )
    return interview


def test_a_report_holds_everything(service) -> None:
    interview = with_everything(service)
    state = service.interview(interview)
    text = unescape(export(service, interview, "md", why).decode())
    for wanted in (
        "Payments <practice>", "Practice, not a hiring tool.", "Level: staff", "guide " + service.guide.hash,
        "Strong hire", STORY, "> I mov", "3 of 3, confidence 80%", "What was shown", "Level read-out",
        "a note on all", "a note on one turn", "Rated by Mira, before the grade was seen", "Too vague for me.",
        "No hire; scope below the level", "openai:x at senior level: ", "Ungraded: The model did not answer.",
        "should be 3. I said who had to agree.", "The marked words were read as",
        *(asked.ask.text for asked in state.asked),
    ):  # fmt: skip
        assert wanted in text, wanted
    assert text.count("\n## Question ") == len(state.asked)


def test_grades_and_flags_come_with_quotes(service, guide) -> None:
    interview = held(service, STORY, STORY, STORY)
    state = service.interview(interview)
    said = next(flag for flag in guide.red_flags if flag.evidence == "said")
    graded = state.asked[0].assessment
    raised = Grade(graded.ratings, (Flag(said.id, 0.7, (Evidence(0, 2, 20),), "As told."),), Scope.AT, graded.maker)
    service.store.append(interview, ReplyGraded(0, state.asked[0].replies, raised))
    blocks = make_report(interview, service.interview(interview), service.scorecard(interview), service.guide_of).blocks
    flags = [block for block in blocks if isinstance(block, Rated) and block.value is None]
    assert [flag.name for flag in flags] == [said.text, f"Red flag: {said.text}"]
    assert all(flag.quotes == (STORY[2:20],) and flag.reason == "As told." for flag in flags)


def test_a_report_tells_each_grade_in_the_words_of_its_own_guide(service, guide) -> None:
    interview = held(service, STORY, STORY, STORY)
    look = next(item for item in guide.look_fors if item.level is Level.STAFF)
    flag, asked = guide.red_flags[0], service.interview(interview).asked[0]
    graded, replies = asked.assessment, asked.replies
    mine = replace(graded, ratings=(Rating(look.id, 1, 1.0),), flags=(Flag(flag.id, 1.0),))
    again = replace(graded, flags=mine.flags)
    service.store.append(
        interview,
        ReplyGraded(0, replies, again),
        RatedByPerson(0, replies, "self", "", mine, 2, False),
        Regraded("run", 0, replies, Level.STAFF, "openai:x", again),
        Disputed(0, look.id, 1, "It was less than that."),
        Disputed(0, "new-flag", 0, "Nobody was blamed."),
    )

    def told(by: Service) -> str:
        # What has no grade yet is of the guide in use: it has no rating either.
        lines = unescape(export(by, interview, "md").decode()).splitlines()
        return "\n".join(line for line in lines if "| not rated |" not in line)

    before = told(service)
    of_first = before.split("## Question 2")[0]
    assert of_first.count(look.text) == 5  # the best of all, the grade, a person's, a second one, the dispute
    assert of_first.count(flag.text) == 3
    assert "new-flag: should be 0." in of_first

    looks = tuple(replace(item, id=f"new-{item.id}") for item in guide.look_fors)
    other = replace(guide, hash="another", look_fors=looks, red_flags=(replace(flag, id="new-flag"),))
    kept = {guide.hash: guide}.get
    later = Service(other, service.store, NoPassages, lambda: None, PlainInterviewer, lambda: None, kept=kept)
    assert told(later) == before.replace("new-flag", flag.text)


def test_notes_stand_once_at_their_own_turn(service) -> None:
    interview = held(service, STORY)
    said = [event for event in service.store.events(interview) if event.type == "InterviewerSpoke"][-1]
    # The same words at the same moment, as in a transcript without times.
    service.store.append(interview, said, said, Noted("on the last", line=5))
    blocks = make_report(interview, service.interview(interview), service.scorecard(interview), service.guide_of).blocks
    assert [block.remarks for block in blocks if isinstance(block, Spoken)][-2:] == [(), ("on the last",)]


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag, attrs) -> None:
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data) -> None:
        self.text += data


def test_the_page_runs_and_fetches_nothing(service) -> None:
    page = export(service, with_everything(service), "html", why).decode()
    tags = _Tags()
    tags.feed(page)
    assert not tags.seen & {"script", "img", "link", "iframe", "object", "base", "form", "a"}
    assert not tags.attributes & {"src", "href", "onerror", "onload", "style"}
    assert "default-src 'none'" in page.replace("&#x27;", "'")
    assert SCRIPT in tags.text
    assert "url(" not in page
    assert "@import" not in page
    assert "prefers-color-scheme: dark" in page
    assert "@media print" in page


def test_markdown_shows_what_was_written(service) -> None:
    text = export(service, held(service, SCRIPT, "1. no list\n    code = x_y * 2"), "md").decode()
    shown = MarkdownIt("commonmark", {"html": True}).render(text.split("-->", 1)[1])
    assert "<img" not in shown
    assert "<script" not in shown
    assert "<strong>bold" not in shown
    assert "<a " not in shown
    assert "&lt;img src=x onerror" in shown
    assert "1. no list<br" in shown
    assert "\u00a0\u00a0\u00a0\u00a0code = x_y * 2" in shown


def odd_text(rng: random.Random) -> str:
    """Return a text of odd pieces and of any characters there are."""
    pieces = rng.choices(ODD[:12] + ODD[13:], k=rng.randint(1, 6))
    pieces.append("".join(chr(rng.choice((rng.randrange(128), rng.randrange(0x110000)))) for _ in range(30)))
    rng.shuffle(pieces)
    return rng.choice(["", " ", "\n"]).join(pieces)


@pytest.mark.parametrize("seed", range(20))
def test_escaped_markdown_comes_back(seed) -> None:
    text = odd_text(random.Random(seed))
    assert unescape(escape(text)) == text


@pytest.mark.parametrize("seed", range(6))
def test_any_text_goes_round_and_into_every_format(service, seed) -> None:
    rng = random.Random(seed)
    texts = [odd_text(rng) for _ in range(3)] + [ODD[12]] * (seed == 0)
    interview = held(service, *texts)
    service.note(interview, odd_text(rng))
    first = export(service, interview, "json")
    record = read_record(first.decode(), "x.json")
    assert record.events == tuple(service.store.events(interview))
    said = [event.text for event in record.events if isinstance(event, CandidateReplied)]
    assert said == [clean(text) for text in texts]
    assert write_record(record).encode() == first
    for name in ("md", "html", "jsonl", *(["pdf"] if seed < 2 else [])):
        assert export(service, interview, name, why)


def test_any_text_is_drawn_anywhere_on_paper() -> None:
    blocks: list = []
    for text in ODD:
        cells = ((text[:80], text[:20], text[:40]),)
        blocks += [Heading(text[:60]), Heading(text[:60], 3), Spoken("Candidate", text, "0:01", (text[:200],))]
        blocks += [
            Bullets((text[:300],)),
            Rated(text[:90], 1, 3, (text[:400],), text[:90], "x"),
            Table(("A", "B", "C"), cells),
        ]
    assert to_pdf(Report("x", ODD[2], START, tuple(blocks))).startswith(b"%PDF-")


def test_nothing_but_the_interview_is_in_the_json(service, monkeypatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    found = json.loads(export(service, with_everything(service), "json"))
    assert set(found) == {"format", "schema", "version", "id", "draft", "sha256", "events"}
    assert "sk-very-secret" not in json.dumps(found)


def test_nul_and_lone_surrogates_are_replaced_in_place() -> None:
    text = "a\0b\ud800c"
    assert whole(text) == "a\ufffdb\ufffdc"
    started = fold_events()
    raw = write_record(Record("abc", started)).replace("hello", "h\\u0000l\\ud800o")
    raw = re.sub(r'"sha256": "\w+",', "", raw)
    event = read_record(raw, "x").events[-1]
    assert event.text == "h\ufffdl\ufffdo"


def fold_events():
    from interviewer.interview.events import InterviewStarted, Plan

    plan = Plan(Level.SENIOR, (Kind.CODING,), 30, 1, ())
    return (InterviewStarted(plan, "g", "a", "b", "0", START), Noted("hello", START))


# -- PDF ---------------------------------------------------------------------------------------------------------------


def test_every_word_of_a_report_is_drawn(service, monkeypatch) -> None:
    interview = with_everything(service)
    drawn: list[str] = []
    words, grid = pdf._Paper.words, pdf._Paper.grid

    def note(self, text, **look):
        drawn.append(text)
        words(self, text, **look)

    def note_grid(self, head, rows):
        drawn.extend(cell for row in (head, *rows) for cell in row)
        grid(self, head, rows)

    monkeypatch.setattr(pdf._Paper, "words", note)
    monkeypatch.setattr(pdf._Paper, "grid", note_grid)
    report = make_report(interview, service.interview(interview), service.scorecard(interview), service.guide_of, why)
    data = to_pdf(report)
    assert data.startswith(b"%PDF-")
    assert data.rstrip().endswith(b"%%EOF")
    shown = "\n".join(drawn)
    for block in report.blocks:
        match block:
            case Heading(text=text) | Text(text=text):
                wanted = [text]
            case Spoken(speaker=speaker, text=text, remarks=remarks):
                wanted = [speaker, text, *remarks]
            case Rated():
                wanted = [block.name, block.reason, *block.quotes, block.about]
            case Bullets(rows=rows):
                wanted = list(rows)
            case Table(head=head, rows=rows):
                wanted = [*head, *(cell for row in rows for cell in row)]
        for text in wanted:
            assert text in shown, text


def test_what_the_font_lacks_is_replaced_and_counted(tmp_path) -> None:
    paper = pdf._Paper(Report("x", "t", START, ()), tmp_path)
    assert paper.clean("Grüße, Привет, שלום, سلام") == "Grüße, Привет, שלום, سلام"
    assert paper.replaced == 0
    assert paper.clean("\U0001f680 up") == "[rocket] up"
    assert paper.clean("中文") == "▯▯"
    assert paper.clean("a\tb\u2028c") == "a    b\nc"
    assert paper.replaced == 3


# -- lines -------------------------------------------------------------------------------------------------------------


def test_lines_are_what_grade_reads(service, guide) -> None:
    interview = held(service, STORY, "Let's skip this question.", STORY)
    lines = export(service, interview, "jsonl").decode().splitlines()
    answered = [asked for asked in service.interview(interview).asked if asked.replies]
    assert len(lines) == len(answered) > 1
    graded = [grade_line(line, ScriptedGrader([2]), guide) for line in lines]
    assert {one["status"] for one in graded} <= {"graded", "not_assessed"}
    assert [one["id"] for one in graded] == [f"{interview}-{n}" for n in range(1, len(lines) + 1)]
    assert json.loads(lines[0])["turns"][0] == {"speaker": "candidate", "text": STORY}


def test_peoples_ratings_are_a_set_the_bench_reads(service, guide, tmp_path) -> None:
    interview = with_everything(service)
    rated = service.interview(interview).rated[0]
    service.store.append(interview, RatedByPerson(0, 1, "coach", "Mira", rated.grade, 3, False))
    path = tmp_path / "people.jsonl"
    path.write_bytes(joined([export(service, interview, "calibration")], "calibration"))
    labelled = calibration.chosen(str(path))
    # One of the two ratings of the same person counts, and one without an overall none.
    assert [one.overall for one in labelled] == [3]
    assert labelled[0].exchange.replies == (STORY,)
    item = guide.look_fors[0].id
    assert labelled[0].grade.rating(item).evidence[0].quote(labelled[0].exchange.replies) == STORY[:7]
    assert [flag.item for flag in labelled[0].grade.flags] == [guide.red_flags[0].id]
    report = agreement.measure(labelled, ScriptedGrader([3, 3]), guide, rounds=5, repeats=1)
    assert report["graded"] == 1


def test_a_rating_is_exported_with_the_replies_it_was_of(service) -> None:
    interview = held(service, "Something vague about a team.", STORY)
    grade = Grade((), (), Scope.AT, Maker("self", "1"))
    service.store.append(interview, RatedByPerson(0, 1, "self", "", grade, 2, True))
    line = json.loads(export(service, interview, "calibration"))
    assert [turn["text"] for turn in line["turns"]] == ["Something vague about a team."]


def test_nothing_to_write_is_said(service) -> None:
    interview = held(service, STORY)
    with pytest.raises(InputError, match="No question has an overall rating by a person"):
        joined([export(service, interview, "calibration")], "calibration")
    with pytest.raises(InputError, match=r"There is no format 'docx'\. Use md, html"):
        export(service, interview, "docx")


def test_files_have_names_that_sort(service) -> None:
    interview = held(service, STORY)
    state = service.interview(interview)
    names = {name: file_name(interview, state, name) for name in FORMATS}
    assert names["pdf"] == f"interview-{START.astimezone():%Y-%m-%d}-{interview}.pdf"
    assert len(set(names.values())) == len(FORMATS)


def test_an_open_interview_is_exported_with_its_draft(service, guide) -> None:
    interview = service.start(Setup(Level.SENIOR, (Kind.CODING,), 30, seed=2))
    "".join(service.resume(interview))
    service.save_draft(interview, "half a thought")
    assert read_record(export(service, interview, "json").decode(), "x").draft == "half a thought"
    assert "It is still going on." in export(service, interview, "md").decode()
    with pytest.raises(InputError, match="nothing to write"):
        joined([export(service, interview, "jsonl")], "jsonl")
    assert fold(read_record(export(service, interview, "json").decode(), "x").events).asked
