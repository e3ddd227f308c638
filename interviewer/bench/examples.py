"""Labelled replies as the embedded grader's network is trained on them, with variants of each."""

import json
import random
import re
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import Tensor
from torch.nn import functional as F

from interviewer.bench.labels import Labelled
from interviewer.embedding import load_encoder, load_tokenizer
from interviewer.engines.embedded.reader import Window, describe, item_vectors, meta, windows
from interviewer.grading.rating import SHOWN, Evidence, Flag, Scope, Turn
from interviewer.grading.sentences import Sentence, sentences
from interviewer.guide.model import Guide, Item, Kind, Level
from interviewer.settings import ROOT

FILLERS = ROOT / "interviewer" / "bench" / "fillers.json"
WORDINGS = ROOT / "interviewer" / "bench" / "wordings.json"
PHRASES = ROOT / "knowledge" / "phrases.toml"
INSTRUCTIONS = "instructions"
WORTHLESS = ("padding", "boasts", "rubric")
# Said by a candidate who puts a failure on others, and near the same words from one who does not.
BLAME, OWNED = "blame", "owned"
BLAMES_OTHERS = "blames-others"
KINDS = list(Kind)


@dataclass
class Example:
    """One reply, or a variant of it, as the network is trained on it.

    Attributes:
        lower: What the network starts from, one tensor a window; filled in by the training.
        rated: (items,), whether the reply's rubric holds the item.
        steps: (items, 3), whether each step of the scale is reached; -1 where unknown.
        shown: (items,), 1 where sentences are marked that carry the item, 0 where none does, -1 where unknown.
        marks: (items, sentences), 1 or 2 for a sentence that carries the item, 0 for one that does not.
        overall: 1 to 4; 0 where unknown.
    """

    windows: list[Window]
    lower: list[Tensor]
    rated: Tensor
    steps: Tensor
    shown: Tensor
    marks: Tensor
    scope: int
    overall: int
    about: Tensor
    level: Level
    kind: Kind


@dataclass
class Batch:
    """What is known of a batch of exchanges, padded to the longest."""

    place: Tensor
    asked: Tensor
    spoken: Tensor
    about: Tensor
    kind: Tensor
    rated: Tensor
    steps: Tensor
    shown: Tensor
    marks: Tensor
    scope: Tensor
    overall: Tensor


