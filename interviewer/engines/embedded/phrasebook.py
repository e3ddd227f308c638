"""The embedded interviewer's wordings, and which of them an angle fits grammatically.

`{a}` is an angle as the guide words it, `{q}` the same as a direct question
("what that choice cost you" -> "what did that choice cost you"), `{c}` a
picked-up clause. Every table holds wordings for all manners and for each one.
No wording praises, hints or speaks of what is rated.
"""

import re
from collections.abc import Mapping

from interviewer.interview.events import Manner

Table = Mapping[str, tuple[str, ...]]


def wordings(table: Table, manner: Manner) -> tuple[str, ...]:
    """Return the wordings of a table that suit a manner."""
    return (*table.get("all", ()), *table.get(manner, ()))


# -- short sentences before a question ---------------------------------------------------------------------------------

# None of them may sound like consent: what was said may have been blame.
ACKNOWLEDGED: Table = {
    "all": ("I see.", "Understood.", "Okay.", "All right."),
    "friendly": (
        "Thank you.",
        "Okay, thank you.",
        "Thanks for that.",
        "I follow you.",
        "Thanks, noted.",
        "All right, thank you.",
        "Okay, thanks.",
    ),
    "neutral": (
        "Thank you.",
        "I follow.",
        "Noted, thank you.",
        "That is noted.",
        "Understood, thank you.",
        "Okay, thank you.",
    ),
    "tough": ("Noted.", "Got that.", "That is noted.", "Okay, noted."),
}
PICKED_UP: Table = {
    "all": ("You said {c}.", "You mentioned that {c}.", "A moment ago you said {c}.", "So {c}."),
    "friendly": (
        "You told me {c}.",
        "You were saying that {c}.",
        "I noticed you said {c}.",
        "I'd like to go back to where you said {c}.",
        "Let me come back to something: you said {c}.",
        "If I heard you correctly, {c}.",
    ),
    "neutral": (
        "You told me that {c}.",
        "I noted that {c}.",
        "From what you said, {c}.",
        "I'd like to go back to where you said {c}.",
        "If I heard you correctly, {c}.",
    ),
    "tough": ("You say {c}.", "I wrote down that {c}.", "Back to this: you said {c}.", "You told me {c}."),
}
QUOTED: Table = {
    "all": ('"{c}," you said.', 'You said: "{c}."', 'I wrote down your words: "{c}."'),
    "friendly": ('You put it like this: "{c}."', 'There was one sentence I noted: "{c}."'),
    "neutral": ('In your words: "{c}."', 'I noted this: "{c}."'),
    "tough": ('Your words: "{c}."', 'I noted this: "{c}."'),
}
FOLLOWING_UP: Table = {
    "friendly": (
        "Let me stay with this for a moment.",
        "There's one thing I'd still like to hear about.",
        "I'd like to follow up on one part of this.",
        "I have a question about that.",
    ),
    "neutral": (
        "Let me stay with this a little longer.",
        "I have a question about that.",
        "There is one point I'd like to follow up.",
        "I'd like to stay on this subject.",
    ),
    "tough": ("Let's stay on this.", "I want to look closer.", "A follow-up.", "I'm not done with this one."),
}
# After a few words with next to nothing in them.
THIN: Table = {
    "friendly": (
        "I don't quite have the picture yet, so let me ask about one part.",
        "Let me ask about something specific, and there's no hurry.",
        "Let's slow down and stay with one part of it.",
        "I'd like to hear a little more.",
    ),
    "neutral": (
        "I don't have the picture yet.",
        "Let me ask about something specific.",
        "Let me narrow the question down.",
        "I would like to hear more about it.",
    ),
    "tough": (
        "I don't have the picture yet.",
        "Let's get concrete.",
        "Let's narrow it down.",
        "I need more than that.",
    ),
}
# After a longer answer with little in it: it may have been a real case all the same, so nothing is said of it.
LITTLE: Table = {
    "friendly": (
        "Let me ask about one part of that.",
        "Let me take one part of it.",
        "I'd like to get a bit closer to this.",
    ),
    "neutral": ("Let me take one part of that.", "I would like to get closer to this.", "Let me ask about one point."),
    "tough": ("One part at a time.", "Let's take one part of it.", "Let me get closer."),
}
# After "nothing comes to mind" to a follow-up.
NOTHING_THERE: Table = {
    "all": ("That's all right.", "Then let me ask something else about it."),
    "friendly": ("That's fine, let me ask about another side of it.", "No trouble."),
    "neutral": ("That is fine.", "Then I will ask about another side of it."),
    "tough": ("Fine.", "Okay, another side of it then."),
}
RAMBLED: Table = {
    "friendly": (
        "Let me pause you there, so that we stay on one thread.",
        "Thank you, I'll stop you there for a second and pick one thread.",
        "I'm going to bring us back to the question, if I may.",
        "There were several threads in that, so let me stay with one.",
        "Before we go further, let me come back to one thing.",
    ),
    "neutral": (
        "I'll stop you there and stay with one thread.",
        "Let me bring us back to the question.",
        "There were several threads in that, so I will take one.",
        "Let me hold you there for a moment.",
        "In view of the time, I'd like to keep to one point.",
    ),
    "tough": (
        "Let me stop you there.",
        "Back to the question.",
        "One thread at a time, please.",
        "Let's keep it shorter.",
        "I'll cut in here.",
    ),
}

# -- the question of a probe -------------------------------------------------------------------------------------------

