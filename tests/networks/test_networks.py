"""Laws over every network, and parameter counts worked out by hand."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from itertools import pairwise
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from ganvas.base.errors import UsageError
from ganvas.base.types import Network, Spec, TensorSpec, Verdict, mixes_samples
from ganvas.networks.biggan import BigGan
from ganvas.networks.dcgan import Dcgan, DcganCritic
from ganvas.networks.mlp import Mlp, MlpCritic
from ganvas.networks.packed import Packed
from ganvas.networks.patch_heads import PatchEmbedder
from ganvas.networks.resnet import Resnet, ResnetCritic
from ganvas.networks.stylegan2 import StyleGan2
from ganvas.networks.stylegan2_critic import StyleGan2Critic
from ganvas.networks.unet import UNet
from ganvas.recipes.discover import fits, parts

SMALL = {"width": 4, "widest": 8, "widths": (8, 8), "features": 8, "latent": 6, "blocks": 1, "growth": 4}
SMALL |= {"depth": 2, "heads": 2, "outputs": 2, "depths": (1,), "tokens": 4, "grid": 7, "embedding": 3}
SMALL |= {"pack": 1, "dropout": 0.0, "doublings": 1}
SIZES = [(16, 16), (28, 28), (50, 50), (32, 48), (64, 64)]
SIZES_AND_CHANNELS: list[Any] = [(size, channels) for size in SIZES for channels in (1, 3, 4)]
SIZES_AND_CHANNELS += [pytest.param((256, 256), 3, marks=pytest.mark.slow)]
CLASSES = ("a", "b", "c")
B = 3
OF_WAVES = {"HifiGan", "Joined", "Periods", "Resolutions", "Scales", "Vocos"}  # test_wave_networks.py
OF_WAVES |= {"SoundClassifier", "WaveGan", "WaveGanCritic", "WordSpeaker"}  # test_speech_networks.py
OF_CLIPS = {"ClipCritic", "FrameCritic"}  # test_clip_networks.py
OF_CLIPS |= {"MotionContent", "MovedForeground", "TemporalGenerator"}
OF_VOLUMES = {"VolumeCritic", "VolumeGan"}  # test_volume_gan.py


def small(part: type, **more: Any) -> Any:
    names = {field.name for field in fields(part)}
    more = {"latent": 8, **more} if part is BigGan else more  # a part for each of up to seven resolutions
    inner = {"network": small(type(part().network))} if "network" in names else {}
    return replace(part(), **{name: value for name, value in {**SMALL, **inner, **more}.items() if name in names})


FOUND = [
    part
    for part in parts().values()
    if fits(part, Network)
    and part is not Packed
    and not getattr(part, "sequences", False)
    and part.__name__ not in OF_WAVES | OF_CLIPS | OF_VOLUMES
]  # Packed says less than one verdict a sample; networks of text, sound and video have laws of their own
DESCRIBED = [small(part) for part in FOUND]
DESCRIBED += [
    small(part, conditional=True) for part in FOUND if "conditional" in {field.name for field in fields(part)}
]
DESCRIBED += [
    small(Mlp, batch_norm=True),
    small(MlpCritic, maxout=3),
    small(DcganCritic, batch_norm=False),
    small(StyleGan2, architecture="residual", grouped=True),
    small(StyleGan2Critic, architecture="skip"),
    small(StyleGan2Critic, architecture="original", deviation_group=0, conditional=True),
    small(DcganCritic, batch_norm=False, conditional=True),
]


def named(part: Any) -> str:
    return f"{type(part).__name__}{'-conditional' * getattr(part, 'conditional', False)}"


each_network = pytest.mark.parametrize("described", DESCRIBED, ids=named)


def spec_of(shape: tuple[int, ...], *, bounded: bool = True) -> Spec:
    given = {"masked": TensorSpec(shape), "known": TensorSpec((1, *shape[1:])), "input": TensorSpec(shape)}
    return Spec("images", shape, bounded=bounded, classes=CLASSES, given=given)


def built(described: Any, spec: Spec) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network: nn.Module = described.build(spec)
        for parameter in network.parameters():  # behind weights that begin at zero nothing would have a gradient
            if parameter.ndim > 1 and not parameter.any():
                nn.init.normal_(parameter, std=0.1)
    return network


def inputs(network: nn.Module, spec: Spec, *, seed: int = 1) -> tuple[Any, Any, Any]:
    """The arguments of every network: (z, y, given) of a generator, z None where it takes none; (x, y, given) of a
    discriminator.
    """
    generator = torch.Generator().manual_seed(seed)
    shape = spec.shape
    picture = torch.rand(B, *shape, generator=generator) * 2 - 1
    known = (torch.rand(B, 1, *shape[1:], generator=generator) < 0.7).float()
    y = torch.arange(B) % len(CLASSES)
    given = {"masked": torch.where(known > 0, picture, -1.0), "known": known, "input": picture.flip(3)}
    if not makes_samples(network):
        return picture, y, given
    latent: Any = network.latent
    return torch.randn(B, *latent, generator=generator) if latent else None, y, given


def makes_samples(network: nn.Module) -> bool:
    return hasattr(network, "latent")


def numbers(output: Any) -> Tensor:
    """All that a network says, one row a sample."""
    if isinstance(output, Tensor):
        return output.flatten(1)
    return torch.cat(
        [numbers(value) for value in output if value is not None and not (isinstance(value, tuple) and not value)],
        dim=1,
    )


def each_logits(output: Any) -> tuple[Tensor, ...]:
    """The logits of each discriminator."""
    return output.logits if isinstance(output.logits, tuple) else (output.logits,)


def changed(arguments: Any, rows: slice) -> Any:
    """The same arguments, other samples in some rows."""
    if isinstance(arguments, Tensor):
        other = arguments.clone()
        other[rows] = (other[rows] + 1) % len(CLASSES) if arguments.dtype == torch.int64 else other[rows].flip(-1) * 0.5
        return other
    if isinstance(arguments, Mapping):
        return {name: changed(value, rows) for name, value in arguments.items()}
    return None if arguments is None else tuple(changed(value, rows) for value in arguments)


def test_all_networks_are_found() -> None:
    assert {part.__name__ for part in FOUND} >= {
        "Mlp",
        "MlpCritic",
        "Dcgan",
        "DcganCritic",
        "UNet",
        "PatchCritic",
        "ConvClassifier",
        "Resnet",
        "ResnetCritic",
    }


@each_network
@pytest.mark.parametrize(
    ("size", "channels"),
    SIZES_AND_CHANNELS,
    ids=lambda value: "x".join(map(str, value)) if isinstance(value, tuple) else str(value),
)
def test_shape_range_and_gradients(described: Any, size: tuple[int, int], channels: int) -> None:
    spec = spec_of((channels, *size))
    network = built(described, spec)
    output = network(*inputs(network, spec))
    for level in range(getattr(network, "levels", 0)):  # a growing network's earlier stages
        early = network(*inputs(network, spec), detail=2 * level / (2 * network.levels + 1))  # type: ignore[operator]
        numbers(early).sum().backward()
        network.detail.fill_(1.0)  # type: ignore[operator]
    if makes_samples(network):
        assert output.shape == (B, *spec.shape)
        assert output.abs().max() <= 1
        assert output.dtype == torch.float32
    else:
        for logits in each_logits(output):
            assert logits.ndim == 2
            assert len(logits) == B
            assert logits.dtype == torch.float32
    said = numbers(output)
    if isinstance(network, PatchEmbedder):  # its heads are no part of the output
        hidden = network.hidden(inputs(network, spec)[2]["input"])
        vectors = network.embedded(hidden, [torch.zeros(B, 1, dtype=torch.int64)] * len(hidden))
        said = torch.cat([said, *(each.flatten(1) for each in vectors)], dim=1)
    assert torch.isfinite(said).all()
    (said * torch.randn(said.shape, generator=torch.Generator().manual_seed(2))).sum().backward()
    for name, parameter in network.named_parameters():
        if not parameter.requires_grad:  # frozen from the start
            continue
        assert parameter.grad is not None, name
        assert torch.isfinite(parameter.grad).all(), name
        assert parameter.grad.any(), name


@each_network
def test_full_precision_comes_out_of_autocast(described: Any) -> None:
    spec = spec_of((1, 28, 28))
    network = built(described, spec)
    with torch.autocast("cpu", torch.bfloat16):
        output = network(*inputs(network, spec))
    found = (output,) if makes_samples(network) else each_logits(output)
    assert all(each.dtype == torch.float32 for each in found)


class Deviation(nn.Module):
    """A logit that is the batch's mean deviation."""

    mixes_samples = True

    def forward(self, x: Tensor, y: Tensor | None = None, given: object = None) -> Verdict:
        return Verdict(x.flatten(1).std(0).mean().expand(len(x), 1))


