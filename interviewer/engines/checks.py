"""What an interviewer must not say: pure checks of one sentence before it is shown.

A false alarm costs one more request to the model, or the embedded wording; a
miss is seen by the candidate. So the patterns lean towards alarm.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from interviewer.engines.protocols import Context
from interviewer.guide.model import Item
from interviewer.interview.events import Answer, Ask, Close, Probe

MAX_SENTENCE_WORDS = 60
MAX_SENTENCE_CHARS = 500
MAX_WORDS = 110
# Share of content words two sentences have in common from which one repeats the other.
REPEAT = 0.8
# Share of a question's content words that must be heard for it to count as asked.
COVERED = 0.5

_STOP_WORDS = (
    "a about all also am an and any are as at be been before but by can could did do does done for from get had has "
    "have he her his how i if in into is it its just let like made make may me more most my no not now of on one or "
    "our out over own same say says she should so some such take than that the their them then there these they "
    "thing things this those to too up us was we were what when where which while who why will with would you your "
    "s t re ve ll d m"
)
_STOP = frozenset(_STOP_WORDS.split())
_SMALL = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
# 0 to 99 in words, and the minutes that have a name of their own.
_NUMBERS = (
    "zero",
    *_SMALL.split(),
    *(f"{ten} {one}".strip() for ten in _TENS.split() for one in ("", *_SMALL.split()[:9])),
)
_SPANS = {1: "a minute", 15: "quarter of an hour", 30: "half an hour", 60: "an hour"}
_IMPERATIVE = re.compile(
    r"(?i)(?:^|[,;:]\s+(?:so |then |and )?)(?:please |now |so |then |next |first )*"
    r"(?:tell (?:me|us)|describe|walk (?:me|us)|talk (?:me|us|about)|explain|take (?:me|us) (?:into|through)|give me|"
    r"show me|design|pick|sketch|outline|help me understand)\b"
)
_GOOD = (
    r"(?:great|excellent|perfect|wonderful|fantastic|awesome|amazing|brilliant|impressive|terrific|superb|nice|good|"
    r"solid|strong|insightful|thoughtful|compelling|fascinating|interesting|thorough|clear)"
)
_ANSWERED = r"(?:answer|example|point|response|reply|story|explanation|job|work|choice|approach|question|detail|start)"
_RULES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        (
            "praise",
            rf"^(?:oh,? |ah,? |wow,? |okay,? |very |really |that's |that is |that was |this is )*(?:a |an |such a )?"
            rf"(?:very |really |so |quite |pretty )*{_GOOD}(?:[.,!;:]|\s+{_ANSWERED}s?\b|$)",
        ),
        (
            "praise",
            rf"\b(?:that|this|it|your \w+|you)(?:'s| is| was| sounds?| seems?|'re| are)\s+(?:a |an |such a )?"
            rf"(?:very |really |so |quite |pretty )*{_GOOD}\b",
        ),
        ("praise", rf"\b(?:such an?|what an?|your) {_GOOD}\b|\b{_GOOD} {_ANSWERED}s?\b|\bwell (?:done|put|said)\b"),
        ("praise", r"\bi (?:really |do |especially |particularly )*(?:like|love|appreciate|admire)d?\b"),
        ("praise", r"\b(?:i'm|i am|i was) (?:very |really |so )*impressed\b|\bbravo\b|\bkudos\b|\bcongratulations\b"),
        (
            "a judgement",
            r"\b(?:that|this|your (?:answer|reply|response|example)) (?:is|was|sounds?|seems?) (?:rather |too |a bit |"
            r"quite |very )*(?:weak|poor|vague|disappointing|wrong|incorrect|incomplete|bad|thin|shallow|right|correct)"
            r"\b|\b(?:unfortunately|sadly),? (?:that|this|your)\b",
        ),
        (
            "a grade",
            r"\b(?:strong|no)[ -]hire\b|\byour (?:score|rating|grade|marks?|result)s?\b|\byou(?:'ve| have)? (?:score|"
            r"scored|pass|passed|fail|failed)\b|\bi(?:'d| would|'ll| will)? (?:rate|score|grade|give you)\b|"
            r"\b\d(?:\.\d)? ?(?:/|out of) ?(?:3|4|5|10|100)\b|\b(?:meets?|raises?|clears?|below|above) the bar\b|"
            r"\b(?:senior|staff|junior)[ -]level (?:answer|reply|response|candidate|thinking)\b",
        ),
        (
            "coaching",
            r"\byou (?:should|could|might want to|may want to|need to|ought to|must)(?: have| also)? "
            r"(?:mention|say|talk|add|include|focus|try|explain|give|show|emphasi[sz]e|consider|think|use|describe|"
            r"mentioned|said|added|included)|\b(?:try|remember|be sure|make sure|don't forget|do not forget) to\b|"
            r"\b(?:hint|tip)\b|\bnext time\b|\ba (?:better|stronger|good|complete) (?:answer|reply|response)\b|"
            r"\b(?:i'm|i am|we're|we are|interviewers?(?: are)?) (?:really |actually )*(?:looking|listening|hoping) "
            r"for\b|\bwhat (?:i|we|they) (?:look|listen) for\b|\bi(?:'d| would) (?:suggest|recommend|advise)\b|"
            r"\bconsider (?:mentioning|adding|using)\b",
        ),
        (
            "words out of the role",
            r"\bas an ai\b|\blanguage model\b|\b(?:i'm|i am) (?:sorry|unable|not able)\b|\bi (?:can't|cannot|can not) "
            r"(?:help|assist|provide|fulfil|comply|answer|continue)|\bmy (?:instructions|rules|prompt)\b|"
            r"\bsystem prompt\b|\brubric\b|\bred flags?\b|\blook-?fors?\b",
        ),
        ("words in another's name", r"\b(?:candidate|interviewer|assistant|user|system)\s*:"),
        ("a mark-up", r"^\s*(?:#{1,6}\s|[-*]\s|\d+[.)]\s)|```|\*\*|</?[a-z]+>|\[/?[0-9a-f]{12,}\]"),
    )
)


def violations(sentence: str, context: Context, said_so_far: str, forbidden: Sequence[Item]) -> list[str]:
    """Return what is wrong with a sentence the interviewer is about to say; empty when nothing is.

    Args:
        sentence: The next sentence, whole.
        context: What the interviewer knows.
        said_so_far: What was shown of the same turn before it.
        forbidden: Items whose titles and ids must not be heard.
    """
    if len(sentence) > MAX_SENTENCE_CHARS:
        return ["too long"]  # and not worth reading: it may be a thousand times as long
    found: list[str] = []
    words, plain = _words(sentence), _straight(sentence)
    quoted = _in_question(sentence, context)
    if not quoted and asks(sentence) and (asks(sentence) > 1 or asks_in(said_so_far)):
        found.append("more than one question")
    if leaked(sentence, context, forbidden):
        found.append("words of the rubric")
    # Words the guide's own question uses are not praise ("your strongest example").
    if not quoted:
        found.extend(name for name, rule in _RULES if rule.search(plain))
    here = tuple(words), frozenset(word for word in words if word not in _STOP)
    if any(_same(here, earlier) for text in context.earlier for earlier in _said(text)):
        found.append("a repeat of something said before")
    room = MAX_WORDS + len(_words(context.question))
    if len(words) > MAX_SENTENCE_WORDS or len(words) + len(_words(said_so_far)) > room:
        found.append("too long")
    if not words:
        found.append("no words")
    return list(dict.fromkeys(found))


def off_step(sentence: str, said_so_far: str, step: Ask | Probe | Answer | Close, context: Context) -> list[str]:
    """Return how a sentence strays from the step that was chosen; empty when it does not."""
    found: list[str] = []
    asking = asks(sentence) > 0
    match step:
        case Ask(text=text) if asking and coverage(f"{said_so_far} {sentence}", text) < COVERED:
            found.append("another question than the one to be asked")
        case Probe(angle=angle) if asking and not _on(sentence, angle, context):
            found.append("a question about something else")
        case Close() if asking:
            found.append("a question at the end of the interview")
        case Answer(about=about) if asking and about != "rephrase":
            found.append("a question where an answer was due")
    given = " ".join(
        (
            context.question,
            *(turn.text for turn in context.turns),
            *(passage.text for passage in context.passages),
            *((step.fact, str(step.minutes_left)) if isinstance(step, Answer) else ()),
            *((step.text,) if isinstance(step, Ask) else ()),
            str(context.minutes),
            str(context.questions),
        )
    )
    if figures(sentence) - figures(given):
        found.append("a figure nobody gave")
    return found


def delivered(said: str, step: Ask | Probe | Answer | Close) -> bool:
    """Whether what was said does what the step is for, so that the turn may end here."""
    match step:
        case Ask(text=text):
            # A question of several sentences is not asked before its last one is.
            whole = asks_in(said) >= min(asks_in(text), 2)
            return asks_in(said) > 0 and whole and coverage(said, text) >= COVERED
        case Probe() | Answer(about="rephrase"):
            return asks_in(said) > 0
        case Answer(fact=fact) if fact:
            return figures(fact) <= figures(said) and coverage(said, fact) >= COVERED
        case Answer(about="time", minutes_left=minutes):
            heard = _joined(_words(said))
            ways = (str(minutes), *_NUMBERS[minutes : minutes + 1], _SPANS.get(minutes, str(minutes)))
            return any(_joined([way]) in heard for way in ways)
        case _:
            return bool(_words(said))


def asks(sentence: str) -> int:
    """Return how many questions a sentence asks; "tell me about …" is one too."""
    return sentence.count("?") or int(bool(_IMPERATIVE.search(sentence)))


def asks_in(text: str) -> int:
    """Return how many questions a text asks."""
    return sum(asks(sentence) for sentence in split(text))


def coverage(said: str, text: str) -> float:
    """Return the share of a text's content words heard in what was said, 0 to 1."""
    wanted = {_stem(word) for word in _content(text)}
    return len(wanted & {_stem(word) for word in _content(said)}) / len(wanted) if wanted else 1.0


