"""The library: what is found, that rows follow the log, and that what is deleted is gone and can be brought back."""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from interviewer.bench import library as bench
from interviewer.cli import main
from interviewer.errors import StoreError, UnknownInterview
from interviewer.grading.rating import Verdict
from interviewer.guide.model import Kind, Level
from interviewer.interview.events import CandidateReplied, Noted
from interviewer.review.library import Library, Query, made_by
from interviewer.service import Service, Setup
from interviewer.store import REMEMBERED, open_store
from tests.helpers import Clock, NoPassages, PlainInterviewer, ScriptedGrader

STORY = "I moved the Ledger writes to a queue at 100% load, called blue_green, and it held."


@pytest.fixture
def keep(guide, tmp_path):
    """A service on a store, its clock and its library; made again on the same data by calling it again."""
    opened = []

    def make(guide=guide, value=2):
        store = open_store(tmp_path / "data")
        clock, sensor = Clock(), ScriptedGrader([value] * 200)
        service = Service(guide, store, NoPassages, lambda: sensor, PlainInterviewer, lambda: sensor, clock=clock)
        library = Library(service)
        opened.append((library, store))
        return service, clock, library

    yield make
    for library, store in opened:
        library.close()
        store.close()


def hold(service, *replies, level=Level.SENIOR, kinds=(Kind.BEHAVIORAL,), end=False):
    interview = service.start(Setup(level, kinds, 45, seed=1))
    "".join(service.resume(interview))
    for reply in replies:
        if not service.interview(interview).closed:
            "".join(service.reply(interview, reply))
    if end:
        "".join(service.finish(interview))
    return interview


def ids(found):
    return [line.id for line in found.lines]


# -- finding ---------------------------------------------------------------------------------------------------------


def test_words_are_found_wherever_they_stand(keep) -> None:
    service, _, library = keep()
    one, other = hold(service, STORY), hold(service, "Something else entirely.")
    service.note(one, "ask about Zanzibar")
    library.rename(one, "Try No. 7")
    for words in ("ledger", "LEDGER queue", "dger", "zanzibar", "no. 7", "100%", "blue_green", "ledger zanzibar 7"):
        assert ids(library.find(Query(words=words))) == [one], words
    for words in ("ledger else", "100%l", "blue-green", "b%n", "_______________________", "\0 \ud800x"):
        assert ids(library.find(Query(words=words))) == [], words
    question = service.interview(other).asked[0].ask.text.split()[-1]
    assert set(ids(library.find(Query(words=question)))) == {one, other}


def test_a_query_of_any_length_is_answered(keep) -> None:
    service, _, library = keep()
    interview = hold(service, "x" * 500)
    assert ids(library.find(Query(words="x" * 100_000))) == [interview]
    assert ids(library.find(Query(words="x%_/ " * 100_000))) == []


def test_every_filter_narrows_and_pages_are_newest_first(keep) -> None:
    service, clock, library = keep()
    made = []
    for number, level in enumerate((Level.SENIOR, Level.STAFF, Level.STAFF)):
        clock.forward(days=1)
        kinds = (Kind.CODING, Kind.BEHAVIORAL) if number == 2 else (Kind.BEHAVIORAL,)
        made.append(hold(service, *[STORY] * (12 if number == 1 else 1), level=level, kinds=kinds, end=number < 2))
    first, second, third = made
    assert ids(library.find()) == [third, second, first]
    assert ids(library.find(Query(level=Level.STAFF))) == [third, second]
    assert ids(library.find(Query(kind=Kind.CODING))) == [third]
    assert ids(library.find(Query(finished=True))) == [second, first]
    assert ids(library.find(Query(finished=False))) == [third]
    verdict = service.scorecard(second).verdict
    assert verdict is not None
    assert service.scorecard(first).verdict is None
    assert ids(library.find(Query(verdict=verdict))) == [second]
    assert ids(library.find(Query(verdict=next(v for v in Verdict if v is not verdict)))) == []
    days = [service.interview(one).started.at.astimezone().date() for one in made]
    assert ids(library.find(Query(since=days[1]))) == [third, second]
    assert ids(library.find(Query(until=days[1]))) == [second, first]
    assert ids(library.find(Query(since=days[1], until=days[1]))) == [second]
    assert ids(library.find(Query(since=date.min, until=date.max))) == [third, second, first]
    page = library.find(limit=1, offset=1)
    assert (ids(page), page.total, page.unread) == ([second], 3, 0)
    past = library.find(limit=5, offset=7)
    assert (ids(past), past.total) == ([], 3)
    line = library.find(limit=1).lines[0]
    state = service.interview(third)
    assert (line.level, line.kinds, line.questions) == (Level.STAFF, state.plan.kinds, len(state.asked))
    assert set(line.kinds) == {Kind.CODING, Kind.BEHAVIORAL}
    assert line.started == service.interview(third).started.at


