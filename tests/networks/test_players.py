"""Residual players, maxout, conditional batch norm, packs: against what the papers and hand calculation say."""

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from ganvas.base.errors import UsageError
from ganvas.base.types import Network, Spec, mixes_samples
from ganvas.networks.dcgan import DcganCritic
from ganvas.networks.layers import ConditionalBatchNorm
from ganvas.networks.maxout import Maxout
from ganvas.networks.mlp import Mlp, MlpCritic
from ganvas.networks.packed import Packed
from ganvas.networks.resnet import Resnet, ResnetCritic

POINTS = Spec("points", (2,), bounded=False)


def count(described: Network, spec: Spec) -> int:
    with torch.device("meta"):
        return sum(parameter.numel() for parameter in described.build(spec).parameters())


def test_the_generator_for_32_pixels_is_the_papers() -> None:
    """Table 4 of the paper: dense 4 x 4 x 256, three blocks up of 256, batch norm, 3 x 3 convolution to 3."""
    dense, conv, skip = 128 * 4096 + 4096, 9 * 256 * 256 + 256, 256 * 256 + 256
    wanted = dense + 3 * (2 * conv + skip + 2 * 512) + 512 + 9 * 256 * 3 + 3
    assert count(Resnet(width=256, widest=256), Spec("images", (3, 32, 32), bounded=True)) == wanted == 4_276_739


def test_the_players_for_128_pixels_have_the_papers_blocks() -> None:
    """Table 5: up 1024, 512, 256, 128, 64; down 64, 128, 256, 512, 1024 and one of 1024 that keeps its size."""
    spec = Spec("images", (3, 128, 128), bounded=True)
    with torch.device("meta"):
        G: Any = Resnet(width=64).build(spec)
        D: Any = ResnetCritic(width=64).build(spec)
    assert [block.second.out_channels for block in G.blocks] == [1024, 512, 256, 128, 64]
    assert G.first.out_features == 4 * 4 * 1024
    assert [(block.second.out_channels, block.halve) for block in D.blocks] == [
        *((width, True) for width in (64, 128, 256, 512, 1024)),
        (1024, False),
    ]
    assert D.head.linear.in_features == 1024
    assert not mixes_samples(D)


def test_the_discriminator_for_32_pixels_is_the_papers() -> None:
    """Table 4 of the paper: two halving blocks and two plain ones, 128 channels, the plain ones at 8 x 8; a dense 1."""
    spec = Spec("images", (3, 32, 32), bounded=True)
    described = ResnetCritic(width=128, widest=128, halvings=2, plain=2)
    conv = 9 * 128 * 128 + 128
    first = (9 * 3 * 128 + 128) + conv + (3 * 128 + 128)  # two 3 x 3 convolutions, and 1 x 1 of the image
    second = 2 * conv + (128 * 128 + 128)
    assert count(described, spec) == first + second + 2 * (2 * conv) + (128 + 1) == 1_053_825
    with torch.device("meta"):
        D: Any = described.build(spec)
        assert D.blocks(torch.empty(2, 3, 32, 32)).shape == (2, 128, 8, 8)
        assert D(torch.empty(2, 3, 32, 32)).logits.shape == (2, 1)
    assert [block.halve for block in D.blocks] == [True, True, False, False]


def test_an_image_is_not_halved_more_often_than_it_can_be() -> None:
    spec = Spec("images", (1, 8, 8), bounded=True)
    with torch.device("meta"):
        assert ResnetCritic(width=2, halvings=3).build(spec)(torch.empty(1, 1, 8, 8)).logits.shape == (1, 1)
    with pytest.raises(UsageError, match=r"8 pixels.*4 times") as raised:
        ResnetCritic(width=2, halvings=4).build(spec)
    assert raised.value.exit_code == 2


def test_a_blocks_paths_are_as_drawn() -> None:
    """Doubling after the 1 x 1 convolution, and the mean before it, give what the paper's order gives."""
    x = torch.randn(2, 4, 6, 6, generator=torch.Generator().manual_seed(0))
    G: Any = Resnet(width=4, widest=4).build(Spec("images", (1, 14, 14), bounded=True))
    D: Any = ResnetCritic(width=4, widest=4).build(Spec("images", (1, 28, 28), bounded=True))
    up, down = G.blocks[0].eval(), D.blocks[1]
    first = F.conv2d(F.interpolate(F.relu(up.norms[0](x)), scale_factor=2), up.first.weight, up.first.bias, padding=1)
    h = up.second(F.relu(up.norms[1](first)))
    torch.testing.assert_close(up(x), h + up.skip(F.interpolate(x, scale_factor=2)), rtol=1e-5, atol=1e-6)
    h = F.avg_pool2d(down.second(F.relu(down.first(F.relu(x)))), 2)
    torch.testing.assert_close(down(x), h + F.avg_pool2d(down.skip(x), 2), rtol=1e-5, atol=1e-6)