# With any wh-clause, whether it can be turned into a direct question or not.
CLAUSE: Table = {
    "all": ("Can you tell me {a}?", "Tell me {a}.", "Could you tell me {a}?"),
    "friendly": (
        "Would you tell me {a}?",
        "Can I ask {a}?",
        "Could you fill me in on {a}?",
        "Do you mind telling me {a}?",
    ),
    "neutral": ("Could you say {a}?", "Please tell me {a}.", "May I ask {a}?", "Can you say {a}?"),
    "tough": ("So tell me {a}.", "Now tell me {a}.", "Then tell me {a}.", "Can you spell out {a}?"),
}
# With a clause that begins with "how", "what" or "why".
THROUGH: Table = {
    "all": ("Can you walk me through {a}?", "Help me understand {a}."),
    "friendly": (
        "Would you take me through {a}?",
        "Can you help me see {a}?",
        "Can you give me a sense of {a}?",
        "Could we talk about {a}?",
    ),
    "neutral": (
        "Please take me through {a}.",
        "Can we go over {a}?",
        "Can you explain {a}?",
        "Can we spend a moment on {a}?",
    ),
    "tough": ("Walk me through {a}.", "Take me through {a}.", "Talk me through {a}.", "Explain {a}."),
}
# With a wh-clause that can be turned.
DIRECT: Table = {
    "all": ("{Q}?", "And {q}?", "So {q}?", "Tell me, {q}?"),
    "friendly": (
        "Let me ask you this: {q}?",
        "I was wondering, {q}?",
        "I'm curious, {q}?",
        "Out of interest, {q}?",
        "Just so that I can picture it, {q}?",
    ),
    "neutral": (
        "Let me ask this: {q}?",
        "Specifically, {q}?",
        "To be concrete, {q}?",
        "For my understanding, {q}?",
        "May I ask, {q}?",
    ),
    "tough": ("Then {q}?", "In one or two sentences, {q}?", "Plain question: {q}?", "Concretely, {q}?", "Now, {q}?"),
}
# With a direct question about something that has happened.
DIRECT_PAST: Table = {
    "all": ("Thinking back, {q}?",),
    "friendly": ("As you remember it, {q}?", "If you think back to it, {q}?"),
    "neutral": ("Looking back at it, {q}?", "As you recall it, {q}?"),
    "tough": ("In the end, {q}?",),
}
WHETHER: Table = {
    "all": ("Can you say {a}?", "Can you tell me {a}?", "Do you know {a}?"),
    "friendly": ("Have you thought about {a}?", "Would you tell me {a}?", "Could I ask {a}?"),
    "neutral": ("Have you considered {a}?", "May I ask {a}?", "Please tell me {a}."),
    "tough": ("So tell me {a}.", "Now tell me {a}."),
}
# With a noun phrase of any sort.
TOPIC: Table = {
    "all": ("What can you tell me about {a}?", "Tell me about {a}.", "What about {a}?", "Can we turn to {a}?"),
    "friendly": (
        "Could you tell me a bit about {a}?",
        "Can we talk about {a} for a moment?",
        "Would you tell me about {a}?",
        "Could you say a few words about {a}?",
        "Can I ask you about {a}?",
    ),
    "neutral": (
        "Can we look at {a}?",
        "Please tell me about {a}.",
        "What should I know about {a}?",
        "Can we spend a moment on {a}?",
        "Could I hear about {a}?",
        "May I ask about {a}?",
    ),
    "tough": (
        "And {a}?",
        "So what about {a}?",
        "Then tell me about {a}.",
        "What do I need to know about {a}?",
        "So tell me about {a}.",
    ),
}
# "the strongest argument against it": one thing among others of its sort.
THE_ONE: Table = {
    "all": ("What would you say is {a}?", "What is {a}?", "In your view, what is {a}?", "Tell me about {a}."),
    "friendly": ("If you had to name {a}, what would it be?", "What, to you, is {a}?"),
    "neutral": ("What do you see as {a}?", "Could you name {a}?"),
    "tough": ("So what is {a}?", "And what is {a}?"),
}
YOURS: Table = {
    "all": ("How would you describe {a}?", "What was {a}?", "What would you say was {a}?"),
    "friendly": ("Could you describe {a} for me?", "How did you see {a}?"),
    "neutral": ("Could you describe {a}?", "Please describe {a}."),
    "tough": ("Describe {a}.", "So what was {a}?", "And what was {a}?"),
}
A_GIFT: Table = {
    "all": ("Can you give me {a}?", "Could I have {a}?", "What is {a}?", "Give me {a}."),
    "friendly": ("Would you give me {a}?", "If you had to give me {a}, how would it go?"),
    "neutral": ("Could you give me {a}?", "How would you put {a}?", "Please give me {a}."),
    "tough": ("And {a}?", "So what is {a}?", "Now {a}: how does it go?"),
}
# "inputs that would break it", "a second approach".
SOME: Table = {
    "all": ("Can you think of {a}?", "Do you see {a}?", "Can you name {a}?"),
    "friendly": ("Could you think of {a}?", "Have you thought of {a}?", "Could you name {a}?"),
    "neutral": ("Have you thought of {a}?", "Are you aware of {a}?", "Could you name {a}?"),
    "tough": ("So can you name {a}?", "And can you think of {a}?", "And do you see {a}?"),
}
PEOPLE: Table = {
    "all": ("Can we talk about {a}?", "What can you tell me about {a}?", "What about {a}?", "Tell me about {a}."),
    "friendly": ("Would you tell me about {a}?", "Could you tell me about {a}?", "Can I ask you about {a}?"),
    "neutral": ("May I ask about {a}?", "Please tell me about {a}."),
    "tough": ("And {a}?", "So what about {a}?", "Then tell me about {a}."),
}
DOING: Table = {
    "all": (
        "How would you go about {a}?",
        "Talk me through {a}.",
        "What would {a} look like?",
        "What does {a} involve?",
    ),
    "friendly": (
        "Can you talk me through {a}?",
        "Could we talk about {a}?",
        "When it comes to {a}, what would you do?",
    ),
    "neutral": ("Can we look at {a}?", "Please take me through {a}."),
    "tough": ("And {a}?", "What does {a} take?", "So how would you go about {a}?"),
}