def test_a_day_is_the_machines_own(keep, monkeypatch) -> None:
    import time

    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    try:
        service, clock, library = keep()
        clock.now = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)  # the second of March, nine in the morning there
        interview = hold(service, STORY)
        assert ids(library.find(Query(since=date(2026, 3, 2), until=date(2026, 3, 2)))) == [interview]
        assert ids(library.find(Query(until=date(2026, 3, 1)))) == []
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_line_follows_the_log(keep) -> None:
    service, _, library = keep(value=1)
    interview = hold(service)
    assert library.find(Query(words="ledger")).total == 0
    "".join(service.reply(interview, STORY))
    assert library.find(Query(words="ledger")).total == 1
    service.withdraw(interview)
    assert library.find(Query(words="ledger")).total == 0
    library.rename(interview, f"  first\n {'x' * 300}\0 ")
    (line,) = library.find().lines
    assert line.name == "first " + "x" * 114
    library.rename(interview, "")
    assert library.find().lines[0].name == ""
    with pytest.raises(UnknownInterview, match="'nope'"):
        library.rename("nope", "x")


def test_nothing_is_folded_twice(keep, monkeypatch) -> None:
    service, _, library = keep()
    hold(service, STORY)
    changed = hold(service, STORY)
    library.find()
    read: list[str] = []
    events = service.store.events
    monkeypatch.setattr(service.store, "events", lambda i: read.append(i) or events(i))
    library.find()
    assert read == []
    service.note(changed, "new")
    library.find()
    assert read == [changed]
    _, _, again = keep()
    assert again.find().total == 2


def test_another_guide_renews_lines_and_shows_the_old_ones_meanwhile(keep, guide, monkeypatch) -> None:
    service, clock, library = keep()
    made = []
    for _ in range(3):
        clock.forward(days=1)
        made.append(hold(service))
    assert library.find().unread == 0
    other = replace(guide, hash="another")
    assert made_by(other) != made_by(guide)
    _, _, changed = keep(other)
    renewed: list[str] = []
    row = changed._row
    monkeypatch.setattr(changed, "_row", lambda interview, *rest: renewed.append(interview) or row(interview, *rest))
    monkeypatch.setattr("interviewer.review.library.PATIENCE", 0.0)
    found = changed.find()
    assert (ids(found), found.unread) == (made[::-1], 0)
    for _ in range(500):
        if len(renewed) >= 3:
            break
        changed._ended.wait(0.01)
    changed.find()
    assert set(renewed) == set(made)
    renewed.clear()
    changed.find()
    assert renewed == []


def test_a_large_backlog_does_not_hold_a_look_up(keep, monkeypatch) -> None:
    service, clock, library = keep()
    made = []
    for _ in range(6):
        clock.forward(days=1)
        made.append(hold(service))
    monkeypatch.setattr("interviewer.review.library.PATIENCE", 0.0)
    found = library.find()
    assert found.unread == 5
    assert made[5] in ids(found)
    for _ in range(500):
        if not library.find().unread:
            break
        library._ended.wait(0.01)
    assert set(ids(library.find())) == set(made)


def test_a_log_that_cannot_be_read_hides_no_other(keep, tmp_path) -> None:
    service, _, library = keep()
    broken, whole = hold(service), hold(service)
    with sqlite3.connect(tmp_path / "data" / "interviews.db") as db:
        db.execute("UPDATE events SET body = '{}' WHERE interview = ? AND number = 1", [broken])
    db.close()
    assert ids(library.find()) == [whole]


