"""Extractors that others bring: one batch size, one clear sentence for what is wrong, and the weights' hash in every
description.
"""

import builtins
import json
from pathlib import Path
from typing import Any

import onnx
import pytest
import torch
from onnx import TensorProto, helper
from safetensors.torch import save_file
from torch import Tensor, nn

from ganvas.base.errors import DataError, MissingExtra, UsageError
from ganvas.metrics import digits, known_weights
from ganvas.metrics.classifier import ClassifierFile
from ganvas.metrics.custom_extractors import ModuleExtractor, OnnxExtractor
from ganvas.metrics.extractor import BATCH, Extractor, Features, in_batches
from ganvas.metrics.extractor_files import extractor_from_file
from ganvas.metrics.inception import Inception


def pictures(n: int, channels: int = 1, side: int = 28) -> Tensor:
    return torch.randint(
        0, 256, (n, channels, side, side), generator=torch.Generator().manual_seed(n), dtype=torch.uint8
    )


def convolution(**more: Any) -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(1, 6, 3, 2), nn.BatchNorm2d(6), nn.Dropout(0.5), nn.ReLU(), nn.AdaptiveAvgPool2d(2))


# --- batches


@pytest.mark.parametrize("n", [1, BATCH - 1, BATCH, 3 * BATCH + 2])
def test_batches_have_one_size_and_every_picture_its_row(n: int) -> None:
    sizes = []

    def extract(part: Tensor) -> Features:
        sizes.append(len(part))
        return Features(part.float().mean((2, 3)), torch.full((len(part), 3), 1 / 3))

    x = pictures(n, channels=2)
    seen = in_batches(x, extract)
    assert set(sizes) == {BATCH}
    assert torch.equal(seen.features, x.float().mean((2, 3)))
    assert seen.probabilities is not None
    assert seen.probabilities.shape == (n, 3)


def test_features_do_not_depend_on_how_many_came_together() -> None:
    extractor, x = ModuleExtractor(convolution(), name="own"), pictures(21)
    whole = extractor.extract(x).features
    assert torch.equal(whole, torch.cat([extractor.extract(one[None]).features for one in x]))
    assert torch.equal(whole, extractor.extract(x.flip(0)).features.flip(0))


def test_what_cannot_be_used_is_one_sentence() -> None:
    def plain(part: Tensor) -> Tensor:
        return part.flatten(1).float()

    with pytest.raises(DataError, match="no pictures"):
        in_batches(pictures(0), lambda part: Features(plain(part)))
    with pytest.raises(DataError, match=r"\[1, 784\]"):
        in_batches(pictures(3), lambda part: Features(plain(part)[:1]))
    black = torch.ones(12, 1, 28, 28, dtype=torch.uint8)
    black[10, 0, 3, 3] = 0
    with pytest.raises(DataError, match="picture 10"):
        in_batches(black, lambda part: Features(plain(part).log()))


# --- a network in Python


def test_a_module_is_used_as_at_test_time_and_left_as_it_was() -> None:
    network = convolution().train()
    network[1].eval()  # type: ignore[index]
    before = {name: value.clone() for name, value in network.state_dict().items()}
    extractor = ModuleExtractor(network, name="own")
    assert isinstance(extractor, Extractor)
    first, second = extractor.extract(pictures(9)), extractor.extract(pictures(9))
    assert torch.equal(first.features, second.features)
    assert first.features.shape == (9, 24)
    assert [module.training for module in network] == [True, False, True, True, True]  # type: ignore[attr-defined]
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())
    torch.testing.assert_close(first.features, network.eval()(pictures(9).float() / 127.5 - 1).flatten(1))


def test_a_modules_description_follows_its_weights() -> None:
    network = convolution()
    extractor = ModuleExtractor(network, name="own")
    one = extractor.describe()
    assert one["weights_sha256"] == known_weights.tensors_sha256(network.state_dict())
    with torch.no_grad():
        network[0].bias += 1  # type: ignore[index]
    assert extractor.describe()["weights_sha256"] != one["weights_sha256"]


def test_a_module_may_name_classes_too() -> None:
    class Both(nn.Module):
        def forward(self, x: Tensor) -> Features:
            return Features(x.flatten(1), x.flatten(1)[:, :3].softmax(1))

    seen = ModuleExtractor(Both(), name="both").extract(pictures(3))
    assert seen.probabilities is not None
    torch.testing.assert_close(seen.probabilities.sum(1), torch.ones(3))


def test_a_module_that_makes_no_features_is_refused() -> None:
    class Words(nn.Module):
        def forward(self, x: Tensor) -> str:
            return "seen"

    with pytest.raises(DataError, match="Words returned str"):
        ModuleExtractor(Words(), name="words").extract(pictures(3))
    with pytest.raises(UsageError, match="cannot begin the name of a score"):
        ModuleExtractor(Words(), name="my net")


# --- ONNX files


def written(
    path: Path, shape: list[Any], *, kind: int = TensorProto.FLOAT, probabilities: bool = False, scale: float = 1.0
) -> str:
    """A network of means over the picture, as ONNX's own tools write it."""
    nodes = [
        helper.make_node("GlobalAveragePool", ["x"], ["pooled"]),
        helper.make_node("Constant", [], ["scale"], value=helper.make_tensor("s", TensorProto.FLOAT, [], [scale])),
        helper.make_node("Mul", ["pooled", "scale"], ["features"]),
    ]
    outputs = [helper.make_tensor_value_info("features", TensorProto.FLOAT, None)]
    if probabilities:
        nodes.append(helper.make_node("Softmax", ["features"], ["probabilities"], axis=1))
        outputs.append(helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, None))
    graph = helper.make_graph(nodes, "means", [helper.make_tensor_value_info("x", kind, shape)], outputs)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return str(path)


