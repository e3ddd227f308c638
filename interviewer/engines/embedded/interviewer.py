"""The interviewer that needs no model: it words each step from the phrasebook.

The same seed and the same conversation give the same words. A wording is used
again in an interview only when every other one that fits has been used.
"""

import random
import re
from collections.abc import Iterator
from functools import lru_cache

from interviewer.engines.embedded import phrasebook as book
from interviewer.engines.embedded.pickup import PickUp, pick_up
from interviewer.engines.protocols import Context, Usage, Utterance
from interviewer.guide.model import Kind
from interviewer.interview.clarify import REST, REST_KNOWN
from interviewer.interview.events import Answer, Ask, Close, Probe
from interviewer.interview.intent import BACK_NOW, WHO, questions_in, read_intent

# A reply of more words than this is brought back to the question.
LONG_REPLY = 350
# One of fewer words than this left out what was asked; a longer one may have told it badly.
SHORT_REPLY = 25
# How often a question is led up to, when there is something to lead up with.
_PICK_UP, _ACKNOWLEDGE, _ACKNOWLEDGE_TOO, _FOLLOW_UP, _WEAK = 0.7, 0.5, 0.35, 0.25, 0.65
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


class EmbeddedInterviewer:
    """Words the steps of an interview from the phrasebook."""

    spec = "embedded"

    def speak(self, step: Ask | Probe | Answer | Close, context: Context) -> Utterance:
        """Word one step, in pieces of about a sentence."""
        voice = _Voice(step, context)
        match step:
            case Ask():
                parts = _ask(step, context, voice)
            case Probe():
                parts = _probe(step, context, voice)
            case Answer():
                parts = _answer(step, context, voice)
            case Close():
                parts = _close(step, voice)
        return Utterance(chunks=_sentences(" ".join(part for part in parts if part)), usage=Usage(engine=self.spec))


class _Voice:
    """Chooses wordings: those that suit the manner, least used so far first, the seed deciding among them."""

    def __init__(self, step: Ask | Probe | Answer | Close, context: Context) -> None:
        self.manner = context.manner
        self.earlier = context.earlier
        replies = [turn.text for turn in context.turns if turn.speaker == "candidate"]
        self.reply = replies[-1] if replies else ""
        self.random = random.Random(f"{context.seed} {len(context.earlier)} {step.name} {self.reply}")

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def say(self, *tables: book.Table, **slots: str) -> str:
        """Return one wording of the tables, or nothing where all of them have been said and may be left out."""
        options = [frame for table in tables for frame in book.wordings(table, self.manner)]
        return self.choose(options, **slots)

    def choose(self, frames: list[str], **slots: str) -> str:
        """Return one of the frames, filled in."""
        used = {frame: self._times_used(frame) for frame in dict.fromkeys(frames)}
        fresh = [frame for frame in used if used[frame] == min(used.values())]
        return self.random.choice(fresh).format(**slots)

    def lead(self, *tables: book.Table, **slots: str) -> str:
        """Return a wording none of whose sentences has been said yet, very short ones aside, or nothing."""
        options = [frame for table in tables for frame in book.wordings(table, self.manner)]
        options = [
            frame
            for frame in options
            if not any(
                self._times_used(part.strip()) for part in _sentences(frame) if len(re.findall(r"\w+", part)) > 2
            )
        ]
        return self.choose(options, **slots) if options else ""

    def _times_used(self, frame: str) -> int:
        pattern = _pattern(frame)
        return sum(len(pattern.findall(text)) for text in self.earlier)


@lru_cache(maxsize=2048)
def _pattern(frame: str) -> re.Pattern[str]:
    """Return a pattern that finds a frame, filled in anyhow, where a sentence begins."""
    slot = r"(?P<slot>[^?\n]+?)"
    body = slot.join(re.escape(part) for part in re.split(r"\{\w+\}", frame)) if frame.count("{") == 1 else ""
    body = body or ".+?".join(re.escape(part) for part in re.split(r"\{\w+\}", frame))
    # A frame that is all slot would be found everywhere: that it was used cannot be seen.
    return re.compile(rf"(?:^|(?<=[.?!:\"] )){body}" if re.sub(r"\{\w+\}|\W", "", frame) else r"(?!)")