def figures(text: str) -> set[str]:
    """Return the figures in a text, written without separators; single digits are too common to mean anything."""
    found = {figure.replace(",", "").rstrip(".") for figure in re.findall(r"\d[\d,.]*", text)}
    return {figure for figure in found if len(figure) > 1}


def leaked(sentence: str, context: Context, forbidden: Sequence[Item]) -> list[str]:
    """Return the ids of the items whose title or id a sentence gives away.

    Given away are an id of several words, and any three content words of a
    title in a row; of a shorter title the whole. Words of the question in hand
    are no secret, nor is an id the candidate used as a word.
    """
    plain = _straight(sentence).lower()
    content, words = _joined(_content(sentence)), _joined(_words(sentence))
    open_content, open_words = _joined(_content(context.question)), _joined(_words(context.question))
    heard = " ".join((context.question, *_candidate(context))).lower()
    found = []
    for item in forbidden:
        runs, whole = _runs(item.text)
        given_id = "-" in item.id and item.id in plain and item.id not in heard
        given_run = any(run in content and run not in open_content for run in runs)
        given_whole = bool(whole) and whole in words and whole not in open_words
        if given_id or given_run or given_whole:
            found.append(item.id)
    return found


# An end of a sentence: a closing mark, then white space. Abbreviations and initials are none.
_END = re.compile(
    r"(?<!\be\.g)(?<!\bi\.e)(?<!\bvs)(?<!\betc)(?<!\bDr)(?<!\bMr)(?<!\bMs)[.!?\u2026][\"'\u2019\u201d)]{0,3}\s+|\n+"
)


