"""The guide as a vector store: build it once, open it again, retrieve by meaning. The only room of chromadb.

A chunk is found through its lines. Each is embedded by itself, under the last
heading of its section, and beside it the angles of its item and the other words
that `knowledge/phrases.toml` has for it; a chunk is as near to a query as the
nearest of them. One vector for a whole list would be an average that no line of
it comes close to. Everyday sentences stand in the same store: what is nearer to
one of them than to the guide is not about the guide.
"""

import hashlib
import re
import shutil
import sys
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from interviewer.embedding import Encoder
from interviewer.errors import InterviewerError, StoreError
from interviewer.guide.model import Audience, Chunk, Guide, Kind, Level

if sys.platform != "win32":
    import fcntl

FLOOR = 0.22
"""Cosine similarity under which a passage has nothing to do with a query.

Together with the everyday sentences it was chosen on tests/retrieval.jsonl so that queries about other things find
nothing. By itself the similarity does not tell: "who won the match" is 0.38 from the guide, a good reply may be 0.25.
"""

PHRASES = Path(__file__).resolve().parents[2] / "knowledge" / "phrases.toml"

_ANY = "any"
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that was found.

    Attributes:
        similarity: Cosine of the query and the chunk's nearest line, FLOOR to 1.
    """

    chunk: Chunk
    similarity: float


@dataclass(frozen=True, slots=True)
class _Record:
    """One embedded text and the chunk it leads to; everyday sentences lead to none."""

    text: str
    chunk: Chunk | None


def open_index(guide: Guide, encoder: Encoder, folder: Path) -> "Index":
    """Open the index of a guide, building it when guide or encoder changed or the store is broken.

    Args:
        guide: Where the chunks come from.
        encoder: What embeds them and, later, the queries.
        folder: Folder of the store; made when it is not there.

    Raises:
        StoreError: When the folder cannot be written.
    """
    return Index(guide, encoder, folder)


class Index:
    """A guide's chunks, retrieved by meaning. May be used by several threads."""

    def __init__(self, guide: Guide, encoder: Encoder, folder: Path) -> None:
        self._encoder = encoder
        self._guide_hash = guide.hash
        self._records = _records(guide)
        self._name = _collection_name(guide.hash, encoder.name, self._records)
        self._folder = folder
        self._client: Any = None
        self._collection: Any = None
        self._opening = threading.Lock()
        self._open()

    def retrieve(
        self,
        query: str,
        *,
        k: int = 4,
        level: Level | None = None,
        kind: Kind | None = None,
        audience: Audience | None = None,
        floor: float = FLOOR,
    ) -> tuple[Hit, ...]:
        """Return the chunks nearest in meaning to a query, nearest first; none when nothing is near.

        Args:
            query: Any text; of a long one the encoder reads the beginning.
            k: Chunks at most, 1 or more.
            level: Leave out chunks that speak about the other level.
            kind: Leave out chunks that speak about another kind.
            audience: Leave out chunks written for the other reader.
            floor: Least similarity of a hit, -1 to 1.

        Raises:
            StoreError: When the store is gone and cannot be built again.
        """
        if not query.strip() or k < 1:
            return ()
        conditions: list[dict[str, Any]] = []
        if level is not None:
            conditions.append({"level": {"$in": [level.value, _ANY]}})
        if kind is not None:
            conditions.append({"kind": {"$in": [kind.value, _ANY]}})
        if audience is not None:
            conditions.append({"audience": {"$in": [audience, _ANY]}})
        where = {"$and": conditions} if len(conditions) > 1 else next(iter(conditions), None)
        best: dict[str, Hit] = {}
        for record, similarity in self._search(query, where):
            if similarity < floor or len(best) == k:
                break
            if record.chunk is not None:
                best.setdefault(record.chunk.id, Hit(record.chunk, similarity))
            elif not best:
                break  # the nearest of all is an everyday sentence: the query is not about the guide
        return tuple(best.values())

    def close(self) -> None:
        """Let go of the store's files; a later `retrieve` opens them again."""
        if self._client is not None:
            self._client.close()
            self._client = self._collection = None

    def _search(self, query: str, where: dict[str, Any] | None) -> Iterator[tuple[_Record, float]]:
        """Yield the records that pass the filter, nearest first."""
        request = {
            "query_embeddings": self._encoder.encode([query]),
            # All of them: a thousand rows cost a few milliseconds, and the neighbour search then misses none.
            "n_results": len(self._records),
            "where": where,
            "include": ["distances"],
        }
        collection = self._collection
        try:
            found = collection.query(**request)
        except Exception:
            # Another process dropped the collection, because its guide differs, or the files are gone.
            self._open(instead_of=collection)
            try:
                found = self._collection.query(**request)
            except Exception as error:
                raise StoreError(
                    f"The guide's index in {self._folder} cannot be read ({error}). Delete that folder and start again."
                ) from error
        for record_id, distance in zip(found["ids"][0], found["distances"][0], strict=True):
            yield self._records[int(record_id)], 1.0 - float(distance)

    def _open(self, instead_of: Any = None) -> None:
        """Open the store, building what is missing.

        Args:
            instead_of: The collection that failed; nothing is done when another thread has replaced it already.
        """
        store = self._folder / "chroma"
        with self._opening:
            if self._collection is not instead_of:
                return
            try:
                with _one_process(self._folder):
                    self.close()
                    try:
                        self._connect(store)
                    except InterviewerError:
                        raise
                    except Exception:
                        # Whatever is wrong with it, the store holds nothing that cannot be computed again.
                        self._discard(store)
                        self._connect(store)
            except InterviewerError:
                raise
            except Exception as error:
                raise StoreError(
                    f"The guide's index cannot be kept in {self._folder} ({error}). "
                    "Make that folder writable, or set INTERVIEWER_DATA_DIR to one that is."
                ) from error

    def _discard(self, store: Path) -> None:
        from chromadb.api.shared_system_client import SharedSystemClient

        self.close()
        # Chroma keeps a system that failed to start, and would hand it out again for the same path.
        SharedSystemClient.clear_system_cache()
        shutil.rmtree(store, ignore_errors=True)

    def _connect(self, store: Path) -> None:
        import chromadb
        from chromadb.config import Settings

        # Without _env_file, Chroma would take settings from whatever .env stands in the working directory.
        self._client = chromadb.PersistentClient(str(store), Settings(anonymized_telemetry=False, _env_file=None))
        names = [collection.name for collection in self._client.list_collections()]
        if self._name in names:
            collection = self._client.get_collection(self._name, embedding_function=None)
            if collection.count() == len(self._records):
                self._collection = collection
                return
        for name in names:
            self._client.delete_collection(name)
        self._collection = self._build()

    def _build(self) -> Any:
        collection = self._client.create_collection(
            self._name,
            embedding_function=None,
            # A low threshold has the vectors written out; else every opening replays up to 1000 additions.
            configuration={"hnsw": {"space": "cosine", "sync_threshold": 100}},
            metadata={"guide_hash": self._guide_hash, "encoder": self._encoder.name},
        )
        vectors = self._encoder.encode([record.text for record in self._records])
        for start in range(0, len(self._records), _BATCH):
            records = self._records[start : start + _BATCH]
            collection.add(
                ids=[str(start + n) for n in range(len(records))],
                embeddings=vectors[start : start + _BATCH],
                documents=[record.text for record in records],
                metadatas=[_metadata(record.chunk, self._guide_hash) for record in records],
            )
        return collection


