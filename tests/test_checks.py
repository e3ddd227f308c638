"""What an interviewer may not say, and what it may."""

from dataclasses import replace

import pytest

from interviewer.engines.checks import coverage, cut, delivered, off_step, split, violations
from interviewer.engines.protocols import Context
from interviewer.grading.rating import Turn
from interviewer.guide.model import Kind, Level, LookFor, Probe
from interviewer.interview.events import Answer, Ask, Close
from interviewer.interview.events import Probe as ProbeStep

FORBIDDEN = (
    LookFor("moves-other-groups", "Moves several groups at once", 1),
    LookFor("takes-charge", "Takes charge", 2),
    Probe("what-was-given-up", "What was given up for speed", 3),
    Probe("history", "History", 4),
)
CONTEXT = Context(
    level=Level.STAFF,
    kind=Kind.DEEP_DIVE,
    manner="neutral",
    seed=1,
    question="Tell me about a system you built for other groups.",
    turns=(Turn("candidate", "We moved the billing queue to Kafka in 2019."),),
    earlier=("Hello, I am your interviewer today.", "Tell me about a system you built for other groups."),
    minutes=45,
    questions=3,
)


def wrong(sentence: str, said: str = "", context: Context = CONTEXT) -> list[str]:
    return violations(sentence, context, said, FORBIDDEN)


@pytest.mark.parametrize(
    "sentence",
    [
        "You moved the billing queue to Kafka.",
        "What made the billing queue too slow for that?",
        "Who outside your group had to agree?",
        "Good morning.",
        "Take your time.",
        "Strong consistency has a price, so what did you pay for it?",
        "How did you rate limit the callers?",
        "What does a good deployment look like there?",
        "Thank you for your time.",
        "The scorecard follows on the screen.",
        "What would you change about it if you began today?",
        "How did people in the other group come round?",
        "Which part of it was hard to get right?",
        "Let me put it in other words.",
        "About 40 million accounts use it.",
    ],
)
def test_plain_interviewer_sentences_pass(sentence: str) -> None:
    assert wrong(sentence) == []


@pytest.mark.parametrize(
    ("sentence", "problem"),
    [
        ("Why Kafka, and who agreed? What did it cost?", "more than one question"),
        ("Great, what happened then?", "praise"),
        ("That's a really good example.", "praise"),
        ("That sounds impressive.", "praise"),
        ("I love how you did that.", "praise"),
        ("What a great story!", "praise"),
        ("Thanks for the thoughtful answer.", "praise"),
        ("Interesting.", "praise"),
        ("That was rather vague.", "a judgement"),
        ("Unfortunately, that is not enough.", "a judgement"),
        ("I would rate this a two.", "a grade"),
        ("Your score is high.", "a grade"),
        ("That is a 3 out of 4.", "a grade"),
        ("It reads like a strong hire.", "a grade"),
        ("You should mention the costs.", "coaching"),
        ("Try to give numbers.", "coaching"),
        ("What I'm looking for is the price of it.", "coaching"),
        ("A better answer would name the price.", "coaching"),
        ("Here is a hint.", "coaching"),
        ("As an AI I have no view.", "words out of the role"),
        ("I'm sorry, I can't help with that.", "words out of the role"),
        ("The rubric asks for more.", "words out of the role"),
        ("Candidate: I led it.", "words in another's name"),
        ("# Next question", "a mark-up"),
        ("[/3df7c17642b51263]", "a mark-up"),
        ("Hello, I am your interviewer today.", "a repeat of something said before"),
        ("Tell me about some system you built for the other groups.", "a repeat of something said before"),
        ("word " * 61, "too long"),
        ("...", "no words"),
    ],
)
def test_what_may_not_be_said_is_named(sentence: str, problem: str) -> None:
    assert problem in wrong(sentence)


@pytest.mark.parametrize(
    ("sentence", "leaks"),
    [
        ("How is it you takes charge?", True),
        ("Who takes the charge?", False),
        ("Is this about what-was-given-up?", True),
        ("So it moves several groups along?", True),
        ("Have you moved groups?", False),
        ("Say what was given up for speed.", True),
        ("What is the history of it?", False),
    ],
)
def test_titles_and_ids_are_not_heard(sentence: str, leaks: bool) -> None:
    assert ("words of the rubric" in wrong(sentence)) is leaks


def test_words_of_the_question_are_no_leak() -> None:
    context = replace(CONTEXT, question="How do you know a person takes charge?", earlier=())
    assert wrong("What does takes charge mean to you?", context=context) == []


def test_an_id_the_candidate_used_as_a_word_is_no_leak() -> None:
    context = replace(CONTEXT, turns=(Turn("candidate", "It is about takes-charge people."),))
    assert "words of the rubric" in wrong("Why takes-charge people?")
    assert "words of the rubric" not in wrong(
        "Why takes-charge folks?", context=replace(context, question="takes charge")
    )