def split(text: str) -> list[str]:
    """Return the sentences of a text."""
    sentences, rest = cut(text)
    return [*sentences, rest.strip()] if rest.strip() else sentences


def cut(text: str) -> tuple[list[str], str]:
    """Return the sentences that are certainly finished, and the rest of the text."""
    done, start = [], 0
    for end in _END.finditer(text):
        if text[start : end.end()].strip():
            done.append(text[start : end.end()].strip())
        start = end.end()
    return done, text[start:]


# -- words -------------------------------------------------------------------------------------------------------------


def _straight(text: str) -> str:
    return text.translate({0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"'})


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())


def _content(text: str) -> list[str]:
    return [word for word in _words(text) if word not in _STOP]


def _stem(word: str) -> str:
    return word[:5]


def _joined(words: Sequence[str]) -> str:
    return f" {' '.join(words)} "


@lru_cache(maxsize=1024)
def _runs(title: str) -> tuple[tuple[str, ...], str]:
    """Return the runs of three content words of a title; for a shorter title, the whole of it if it is two words."""
    content = _content(title)
    if len(content) >= 3:
        return tuple(_joined(content[i : i + 3]) for i in range(len(content) - 2)), ""
    words = _words(title)
    return (), _joined(words) if len(words) >= 2 else ""


def _candidate(context: Context) -> list[str]:
    return [turn.text for turn in context.turns if turn.speaker == "candidate"]


def _in_question(sentence: str, context: Context) -> bool:
    return _joined(_words(sentence)).strip() in _joined(_words(context.question))


def _on(sentence: str, angle: str, context: Context) -> bool:
    """Whether a question has a word in common with its angle, the question in hand or the candidate's replies."""
    known = {_stem(word) for said in (angle, context.question, *_candidate(context)) for word in _content(said)}
    plain = set(_words(angle))  # an angle may have no content word at all: "why it had to do that"
    return not known.isdisjoint(_stem(word) for word in _content(sentence)) or (
        2 * len(plain & set(_words(sentence))) >= len(plain)
    )


# A sentence's words in order, and its content words.
_Spoken = tuple[tuple[str, ...], frozenset[str]]


@lru_cache(maxsize=4096)
def _said(text: str) -> tuple[_Spoken, ...]:
    """Return the words and the content words of each sentence of a turn that was spoken; each is asked for often."""
    return tuple((tuple(_words(one)), frozenset(_content(one))) for one in split(text))


def _same(one: _Spoken, other: _Spoken) -> bool:
    (words, here), (said, there) = one, other
    if len(words) >= 3 and words == said:
        return True
    return min(len(here), len(there)) >= 4 and len(here & there) / len(here | there) >= REPEAT
