"""Labelled replies as the embedded grader's network is trained on them, with variants of each."""

import json
import random
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from interviewer.bench.calibration import Labelled
from interviewer.embedding import load_encoder, load_tokenizer
from interviewer.engines.embedded.reader import Window, describe, item_vectors, meta, windows
from interviewer.engines.embedded.reading import Sentence, sentences
from interviewer.grading.rating import Evidence, Scope, Turn
from interviewer.guide.model import Guide, Item, Kind, Level
from interviewer.settings import ROOT

FILLERS = ROOT / "interviewer" / "bench" / "fillers.json"
PHRASES = ROOT / "knowledge" / "phrases.toml"


@dataclass
class Example:
    """One reply, or a variant of it, as the network is trained on it.

    Attributes:
        lower: What the network starts from, one tensor a window.
        steps: (items, 3), whether each step of the scale is reached; -1 where unknown.
        spans: For each item, which sentences carry it; None where none is marked.
        overall: 1 to 4; 0 where unknown.
    """

    windows: list[Window]
    lower: list[Tensor]
    rows: list[int]
    steps: Tensor
    spans: list[Tensor | None]
    scope: int
    overall: int
    about: Tensor
    level: Level
    kind: Kind


class Examples:
    """Makes examples: the items' places and wordings, the replies and their variants."""

    def __init__(
        self, guide: Guide, lower: Callable[[Window], Tensor], seed: int, held_out: Sequence[str] = ()
    ) -> None:
        """Lay out the items of a guide.

        Args:
            guide: Where the items come from.
            lower: What the network starts from, for a window.
            seed: Seed of the variants.
            held_out: Ids of items whose labels are left unknown.
        """
        self.guide = guide
        self.random = random.Random(seed)
        self.tokenizer = load_tokenizer()
        self._lower = lower
        self.list: list[Item] = [*guide.look_fors, *guide.expectations, *guide.probes, *guide.red_flags]
        self.row = {item.id: n for n, item in enumerate(self.list)}
        self.held_out = frozenset(held_out)
        self.kind_of = (
            ["rating"] * (len(guide.look_fors) + len(guide.expectations))
            + ["probe"] * len(guide.probes)
            + ["flag"] * len(guide.red_flags)
        )
        phrases = tomllib.loads(PHRASES.read_text(encoding="utf-8"))
        known = load_encoder()
        # Items are vectors of the sentence encoder as it is, so that a wording never trained on lies among its like.
        self.worded = [
            torch.from_numpy(item_vectors(known, [describe(item), item.text, *_phrases(phrases, item.id)]))
            for item in self.list
        ]
        self.fillers: dict[str, list[str]] = json.loads(FILLERS.read_text(encoding="utf-8"))

    def example(self, one: Labelled) -> Example:
        """Return a labelled reply as an example."""
        exchange = one.exchange
        found = sentences(exchange.replies)
        laid = windows(exchange, found, self.tokenizer)
        rows, steps, spans = [], [], []
        probes = {probe.id for probe in self.guide.probes}
        for rating in one.grade.ratings:
            rows.append(self.row[rating.item])
            top = 2 if rating.item in probes else 3
            reached = [float(rating.value > n) if n < top else -1.0 for n in range(3)]
            steps.append([-1.0] * 3 if rating.item in self.held_out else reached)
            spans.append(_carried(found, rating.evidence))
        raised = {flag.item: flag for flag in one.grade.flags}
        for flag in self.guide.red_flags:
            rows.append(self.row[flag.id])
            steps.append([float(flag.id in raised), -1.0, -1.0])
            spans.append(_carried(found, raised[flag.id].evidence if flag.id in raised else ()))
        return Example(
            windows=laid,
            lower=[self._lower(window) for window in laid],
            rows=rows,
            steps=torch.tensor(steps),
            spans=spans,
            scope=list(Scope).index(one.grade.scope),
            overall=one.overall,
            about=torch.from_numpy(meta(exchange.level, exchange.kind)),
            level=exchange.level,
            kind=exchange.kind,
        )

    def with_filler(self, one: Labelled) -> Labelled:
        """Return the reply with one to three sentences that show nothing; the labels stay, the spans move."""
        part = self.random.choice(list(self.fillers))
        added = self.random.sample(self.fillers[part], 1 if part == "instructions" else self.random.randint(1, 3))
        replies = list(one.exchange.replies)
        shift: list[tuple[int, int, int]] = []
        for text in added:
            n = self.random.randrange(len(replies))
            ends = [0, *(s.evidence.end for s in sentences(tuple(replies)) if s.evidence.reply == n)]
            at = self.random.choice(ends)
            piece = f"{text} " if at == 0 else f" {text}"
            replies[n] = replies[n][:at] + piece + replies[n][at:]
            shift.append((n, at, len(piece)))
        return _rewritten(one, replies, shift)

    def without_evidence(self, one: Labelled) -> tuple[Labelled, str] | None:
        """Return the reply without the sentences that carry one item, and the item; None when none can go."""
        shown = [r for r in one.grade.ratings if r.evidence and r.value >= 2]
        if not shown or len(one.exchange.replies) > 1:
            return None
        rating = self.random.choice(shown)
        reply = one.exchange.replies[0]
        gone = [s.evidence for s in sentences((reply,)) if any(_overlap(s.evidence, e) for e in rating.evidence)]
        for span in sorted(gone, key=lambda s: -s.start):
            reply = reply[: span.start] + reply[span.end :]
        if len(reply.split()) < 12:
            return None
        return _rewritten(one, [reply], []), rating.item

    def variants(self, one: Labelled) -> list[Example]:
        """Return the examples a training reply stands for: itself, two with filler, one with evidence removed."""
        made = [self.example(one), self.example(self.with_filler(one)), self.example(self.with_filler(one))]
        removed = self.without_evidence(one)
        if removed:
            example = self.example(removed[0])
            example.overall, example.scope = 0, -1
            steps = torch.full_like(example.steps, -1.0)
            # Known is only that the item is no longer shown by a concrete deed.
            steps[example.rows.index(self.row[removed[1]]), 1:] = 0.0
            if removed[1] in {p.id for p in self.guide.probes}:
                steps[example.rows.index(self.row[removed[1]]), 2] = -1.0
            example.steps, example.spans = steps, [None] * len(example.spans)
            made.append(example)
        return made

    def items(self) -> Tensor:
        """Return a vector an item, from its description or from one of its other wordings."""
        return torch.stack([w[self.random.randrange(len(w)) if self.random.random() < 0.5 else 0] for w in self.worded])


