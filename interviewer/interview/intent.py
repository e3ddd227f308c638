"""What the candidate is doing with a message: answering, asking, skipping, stopping.

Rules over the message's own words, deliberately narrow: a message is taken for
an answer unless it clearly is something else, because losing an answer is
worse than answering a request with a probe. Stopping cannot be undone, so the
message must be about nothing else.
"""

import re

from interviewer.interview.events import Intent

# What can be rated. An answer in another language is for the grader to refuse: a model may read it.
RATEABLE: tuple[Intent, ...] = ("answer", "no_example", "language")

# A request is short; a longer message that holds the same words is an answer that mentions them.
_SHORT = 12
_MIDDLE = 45
# A sentence that only asks may be longer where speech was written down without marks.
_UNMARKED = 30

_LEAD = (
    r"(?:(?:ok|okay|so|well|and|but|sure|hey|hi|oh|hm+|um+|uh+|er+|yes|no|sorry|please|actually|honestly)\b[, .!]*)*"
)
_POLITE = r"(?:[,. ]+(?:please|thanks|thank you|ok|okay|now|here|then|for (?:now|today)))*"
_THIS = r"(?:this|that|it|the|your)"
_WISH = (
    r"(?:let'?s|let me|i'd (?:like|love|want|prefer|rather)(?: to)?|i would (?:like|love|want|prefer|rather)(?: to)?|"
    r"i(?: really| just)? (?:want|need) to|(?:can|could|may|might|shall|should) (?:we|i)|i'll|we can)"
)