# In the order in which a wording is recognised again: a direct question would fit many of the others.
QUESTIONS = (A_GIFT, THE_ONE, YOURS, SOME, PEOPLE, DOING, TOPIC, CLAUSE, THROUGH, WHETHER, DIRECT_PAST, DIRECT)

# -- turning an angle into a direct question ---------------------------------------------------------------------------

_MODAL = r"would|could|will|can|should"
_BE = r"was|were|is|are|had to|have to"
_SUBJECT_VERBS = (
    rf"(?:{_MODAL}|was|were|is|are|had|has|made|makes|happened|happens|changed|changes|came|comes|saw|took|takes|went|"
    r"goes|feels|felt|mattered|matters|led|stood|became|broke|worked|works|helped|drove|needs|needed|wanted|\w+ed)"
)
_DID = {
    "did": "do", "gave": "give", "knew": "know", "decided": "decide", "settled": "settle", "changed": "change",
    "chose": "choose", "went": "go", "learned": "learn", "learnt": "learn", "made": "make", "took": "take",
    "found": "find", "built": "build", "wanted": "want", "got": "get", "came": "come", "saw": "see", "meant": "mean",
    "handled": "handle", "touched": "touch", "asked": "ask", "began": "begin", "started": "start", "left": "leave",
    "brought": "bring", "led": "lead", "kept": "keep", "noticed": "notice", "worked": "work", "tried": "try",
    "measured": "measure", "cost": "cost", "tested": "test",
}  # fmt: skip
_DO = {"know", "need", "give", "want", "see", "do", "think", "expect", "look", "measure", "test", "choose", "mean"}
_DOES = {
    "looks": "look", "stands": "stand", "sits": "sit", "fits": "fit", "works": "work", "costs": "cost",
    "means": "mean", "needs": "need", "touches": "touch", "changes": "change", "goes": "go", "scales": "scale",
}  # fmt: skip
# Tried in this order: "that choice cost you" has a subject of two words, "this fits the teams" of one.
_SUBJECTS = (r"(?:that|this|the|a|an|your) \w+", r"you|it|this|that|they")
_WH = r"(?:who|what|how|why|where|when)(?: else)?"


def direct(angle: str) -> str | None:
    """Return a wh- or whether-clause as a direct question in lower case without its mark, or None where unsure."""
    if re.match(r"why (?:that|this)(?: (?:approach|choice|one|way|order))?(?: and not .+)?$", angle):
        return angle
    if re.match(
        rf"(?:who|what)(?: else)? {_SUBJECT_VERBS}\b(?! (?:you|it|this|that|they|the|a)\b.*\b(?:to|for)$)", angle
    ):
        return angle
    if re.match(rf"{_WH} you would have to\b", angle):
        return None  # the future of a past: "what would you have to pay for" would ask about another time
    for short in _SUBJECTS:
        if found := re.match(rf"whether ({short}) ({_MODAL}|was|were|is|are) (.+)$", angle):
            return f"{found[2]} {found[1]} {found[3]}"
        if found := re.match(rf"({_WH}) ({short}) ({_MODAL}|{_BE}) (.+)$", angle):
            wh, subject, verb, rest = found.groups()
            if verb.endswith(" to"):
                return f"{wh} {'did' if verb.startswith('had') else 'do'} {subject} have to {rest}"
            return f"{wh} {verb} {subject} {rest}"
        if found := re.match(rf"({_WH}) ({short}) (\w+)\b(.*)$", angle):
            wh, subject, verb, rest = found.groups()
            if verb in _DID and not (verb == "cost" and subject in ("you", "they")):
                return f"{wh} did {subject} {_DID[verb]}{rest}"
            if verb in _DO and subject in ("you", "they"):
                return f"{wh} do {subject} {verb}{rest}"
            if verb in _DOES and subject not in ("you", "they"):
                return f"{wh} does {subject} {_DOES[verb]}{rest}"
    return None


def indirect(question: str) -> str:
    """Return the clause that `direct` turns into this question, or an empty text where there is none."""
    for short in reversed(_SUBJECTS):
        if found := re.match(rf"({_MODAL}|was|were|is|are) ({short}) (.+)$", question):
            clauses = [f"whether {found[2]} {found[1]} {found[3]}"]
        elif found := re.match(rf"({_WH}) (\w+) ({short}) (.+)$", question):
            wh, helper, subject, rest = found.groups()
            verb, _, after = rest.partition(" ")
            pasts = [old for old, new in (_DID | _DOES | {"had": "have"}).items() if new == verb]
            clauses = [
                f"{wh} {subject} {form}" for form in (f"{helper} {rest}", *(f"{p} {after}" for p in pasts), rest)
            ]
        else:
            continue
        for clause in clauses:
            if direct(clause.strip()) == question:
                return clause.strip()
    return question if direct(question) == question else ""


