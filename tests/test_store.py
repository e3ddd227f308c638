import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from interviewer.errors import StoreError, StoreTooNew, UnknownInterview
from interviewer.guide.model import Kind, Level
from interviewer.interview.events import CandidateReplied, InterviewStarted, Noted, ReplyGraded, StepChosen
from interviewer.interview.plan import make_plan
from interviewer.interview.policy import first_step
from interviewer.interview.state import fold
from interviewer.store import open_store
from tests.helpers import START, grade


@pytest.fixture
def started(guide):
    plan = make_plan(guide, Level.STAFF, tuple(Kind), 45, seed=1)
    return InterviewStarted(plan, guide.hash, "embedded", "embedded", "0", START)


@pytest.fixture
def store(tmp_path):
    store = open_store(tmp_path)
    yield store
    store.close()


def test_events_come_back_as_they_went_in(store, started) -> None:
    events = [
        StepChosen(first_step(fold([started])), START),
        CandidateReplied("Grüße, 日本 \U0001f600 'quoted' \"twice\"\n    indented", at=START),
        ReplyGraded(0, 1, grade({"navigates-ambiguity": 2}, flags=["cannot-zoom"]), at=START),
        Noted("mine", START),
    ]
    interview = store.create(started)
    store.append(interview, *events)
    assert store.events(interview) == [started, *events]


def test_another_process_reads_what_was_committed(tmp_path, store, started) -> None:
    interview = store.create(started)
    store.append(interview, CandidateReplied("kept", at=START))
    other = open_store(tmp_path)
    assert other.events(interview)[-1].text == "kept"
    other.close()


def test_sqlite_is_durable(store) -> None:
    with store._engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2


def test_events_are_appended_together_or_not_at_all(store, started, monkeypatch) -> None:
    interview = store.create(started)

    class Broken:
        type = "Broken"

    with pytest.raises(Exception):  # noqa: B017
        store.append(interview, CandidateReplied("first", at=START), Broken())
    assert store.events(interview) == [started]


def test_two_processes_on_one_interview_do_not_collide(tmp_path, store, started) -> None:
    interview = store.create(started)
    other = open_store(tmp_path)
    both = threading.Barrier(2)

    def write(to, name) -> None:
        both.wait(60)
        for n in range(40):
            to.append(interview, Noted(f"{name} {n}", START))

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(write, store, "one"), pool.submit(write, other, "two")]:
            done.result()
    other.close()
    assert len(store.events(interview)) == 81


def test_a_new_interview_is_stored_with_its_first_events_or_not_at_all(store, started) -> None:
    interview = store.create(started, Noted("with it", START))
    assert store.events(interview) == [started, Noted("with it", START)]
    with pytest.raises(AttributeError):
        store.create(started, None)
    assert [row.id for row in store.rows()] == [interview]


def test_unknown_interviews_are_named(store) -> None:
    for call in (store.events, store.delete, lambda i: store.append(i, Noted("x", START))):
        with pytest.raises(UnknownInterview, match="'nope'"):
            call("nope")


def test_deleted_words_are_gone_from_the_disk(tmp_path, store, started) -> None:
    interview = store.create(started)
    store.append(interview, CandidateReplied("the very secret zanzibar project", at=START))
    store.save_draft(interview, "half a zanzibar thought")
    store.delete(interview)
    left = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"zanzibar" not in left


def test_delete_all_counts(store, started) -> None:
    store.create(started)
    store.create(started)
    assert store.delete_all() == 2
    assert store.rows() == []


def test_drafts(store, started) -> None:
    interview = store.create(started)
    assert store.draft(interview) == ""
    store.save_draft(interview, "unsent")
    assert store.draft(interview) == "unsent"


def test_asked_questions_in_order(store, started) -> None:
    interview = store.create(started)
    step = first_step(fold([started]))
    store.append(interview, StepChosen(step, START))
    assert store.asked() == [step.question]


def test_a_later_schema_is_refused(tmp_path, store) -> None:
    store.close()
    with sqlite3.connect(tmp_path / "interviews.db") as db:
        db.execute("INSERT INTO schema_version VALUES (999)")
    db.close()
    with pytest.raises(StoreTooNew, match="later version"):
        open_store(tmp_path)


def test_a_folder_that_cannot_be_used_is_a_sentence(tmp_path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="INTERVIEWER_DATA_DIR"):
        open_store(tmp_path / "file" / "below")


def test_a_file_that_is_no_database_is_a_sentence(tmp_path) -> None:
    (tmp_path / "interviews.db").write_text("not a database at all, but long enough to look like one" * 100)
    with pytest.raises(StoreError, match="cannot be opened"):
        open_store(tmp_path)
