"""Settings to a Service: the only place that knows every part."""

import contextlib
import threading
from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from interviewer.engines.protocols import Grader, Interviewer
from interviewer.guide.facts import floor, in_common
from interviewer.guide.kept import Guides
from interviewer.guide.markdown import read_guide
from interviewer.guide.model import Chunk, Fact, Finding, Guide, Kind, Level
from interviewer.prompts import load_prompt
from interviewer.review.regrade import Job
from interviewer.service import Engines, Service
from interviewer.settings import ModelSettings, Settings, api_key
from interviewer.store import open_store

if TYPE_CHECKING:
    from interviewer.embedding import Encoder
    from interviewer.engines.llm.examine import Proof
    from interviewer.guide.index import Index

# Retrievals that are kept.
REMEMBERED = 2048


class Parts:
    """The parts of one installation, each made when it is first asked for.

    The first screen needs the guide and the store only; the encoder, the index
    and the engines are made in the background or on first use.
    """

    def __init__(self, settings: Settings) -> None:
        """Read the guide.

        Raises:
            GuideError: When the guide cannot be used.
        """
        self.settings = settings
        self.guide: Guide
        self.findings: tuple[Finding, ...]
        self.guide, self.findings = read_guide([settings.guide])
        self._lock = threading.RLock()
        self._made: dict[str, Engines] = {}
        # Its own lock: building an index takes seconds, and the first question does not wait for it.
        self._index_lock = threading.Lock()

    def encoder(self) -> "Encoder":
        """Return the encoder that everything shares."""
        from interviewer.embedding import load_encoder

        return load_encoder()

    @cached_property
    def _index(self) -> "Index":
        from interviewer.guide.index import open_index

        return open_index(self.guide, self.encoder(), self.settings.data_dir / "index")

    @cached_property
    def _index_passages(self) -> "IndexPassages":
        return IndexPassages(self._index, self.encoder())

    @cached_property
    def _embedded_grader(self) -> Grader:
        from interviewer.engines.embedded.grader import EmbeddedGrader

        return EmbeddedGrader(self.encoder())

    @cached_property
    def _embedded_interviewer(self) -> Interviewer:
        from interviewer.engines.embedded.interviewer import EmbeddedInterviewer

        return EmbeddedInterviewer()

    def sensor(self) -> Grader:
        """Return the embedded grader."""
        with self._lock:
            return self._embedded_grader

    def passages(self) -> "IndexPassages":
        """Return retrieval over the guide."""
        with self._index_lock:
            return self._index_passages

    def interviewer(self) -> Interviewer:
        """Return who speaks, as configured."""
        with self._lock:
            return self._configured_interviewer

    def grader(self) -> Grader:
        """Return who grades, as configured."""
        with self._lock:
            return self._configured_grader

    @cached_property
    def _configured_interviewer(self) -> Interviewer:
        return self.interviewer_for(self.settings.interviewer)

    @cached_property
    def _configured_grader(self) -> Grader:
        return self.grader_for(self.settings.grader)

    def interviewer_for(self, model: ModelSettings) -> Interviewer:
        """Return the interviewer a model's settings describe."""
        if model.embedded:
            return self._embedded_interviewer
        from interviewer.engines.llm.build import build_interviewer

        guide = self.guide
        forbidden = (*guide.look_fors, *guide.expectations, *guide.probes, *guide.red_flags)
        return build_interviewer(self.settings, model, self._embedded_interviewer, forbidden)

    def grader_for(self, model: ModelSettings) -> Grader:
        """Return the grader a model's settings describe."""
        if model.embedded:
            return self.sensor()
        from interviewer.engines.llm.build import build_grader

        return build_grader(self.settings, model, self.sensor())

    def job(self, model: ModelSettings, level: Level | None = None, guide: Guide | None = None) -> Job:
        """Return how a model's settings grade answers once more, in a run of its own.

        Args:
            level: The bar; each interview's own when None.
            guide: The guide to grade on; the one in use when None.

        Raises:
            ConfigError: When a fallback is neither a profile nor a spec.
            PromptError: When the prompt file cannot be used.
        """
        prompt = "" if model.embedded else load_prompt(self.settings.prompts, "grade").hash
        return Job(self.grader_for(model), level, guide, prompt)

    def engines(self, name: str) -> Engines:
        """Return the engines of a profile, or of a bare spec, in both roles.

        Raises:
            ConfigError: When there is no such model.
        """
        model = self.settings.model(name)
        if name not in self._made:
            self._made[name] = Engines(
                lru_cache(lambda: self.interviewer_for(model)),
                lru_cache(lambda: self.grader_for(model)),
                (model.model, model.model),
            )
        return self._made[name]

    def prove(self, model: ModelSettings) -> "list[Proof]":
        """Try a configured model with the real grading schema; calls it twice at most."""
        from interviewer.engines.llm.examine import examine
        from interviewer.engines.llm.models import open_model

        rubric = self.guide.rubric(Level.SENIOR, Kind.BEHAVIORAL)
        return examine(open_model(model, api_key(model)), load_prompt(self.settings.prompts, "grade"), rubric)

    def service(self) -> Service:
        """Return the use cases over these parts.

        Raises:
            StoreError: When the transcripts cannot be opened.
        """
        store = open_store(self.settings.data_dir, self.settings.database)
        guides = Guides(self.settings.data_dir / "guides")
        # Without a copy, grades are read on whatever guide is in use later; that is no reason not to begin.
        with contextlib.suppress(OSError):
            guides.keep(self.settings.guide, self.guide)
        return Service(
            self.guide,
            store,
            self.passages,
            self.sensor,
            self.interviewer,
            self.grader,
            names=(self.settings.interviewer.model, self.settings.grader.model),
            chosen=self.engines,
            kept=guides.find,
            max_reply_chars=self.settings.max_reply_chars,
            budget=self.settings.budget,
        )

    def warm(self) -> None:
        """Make everything a first answer needs, so that it does not wait for it."""
        self.interviewer()
        self.encoder().encode(["warm"])
        self.sensor()
        self.grader()
        self.passages()