@dataclass(frozen=True)
class Deviating:
    """Says itself that its samples mix."""

    def build(self, spec: Spec) -> nn.Module:
        return Deviation()


@pytest.mark.parametrize(
    "described",
    [*DESCRIBED, Deviating()],
    ids=named,
)
def test_samples_are_alone_unless_they_say_so(described: Any) -> None:
    spec = spec_of((1, 28, 28))
    network = built(described, spec).train()
    for module in network.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
        elif hasattr(module, "sigma"):  # noise in the network
            module.sigma = 0.0  # type: ignore[assignment]
    arguments = inputs(network, spec)
    first, other = numbers(network(*arguments))[0], numbers(network(*changed(arguments, slice(1, None))))[0]
    if mixes_samples(network):
        assert (first - other).abs().max() > 1e-6
    else:
        torch.testing.assert_close(first, other, rtol=0, atol=1e-6)


@each_network
def test_in_eval_mode_samples_are_alone(described: Any) -> None:
    spec = spec_of((1, 28, 28))
    network = built(described, spec).eval()
    arguments = inputs(network, spec)
    first, other = numbers(network(*arguments))[0], numbers(network(*changed(arguments, slice(1, None))))[0]
    torch.testing.assert_close(first, other, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    "described",
    [part for part in DESCRIBED if not hasattr(part, "condition") and not isinstance(part, UNet)],
    ids=named,
)  # those answer pictures, not classes
def test_classes_are_heard_by_conditional_networks_alone(described: Any) -> None:
    spec = spec_of((1, 28, 28))
    network = built(described, spec).eval()
    first, y, given = inputs(network, spec)
    output, other = numbers(network(first, y, given)), numbers(network(first, (y + 1) % len(CLASSES), given))
    if hasattr(network, "latent"):  # a model takes classes if its generator has this attribute
        assert getattr(network, "conditional", False) == getattr(described, "conditional", False)
    if getattr(described, "conditional", False):
        assert ((output - other).abs().amax(1) > 0).all()
    else:
        assert torch.equal(output, other)
        assert torch.equal(output, numbers(network(first, None, given)))


