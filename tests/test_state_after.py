"""A state taken further by `after` is the state that `fold` makes of the whole; what taking a reply back undoes."""

from dataclasses import replace
from pathlib import Path

from interviewer.guide.model import Kind, Level
from interviewer.interview.events import (
    CandidateReplied,
    Disputed,
    InterviewerSpoke,
    InterviewStarted,
    Noted,
    Probe,
    RatedByPerson,
    Regraded,
    ReplyGraded,
    ReplyWithdrawn,
    StepChosen,
)
from interviewer.interview.plan import make_plan
from interviewer.interview.policy import first_step
from interviewer.interview.state import after, fold
from interviewer.service import Setup
from interviewer.settings import Settings
from interviewer.wiring import Parts
from tests.fakes import BlankSensor
from tests.helpers import START, grade


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


def test_taking_a_reply_back_undoes_only_what_answered_it(guide) -> None:
    plan = make_plan(guide, Level.SENIOR, (Kind.BEHAVIORAL,), 20, seed=3)
    history = [InterviewStarted(plan, guide.hash, "embedded", "openai:x", "0", START)]
    ask = first_step(fold(history))
    values = grade({"navigates-ambiguity": 2})

    def about(exchange: int, replies: int) -> list:
        return [
            ReplyGraded(exchange, replies, values, START, tokens_in=5),
            Regraded("run", exchange, replies, Level.STAFF, "openai:y", values, START),
            RatedByPerson(exchange, replies, "self", "", values, 3, blind=False, at=START),
        ]

    history += [
        *(StepChosen(ask, START), InterviewerSpoke("First?", at=START), CandidateReplied("One.", "answer", START)),
        *(StepChosen(ask, START), InterviewerSpoke("Second?", at=START), CandidateReplied("Two.", "answer", START)),
        *(StepChosen(Probe("x", "why", "", 1), START), InterviewerSpoke("Why?", at=START)),
    ]
    kept = [*about(0, 1), Disputed(0, "x", 3, "It was there.", START), *about(1, 1)]
    kept += [Noted("on the whole", START), Noted("on the second answer", START, line=3)]
    gone = [*about(1, 2), Disputed(1, "x", 3, "It was there.", START), Noted("on the last answer", START, line=5)]
    answered = [CandidateReplied("Because.", "answer", START), *kept, *gone, Noted("on what came of it", START, line=6)]
    state = fold([*history, *answered, ReplyWithdrawn(START)])
    assert replace(state, spent=()) == replace(fold([*history, *kept]), spent=())
    assert sum(one.tokens_in for one in state.spent) == 15, "what was paid for stays"
