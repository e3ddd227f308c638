"""The grader that a chat model reads for: one structured call, every quote located, no number invented."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from interviewer.engines.llm.fence import fenced, mark
from interviewer.engines.llm.form import Filled, Form, in_words, keys, rubric_form
from interviewer.engines.llm.models import ChatModel, Message
from interviewer.engines.protocols import Graded, Usage
from interviewer.errors import BadModelReply, ModelError
from interviewer.grading.evidence import locate
from interviewer.grading.rating import (
    SHOWN,
    Assessment,
    Evidence,
    Exchange,
    Flag,
    Grade,
    Maker,
    NotAssessed,
    Rating,
    Scope,
    Ungraded,
)
from interviewer.guide.model import Expectation, Item, LookFor, RedFlag, Rubric
from interviewer.prompts import Prompt

# Raised when the way a reply is read into ratings changes.
VERSION = "1"
# The chance that a careful rater gives the same value, for one grading by a model; a panel measures its own.
CONFIDENCE = 0.8
# Characters of a reply that is sent back for repair.
_SENT_BACK = 6000
_NONE = "(none)"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Read:
    """A form that was read: its ratings and flags, and the ids whose evidence is void."""

    assessment: Grade | NotAssessed
    void: tuple[str, ...] = ()


class ModelGrader:
    """Rates an exchange with a chat model.

    Attributes:
        spec: The model's spec.
    """

    def __init__(self, model: ChatModel, prompt: Prompt) -> None:
        """Set up the grader.

        Args:
            model: Any chat model.
            prompt: The file `prompts/grade.md`.
        """
        self.spec = model.spec
        self._model = model
        self._prompt = prompt

    def grade(self, exchange: Exchange, rubric: Rubric) -> Graded:
        """Rate an exchange; whatever fails comes back as Ungraded with the reason."""
        usage = Usage(engine=self.spec, prompt_hash=self._prompt.hash)
        if not any(reply.strip() for reply in exchange.replies):
            return Graded(NotAssessed("Nothing was said that could be rated."), usage)
        try:
            return Graded(self._grade(exchange, rubric, usage), usage)
        except ModelError as error:
            return Graded(Ungraded(str(error)), usage)

    def _grade(self, exchange: Exchange, rubric: Rubric, usage: Usage) -> Assessment:
        """Ask once; where the answer does not fit or a quote is not there, ask once more with what was wrong."""
        form = rubric_form(rubric)
        messages = self._messages(exchange, rubric)
        try:
            first, raw, problem = self._ask(form, messages, exchange, rubric, usage)
        except BadModelReply as error:
            log.debug("%s: %s", self.spec, error)
            first, raw, problem = None, error.raw, str(error)
        if first and not first.void:
            return first.assessment
        again: list[Message] = [
            *messages,
            ("assistant", raw[:_SENT_BACK] or "(empty)"),
            ("user", self._prompt.render("repair", problems=problem)),
        ]
        try:
            second, _, problem = self._ask(form, again, exchange, rubric, usage)
        except ModelError:
            if first is None or _aimed(rubric) & set(first.void):
                raise
            second = first
        void = _aimed(rubric) & set(second.void)
        if void:
            return Ungraded(f"No rating: after one repair, {problem}")
        return second.assessment

    def _ask(
        self, form: Form, messages: Sequence[Message], exchange: Exchange, rubric: Rubric, usage: Usage
    ) -> tuple[_Read, str, str]:
        """Return what was read, the reply as it came, and a sentence on what is void in it."""
        filled = self._model.structured(messages, form.schema, usage)
        read = self._read(form, filled, exchange, rubric)
        names = ", ".join(read.void)
        problem = f"these items have a quote that is not in the replies, or none where one is needed: {names}."
        return read, filled.model_dump_json(by_alias=True), problem

    # -- reading a form --------------------------------------------------------------------------------------------

    def _read(self, form: Form, filled: Filled, exchange: Exchange, rubric: Rubric) -> _Read:
        if filled.reply_is == "nothing to rate":
            return _Read(NotAssessed("The candidate said nothing that could be rated."))
        ratings: list[Rating] = []
        flags: list[Flag] = []
        void: list[str] = []
        for item in rubric.items():
            entry = form.rated(filled, item)
            evidence = _located(entry.quotes, exchange.replies)
            if evidence is None or (entry.rating >= SHOWN and not evidence):
                void.append(item.id)
                continue
            value: int = entry.rating
            if rubric.hypothetical and item.max_if_hypothetical is not None:
                value = min(value, item.max_if_hypothetical)
            ratings.append(Rating(item.id, value, CONFIDENCE, evidence, entry.reason.strip()))
        for flag in rubric.red_flags:
            raised = form.flag(filled, flag)
            if not raised.raised:
                continue
            evidence = _located([raised.quote] if raised.quote else [], exchange.replies)
            if evidence is None or (flag.evidence == "said" and not evidence):
                void.append(flag.id)
                continue
            flags.append(Flag(flag.id, CONFIDENCE, evidence, raised.reason.strip()))
        maker = Maker(engine=self.spec, version=VERSION, prompt_hash=self._prompt.hash)
        return _Read(Grade(tuple(ratings), tuple(flags), Scope(filled.scope), maker), tuple(void))

    # -- the request -----------------------------------------------------------------------------------------------

    def _messages(self, exchange: Exchange, rubric: Rubric) -> list[Message]:
        """Return the request: fixed rules, then the rubric of the level and kind, then the exchange."""
        listed = self._prompt.render(
            "rubric",
            level=rubric.level.value,
            kind=rubric.kind.words,
            look_fors=_listed(rubric.look_fors),
            expectations=_listed(rubric.expectations),
            probes=_listed(rubric.probes),
            flags=_listed(rubric.red_flags),
            form=in_words(rubric),
        )
        between = mark((exchange.question, *(turn.text for turn in exchange.turns)))
        lines = [f"The question:\n{fenced(exchange.question, between)}"]
        for turn in exchange.turns:
            who = "The candidate" if turn.speaker == "candidate" else "The interviewer"
            lines.append(f"{who}:\n{fenced(turn.text, between)}")
        last = self._prompt.render("exchange", exchange="\n".join(lines))
        return [("system", self._prompt.render("system")), ("user", f"{listed}\n\n{last}")]


def _located(quotes: Sequence[str], replies: tuple[str, ...]) -> tuple[Evidence, ...] | None:
    """Return the spans of the quotes, or None when one of them is not there."""
    found: list[Evidence] = []
    for quote in quotes:
        if not quote.strip():
            continue
        span = locate(quote, replies)
        if span is None:
            return None
        if span not in found:
            found.append(span)
    return tuple(found)


def _aimed(rubric: Rubric) -> set[str]:
    return set(rubric.aims) or {item.id for item in rubric.criteria}


def _listed(items: Sequence[Item]) -> str:
    """Return the items as a fenced list; the guide's words are material too."""
    if not items:
        return _NONE
    lines = []
    for item, key in zip(items, keys(list(items)), strict=True):
        notes: list[str] = []
        if isinstance(item, LookFor | Expectation):
            notes.append(item.level.value)
        if isinstance(item, RedFlag):
            notes.append(item.evidence)
        if item.max_if_hypothetical is not None:
            notes.append(f"hypothetical: at most {item.max_if_hypothetical}")
        lines.append(f"{key}: {' '.join(item.text.split())}" + (f" ({'; '.join(notes)})" if notes else ""))
    return fenced("\n".join(lines))