@pytest.mark.parametrize("part", [Mlp, MlpCritic, Dcgan, DcganCritic, Resnet, ResnetCritic])
def test_a_conditional_network_needs_classes(part: type) -> None:
    with pytest.raises(UsageError, match="labels"):
        part(conditional=True).build(Spec("images", (1, 28, 28), bounded=True))


def test_an_unbounded_generator_reaches_beyond_one() -> None:
    spec = Spec("points", (2,), bounded=False)
    network = built(small(Mlp), spec)
    assert network(100 * torch.randn(64, 6)).abs().max() > 1


@pytest.mark.parametrize("size", SIZES[:4], ids=lambda size: "x".join(map(str, size)))
def test_unet_leaves_known_pixels_alone(size: tuple[int, int]) -> None:
    described, spec = small(UNet), spec_of((3, *size))
    network = built(described, spec)
    _, _, given = inputs(network, spec)
    output = network(None, None, given)
    known = given["known"].bool().expand_as(output)
    assert torch.equal(output[known], given["masked"][known])
    assert (output[~known] != given["masked"][~known]).float().mean() > 0.99


def count(described: Any, spec: Spec) -> int:
    with torch.device("meta"):
        return sum(parameter.numel() for parameter in described.build(spec).parameters())


def dense(*widths: int) -> int:
    return sum(a * b + b for a, b in pairwise(widths))