def test_a_disk_that_takes_no_rows_leaves_those_there_are(keep, monkeypatch, caplog) -> None:
    service, _, library = keep()
    old = hold(service)
    assert ids(library.find()) == [old]
    hold(service)
    with monkeypatch.context() as patch:
        patch.setattr(service.store, "shelve", lambda rows: (_ for _ in ()).throw(StoreError("the disk is full")))
        found = library.find()
        assert (ids(found), found.unread) == ([old], 1)
        assert library._beside is None, "nothing is tried again and again beside"
    assert "could not be brought up to date: the disk is full" in caplog.text
    assert library.find().total == 2


def test_rows_of_an_older_store_are_made_on_the_first_look(keep, tmp_path) -> None:
    service, _, library = keep()
    interview = hold(service, STORY)
    service.store.close()
    with sqlite3.connect(tmp_path / "data" / "interviews.db") as db:
        db.execute("DROP TABLE shelf")
        db.execute("DELETE FROM schema_version WHERE version > 1")
    db.close()
    _, _, library = keep()
    assert ids(library.find(Query(words="ledger"))) == [interview]


# -- deleting --------------------------------------------------------------------------------------------------------


def on_disk(tmp_path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted((tmp_path / "data").glob("interviews.db*")))


def test_deleted_words_are_nowhere_on_the_disk(keep, tmp_path) -> None:
    service, _, library = keep()
    interview = hold(service, "the secret zanzibar project, zanzibar indeed")
    service.save_draft(interview, "half a zanzibar thought")
    library.rename(interview, "Zanzibar")
    library.find()
    assert b"zanzibar" in on_disk(tmp_path).lower()
    library.delete(interview)
    assert b"zanzibar" not in on_disk(tmp_path).lower()
    service.store.tidied()
    assert b"zanzibar" not in on_disk(tmp_path).lower()
    assert library.find().total == 0


