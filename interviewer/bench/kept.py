"""Gradings by a model, kept on disk: a bench that is run again asks for none that it has had before."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from interviewer.cost import Tally, in_words
from interviewer.engines.llm.grader import VERSION
from interviewer.engines.protocols import Graded, Grader, Usage
from interviewer.grading.rating import Assessment, Exchange, Ungraded
from interviewer.guide.model import Rubric
from interviewer.settings import ModelSettings

_KEPT: TypeAdapter[Assessment] = TypeAdapter(Assessment)
# How a model is reached and what it costs do not change what it answers.
_NO_MATTER = {"timeout", "retries", "api_key_env", "price_in", "price_cached", "price_out"}
# Where an item stands in its file and how an interviewer asks about it do not change how it is rated.
_NOT_RATED = {"line", "angles"}


class KeptGrader:
    """A grader whose grades are kept; what could not be graded is asked for again.

    Attributes:
        spec: The grader's own.
    """

    def __init__(self, grader: Grader, models: Sequence[ModelSettings], prompt_hash: str, folder: Path) -> None:
        """Set up the grader.

        Args:
            grader: Who grades what is not there yet.
            models: Its settings and those of its fallbacks; a grade is only used again under the same.
            prompt_hash: Hash of the grading prompt.
            folder: Where grades are kept; it is made.
        """
        self.spec = grader.spec
        self._grader = grader
        self._made_by = [VERSION, prompt_hash, *(model.model_dump_json(exclude=_NO_MATTER) for model in models)]
        self._folder = folder
        self._times: Counter[str] = Counter()
        self._used: list[Usage] = []
        self._asked = 0

    def grade(self, exchange: Exchange, rubric: Rubric) -> Graded:
        """Rate an exchange; the second time it is asked for in one run is another grading than the first."""
        key = self._key(exchange, rubric)
        file = self._folder / f"{key}.json"
        graded = _read(file)
        if graded is None:
            self._asked += 1
            graded = self._grader.grade(exchange, rubric)
            if not isinstance(graded.assessment, Ungraded):
                self._folder.mkdir(parents=True, exist_ok=True)
                file.write_text(json.dumps(_written(graded)), encoding="utf-8")
        self._used.append(graded.usage)
        return graded

    def work(self) -> dict[str, Any]:
        """Return what the gradings so far took: how many this run asked for; tokens and price of all of them."""
        prices = [usage.price for usage in self._used if usage.price is not None]
        return {
            "gradings": len(self._used),
            "asked": self._asked,
            "tokens_in": sum(usage.tokens_in for usage in self._used),
            "tokens_cached": sum(usage.tokens_cached for usage in self._used),
            "tokens_out": sum(usage.tokens_out for usage in self._used),
            "price": sum(prices) if prices else None,
            "unpriced": sum(usage.price is None for usage in self._used if usage.tokens_in or usage.tokens_out),
        }

    def _key(self, exchange: Exchange, rubric: Rubric) -> str:
        items = [
            {name: value for name, value in asdict(item).items() if name not in _NOT_RATED}
            for item in (*rubric.items(), *rubric.red_flags)
        ]
        whole = json.dumps([self._made_by, asdict(exchange), items, rubric.aims])
        self._times[whole] += 1
        return sha256(f"{self._times[whole]} {whole}".encode()).hexdigest()[:32]


def render(work: dict[str, Any]) -> str:
    """Return what the gradings took in one line."""
    found = Tally(
        pieces=work["gradings"],
        tokens_in=work["tokens_in"],
        tokens_cached=work["tokens_cached"],
        tokens_out=work["tokens_out"],
        price=work["price"],
        whole=not work["unpriced"],
    )
    return f"{work['gradings']} gradings, {work['asked']} of them asked for in this run: {in_words(found)}"


def _written(graded: Graded) -> dict[str, Any]:
    return {"assessment": _KEPT.dump_python(graded.assessment, mode="json"), "usage": asdict(graded.usage)}


def _read(file: Path) -> Graded | None:
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        return Graded(_KEPT.validate_python(kept["assessment"]), Usage(**kept["usage"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None  # not there, or cut off while it was written
