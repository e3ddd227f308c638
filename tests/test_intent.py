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
        ("What's a good answer look like?", "request"),
        ("What would a really strong answer be here?", "request"),
        ("How does a good answer look", "request"),
        ("Have you had a design picked apart yourself?", "request"),
        ("Did you ever go through that?", "request"),
        ("Would you have done it differently?", "request"),
        ("Hm, what would you do?", "request"),
        ("I see. And what about you?", "request"),
        ("Would you like me to begin with the users?", "clarify"),
        ("Have you got numbers on the users?", "clarify"),
        ("Did you have a date in mind?", "clarify"),
        ("How many users does it have?", "clarify"),
        ("Ok. Do we have one region or several?", "clarify"),
        ("Should I assume the money is already held?", "clarify"),
        ("I don't have an example of that.", "no_example"),
        ("Honestly nothing comes to mind.", "no_example"),
        ("I've never had to do that.", "no_example"),
        ("Nobody comes to mind whom I would call better because of me.", "no_example"),
        ("I can't answer that. I'm new in the role.", "no_example"),
        ("There's nothing more on that.", "no_example"),
        ("I'd like to stop now, thanks.", "stop"),
        ("I give up.", "stop"),
        ("i dont remember honestly", "no_example"),
        ("another question please", "skip"),
        ("later", "later"),
        ("I can't think of one right now. Can I come back to this later?", "later"),
        ("Can we return to this one at the end?", "later"),
        (
            "I'd rather come back to this question at the end if that's possible, I need to think of a case for it.",
            "later",
        ),
        ("Are we done yet?", "time"),
        ("Sorry, my English is not perfect. Can you say it more simple next time?", "rephrase"),
        ("ask me that differently", "rephrase"),
        ("Are you even listening? Are you an AI?", "request"),
        ("What's the right answer here? I'm clearly not getting what you want.", "request"),
        ("so how many users do we have and what is the latency", "clarify"),
        ("A PM. Can I use a different example?", "clarify"),
        ("Let me think for a moment.", "silence"),
        ("hmm, give me a second", "silence"),
        ("Hold on, I need a minute.", "silence"),
        ("Can we return to the first one now?", "clarify"),
        ("¿Puede repetir la pregunta, por favor?", "language"),
        ("Ich habe die Buchungen in eine Warteschlange verschoben.", "language"),
        ("我把写入移到了队列中", "language"),
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
        "Speed I guess? I give up speed. or money. I don't know",
        "Let's finish the migration first.",
        "Stop the old job, then start the new one.",
        "I'm done with the schema so now the index",
        "I'll pass the context down.",
        "Pass the deadline in a header.",
        "Next I'd look at the logs.",
        "Workers go to the next batch.",
        "Later we moved it to the queue",
        "In the end I'd come back to the design and cut it.",
        "Hold on to the lock until the payment is back.",
        "One second per request is the limit.",
        "They said leave it for later and I refused, since the audit was in May.",
        "The data is de-duplicated in a la carte mode",
        "Postgres in one region",
        "The queue was a good answer to the peak.",
        "What we found was a good answer to the load.",
        "I asked him: would you do it again? He said no.",
        "Would you have done it? I did, and it cost us a week.",
        "Have you ever seen a cache melt? Ours did.",
    ],
)
def test_answers_that_mention_requests_stay_answers(text) -> None:
    assert read_intent(text) == "answer"


@pytest.mark.parametrize(
    "text", ["ok " * 7_000, "can i " * 3_000, "why? " * 5_000, "i need a minute " * 1_200, "a" * 20_000]
)
def test_a_message_made_to_be_slow_is_read_all_the_same(text) -> None:
    assert read_intent(text) in ("answer", "clarify")
