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

ACKNOWLEDGED: Table = {
    "all": ("I see.", "Right.", "Understood.", "Okay.", "All right."),
    "friendly": (
        "Thank you.",
        "Okay, thank you.",
        "Thanks for that.",
        "I follow you.",
        "Thanks, I'm with you.",
        "All right, thank you.",
        "Okay, I have that.",
        "Thank you, I have that.",
        "I've made a note of that.",
    ),
    "neutral": (
        "Thank you.",
        "I follow.",
        "Noted, thank you.",
        "I have that.",
        "Understood, thank you.",
        "Okay, that is noted.",
        "I've written that down.",
        "All right, I have that down.",
    ),
    "tough": ("Noted.", "Got that.", "I have that.", "Okay, noted."),
}
PICKED_UP: Table = {
    "all": ("You said {c}.", "You mentioned that {c}.", "A moment ago you said {c}.", "As you told it, {c}."),
    "friendly": (
        "You told me {c}.",
        "I'd like to go back to where you said {c}.",
        "You were saying that {c}.",
        "I noticed you said {c}.",
        "So {c}.",
        "There was a point where you said {c}.",
        "Let me come back to something: you said {c}.",
        "If I heard you correctly, {c}.",
    ),
    "neutral": (
        "You told me that {c}.",
        "I noted that {c}.",
        "So {c}.",
        "Let me go back to one point: {c}.",
        "I'd like to return to one sentence of yours: {c}.",
        "From what you said, {c}.",
        "I wrote down that {c}.",
    ),
    "tough": (
        "So {c}.",
        "You say {c}.",
        "Back to one point: {c}.",
        "I wrote down that {c}.",
        "Let's stop at one thing: {c}.",
        "By your account, {c}.",
        "One point: {c}.",
    ),
}
QUOTED: Table = {
    "all": ('"{c}," you said.', 'You said: "{c}."', 'I wrote down your words: "{c}."'),
    "friendly": ('You put it like this: "{c}."', 'There was one sentence I noted: "{c}."', 'I noted this: "{c}."'),
    "neutral": ('One sentence of yours: "{c}."', 'In your words: "{c}."', 'I noted this: "{c}."'),
    "tough": ('Your words: "{c}."', 'One sentence: "{c}."'),
}
FOLLOWING_UP: Table = {
    "friendly": (
        "Let me stay with this for a moment.",
        "There's one thing I'd still like to hear about.",
        "I'd like to follow up on one part of this.",
        "Let me ask you about one side of it.",
        "There's something I wanted to ask.",
        "I have a question about that.",
    ),
    "neutral": (
        "Let me stay with this a little longer.",
        "I have a question about that.",
        "There is one point I'd like to follow up.",
        "Let me look at it from another side.",
        "One more question on this subject.",
        "I'd like to stay on this subject.",
    ),
    "tough": ("Let's stay on this.", "I want to look closer.", "A follow-up.", "I'm not done with this one.", "Next."),
}
WEAK_STORY: Table = {
    "friendly": (
        "I don't quite have the picture yet, so let me ask about one part.",
        "Let's bring this down to one situation.",
        "It would help me to hear about one particular moment.",
        "Let me ask about something specific, and there's no hurry.",
        "I'd like to hear how it went in one real case.",
        "Let's slow down and stay with one part of it.",
    ),
    "neutral": (
        "I don't have the picture yet.",
        "Let me ask about something specific.",
        "Let us take one real situation.",
        "I'd like to hear what actually happened.",
        "Let me narrow the question down.",
        "I would like to get closer to what happened.",
    ),
    "tough": (
        "I don't have the picture yet.",
        "That leaves me without the facts.",
        "Let's get concrete.",
        "I need one real case.",
        "I still don't know what happened.",
        "Let's narrow it down.",
    ),
}
WEAK_CASE: Table = {
    "friendly": (
        "I don't quite have the picture yet, so let me ask about one part.",
        "Let's look at one part of it together.",
        "Let me ask about something specific, and there's no hurry.",
        "Let's slow down and stay with one part of it.",
    ),
    "neutral": (
        "I don't have the picture yet.",
        "Let me ask about something specific.",
        "Let me narrow the question down.",
        "Let us look at one part of it.",
    ),
    "tough": ("I don't have the picture yet.", "Let's get concrete.", "Let's narrow it down.", "One part at a time."),
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
    "all": (
        "Can you tell me {a}?",
        "Tell me {a}.",
        "What can you tell me about {a}?",
        "Can you walk me through {a}?",
        "Help me understand {a}.",
    ),
    "friendly": (
        "Could you tell me a bit about {a}?",
        "Would you tell me {a}?",
        "Could you fill me in on {a}?",
        "Can you give me a sense of {a}?",
        "Could we talk about {a}?",
        "Would you take me through {a}?",
        "Can you help me see {a}?",
        "Could you say a few words about {a}?",
        "Do you mind telling me {a}?",
    ),
    "neutral": (
        "Could you say {a}?",
        "Can we go over {a}?",
        "Could you go into {a}?",
        "Please tell me {a}.",
        "What should I know about {a}?",
        "Can we spend a moment on {a}?",
        "Please take me through {a}.",
        "Could you set out for me {a}?",
        "Can you explain {a}?",
    ),
    "tough": (
        "Explain {a}.",
        "Walk me through {a}.",
        "So tell me {a}.",
        "Can you say in two sentences {a}?",
        "Take me through {a}.",
        "Now tell me {a}.",
        "Can you spell out {a}?",
        "Talk me through {a}.",
    ),
}
# With a wh-clause that can be turned.
DIRECT: Table = {
    "all": ("{Q}?", "And {q}?", "So {q}?", "In practice, {q}?", "My question is this: {q}?"),
    "friendly": (
        "Let me ask you this: {q}?",
        "Tell me, {q}?",
        "What I'd like to hear is this: {q}?",
        "If you can say, {q}?",
        "In your own words, {q}?",
        "One thing I was wondering about: {q}?",
        "Just so that I can picture it, {q}?",
    ),
    "neutral": (
        "Let me ask this: {q}?",
        "To take one point, {q}?",
        "What I would like to know is this: {q}?",
        "As you see it, {q}?",
        "Specifically, {q}?",
        "For my understanding, {q}?",
        "To be concrete, {q}?",
    ),
    "tough": ("Then {q}?", "In one or two sentences, {q}?", "Plain question: {q}?", "Concretely, {q}?", "Now, {q}?"),
}
# With a direct question about something that has happened.
DIRECT_PAST: Table = {
    "all": ("At the time, {q}?", "Thinking back, {q}?"),
    "friendly": ("As you remember it, {q}?", "If you think back to it, {q}?"),
    "neutral": ("Looking back at it, {q}?", "In that situation, {q}?"),
    "tough": ("In the end, {q}?",),
}
WHETHER: Table = {
    "all": ("Can you say {a}?", "Can you tell me {a}?", "Tell me {a}.", "Do you know {a}?"),
    "friendly": ("Have you thought about {a}?", "Would you tell me {a}?", "Could you say a few words on {a}?"),
    "neutral": ("Could you go into {a}?", "Can we look at {a}?", "Please tell me {a}."),
    "tough": ("So tell me {a}.", "Now tell me {a}."),
}
# With a noun phrase of any sort.
TOPIC: Table = {
    "all": ("What can you tell me about {a}?", "Tell me about {a}.", "What about {a}?", "Can we turn to {a}?"),
    "friendly": (
        "Could you tell me a bit about {a}?",
        "Can we talk about {a} for a moment?",
        "Would you tell me about {a}?",
        "When you think of {a}, what comes to mind?",
        "How about {a}?",
        "Could you say a few words about {a}?",
        "Can I ask you about {a}?",
        "Could you fill me in on {a}?",
        "If I ask about {a}, what would you tell me?",
    ),
    "neutral": (
        "Can we look at {a}?",
        "Please tell me about {a}.",
        "What should I know about {a}?",
        "Could you go into {a}?",
        "What would you say about {a}?",
        "Can we spend a moment on {a}?",
        "Let us turn to {a}: what can you tell me?",
        "Could I hear about {a}?",
        "On the subject of {a}, what is there to tell?",
    ),
    "tough": (
        "And {a}?",
        "Now {a}: what can you tell me?",
        "So what about {a}?",
        "What is there to say about {a}?",
        "Then tell me about {a}.",
        "What do I need to know about {a}?",
        "So tell me about {a}.",
        "Let's take {a}: what can you say?",
    ),
}
# "the strongest argument against it": one thing among others of its sort.
THE_ONE: Table = {
    "all": ("What would you say is {a}?", "What is {a}?", "Can you name {a}?", "In your view, what is {a}?"),
    "friendly": ("If you had to name {a}, what would it be?", "What, to you, is {a}?"),
    "neutral": ("What do you see as {a}?", "Which would you name as {a}?"),
    "tough": ("So what is {a}?", "Name {a}: what is it?", "And what is {a}?"),
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
    "all": ("Can you think of {a}?", "Do you see {a}?", "Would there be {a}?", "Can you name {a}?"),
    "friendly": ("Could you think of {a}?", "Could you name {a} for me?", "Do you happen to see {a}?"),
    "neutral": ("Could there be {a}?", "Are you aware of {a}?", "Could you name {a}?"),
    "tough": ("So can you name {a}?", "And can you think of {a}?"),
}
PEOPLE: Table = {
    "all": ("Where do {a} come into this?", "What can you tell me about {a}?", "What about {a}?", "Tell me about {a}."),
    "friendly": ("How do {a} fit into the picture?", "Could you tell me about {a}?", "Can I ask you about {a}?"),
    "neutral": ("Where do {a} come in?", "Please tell me about {a}."),
    "tough": ("And {a}?", "So what about {a}?", "Then where do {a} come in?"),
}
DOING: Table = {
    "all": (
        "How would you go about {a}?",
        "Talk me through {a}.",
        "What about {a}?",
        "What would {a} look like?",
        "How do you see {a}?",
    ),
    "friendly": (
        "Can you talk me through {a}?",
        "Could we talk about {a}?",
        "How do you picture {a}?",
        "When it comes to {a}, what would you do?",
    ),
    "neutral": (
        "What does {a} involve?",
        "Could you go into {a}?",
        "Can we look at {a}?",
        "Please take me through {a}.",
    ),
    "tough": ("And {a}?", "What does {a} take?", "So how would you go about {a}?"),
}

