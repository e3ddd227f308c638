"""A quote is in a reply, or it is not evidence."""

import random

import pytest

from interviewer.grading.evidence import locate
from interviewer.grading.rating import Evidence

REPLIES = (
    "Sure, which part do you mean?",
    "I wrote the plan.  Then I said \u201cwe can\u2019t ship this\u201d\nto the group, and STRASSE became Stra\u00dfe.",
)


def test_an_exact_quote_is_found_where_it_stands() -> None:
    found = locate("I wrote the plan.", REPLIES)
    assert found == Evidence(1, 0, 17)
    assert found.quote(REPLIES) == "I wrote the plan."


@pytest.mark.parametrize(
    ("quote", "cut"),
    [
        ("i WROTE the plan", "I wrote the plan"),
        ("plan. Then I said", "plan.  Then I said"),
        ('said "we can\'t ship this" to the', "said \u201cwe can\u2019t ship this\u201d\nto the"),
        ('"I wrote the plan."', "I wrote the plan."),
        ("  became strasse ", "became Stra\u00dfe"),
    ],
)
def test_case_quote_marks_and_white_space_do_not_matter(quote: str, cut: str) -> None:
    found = locate(quote, REPLIES)
    assert found is not None
    assert found.quote(REPLIES) == cut


@pytest.mark.parametrize(
    "quote",
    [
        "",
        "   ",
        '""',
        "I wrote a plan",
        "I wrote ... the plan",
        "wrote the plan, then",
        "I wrote the plans",
        "plan.Then",
    ],
)
def test_nothing_fuzzier_is_a_quote(quote: str) -> None:
    assert locate(quote, REPLIES) is None


def test_words_of_two_replies_are_not_one_quote() -> None:
    assert locate("do you mean? I wrote", REPLIES) is None


def test_an_exact_find_in_a_later_reply_goes_before_a_normalised_one() -> None:
    assert locate("Kafka", ("kafka it was", "Kafka it was")) == Evidence(1, 0, 5)


def test_nul_and_lone_surrogates_are_tolerated() -> None:
    assert locate("b", ("a\x00\ud800b",)) == Evidence(0, 3, 4)


def test_every_slice_of_a_reply_is_found_and_cuts_back_to_itself() -> None:
    dice = random.Random(7)
    reply = " ".join(
        dice.choice(["I", "We", "led", "\u201cit\u201d", "the\nteam", "\u00dc\u00dfe", "3.5"]) for _ in range(60)
    )
    for _ in range(300):
        start = dice.randrange(len(reply))
        quote = reply[start : start + dice.randrange(1, 40)]
        if quote.strip(" '\u201c\u201d\n"):
            found = locate(quote, (reply,))
            assert found is not None
            assert found.quote((reply,)) == quote.strip()