_STOP = re.compile(
    rf"^{_LEAD}(?:"
    rf"(?:{_WISH} )?(?:stop|end|finish|quit|exit|leave)(?: (?:it|the|this)(?: interview| session)?)?"
    rf"(?:(?: right)? (?:here|now|today|there))?"
    rf"|(?:i'm|i am|we're|we are) done(?: with (?:it|(?:the|this) (?:interview|session)))?"
    rf"|i give up|i quit|(?:the )?end of (?:the )?interview"
    rf"){_POLITE}\W*$"
)
_SKIP = re.compile(
    rf"^{_LEAD}(?:(?:skip|pass|next(?: question| one)?)(?: (?:this|that|it)(?: one| question)?)?{_POLITE}\W*$"
    rf"|{_WISH} (?:skip\b|pass(?: on)?(?: (?:this|that|it)\b.*)?{_POLITE}\W*$|move on\b|go (?:on )?to the next\b))"
    r"|\bnext (?:question|one) ?please\b"
    r"|\b(?:another|a different|the next|next) question(?: now)?[,. ]*(?:please|then)?\W*$"
    r"|\bskip (?:this|that|it|the question)\b|\bi'?ll (?:pass|skip)(?: on)?(?: (?:this|that|it))?(?: one)?\W*$"
)
# Going back to an earlier question is another wish than leaving this one for later.
_EARLIER = r"the (?:first|second|previous|earlier|other|last)\b"
BACK_NOW = re.compile(rf"\b(?:back|return) to {_EARLIER}")
_BACK = rf"(?:(?:come|get|go|circle|be) back|return) to (?!{_EARLIER}){_THIS}\b"
_LATER = re.compile(
    rf"^{_LEAD}(?:maybe |perhaps )?later{_POLITE}\W*$"
    rf"|{_WISH} (?:maybe |perhaps |rather |please )?(?:{_BACK}|put {_THIS}(?: \w+)? (?:aside|off)"
    rf"|(?:answer|do|take|leave|save|keep) {_THIS}(?: \w+)? "
    r"(?:for )?(?:later|until later|for the end|at the end|last)\b)"
    rf"|^{_LEAD}(?:{_BACK}|put {_THIS}(?: \w+)? aside|(?:leave|save|keep) {_THIS}(?: \w+)? for (?:later|the end))"
)
_TIME = re.compile(
    r"\bhow (?:much time|long|many minutes|much longer)\b.*(?:\bleft|\bremain|\bto go|longer\b"
    r"|\bdo (?:i|we) have(?! (?:to|for)\b))"
    r"|\btime (?:left|check)\b|\b(?:are we|is (?:it|this)) (?:nearly |almost )?(?:done|over|finished)(?: yet)?\W*$"
    r"|\bhow many (?:more )?questions (?:are|do|is)\b"
)
_REPHRASE = re.compile(
    r"\b(?:rephrase|repeat (?:the|that|your|this|it)\b|repeat(?: please)?\W*$"
    r"|(?:ask|say|put|word|phrase|explain)(?: me)? (?:that|this|it|the question)"
    r"(?: again| differently| another way| in other words| in another way| more simply| more simple| simpler| once more"
    r"| (?:some|any) other way)"
    r"|what do you mean|(?:don'?t|do not|didn'?t|did not|can'?t) (?:quite |really )?(?:understand|get|follow|catch)"
    r" (?:the|your|that|this|what)\b|not sure (?:i understand|what you(?:'re| are) asking|what you mean)"
    r"|(?:different|other) wording|(?:in|use) (?:other|simpler|different|easier) words|come again\W*$|pardon\W*$"
    r"|what was the question|(?:the )?question again\b)"
)
_REQUEST = re.compile(
    r"\b(?:hint|(?:right|correct|model|ideal|best|sample) answer|how (?:did|am) i (?:do|doing)"
    r"|what (?:are|do) you (?:looking|want|expect|like) (?:for|to hear|me to say)|what you want to hear"
    r"|looking for (?:here|in)|your (?:rubric|criteria|notes|prompt|instructions)"
    r"|(?:my|the|a|your) (?:score|scores|grade|rating|verdict|rubric)|feedback"
    r"|(?:what|how)(?:'?s| is| does| do| would| should| could| makes?)(?: an?| the)?(?: really)?"
    r" (?:good|great|better|strong|perfect) (?:answer|reply|response)s?"
    r"|(?:was|is) (?:that|this|it|my answer) (?:any )?(?:good|right|ok|okay|enough|correct|fine)(?: enough)?(?=\W*$)"
    r"|(?:do|did|will|would|whether) i (?:pass|passed|fail|get the job|get hired)|am i (?:passing|failing|hired)"
    r"|give me (?:an example|the answer)|system prompt)\b"
)
# What the interviewer is, and what it has done or would do itself. "Would you like", "have you got" ask something else.
_YOU_YOURSELF = (
    rf"(?:^|[.?!] ){_LEAD}(?:(?:what|which|how|why|where|who)(?: \w+){{0,2}} )?"
    r"(?:(?:have|had|did|were|would) you\b(?: \w+){0,8} (?:ever|yourself|personally)\b"
    r"|(?:have|had) you (?:been|done|led|built|faced|worked|dealt|experienced)\b"
    r"|would you (?:do|go|pick|choose|use|build|hire|recommend"
    r"|have (?:done|gone|picked|chosen|used|built|made|taken|said|decided|handled))\b"
    r"|(?:what|how) about you(?:rself)?(?=\W*$))[^.?!]*\W*$"
)
WHO = re.compile(
    r"\bare you (?:even |really |actually )?(?:an? )?"
    r"(?:ai|a\.i\.|bot|robot|human|real|person|machine|computer|program|llm|language model|chatgpt|chatbot|listening)\b"
    r"|\bwho (?:are you|am i talking to)\b|\bam i talking to (?:an? )?\w+"
    rf"|{_YOU_YOURSELF}"
)
_MOMENT = r"(?:a|an|one|another|some|just a)(?: (?:second|sec|minute|moment|bit|time|few seconds))"
_THINK = re.compile(
    rf"^{_LEAD}(?:let me (?:just )?think\b.*|(?:give|let) me (?:just )?(?:have )?{_MOMENT}.*|(?:wait )?{_MOMENT}"
    r"|hold on|wait|bear with me|(?:i'm |i am )?(?:still )?thinking"
    rf"|i need {_MOMENT}.*|can i (?:have|take) {_MOMENT}.*)"
    rf"(?:{_POLITE}|[,. ]+(?:hold on|wait|let me think|i'm thinking|thinking|(?:i need |give me )?{_MOMENT}))*\W*$"
)
_NO_EXAMPLE = re.compile(
    r"\b(?:(?:i )?(?:don'?t|do not|can'?t|cannot|couldn'?t) (?:really |actually |honestly |right now )?"
    r"(?:have|think of|recall|remember|come up with|name)"
    r" (?:a |an |any\b|one\b|such|anything|good|anyone|anybody)"
    r"|i have no (?:such |good |real )?(?:example|story|experience)|^(?:sorry,? )?no (?:real |good )?example\b"
    r"|(?:nothing|no ?body|no one|none) (?:really |else )?(?:comes|springs) to mind"
    r"|(?:i )?(?:can'?t|cannot|couldn'?t) (?:really )?answer (?:that|this|it)\b"
    r"|(?:there'?s |there is |i have |i've |i've got |got )?nothing (?:more|else|further)"
    r" (?:to (?:add|say|tell)|i can (?:think of|add|say)|on (?:that|this|it)|there)|nothing i can think of"
    r"|that'?s all i (?:have|can say|know|remember)(?: on that| about (?:it|that))?\W*$"
    r"|(?:i(?:'ve| have) )?never (?:had|been in|done|faced)|hasn'?t happened"
    r"|^(?:i )?(?:really |honestly )?(?:don'?t (?:know|remember|recall)|can'?t (?:remember|recall)|dunno"
    r"|no clue|no idea|not sure|idk)(?: (?:honestly|really|sorry|any ?more|that|it))*\W*$)"
)
_ASKS = re.compile(
    rf"^(?:{_LEAD}|(?:before i (?:start|answer|begin)|got it|i see|thanks|thank you|first|one question)[,:. ]+)*"
    r"(?:how|what|which|who|when|where|why|is|are|do|does|did|can|could|should|shall|may|would|will|am i|any|"
    r"must|have we|has|have)\b"
)
# Without a question mark only what can hardly begin a statement.
_ASKS_UNMARKED = re.compile(
    rf"^{_LEAD}(?:and |also )?(?:how (?:many|much|often|long|big|large|fast|old|far)\b|what (?:about|kind|sort)\b"
    r"|what (?:is|are|was|were) (?:the|our|their|your)\b|(?:is|are|do|does|did|can|could|should|shall|may|will) "
    r"(?:there|we|i|it|they|you|the|people|users|somebody|anyone)\b|who (?:owns|uses|has|is|are|will)\b|any\b.*\bor\b)"
)
_PARTS = re.compile(
    r"(?<=[?!.;])\s+|\n+|(?:,\s*|\s+)(?:and also|and|also|or)\s+(?=(?:how|what|which|who|when|where|why|is|are|do|does|"
    r"did|can|could|should|may|will|has|have)\b)|,\s*(?=(?:how|what|is there|are there|do we|does it|can we)\b)",
    re.IGNORECASE,
)
_OTHER_LANGUAGES = frozenset(
    """el la los las que de en un una por para con es soy pero como mi muy se lo del al yo hay esta este
    der die das und ich nicht ein eine mit ist wir den dem auf zu im auch es von war habe haben wie kann
    le les des et je ne pas un une dans est nous avec pour sur qui que mais ce sont mon ai
    il di che non per una sono con mi ho abbiamo della nel questo come anche
    o os as um uma nao não com eu foi mas isso minha nós
    het een en van ik niet dat wij zijn met voor maar
    jest nie na to się że ja w z i""".split()  # noqa: SIM905
)
_ENGLISH = frozenset(
    """the a an and to of in i it that was is for on with this my had but so they not as at have be were from our
    what when would there are if or you by because about all me then their which one how no do did just like we can
    could your some yes ok okay please sorry""".split()  # noqa: SIM905
)