# In the order in which a wording is recognised again: a direct question would fit many of the others.
QUESTIONS = (A_GIFT, THE_ONE, YOURS, SOME, PEOPLE, DOING, TOPIC, CLAUSE, WHETHER, DIRECT_PAST, DIRECT)

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
    "brought": "bring", "kept": "keep", "noticed": "notice", "worked": "work", "tried": "try",
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
        if question is None:
            return (CLAUSE,)
        past = re.match(r"\w+(?: else)? (?:was|were|had|did|changed|happened|made|took|saw|came)\b", question)
        if re.match(r"why (?:that|this)\b", question):
            return (DIRECT,)
        return (CLAUSE, DIRECT, DIRECT_PAST) if past and story else (CLAUSE, DIRECT)
    if first.endswith("ing") and len(first) > 5:
        return (DOING,)
    if re.search(r"\b(?:people|colleagues|teams|engineers)\b", _head(angle)):
        return (PEOPLE,)
    if re.match(r"(?:the|a) (?:short|brief|one-line) (?:version|account)|(?:an?|the) (?:example|summary)\b", angle):
        return (A_GIFT,)
    plural = _head(angle).endswith("s") and not _head(angle).endswith("ss")
    one = re.match(r"the (?:\w+est|most \w+|first|one|only|price|cost|main|worst|best|hardest)\b", angle)
    if one and not plural:
        return (TOPIC, THE_ONE)
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
BRIDGES: Mapping[str, Table] = {
    "done": {
        "friendly": (
            "Thank you, let's leave that one there. Now for something else.",
            "Thanks for talking me through that. Here's my next question.",
            "All right, that's all I wanted to ask there. Let's go on.",
            "Okay, thank you for that. I'd like to change the subject.",
            "Thank you, I have what I need there. Let's try another one.",
            "Thanks, we can leave it at that. Something different now.",
            "I'm going to leave that story there, thank you. The next one is this.",
            "Okay, thanks. Let's turn the page.",
        ),
        "neutral": (
            "Thank you. Let us go on to the next question.",
            "All right, I will leave that there. Here is another question.",
            "Thank you, I have no more questions on that. The next subject is different.",
            "I have that down, thank you. Let us move on.",
            "Understood. We can leave that subject now.",
            "That closes that question for me. Here is the next.",
            "Okay, thank you for your answer. On to something else.",
            "I'll leave it at that, thank you. A new question.",
        ),
        "tough": (
            "Okay. Next question.",
            "That's all on that one. Moving on.",
            "Noted. Different subject.",
            "Fine, let's leave it there. Next.",
            "We'll close that one. Here's another.",
            "Right, on we go.",
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
            "That's all right, not everything comes with a story. Let's go to another question.",
            "Okay, thank you for telling me. We'll move on.",
            "No trouble, then we'll leave it. Here's a different one.",
        ),
        "neutral": (
            "That is fine, thank you for saying so. Let us take another question.",
            "Understood, then we leave that one. Here is the next.",
            "All right, we need not force it. Another question.",
        ),
        "tough": (
            "Okay, no example. Next question.",
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

# A case's fact stands as "topic: text"; one without a topic follows a colon of our own.
FACT_ON: Table = {
    "all": ("Here is what I have on {fact}.", "This is what I can tell you about {fact}."),
    "friendly": ("Sure, here's what I know about {fact}.", "Yes, I have something on {fact}."),
    "neutral": ("You can work with this on {fact}.", "I have the following on {fact}."),
    "tough": ("As for {fact}.", "On {fact}."),
}
FACT: Table = {
    "all": ("Here is what I have: {fact}.", "I can give you this: {fact}.", "You can work with this: {fact}.")
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
    "friendly": ("Of course, let me say it differently.", "Sure, I'll try other words.", "Yes, here it is again."),
    "neutral": ("Certainly, in other words.", "I will put it differently.", "Here it is in other words."),
    "tough": ("Okay, differently.", "In other words, then.", "Other words, same question."),
}
AGAIN: Table = {
    "all": ("Here is the question again.",),
    "friendly": ("I have no better words for it, so here it is once more.", "Let me say it again, without any hurry."),
    "neutral": ("I will read the question again.", "I can only repeat it as it stands."),
    "tough": ("Same question again.", "I'll repeat it."),
}
# How a question of the guide may be built, and how it may be built instead: only the beginning changes.
_KEPT = r"(?P<before>(?:[^.?!]+[.] )?)"
REWORDINGS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        r"Tell me about a time (?:when )?(?P<rest>[^.?!:]+)\. (?P<then>[^.?!]+\?)",
        ("Think of a time {rest}. {then}", "Take a time {rest}. {then}"),
    ),
    (
        r"Tell me about a time (?:when )?(?P<rest>[^.?!:]+)\.",
        ("Can you think back to a time {rest}?", "Has there been a time {rest}, and how did it go?"),
    ),
    (
        r"(?:Tell me about|Describe) (?P<rest>[^.?!:]+)\. (?P<then>[^.?!]+\?)",
        ("Think of {rest}. {then}", "Take {rest}. {then}"),
    ),
    (
        r"(?:Tell me about|Describe) (?P<rest>[^.?!:]+)\.",
        ("What can you tell me about {rest}?", "Can you describe {rest}?"),
    ),
    (
        r"(?:Walk|Take) me through (?P<rest>[^.?!:]+)\.",
        ("Can you go with me through {rest}?", "What can you tell me about {rest}?"),
    ),
    (r"Give me an example of (?P<rest>[^.?!:]+)\.", ("Can you think of one example of {rest}?",)),
    (
        r"Pick (?P<rest>[^.?!:]+), and (?P<then>[^.?!]+)\.",
        ("Think of {rest}, and {then}.", "Choose {rest}, and {then}."),
    ),
    (
        r"Design (?P<rest>[^.?!:]+): (?P<then>[^.?!]+\?)",
        ("Suppose it fell to you to design {rest}. {Then}", "Say you were to design {rest}. {Then}"),
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
    (
        _KEPT + r"How would you (?P<rest>[^.?!:]+)\?",
        ("{before}Suppose it fell to you to {rest}. How would you do it?", "{before}What would you do to {rest}?"),
    ),
    (
        r"Given (?P<rest>[^.?!:,]+), how would you (?P<then>[^.?!]+\?)",
        ("Suppose you had {rest}. How would you {then}",),
    ),
    (
        r"(?:Pick|Think of|Take|Choose) (?P<rest>[^.?!:]+)\. (?P<then>[^.?!]+\?)",
        ("Let's take {rest}. {then}", "Have in mind {rest}. {then}"),
    ),
    (r"How do you (?P<rest>[^.?!:]+)\?", ("Can you tell me how you {rest}?", "In what way do you {rest}?")),
    (r"How have you (?P<rest>[^.?!:]+)\?", ("Can you tell me how you have {rest}?", "In what way have you {rest}?")),
    (
        r"(?P<wh>(?:What|Which|How|Where|Who)[^.?!:,]*?) (?P<helper>have|would|could|can) you (?P<rest>[^.?!:]+)\?",
        (
            "Can you tell me {wh} you {helper} {rest}?",
            "Could you say {wh} you {helper} {rest}?",
        ),
    ),
    (
        r"(?P<wh>(?:What|Which|When|How|Where|Who)[^.?!:,]*?) did you (?P<rest>[^.?!:]+)\?",
        ("If you think back, {wh} did you {rest}?", "From your own experience, {wh} did you {rest}?"),
    ),
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
        "The scorecard follows now. For every point it shows the words of yours that it rests on.",
    ),
}
FAREWELL: Table = {
    "friendly": ("Take care, and goodbye.", "All the best, and goodbye.", "Have a pleasant rest of the day."),
    "neutral": ("Goodbye.", "I wish you a pleasant day."),
    "tough": ("Goodbye.",),
}