def test_a_second_question_in_the_same_turn_is_one_too_many() -> None:
    assert wrong("Who agreed?", said="Why Kafka?") == ["more than one question"]
    assert wrong("Describe the people who agreed.", said="Why Kafka?") == ["more than one question"]
    assert wrong("Take your time.", said="Why Kafka?") == []


def test_a_question_of_the_guide_in_two_sentences_is_one_question() -> None:
    question = "Tell me about a time somebody struggled. What did you do?"
    context = replace(CONTEXT, question=question, earlier=())
    assert wrong("What did you do?", "Tell me about a time somebody struggled.", context) == []


def test_a_turn_may_be_as_long_as_its_question_asks_for() -> None:
    long = "word " * 50
    assert wrong(long, said=long) == []
    assert wrong(long, said=long + long) == ["too long"]
    assert wrong(long, said=long + long, context=replace(CONTEXT, question=long)) == []


ASK = Ask("q", "Describe a technical direction you set.", Kind.BEHAVIORAL, (), "c", 2)
PROBE = ProbeStep("history", "how it looks today", "c", 1)


@pytest.mark.parametrize(
    ("sentence", "step", "problem"),
    [
        ("What is your favourite food?", ASK, "another question than the one to be asked"),
        ("Could you describe a technical direction that you set?", ASK, ""),
        ("Do you like food?", PROBE, "a question about something else"),
        ("How does it look today?", PROBE, ""),
        ("So why did it have to do that?", ProbeStep("x", "why it had to do that", "c", 1), ""),
        ("What did Kafka change?", PROBE, ""),
        ("Anything else?", Close("done"), "a question at the end of the interview"),
        ("Does that help?", Answer("clarify"), "a question where an answer was due"),
        ("It has about 55 million users.", Answer("clarify", fact="users: about 40 million"), "a figure nobody gave"),
        ("It has about 40 million users.", Answer("clarify", fact="users: about 40 million"), ""),
        ("There are 12 minutes left.", Answer("time", minutes_left=12), ""),
        ("There are 13 minutes left.", Answer("time", minutes_left=12), "a figure nobody gave"),
        ("In 2019 you moved the queue.", PROBE, ""),
    ],
)
def test_a_sentence_keeps_to_its_step(sentence: str, step: ProbeStep | Ask | Answer | Close, problem: str) -> None:
    assert off_step(sentence, "", step, CONTEXT) == ([problem] if problem else [])


@pytest.mark.parametrize(
    ("said", "step", "done"),
    [
        ("Let us go on.", ASK, False),
        ("Let us go on. Describe a technical direction you set.", ASK, True),
        ("You moved it.", PROBE, False),
        ("You moved it. How does it look today?", PROBE, True),
        ("That is open.", Answer("clarify"), True),
        ("Of course.", Answer("rephrase"), False),
        ("Of course. Which system did you build for other groups?", Answer("rephrase"), True),
        ("Of course. Tell me about a system others use.", Answer("rephrase"), True),
        ("Of course.", Answer("time", minutes_left=12), False),
        ("Take as many minutes as you need.", Answer("time", minutes_left=12), False),
        ("About 12 minutes are left.", Answer("time", minutes_left=12), True),
        ("About 120 minutes are left.", Answer("time", minutes_left=12), False),
        ("There are about 120 minutes.", Answer("time", minutes_left=120), True),
        ("We have around twelve minutes.", Answer("time", minutes_left=12), True),
        ("Forty minutes are left.", Answer("time", minutes_left=40), True),
        ("Some twenty-five minutes are left.", Answer("time", minutes_left=25), True),
        ("About half an hour is left.", Answer("time", minutes_left=30), True),
        ("Take your time.", Answer("silence"), True),
        ("", Answer("clarify"), False),
        ("There are many users.", Answer("clarify", fact="users: about 40 million"), False),
        ("The users are about 40 million.", Answer("clarify", fact="users: about 40 million"), True),
        ("Goodbye.", Close("done"), True),
    ],
)
def test_a_turn_is_done_when_it_did_what_it_is_for(
    said: str, step: ProbeStep | Ask | Answer | Close, done: bool
) -> None:
    assert delivered(said, step) is done


def test_sentences_are_cut_where_they_end_and_nowhere_else() -> None:
    text = "We use e.g. Kafka 3.5 vs. others. \u201cReally?\u201d Dr. Who said so\u2026 Then\nnothing"
    assert split(text) == [
        "We use e.g. Kafka 3.5 vs. others.",
        "\u201cReally?\u201d",
        "Dr. Who said so\u2026",
        "Then",
        "nothing",
    ]
    assert cut("One. Two") == (["One."], "Two")
    assert cut("One.") == ([], "One.")


def test_coverage_is_the_share_of_content_words() -> None:
    assert coverage("You mentored people", "How do you mentor the people around you?") == pytest.approx(2 / 3)
    assert coverage("anything", "") == 1.0