def test_features_are_sums_over_the_picture() -> None:
    D: Any = ResnetCritic(width=4, widest=8).build(Spec("images", (1, 28, 28), bounded=True))
    x = torch.randn(3, 1, 28, 28)
    torch.testing.assert_close(D(x).features[-1], F.relu(D.blocks(x)).sum((2, 3)))


def test_conditional_batch_norm_is_batch_norm_with_a_classes_own_numbers() -> None:
    layer = ConditionalBatchNorm(3, 2)
    x, y = torch.randn(6, 3, 4, 4, generator=torch.Generator().manual_seed(0)), torch.tensor([0, 1, 1, 0, 1, 0])
    nn.init.normal_(layer.bias.weight)
    plain = (x - x.mean((0, 2, 3), keepdim=True)) / (x.var((0, 2, 3), keepdim=True, correction=0) + 1e-5).sqrt()
    wanted = plain * layer.gain.weight[y][:, :, None, None] + layer.bias.weight[y][:, :, None, None]
    torch.testing.assert_close(layer(x, y), wanted, rtol=1e-5, atol=1e-5)
    assert mixes_samples(layer)
    with torch.no_grad():
        layer.gain.weight.fill_(2)
        layer.bias.weight.fill_(-1)
    torch.testing.assert_close(layer(x, y), 2 * plain - 1, rtol=1e-5, atol=1e-5)


def test_maxout_is_the_largest_of_its_pieces() -> None:
    layer = Maxout(4, 3, pieces=5)
    x = torch.randn(7, 4, generator=torch.Generator().manual_seed(0))
    pieces = torch.stack([F.linear(x, layer.linear.weight[j::5], layer.linear.bias[j::5]) for j in range(5)])
    torch.testing.assert_close(layer(x), pieces.max(0).values)
    assert layer(x).shape == (7, 3)


def test_pacgans_players() -> None:
    """Lin et al. 2018, section 4.1: G 4 x 400 with batch norm, D 3 x 200 maxout 5 on pairs of points."""
    generator, critic = (
        Mlp(widths=(400,) * 4, latent=2, batch_norm=True, slope=0.0),
        Packed(MlpCritic(widths=(200,) * 3, maxout=5), pack=2),
    )
    layers = [2 * 400, *[400 * 400] * 3]  # no biases before a norm
    assert count(generator, POINTS) == sum(layers) + 4 * 800 + 400 * 2 + 2
    assert count(critic, POINTS) == (4 * 1000 + 1000) + 2 * (200 * 1000 + 1000) + 201
    G = generator.build(POINTS)
    assert mixes_samples(G)
    assert [module.negative_slope for module in G.modules() if isinstance(module, nn.LeakyReLU)] == [0.0] * 4


@pytest.mark.parametrize(
    ("inner", "spec"),
    [
        (MlpCritic(widths=(8,)), POINTS),
        (DcganCritic(width=4, batch_norm=False), Spec("images", (3, 16, 16), bounded=True)),
    ],
)
@pytest.mark.parametrize("pack", [1, 2, 3])
def test_a_pack_is_judged_by_itself(inner: Network, spec: Spec, pack: int) -> None:
    D: Any = Packed(inner, pack=pack).build(spec)
    x = torch.randn(6, *spec.shape, generator=torch.Generator().manual_seed(0))
    verdict = D(x, torch.zeros(6, dtype=torch.int64))
    assert verdict.logits.shape == (6 // pack, 1)
    joined = torch.cat([x[j::pack] for j in range(pack)], dim=1)  # [B / pack, pack C, ...]
    torch.testing.assert_close(verdict.logits, D.network(joined).logits)
    other = torch.cat([x[:pack], x[pack:].flip(0)])
    torch.testing.assert_close(D(other).logits[0], verdict.logits[0], rtol=0, atol=0)
    if pack > 1:
        swapped = x.clone()
        swapped[:pack] = x[:pack].flip(0)
        assert not torch.equal(D(swapped).logits[0], verdict.logits[0])


def test_packs_that_cannot_be() -> None:
    labelled = Spec("points", (2,), bounded=False, classes=("a", "b"))
    with pytest.raises(UsageError, match="unlike classes"):
        Packed(MlpCritic(conditional=True)).build(labelled)
    with pytest.raises(UsageError, match="5 samples cannot be packed by 2"):
        Packed(MlpCritic()).build(POINTS)(torch.zeros(5, 2))