def tables(angle: str, story: bool) -> tuple[Table, ...]:
    """Return the tables whose wordings fit an angle.

    Args:
        angle: A neutral phrase of the guide, in lower case.
        story: Whether the question is about something that happened.
    """
    first = angle.split()[0].lower() if angle.split() else ""
    question = direct(angle)
    if first == "whether":
        return (WHETHER, DIRECT) if question else (WHETHER,)
    if first in ("who", "whom", "what", "how", "why", "where", "when", "which"):
        clause = (CLAUSE,) if first in ("who", "whom") else (CLAUSE, THROUGH)
        if question is None:
            return clause
        past = re.match(r"\w+(?: else)? (?:was|were|had|did|changed|happened|made|took|saw|came)\b", question)
        if re.match(r"why (?:that|this)\b", question):
            return (DIRECT,)
        return (*clause, DIRECT, DIRECT_PAST) if past and story else (*clause, DIRECT)
    if first.endswith("ing") and len(first) > 5:
        return (DOING,)
    if re.search(r"\b(?:people|colleagues|teams|engineers)\b", _head(angle)):
        return (PEOPLE,)
    if re.match(r"(?:the|a) (?:short|brief|one-line) (?:version|account)|(?:an?|the) (?:example|summary)\b", angle):
        return (A_GIFT,)
    plural = _head(angle).endswith("s") and not _head(angle).endswith("ss")
    one = re.match(r"the (?:\w+est|most \w+|first|one|only|price|cost|main|worst|best|hardest)\b", angle)
    if one and not plural:
        return (THE_ONE,)
    if first == "your":
        return (TOPIC, YOURS) if story and not plural else (TOPIC,)
    if first in ("a", "an", "other") or (plural and first not in ("the", "these", "those", "some", "any")):
        return (SOME,)
    return (TOPIC,)


def _head(angle: str) -> str:
    """Return a noun phrase up to what is said about its noun."""
    return re.split(
        r" (?:of|in|that|which|who|you|this|it|against|around|at|for|to|with|from|on|about|outside)\b", angle
    )[0]


# Topics that take no article, as plurals do; and topics that are a label and no noun to speak of.
_BARE = frozenset(
    """time privacy trust fraud money security safety speed freshness power memory people history
    exactness""".split()  # noqa: SIM905
)
_LABELS = frozenset(("today", "use", "offline", "stopping", "depth", "state", "drift", "wish", "scare"))


def spoken_topic(topic: str) -> str:
    """Return a fact's topic as it stands in a sentence ("the team", "users"), or nothing where it cannot."""
    if topic in _LABELS or topic.split()[:1] == ["going"]:
        return ""
    bare = not topic or topic in _BARE or (topic.endswith("s") and not topic.endswith("ss"))
    return topic if bare else f"the {topic}"


# -- asking ------------------------------------------------------------------------------------------------------------

