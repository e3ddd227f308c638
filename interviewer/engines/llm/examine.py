"""Prove a configured model in plain words: reached, streams, and fills in the real grading form."""

import time
from dataclasses import dataclass

from interviewer.engines.llm.grader import ModelGrader
from interviewer.engines.llm.models import ChatModel, Message
from interviewer.engines.protocols import Usage
from interviewer.errors import ModelError
from interviewer.grading.rating import Exchange, Turn, Ungraded
from interviewer.guide.model import Rubric
from interviewer.prompts import Prompt

_HELLO: list[Message] = [("system", "You answer in one short sentence."), ("user", "Say that you are there.")]
_REPLY = "I moved our invoices to a queue, because the nightly run took nine hours, and it now takes one."


@dataclass(frozen=True, slots=True)
class Proof:
    """One thing that was tried.

    Attributes:
        text: What happened, as a sentence.
        seconds: How long it took.
    """

    ok: bool
    text: str
    seconds: float


def examine(model: ChatModel, prompt: Prompt, rubric: Rubric) -> list[Proof]:
    """Try a model; stops at the first thing that fails.

    Args:
        model: The model to try; it is called once or twice.
        prompt: The file `prompts/grade.md`.
        rubric: A rubric of the guide in use, so that the schema is the real one.
    """
    began = time.monotonic()
    first: float | None = None
    pieces = 0
    try:
        for _ in model.stream(_HELLO, Usage()):
            first = time.monotonic() - began if first is None else first
            pieces += 1
    except ModelError as error:
        return [Proof(False, str(error), time.monotonic() - began)]
    if first is None:
        return [Proof(False, f"The model {model.spec} was reached and said nothing.", time.monotonic() - began)]
    how = f"streams in {pieces} pieces" if pieces > 1 else "answers in one piece, it does not stream"
    proofs = [Proof(True, f"The model {model.spec} was reached and {how}; its first words took {first:.2f} s.", first)]
    began = time.monotonic()
    exchange = Exchange(rubric.level, rubric.kind, "Tell me about a system you built.", (Turn("candidate", _REPLY),))
    outcome = ModelGrader(model, prompt).grade(exchange, rubric).assessment
    took = time.monotonic() - began
    if isinstance(outcome, Ungraded):
        return [*proofs, Proof(False, f"It does not fill in the grading form: {outcome.reason}", took)]
    return [*proofs, Proof(True, f"It fills in the real grading form, in {took:.1f} s.", took)]