def _sentences(text: str) -> Iterator[str]:
    """Yield a text in pieces that end with a sentence; joined they are the text."""
    start = 0
    for end in re.finditer(r"(?<=[.?!])\"?\s+(?=[A-Z\"])", text):
        yield text[start : end.end()]
        start = end.end()
    yield text[start:]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _plural(number: int, noun: str) -> str:
    return f"{_NUMBERS[number] if number < len(_NUMBERS) else number} {noun}{'' if number == 1 else 's'}"


# -- Ask ---------------------------------------------------------------------------------------------------------------


def _ask(step: Ask, context: Context, voice: _Voice) -> list[str]:
    return [*(_opening(context, voice) if step.number == 1 else _bridge(step, context, voice)), step.text]


def _opening(context: Context, voice: _Voice) -> list[str]:
    parts = [voice.say(book.GREETING), voice.say(book.WHAT_THIS_IS, level=context.level.value)]
    if context.minutes > 0 and context.questions > 0:
        questions = _plural(context.questions, "question")
        parts.append(_capital(voice.say(book.LENGTH, minutes=f"{context.minutes} minutes", questions=questions)))
    begin = book.BEGIN_ONE if context.questions == 1 else book.BEGIN
    return [*parts, voice.say(book.HOW_IT_GOES), *_note(context, voice), voice.say(begin)]


def _bridge(step: Ask, context: Context, voice: _Voice) -> list[str]:
    because: str = "done" if step.because in ("start", "budget") else step.because
    if because == "return" and context.turns and read_intent(voice.reply) == "later":
        because = "only_one"
    elif because == "done" and step.number == context.questions and not _waiting(voice):
        because = "last"
    elif because in ("done", "time") and len(voice.reply.split()) > LONG_REPLY:
        because = "rambled"
    words = voice.lead(book.BRIDGES[because]) or voice.lead(book.BRIDGES["done"]) or voice.say(book.ACKNOWLEDGED)
    return [words, *([] if step.because == "return" else _note(context, voice))]


def _waiting(voice: _Voice) -> bool:
    """Tell whether a question has been put aside, so that the last of the plan is not the last."""
    return any(frame in text for frame in book.wordings(book.BRIDGES["later"], voice.manner) for text in voice.earlier)


def _note(context: Context, voice: _Voice) -> list[str]:
    """Say once what sort of talk this is, where that changes what the candidate may do."""
    table = {Kind.SYSTEM_DESIGN: book.CASE_NOTE, Kind.CODING: book.CODE_NOTE}.get(context.kind)
    if table is None or any(frame in text for frame in book.wordings(table, context.manner) for text in voice.earlier):
        return []
    return [voice.say(table)]


# -- Probe -------------------------------------------------------------------------------------------------------------


def _probe(step: Probe, context: Context, voice: _Voice) -> list[str]:
    story = context.kind in (Kind.BEHAVIORAL, Kind.DEEP_DIVE)
    words = len(voice.reply.split())
    rambled = words > LONG_REPLY
    if read_intent(voice.reply) == "no_example":
        return [voice.lead(book.NOTHING_THERE), _question(step.angle, story, voice)]
    found = None if step.weak and not voice.chance(0.5) else pick_up(voice.reply, step.angle, voice.earlier)
    picked = _picked(found, voice) if found and voice.chance(_PICK_UP) else ""
    lead = ""
    if rambled:
        lead = voice.lead(book.RAMBLED)
    elif step.weak and voice.chance(_WEAK):
        lead = voice.lead(book.THIN if words < SHORT_REPLY else book.LITTLE)
    elif not picked and voice.chance(_FOLLOW_UP):
        lead = voice.lead(book.FOLLOWING_UP)
    acknowledged = "" if rambled else _acknowledgement(voice, bool(picked or lead))
    # A long approach is heard as a speech: two sentences before the question at most.
    return [*[part for part in (acknowledged, lead, picked) if part][-2:], _question(step.angle, story, voice)]


