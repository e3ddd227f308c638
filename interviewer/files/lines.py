"""An interview as JSON Lines: exchanges for `interviewer grade`, and people's ratings as a labelled set."""

import json
from collections.abc import Iterator
from typing import Any

from interviewer.grading.rating import Evidence, Turn
from interviewer.guide.model import Guide
from interviewer.interview.events import RatedByPerson
from interviewer.interview.state import Asked, Interview


def grade_lines(id: str, interview: Interview) -> Iterator[str]:
    """Return one line for each question that was answered, in the shape `interviewer grade` reads."""
    for place, asked in enumerate(interview.asked, 1):
        if asked.replies:
            yield json.dumps({"id": f"{id}-{place}"} | _asked(interview, asked, asked.replies))


def calibration_lines(id: str, interview: Interview, guide: Guide) -> Iterator[str]:
    """Return one line for each rating by a person, in the shape of the calibration set.

    Of one person's ratings of a question the last one counts; one without an
    overall is left out, since agreement is measured on overalls.
    """
    newest: dict[tuple[int, str, str], RatedByPerson] = {}
    for rated in interview.rated:
        newest[rated.exchange, rated.rater, rated.name] = rated
    for number, rated in enumerate(newest.values(), 1):
        if rated.overall is None or not 0 <= rated.exchange < len(interview.asked):
            continue
        asked = interview.asked[rated.exchange]
        head = {"id": f"{id}-{rated.exchange + 1}-{rated.rater}-{number}", "rater": rated.rater, "blind": rated.blind}
        labels = {"overall": rated.overall, "scope": rated.grade.scope.value} | _labels(rated, guide)
        yield json.dumps(head | _asked(interview, asked, rated.replies) | labels)


def _asked(interview: Interview, asked: Asked, replies: int) -> dict[str, Any]:
    """Return an exchange up to so many replies."""
    turns: list[Turn] = []
    read = 0
    for turn in asked.turns:
        if turn.speaker == "candidate":
            read += 1
        if read > replies or (read == replies and turn.speaker == "interviewer"):
            break
        turns.append(turn)
    return {
        "level": interview.plan.level.value,
        "kind": asked.ask.kind.value,
        "question": asked.ask.text,
        "turns": [{"speaker": turn.speaker, "text": turn.text} for turn in turns],
    }


def _labels(rated: RatedByPerson, guide: Guide) -> dict[str, Any]:
    groups = {"look_fors": guide.look_fors, "expectations": guide.expectations, "probes": guide.probes}
    found: dict[str, Any] = {}
    for name, items in groups.items():
        ids = {item.id for item in items}
        found[name] = {
            one.item: {"rating": one.value, "spans": _spans(one.evidence)}
            for one in rated.grade.ratings
            if one.item in ids
        }
    found["red_flags"] = {flag.item: {"spans": _spans(flag.evidence)} for flag in rated.grade.flags}
    return found


def _spans(evidence: tuple[Evidence, ...]) -> list[list[int]]:
    return [[span.reply, span.start, span.end] for span in evidence]