GREETING: Table = {
    "friendly": (
        "Hello, and thank you for taking the time.",
        "Hi there, I'm pleased to meet you.",
        "Hello, thanks for joining me today.",
        "Welcome, and thank you for being here.",
    ),
    "neutral": ("Hello, and welcome.", "Hello, thank you for joining.", "Welcome, and thank you for your time."),
    "tough": ("Hello.", "Hello, let's get to it.", "Welcome."),
}
WHAT_THIS_IS: Table = {
    "all": ("This is a practice interview for a {level} engineering role.",),
    "friendly": (
        "I'll be your interviewer for this practice round, at {level} level.",
        "We're going to do a practice interview for a {level} engineering role together.",
    ),
    "neutral": (
        "I will be your interviewer in this practice session for a {level} engineering role.",
        "This session is a practice interview at {level} level.",
    ),
    "tough": ("This is a {level} interview, for practice.",),
}
LENGTH: Table = {
    "all": ("We have about {minutes} and {questions}.", "It takes about {minutes}, with {questions}."),
    "friendly": ("We've got roughly {minutes} together, and I have {questions} for you.",),
    "neutral": ("I have planned about {minutes} and {questions}.",),
    "tough": ("There are {questions} and about {minutes}.",),
}
HOW_IT_GOES: Table = {
    "friendly": (
        "I'll ask a question, listen, and then follow up a little. "
        "Take all the time you want to think, and just say so if you'd like something put differently, skipped or "
        "left for later.",
        "After each answer I'll ask about a part or two of it. "
        "You can think in silence, ask me things, skip a question or stop at any point.",
        "I'll be curious about details, so expect some follow-ups. "
        "If a question doesn't suit you, just say so and we'll go on to the next.",
    ),
    "neutral": (
        "I will ask a question and then follow up on what you tell me. "
        "You may take time to think, ask for another wording, skip a question or stop whenever you wish.",
        "After each answer I will ask about parts of it. Questions from you are welcome, and so is a pause to think.",
        "I follow up on answers, and I may move us on when time is short. You can skip a question or stop at any time.",
    ),
    "tough": (
        "I'll press on details, and I'll cut in when time is short. You can pass on a question or stop at any time.",
        "Expect follow-ups. Ask if something is unclear, and say so if you want to pass.",
        "I ask, you answer, I dig. Take a moment to think when you need one.",
    ),
}
BEGIN: Table = {
    "friendly": ("Let's start.", "Here is the first one.", "So, my first question."),
    "neutral": ("Let us begin.", "Here is the first question.", "I will start with this."),
    "tough": ("First question.", "Let's start.", "Here we go."),
}
# Where there is but one question.
BEGIN_ONE: Table = {
    "friendly": ("Let's start.", "So, here it is."),
    "neutral": ("Let us begin.", "Here is the question."),
    "tough": ("Let's start.", "Here we go."),
}
BRIDGES: Mapping[str, Table] = {
    "done": {
        "friendly": (
            "Thank you, let's leave that one there. Now for something else.",
            "Thanks for talking me through that. Here's my next question.",
            "All right, that's all I wanted to ask there. Let's go on.",
            "Okay, thank you for that. I'd like to change the subject.",
            "Thank you, I have what I need there. Let's try another one.",
            "Thanks, we can leave it at that. Something different now.",
            "I'm going to leave it there, thank you. The next one is this.",
            "Okay, thanks. Let's turn the page.",
        ),
        "neutral": (
            "Thank you. Let us go on to the next question.",
            "All right, I will leave that there. Here is another question.",
            "Thank you, I have no more questions on that. The next one is different.",
            "I have that down, thank you. Let us move on.",
            "Understood. We can leave that subject now.",
            "That is all from me on that one. Here is the next.",
            "Okay, thank you for your answer. On to something else.",
            "I'll leave it at that, thank you. A new question.",
        ),
        "tough": (
            "Okay. Next question.",
            "That's all on that one. Moving on.",
            "Noted. Different subject.",
            "Fine, let's leave it there. Next.",
            "We'll close that one. Here's another.",
            "On we go, then.",
            "Enough on that. A new one.",
            "I have my notes on that. Onwards.",
        ),
    },
    "skipped": {
        "friendly": (
            "No problem at all, we'll leave that one. Here's another.",
            "That's fine, let's skip it. Next question.",
            "Sure, we can pass on that. Let me find you a different one.",
        ),
        "neutral": (
            "That is fine, we will skip it. Here is the next question.",
            "All right, we pass on that one. The next is this.",
            "Understood, skipped. Let us continue.",
        ),
        "tough": ("Skipped. Next question.", "Okay, we pass on that. Next one.", "All right, it's skipped. Moving on."),
    },
    "no_example": {
        "friendly": (
            "That's all right, we don't need one. Let's go to another question.",
            "Okay, thank you for telling me. We'll move on.",
            "No trouble, then we'll leave it. Here's a different one.",
        ),
        "neutral": (
            "That is fine, thank you for saying so. Let us take another question.",
            "Understood, then we leave that one. Here is the next.",
            "All right, we need not force it. Another question.",
        ),
        "tough": (
            "Okay, nothing there. Next question.",
            "Understood, we leave it. Here's another.",
            "Fine, then something else.",
        ),
    },
    "time": {
        "friendly": (
            "I could stay with this, but I'm keeping an eye on the clock. Let's go on.",
            "I'll stop us there so that we get to the rest. Here's the next one.",
            "I'm going to move us along because of the time, if that's all right with you.",
        ),
        "neutral": (
            "In view of the time, I will move us on.",
            "We have spent our minutes on that one. Here is the next question.",
            "I need to watch the clock, so let us continue.",
        ),
        "tough": ("Time. Next question.", "We're over on that one. Moving on.", "The clock says next. Here it is."),
    },
    "later": {
        "friendly": (
            "Of course, we'll put that one aside. Here's another in the meantime.",
            "Sure, that can wait. Let's take a different one first.",
        ),
        "neutral": (
            "All right, we put that one aside. Here is another.",
            "That can wait, then. Let us take a different question first.",
        ),
        "tough": ("Put aside. Next question.", "Fine, that one waits. Here's another."),
    },
    "return": {
        "friendly": (
            "Let's come back to the one you wanted to leave for later.",
            "There's still the question we put aside, so let me ask it again.",
        ),
        "neutral": (
            "Let us come back to the question you put aside.",
            "One question was left for later, and here it is again.",
        ),
        "tough": ("Back to the one you put aside.", "You left one for later. Here it is."),
    },
    # Nothing else is left to ask in the meantime.
    "only_one": {
        "friendly": ("It's the only one we have left, so let me ask it again, and take all the time you want.",),
        "neutral": ("It is the only question left, so I will put it again. Take the time you need.",),
        "tough": ("It's the only one left. Take a moment, and here it is again.",),
    },
    "rambled": {
        "friendly": (
            "I'll stop you there, with thanks, so that we get to everything. Here's the next one.",
            "Let me gently cut in, because there's one more subject I'd like to reach.",
        ),
        "neutral": (
            "I will stop you there so that there is time for the rest.",
            "Let me cut in at this point, and go on to the next question.",
        ),
        "tough": ("I'll stop you there. Next question.", "Let me cut in. New subject."),
    },
    "last": {
        "friendly": ("Thank you. We've come to the last question.", "Thanks, and now my last one for today."),
        "neutral": ("Thank you. This is the last question.", "That brings us to the final question."),
        "tough": ("Last question.", "One left."),
    },
}
CASE_NOTE: Table = {
    "friendly": (
        "It's a design case this time, so treat it as a conversation and ask me whatever you need to know.",
        "This one is a case: you lead, and you can ask me for facts along the way.",
    ),
    "neutral": (
        "This is a design case. You may ask me for facts whenever you need them.",
        "It is a design case, and you lead the conversation.",
    ),
    "tough": ("It's a design case. Ask if you need facts.", "A design case, and you lead."),
}
CODE_NOTE: Table = {
    "friendly": ("This one is about code, though I don't need any syntax from you.",),
    "neutral": ("This is a talk about code, and words are enough.",),
    "tough": ("A coding talk. Words will do.",),
}

# -- answering ---------------------------------------------------------------------------------------------------------