@pytest.mark.parametrize("first", ["n", 1, 4])
def test_an_onnx_file_sees(tmp_path: Path, first: str | int) -> None:
    """Its batches may have a fixed size."""
    path = written(tmp_path / "means.onnx", [first, 3, "h", "w"], probabilities=True)
    extractor = extractor_from_file(path)
    assert isinstance(extractor, OnnxExtractor)
    assert isinstance(extractor, Extractor)
    x = pictures(10, channels=3)
    seen = extractor.extract(x)
    torch.testing.assert_close(seen.features, (x.float() / 127.5 - 1).mean((2, 3)), atol=1e-6, rtol=1e-5)
    assert seen.probabilities is not None
    torch.testing.assert_close(seen.probabilities, seen.features.softmax(1))
    assert extractor.covers((3, 28, 28))
    assert not extractor.covers((1, 28, 28))
    assert not extractor.covers((3,))


def test_another_onnx_file_is_another_description(tmp_path: Path) -> None:
    one = OnnxExtractor(written(tmp_path / "a.onnx", ["n", 1, 28, 28]))
    other = OnnxExtractor(written(tmp_path / "b.onnx", ["n", 1, 28, 28], scale=2.0))
    assert {key for key in one.describe() if one.describe()[key] != other.describe()[key]} == {"weights_sha256"}
    before = one.describe()
    written(tmp_path / "a.onnx", ["n", 1, 28, 28], scale=33.0)
    assert one.describe() != before, "a file that changed is read again"


def test_bad_onnx_files_are_one_sentence(tmp_path: Path) -> None:
    torn = tmp_path / "torn.onnx"
    torn.write_bytes(b"torn")
    with pytest.raises(DataError, match="cannot be read as ONNX"):
        OnnxExtractor(str(torn)).extract(pictures(1))
    with pytest.raises(DataError, match="takes one float32 input"):
        OnnxExtractor(written(tmp_path / "flat.onnx", ["n", 784])).describe()
    with pytest.raises(DataError, match="the ONNX network failed"):
        OnnxExtractor(written(tmp_path / "wide.onnx", ["n", 1, 32, 32])).extract(pictures(1))
    with pytest.raises(DataError, match="no such file"):
        extractor_from_file(str(tmp_path / "none.onnx"))
    with pytest.raises(DataError, match="not finite"):
        OnnxExtractor(written(tmp_path / "huge.onnx", ["n", 1, 28, 28], scale=float("inf"))).extract(pictures(1))


def test_without_onnxruntime_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "means.onnx", ["n", 1, 28, 28])
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.startswith("onnxruntime"):
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtra, match=r'pip install "ganvas\[onnx\]"'):
        OnnxExtractor(path).describe()


# --- files of networks that ganvas knows


def of_digits(path: Path, **change: Any) -> str:
    state, _, built = digits.digit_weights()
    save_file(state, path, {"network": json.dumps({**built, **change})})
    return str(path)


def test_a_classifiers_file_sees_as_the_shipped_one_does(tmp_path: Path) -> None:
    extractor = extractor_from_file(of_digits(tmp_path / "other.safetensors"))
    assert isinstance(extractor, ClassifierFile)
    assert isinstance(extractor, Extractor)
    x = pictures(11)
    seen, shipped = extractor.extract(x), digits.Digits().extract(x)
    torch.testing.assert_close(seen.features, shipped.features, rtol=1e-4, atol=1e-5)
    assert seen.probabilities is not None
    assert seen.probabilities.shape == (11, 10)
    assert extractor.describe()["weights_sha256"] == known_weights.tensors_sha256(digits.digit_weights()[0])
    assert [extractor.covers(shape) for shape in ((1, 28, 28), (3, 28, 28), (1, 3, 3), (2,))] == [
        True,
        False,
        False,
        False,
    ]


def test_files_of_other_networks_are_refused(tmp_path: Path) -> None:
    save_file({"a": torch.zeros(1)}, tmp_path / "a.safetensors")
    with pytest.raises(DataError, match="no network that ganvas knows"):
        extractor_from_file(str(tmp_path / "a.safetensors"))
    with pytest.raises(DataError, match="not weights of this ConvClassifier"):
        extractor_from_file(of_digits(tmp_path / "wide.safetensors", width=10**6)).describe()
    with pytest.raises(DataError, match="does not describe"):
        extractor_from_file(of_digits(tmp_path / "odd.safetensors", depth=3)).describe()
    save_file(digits.digit_weights()[0], tmp_path / "bare.safetensors")
    with pytest.raises(DataError, match="does not describe"):
        extractor_from_file(str(tmp_path / "bare.safetensors")).describe()


def test_inceptions_weights_are_known_by_their_names(tmp_path: Path) -> None:
    path = str(tmp_path / "torn.safetensors")
    save_file({"Conv2d_1a_3x3.conv.weight": torch.zeros(32, 3, 3, 3)}, path)
    extractor = extractor_from_file(path, profile="clean")
    assert extractor == Inception(profile="clean", weights=path)
    with pytest.raises(DataError, match=r"not weights of Inception-2015-12-05: Conv2d_1a_3x3\.bn.bias is missing"):
        extractor.describe()
