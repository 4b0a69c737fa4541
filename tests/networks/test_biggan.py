"""BigGAN's players: StudioGAN's sizes, the norm with a condition, self-attention, where z and the class enter."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from ganvas.base.errors import UsageError
from ganvas.base.types import Spec
from ganvas.networks import BigGan, BigGanCritic
from ganvas.networks.attention import SelfAttention, with_attention
from ganvas.networks.biggan import BigGanGenerator, StyledBatchNorm
from ganvas.networks.resnet import ResnetDiscriminator, UpBlock

SMALL: Any = {"width": 4, "widest": 8}


def pictures(side: int, *, channels: int = 3, classes: int = 0) -> Spec:
    return Spec("images", (channels, side, side), bounded=True, classes=tuple(map(str, range(classes))))


def count(described: Any, spec: Spec) -> int:
    with torch.device("meta"):
        return sum(parameter.numel() for parameter in described.build(spec).parameters())


def test_the_cifar_10_players_have_studiogans_parameters() -> None:
    """9.4 M and 2.4 M: three blocks of 384 channels, z of 80 in four parts; two halving and two plain blocks of 192."""
    spec = pictures(32, classes=10)
    G = BigGan(width=384, widest=384, latent=80, conditional=True)
    D = BigGanCritic(width=192, widest=192, halvings=2, plain=2, conditional=True)
    assert round(count(G, spec) / 1e6, 1) == 9.4
    assert round(count(D, spec) / 1e6, 1) == 2.4
    norms = 3 * 2 * 2 * 384 * (128 + 20)
    convolutions = 3 * (2 * (384 * 384 * 9 + 384) + 384 * 384 + 384) + 384 * 3 * 9 + 3
    attention = 2 * 384 * 48 + 2 * 384 * 192 + 1
    assert count(G, spec) == norms + convolutions + attention + 10 * 128 + (20 + 1) * 384 * 16 + 2 * 384


def test_self_attention_is_a_weighted_mean_over_places() -> None:
    torch.manual_seed(0)
    layer, x = SelfAttention(16), torch.randn(2, 16, 4, 6)
    assert torch.equal(layer(x), x), "gamma begins at 0"
    nn.init.constant_(layer.gamma, 0.7)
    with torch.no_grad():
        found = layer(x)
        theta, phi, g, o = (part.weight[:, :, 0, 0] for part in (layer.theta, layer.phi, layer.g, layer.o))
        assert (len(theta), len(phi), len(g), len(o)) == (2, 2, 8, 16)
        for b, row, column in ((0, 0, 0), (1, 3, 4)):
            weights, values = [], []
            for top in (0, 2):
                for left in (0, 2, 4):
                    places = x[b, :, top : top + 2, left : left + 2].flatten(1)
                    weights.append(((phi @ places).amax(1) * (theta @ x[b, :, row, column])).sum().exp())
                    values.append((g @ places).amax(1))
            mean = sum(w * v for w, v in zip(weights, values, strict=True)) / sum(weights)
            torch.testing.assert_close(found[b, :, row, column], x[b, :, row, column] + 0.7 * (o @ mean))


def test_the_norm_takes_gains_and_shifts_from_its_condition() -> None:
    norm, x, condition = StyledBatchNorm(3, inputs=2), torch.randn(5, 3, 4, 4), torch.randn(5, 2)
    mean, std = x.mean((0, 2, 3)), x.var((0, 2, 3), correction=0).sqrt()
    normed = (x - mean.view(3, 1, 1)) / std.view(3, 1, 1)
    gain, shift = (condition @ each.weight.T for each in (norm.gain, norm.shift))
    wanted = normed * (1 + gain)[..., None, None] + shift[..., None, None]
    torch.testing.assert_close(norm.train()(x, condition), wanted, rtol=1e-3, atol=1e-4)


def test_attention_is_in_the_largest_map_that_is_not_too_large() -> None:
    for sides, place in (([8, 16, 32], 2), ([14, 28], 1), ([32, 16, 8], 2), ([32, 64], None)):
        blocks = with_attention([nn.Identity()] * 4, widths=[8] * len(sides), sides=sides, most=16)
        found = [number for number, block in enumerate(blocks) if isinstance(block, SelfAttention)]
        assert found == ([] if place is None else [place])
    G, D = BigGan(**SMALL, latent=8).build(pictures(64)), BigGanCritic(**SMALL).build(pictures(64))
    assert isinstance(G, BigGanGenerator)
    assert isinstance(D, ResnetDiscriminator)
    sizes: dict[str, tuple[int, ...]] = {}
    for name, network, inputs in (("G", G, torch.randn(2, 8)), ("D", D, torch.randn(2, 3, 64, 64))):
        (layer,) = (module for module in network.modules() if isinstance(module, SelfAttention))
        layer.register_forward_hook(lambda _m, _i, output, name=name: sizes.update({name: tuple(output.shape[2:])}))
        network(inputs)
    assert sizes == {"G": (16, 16), "D": (16, 16)}
    none = BigGan(**SMALL, latent=8, attention=0).build(pictures(64))
    assert not any(isinstance(module, SelfAttention) for module in none.modules())


@torch.no_grad()
def test_each_block_gets_its_part_of_z_and_the_class() -> None:
    network: Any = BigGan(**SMALL, latent=10, shared=3, conditional=True).build(pictures(32, classes=4)).eval()
    assert network.parts == (4, 2, 2, 2)
    seen: list[tuple[Tensor, ...]] = []
    for block in (each for each in network.blocks if isinstance(each, UpBlock)):
        block.register_forward_pre_hook(lambda _module, inputs: seen.append(inputs))
    z, y = torch.randn(2, 10), torch.tensor([3, 1])
    network(z, y)
    for number, (_, condition) in enumerate(seen):
        start = 4 + 2 * number
        assert torch.equal(condition, torch.cat([network.embedding.weight[y], z[:, start : start + 2]], 1))
    torch.testing.assert_close(seen[0][0].flatten(1), network.first(z[:, :4]))


def test_weights_begin_orthogonal() -> None:
    for network in (BigGan(**SMALL).build(pictures(32)), BigGanCritic(**SMALL).build(pictures(32))):
        assert any(isinstance(module, SelfAttention) for module in network.modules())
        for module in network.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                rows = module.weight.flatten(1)
                rows = rows if rows.shape[0] <= rows.shape[1] else rows.T
                torch.testing.assert_close(rows @ rows.T, torch.eye(len(rows)), rtol=0, atol=1e-5)


def test_a_latent_without_a_part_for_each_block_is_refused() -> None:
    with pytest.raises(UsageError, match="latent"):
        BigGan(latent=3).build(pictures(32))