def _phrases(phrases: dict, item_id: str) -> list[str]:  # type: ignore[type-arg]
    found = []
    for table in phrases.values():
        if isinstance(table, dict):
            found += [p for p in table.get(item_id, []) if isinstance(p, str)]
    return found


def _overlap(a: Evidence, b: Evidence) -> bool:
    return a.reply == b.reply and a.start < b.end and b.start < a.end


def _carried(found: Sequence[Sentence], spans: Sequence[Evidence]) -> Tensor | None:
    if not spans:
        return None
    return torch.tensor([float(any(_overlap(s.evidence, span) for span in spans)) for s in found])


def _rewritten(one: Labelled, replies: list[str], shift: Sequence[tuple[int, int, int]]) -> Labelled:
    """Return a labelled reply with other words; spans move with the insertions."""

    def moved(span: Evidence) -> Evidence:
        start, end = span.start, span.end
        for reply, at, size in shift:
            if reply == span.reply:
                start += size * (at <= start)
                end += size * (at < end)
        return Evidence(span.reply, start, end)

    said = iter(replies)
    turns = tuple(Turn("candidate", next(said)) if t.speaker == "candidate" else t for t in one.exchange.turns)
    grade = replace(
        one.grade,
        ratings=tuple(replace(r, evidence=tuple(moved(e) for e in r.evidence)) for r in one.grade.ratings),
        flags=tuple(replace(f, evidence=tuple(moved(e) for e in f.evidence)) for f in one.grade.flags),
    )
    return replace(one, exchange=replace(one.exchange, turns=turns), grade=grade)
