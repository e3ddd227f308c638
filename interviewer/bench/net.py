"""The embedded grader's network in PyTorch, and the loop that trains it."""

import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from interviewer.bench.examples import KINDS, Batch, Example, Examples, known_of
from interviewer.engines.embedded.reader import HEAD_SIZE, HEADS, META
from interviewer.grading import scorecard
from interviewer.guide.model import Level

SIZE = 384
WIDE = HEADS * HEAD_SIZE
LOSS = {"rating": 3.0, "probe": 1.0, "flag": 2.5, "scope": 0.8, "evidence": 2.0, "overall": 1.0, "alike": 0.3}


@dataclass
class Out:
    """What the heads say of a batch of exchanges: logits, in single precision."""

    rating: Tensor
    probe: Tensor
    flag: Tensor
    scope: Tensor
    evidence: Tensor


class Net(nn.Module):
    """The upper layers and the heads; reader.Heads is the same arithmetic in numpy."""

    def __init__(self, layers: Sequence[nn.Module] = ()) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)
        self.query, self.key, self.value = (nn.Linear(SIZE, WIDE) for _ in range(3))
        self.part, self.wanted = nn.Linear(SIZE, WIDE), nn.Linear(SIZE, WIDE)
        self.part_match, self.wanted_match = nn.Linear(SIZE, WIDE), nn.Linear(SIZE, WIDE)
        self.seen = nn.Linear(HEADS, WIDE)
        self.evidence = nn.Linear(WIDE, 1)
        self.mix = nn.Linear(WIDE + 4 * SIZE + 1 + META, 256)
        self.gate = nn.Linear(SIZE, 256)
        self.among = nn.Linear(256, 3 * WIDE)
        self.joint = nn.Linear(WIDE, 256)
        self.rating, self.probe, self.flag = nn.Linear(256, 3), nn.Linear(256, 2), nn.Linear(256, 1)
        self.scope = nn.Linear(SIZE + META, 2)
        self.drop = nn.Dropout(0.2)

    def upper(self, lower: Tensor, mask: Tensor) -> Tensor:
        """Run the trained layers over padded windows."""
        return run_layers(self.layers, lower, mask)

    def heads(self, states: Tensor, first: Tensor, items: Tensor, known: Batch) -> Out:
        """Return the logits of a batch of exchanges."""
        batch, tokens, _ = states.shape
        count = len(items)
        states = self.drop(states)
        spoken = known.spoken
        q = self.query(items).view(count, HEADS, HEAD_SIZE).permute(1, 0, 2)
        k = self.key(states).view(batch, tokens, HEADS, HEAD_SIZE).permute(0, 2, 3, 1)
        v = self.value(states).view(batch, tokens, HEADS, HEAD_SIZE).transpose(1, 2)
        near = (q[None] @ k).float() / HEAD_SIZE**0.5  # (batch, heads, items, tokens)
        near = near.masked_fill(~spoken[:, None, None, :], -1e4).softmax(-1)
        found = (near.to(v.dtype) @ v).permute(0, 2, 1, 3).reshape(batch, count, WIDE)
        # A sentence is the mean of its tokens; one without tokens is left out of everything.
        inside = F.one_hot(known.place + 1, int(known.marks.shape[-1]) + 1)[..., 1:].to(states.dtype)
        size = inside.sum(1)
        part = inside.transpose(1, 2) @ states / size.clamp(min=1)[..., None]
        seen = (near.to(inside.dtype) @ inside[:, None]).permute(0, 2, 3, 1)  # (batch, items, sentences, heads)
        match = self.part_match(part)[:, None] * self.wanted_match(items)[None, :, None]
        joined = self.part(part)[:, None] + self.wanted(items)[None, :, None] + match + self.seen(seen)
        evidence = self.evidence(self.drop(F.gelu(joined, approximate="tanh")))[..., 0].float()
        evidence = evidence.masked_fill(size[:, None] == 0, -1e4)
        # Carried by none of the sentences is one of the choices, with logit 0.
        share = F.softmax(F.pad(evidence, (1, 0)), -1)
        carried = share[..., 1:].to(part.dtype) @ part
        whole = first + (states * spoken[..., None]).sum(1) / spoken.sum(1, keepdim=True)
        asked = (states * known.asked[..., None]).sum(1) / known.asked.sum(1, keepdim=True).clamp(min=1)
        joined = torch.cat(
            [
                found,
                carried,
                whole[:, None].expand(-1, count, -1),
                asked[:, None].expand(-1, count, -1),
                items[None].expand(batch, -1, -1),
                share[..., :1].to(found.dtype),
                known.about[:, None].expand(-1, count, -1),
            ],
            -1,
        )
        hidden = self.drop(F.gelu(self.mix(joined), approximate="tanh")) * torch.sigmoid(self.gate(items))[None]
        a, b, c = self.among(hidden).view(batch, count, 3, HEADS, HEAD_SIZE).permute(2, 0, 3, 1, 4)
        near = (a @ b.transpose(-1, -2)).float() / HEAD_SIZE**0.5
        near = near.masked_fill(~known.rated[:, None, None, :], -1e4).softmax(-1)
        hidden = hidden + self.drop(self.joint((near.to(c.dtype) @ c).transpose(1, 2).reshape(batch, count, WIDE)))
        return Out(
            rating=self.rating(hidden).float(),
            probe=self.probe(hidden).float(),
            flag=self.flag(hidden)[..., 0].float(),
            scope=self.scope(torch.cat([whole, known.about], -1)).float(),
            evidence=evidence,
        )


