"""What a program may call on the running app; docs/api.md shows how. Everything else of the page is private.

A new one is a method of `Endpoints` and its name in ENDPOINTS: signature and docstring are its documentation, and the
tool that a program sees over MCP.
"""

import functools
import inspect
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, Literal

import gradio as gr
from pydantic import ValidationError, validate_call
from starlette.middleware import Middleware

from interviewer.api import MockInterviewer, one_of
from interviewer.graded_line import grade_line
from interviewer.grading.rating import Grade, Rating, Verdict
from interviewer.grading.scorecard import Scored
from interviewer.guide.model import Item, Kind, Level
from interviewer.interview.events import Manner
from interviewer.review.library import Query
from interviewer.service import Service, Setup
from interviewer.ui.guard import sentence
from interviewer.ui.origin import OwnPagesOnly
from interviewer.wiring import Parts

ENDPOINTS = ("grade_reply", "start_interview", "reply", "finish_interview", "scorecard", "list_interviews")
MOST_LINES = 500

LevelName = Literal["senior", "staff"]
KindName = Literal["behavioral", "deep-dive", "system-design", "coding"]
VerdictName = Literal["strong_no_hire", "no_hire", "hire", "strong_hire"]


class Endpoints:
    """The calls, in terms of JSON."""

    def __init__(self, service: Service, parts: Parts) -> None:
        """Take the parts of the app."""
        self._interviewer = MockInterviewer(parts, service)
        self._parts = parts

    def grade_reply(
        self, question: str, reply: str, level: LevelName = "senior", kind: KindName = "behavioral"
    ) -> dict[str, Any]:
        """Grade one reply to an interview question, item by item, each rating with quotes from the reply.

        Args:
            question: The question as it was asked.
            reply: The candidate's answer.
            level: The level interviewed for: senior or staff.
            kind: The kind of question: behavioral, deep-dive, system-design or coding.
        """
        record = {"id": None, "level": level, "kind": kind, "question": question, "reply": reply}
        return grade_line(json.dumps(record), self._parts.grader(), self._parts.guide)

    def start_interview(
        self,
        level: LevelName = "senior",
        kinds: str = "behavioral",
        minutes: int = 45,
        seed: int | None = None,
        manner: Manner = "neutral",
    ) -> dict[str, Any]:
        """Begin a mock interview; the answer holds its id and the first question.

        Args:
            level: The level interviewed for: senior or staff.
            kinds: Kinds of question with commas between them (behavioral, deep-dive, system-design, coding), or loop.
            minutes: Length, 5 to 120.
            seed: The same seed gives the same questions and wording; none for new ones.
            manner: How the interviewer speaks: friendly, neutral or tough.
        """
        names = [name for name in kinds.split(",") if name.strip()]
        chosen = tuple(Kind) if kinds.strip() == "loop" else tuple(one_of(Kind, "kind", name) for name in names)
        interview = self._interviewer.start(Setup(Level(level), chosen, minutes, seed, manner))
        return self._standing(interview, self._interviewer.interview(interview).said[-1].text)

    def reply(self, interview: str, text: str) -> dict[str, Any]:
        """Answer the interviewer as the candidate; what the interviewer says to it comes back.

        Args:
            interview: The id of the interview.
            text: The candidate's answer; a question about the task or "skip" is understood too.
        """
        return self._standing(interview, self._interviewer.reply(interview, text))

    def finish_interview(self, interview: str) -> dict[str, Any]:
        """End an interview early; the interviewer's goodbye comes back.

        Args:
            interview: The id of the interview.
        """
        return self._standing(interview, self._interviewer.finish(interview))

    def scorecard(self, interview: str) -> dict[str, Any]:
        """Return what an interview has come to: verdict, ratings with quotes, red flags, how each aspect reads.

        Args:
            interview: The id of the interview.
        """
        card = self._interviewer.scorecard(interview)
        return {
            "interview": interview,
            "level": card.level.value,
            "verdict": card.verdict and card.verdict.value,
            "overall": card.overall,
            "graded": card.assessed,
            "exchanges": [_exchange(one) for one in card.exchanges],
            "reads_as": {reading.aspect.name: reading.column for reading in card.readings},
        }

    def list_interviews(
        self,
        search: str = "",
        level: LevelName | None = None,
        kind: KindName | None = None,
        verdict: VerdictName | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> dict[str, Any]:
        """List the interviews kept on this machine, newest first, and how many there are.

        Args:
            search: Words that must all stand in the name, the talk or the notes.
            level: Only those at senior or staff.
            kind: Only those with a question of this kind.
            verdict: Only finished ones that came to strong_no_hire, no_hire, hire or strong_hire.
            limit: How many at most, 1 to 500.
            offset: How many of the newest to leave out.
        """
        query = Query(search, level and Level(level), kind and Kind(kind), verdict and Verdict(verdict))
        found = self._interviewer.library.find(query, min(max(limit, 1), MOST_LINES), max(offset, 0))
        lines = [asdict(line) | {"started": line.started.isoformat()} for line in found.lines]
        return {"total": found.total, "unread": found.unread, "interviews": lines}

    def _standing(self, interview: str, said: str) -> dict[str, Any]:
        state = self._interviewer.interview(interview)
        return {
            "interview": interview,
            "said": said,
            "question": len(state.asked),
            "questions": len(state.plan.questions),
            "over": state.closed is not None,
        }


def add_endpoints(service: Service, parts: Parts) -> None:
    """Add the endpoints to the open Blocks."""
    endpoints = Endpoints(service, parts)
    for name in ENDPOINTS:
        gr.api(for_programs(getattr(endpoints, name)), api_name=name, concurrency_limit=16)


def own_pages_only(host: str) -> Middleware:
    """Return the middleware that keeps other sites' pages out; `launch` takes it in `app_kwargs`."""
    return Middleware(OwnPagesOnly, host=host)


def for_programs(endpoint: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Check what a program sends by the endpoint's type hints, and make every error a sentence."""
    signature = inspect.signature(endpoint)
    checked = validate_call(endpoint)

    @functools.wraps(endpoint)
    def call(*values: Any) -> dict[str, Any]:
        try:
            return checked(**signature.bind(*values).arguments)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            message = f"{where}: {first['msg']} (got {str(first['input'])[:60]!r})."
            raise gr.Error(message, print_exception=False) from None
        except Exception as error:
            raise gr.Error(sentence(error), print_exception=False) from None

    return call


def _exchange(one: Scored) -> dict[str, Any]:
    graded = one.assessment if isinstance(one.assessment, Grade) else None
    return {
        "kind": one.exchange.kind.value,
        "question": one.exchange.question,
        "status": one.assessment.outcome if one.assessment else "ungraded",
        "reason": None if graded else getattr(one.assessment, "reason", "Grading has not finished."),
        "overall": one.overall,
        "verdict": one.verdict and one.verdict.value,
        "scope": graded and graded.scope.value,
        "criteria": _ratings(one, one.rubric.criteria),
        "probes": _ratings(one, one.rubric.probes),
        "red_flags": [
            {"id": flag.item, "quotes": [span.quote(one.exchange.replies) for span in flag.evidence]}
            for flag in (graded.flags if graded else ())
        ],
    }


def _ratings(one: Scored, items: Sequence[Item]) -> dict[str, Any]:
    if not isinstance(one.assessment, Grade):
        return {}
    ratings: list[Rating] = [rating for item in items if (rating := one.assessment.rating(item.id))]
    return {
        rating.item: {
            "rating": rating.value,
            "confidence": rating.confidence,
            "quotes": [span.quote(one.exchange.replies) for span in rating.evidence],
        }
        for rating in ratings
    }
