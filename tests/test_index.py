import re
import sqlite3
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path

import numpy as np
import pytest

from interviewer.errors import StoreError
from interviewer.guide import index as module
from interviewer.guide.index import FLOOR, Index, open_index
from interviewer.guide.model import Chunk, Guide, Kind, Level, LookFor


class Words:
    """An encoder that counts words: texts are alike as far as they share them."""

    def __init__(self, name: str = "words/1", dimensions: int = 512) -> None:
        self.name = name
        self.dimensions = dimensions
        self.encoded = 0

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        self.encoded += len(texts)
        rows = np.full((len(texts), self.dimensions), 1e-6, np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in re.findall(r"\w+", text.lower()):
                row[int.from_bytes(blake2b(word.encode(), digest_size=4).digest()) % self.dimensions] += 1
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def chunk(id: str, *lines: str, **changes) -> Chunk:
    text = "\n".join(["Heading", *(f"- {line}" for line in lines)])
    values = {"section": "Top / Heading", "audience": "grader", "level": None, "kind": None, "file": "g.md", "line": 3}
    return Chunk(id=id, text=text, **{**values, **changes})


CHUNKS = (
    chunk(
        "ships", "sails zebrafish harbour", "anchors quayside", level=Level.SENIOR, kind=Kind.CODING, items=("a", "b")
    ),
    chunk("crews", "sails zebrafish crewmen", level=Level.STAFF, kind=Kind.CODING),
    chunk("ports", "sails zebrafish cranes", kind=Kind.DEEP_DIVE, audience="interviewer"),
    chunk("ropes", "sails zebrafish knots"),
)


def guide(chunks: Sequence[Chunk] = CHUNKS, hash: str = "0123456789abcdef", **changes) -> Guide:
    lists = ("aspects", "questions", "look_fors", "expectations", "probes", "red_flags", "advice")
    return Guide(title="G", hash=hash, chunks=tuple(chunks), **{**dict.fromkeys(lists, ()), **changes})


@pytest.fixture
def opened(tmp_path):
    """Open indexes that are closed when the test is over."""
    indexes: list[Index] = []

    def open_(of: Guide | None = None, encoder: Words | None = None, folder: Path = tmp_path) -> Index:
        indexes.append(open_index(guide() if of is None else of, Words() if encoder is None else encoder, folder))
        return indexes[-1]

    yield open_
    for index in indexes:
        index.close()


def ids(hits) -> list[str]:
    return [hit.chunk.id for hit in hits]


def collections(index: Index) -> list[str]:
    return [collection.name for collection in index._client.list_collections()]


def test_the_nearest_line_brings_its_chunk_first_and_once(opened):
    hits = opened().retrieve("sails zebrafish harbour anchors quayside")
    assert hits[0].chunk is CHUNKS[0]
    assert sorted(ids(hits)) == ["crews", "ports", "ropes", "ships"]
    assert [hit.similarity for hit in hits] == sorted((hit.similarity for hit in hits), reverse=True)
    assert all(FLOOR <= hit.similarity <= 1.001 for hit in hits)


def test_similarity_is_the_cosine(opened):
    encoder = Words()
    hit = opened().retrieve("anchors quayside storm", k=1)[0]
    query, line = encoder.encode(["anchors quayside storm", "Heading: anchors quayside"])
    assert hit.similarity == pytest.approx(float(query @ line), abs=1e-4)


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"level": Level.SENIOR}, {"ships", "ports", "ropes"}),
        ({"level": Level.STAFF}, {"crews", "ports", "ropes"}),
        ({"kind": Kind.CODING}, {"ships", "crews", "ropes"}),
        ({"kind": Kind.BEHAVIORAL}, {"ropes"}),
        ({"audience": "interviewer"}, {"ports"}),
        ({"audience": "grader"}, {"ships", "crews", "ropes"}),
        ({"level": Level.STAFF, "kind": Kind.CODING}, {"crews", "ropes"}),
        ({"level": Level.STAFF, "kind": Kind.DEEP_DIVE, "audience": "grader"}, {"ropes"}),
    ],
)
def test_filters_admit_the_given_value_and_the_unset_one(opened, filters, found):
    assert set(ids(opened().retrieve("sails zebrafish", **filters))) == found


def test_k_is_the_number_of_chunks(opened):
    index = opened()
    assert len(index.retrieve("sails zebrafish", k=2)) == 2
    assert index.retrieve("sails zebrafish", k=0) == ()


def test_what_is_under_the_floor_is_not_found(opened):
    index = opened()
    assert index.retrieve("quetzal") == ()
    assert ids(index.retrieve("quayside", floor=0.5)) == ["ships"]
    assert index.retrieve("quayside", floor=0.7) == ()


def test_what_is_nearer_to_everyday_talk_is_not_found(opened):
    about_bread = guide([chunk("bread", "potatoes then add salt harbour")])
    index = opened(about_bread)
    assert ids(index.retrieve("potatoes harbour")) == ["bread"]
    for filters in ({}, {"level": Level.STAFF, "kind": Kind.CODING, "audience": "grader"}):
        assert index.retrieve("Boil the potatoes, then add salt and pepper.", **filters) == ()


def test_an_empty_query_or_guide_finds_nothing(opened, tmp_path):
    assert opened().retrieve(" \n") == ()
    assert opened(guide([]), folder=tmp_path / "empty").retrieve("sails") == ()


