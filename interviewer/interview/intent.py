"""What the candidate is doing with a message: answering, asking, skipping, stopping.

Rules over the message's own words, deliberately narrow: a message is taken for
an answer unless it clearly is something else, because losing an answer is
worse than answering a request with a probe.
"""

import re

from interviewer.interview.events import Intent

# A request is short; a longer message that holds the same words is an answer that mentions them.
_SHORT = 12
_MIDDLE = 45

_STOP = re.compile(
    r"\b(?:(?:let'?s|please|i(?:'d| would) like to|i want to|can we|could we) (?:stop|end|finish|quit)\b"
    r"|(?:stop|end|quit|finish) (?:the|this) interview|stop here|i'?m done|i give up)|^(?:stop|quit|exit|end)\b"
)
_SKIP = re.compile(
    r"^(?:skip|pass|next(?: question| one)?)\b|\b(?:skip (?:this|that|it)|next question please|"
    r"(?:move on|go) to the next|can we (?:skip|move on)|let'?s (?:skip|move on)|i'?ll pass)\b"
)
_LATER = re.compile(
    r"\b(?:come back to (?:this|that|it)|(?:answer|do) (?:this|that|it) later|put (?:this|that|it) aside)\b"
)
_TIME = re.compile(
    r"\bhow (?:much time|long|many minutes)\b.*\b(?:left|remain|do (?:i|we) have|to go)|\btime (?:left|check)\b"
)
_REPHRASE = re.compile(
    r"\b(?:rephrase|repeat (?:the|that|your) ?(?:question)?|say (?:that|it) (?:again|differently)|"
    r"ask (?:me )?(?:that|this|it) (?:again|differently|another way)|what do you mean|don'?t understand the question|"
    r"not sure (?:i understand|what you(?:'re| are) asking))"
)
_REQUEST = re.compile(
    r"\b(?:hint|(?:right|correct|model|ideal|best) answer|how (?:did|am) i (?:do|doing)|"
    r"what are you looking for|looking for (?:here|in)|your (?:rubric|criteria|notes|prompt|instructions)|"
    r"(?:my|the) (?:score|grade|rating)|feedback)\b"
)
_NO_EXAMPLE = re.compile(
    r"\b(?:(?:i )?(?:don'?t|do not|can'?t|cannot) (?:really |actually |honestly )?"
    r"(?:have|think of|recall|remember|come up with)"
    r" (?:a |an |any |one|such|anything|good)|i have no (?:such |good |real )?(?:example|story|experience)|no example|"
    r"nothing (?:really )?comes to mind|(?:i(?:'ve| have) )?never (?:had|been in|done|faced)|hasn'?t happened)"
)
_ASKS = re.compile(
    r"^(?:(?:ok|okay|so|well|and|sure|hm+|um+|before i (?:start|answer|begin))[, ]+)*"
    r"(?:how|what|which|who|when|where|why|is|are|do|does|did|can|could|should|shall|may|would|will|am i|any|"
    r"must|have we|has|have)\b"
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
    if n <= _SHORT:
        if _STOP.search(said):
            return "stop"
        if _LATER.search(said):
            return "later"
        if _SKIP.search(said):
            return "skip"
    if n <= 2 * _SHORT:
        if _TIME.search(said):
            return "time"
        if _REPHRASE.search(said):
            return "rephrase"
        if _REQUEST.search(said) and (said.endswith("?") or n <= _SHORT):
            return "request"
    if said.rstrip().endswith("?") and n <= _MIDDLE and _only_asks(said):
        return "clarify"
    if n <= _MIDDLE and _NO_EXAMPLE.search(said) and not _tells(said):
        return "no_example"
    return "answer"


def _only_asks(said: str) -> bool:
    """Whether every sentence but a short lead-in is a question."""
    sentences = [s.strip() for s in re.findall(r"[^.!?]+[.!?]*", said) if s.strip()]
    asking = [s for s in sentences if s.endswith("?")]
    telling = sum(len(s.split()) for s in sentences if not s.endswith("?"))
    return telling <= 10 and bool(_ASKS.search(asking[-1]) or "?" in said)


def _tells(said: str) -> bool:
    """Whether a "no example" goes on to tell something after all."""
    return bool(re.search(r"\b(?:but|though|however|closest|the nearest|so i|so we|instead)\b.{25,}", said))