def read_intent(text: str) -> Intent:
    """Return what a message is doing.

    Args:
        text: The message as it was sent; may be empty.
    """
    words = re.findall(r"[^\W_]+(?:['’][^\W_]+)*", text.lower().replace("’", "'"))
    if not words:
        return "silence"
    said = " ".join(text.lower().replace("’", "'").split())
    n = len(words)
    if _foreign(words):
        return "language"
    if n <= _SHORT:
        if _STOP.search(said):
            return "stop"
        if _SKIP.search(said) and not _LATER.search(said):
            return "skip"
        if _THINK.search(said):
            return "silence"
    if n <= _MIDDLE and _LATER.search(said):
        return "later"
    if n <= 2 * _SHORT:
        if _TIME.search(said):
            return "time"
        if _REPHRASE.search(said):
            return "rephrase"
        if (_REQUEST.search(said) or WHO.search(said)) and (said.endswith("?") or n <= _SHORT):
            return "request"
    if said.rstrip().endswith("?") and n <= _MIDDLE and _only_asks(said):
        return "clarify"
    if n <= _UNMARKED and not re.search(r"[.!;]", said.rstrip(" .!")) and _ASKS_UNMARKED.search(said):
        return "clarify"
    if n <= _MIDDLE and _NO_EXAMPLE.search(said) and not _tells(said):
        return "no_example"
    return "answer"


def questions_in(text: str) -> list[str]:
    """Return the questions a message is made of: "How many users, and is there a deadline?" holds two.

    Args:
        text: A message that asks; statements before its questions stay with the first.
    """
    return [part.strip(" ,") for part in _PARTS.split(text) if len(re.findall(r"\w+", part)) > 1] or [text]


def _only_asks(said: str) -> bool:
    """Whether every sentence but a short lead-in is a question."""
    sentences = [s.strip() for s in re.findall(r"[^.!?]+[.!?]*", said) if s.strip()]
    asking = [s for s in sentences if s.endswith("?")]
    telling = sum(len(s.split()) for s in sentences if not s.endswith("?"))
    return telling <= 10 and bool(_ASKS.search(asking[-1]) or "?" in said)


def _tells(said: str) -> bool:
    """Whether a "no example" goes on to tell something after all."""
    return bool(re.search(r"\b(?:but|though|however|closest|the nearest|so i|so we|instead)\b.{25,}", said))


def _foreign(words: list[str]) -> bool:
    """Whether a message is in another language than English, as far as its commonest words tell."""
    letters = "".join(words)
    if sum(char.isalpha() and ord(char) > 0x2FF for char in letters) > len(letters) / 2:
        return True
    if len(words) < 5:
        return False
    english = sum(word in _ENGLISH for word in words)
    other = sum(word in _OTHER_LANGUAGES for word in words)
    return other >= 2 and other > 2 * english