def test_the_textbooks_parameters() -> None:
    spec = Spec("images", (1, 28, 28), bounded=True)
    assert count(Mlp(), spec) == dense(100, 256, 512, 1024, 784) == 1_486_352
    assert count(MlpCritic(), spec) == dense(784, 512, 256, 1) == 533_505


def test_dcgan_has_the_papers_layers() -> None:
    """Radford et al. 2016, figure 1: z 100 -> 4x4x1024 -> 8x8x512 -> 16x16x256 -> 32x32x128 -> 64x64x3. Our kernels are
    4x4, the figure's 5x5.
    """
    spec, kernel = Spec("images", (3, 64, 64), bounded=True), 4 * 4
    widths = (1024, 512, 256, 128)
    convolutions = kernel * (100 * widths[0] + sum(a * b for a, b in zip(widths, (*widths[1:], 3), strict=True)))
    batch_norms, last_bias = 2 * sum(widths), 3
    assert count(Dcgan(width=128), spec) == convolutions + batch_norms + last_bias
    upward = widths[::-1]
    convolutions = kernel * (3 * upward[0] + sum(a * b for a, b in zip(upward, (*upward[1:], 1), strict=True)))
    biases = upward[0] + 1  # where no batch norm follows
    assert count(DcganCritic(width=128), spec) == convolutions + 2 * sum(upward[1:]) + biases
    generator = Dcgan(width=128).build(spec)
    grids: list[tuple[int, ...]] = []
    for module in generator.modules():
        if isinstance(module, nn.ConvTranspose2d):
            module.register_forward_hook(lambda _module, _inputs, output: grids.append(tuple(output.shape[1:])))
    generator(torch.zeros(2, 100))
    assert generator.first.out_features == 1024 * 4 * 4  # type: ignore[union-attr]
    assert grids == [(512, 8, 8), (256, 16, 16), (128, 32, 32), (3, 64, 64)]


def test_dcgan_of_width_64_is_pytorchs_tutorial() -> None:
    """https://docs.pytorch.org/tutorials/beginner/dcgan_faces_tutorial.html: 3,576,704 and 2,765,568, without the
    biases that ours have at both ends.
    """
    spec = Spec("images", (3, 64, 64), bounded=True)
    assert count(Dcgan(width=64), spec) == 3_576_704 + 3
    assert count(DcganCritic(width=64), spec) == 2_765_568 + 64 + 1


def test_dcgan_starts_as_the_paper_says() -> None:
    network = built(Dcgan(width=64), Spec("images", (3, 64, 64), bounded=True))
    for module in network.modules():
        if isinstance(module, nn.ConvTranspose2d):
            assert module.weight.std().item() == pytest.approx(0.02, rel=0.05)
        elif isinstance(module, nn.BatchNorm2d):
            assert module.weight.mean().item() == pytest.approx(1, abs=0.02)
            assert module.weight.std().item() == pytest.approx(0.02, rel=0.5)


def test_the_first_layer_is_a_transposed_convolution_of_one_pixel() -> None:
    """Radford et al. 2016 project z and reshape it; most scripts write that as a transposed convolution. Both are one
    product.
    """
    torch.manual_seed(0)
    generator: Any = Dcgan(width=4, latent=6).build(Spec("images", (1, 28, 28), bounded=True))
    z, weight = torch.randn(3, 6), generator.first.weight
    kernel = weight.view(7, 7, 8, 6).permute(3, 2, 0, 1)  # [latent, width, 7, 7]
    grown = torch.nn.functional.conv_transpose2d(z[:, :, None, None], kernel)
    torch.testing.assert_close(generator.first(z).view(3, 7, 7, 8).permute(0, 3, 1, 2), grown)