def test_a_large_file_is_written_anew_at_the_end(keep, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("interviewer.store.SMALL", 0)
    service, _, library = keep()
    kept, *others = [hold(service, f"zanzibar {number} " * 500) for number in range(6)]
    before = (tmp_path / "data" / "interviews.db").stat().st_size
    for one in others:
        library.delete(one)
    service.store.tidied()
    assert all(f"zanzibar {number}".encode() not in on_disk(tmp_path) for number in range(1, 6))
    size = (tmp_path / "data" / "interviews.db").stat().st_size
    service.store.close()
    assert (tmp_path / "data" / "interviews.db").stat().st_size < max(size, before)
    again = keep()[2]
    assert ids(again.find()) == [kept]
    again.service.delete_all()
    again.service.store.tidied()
    assert b"zanzibar" not in on_disk(tmp_path)


def raw(tmp_path):
    with sqlite3.connect(tmp_path / "data" / "interviews.db") as db:
        rows = db.execute("SELECT * FROM events ORDER BY 1, 2").fetchall()
        drafts = db.execute("SELECT * FROM interviews ORDER BY 1").fetchall()
    db.close()
    return rows, drafts


def test_a_deletion_is_taken_back_byte_for_byte(keep, tmp_path) -> None:
    service, clock, library = keep()
    interview = hold(service, "Grüße \U0001f600 'x'", STORY)
    service.save_draft(interview, "unsent")
    clock.forward(days=1)
    other = hold(service, "another")
    before, lines = raw(tmp_path), library.find().lines
    for one in (interview, other):
        library.delete(one)
    with pytest.raises(UnknownInterview):
        service.interview(interview)
    assert library.undelete() == other
    assert library.undelete() == interview
    assert library.undelete() is None
    assert raw(tmp_path) == before
    assert library.find().lines == lines
    "".join(service.reply(interview, "and it goes on"))


def test_ten_deletions_are_held_and_none_after_all_data_went(keep) -> None:
    service, _, library = keep()
    made = [hold(service) for _ in range(REMEMBERED + 2)]
    for one in made:
        library.delete(one)
    assert [library.undelete() for _ in range(REMEMBERED + 1)] == [*reversed(made[2:]), None]
    library.delete(made[5])
    service.delete_all()
    assert library.undelete() is None
    with pytest.raises(UnknownInterview, match="'nope'"):
        library.delete("nope")


def test_a_deletion_that_cannot_be_taken_back_now_can_be_later(keep, monkeypatch) -> None:
    service, _, library = keep()
    interview = hold(service)
    library.delete(interview)
    with monkeypatch.context() as patch:
        patch.setattr(service.store, "_write", lambda: (_ for _ in ()).throw(StoreError("full")))
        with pytest.raises(StoreError, match="full"):
            library.undelete()
    assert library.undelete() == interview


def test_a_row_is_never_shelved_for_an_interview_that_went_meanwhile(keep, tmp_path) -> None:
    service, _, library = keep()
    interview = hold(service, "zanzibar")
    events = service.store.events

    def gone(one):
        found = events(one)
        service.delete(one)
        return found

    service.store.events = gone
    assert library.find().total == 0
    assert b"zanzibar" not in on_disk(tmp_path)
    assert interview not in [row.id for row in service.store.rows()]


# -- the commands ----------------------------------------------------------------------------------------------------


@pytest.fixture
def command(keep, tmp_path, monkeypatch, capsys) -> Callable[..., str]:
    monkeypatch.setenv("INTERVIEWER_DATA_DIR", str(tmp_path / "data"))

    def run(*arguments: str, code: int = 0) -> str:
        capsys.readouterr()
        assert main(list(arguments)) == code
        out, err = capsys.readouterr()
        return out if code == 0 else err

    return run


def test_list_narrows_and_says_how_many_more(command, keep) -> None:
    service, clock, library = keep()
    assert "No interviews yet" in command("list")
    made = []
    for level in (Level.SENIOR, Level.STAFF, Level.STAFF):
        clock.forward(days=1)
        made.append(hold(service, STORY, level=level))
    library.rename(made[0], "Mine")
    out = command("list")
    assert [line.split()[0] for line in out.splitlines()] == made[::-1]
    assert "Mine" in out.splitlines()[2]
    assert command("list", "--level", "senior").split()[0] == made[0]
    assert made[2] in command("list", "--search", "ledger queue", "--kind", "behavioral", "--limit", "1")
    assert "2 more" in command("list", "--limit", "1")
    assert "Nothing fits" in command("list", "--verdict", "strong-hire")
    assert "Nothing fits" in command("list", "--since", "2030-01-01")
    day = (clock.now.astimezone() - timedelta(days=1)).date().isoformat()
    assert command("list", "--since", day, "--until", day).split()[0] == made[1]
    found = json.loads(command("list", "--json", "--limit", "2"))
    assert (found["total"], [line["id"] for line in found["interviews"]]) == (3, [made[2], made[1]])
    assert found["interviews"][0]["kinds"] == ["behavioral"]
    for wrong, said in (
        (["--level", "junior"], "senior or staff"),
        (["--kind", "singing"], "no kind 'singing'"),
        (["--verdict", "maybe"], "strong-no-hire"),
        (["--since", "soon"], "2026-03-01"),
        (["--limit", "0"], "1 or more"),
    ):
        assert said in command("list", *wrong, code=2)


def test_rename_and_delete_from_the_command_line(command, keep, tmp_path) -> None:
    service, _, library = keep()
    one, other = hold(service, "zanzibar"), hold(service, STORY)
    service.store.append(other, Noted("kept"), CandidateReplied("more"))
    assert "Mine" in command("rename", one, "Mine")
    assert "Mine" in command("list")
    assert "'nope'" in command("delete", one, "nope", code=2)
    assert {row.id for row in service.store.rows()} == {one, other}
    assert "cannot be undone" in command("delete", one, one)
    assert ids(library.find()) == [other]
    assert b"zanzibar" not in on_disk(tmp_path)


# -- the bench -------------------------------------------------------------------------------------------------------


def test_the_bench_measures_what_it_says(tmp_path) -> None:
    found = bench.measure(20, 1, tmp_path)
    assert any(name.startswith("a word none holds: 0 found") for name in found)
    assert any("delete one" in name for name in found)