# `{fact}` is a sentence with a small letter, `{Fact}` with a capital. The topic is always said: what was found may
# not be quite what was asked for, and a bare figure would be taken for the answer.
FACT: Table = {
    "all": ("On {topic}, I have this. {Fact}", "What I know about {topic} is this. {Fact}"),
    "friendly": (
        "Sure, about {topic}: {fact}",
        "Here is what I can tell you about {topic}. {Fact}",
        "Yes, I have something on {topic}. {Fact}",
    ),
    "neutral": (
        "I can give you this on {topic}. {Fact}",
        "About {topic}: {fact}",
        "As to {topic}, you can work with this. {Fact}",
    ),
    "tough": ("On {topic}: {fact}", "As for {topic}: {fact}", "About {topic}. {Fact}"),
}
# For a topic that is a label only.
FACT_BARE: Table = {
    "all": ("Here is what I have. {Fact}", "I have this. {Fact}"),
    "friendly": ("Here is what I know. {Fact}",),
    "neutral": ("You can work with this. {Fact}",),
    "tough": ("You get this. {Fact}",),
}
SECOND_FACT: Table = {
    "all": ("And on {topic}: {fact}", "As for {topic}: {fact}"),
    "friendly": ("And about {topic}: {fact}",),
}
# When more was asked for than is told at once.
REST_LATER: Table = {
    "friendly": (
        "I can tell you the rest too, so just ask for it again.",
        "There was more in your question, and you can ask me for that again.",
        "The rest I know as well, whenever you ask for it again.",
    ),
    "neutral": (
        "I can answer the rest as well when you ask for it again.",
        "You asked for more than that, and you may ask for the rest again.",
        "The rest is known too, and you can ask for it again.",
    ),
    "tough": (
        "Ask again for the rest.",
        "The rest is known too. Ask for it again.",
        "You get the rest if you ask again.",
    ),
}
# When less is known than was asked for, or it has been told already.
REST_OPEN: Table = {
    "friendly": ("The rest is up to you.", "For the rest, take whatever seems reasonable to you."),
    "neutral": ("The rest is yours to decide.", "I have nothing on the rest, so that is open."),
    "tough": ("The rest is yours.", "Nothing on the rest."),
}
TOLD_ALREADY: Table = {
    "friendly": ("As I said about {topic}: {fact} I don't have more than that.",),
    "neutral": ("As I said about {topic}: {fact} That is all I have on it.",),
    "tough": ("As I said: {fact} That's all I have.",),
}
NO_FACT_CASE: Table = {
    "friendly": (
        "I don't have more on that, so that part is yours to decide.",
        "Nobody has settled that, and I'm happy to leave it to you.",
        "Take whatever seems reasonable to you there.",
    ),
    "neutral": (
        "Nothing is fixed there, and it is yours to decide.",
        "I have no more on that, so I leave it to you.",
        "That is open, and you may settle it as you see fit.",
    ),
    "tough": ("That's yours to decide.", "Nothing more is known there.", "Open. You settle it."),
}
NO_FACT_STORY: Table = {
    "friendly": (
        "Read it whichever way suits you, there's no trick in it.",
        "I'm happy to leave that to you.",
        "Whatever fits your own experience will do.",
    ),
    "neutral": (
        "You may read it whichever way suits you.",
        "I leave that to you.",
        "Take the reading that fits your own experience.",
    ),
    "tough": ("That's up to you.", "Read it as you like.", "Your choice."),
}
# "Can I use another example?", "Should I begin with the users?"
AS_YOU_LIKE: Table = {
    "friendly": ("That's entirely up to you.", "However you prefer.", "Whichever suits you."),
    "neutral": ("That is up to you.", "As you prefer.", "I leave that to you."),
    "tough": ("Up to you.", "As you like.", "Your choice."),
}
# "Can we go back to the first question now?"
STAY: Table = {
    "friendly": ("Let's stay with this one for now, if that's all right.",),
    "neutral": ("Let us stay with this one for the moment.",),
    "tough": ("We stay with this one for now.",),
}
# "Why do you ask?", "Are you serious?"
NO_SECRET: Table = {
    "friendly": ("I'd just like to hear how you see it.", "There's nothing behind it, I'd simply like to hear it."),
    "neutral": ("I would like to hear how you see it.", "There is nothing behind the question."),
    "tough": ("I want to hear how you see it.", "It's a plain question."),
}
# "Are you an AI?", "Have you had that yourself?", "What would you do?"
WHO_I_AM: Table = {
    "friendly": (
        "I'm a program that asks questions from an interview guide, so I have no stories or views of my own to offer.",
        "I'm only a program with a guide full of questions, and nothing of my own to tell, I'm afraid.",
    ),
    "neutral": (
        "I am a program that asks questions from an interview guide, and I have no experience or view of my own.",
        "I am a program that asks questions, so there is nothing of my own I could tell.",
    ),
    "tough": (
        "I'm a program. I ask what an interview guide tells me to ask.",
        "I'm a program, with no stories or views of my own.",
    ),
}
LANGUAGE: Table = {
    "friendly": (
        "I'm sorry, I can only follow English. Simple words are fine, so say it however it comes.",
        "I only understand English, I'm afraid. It needn't be polished at all.",
    ),
    "neutral": (
        "I can only follow English. Simple words will do.",
        "This interview is held in English, and plain words are enough.",
    ),
    "tough": ("In English, please. Simple words will do.", "I only follow English. Plain words are enough."),
}
GO_ON: Table = {
    "all": ("Please go on.", "Please carry on."),
    "friendly": ("Carry on whenever you're ready.", "Back to you.", "Over to you again.", "Go on when you like."),
    "neutral": ("Continue when you are ready.", "Back to you.", "The floor is yours again."),
    "tough": ("Go ahead.", "Back to you.", "Carry on."),
}
TIME_LEFT: Table = {
    "all": ("We have about {minutes} left.", "There are about {minutes} left."),
    "friendly": ("You've got about {minutes} to go.",),
    "neutral": ("About {minutes} remain.",),
    "tough": ("About {minutes}.",),
}
ONE_MINUTE_LEFT: Table = {"all": ("We are in the last minute.", "There is about one minute left.")}
REPHRASING: Table = {
    "all": ("Let me put it another way.",),
    "friendly": ("Of course, let me say it differently.", "Sure, I'll try other words.", "Let me try that again."),
    "neutral": ("Certainly, in other words.", "I will put it differently.", "Here it is in other words."),
    "tough": ("Okay, differently.", "In other words, then.", "Other words, same question."),
}
# Where a question has no other build: said once more, slowly.
AGAIN: Table = {
    "friendly": (
        "Of course, once more, and anything of your own that fits will do.",
        "Let me say it again, without any hurry.",
        "Sure, let me go through it slowly.",
    ),
    "neutral": (
        "Certainly, once more and slowly.",
        "I will say it again, and any reading of it that fits you will do.",
        "Let me go through it again.",
    ),
    "tough": ("Once more.", "Again, slowly.", "I'll say it again, and you may read it as you like."),
}
# How a question of the guide may be built, and how it may be built instead: only the beginning changes.
_KEPT = r"(?P<before>(?:[^.?!]+[.] )?)"
_ONE = r"(?P<rest>[^.?!:]+)"
PASTS = {"say": "said", "come": "came", "change": "changed", "make": "made", "become": "became"}
REWORDINGS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        rf"Tell me about a time (?:when )?{_ONE}\. (?P<then>[^.?!]+\?)",
        ("Think of a time {rest}. {then}", "Take a time {rest}. {then}"),
    ),
    (
        rf"Tell me about a time (?:when )?{_ONE}\.",
        ("Can you think back to a time {rest}?", "Has there been a time {rest}, and how did it go?"),
    ),
    (
        rf"(?:Tell me about|Describe) {_ONE}\. (?P<then>[^.?!]+\?)",
        ("Think of {rest}. {then}", "Take {rest}. {then}"),
    ),
    (rf"(?:Tell me about|Describe) {_ONE}\.", ("What can you tell me about {rest}?", "Can you describe {rest}?")),
    (
        rf"(?:Walk|Take|Talk) me through {_ONE}\.",
        ("Can you go with me through {rest}?", "What can you tell me about {rest}?"),
    ),
    (
        rf"Take me (?:deep )?into {_ONE}\.",
        ("What can you tell me about {rest}?", "Could we talk about {rest}?", "Can we go into {rest}?"),
    ),
    (rf"Let us go into {_ONE}\.", ("Can we talk about {rest}?", "What can you tell me about {rest}?")),
    (rf"Show me {_ONE}\.", ("Can you tell me about {rest}?",)),
    (rf"Explain {_ONE}\.", ("Can you explain {rest}?", "Could you explain to me {rest}?")),
    (rf"Give me an example of {_ONE}\.", ("Can you think of one example of {rest}?",)),
    (
        rf"(?:Pick|Choose|Take|Think of) {_ONE}, and (?P<then>[^.?!]+)\.",
        ("Think of {rest}, and {then}.",),
    ),
    (
        rf"(?:Pick|Think of|Take|Choose) {_ONE}\. (?P<then>[^.?!]+\?)",
        ("Let's take {rest}. {then}", "Suppose we take {rest}. {then}"),
    ),
    (
        r"(?:Pick|Choose) (?:a design on which) (?P<rest>[^.?!:]+)\.",
        ("Can you tell me about a design on which {rest}?", "Can we go into a design on which {rest}?"),
    ),
    (
        rf"(?:Pick|Choose) {_ONE}\.",
        ("Can we talk about {rest}?", "What can you tell me about {rest}?", "Can we go into {rest}?"),
    ),
    (rf"(?:Suppose|Say) {_ONE}\. (?P<then>[^.?!]+\?)", ("Imagine {rest}. {then}", "Let us assume {rest}. {then}")),
    (
        rf"Design {_ONE}: (?P<then>[^.?!]+\?)",
        ("Suppose it fell to you to design {rest}. {Then}", "Say you were to design {rest}. {Then}"),
    ),
    (
        _KEPT + rf"Design how {_ONE}\.",
        ("{before}Suppose it fell to you to design how {rest}. How would you do it?",),
    ),
    (
        _KEPT + r"Design (?P<rest>[^.?!]+)\.",
        (
            "{before}Suppose it fell to you to design {rest}. How would you do it?",
            "{before}How would you design {rest}?",
        ),
    ),
    (
        _KEPT + r"How would you approach (?P<rest>[^.?!]+)\?",
        ("{before}What would be your approach to {rest}?", "{before}How would you go about {rest}?"),
    ),
    (
        _KEPT + r"How would you (?P<rest>[^.?!:]+?), and (?P<then>(?:what|who|how|which|where) [^.?!]+\?)",
        ("{before}Suppose it fell to you to {rest}. How would you do it, and {then}",),
    ),
    (_KEPT + rf"How would you go about {_ONE}\?", ("{before}What would be your approach to {rest}?",)),
    (_KEPT + rf"How would you know {_ONE}\?", ("{before}What would tell you {rest}?",)),
    (
        _KEPT + rf"How would you {_ONE}\?",
        (
            "{before}Suppose it fell to you to {rest}. How would you do it?",
            "{before}If you had to {rest}, how would you do it?",
        ),
    ),
    (
        r"Given (?P<rest>[^.?!:,]+), how would you (?P<then>[^.?!]+\?)",
        ("Suppose you had {rest}. How would you {then}",),
    ),
    # "After something had gone wrong, what did you change ...?": the other way round.
    (
        r"(?P<wh>In|After) (?P<rest>[^.?!:,]+), (?P<then>(?:what|where|how|who) [^.?!:]+)\?",
        ("{Then}, {wh} {rest}?", "Can you tell me this: {then}, {wh} {rest}?"),
    ),
    (r"(?P<wh>How|What|Who) (?P<rest>[^.?!:,]+), as far as you know\?", ("As far as you know, {wh} {rest}?",)),
    (
        _KEPT + rf"How do you {_ONE}\?",
        ("{before}Can you tell me how you {rest}?", "{before}In what way do you {rest}?"),
    ),
    (_KEPT + rf"How have you {_ONE}\?", ("Can you tell me how you have {rest}?", "In what way have you {rest}?")),
    (_KEPT + rf"How did (?P<who>that|it) go {_ONE}\?", ("{before}Can you tell me how {who} went {rest}?",)),
    (
        _KEPT + rf"(?P<wh>How|What) should {_ONE}\?",
        ("{before}In your view, {wh} should {rest}?", "{before}If it were up to you, {wh} should {rest}?"),
    ),
    (rf"What did it take to {_ONE}\?", ("Can you tell me what it took to {rest}?", "What was needed to {rest}?")),
    (
        rf"When did (?P<who>(?!you\b)[^.?!:]+?) (?P<verb>say|come|change|make|become) {_ONE}\?",
        ("Can you think of a time when {who} {past} {rest}?", "Has there been a time when {who} {past} {rest}?"),
    ),
    (
        r"(?P<wh>What|Which) (?P<helper>has|have) (?P<who>your \w+) (?P<rest>[^.?!:]+)\?",
        ("Can you tell me {wh} {who} {helper} {rest}?", "Could you name something {who} {helper} {rest}?"),
    ),
    (
        _KEPT + r"(?P<wh>(?:What|Which|How|Where|Who|When)[^.?!:,]*?) (?P<helper>have|would|could|can|were) you "
        r"(?P<rest>[^.?!:]+)\?",
        ("{before}Can you tell me {wh} you {helper} {rest}?", "{before}Could you say {wh} you {helper} {rest}?"),
    ),
    (
        r"(?P<wh>(?:What|Which|When|How|Where|Who)[^.?!:,]*?) did you (?P<rest>[^.?!:]+)\?",
        ("If you think back, {wh} did you {rest}?", "From your own experience, {wh} did you {rest}?"),
    ),
    (r"What is (?P<rest>the hardest [^.?!:]+)\?", ("What would you name as {rest}?", "Can you tell me about {rest}?")),
    (rf"What was your part in {_ONE}\?", ("How would you describe your part in {rest}?",)),
    # The wh-word is what the sentence is about, so that nothing has to change places.
    (
        r"(?P<wh>Which|Whose|Who|What) (?P<rest>(?!do\b|did\b|has\b|have\b|is\b|was your\b|would\b)[^.?!:]+)\?",
        ("Can you tell me {wh} {rest}?", "Could you say {wh} {rest}?", "From your own experience, {wh} {rest}?"),
    ),
    (_KEPT + r"What do you do (?P<rest>(?:with|before) [^.?!]+)\?", ("{before}What is it that you do {rest}?",)),
    (_KEPT + r"What would (?P<rest>[^.?!]+) look like\?", ("{before}How do you picture {rest}?",)),
    (_KEPT + r"What would make you (?P<rest>[^.?!]+)\?", ("{before}What would you need before you {rest}?",)),
)
THINKING: Table = {
    "friendly": (
        "Take your time, there's no hurry.",
        "I'm in no rush, so think it over.",
        "It's fine to be quiet for a while.",
        "Have a moment to think, I'll wait.",
    ),
    "neutral": ("Take the time you need.", "There is no hurry.", "You may think it over.", "I will wait."),
    "tough": ("Take a moment.", "Think it over.", "I'll wait."),
}
OFFER_TO_MOVE_ON: Table = {
    "friendly": (
        "If nothing comes, that's fine too: say skip, and we'll take another one.",
        "We can also leave this one, you only have to say so.",
    ),
    "neutral": (
        "If you would rather leave this question, say so and we will go on.",
        "We can also pass on this one, if you tell me.",
    ),
    "tough": ("Or say skip, and we go on.", "If there's nothing, say skip."),
}
DECLINED: Table = {
    "friendly": (
        "I understand the wish, but I keep that out of the conversation. The scorecard afterwards goes into it.",
        "I'd rather not say while we're talking, so that the answer stays yours. You'll see it all on the scorecard.",
        "That has to wait until we're done, I'm afraid. The scorecard will tell you then.",
    ),
    "neutral": (
        "I don't comment on that during the interview. The scorecard takes it up afterwards.",
        "That has to wait until the end, when you will see the scorecard.",
        "I keep that out of the conversation. It is all on the scorecard afterwards.",
    ),
    "tough": (
        "Not during the interview. It's on the scorecard afterwards.",
        "That waits until the end.",
        "I don't comment on that while we talk.",
    ),
}