class Trainer:
    """One network in training."""

    def __init__(self, net: Net, examples: Examples, seed: int, loss: dict[str, float] = LOSS) -> None:
        """Take the parts.

        Args:
            net: With layers to be trained, or with the heads alone.
            examples: Where the items are laid out.
            seed: Seed of order and dropout.
            loss: Weight of each loss.
        """
        torch.manual_seed(seed)
        self.random = random.Random(seed)
        self.net, self.examples, self.weights = net, examples, loss
        guide = examples.guide
        self.kind = {
            name: torch.tensor([kind == name for kind in examples.kind_of]) for name in ("rating", "probe", "flag")
        }
        look_fors, expectations = {i.id: i.level for i in guide.look_fors}, {i.id for i in guide.expectations}
        said = {f.id for f in guide.red_flags if f.evidence == "said"}
        ids = [item.id for item in examples.list]
        self.level = torch.tensor([[look_fors.get(i) is level for i in ids] for level in (Level.SENIOR, Level.STAFF)])
        self.expectation = torch.tensor([i in expectations for i in ids])
        self.said = torch.tensor([i in said for i in ids])
        self.base = torch.tensor([scorecard.BASE[kind.value] for kind in KINDS])

    def run(self, batch: Sequence[Example], items: Tensor) -> tuple[Out, Batch]:
        """Return the heads' logits of a batch, and what is known of it."""
        states = self.net.upper(*_padded([lower for example in batch for lower in example.lower]))
        rows, firsts, at = [], [], 0
        for example in batch:
            mine = [states[at + n, : len(w.ids)] for n, w in enumerate(example.windows)]
            at += len(example.windows)
            firsts.append(torch.stack([x[0] for x in mine]).mean(0))
            rows.append(torch.cat(mine))
        known = known_of(batch)
        joined = torch.stack([F.pad(x, (0, 0, 0, known.place.shape[1] - len(x))) for x in rows])
        return self.net.heads(joined, torch.stack(firsts), items, known), known

    def loss(self, out: Out, known: Batch, alike: Tensor) -> Tensor:
        """Return the weighted sum of all losses of a batch.

        Args:
            out: Of the replies, then of the second form of each.
            known: Their labels.
            alike: (replies,), whether both forms of a reply have the same labels.
        """
        parts = {
            "evidence": self._evidence_loss(out, known),
            "overall": self._overall_loss(out, known),
            "alike": self._alike_loss(out, known, alike),
        }
        for kind, logits in (("rating", out.rating), ("probe", out.probe), ("flag", out.flag[..., None])):
            true = known.steps[..., : logits.shape[-1]]
            each = F.binary_cross_entropy_with_logits(logits, true.clamp(min=0), reduction="none")
            weight = (true >= 0) & self.kind[kind][None, :, None]
            parts[kind] = _mean(each * (1 + true.clamp(min=0)) if kind == "flag" else each, weight)
        reached = (known.scope[:, None] > torch.arange(2)).float()
        each = F.binary_cross_entropy_with_logits(out.scope, reached, reduction="none")
        parts["scope"] = _mean(each, (known.scope >= 0)[:, None].expand_as(each))
        return sum(self.weights[name] * part for name, part in parts.items())  # type: ignore[return-value]

    def _alike_loss(self, out: Out, known: Batch, alike: Tensor) -> Tensor:
        """Keep the logits of two forms of one reply together: the mean square of their differences."""
        apart = torch.zeros(())
        rated = known.rated[: len(alike)] & alike[:, None]
        for kind, logits in (("rating", out.rating), ("probe", out.probe), ("flag", out.flag[..., None])):
            one, other = logits.chunk(2)
            apart = apart + _mean((one - other).square().mean(-1), rated & self.kind[kind])
        one, other = out.scope.chunk(2)
        return apart + _mean((one - other).square().mean(-1), alike)

    def _evidence_loss(self, out: Out, known: Batch) -> Tensor:
        """Choose, for each item, among its marked sentences, or none of the sentences where it is not shown."""
        share = F.log_softmax(F.pad(out.evidence, (1, 0)), -1)
        marked = known.marks * (known.shown > 0)[..., None]
        target = torch.cat([(known.shown == 0)[..., None].float(), marked], -1)
        each = -(share * target / target.sum(-1, keepdim=True).clamp(min=1)).sum(-1)
        there = _mean(each, known.rated & (known.shown > 0))
        return there + 0.5 * _mean(each, known.rated & (known.shown == 0))

    def _overall_loss(self, out: Out, known: Batch) -> Tensor:
        """Put the expected ratings through the scorecard's own table and compare with the true overall."""
        value, reach = torch.sigmoid(out.rating).sum(-1), torch.sigmoid(out.scope)
        level = self.level[known.about[:, 0].long()]
        look = value.masked_fill(~level, -1).sort(descending=True, dim=-1)[0]
        raised = torch.sigmoid(out.flag)
        feature = {
            "best": look[:, 0],
            "second": look[:, 1],
            "mean": _each_mean(value, level),
            "expectations": _each_mean(value, known.rated & self.expectation),
            "probes": 1.5 * _each_mean(torch.sigmoid(out.probe).sum(-1), known.rated & self.kind["probe"]),
            "below": 1 - reach[:, 0],
            "above": reach[:, 1],
            "said_flags": (raised * self.said).sum(-1),
            "absence_flags": (raised * (self.kind["flag"] & ~self.said)).sum(-1),
        }
        points = self.base[known.kind] + sum(scorecard.WEIGHTS[k] * v for k, v in feature.items())
        true = (known.overall[:, None] > torch.tensor([1, 2, 3])).float()
        cuts = torch.tensor(scorecard.CUTS).expand(len(points), -1)
        logits = 3.0 * (points[:, None] - torch.cat([self.base[known.kind][:, None], cuts], 1))
        each = F.binary_cross_entropy_with_logits(logits, true, reduction="none")
        return _mean(each, (known.overall > 0)[:, None].expand_as(each))

    def train(
        self,
        examples: Sequence[Sequence[Sequence[Example]]],
        epochs: int,
        batch: int,
        rate: float,
        head_rate: float,
        watch: Callable[[int], None] | None = None,
    ) -> None:
        """Train on replies with their variants; `watch` is called after every epoch with its number."""
        upper = [p for n, p in self.net.named_parameters() if n.startswith("layers")]
        heads = [p for n, p in self.net.named_parameters() if not n.startswith("layers")]
        optimizer = torch.optim.AdamW(
            [{"params": upper, "lr": rate}, {"params": heads, "lr": head_rate}], weight_decay=0.02, fused=True
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
            chosen.sort(key=lambda pair: max(map(_length, pair[:2])) + self.random.uniform(0, 60))
            batches = [chosen[i : i + batch] for i in range(0, len(chosen), batch)]
            self.random.shuffle(batches)
            seen = 0.0
            for part in batches:
                both = [one for one, _, _ in part] + [other for _, other, _ in part]
                with torch.autocast("cpu", dtype=torch.bfloat16):
                    out, known = self.run(both, self.examples.items())
                loss = self.loss(out, known, torch.tensor([alike for _, _, alike in part]))
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

    def _choose(self, variants: Sequence[Sequence[Example]]) -> tuple[Example, Example, bool]:
        """Return two forms of a reply, and whether all labels are the same."""
        same, filled, cut, blamed = variants
        one, draw = self.random.choice(same), self.random.random()
        if draw < 0.2 and cut:
            return one, self.random.choice(cut), False
        if draw < 0.4 and blamed:
            return one, self.random.choice(blamed), False
        others = [example for example in same if example is not one]
        return one, self.random.choice(others if draw > 0.75 and others else filled), True


def _length(example: Example) -> int:
    return sum(len(window.ids) for window in example.windows)


def run_layers(layers: Iterable[nn.Module], x: Tensor, mask: Tensor) -> Tensor:
    """Run transformer layers over padded rows."""
    spread = (1.0 - mask[:, None, None, :].to(x.dtype)) * -1e4
    for layer in layers:
        out = layer(x, spread)
        x = out[0] if isinstance(out, tuple) else out
    return x


def _padded(rows: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    length = max(map(len, rows))
    mask = torch.zeros(len(rows), length)
    for n, row in enumerate(rows):
        mask[n, : len(row)] = 1
    return torch.stack([F.pad(row.float(), (0, 0, 0, length - len(row))) for row in rows]), mask


def _mean(each: Tensor, counted: Tensor) -> Tensor:
    return (each * counted).sum() / counted.sum().clamp(min=1)


def _each_mean(value: Tensor, counted: Tensor) -> Tensor:
    return (value * counted).sum(-1) / counted.sum(-1).clamp(min=1)