def test_angles_and_other_words_lead_to_the_chunk_of_their_item(opened, monkeypatch, tmp_path):
    phrases = tmp_path / "phrases.toml"
    phrases.write_text('everyday = []\n[phrases]\na = ["walrus tusk"]\n"anchors quayside" = ["lobster pot"]\n')
    monkeypatch.setattr(module, "PHRASES", phrases)
    look_for = LookFor(id="b", text="x", line=1, angles=("marlin spike",))
    index = opened(guide(look_fors=(look_for,)))
    for query in ("walrus tusk", "lobster pot", "marlin spike"):
        assert ids(index.retrieve(query)) == ["ships"]


def test_a_store_holds_the_metadata_of_each_line(opened):
    index = opened()
    found = index._collection.get(where={"chunk": "ships"}, include=["metadatas", "documents"])
    assert found["documents"] == ["Heading: sails zebrafish harbour", "Heading: anchors quayside"]
    assert found["metadatas"][0] == {
        "chunk": "ships",
        "level": "senior",
        "kind": "coding",
        "section": "Top / Heading",
        "audience": "grader",
        "guide_hash": "0123456789abcdef",
        "file": "g.md",
        "line": 3,
        "items": "a b",
    }
    assert "0123456789abcdef" in index._collection.name
    assert "words-1" in index._collection.name
    assert index._collection.configuration_json["hnsw"]["space"] == "cosine"


def test_an_unchanged_store_is_opened_without_encoding(opened):
    opened().close()
    encoder = Words()
    index = opened(encoder=encoder)
    assert encoder.encoded == 0
    assert ids(index.retrieve("quayside")) == ["ships"]
    assert encoder.encoded == 1


@pytest.mark.parametrize(
    ("changed", "encoder"),
    [
        (guide(hash="fedcba9876543210"), Words()),
        (guide([*CHUNKS[1:], replace(CHUNKS[0], level=Level.STAFF)]), Words()),
        (guide([*CHUNKS, chunk("masts", "quayside masts")]), Words()),
        (guide(), Words("words/2")),
        (guide(), Words("other", dimensions=256)),
    ],
    ids=["hash", "metadata", "chunks", "encoder", "dimensions"],
)
def test_a_changed_guide_or_encoder_replaces_the_collection(opened, changed, encoder):
    first = opened()
    before = collections(first)
    first.close()
    index = opened(changed, encoder)
    assert encoder.encoded > len(changed.chunks)
    assert "ships" in ids(index.retrieve("quayside"))
    assert len(collections(index)) == 1
    assert collections(index) != before


def test_a_half_built_store_is_built_again(opened):
    index = opened()
    index._collection.delete(ids=[index._collection.get(where={"chunk": "ships"})["ids"][1]])
    index.close()
    assert ids(opened().retrieve("quayside")) == ["ships"]


@pytest.mark.parametrize("damage", ["garbage", "empty", "directory", "tables", "vectors"])
def test_a_broken_store_is_built_again(opened, tmp_path, damage):
    opened().close()
    database = tmp_path / "chroma" / "chroma.sqlite3"
    if damage == "garbage":
        database.write_bytes(b"not a database" * 1000)
    elif damage == "empty":
        database.write_bytes(b"")
    elif damage == "directory":
        database.unlink()
        database.mkdir()
    elif damage == "tables":
        with sqlite3.connect(database) as connection:
            connection.execute("DROP TABLE collections")
        connection.close()
    else:
        for file in (tmp_path / "chroma").glob("*/*.bin"):
            file.write_bytes(b"\xff" * 10)
    assert ids(opened().retrieve("quayside")) == ["ships"]


def test_two_owners_with_different_guides_do_not_break_each_other(opened):
    first = opened()
    second = opened(guide(hash="fedcba9876543210"))
    for _ in range(2):
        assert ids(first.retrieve("quayside")) == ["ships"]
        assert ids(second.retrieve("quayside")) == ["ships"]


def test_a_closed_index_opens_again(opened):
    index = opened()
    index.close()
    index.close()
    assert ids(index.retrieve("quayside")) == ["ships"]


def test_threads_may_retrieve_together(opened):
    index = opened()
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: ids(index.retrieve("quayside")), range(40)))
    assert found == [["ships"]] * 40


def test_a_large_guide_is_found_whole(opened):
    chunks = [chunk(f"c{n}", *(f"word{n} line{m} of{n}x{m}" for m in range(20))) for n in range(130)]
    index = opened(guide(chunks))
    for n in (0, 64, 129):
        assert ids(index.retrieve(f"word{n} line19 of{n}x19", k=1)) == [f"c{n}"]


@pytest.mark.parametrize("path", ["taken", "taken/below"])
def test_a_folder_that_cannot_be_written_is_a_sentence(opened, tmp_path, path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(StoreError, match=r"index cannot be kept in .*taken.*INTERVIEWER_DATA_DIR"):
        opened(folder=tmp_path / path)


def test_nothing_of_chroma_is_read_from_the_working_directory(opened, tmp_path, monkeypatch):
    (tmp_path / ".env").write_text("chroma_api_impl=chromadb.api.fastapi.FastAPI\nallow_reset=perhaps\n")
    monkeypatch.chdir(tmp_path)
    assert ids(opened().retrieve("quayside")) == ["ships"]
