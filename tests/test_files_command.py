"""`interviewer export` and `interviewer import`, and the panels that do the same."""

import gc
import json
import warnings
from pathlib import Path

import gradio as gr
import pytest

from interviewer import cli
from interviewer.bench import calibration
from interviewer.files.bring import bring
from interviewer.grading.rating import Grade, Maker, Scope
from interviewer.guide.model import Kind, Level
from interviewer.interview.events import RatedByPerson
from interviewer.service import Setup
from interviewer.settings import load_settings
from interviewer.store import EVENTS
from interviewer.ui.files import FilesPanel, ImportPanel
from interviewer.wiring import Parts
from tests.test_files_import import CHAT, VTT


@pytest.fixture
def parts(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Parts(load_settings())


@pytest.fixture
def service(parts):
    made = parts.service()
    yield made
    made.store.close()


def held(service) -> str:
    interview = service.start(Setup(Level.SENIOR, (Kind.BEHAVIORAL,), 30, seed=1))
    "".join(service.resume(interview))
    "".join(service.reply(interview, "I moved the ledger writes to a queue and four teams took it up."))
    "".join(service.finish(interview))
    return interview


def run(capsys, *args: str) -> tuple[int, str, str]:
    code = cli.main(args)
    out, err = capsys.readouterr()
    return code, out, err


def test_one_interview_out_and_in_again(service, capsys, tmp_path) -> None:
    interview = held(service)
    code, out, _ = run(capsys, "export", interview, "--format", "json", "--out", "x.json")
    assert (code, out) == (0, "x.json\n")
    first = Path("x.json").read_bytes()
    service.delete(interview)
    code, out, _ = run(capsys, "import", "x.json")
    assert code == 0
    assert out.startswith(f"x.json: {interview}\n")
    run(capsys, "export", interview, "--format", "json", "--out", "x.json")
    assert Path("x.json").read_bytes() == first
    code, out, _ = run(capsys, "export", interview)
    assert Path(out.strip()).read_text().startswith("<!-- interviewer report 1 -->")


def test_all_of_them_go_into_a_folder_or_one_file(service, capsys) -> None:
    ids = {held(service), held(service)}
    code, out, _ = run(capsys, "export", "--all", "--format", "html", "--out", "pages")
    assert code == 0
    assert len(out.splitlines()) == len(list(Path("pages").glob("interview-*.html"))) == 2
    code, out, _ = run(capsys, "export", "--all", "--format", "jsonl")
    lines = [json.loads(line) for line in Path(out.strip()).read_text().splitlines()]
    assert {line["id"].split("-")[0] for line in lines} == ids


def test_what_cannot_be_read_does_not_keep_the_others(service, capsys) -> None:
    kept, broken = held(service), held(service)
    with service.store._write() as connection:
        connection.execute(EVENTS.update().where(EVENTS.c.interview == broken).values(body='{"type": "Foreign"}'))
    for name, count in (("md", 1), ("jsonl", 1)):
        code, out, err = run(capsys, "export", "--all", "--format", name)
        assert code == 2
        assert len(out.splitlines()) == count
        assert f"{broken} is left out: " in err
    assert [path.stem.endswith(kept) for path in Path("interviews").iterdir()] == [True]


def test_peoples_ratings_out(service, capsys) -> None:
    interview = held(service)
    code, _, err = run(capsys, "export", "--all", "--format", "calibration")
    assert code == 2
    assert "No question has an overall rating by a person" in err
    service.store.append(
        interview, RatedByPerson(0, 1, "self", "", Grade((), (), Scope.AT, Maker("self", "1")), 2, True)
    )
    code, out, _ = run(capsys, "export", "--all", "--format", "calibration")
    assert [one.overall for one in calibration.chosen(out.strip())] == [2]


def test_a_transcript_is_read_graded_and_told(service, capsys) -> None:
    Path("talk.vtt").write_text(VTT + "\nstray\n")
    Path("bad.txt").write_bytes(b"\0" * 100)
    code, out, err = run(capsys, "import", "bad.txt", "talk.vtt", "--level", "staff", "--interviewer", "Mark Weber")
    assert code == 2
    assert "'bad.txt' is not text" in err
    id = out.split()[1]
    assert "The candidate is Ana Lima; Mark Weber asks." in out
    assert "1. line 10, behavioral, 1 follow-up: Tell me about a time you moved a team" in out
    assert "not understood, line 22: " in out
    state = service.interview(id)
    assert state.plan.level is Level.STAFF
    assert state.asked[0].assessment is not None
    code, out, _ = run(capsys, "import", "talk.vtt", "--level", "staff", "--interviewer", "Mark Weber")
    assert code == 0
    assert "nothing was changed" in out


def test_what_an_import_left_ungraded_is_graded_the_next_time(service, capsys, monkeypatch) -> None:
    Path("talk.txt").write_text(CHAT)
    with monkeypatch.context() as broken:
        broken.setattr("interviewer.commands.files.grade_all", lambda service, interview: iter(()))
        _, out, _ = run(capsys, "import", "talk.txt")
    id = out.split()[1]
    assert service.interview(id).asked[0].assessment is None
    run(capsys, "import", "talk.txt")
    assert all(asked.assessment for asked in service.interview(id).asked)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["export", "abc"], "There is no interview 'abc'"),
        (["export", "--all"], "There is no interview to export yet"),
        (["import", "gone.txt"], "'gone.txt' cannot be read"),
        (["import", "gone.txt", "--questions", "a"], "'a' is no line number"),
        (["import", "gone.txt", "--level", "boss"], "There is no level 'boss'"),
    ],
)
def test_mistakes_are_sentences(parts, capsys, args, words) -> None:
    code, _, err = run(capsys, *args)
    assert code == 2
    assert words in err


