"""One line of `interviewer grade`: JSON in, JSON out, whatever comes in."""

import json
import re
from typing import Any

from interviewer.engines.protocols import Grader
from interviewer.errors import InterviewerError
from interviewer.grading.rating import Exchange, Grade, NotAssessed, Rating, Turn, Verdict
from interviewer.grading.scorecard import overall
from interviewer.guide.model import Guide, Item, Kind, Level
from interviewer.interview.intent import RATEABLE, read_intent

# The id of a line that is otherwise broken, so that its outcome can be told apart.
_ID = re.compile(r'"id"\s*:\s*"([^"\\]+)"')


def grade_line(line: str, grader: Grader, guide: Guide) -> dict[str, Any]:
    """Grade one line.

    Args:
        line: A JSON object with id, level, kind, question and reply, or turns in place of reply.
        grader: Who grades it.
        guide: Where the rubric comes from.

    Returns:
        The graded line; its id is null when none could be read.
    """
    try:
        record = json.loads(line, strict=False)
    except (ValueError, RecursionError):
        found = _ID.search(line)
        reason = "The line is not valid JSON."
        return _empty(found.group(1) if found else None, grader) | {"reason": reason}
    if not isinstance(record, dict):
        return _empty(None, grader) | {"reason": "The line is not a JSON object."}
    out = _empty(record.get("id"), grader)
    try:
        exchange = _exchange(record)
    except ValueError as error:
        return out | {"status": "ungraded", "reason": str(error)}
    if not any(read_intent(reply) in RATEABLE for reply in exchange.replies):
        return out | {"status": "not_assessed", "reason": "Nothing was said that could be rated."}
    rubric = guide.rubric(exchange.level, exchange.kind)
    try:
        assessment = grader.grade(exchange, rubric).assessment
    except InterviewerError as error:
        return out | {"status": "ungraded", "reason": str(error)}
    if not isinstance(assessment, Grade):
        status = "not_assessed" if isinstance(assessment, NotAssessed) else "ungraded"
        return out | {"status": status, "reason": assessment.reason}
    ratings = {item.id: assessment.rating(item.id) for item in (*rubric.criteria, *rubric.probes)}
    void = [item for item, rating in ratings.items() if rating is None]
    if void:
        return out | {"status": "ungraded", "reason": f"No valid evidence for: {', '.join(void)}."}
    value = overall(assessment, rubric)
    return out | {
        "status": "graded",
        "overall": value,
        "verdict": Verdict.of(value).value,
        "scope": assessment.scope.value,
        "criteria": _ratings(rubric.criteria, ratings, exchange),
        "probes": _ratings(rubric.probes, ratings, exchange),
        "red_flags": [
            {
                "id": flag.item,
                "quote": flag.evidence[0].quote(exchange.replies) if flag.evidence else None,
                "confidence": flag.confidence,
            }
            for flag in assessment.flags
        ],
        "engine": assessment.maker.engine,
        "version": assessment.maker.version,
    }


def _empty(line_id: Any, grader: Grader) -> dict[str, Any]:
    """Return a line without a grade, every key in its place."""
    return {
        "id": line_id,
        "status": "ungraded",
        "reason": None,
        "overall": None,
        "verdict": None,
        "scope": None,
        "criteria": {},
        "probes": {},
        "red_flags": [],
        "engine": grader.spec,
        "version": getattr(grader, "version", ""),
    }


def _ratings(items: tuple[Item, ...], ratings: dict[str, Rating | None], exchange: Exchange) -> dict[str, Any]:
    return {
        item.id: {
            "rating": rating.value,
            "confidence": rating.confidence,
            "quotes": [span.quote(exchange.replies) for span in rating.evidence],
        }
        for item in items
        if (rating := ratings[item.id])
    }


def _exchange(record: dict[str, Any]) -> Exchange:
    """Read a record as an exchange.

    Raises:
        ValueError: When a field is missing or has a wrong type; the text says which.
    """
    level, kind, question = record.get("level"), record.get("kind"), record.get("question")
    if level not in set(Level):
        raise ValueError(f"The level is {_shown(level)}; it must be senior or staff.")
    if kind not in set(Kind):
        raise ValueError(f"The kind is {_shown(kind)}; it must be {', '.join(Kind)}.")
    if not isinstance(question, str):
        raise ValueError(f"The question is {_shown(question)}; it must be text.")
    turns = record.get("turns")
    if turns is None:
        reply = record.get("reply")
        if not isinstance(reply, str):
            raise ValueError(f"The reply is {_shown(reply)}; it must be text, or turns must be given.")
        return Exchange(Level(level), Kind(kind), question, (Turn("candidate", reply),))
    if not isinstance(turns, list):
        raise ValueError(f"The turns are {_shown(turns)}; they must be a list of speaker and text.")
    said = []
    for number, turn in enumerate(turns, 1):
        speaker = turn.get("speaker") if isinstance(turn, dict) else None
        text = turn.get("text") if isinstance(turn, dict) else None
        if speaker not in ("interviewer", "candidate") or not isinstance(text, str):
            raise ValueError(f"Turn {number} is {_shown(turn)}; it must have a speaker and a text.")
        said.append(Turn(speaker, text))
    if not any(turn.speaker == "candidate" for turn in said):
        raise ValueError("No turn is the candidate's, so there is nothing to grade.")
    return Exchange(Level(level), Kind(kind), question, tuple(said))


def _shown(value: object) -> str:
    return "missing" if value is None else repr(value)[:40]
