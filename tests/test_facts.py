"""Clarifying questions find their fact: sixty natural ones over twelve cases, twenty of which no fact answers.

The floor and the weights were chosen on 61 questions about other cases; the
bars here stand a little below what was measured: 34 of 40 got their fact, 4
another one, 2 none, and 6 of the 20 a fact that was not asked for. (By meaning
alone, with the floor of 0.33, it was 28, 6, 6 and 4.)
"""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from interviewer.embedding import load_encoder
from interviewer.guide.model import Fact, Guide, Level
from interviewer.interview.events import PlannedQuestion
from interviewer.interview.intent import questions_in, read_intent
from interviewer.interview.plan import make_plan
from interviewer.service import FACTS, Service
from interviewer.store import open_store
from interviewer.wiring import IndexPassages
from tests.helpers import PlainInterviewer, ScriptedGrader

ROWS = [json.loads(line) for line in (Path(__file__).parent / "facts.jsonl").read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def passages() -> IndexPassages:
    return IndexPassages(None, load_encoder())  # type: ignore[arg-type]


def told(passages: IndexPassages, guide: Guide, case: str, question: str) -> list[str]:
    facts = guide.question(case).facts
    found = [passages.fact(part, facts) for part in questions_in(question)]
    return list(dict.fromkeys(fact.topic for fact in found if fact))[:FACTS]


def test_the_labels_are_of_facts_that_exist(guide) -> None:
    assert len(ROWS) == 60
    assert sum(not row["topics"] for row in ROWS) == 20
    assert len({row["case"] for row in ROWS}) == 12
    for row in ROWS:
        assert set(row["topics"]) <= {fact.topic for fact in guide.question(row["case"]).facts}


def test_natural_questions_are_answered_from_the_case(guide, passages) -> None:
    outcome: Counter[str] = Counter()
    for row in ROWS:
        found = told(passages, guide, row["case"], row["question"])
        if not row["topics"]:
            outcome["left open" if not found else "told needlessly"] += 1
        elif set(row["topics"]) <= set(found):
            outcome["right"] += 1
        else:
            outcome["another" if found else "missed"] += 1
    assert outcome["right"] >= 32, outcome
    assert outcome["missed"] <= 3, outcome
    assert outcome["another"] <= 6, outcome
    assert outcome["left open"] >= 12, outcome


def test_clarifying_questions_are_taken_for_such() -> None:
    taken = [row["question"] for row in ROWS if read_intent(row["question"]) == "clarify"]
    assert len(taken) == len(ROWS)


@pytest.mark.parametrize(
    ("message", "parts"),
    [
        ("How many users?", 1),
        ("How many users are there, and is there a deadline?", 2),
        ("Who works on it? What is the budget? And how fast must it be?", 3),
        ("so how many users do we have and what is the latency", 2),
        ("Is it read and written from two regions?", 1),
    ],
)
def test_a_message_is_taken_apart_into_its_questions(message, parts) -> None:
    assert len(questions_in(message)) == parts


def test_two_facts_are_told_in_one_breath_and_never_three(guide, passages, tmp_path) -> None:
    store = open_store(tmp_path)
    service = Service(
        guide, store, lambda: passages, lambda: ScriptedGrader([]), PlainInterviewer, lambda: ScriptedGrader([])
    )
    case = guide.question("case-payouts")
    planned = PlannedQuestion(case.id, case.text, case.kind, case.aims, "")
    interview = service.begin(replace(make_plan(guide, Level.SENIOR, (case.kind,), 20, seed=1), questions=(planned,)))
    "".join(service.resume(interview))
    "".join(service.reply(interview, "How many sellers are there, how many banks, and what about refunds?"))
    step = service.interview(interview).said[-1].step
    assert [line.partition(":")[0] for line in step.fact.splitlines()] == ["sellers", "banks"]


def test_a_fact_is_looked_for_among_the_facts_given_only(passages) -> None:
    assert passages.fact("How many users are there?", ()) is None
    only = Fact("volume", "90 million messages a day")
    assert passages.fact("What is the volume on a day?", (only,)) == only