def _acknowledgement(voice: _Voice, more: bool) -> str:
    frames = book.wordings(book.ACKNOWLEDGED, voice.manner)
    share = _ACKNOWLEDGE_TOO if more else _ACKNOWLEDGE
    if voice.earlier and any(voice.earlier[-1].startswith(frame) for frame in frames):
        share /= 2
    if more:
        # Short, and without "noted": what follows may say that it was written down.
        frames = tuple(frame for frame in frames if len(frame.split()) < 4 and not re.search("not|down", frame.lower()))
    return voice.lead({"all": frames}) if voice.chance(share) else ""


def _picked(found: PickUp, voice: _Voice) -> str:
    if not found.quoted:
        return voice.say(book.PICKED_UP, c=found.spoken)
    return voice.say(book.QUOTED, c=_capital(found.spoken))


def _question(angle: str, story: bool, voice: _Voice, heard: str = "") -> str:
    """Return the question about an angle, in a wording it fits that has not been heard yet if there is one.

    Args:
        angle: What to ask about.
        story: Whether the question in hand is about something that happened.
        voice: Chooses the wording.
        heard: The same question as it was just asked; the new wording is then of another build if it can be.
    """
    direct = book.direct(angle) or ""
    frames = [frame for table in book.tables(angle, story) for frame in book.wordings(table, voice.manner)]
    if heard:
        frames = [frame for frame in frames if ("{a}" in frame) != (angle in heard)] or frames
    said = {frame: _filled(frame, angle, direct) for frame in frames}
    unheard = [frame for frame in frames if not any(said[frame] in text for text in voice.earlier)]
    return voice.choose(unheard or frames, a=angle, q=direct, Q=_capital(direct))


def _filled(frame: str, angle: str, direct: str) -> str:
    return frame.format(a=angle, q=direct, Q=_capital(direct))


# -- Answer ------------------------------------------------------------------------------------------------------------


def _answer(step: Answer, context: Context, voice: _Voice) -> list[str]:
    match step.about:
        case "clarify" if step.fact:
            return [*_facts(step.fact.splitlines(), voice), voice.lead(book.GO_ON)]
        case "clarify":
            return [voice.say(_open(context, voice)), voice.lead(book.GO_ON)]
        case "time":
            if step.minutes_left <= 1:
                return [voice.say(book.ONE_MINUTE_LEFT), voice.lead(book.GO_ON)]
            return [
                _capital(voice.say(book.TIME_LEFT, minutes=_plural(step.minutes_left, "minute"))),
                voice.lead(book.GO_ON),
            ]
        case "rephrase":
            return _other_words(context, voice)
        case "silence":
            thinking = book.wordings(book.THINKING, voice.manner)
            again = bool(voice.earlier) and any(voice.earlier[-1].startswith(frame) for frame in thinking)
            return [voice.say(book.THINKING), voice.say(book.OFFER_TO_MOVE_ON) if again else ""]
        case "language":
            return [voice.say(book.LANGUAGE)]
        case "request":
            who = WHO.search(" ".join(voice.reply.lower().replace("’", "'").split()))
            return [voice.say(book.WHO_I_AM if who else book.DECLINED), voice.lead(book.GO_ON)]


def _open(context: Context, voice: _Voice) -> book.Table:
    """Return the wordings that leave it to the candidate, fitting the sort of question that was asked."""
    asked = questions_in(voice.reply)[-1].lower()
    if BACK_NOW.search(asked):
        return book.STAY
    if re.match(r"(?:why (?:do|would|are|is)|are you|do you really)\b", asked):
        return book.NO_SECRET
    if re.match(r"\W*(?:can|could|may|might|should|shall|would it be|is it) (?:i|we|ok|okay|fine|all)\b", asked):
        return book.AS_YOU_LIKE
    return book.NO_FACT_CASE if context.kind.hypothetical else book.NO_FACT_STORY


