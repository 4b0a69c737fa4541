"""LPIPS: parity with the published package under the same random weights, and what is said of wrong files."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from ganvas.base.errors import DataError, UsageError
from ganvas.base.types import Batch, Spec, TensorSpec
from ganvas.metrics.perceptual import Perceptual, load_lpips
from ganvas.networks.lpips import alexnet, from_published, vgg16

GIVEN = {"known": TensorSpec((1, 64, 64))}
TRUNKS = {"alex": "alexnet", "vgg": "vgg16"}
each_trunk = pytest.mark.parametrize("trunk", TRUNKS)


def convolutions(trunk: str) -> nn.Module:
    """The `features` of torchvision's network of this name, by its own configuration."""
    layers: list[nn.Module] = []
    if trunk == "alexnet":
        plan = [
            (3, 64, 11, 4, 2),
            "M",
            (64, 192, 5, 1, 2),
            "M",
            (192, 384, 3, 1, 1),
            (384, 256, 3, 1, 1),
            (256, 256, 3, 1, 1),
            "M",
        ]
        for each in plan:
            layers += (
                [nn.MaxPool2d(kernel_size=3, stride=2)] if each == "M" else [nn.Conv2d(*each), nn.ReLU(inplace=True)]  # type: ignore[arg-type]
            )
    else:
        before = 3
        for width in (64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0):
            layers += [nn.Conv2d(before, width, 3, padding=1), nn.ReLU(inplace=True)] if width else [nn.MaxPool2d(2, 2)]
            before = width or before
    found = nn.Module()
    found.features = nn.Sequential(*layers)
    return found


@pytest.fixture(scope="module")
def lpips() -> Iterator[Any]:
    """The published package, with a stand-in for the one thing that it takes from torchvision."""
    stub, models = ModuleType("torchvision"), ModuleType("torchvision.models")
    for name in TRUNKS.values():
        setattr(models, name, lambda pretrained=False, name=name: convolutions(name))
    stub.models = models  # type: ignore[attr-defined]
    before = set(sys.modules)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "torchvision", stub)
        patch.setitem(sys.modules, "torchvision.models", models)
        yield importlib.import_module("lpips")
    for name in set(sys.modules) - before:
        if name.split(".")[0] in ("lpips", "torchvision"):
            del sys.modules[name]


def theirs(lpips: Any, trunk: str) -> Any:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        made = lpips.LPIPS(net=trunk, pretrained=False, pnet_rand=True, verbose=False)
        for parameter in made.parameters():
            if parameter.ndim == 4 and parameter.shape[0] == 1:
                nn.init.uniform_(parameter, 0, 1)  # the heads are not negative
            elif parameter.ndim == 4:
                nn.init.kaiming_normal_(parameter)
    return made


def pictures(n: int, side: int = 64, seed: int = 0, channels: int = 3) -> Tensor:
    return (
        torch.rand(n, channels, side, side, generator=torch.Generator().manual_seed(seed)).mul(255).round() / 127.5 - 1
    )


@each_trunk
@pytest.mark.parametrize("side", [31, 64])
def test_parity_with_the_published_package(lpips: Any, trunk: str, side: int) -> None:
    other = theirs(lpips, trunk)
    name, ours = from_published(
        {key: value for key, value in other.state_dict().items() if not key.startswith("lins.")}
    )
    assert name == trunk
    x, y = pictures(3, side), pictures(3, side, seed=1)
    y[1] = x[1]
    y[2] = x[2] + 0.05
    with torch.no_grad():
        found, wanted = ours(x, y), other(x, y).flatten()
    torch.testing.assert_close(found, wanted, rtol=1e-5, atol=1e-7)
    assert found[1] == 0
    assert found[0] > found[2] > 0


@pytest.mark.parametrize(("make", "count"), [(alexnet, 2_469_696 + 1_152), (vgg16, 14_714_688 + 1_472)])
def test_sizes_are_the_published_ones(make: Any, count: int) -> None:
    with torch.device("meta"):
        assert sum(parameter.numel() for parameter in make().parameters()) == count


@pytest.fixture
def files(tmp_path: Path, lpips: Any) -> tuple[str, ...]:
    """Trunk and heads in a file each, as they are published."""
    state = theirs(lpips, "alex").state_dict()
    trunk = {f"features.{name.split('.', 2)[2]}": value for name, value in state.items() if name.startswith("net.")}
    heads = {name: value for name, value in state.items() if name.startswith("lin") and not name.startswith("lins")}
    assert "features.0.weight" in trunk
    assert "lin4.model.1.weight" in heads
    save_file(trunk | {"classifier.1.weight": torch.zeros(2)}, tmp_path / "alexnet.safetensors")
    save_file(heads, tmp_path / "alex.safetensors")
    return str(tmp_path / "alexnet.safetensors"), str(tmp_path / "alex.safetensors")


def test_the_metric(files: tuple[str, ...], lpips: Any) -> None:
    metric = Perceptual(weights=files)
    metric.check_spec(Spec("images", (3, 64, 64), True, given=GIVEN), "samples")
    real, fake = pictures(6), (pictures(6) + 0.2 * pictures(6, seed=1)).clamp(-1, 1)
    (result,) = metric.measure(real=Batch(x=real), fake=Batch(x=fake))
    with torch.no_grad():
        each = theirs(lpips, "alex")(real, ((fake + 1) * 127.5).round() / 127.5 - 1).flatten()
    assert result.value == pytest.approx(each.mean().item(), rel=1e-5)
    assert result.error == pytest.approx(each.std().item() / 6**0.5, rel=1e-4)
    assert result.lower_is_better
    assert result.protocol["trunk"] == "alex"
    assert len(result.protocol["weights_sha256"]) == 64
    grey, other = pictures(3, channels=1), pictures(3, channels=1, seed=1)
    (of_grey,) = metric.measure(real=Batch(x=grey), fake=Batch(x=other))
    (of_three,) = metric.measure(real=Batch(x=grey.repeat(1, 3, 1, 1)), fake=Batch(x=other.repeat(1, 3, 1, 1)))
    assert of_grey.value == pytest.approx(of_three.value)
    assert metric.measure(real=Batch(x=real), fake=Batch(x=real))[0].value == 0


def test_without_weights_there_is_one_sentence(tmp_path: Path, files: tuple[str, ...]) -> None:
    spec = Spec("images", (3, 64, 64), True, given=GIVEN)
    with pytest.raises(UsageError, match="needs its weights"):
        Perceptual().check_spec(spec, "samples")
    with pytest.raises(UsageError, match=r"cannot read .*none\.safetensors"):
        Perceptual(weights=(str(tmp_path / "none.safetensors"),)).check_spec(spec, "samples")
    (tmp_path / "odd.safetensors").write_bytes(b"PK\x03\x04 and so on, no weights at all")
    with pytest.raises(DataError, match=r"not a \.safetensors file"):
        load_lpips((str(tmp_path / "odd.safetensors"),))
    with pytest.raises(DataError, match=r"5 of 15 tensors .* heads"):
        load_lpips(files[:1])
    with pytest.raises(DataError, match=r"features\.0\.weight is missing"):
        load_lpips(files[1:])
    with pytest.raises(UsageError, match="31 pixels"):
        Perceptual(weights=files).check_spec(Spec("images", (1, 28, 28), True, given=GIVEN), "samples")
    for wrong in (
        Spec("images", (2, 64, 64), True, given=GIVEN),
        Spec("images", (3, 64, 64), True),
        Spec("points", (2,), False),
    ):
        with pytest.raises(UsageError, match="Perceptual needs restored"):
            Perceptual(weights=files).check_spec(wrong, "samples")
