"""The embedded grader's network in PyTorch, and the loop that trains it."""

import random
import time
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from interviewer.bench.examples import Example, Examples
from interviewer.engines.embedded.reader import HEAD_SIZE, HEADS, META
from interviewer.grading import scorecard

SIZE = 384
LOSS = {"rating": 3.0, "probe": 1.0, "flag": 2.5, "scope": 0.8, "evidence": 0.5, "overall": 1.0}


class Net(nn.Module):
    """The upper layers and the heads; reader.Heads is the same arithmetic in numpy."""

    def __init__(self, layers: Sequence[nn.Module] = ()) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)
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
        parts: dict[str, list[Tensor]] = {name: [] for name in self.weights}
        for n, example in enumerate(batch):
            rows = torch.tensor(example.rows)
            kinds = [self.examples.kind_of[row] for row in example.rows]
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
        return sum(self.weights[name] * torch.stack(found).mean() for name, found in parts.items() if found)  # type: ignore[return-value]

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
            self.examples.list[row].id: torch.sigmoid(rating[row]).sum()
            for row in example.rows
            if self.examples.kind_of[row] == "rating"
        }
        probes = [torch.sigmoid(probe[row]).sum() for row in example.rows if self.examples.kind_of[row] == "probe"]
        raised = {
            self.examples.list[r].id: torch.sigmoid(flag[r]) for r in example.rows if self.examples.kind_of[r] == "flag"
        }
        look = torch.stack([value[i.id] for i in self.examples.guide.look_fors if i.level is example.level]).sort(
            descending=True
        )[0]
        expected = [value[i.id] for i in self.examples.guide.expectations if i.id in value]
        said = {f.id for f in self.examples.guide.red_flags if f.evidence == "said"}
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
                    out = self.run(part, self.examples.items())
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


def _padded(rows: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    length = max(map(len, rows))
    mask = torch.zeros(len(rows), length)
    for n, row in enumerate(rows):
        mask[n, : len(row)] = 1
    return torch.stack([F.pad(row.float(), (0, 0, 0, length - len(row))) for row in rows]), mask
