"""R3GAN's players: the published sizes, a plain reference in float64, and fix-up initialisation."""

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganvas.base.errors import UsageError
from ganvas.base.types import Spec
from ganvas.networks import R3gan, R3ganCritic
from ganvas.networks.r3gan import GroupedBlock, R3ganDiscriminator, R3ganGenerator

SMALL: Any = {"width": 4, "widest": 8, "group_width": 4, "blocks": 1}


def pictures(side: int, *, channels: int = 3, classes: int = 0) -> Spec:
    return Spec("images", (channels, side, side), bounded=True, classes=tuple(map(str, range(classes))))


def millions(described: Any, spec: Spec) -> float:
    with torch.device("meta"):
        return sum(parameter.numel() for parameter in described.build(spec).parameters()) / 1e6


PRESETS = {  # side, classes, size, millions of G and of D: Huang et al. 2024, appendix; frameworks that list them
    "CIFAR-10": (32, 10, {"width": 768}, 20.78, 21.28),
    "FFHQ-64": (64, 0, {"width": 384}, 22.43, 22.38),
    "FFHQ-256": (256, 0, {"width": 96}, 23.06, 23.01),
    "ImageNet-32": (32, 1000, {"width": 1536, "widest": 1536, "group_width": 32}, 82.9, 86.6),
}


@pytest.mark.parametrize("preset", PRESETS)
def test_the_papers_presets_have_the_published_parameters(preset: str) -> None:
    """To the last digit that is published; ImageNet-32's D has 86.55."""
    side, classes, size, of_G, of_D = PRESETS[preset]
    spec = pictures(side, classes=classes)
    settings: Any = {**size, "conditional": bool(classes)}
    places = 2 if of_G < 50 else 1
    assert round(millions(R3gan(**settings), spec), places) == of_G
    assert millions(R3ganCritic(**settings), spec) == pytest.approx(of_D, abs=0.006 if places == 2 else 0.06)


def block(w: list[Tensor], x: Tensor) -> Tensor:
    """The weights stand in the order wide, spatial, narrow; groups of 4 channels, one at a time."""
    first, bias, second, second_bias, third = (w.pop(0) for _ in range(5))
    h = F.leaky_relu(torch.einsum("oi,bihw->bohw", first[:, :, 0, 0], x) + bias.view(-1, 1, 1), 0.2)
    parts = [F.conv2d(h[:, at : at + 4], second[at : at + 4], padding=1) for at in range(0, h.shape[1], 4)]
    h = F.leaky_relu(torch.cat(parts, 1) + second_bias.view(-1, 1, 1), 0.2)
    return x + torch.einsum("oi,bihw->bohw", third[:, :, 0, 0], h)


def doubled(x: Tensor) -> Tensor:
    """Linear interpolation of each axis: the new pixels are 1/4 before and 1/4 behind the old ones."""
    for axis in (2, 3):
        x = x.movedim(axis, 0)
        before, behind = torch.cat([x[:1], x[:-1]]), torch.cat([x[1:], x[-1:]])
        x = torch.stack([(3 * x + before) / 4, (3 * x + behind) / 4], dim=1).flatten(0, 1).movedim(0, axis)
    return x


def random_weights(network: nn.Module) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(1)
    for value in network.state_dict().values():
        value.copy_(torch.randn(value.shape, generator=generator) * (value.shape[0] / value.numel()) ** 0.5)
    return network.state_dict()


def test_the_generator_is_that_of_a_plain_reference() -> None:
    spec = pictures(16, classes=3)
    network = R3gan(**SMALL, latent=5, conditional=True).build(spec).double()
    assert isinstance(network, R3ganGenerator)
    state = random_weights(network)
    z, y = torch.randn(2, 5, dtype=torch.float64), torch.tensor([2, 0])
    table = state["embedding.weight"][y]
    code = torch.cat([z, 5**0.5 * table / table.norm(dim=1, keepdim=True)], 1) @ state["first.weight"].T
    h = code[:, :, None, None] * state["basis"]
    for level in range(3):
        if level:
            kernel = state.get(f"transitions.{level - 1}.weight")
            h = doubled(h)
            h = h if kernel is None else torch.einsum("oi,bihw->bohw", kernel[:, :, 0, 0], h)
        h = block([value for name, value in state.items() if name.startswith(f"stages.{level}.")], h)
    x = torch.einsum("oi,bihw->bohw", state["last.weight"][:, :, 0, 0], h).tanh()
    torch.testing.assert_close(network(z, y).double(), x, rtol=0, atol=1e-6)  # its output is float32


@pytest.mark.parametrize("conditional", [False, True])
def test_the_discriminator_is_that_of_a_plain_reference(conditional: bool) -> None:
    network = R3ganCritic(**SMALL, conditional=conditional).build(pictures(16, classes=3)).double()
    assert isinstance(network, R3ganDiscriminator)
    state = random_weights(network)
    x, y = torch.randn(2, 3, 16, 16, dtype=torch.float64), torch.tensor([2, 0])
    h = torch.einsum("oi,bihw->bohw", state["first.weight"][:, :, 0, 0], x)
    for level in range(3):
        if level:
            h = (h[:, :, ::2, ::2] + h[:, :, 1::2, ::2] + h[:, :, ::2, 1::2] + h[:, :, 1::2, 1::2]) / 4
            kernel = state.get(f"transitions.{level - 1}.weight")
            h = h if kernel is None else torch.einsum("oi,bihw->bohw", kernel[:, :, 0, 0], h)
        h = block([value for name, value in state.items() if name.startswith(f"stages.{level}.")], h)
    f = torch.einsum("bchw,cohw->bc", h, state["whole.weight"]) @ state["head.weight"].T
    logit = (f * state["embedding.weight"][y]).sum(1, keepdim=True) / 8**0.5 if conditional else f
    torch.testing.assert_close(network.float()(x.float(), y).logits, logit.float(), rtol=0, atol=1e-5)


def test_blocks_begin_as_the_identity_with_scaled_weights_inside() -> None:
    """He's deviation for LeakyReLU 0.2 is sqrt(2 / (1.04 fan_in)); of L = 16 branches of three layers it is halved."""
    torch.manual_seed(0)
    made = GroupedBlock(64, group_width=32, total=16)
    x = torch.randn(2, 64, 5, 5)
    assert torch.equal(made(x), x)
    assert made.wide.weight.std().item() == pytest.approx(0.5 * (2 / 1.04 / 64) ** 0.5, rel=0.05)
    assert made.spatial.weight.std().item() == pytest.approx(0.5 * (2 / 1.04 / (9 * 32)) ** 0.5, rel=0.05)
    network = R3ganCritic(width=16, widest=64, blocks=2).build(pictures(32))
    blocks = [module for module in network.modules() if isinstance(module, GroupedBlock)]
    assert len(blocks) == 8
    expected = 8**-0.25 * (2 / 1.04 / 64) ** 0.5
    assert blocks[-1].wide.weight.std().item() == pytest.approx(expected, rel=0.05)


def test_means_of_four_pixels_are_bilinear_interpolation() -> None:
    x = torch.randn(2, 3, 8, 6)
    wanted = F.interpolate(x, scale_factor=0.5, mode="bilinear", align_corners=False)
    torch.testing.assert_close(F.avg_pool2d(x, 2), wanted)
    torch.testing.assert_close(doubled(x), F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False))


def test_groups_that_do_not_divide_the_channels_are_refused() -> None:
    with pytest.raises(UsageError, match="groups of 5"):
        R3gan(width=4, group_width=5).build(pictures(16))
