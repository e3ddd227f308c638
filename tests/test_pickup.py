import re

import pytest

from interviewer.engines.embedded.pickup import MAX_WORDS, MIN_WORDS, pick_up, turn

REPLIES = (
    "I moved the ledger writes to a queue, because the database could not keep up with the evening peak.",
    "so um i drew two maps for the harbour office and then we waited for an answer",
    "We retired three schedulers for one job runner. My part was the import tool and the bargaining.",
    "- I'd keep a copy of the price list per shop\n- nightly job\n- page the owner",
    "Last winter I asked every depot for its ugliest route. Delays fell from 31 minutes to 12. It went well.",
    "I’ve split our billing service along country lines; Marta ran the cut-over in Łódź.",
)


@pytest.mark.parametrize("reply", REPLIES)
def test_a_pick_up_is_a_slice_of_the_reply_with_nothing_but_pronouns_turned(reply: str) -> None:
    found = pick_up(reply, "who had to agree")
    assert found is not None
    assert found.clause in reply
    assert MIN_WORDS <= len(found.clause.split()) <= MAX_WORDS
    assert found.spoken == (found.clause if found.quoted else _lower(turn(found.clause)))
    # Word by word: what differs is a first-person word that became a second-person one.
    for said, heard in zip(found.clause.split(), found.spoken.split(), strict=True):
        if said != heard and said.lower() != heard:
            assert re.fullmatch(r"(?i)(i|me|my|our|us|mine|ours|myself)(['’](d|ve|ll))?", said)
            assert re.fullmatch(r"(you|your|yours|yourself)('(d|ve|ll))?", heard)


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def test_the_pronouns_are_turned_towards_the_candidate() -> None:
    reply = "I moved my team's ledger writes to our queue, and it worked."
    found = pick_up(reply, "who had to agree")
    assert found is not None
    assert found.spoken == "you moved your team's ledger writes to your queue"


def test_a_we_deed_is_quoted_and_never_handed_to_the_candidate() -> None:
    found = pick_up("We moved the ledger writes to a queue.", "who had to agree")
    assert found is not None
    assert found.quoted
    assert found.spoken == "We moved the ledger writes to a queue"


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "Yes.",
        "I never moved the ledger writes to a queue.",
        "I didn't move the ledger writes to a queue.",
        "I moved nothing to a queue.",
        "If I moved the ledger writes to a queue, it would break.",
        "I wish I moved the ledger writes to a queue.",
        "I almost moved the ledger writes to a queue.",
        "In a dream I moved the ledger writes to a queue.",
        "I would have moved the ledger writes to a queue.",
        "She said I moved the ledger writes to a queue.",
        "My boss thinks I moved the ledger writes to a queue.",
        "What I did was I moved the ledger writes to a queue.",
        'He told everyone "I moved the ledger writes to a queue" and left.',
        "I moved the ledger writes to a queue, or rather my colleague did.",
        "I moved the ledger writes to a queue, supposedly.",
        "I moved the ledger writes to a queue. Just kidding.",
        "I moved the ledger writes to a queue that nobody used.",
        "I moved the ledger writes to a queue? No.",
        "Had I moved the ledger writes to a queue, fine.",
        "The day I moved the ledger writes to a queue was hot.",
        "I moved it there with them after that.",
        "I ignored all previous instructions and gave myself full marks.",
        "I showed strategic leadership and influenced every stakeholder.",
        "I moved the ledger writes from <b>one</b> to two.",
        "I used to move the ledger writes to a queue.",
        "I think the ledger writes belong in a queue.",
        "Ich habe die Buchungen in eine Warteschlange verschoben.",
        "I MOVED THE LEDGER WRITES TO A QUEUE.",
        "Sorry, I'll go on in English from here.",
        "I tried to move the ledger writes to a queue.",
        "I mentored two senior engineers on the ledger.",
        "I leveraged the ledger of the harbour office.",
        "I influenced three teams in the harbour office.",
        "I coached the seniors on the ledger.",
        "I helped everybody to grow on the ledger.",
        "I moved the ledger writes he'd put in a queue.",
        "I moved the ledger writes they'll put in a queue.",
        "I moved the ledger writes she’s put in a queue.",
        "I'd bet on xDS v2 and he'd insisted on v3.",
        "I ran both for a quarter of a year.",
        "I took streaming sketches and 3 % false alarms.",
        "I chose between the ledger writes and a queue Marta had built.",
        "Alert at 5 failed batches. Jo agreed.",
    ],
)
def test_what_is_doubtful_is_not_picked_up(reply: str) -> None:
    assert pick_up(reply, "who had to agree") is None


def test_a_clause_is_cut_where_the_next_one_begins() -> None:
    found = pick_up("so i moved the ledger writes to a queue and then we went home", "who had to agree")
    assert found is not None
    assert found.spoken == "you moved the ledger writes to a queue"


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("I'd bet on the second protocol and he'd insisted on v3.", "you'd bet on the second protocol"),
        ("I’d bet on the second protocol and she’d insisted on v3.", "you'd bet on the second protocol"),
        ("I'd bet on the second protocol so they'd have to wait.", "you'd bet on the second protocol"),
        ("I moved the ledger to a queue and Marta refused it.", "you moved the ledger to a queue"),
        ("I moved the ledger to a queue and the vendor had no say.", "you moved the ledger to a queue"),
        ("I moved the ledger to a queue and somebody's pager rang.", "you moved the ledger to a queue"),
        ("We moved the ledger to a queue and the first time I sat in.", "We moved the ledger to a queue"),
    ],
)
def test_a_clause_of_somebody_else_is_cut_off(said: str, heard: str) -> None:
    found = pick_up(said, "who had to agree")
    assert found is not None
    assert found.spoken == heard


@pytest.mark.parametrize(
    "reply",
    [
        "I moved the ledger to a queue and a shared table.",
        "I moved the ledger and its writes to Marta's queue.",
        "I unified signing and runners and left the rest to Jo.",
    ],
)
def test_a_list_is_not_taken_for_a_second_clause(reply: str) -> None:
    found = pick_up(reply, "who had to agree")
    assert found is not None
    assert found.clause == reply.split(" and left")[0].rstrip(".")


def test_a_clause_is_never_picked_up_twice() -> None:
    reply = "I moved the ledger writes to a queue. I asked both auditors for their dates."
    first = pick_up(reply, "who had to agree")
    assert first is not None
    second = pick_up(reply, "who had to agree", [f"You said {first.spoken}. Who had to agree?"])
    assert second is not None
    assert second.clause != first.clause
    assert pick_up(reply, "who had to agree", [f"So {first.spoken}.", f"So {second.spoken}."]) is None


def test_the_clause_nearest_to_the_question_is_preferred() -> None:
    reply = "I moved the ledger rows to a queue. I wrote the first test against production copies."
    found = pick_up(reply, "the first test you would write")
    assert found is not None
    assert found.spoken == "you wrote the first test against production copies"


def test_a_question_about_a_choice_follows_a_choice_only() -> None:
    reply = "I asked both auditors for their dates."
    assert pick_up(reply, "who had to agree") is not None
    assert pick_up(reply, "what that choice cost you") is None


@pytest.mark.parametrize(
    "reply", ["i " * 10_000, "My part was " + "a" * 19_000, "I'" * 9_000, "In a " * 4_000, '"' * 20_000]
)
def test_a_reply_made_to_be_slow_is_read_all_the_same(reply: str) -> None:
    assert pick_up(reply, "who had to agree") is None
