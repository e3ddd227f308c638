"""Does retrieval find the right passage of the real guide? The labelled set is tests/retrieval.jsonl.

A line is `{"query", "level", "kind", "chunks"}`: what the application would ask, in which interview, and the passage
that is right, named by the id of an item or question that stands in it or by its section. Several names mean that
each of them is a right answer. Lines with no chunks are about other things and must find nothing.
"""

import json
import re
import tomllib
from pathlib import Path

import pytest

from interviewer.embedding import load_encoder
from interviewer.guide.index import FLOOR, PHRASES, Index, open_index
from interviewer.guide.markdown import read_guide
from interviewer.guide.model import Chunk, Guide, Kind, Level

GUIDE = Path(__file__).parents[1] / "knowledge" / "guides" / "senior-staff.md"
ROWS = [json.loads(line) for line in (Path(__file__).parent / "retrieval.jsonl").read_text("utf-8").splitlines()]
FINDABLE = [row for row in ROWS if row["chunks"]]
ELSEWHERE = [row["query"] for row in ROWS if not row["chunks"]]

STOP_WORDS = frozenset(
    re.findall(
        r"\w+",
        """a about above across after again against all along also although am an and another any anybody anyone
        anything are around as at away back be because become been before being beside between beyond
        both but by can cannot could did do does doing done down each either else even ever every
        everybody everyone everything few for from further get gets getting give given go goes going got
        had has have having he her here hers him his how i if in into is it its itself just let like made
        make makes making many may me might more most much must my myself neither no nobody none nor not
        nothing now of off often on once one only onto or other others our out over own per perhaps put
        rather same shall she should so some somebody someone something still such take than that the
        their them themselves then there these they thing things this those though three through to
        together too toward towards two under until up upon us very was way we went were what whatever
        when where whether which while who whom whose why will with within without would yes yet you your
        yourself""",
    )
)
ENDINGS = ("ations", "ation", "ments", "ment", "ings", "ing", "ers", "er", "ied", "ies", "ed", "es", "ly", "s", "e")


def stem(word: str) -> str:
    ending = next((end for end in ENDINGS if word.endswith(end) and len(word) - len(end) >= 3), "")
    word = word[: len(word) - len(ending)]
    if len(word) > 3 and word[-1] == word[-2]:
        word = word[:-1]
    return word[:-1] + "i" if word.endswith("y") else word


def content_words(text: str) -> set[str]:
    text = re.sub(r"n't\b", " not", re.sub(r"'(s|d|ll|re|ve|m)\b", "", text.lower()))
    return {stem(word) for word in re.findall(r"[a-z0-9]+", text) if word not in STOP_WORDS and len(word) > 1}


@pytest.fixture(scope="module")
def guide() -> Guide:
    return read_guide([GUIDE])[0]


@pytest.fixture(scope="module")
def index(guide, tmp_path_factory):
    index = open_index(guide, load_encoder(), tmp_path_factory.mktemp("index"))
    yield index
    index.close()


def is_right(chunk: Chunk, row: dict) -> bool:
    return any(name in chunk.items or name == chunk.section for name in row["chunks"])


def missed(index: Index, *, filtered: bool) -> list[str]:
    """Return the queries whose right chunk is not among the first four."""
    queries = []
    for row in FINDABLE:
        filters = {"level": Level(row["level"]), "kind": Kind(row["kind"])} if filtered else {}
        if not any(is_right(hit.chunk, row) for hit in index.retrieve(row["query"], k=4, **filters)):
            queries.append(row["query"])
    return queries


def test_the_set_is_what_it_should_be(guide):
    assert len(ROWS) >= 60
    assert len(ELSEWHERE) >= 10
    assert len({row["query"] for row in ROWS}) == len(ROWS)
    for row in FINDABLE:
        for name in row["chunks"]:
            assert any(name in chunk.items or name == chunk.section for chunk in guide.chunks), name
    asked = {name for row in FINDABLE for name in row["chunks"]}
    assert asked.issuperset(item.id for item in (*guide.look_fors, *guide.probes, *guide.red_flags))


def test_at_least_half_share_no_content_word_with_their_chunk(guide):
    strangers = [
        row["query"]
        for row in FINDABLE
        if not any(
            is_right(chunk, row) and content_words(row["query"]) & content_words(chunk.text) for chunk in guide.chunks
        )
    ]
    assert len(strangers) >= len(FINDABLE) / 2


def test_with_level_and_kind_the_right_chunk_is_among_four(index):
    lost = missed(index, filtered=True)
    assert 1 - len(lost) / len(FINDABLE) >= 0.95, lost


def test_without_filters_the_right_chunk_is_among_four(index):
    lost = missed(index, filtered=False)
    assert 1 - len(lost) / len(FINDABLE) >= 0.85, lost


@pytest.mark.parametrize("query", ELSEWHERE)
def test_a_query_about_other_things_finds_nothing(index, query):
    assert index.retrieve(query, floor=FLOOR) == ()


def test_the_words_for_retrieval_are_not_the_queries():
    """Else the set would measure how well the queries were copied."""
    words = tomllib.loads(PHRASES.read_text("utf-8"))
    other_words = [phrase for phrases in words["phrases"].values() for phrase in phrases]
    queries = [(row["query"], content_words(row["query"])) for row in FINDABLE]
    elsewhere = [(query, content_words(query)) for query in ELSEWHERE]
    copied = [
        (phrase, query)
        for phrases, asked in ((other_words, queries), (words["everyday"], elsewhere))
        for phrase in phrases
        for query, content in asked
        if len(content_words(phrase) & content) > 1
    ]
    assert copied == []


def test_each_phrase_belongs_to_something_in_the_guide(guide):
    keys = tomllib.loads(PHRASES.read_text("utf-8"))["phrases"]
    known = {id for chunk in guide.chunks for id in chunk.items}
    known |= {line.removeprefix("- ") for chunk in guide.chunks for line in chunk.text.splitlines()}
    assert set(keys) - known == set()


def test_near_hits_come_first_and_carry_their_place(index, guide):
    hit = index.retrieve("I mentored two junior developers", level=Level.SENIOR, audience="grader")[0]
    assert hit.chunk in guide.chunks
    assert hit.chunk.file == "senior-staff.md"
    assert hit.chunk.line > 0
    assert FLOOR <= hit.similarity <= 1
