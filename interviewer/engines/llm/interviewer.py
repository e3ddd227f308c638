"""The interviewer that a chat model speaks for: streamed by the sentence, each checked before it is shown."""

import re
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace

from interviewer.engines.checks import cut, delivered, off_step, violations
from interviewer.engines.llm.fence import fenced
from interviewer.engines.llm.models import ChatModel, Message
from interviewer.engines.protocols import Context, Interviewer, Usage, Utterance
from interviewer.errors import ModelError
from interviewer.guide.model import Item
from interviewer.interview.events import Answer, Ask, Close, Probe
from interviewer.prompts import Prompt

Step = Ask | Probe | Answer | Close

_BECAUSE = {
    "done": "all questions have been asked",
    "time": "the time is over",
    "stopped": "the candidate ended it",
    "budget": "what was set aside for it is used up",
}
_NOTHING = "(nothing)"
# A sentence without an end is stopped at this many characters.
_LONGEST = 600
_LABEL = re.compile(r"^\W*(?:interviewer|you)\s*:\W*", re.IGNORECASE)


class ModelInterviewer:
    """Words steps with a chat model; where no model delivers, the embedded wording takes its place.

    Attributes:
        spec: The first model's spec.
    """

    def __init__(
        self, models: Sequence[ChatModel], fallback: Interviewer, prompt: Prompt, forbidden: Sequence[Item] = ()
    ) -> None:
        """Set up the engine.

        Args:
            models: Tried in order; the next one only speaks when the one before does not deliver.
            fallback: Speaks when no model does, and in place of words that may not be said.
            prompt: The file `prompts/interviewer.md`.
            forbidden: The guide's items. Their titles and ids are checked against, and never put into a request.
        """
        self.spec = models[0].spec
        self._models = tuple(models)
        self._fallback = fallback
        self._prompt = prompt
        self._forbidden = tuple(forbidden)

    def speak(self, step: Step, context: Context) -> Utterance:
        """Word one step; the words are whole sentences, and `usage.replaced` says why if they are not the model's."""
        usage = Usage(engine=self.spec, prompt_hash=self._prompt.hash)
        return Utterance(self._speak(step, context, usage), usage)

    def _speak(self, step: Step, context: Context, usage: Usage) -> Iterator[str]:
        if isinstance(step, Ask) and step.because == "return":
            # A question that was put off is asked again: that is no repeat.
            context = replace(context, earlier=())
        messages = self._messages(step, context)
        shown: list[str] = []
        reason = ""
        for model in self._models:
            usage.engine = model.spec
            try:
                reason = yield from self._turn(model, messages, step, context, shown, usage)
                break
            except ModelError as error:
                reason = str(error)
                if shown:
                    break
        if reason:
            usage.replaced = reason
            glue = " " if shown else ""
            for piece in self._fallback.speak(step, context).chunks:
                yield glue + piece
                glue = ""

    def _turn(
        self, model: ChatModel, messages: list[Message], step: Step, context: Context, shown: list[str], usage: Usage
    ) -> Generator[str, None, str]:
        """Speak with one model, with one repair; return why its words cannot stand, or nothing."""
        problems, sentence = yield from self._checked(model.stream(messages, usage), step, context, shown)
        if problems:
            repair = self._prompt.render(
                "repair",
                shown=" ".join(shown) or _NOTHING,
                sentence=fenced(sentence) if sentence else _NOTHING,
                problems="; ".join(problems),
            )
            wrong: Message = ("assistant", " ".join([*shown, sentence]).strip() or _NOTHING)
            again = [*messages, wrong, ("user", repair)]
            problems, _ = yield from self._checked(model.stream(again, usage), step, context, shown)
        return f"The model's words were not shown: {'; '.join(problems)}." if problems else ""

    def _checked(
        self, stream: Iterator[str], step: Step, context: Context, shown: list[str]
    ) -> Generator[str, None, tuple[list[str], str]]:
        """Yield the sentences that may be said; return what stopped the turn and the sentence it stopped at.

        A turn that has done what it is for ends at the first sentence that may
        not be said, or where the stream breaks: nothing is repaired then.
        """
        sentences = _sentences(stream)
        try:
            for sentence in sentences:
                said = " ".join(shown)
                problems = violations(sentence, context, said, self._forbidden) + off_step(
                    sentence, said, step, context
                )
                if problems:
                    return ([] if delivered(said, step) else problems), sentence
                yield f" {sentence}" if shown else sentence
                shown.append(sentence)
        except ModelError:
            if not delivered(" ".join(shown), step):
                raise
        finally:
            sentences.close()
        if delivered(" ".join(shown), step):
            return [], ""
        asks = isinstance(step, Ask | Probe) or (isinstance(step, Answer) and step.about == "rephrase")
        return (["the question is missing" if asks else "nothing was said on it"], "")

    def _messages(self, step: Step, context: Context) -> list[Message]:
        system = self._prompt.render(
            "system",
            level=context.level.value,
            minutes=context.minutes,
            manner=self._prompt.render(f"manner_{context.manner}"),
        )
        before, since = _transcript(context)
        words = self._prompt.render("transcript", said=before, turns=since)
        return [("system", system), ("user", f"{words}\n\n{self._instruction(step, context)}")]

    def _instruction(self, step: Step, context: Context) -> str:
        question = fenced(context.question)
        passages = "\n".join(fenced(p.text) for p in context.passages if p.audience == "interviewer") or _NOTHING
        match step:
            case Ask(text=text):
                return self._prompt.render("ask", question=fenced(text), passages=passages)
            case Probe(angle=angle):
                return self._prompt.render("probe", question=question, angle=fenced(angle), passages=passages)
            case Answer(fact=fact) if fact:
                return self._prompt.render("fact", fact=fenced(fact))
            case Answer(about="time"):
                return self._prompt.render("time", minutes_left=step.minutes_left)
            case Answer(about="clarify" | "rephrase" as about):
                return self._prompt.render(about, question=question)
            case Answer(about=about):
                return self._prompt.render(about)
            case Close(because=because):
                return self._prompt.render("close", because=_BECAUSE[because])


def _transcript(context: Context) -> tuple[str, str]:
    """Return what the interviewer said before the exchange in hand, and the exchange; both grow at the end only."""
    own = [turn.text for turn in context.turns if turn.speaker == "interviewer"]
    earlier = list(context.earlier)
    while own and earlier and own[-1] == earlier[-1]:
        own.pop()
        earlier.pop()
    since = (
        f"You:\n{turn.text}" if turn.speaker == "interviewer" else f"The candidate:\n{fenced(turn.text)}"
        for turn in context.turns
    )
    return "\n".join(f"- {text}" for text in earlier) or _NOTHING, "\n".join(since) or _NOTHING


def _sentences(stream: Iterator[str]) -> Generator[str, None, None]:
    """Yield each sentence of a stream as soon as it is finished.

    Where the stream breaks, what had a full stop before the break is handed
    out; half a sentence is not.
    """
    rest = ""
    try:
        for piece in stream:
            rest += piece
            done, rest = cut(rest)
            for sentence in done:
                yield _LABEL.sub("", sentence)
            if len(rest) > _LONGEST:
                yield rest  # no sentence is as long as this
                rest = ""
    except ModelError:
        if rest.rstrip().endswith((".", "?", "!")):
            yield _LABEL.sub("", rest.strip())
        raise
    finally:
        if isinstance(stream, Generator):
            stream.close()
    if rest.strip():
        yield _LABEL.sub("", rest.strip())