class Examples:
    """Makes examples: the items' places and wordings, the replies and their variants."""

    def __init__(self, guide: Guide, seed: int, held_out: Sequence[str] = ()) -> None:
        """Lay out the items of a guide.

        Args:
            guide: Where the items come from.
            seed: Seed of the variants.
            held_out: Ids of items whose labels are left unknown.
        """
        self.guide = guide
        self.random = random.Random(seed)
        self.tokenizer = load_tokenizer()
        self.list: list[Item] = [*guide.look_fors, *guide.expectations, *guide.probes, *guide.red_flags]
        self.row = {item.id: n for n, item in enumerate(self.list)}
        self.held_out = frozenset(held_out)
        self.kind_of = (
            ["rating"] * (len(guide.look_fors) + len(guide.expectations))
            + ["probe"] * len(guide.probes)
            + ["flag"] * len(guide.red_flags)
        )
        phrases = tomllib.loads(PHRASES.read_text(encoding="utf-8"))
        other = json.loads(WORDINGS.read_text(encoding="utf-8"))
        known = load_encoder()
        # Items are vectors of the sentence encoder as it is, so that a wording never trained on lies among its like.
        self.worded = [
            torch.from_numpy(
                item_vectors(known, [describe(item), item.text, *_phrases(phrases, item.id), *other.get(item.id, [])])
            )
            for item in self.list
        ]
        self.fillers: dict[str, list[str]] = json.loads(FILLERS.read_text(encoding="utf-8"))

    def example(self, one: Labelled) -> Example:
        """Return a labelled reply as an example."""
        exchange = one.exchange
        found = sentences(exchange.replies)
        laid = windows(exchange, found, self.tokenizer)
        count = len(self.list)
        rated, steps = torch.zeros(count, dtype=torch.bool), torch.full((count, 3), -1.0)
        shown, marks = torch.full((count,), -1.0), torch.zeros(count, len(found))
        for rating in one.grade.ratings:
            row = self.row[rating.item]
            rated[row] = True
            top = 2 if self.kind_of[row] == "probe" else 3
            steps[row, :top] = torch.tensor([float(rating.value > n) for n in range(top)])
            self._mark(row, found, rating.evidence, rating.value >= SHOWN, shown, marks)
        raised = {flag.item: flag for flag in one.grade.flags}
        for flag in self.guide.red_flags:
            row = self.row[flag.id]
            rated[row] = True
            steps[row, 0] = float(flag.id in raised)
            spans = raised[flag.id].evidence if flag.id in raised else ()
            self._mark(row, found, spans, flag.id in raised, shown, marks)
        for item in self.held_out:
            steps[self.row[item]], shown[self.row[item]] = -1.0, -1.0
        return Example(
            windows=laid,
            lower=[],
            rated=rated,
            steps=steps,
            shown=shown,
            marks=marks,
            scope=list(Scope).index(one.grade.scope),
            overall=one.overall,
            about=torch.from_numpy(meta(exchange.level, exchange.kind)),
            level=exchange.level,
            kind=exchange.kind,
        )

    def _mark(
        self, row: int, found: Sequence[Sentence], spans: Sequence[Evidence], there: bool, shown: Tensor, marks: Tensor
    ) -> None:
        # What both readers marked counts twice.
        carried = [float(min(2, sum(_overlap(s.evidence, span) for span in spans))) for s in found]
        if not there:
            shown[row] = 0.0
        elif any(carried):
            shown[row], marks[row] = 1.0, torch.tensor(carried)

    def with_sentences(self, one: Labelled, texts: Sequence[str]) -> tuple[Labelled, list[Evidence]]:
        """Return the reply with texts put between its sentences, and where they stand; the spans move."""
        replies = list(one.exchange.replies)
        added: list[Evidence] = []
        for text in texts:
            n = self.random.randrange(len(replies))
            ends = [0, *(s.evidence.end for s in sentences(tuple(replies)) if s.evidence.reply == n)]
            at = self.random.choice(ends)
            piece = f"{text} " if at == 0 else f" {text}"
            replies[n] = replies[n][:at] + piece + replies[n][at:]
            added = [_moved(span, n, at, len(piece)) for span in added]
            one = _with_spans(one, partial(_moved, reply=n, at=at, size=len(piece)))
            start = at + piece.index(text)
            added.append(Evidence(n, start, start + len(text)))
        return _with_replies(one, replies), added

    def with_filler(self, one: Labelled, part: str) -> Labelled:
        """Return the reply with sentences of one part of the fillers, which change no label."""
        count = self.random.randint(1, 3) if part not in (INSTRUCTIONS, OWNED) else 1
        return self.with_sentences(one, self.random.sample(self.fillers[part], count))[0]

    def with_blame(self, one: Labelled) -> Labelled:
        """Return the reply with words that put a failure on others; its overall is no longer known."""
        worse, added = self.with_sentences(one, self.random.sample(self.fillers[BLAME], 1))
        flags = [flag for flag in worse.grade.flags if flag.item != BLAMES_OTHERS]
        before = [span for flag in worse.grade.flags if flag.item == BLAMES_OTHERS for span in flag.evidence]
        raised = Flag(BLAMES_OTHERS, 1.0, (*before, *added))
        return replace(worse, grade=replace(worse.grade, flags=(*flags, raised)), overall=0)

    def without_evidence(self, one: Labelled) -> list[tuple[Labelled, str]]:
        """Return the reply without the sentences that carry an item, and the item, for each item it can lose."""
        found = sentences(one.exchange.replies)
        made = []
        for rating in one.grade.ratings:
            if rating.value < SHOWN:
                continue
            gone = [s.evidence for s in found if any(_overlap(s.evidence, e) for e in rating.evidence)]
            left = list(one.exchange.replies)
            for span in sorted(gone, key=lambda s: -s.start):
                left[span.reply] = left[span.reply][: span.start] + left[span.reply][span.end :]
            if gone and all(reply.strip() for reply in left) and sum(len(reply.split()) for reply in left) >= 12:
                made.append((_with_replies(one, left), rating.item))
        return made

    def variants(self, one: Labelled, other_words: Sequence[Sequence[str]] = ()) -> list[list[Example]]:
        """Return what a training reply stands for.

        Args:
            one: The reply.
            other_words: Paraphrases of it, each its replies.

        Returns:
            Four groups: itself and its paraphrases; with filler added; with evidence removed; with blame added.
        """
        same = [self.example(one), *(self._reworded(one, replies) for replies in other_words)]
        parts = [INSTRUCTIONS, *WORTHLESS]
        # A candidate who owned up in the reply itself does not blame others by one sentence.
        blame = self.random.random() < 0.5 and not re.search(r"\bown(s|ed)\b", one.case)
        filled = [self.example(self.with_filler(one, part)) for part in (parts if blame else [*parts, OWNED])]
        removed = self.without_evidence(one)
        cut = [self._less(*less) for less in self.random.sample(removed, min(2, len(removed)))]
        return [same, filled, cut, [self.example(self.with_blame(one))] if blame else []]

    def _reworded(self, one: Labelled, replies: Sequence[str]) -> Example:
        """Return a paraphrase as an example: every rating is known, but not which words carry it."""
        bare = _with_spans(_with_replies(one, list(replies)), lambda _: None)
        return self.example(bare)

    def _less(self, one: Labelled, item: str) -> Example:
        """Return an example of which is known only that one item is no longer shown by a concrete deed."""
        example = self.example(one)
        row = self.row[item]
        steps, shown = torch.full_like(example.steps, -1.0), torch.full_like(example.shown, -1.0)
        steps[row, 1 : 2 if self.kind_of[row] == "probe" else 3], shown[row] = 0.0, 0.0
        return replace(example, steps=steps, shown=shown, overall=0, scope=-1)

    def items(self) -> Tensor:
        """Return a vector an item, from its description or from one of its other wordings."""
        return torch.stack([w[self.random.randrange(len(w)) if self.random.random() < 0.5 else 0] for w in self.worded])


