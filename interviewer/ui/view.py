"""What there is to show of an interview: one pure function of its events."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from interviewer.cost import amount, cost_of
from interviewer.guide.model import Kind
from interviewer.interview.state import Interview
from interviewer.ui.html import plain

CUT_OFF = " … (cut off)"


@dataclass(frozen=True, slots=True)
class View:
    """An interview as the screen shows it.

    Attributes:
        phase: "talk" while it runs, "done" after its end.
        messages: The transcript in the chat component's form.
        status: Where one is and how much time is left, in a line.
        owed: Whether the interviewer has something to say that was not said yet.
        editable: Whether the last answer can still be taken back.
        last_reply: What the candidate said last; empty when nothing was.
        closed_exchange: Place of the exchange that closed last, from 0; None before the first has.
    """

    phase: Literal["talk", "done"]
    messages: list[dict[str, Any]]
    status: str
    paused: bool
    owed: bool
    editable: bool
    last_reply: str
    closed_exchange: int | None
    notes: tuple[str, ...]


def view(interview: Interview, at: datetime) -> View:
    """Return what to show of an interview at a time."""
    closed = [position for position, asked in enumerate(interview.asked) if asked.closed]
    replies = [said.text for said in interview.said if said.speaker == "candidate"]
    return View(
        phase="done" if interview.closed else "talk",
        messages=[message(said.speaker, said.text + (CUT_OFF if said.interrupted else "")) for said in interview.said],
        status=status(interview, at),
        paused=interview.paused,
        owed=interview.owed or interview.waiting is not None,
        editable=not interview.closed and bool(interview.asked and interview.asked[-1].replies),
        last_reply=replies[-1] if replies else "",
        closed_exchange=closed[-1] if closed else None,
        notes=interview.notes,
    )


def message(speaker: str, text: str) -> dict[str, Any]:
    """Return one chat message; as a block, because the component strips the indentation of plain strings."""
    role = "user" if speaker == "candidate" else "assistant"
    return {"role": role, "content": [{"type": "text", "text": plain(text) or "(silence)"}]}


def status(interview: Interview, at: datetime) -> str:
    """Say in a line which question it is, of how many, how much time is used and left, and what a model has cost."""
    plan = interview.plan
    what = f"{plan.level.value.capitalize()} · {kinds_words(plan.kinds)}"
    used = interview.seconds_used(at)
    minutes = f"{round(used / 60)} of {plan.minutes} min used"
    price = cost_of(interview).total.price
    cost = f" · cost {amount(price)}" if price is not None else ""
    if interview.closed:
        return f"{what} · finished · {minutes}{cost}"
    number = f"question {min(len(interview.asked), len(plan.questions))} of {len(plan.questions)}"
    left = max(0, plan.minutes * 60 - used)
    clock = "clock paused" if interview.paused else f"{_left(left)} left"
    return f"{what} · {number} · {minutes} · {clock}{cost}"


def kinds_words(kinds: Sequence[Kind]) -> str:
    """Return kinds of questions in words; all of them are a full loop."""
    return "full loop" if len(kinds) == len(Kind) else ", ".join(kind.words for kind in kinds)


def _left(seconds: float) -> str:
    if seconds >= 90:
        return f"{round(seconds / 60)} min"
    return "a minute" if seconds >= 30 else "under a minute" if seconds > 0 else "no time"


def draft_to_show(draft: str, last_reply: str) -> str:
    """Return a kept draft, or nothing when it is only a late echo of the answer that was sent."""
    return "" if last_reply.startswith(draft.strip()) else draft


def day(at: datetime) -> str:
    """Return a time for people, in the machine's own zone."""
    local = at.astimezone()
    return f"{local.day} {local:%b %Y, %H:%M}"
