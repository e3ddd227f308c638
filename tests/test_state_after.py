"""A state taken further by `after` is the state that `fold` makes of the whole."""

from pathlib import Path

from interviewer.guide.model import Kind, Level
from interviewer.interview.events import ReplyWithdrawn
from interviewer.interview.state import after, fold
from interviewer.service import Setup
from interviewer.settings import Settings
from interviewer.wiring import Parts
from tests.fakes import BlankSensor


def test_after_and_fold_agree_at_every_event_and_leave_the_earlier_state_alone(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(Parts, "_embedded_grader", BlankSensor())
    service = Parts(Settings(data_dir=tmp_path)).service()
    interview = service.start(Setup(Level.SENIOR, (Kind.BEHAVIORAL,), 20, seed=3))
    list(service.resume(interview))
    for _ in range(4):
        list(service.reply(interview, "I moved the ledger writes to a queue, since the nightly run locked the tables."))
    service.pause(interview)
    list(service.finish(interview))
    events = service.store.events(interview)
    assert len(events) > 12
    for n in range(1, len(events)):
        before = fold(events[:n])
        again = fold(events[:n])
        assert not isinstance(events[n], ReplyWithdrawn)
        assert after(before, [events[n]]) == fold(events[: n + 1])
        assert before == again
    service.store.close()  # type: ignore[attr-defined]
