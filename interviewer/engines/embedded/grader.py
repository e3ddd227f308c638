"""The embedded grader: similarity of each sentence to each item, and what the sentence shows on its face."""

import re
from collections.abc import Sequence

import numpy as np

from interviewer.embedding import Encoder
from interviewer.engines.embedded.reading import Sentence, features, sentences
from interviewer.engines.protocols import Graded
from interviewer.grading.rating import Exchange, Flag, Grade, Maker, NotAssessed, Rating, Scope, Ungraded
from interviewer.guide.model import Item, Rubric

VERSION = "similarity-1"
MIN_WORDS = 3
# Weight of each feature of a sentence towards "a concrete deed of one's own".
_DEED = {
    "own": 1.0,
    "number": 0.6,
    "outcome": 0.7,
    "reason": 0.5,
    "cost": 0.3,
    "names": 0.3,
    "would": -0.7,
    "negated": -0.1,
}
_ENGLISH = frozenset(
    """the a an and to of in i we it that was is for on with this my had but so they not as at have be were from our
    what when would there are if or you by because about all me then their which one how no do did just like them
    """.split()  # noqa: SIM905
)


class EmbeddedGrader:
    """Rates exchanges with no model to call."""

    spec = "embedded"

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def grade(self, exchange: Exchange, rubric: Rubric) -> Graded:
        """Rate an exchange."""
        words = re.findall(r"[a-z']+", " ".join(exchange.replies).lower())
        found = sentences(exchange.replies)
        if len(words) < MIN_WORDS or not found:
            return Graded(NotAssessed("Nothing was said that could be rated."))
        if len(words) >= 12 and sum(word in _ENGLISH for word in words) < 0.12 * len(words):
            return Graded(Ungraded("The reply is not in English, the only language this grader reads."))
        shown = np.array([features(s.text) for s in found])
        deed = np.clip(shown @ _weights(), 0, 3) / 3
        items = list(rubric.items())
        texts = [_describe(item) for item in items]
        vectors = self._encoder.encode([*(s.text for s in found), *texts])
        near = vectors[: len(found)] @ vectors[len(found) :].T
        ratings = [
            self._rate(item, near[:, n], deed, found, rubric.hypothetical, item in rubric.probes)
            for n, item in enumerate(items)
        ]
        grade = Grade(
            ratings=tuple(ratings),
            flags=tuple(_flags(rubric, shown, ratings)),
            scope=Scope.AT if deed.max(initial=0) > 0.4 else Scope.BELOW,
            maker=Maker(engine=self.spec, version=VERSION),
        )
        return Graded(grade)

    def _rate(
        self, item: Item, near: np.ndarray, deed: np.ndarray, found: Sequence[Sentence], hypothetical: bool, probe: bool
    ) -> Rating:
        strength = np.clip(near * 2.2, 0, 1) * 0.5 + deed * 0.5 * (near > 0.05)
        best = int(strength.argmax())
        top = float(strength[best])
        cuts = (0.3, 0.5) if probe else (0.25, 0.42, 0.62)
        value = sum(top >= cut for cut in cuts)
        if hypothetical and item.max_if_hypothetical is not None:
            value = min(value, item.max_if_hypothetical)
        margin = min(abs(top - cut) for cut in cuts)
        return Rating(
            item=item.id,
            value=value,
            confidence=round(min(0.9, 0.4 + 2 * margin), 2),
            evidence=(found[best].evidence,) if value >= 2 else (),
        )


def _weights() -> np.ndarray:
    from interviewer.engines.embedded.reading import FEATURES

    return np.array([_DEED.get(name, 0.0) for name in FEATURES])


def _describe(item: Item) -> str:
    return ". ".join([item.text, *item.angles])


def _flags(rubric: Rubric, shown: np.ndarray, ratings: Sequence[Rating]) -> list[Flag]:
    return []