# -- closing -----------------------------------------------------------------------------------------------------------

CLOSING: Mapping[str, Table] = {
    "done": {
        "friendly": ("That was my last question.", "And that's everything I wanted to ask."),
        "neutral": ("That was the last question.", "I have no further questions."),
        "tough": ("That's it from me.", "That was the last one."),
    },
    "time": {
        "friendly": ("I'm afraid our time is up, so I'll stop us here.", "I see that our time is up."),
        "neutral": ("Our time is up, so we stop here.", "We have reached the end of our time."),
        "tough": ("Time's up.", "That's time."),
    },
    "stopped": {
        "friendly": ("Of course, we'll stop here.", "Sure, let's leave it here."),
        "neutral": ("Certainly, we stop here.", "All right, that ends the interview."),
        "tough": ("Okay, we stop here.", "Understood. We're done."),
    },
    "budget": {
        "friendly": (
            "I'm afraid what was set aside for this talk is used up, so I'll stop us here.",
            "This is as far as the budget for today goes, so we end here.",
        ),
        "neutral": (
            "The budget set for this interview is used up, so we stop here.",
            "What was set aside for this interview is spent, so we end here.",
        ),
        "tough": ("The budget for this one is used up. We stop here.", "The budget's spent. We end here."),
    },
}
THANKS: Table = {
    "friendly": ("Thank you for your time and for talking with me.", "Thanks so much for spending this time with me."),
    "neutral": ("Thank you for your time.", "Thank you for taking part."),
    "tough": ("Thanks for your time.", "Thank you."),
}
NEXT: Table = {
    "all": (
        "Next comes the scorecard: it goes through your answers one by one and quotes your own words.",
        "What happens now: your answers are read against the guide, and the scorecard shows what was found, with "
        "quotes.",
        "The scorecard follows now, and for every point it quotes the words it rests on.",
    ),
}
FAREWELL: Table = {
    "friendly": ("Take care, and goodbye.", "All the best, and goodbye.", "Have a pleasant rest of the day."),
    "neutral": ("Goodbye.", "I wish you a pleasant day."),
    "tough": ("Goodbye.",),
}