def _records(guide: Guide) -> list[_Record]:
    """Return everything that is embedded for a guide."""
    try:
        with PHRASES.open("rb") as file:
            words = tomllib.load(file)
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise StoreError(f"The words for retrieval in {PHRASES} cannot be read ({error}). Restore the file.") from error
    items = (*guide.look_fors, *guide.expectations, *guide.probes, *guide.red_flags)
    angles = {item.id: item.angles for item in items}
    records = [_Record(text, None) for text in words["everyday"]]
    for chunk in guide.chunks:
        heading = chunk.section.rpartition(" / ")[2]
        # The first line of a chunk's text is its heading.
        lines = [line.removeprefix("- ").strip() for line in chunk.text.splitlines()[1:]]
        lines = [line for line in lines if line]
        texts = [f"{heading}: {line}" if heading else line for line in lines] or [chunk.text]
        for key in (*chunk.items, *lines):
            texts += [*angles.get(key, ()), *words["phrases"].get(key, ())]
        records += [_Record(text, chunk) for text in texts]
    return records


def _metadata(chunk: Chunk | None, guide_hash: str) -> dict[str, str | int]:
    if chunk is None:
        return {"level": _ANY, "kind": _ANY, "audience": _ANY}
    return {
        "chunk": chunk.id,
        "level": chunk.level or _ANY,
        "kind": chunk.kind or _ANY,
        "section": chunk.section,
        "audience": chunk.audience,
        "guide_hash": guide_hash,
        "file": chunk.file,
        "line": chunk.line,
        "items": " ".join(chunk.items),
    }


def _collection_name(guide_hash: str, encoder: str, records: list[_Record]) -> str:
    """Name a collection after all that it is made of, so that a change of any of it makes another."""
    made_of = hashlib.sha256(repr([(r.text, _metadata(r.chunk, guide_hash)) for r in records]).encode())
    slug = re.sub(r"[^a-z0-9]+", "-", encoder.lower()).strip("-")
    return f"guide-{guide_hash}-{slug}-{made_of.hexdigest()[:12]}"


@contextmanager
def _one_process(folder: Path) -> Iterator[None]:
    """Make the folder, and wait while another process opens or builds the index in it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "index.lock").open("a") as lock:
        if sys.platform != "win32":
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
