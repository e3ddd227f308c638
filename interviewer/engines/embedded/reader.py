"""How the embedded grader's network reads an exchange: tokens in, ratings' logits out.

The encoder turns the question and the replies into one vector a token. Each
item of the rubric is a vector too, made from its own words by the sentence
encoder; it attends over the candidate's tokens and a small head turns what it finds into
ordinal logits. Nothing in it knows an item's id, so an item that was never
trained on is rated from its wording. interviewer/bench/train.py makes the
weights; the arithmetic here and there is the same.

Source: late interaction after O. Khattab, M. Zaharia, "ColBERT", SIGIR 2020 (items are single vectors here);
ordinal logits after J. Cheng et al., "A neural network approach to ordinal regression", IJCNN 2008.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from interviewer.embedding import Encoder
from interviewer.grading.rating import Exchange
from interviewer.grading.sentences import Sentence, readable
from interviewer.guide.model import Item, Kind, Level

Array = NDArray[np.float32]

# A window holds the question and as many turns as fit; a longer exchange is read in several.
WINDOW = 400
QUESTION_TOKENS = 64
PROBE_TOKENS = 64
CLS, SEP = 101, 102
HEADS, HEAD_SIZE = 4, 64
META = 4


class Encoding(Protocol):
    """What a tokenizer returns."""

    ids: list[int]
    offsets: list[tuple[int, int]]


class Tokenizer(Protocol):
    """Turns text into tokens with their places."""

    def encode(self, sequence: str, *, add_special_tokens: bool = True) -> Encoding: ...


@dataclass(slots=True)
class Window:
    """A stretch of an exchange as the encoder reads it.

    Attributes:
        ids: Token ids.
        spoken: 1 for the candidate's tokens, 0 for the rest.
        sentence: Position of the sentence each token belongs to; -1 for none.
    """

    ids: list[int]
    spoken: list[int]
    sentence: list[int]


def windows(exchange: Exchange, sentences: Sequence[Sentence], tokenizer: Tokenizer) -> list[Window]:
    """Lay an exchange out in windows, each beginning with the question."""
    head = f"{exchange.level.value} {exchange.kind.words}: {readable(exchange.question)}"
    opening = [CLS, *tokenizer.encode(head, add_special_tokens=False).ids[:QUESTION_TOKENS], SEP]
    made = [_opened(opening)]
    reply = 0
    for turn in exchange.turns:
        encoded = tokenizer.encode(readable(turn.text), add_special_tokens=False)
        if turn.speaker == "interviewer":
            ids = encoded.ids[:PROBE_TOKENS]
            _extend(made, opening, ids, [0] * len(ids), [-1] * len(ids))
            continue
        mine = [(n, s.evidence) for n, s in enumerate(sentences) if s.evidence.reply == reply]
        ids, places, at = [], [], 0
        for token, (start, _) in zip(encoded.ids, encoded.offsets, strict=True):
            while at < len(mine) and mine[at][1].end <= start:
                at += 1
            # What stands in no sentence (a bullet, words meant for the grader) is not read.
            if at < len(mine) and mine[at][1].start <= start:
                ids.append(token)
                places.append(mine[at][0])
        _extend(made, opening, ids, [1] * len(ids), places)
        reply += 1
    return [window for window in made if any(window.spoken)]


def _opened(opening: list[int]) -> Window:
    return Window(list(opening), [0] * len(opening), [-1] * len(opening))


def _extend(made: list[Window], opening: list[int], ids: list[int], spoken: list[int], places: list[int]) -> None:
    """Add a turn to the last window, going on in a new one where it is full."""
    at = 0
    while at < len(ids):
        room = WINDOW - len(made[-1].ids) - 1
        if room < 32:
            made.append(_opened(opening))
            continue
        window, end = made[-1], min(len(ids), at + room)
        window.ids += [*ids[at:end], SEP]
        window.spoken += [*spoken[at:end], spoken[at]]
        window.sentence += [*places[at:end], -1]
        at = end


def describe(item: Item) -> str:
    """Return the words an item is known by to the network."""
    return ". ".join([item.text, *item.angles])


def item_vectors(encoder: Encoder, texts: Sequence[str]) -> Array:
    """Return (texts, d), sentence vectors at the scale of token vectors."""
    return np.asarray(encoder.encode(texts) * np.sqrt(encoder.dimensions), np.float32)


def meta(level: Level, kind: Kind) -> Array:
    """Return what the heads are told about the interview, as zeros and ones."""
    told = (
        level is Level.STAFF,
        kind.hypothetical,
        kind is Kind.DEEP_DIVE,
        kind is Kind.CODING,
    )
    return np.array(told, np.float32)


@dataclass(frozen=True, slots=True)
class Logits:
    """What the heads say about one exchange and a list of items.

    Attributes:
        rating: (items, 3), one logit for each step of 0 to 3.
        probe: (items, 2), one for each step of 0 to 2.
        flag: (items,).
        scope: (2,), below to at, at to above.
        evidence: (items, sentences), the higher the likelier the sentence carries the item; 0 is as likely as that
            none of them does.
    """

    rating: Array
    probe: Array
    flag: Array
    scope: Array
    evidence: Array


class Heads:
    """The small part of the network, in numpy."""

    def __init__(self, weights: dict[str, Array]) -> None:
        self._w = weights

    @classmethod
    def load(cls, path: Path) -> "Heads":
        """Read the weights; they are stored in half precision."""
        with np.load(path) as stored:
            return cls({name: stored[name].astype(np.float32) for name in stored.files})

    def _linear(self, name: str, x: Array) -> Array:
        return np.asarray(x @ self._w[name + ".weight"].T + self._w[name + ".bias"], np.float32)

    def aside(self, sentences: Array) -> Array:
        """Return (sentences,), the higher the likelier a sentence speaks to the grader, from its sentence vector."""
        return self._linear("aside", sentences)[:, 0]

    def read(
        self, states: Array, spoken: Array, sentence: NDArray[np.int_], first: Array, items: Array, about: Array
    ) -> Logits:
        """Rate one exchange.

        Args:
            states: (tokens, d) of all windows together.
            spoken: (tokens,), 1 for the candidate's.
            sentence: (tokens,), position of the sentence, -1 for none.
            first: (d,), the mean of the windows' first token.
            items: (items, d), item vectors.
            about: (4,), from `meta`.
        """
        said = states[spoken > 0]
        rows = len(items)
        near = self._near(self._linear("query", items), self._linear("key", said))
        found = np.einsum("iht,thd->ihd", near, self._linear("value", said).reshape(-1, HEADS, HEAD_SIZE))
        # A sentence is the mean of its tokens; one without tokens is left out of everything.
        place = sentence[spoken > 0]
        inside = (place[None] == np.arange(int(place.max(initial=-1)) + 1)[:, None]).astype(np.float32)
        size = inside.sum(1)
        parts = inside @ said / np.maximum(size, 1)[:, None]
        seen = np.einsum("iht,st->ish", near, inside)
        match = self._linear("wanted_match", items)[:, None] * self._linear("part_match", parts)[None]
        joined = self._linear("wanted", items)[:, None] + self._linear("part", parts)[None] + match
        evidence = self._linear("evidence", _gelu(joined + self._linear("seen", seen)))[..., 0]
        evidence[:, size == 0] = -1e4
        # Carried by none of the sentences is one of the choices, with logit 0.
        share = _softmax(np.concatenate([np.zeros((rows, 1), np.float32), evidence], axis=1))
        whole = first + said.mean(0)
        asked = states[spoken == 0].mean(0)
        told = np.tile(np.concatenate([whole, asked]), (rows, 1))
        joined = np.concatenate(
            [found.reshape(rows, -1), share[:, 1:] @ parts, told, items, share[:, :1], np.tile(about, (rows, 1))],
            axis=1,
            dtype=np.float32,
        )
        hidden = _gelu(self._linear("mix", joined)) * _sigmoid(self._linear("gate", items))
        a, b, c = np.split(self._linear("among", hidden), 3, axis=1)
        others = np.einsum("ihj,jhd->ihd", self._near(a, b), c.reshape(-1, HEADS, HEAD_SIZE))
        hidden = hidden + self._linear("joint", others.reshape(rows, -1))
        return Logits(
            rating=self._linear("rating", hidden),
            probe=self._linear("probe", hidden),
            flag=self._linear("flag", hidden)[:, 0],
            scope=self._linear("scope", np.concatenate([whole, about])),
            evidence=evidence,
        )

    @staticmethod
    def _near(query: Array, key: Array) -> Array:
        """Return (queries, HEADS, keys), how far each query attends to each key."""
        a, b = query.reshape(-1, HEADS, HEAD_SIZE), key.reshape(-1, HEADS, HEAD_SIZE)
        return _softmax(np.einsum("ihd,jhd->ihj", a, b) / np.sqrt(HEAD_SIZE))


def _softmax(x: Array) -> Array:
    e = np.exp(x - x.max(-1, keepdims=True))
    return np.asarray(e / e.sum(-1, keepdims=True), np.float32)


def _sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x)), np.float32)


def _gelu(x: Array) -> Array:
    # The tanh form; the training uses the same.
    return np.asarray(0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))), np.float32)