def test_where_it_cannot_be_written_is_said(service, capsys) -> None:
    code, _, err = run(capsys, "export", held(service), "--out", "no/such/folder.md")
    assert code == 2
    assert "cannot be written" in err


# -- the panels --------------------------------------------------------------------------------------------------------


# Gradio leaves the event loops of a page behind.
PAGE = pytest.mark.filterwarnings("ignore::ResourceWarning")


@pytest.fixture
def panel(service, parts, monkeypatch, tmp_path):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "gradio"))
    with gr.Blocks(analytics_enabled=False):
        made = FilesPanel(service, parts)
    yield made
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@PAGE
def test_an_export_is_offered_and_old_ones_go(service, panel, monkeypatch) -> None:
    interview = held(service)
    first = Path(panel.make(interview, "md")["value"])
    assert first.read_text().startswith("<!--")
    assert first.is_relative_to(panel.save.GRADIO_CACHE)
    panel.make(interview, "json")
    assert first.exists()
    monkeypatch.setattr("interviewer.ui.files.KEPT", -1)
    panel.make(interview, "jsonl")
    assert not first.exists()


@PAGE
def test_the_import_panel_tells_grades_and_keeps_no_copy(service, panel, tmp_path) -> None:
    good, bad = tmp_path / "talk.txt", tmp_path / "bad.txt"
    good.write_text(CHAT.replace("Ana:", "<b>Ana:").replace("<b>Ana:", "Ana:").replace("twice.", "twice <b>."))
    bad.write_bytes(b"")
    into: ImportPanel = panel.into
    steps = list(into.bring([str(bad), str(good)], "staff", "As the questions read", "", "", 3))
    report = steps[-1][into.report]
    assert "&#39;bad.txt&#39; is empty." in report
    assert "line 3, behavioral, 1 follow-up" in report
    assert steps[-1][into.imported] == 4
    assert any("1 of 2 answers graded" in step[into.report] for step in steps)
    assert not good.exists()
    assert not bad.exists()
    (row,) = service.store.rows()
    assert service.interview(row.id).asked[1].assessment is not None


@PAGE
def test_one_faulty_file_does_not_lose_the_others(service, panel, tmp_path, monkeypatch) -> None:
    faulty, good = tmp_path / "faulty.txt", tmp_path / "talk.txt"
    for path in (faulty, good):
        path.write_text(CHAT)

    def fails(path, *rest):
        if path == faulty:
            raise ValueError("not foreseen")
        return bring(path, *rest)

    monkeypatch.setattr("interviewer.ui.files.bring", fails)
    into: ImportPanel = panel.into
    steps = list(into.bring([str(faulty), str(good)], "senior", "As the questions read", "", "", 0))
    report = steps[-1][into.report]
    assert "faulty.txt: A fault of the program, kept in its log" in report
    assert "line 3, behavioral" in report
    assert steps[-1][into.imported] == 1
    assert not faulty.exists()
    assert all('role="status"' in step[into.report] for step in steps)