def _facts(lines: list[str], voice: _Voice) -> list[str]:
    """Tell facts, each a line "topic: text"; one that was told before is told again only where nothing else is."""
    parted = [line.partition(": ") if ": " in line else ("", "", line) for line in lines]
    rest = next((text for topic, _, text in parted if topic == REST), "")
    facts = [(book.spoken_topic(topic), text.rstrip(".")) for topic, _, text in parted if topic != REST]
    # That the rest is open may go unsaid where every wording has been heard; that it is known must be said.
    after = [] if not rest else [voice.say(book.REST_LATER) if rest == REST_KNOWN.text else voice.lead(book.REST_OPEN)]
    fresh = [(topic, text) for topic, text in facts if not any(text[1:] in said for said in voice.earlier)]
    if not fresh and len(facts) == 1:
        topic, text = facts[0]
        return [voice.say(book.TOLD_ALREADY, topic=topic or "that", fact=f"{text}."), *after]
    (topic, text), *others = fresh or facts
    table = book.FACT if topic else book.FACT_BARE
    parts = [voice.say(table, topic=topic, fact=f"{text}.", Fact=f"{_capital(text)}.")]
    for topic, text in others:
        # It goes on in the same breath, so it keeps its small letter.
        parts.append(voice.say(book.SECOND_FACT, topic=topic or "the other", fact=f"{text}."))
    return [*parts, *after]


def _other_words(context: Context, voice: _Voice) -> list[str]:
    """Return the question in hand in other words: the last probe where there was one, else the guide's question."""
    story = context.kind in (Kind.BEHAVIORAL, Kind.DEEP_DIVE)
    for turn in reversed(context.turns):
        if turn.speaker == "interviewer" and (probe := _last_question(turn.text)):
            angle = _angle_of(probe, story, voice)
            if angle:
                return [voice.say(book.REPHRASING), _question(angle, story, voice, probe)]
            return [voice.say(book.AGAIN), probe]
    return _reworded(context.question, voice)


_REQUEST = re.compile(
    r"(?:Please |So |Now |Then )*(?:tell|walk|help|take|talk|give) (?:me|us)\b|Explain |Describe ", re.I
)


def _last_question(text: str) -> str:
    last = list(_sentences(text))[-1].strip()
    return last if last.endswith("?") or _REQUEST.match(last) else ""


def _angle_of(probe: str, story: bool, voice: _Voice) -> str:
    """Return the angle a probe was made from, by finding the wording it was put in; empty where there is none."""
    for table in book.QUESTIONS:
        for frame in sorted(book.wordings(table, voice.manner), key=len, reverse=True):
            if not (found := _pattern(frame).fullmatch(probe)):
                continue
            slot = found["slot"]
            angle = slot if "{a}" in frame else book.indirect(slot[:1].lower() + slot[1:])
            if angle and table in book.tables(angle, story):
                return angle
    return book.indirect(probe[:1].lower() + probe[1:-1])


def _reworded(question: str, voice: _Voice) -> list[str]:
    """Return a question of the guide with another beginning; the words that say what is asked stay as they are."""
    for pattern, frames in book.REWORDINGS:
        if found := re.fullmatch(pattern, question):
            slots = {name: text or "" for name, text in found.groupdict().items()}
            slots["Then"] = _capital(slots.get("then", ""))
            slots["wh"] = slots.get("wh", "").lower()
            slots["past"] = book.PASTS.get(slots.get("verb", ""), "")
            return [voice.say(book.REPHRASING), voice.choose(list(frames), **slots)]
    return [voice.say(book.AGAIN), question]


# -- Close -------------------------------------------------------------------------------------------------------------


def _close(step: Close, voice: _Voice) -> list[str]:
    return [
        voice.say(book.CLOSING[step.because]),
        voice.say(book.THANKS),
        voice.say(book.NEXT),
        voice.say(book.FAREWELL),
    ]
