"""Progressive growing: published sizes, the levels of detail, and a plain reference of both players."""

from itertools import pairwise
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganvas.base.draws import Draws
from ganvas.base.play import Play
from ganvas.base.types import Batch, Spec, Verdict
from ganvas.games import Growing, Synthesis
from ganvas.networks import ProgressiveCritic, ProgressiveGan
from ganvas.networks.progressive import ProgressiveDiscriminator, ProgressiveGenerator, grown_level, shown_at
from ganvas.penalties import LogitDrift

SMALL: Any = {"width": 4, "widest": 8}


def pictures(side: int, *, channels: int = 3, classes: int = 0) -> Spec:
    return Spec("images", (channels, side, side), bounded=True, classes=tuple(map(str, range(classes))))


def convolutions(*widths: int, kernel: int = 3) -> int:
    return sum(a * b * kernel * kernel + b for a, b in pairwise(widths))


def test_the_papers_players_have_23_million_parameters_each() -> None:
    """Karras et al. 2018, table 2: 23.1 M each at 1024 x 1024. Ours end at 256; the two finer resolutions are added by
    hand, with the pictures in and out of all resolutions that growing needs, as the program has them.
    """
    with torch.device("meta"):
        G, D = (part().build(pictures(256)) for part in (ProgressiveGan, ProgressiveCritic))
    of_G, of_D = (sum(parameter.numel() for parameter in network.parameters()) for network in (G, D))
    finer_G = convolutions(64, 32, 32) + convolutions(32, 16, 16) + convolutions(32, 3, kernel=1)
    finer_G += convolutions(16, 3, kernel=1)
    finer_D = convolutions(32, 32, 64) + convolutions(16, 16, 32) + convolutions(3, 32, kernel=1)
    finer_D += convolutions(3, 16, kernel=1)
    assert round((of_G + finer_G) / 1e6, 1) == 23.1
    assert round((of_D + finer_D) / 1e6, 1) == 23.1


@pytest.mark.parametrize(
    ("detail", "level", "share"),
    [(0.0, 0, 0.0), (0.3, 0, 0.5), (0.4, 1, 0.0), (0.6, 1, 0.0), (0.65, 1, 0.25), (0.8, 2, 0.0), (1.7, 2, 0.0)],
)
def test_each_resolution_is_shown_for_as_long_as_it_fades_in(detail: float, level: int, share: float) -> None:
    """Two doublings: five equal parts."""
    found, faded = grown_level(detail + 1e-12, 2)
    assert found == level
    assert faded == pytest.approx(share, abs=1e-9)


def means(x: Tensor, side: int) -> Tensor:
    """Of squares of `side` pixels, each repeated to the old size."""
    small = x.unflatten(3, (-1, side)).unflatten(2, (-1, side)).mean((3, 5))
    return small.repeat_interleave(side, 2).repeat_interleave(side, 3)


def test_reals_are_shown_with_as_much_detail() -> None:
    x = torch.randn(2, 3, 28, 28)
    torch.testing.assert_close(shown_at(x, 0.0), means(x, 4))
    torch.testing.assert_close(shown_at(x, 0.3), (means(x, 4) + means(x, 2)) / 2)
    torch.testing.assert_close(shown_at(x, 0.5), means(x, 2))
    assert shown_at(x, 0.9) is x
    assert shown_at(torch.randn(1, 1, 18, 15), 0.0).shape == (1, 1, 18, 15)


@pytest.mark.parametrize(
    "described", [ProgressiveGan(**SMALL, latent=5), ProgressiveCritic(**SMALL, deviation_group=0)]
)
def test_a_resolution_fades_in_without_a_jump(described: Any) -> None:
    torch.manual_seed(0)
    network = described.build(pictures(28))
    inputs = torch.randn(3, 5) if hasattr(network, "latent") else torch.rand(3, 3, 28, 28)

    def at(detail: float) -> Tensor:
        output = network(inputs, detail=detail)
        return output if isinstance(output, Tensor) else output.logits

    torch.testing.assert_close(at(0.2 + 1e-6), at(0.1), rtol=0, atol=1e-4)
    torch.testing.assert_close(at(0.4 - 1e-6), at(0.5), rtol=0, atol=1e-4)
    assert not torch.allclose(at(0.3), at(0.1), atol=1e-3)
    assert not torch.allclose(at(0.3), at(0.5), atol=1e-3)
    last = at(0.5)
    output = network(inputs)  # the last detail holds
    assert torch.equal(output if isinstance(output, Tensor) else output.logits, last)


