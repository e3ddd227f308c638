"""The embedded grader: reads an exchange once and rates every item of the rubric, with no model to call.

The network (reader.py) says how far each item is shown and which sentence
carries it; thresholds settled on the development split turn that into ratings,
and every 2 or 3 quotes a sentence or two. Weights, thresholds and their figures
stand in weights/.
"""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interviewer.embedding import Encoder, TokenEncoder, load_tokenizer
from interviewer.engines.embedded.reader import Heads, Logits, describe, item_vectors, meta, windows
from interviewer.engines.protocols import Graded
from interviewer.grading.rating import (
    SHOWN,
    Evidence,
    Exchange,
    Flag,
    Grade,
    Maker,
    NotAssessed,
    Rating,
    Scope,
    Ungraded,
)
from interviewer.grading.sentences import Sentence, sentences
from interviewer.guide.model import Item, Rubric
from interviewer.interview.intent import read_intent

WEIGHTS = Path(__file__).parent / "weights"
MIN_WORDS = 3
# A second sentence is quoted unless the network holds it less than a tenth as likely as the first.
NEAR = math.log(10)
# A reply with a smaller share of these words is in another language; English speech of any sort has three times that.
ENGLISH_SHARE = 0.12
_ENGLISH = frozenset(
    """the a an and to of in i we it that was is for on with this my had but so they not as at have be were from our
    what when would there are if or you by because about all me then their which one how no do did just like them
    """.split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What turns logits into ratings, settled on the development split.

    Attributes:
        rating: Logit each step of 0 to 3 must pass.
        probe: The same for 0 to 2.
        flag: Logit a red flag must pass.
        scope: Logits between below and at, at and above.
        temperature: Divides logits before they become confidences.
        aside: Logit above which a sentence is taken to speak to the grader.
        own: Thresholds of single items and flags, by id, where enough labels settled them; the ones above serve
            every other, such as another guide's.
    """

    rating: tuple[float, ...] = (0.0, 0.0, 0.0)
    probe: tuple[float, ...] = (0.0, 0.0)
    flag: float = 0.0
    scope: tuple[float, ...] = (0.0, 0.0)
    temperature: float = 1.0
    aside: float = 1e4
    own: dict[str, tuple[float, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, stored: dict[str, Any]) -> "Thresholds":
        """Return the thresholds of a card."""
        return cls(
            rating=tuple(stored["rating"]),
            probe=tuple(stored["probe"]),
            flag=stored["flag"],
            scope=tuple(stored["scope"]),
            temperature=stored["temperature"],
            aside=stored["aside"],
            own={item: tuple(cuts) for item, cuts in stored["own"].items()},
        )


class EmbeddedGrader:
    """Rates exchanges on this machine, repeatably."""

    spec = "embedded"

    def __init__(self, encoder: Encoder, folder: Path = WEIGHTS, thresholds: Thresholds | None = None) -> None:
        """Load the weights.

        Args:
            encoder: The sentence encoder, for the items' own words; it remembers what it has encoded.
            folder: Where encoder.onnx, heads.npz and card.json stand.
            thresholds: In place of those of the card.
        """
        self._sentences = encoder
        self._encoder = TokenEncoder(folder / "encoder.onnx")
        self._tokenizer = load_tokenizer()
        self._heads = Heads.load(folder / "heads.npz")
        card = json.loads((folder / "card.json").read_text(encoding="utf-8")) if thresholds is None else {}
        self.version = str(card.get("version", "unsettled"))
        self._calibration = str(card.get("calibration", ""))
        self.at = thresholds or Thresholds.of(card["thresholds"])

    def grade(self, exchange: Exchange, rubric: Rubric) -> Graded:
        """Rate an exchange; the same exchange always gets the same grade."""
        said = " ".join(exchange.replies)
        words = re.findall(r"[^\W\d_]+", said.lower())
        found = self.heard(exchange)
        intent = read_intent(said)
        if not _english(said, words) or intent == "language":
            return Graded(Ungraded("The reply is not in English, the only language this grader reads."))
        # That there is no example is an answer, in however few words.
        if (len(words) < MIN_WORDS and intent != "no_example") or not found:
            return Graded(NotAssessed("Nothing was said that could be rated."))
        items = list(rubric.items())
        # Items are read beside each other: so that ratings do not depend on it, what is not asked about is read too.
        logits = self.read(exchange, found, [*items, *rubric.red_flags, *rubric.not_asked])
        ratings = tuple(
            self._rate(item, n, logits, found, rubric, probe=item in rubric.probes) for n, item in enumerate(items)
        )
        flags = []
        for n, flag in enumerate(rubric.red_flags, len(items)):
            (cut,) = self.at.own.get(flag.id, (self.at.flag,))
            if logits.flag[n] > cut:
                evidence = _quoted(logits.evidence[n], found, 1) if flag.evidence == "said" else ()
                flags.append(Flag(flag.id, round(self._sigmoid(logits.flag[n] - cut), 2), evidence))
        scope = list(Scope)[sum(logits.scope[s] > self.at.scope[s] for s in range(2))]
        maker = Maker(engine=self.spec, version=self.version, calibration=self._calibration)
        return Graded(Grade(ratings, tuple(flags), scope, maker))

    def heard(self, exchange: Exchange) -> list[Sentence]:
        """Return the sentences that are read: all but those that turn out to speak to the grader."""
        found = sentences(exchange.replies)
        if not found:
            return []
        asides = self.aside([sentence.text for sentence in found])
        return [sentence for sentence, aside in zip(found, asides, strict=True) if aside <= self.at.aside] or found

    def aside(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return how plainly each sentence speaks to the grader, as logits."""
        return self._heads.aside(self._sentences.encode(texts))

    def read(self, exchange: Exchange, found: Sequence[Sentence], items: Sequence[Item]) -> Logits:
        """Return what the network says of an exchange on some items, from the sentences given."""
        laid = windows(exchange, found, self._tokenizer)
        states = self._encoder.states([w.ids for w in laid], [w.spoken for w in laid])
        return self._heads.read(
            states=np.concatenate(states),
            spoken=np.array([s for w in laid for s in w.spoken]),
            sentence=np.array([s for w in laid for s in w.sentence]),
            first=np.mean([s[0] for s in states], axis=0),
            items=item_vectors(self._sentences, [describe(item) for item in items]),
            about=meta(exchange.level, exchange.kind),
        )

    def _rate(
        self, item: Item, n: int, logits: Logits, found: Sequence[Sentence], rubric: Rubric, *, probe: bool
    ) -> Rating:
        given = logits.probe[n] if probe else logits.rating[n]
        cuts = self.at.own.get(item.id) or (self.at.probe if probe else self.at.rating)
        # A later step counts only where the earlier ones are passed.
        value = next((k for k, cut in enumerate(cuts) if given[k] <= cut), len(cuts))
        if rubric.hypothetical and item.max_if_hypothetical is not None:
            value = min(value, item.max_if_hypothetical)
        reached = [1.0, *(self._sigmoid(g - cut) for g, cut in zip(given, cuts, strict=True)), 0.0]
        confidence = max(0.0, reached[value] - reached[value + 1])
        evidence = _quoted(logits.evidence[n], found, 2) if value >= SHOWN else ()
        return Rating(item.id, value, round(confidence, 2), evidence)

    def _sigmoid(self, logit: float) -> float:
        return float(1 / (1 + np.exp(-logit / self.at.temperature)))


def _quoted(evidence: NDArray[np.float32], found: Sequence[Sentence], most: int) -> tuple[Evidence, ...]:
    """Return the likeliest sentence, and a second that is not far less likely, in the order they were said."""
    best = np.argsort(-evidence, kind="stable")[:most]
    return tuple(found[n].evidence for n in sorted(best) if evidence[n] >= evidence[best[0]] - NEAR)


def _english(said: str, words: Sequence[str]) -> bool:
    """Whether a reply reads as English; a very short one in Latin letters is taken to be."""
    letters = [c for c in said if c.isalpha()]
    if sum(c < "\u0250" for c in letters) < 0.7 * len(letters):
        return False
    return len(words) < 12 or sum(word in _ENGLISH for word in words) >= ENGLISH_SHARE * len(words)