def known_of(batch: Sequence[Example]) -> Batch:
    """Return what is known of a batch, padded to its longest exchange and the most sentences."""
    place = [torch.tensor([s for w in e.windows for s in w.sentence]) for e in batch]
    spoken = [torch.tensor([s for w in e.windows for s in w.spoken]) for e in batch]
    length, sentences = max(map(len, place)), max(e.marks.shape[-1] for e in batch)

    def padded(rows: Sequence[Tensor], size: int, value: float) -> Tensor:
        return torch.stack([F.pad(row, (0, size - row.shape[-1]), value=value) for row in rows])

    return Batch(
        place=padded(place, length, -1),
        spoken=padded(spoken, length, 0) == 1,
        asked=padded(spoken, length, 1) == 0,
        about=torch.stack([e.about for e in batch]),
        kind=torch.tensor([KINDS.index(e.kind) for e in batch]),
        rated=torch.stack([e.rated for e in batch]),
        steps=torch.stack([e.steps for e in batch]),
        shown=torch.stack([e.shown for e in batch]),
        marks=padded([e.marks for e in batch], sentences, 0),
        scope=torch.tensor([e.scope for e in batch]),
        overall=torch.tensor([e.overall for e in batch]),
    )


def _phrases(phrases: dict, item_id: str) -> list[str]:  # type: ignore[type-arg]
    found = []
    for table in phrases.values():
        if isinstance(table, dict):
            found += [p for p in table.get(item_id, []) if isinstance(p, str)]
    return found


def _overlap(a: Evidence, b: Evidence) -> bool:
    return a.reply == b.reply and a.start < b.end and b.start < a.end


def _moved(span: Evidence, reply: int, at: int, size: int) -> Evidence:
    """Return where a span stands after an insertion."""
    if span.reply != reply:
        return span
    return Evidence(reply, span.start + size * (at <= span.start), span.end + size * (at < span.end))


def _with_spans(one: Labelled, change: Callable[[Evidence], Evidence | None]) -> Labelled:
    """Return a labelled reply with its spans changed, or taken out where nothing is returned."""

    def changed(spans: Sequence[Evidence]) -> tuple[Evidence, ...]:
        return tuple(span for span in map(change, spans) if span is not None)

    grade = replace(
        one.grade,
        ratings=tuple(replace(r, evidence=changed(r.evidence)) for r in one.grade.ratings),
        flags=tuple(replace(f, evidence=changed(f.evidence)) for f in one.grade.flags),
    )
    return replace(one, grade=grade)


def _with_replies(one: Labelled, replies: Sequence[str]) -> Labelled:
    """Return a labelled reply with other words."""
    said = iter(replies)
    turns = tuple(Turn("candidate", next(said)) if t.speaker == "candidate" else t for t in one.exchange.turns)
    return replace(one, exchange=replace(one.exchange, turns=turns))