def layer(made: Any, x: Tensor) -> Tensor:
    """Equalised weights, zeros beyond the edge, LeakyReLU 0.2 of He's gain."""
    inputs = made.weight[0].numel()
    return leaky(F.conv2d(x, made.weight / inputs**0.5, made.bias, padding=made.weight.shape[-1] // 2))


def leaky(x: Tensor) -> Tensor:
    return torch.where(x > 0, x, 0.2 * x) * 2**0.5


def normed(x: Tensor) -> Tensor:
    return x / (x.square().mean(1, keepdim=True) + 1e-8).sqrt()


@torch.no_grad()
def test_the_generator_is_that_of_a_plain_reference() -> None:
    network = ProgressiveGan(**SMALL, latent=5, conditional=True).build(pictures(16, classes=3)).double()
    assert isinstance(network, ProgressiveGenerator)
    z, y = torch.randn(2, 5, dtype=torch.float64), torch.tensor([2, 0])
    table: Any = network.embedding
    code = torch.cat([normed(z), table.weight[y]], 1)
    h = (code @ network.first.weight.T / 10**0.5).view(2, 8, 4, 4)
    h = normed(layer(network.second, normed(leaky(h))))
    found = []
    for level, block in enumerate([None, *network.blocks]):
        if block is not None:
            h = h.repeat_interleave(2, 2).repeat_interleave(2, 3)
            for each in block:
                h = normed(layer(each, h))
        kernel: Any = network.to_image[level].weight[:, :, 0, 0] / h.shape[1] ** 0.5  # type: ignore[index]
        x = torch.einsum("oi,bihw->bohw", kernel, h)
        found.append(x.repeat_interleave(4 >> level, 2).repeat_interleave(4 >> level, 3))
    for detail, wanted in (
        (0.1, found[0]),
        (0.5, found[1]),
        (1.0, found[2]),
        (0.25, 0.75 * found[0] + 0.25 * found[1]),
    ):
        torch.testing.assert_close(network(z, y, detail=detail).double(), wanted.tanh(), rtol=0, atol=1e-6)


@torch.no_grad()
def test_the_discriminator_is_that_of_a_plain_reference() -> None:
    network = ProgressiveCritic(**SMALL, deviation_group=0, conditional=True).build(pictures(16, classes=3))
    assert isinstance(network, ProgressiveDiscriminator)
    x, y = torch.randn(2, 3, 16, 16), torch.tensor([2, 0])

    def entered(level: int) -> Tensor:
        return layer(network.from_image[level], means(x, 4 >> level)[:, :, :: 4 >> level, :: 4 >> level])

    def halved(level: int, h: Tensor) -> Tensor:
        layers: Any = network.blocks[level]
        for each in layers:
            h = layer(each, h)
        return means(h, 2)[:, :, ::2, ::2]

    def judged(h: Tensor) -> Tensor:
        f = leaky(layer(network.convolution, h).flatten(1) @ network.dense.weight.T / 128**0.5)
        table: Any = network.head.embedding
        match = (table.weight[y] * f).sum(1, keepdim=True) / 8**0.5
        return f @ network.head.linear.weight.T + network.head.linear.bias + match

    faded = 0.75 * entered(0) + 0.25 * halved(0, entered(1))
    whole = halved(0, halved(1, entered(2)))
    for detail, h in ((0.1, entered(0)), (0.25, faded), (1.0, whole)):
        found = network(x, y, detail=detail).logits
        assert isinstance(found, Tensor)
        torch.testing.assert_close(found, judged(h), rtol=0, atol=1e-5)


class Recording(nn.Module):
    """Keeps what it judged."""

    def forward(self, x: Tensor, y: Tensor | None, given: Any, detail: float | None = None) -> Verdict:
        self.judged = x
        return Verdict(x.flatten(1).sum(1, keepdim=True))


class Still(nn.Module):
    latent = (1,)

    def forward(self, z: Tensor, y: Tensor | None, given: Any, detail: float | None = None) -> Tensor:
        return torch.zeros(len(z), 1, 16, 16)


@pytest.mark.parametrize("game", [Growing, Synthesis])
def test_the_game_shows_the_reals_at_its_detail(game: Any) -> None:
    D, x = Recording(), torch.randn(2, 1, 16, 16)
    play = Play({"G": Still(), "D": D}, detail=0.1)
    game(detail=0.1).discriminator_turn(play, Batch(x=x), Draws(0, rows=range(2)))
    torch.testing.assert_close(D.judged[:2], means(x, 4) if game is Growing else x)


def test_the_drift_of_logits_is_their_square() -> None:
    play, x = Play({"G": Still(), "D": Recording()}), torch.randn(2, 1, 16, 16)
    terms = Synthesis(penalties=(LogitDrift(0.5),)).discriminator_turn(play, Batch(x=x), Draws(0, rows=range(2)))
    torch.testing.assert_close(terms["LogitDrift"].value, 0.5 * x.sum((1, 2, 3)).square())
