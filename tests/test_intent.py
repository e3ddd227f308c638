import pytest

from interviewer.interview.intent import read_intent


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("", "silence"),
        ("...", "silence"),
        ("skip", "skip"),
        ("Can we skip this one please?", "skip"),
        ("Next question.", "skip"),
        ("stop", "stop"),
        ("I'd like to end the interview now", "stop"),
        ("How much time is left?", "time"),
        ("Could you rephrase that?", "rephrase"),
        ("Sorry, what do you mean by direction?", "rephrase"),
        ("Can we come back to this later?", "later"),
        ("What are you looking for here?", "request"),
        ("How am I doing?", "request"),
        ("Can you give me a hint?", "request"),
        ("How many users does it have?", "clarify"),
        ("Ok. Do we have one region or several?", "clarify"),
        ("Should I assume the money is already held?", "clarify"),
        ("I don't have an example of that.", "no_example"),
        ("Honestly nothing comes to mind.", "no_example"),
        ("I've never had to do that.", "no_example"),
    ],
)
def test_requests_are_understood(text, intent) -> None:
    assert read_intent(text) == intent


@pytest.mark.parametrize(
    "text",
    [
        "We decided to stop the project because nobody used it, and I told the team why.",
        "I skipped the review step once and broke production; after that I wrote a checklist.",
        "I never had the authority to decide, so I went to each lead and got them to agree on a date.",
        "I don't have a perfect example, but at my last job I moved four services off the old queue in one quarter.",
        "My manager asked for feedback on the plan and I gave it: drop the second region.",
        "How do I mentor? I pair every Tuesday, I review in person, and two of the juniors now run on-call alone.",
        "It took two weeks. Then the pager went quiet.",
        "Why did we do it? Because the old one fell over every month end, and I was the one on call. So I rewrote it.",
    ],
)
def test_answers_that_mention_requests_stay_answers(text) -> None:
    assert read_intent(text) == "answer"