class IndexPassages:
    """Retrieval as the service asks for it."""

    def __init__(self, index: "Index", encoder: "Encoder") -> None:
        self._index = index
        self._encoder = encoder
        # A guide's questions and angles are asked for again and again, and one retrieval takes milliseconds.
        self._known = lru_cache(maxsize=REMEMBERED)(self._retrieved)

    def passages(self, query: str, level: Level, kind: Kind, k: int) -> tuple[Chunk, ...]:
        """Return passages meant for interviewers, best first."""
        return self._known(query, level, kind, k)

    def _retrieved(self, query: str, level: Level, kind: Kind, k: int) -> tuple[Chunk, ...]:
        hits = self._index.retrieve(query, k=k, level=level, kind=kind, audience="interviewer")
        return tuple(hit.chunk for hit in hits)

    def fact(self, question: str, facts: Sequence[Fact]) -> Fact | None:
        """Return the fact a question asks for: the nearest in meaning and words above a floor, or None."""
        if not facts:
            return None
        texts = [*(fact.line for fact in facts), *(fact.topic for fact in facts)]
        vectors = self._encoder.encode([question, *texts])
        near = vectors[1:] @ vectors[0]
        whole, topic = near[: len(facts)], near[len(facts) :]
        # A question often names the topic alone, so the topic by itself counts for half.
        likeness = np.maximum(whole, (whole + topic) / 2) + np.asarray(in_common(question, facts))
        best = int(likeness.argmax())
        return facts[best] if likeness[best] >= floor(question) else None


def build_service(settings: Settings) -> Service:
    """Return the use cases for these settings, ready for a first screen."""
    return Parts(settings).service()
