"""Transparent pictures on random grounds: closed forms, gradients and penalties through the view, and D's spec."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pytest
import torch
from torch import Tensor, nn

from ganvas.augment.differentiable import Translate
from ganvas.augment.ground import RandomGround
from ganvas.base.draws import Draws
from ganvas.base.errors import UsageError
from ganvas.base.play import Play
from ganvas.base.types import Batch, Spec, Verdict
from ganvas.games.synthesis import Synthesis
from ganvas.ops.transparency import SETTING
from ganvas.penalties.contract import Context
from ganvas.penalties.gradient import R1

SPEC = Spec("images", (4, 8, 8), bounded=True, settings=SETTING)
N = 64


def draws() -> Draws:
    return Draws("test", rows=range(N))


def pictures() -> Tensor:
    """Valid premultiplied pictures: colours in [0, alpha]."""
    u = torch.rand(N, 4, 8, 8, generator=torch.Generator().manual_seed(0))
    return torch.cat([u[:, :3] * u[:, 3:], u[:, 3:]], dim=1) * 2 - 1


@dataclass(frozen=True)
class Linear:
    """D(x) = sum of x, of the channels of the spec that it is built from."""

    def build(self, spec: Spec) -> nn.Module:
        return Sum(spec.shape[0])


class Sum(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))

    def forward(self, x: Tensor, y: Tensor | None, given: Mapping[str, Tensor]) -> Verdict:
        assert x.shape[1] == len(self.weight)
        return Verdict((x * self.weight[:, None, None]).sum((1, 2, 3))[:, None])


def test_each_sample_has_a_flat_ground_of_its_own() -> None:
    empty = torch.full((N, 4, 8, 8), -1.0)
    grounds = RandomGround(alpha_share=0).view(empty, draws(), "real")
    assert grounds.shape == (N, 3, 8, 8)
    colours = grounds[:, :, 0, 0]
    assert torch.equal(grounds, colours[:, :, None, None].expand_as(grounds))
    assert len({tuple(each) for each in colours.tolist()}) == N
    assert colours.min() < -0.9
    assert colours.max() > 0.9
    assert not torch.equal(grounds, RandomGround(alpha_share=0).view(empty, draws(), "fake"))


def test_opaque_pictures_hide_the_ground_and_valid_ones_stay_in_range() -> None:
    opaque = pictures()
    opaque[:, 3] = 1
    torch.testing.assert_close(RandomGround(alpha_share=0).view(opaque, draws(), "real"), opaque[:, :3])
    assert RandomGround(alpha_share=0).view(pictures(), draws(), "real").abs().max() <= 1 + 1e-6


def test_a_share_of_the_samples_is_alpha() -> None:
    x = pictures()
    mixed, composed = (RandomGround(alpha_share=share).view(x, draws(), "real") for share in (0.25, 0.0))
    alpha = (mixed == x[:, 3:]).flatten(1).all(1)
    assert 0.1 < alpha.float().mean() < 0.4  # 16 of 64, 3.5 standard deviations
    assert torch.equal(mixed[~alpha], composed[~alpha])


def test_a_ground_painted_into_opaque_pictures_shows_in_alpha_alone() -> None:
    """Without alpha D could not tell a generator that has lost transparency from the data."""
    empty = torch.full((N, 4, 8, 8), -1.0)
    painted = torch.cat([RandomGround(0.0).view(empty, draws(), "painted"), torch.ones(N, 1, 8, 8)], dim=1)
    seen = RandomGround(0.0).view(painted, draws(), "fake")
    assert torch.equal(seen, RandomGround(0.0).view(empty, draws(), "painted"))  # a draw of the same distribution
    alphas = [RandomGround(1.0).view(x, draws(), "real") for x in (empty, painted)]
    assert [each.mean().item() for each in alphas] == [-1, 1]


def test_penalties_differentiate_with_respect_to_all_four_channels() -> None:
    """D(x') = sum x' and x'_c = p_c + (1 - a) (g_c + 1) / 2: dD/dp_c = 1, dD/da = -sum_c (g_c + 1) / 2."""
    network, x = Sum(3), pictures()
    play = Play({"D": network})
    views = (RandomGround(alpha_share=0),)
    context = Context(play, Batch(x=x), draws(), x_real=x, x_fake=x.clone(), views=views, gradients=True)
    grounds = views[0].view(torch.full((N, 4, 8, 8), -1.0), draws(), "view.0.real")[:, :, 0, 0]
    slope = ((grounds + 1) / 2).sum(1)
    expected = 64 * (3 + slope.square()) / 2
    penalty = R1(gamma=1.0).penalty(context)
    torch.testing.assert_close(penalty, expected)
    penalty.mean().backward()
    assert network.weight.grad is not None
    assert (network.weight.grad > 0).all()


def test_d_is_built_for_what_it_gets() -> None:
    game = Synthesis(views=(RandomGround(), Translate()))
    assert game.player_spec("G", SPEC) == SPEC
    assert game.player_spec("D", SPEC) == replace(SPEC, shape=(3, 8, 8), settings={})
    assert Synthesis(views=(Translate(),)).player_spec("D", SPEC) == SPEC
    x = pictures()
    assert game.player_input("G", x) is x
    seen = game.player_input("D", x)
    assert seen.shape == (N, 3, 8, 8)
    assert torch.equal(seen, game.player_input("D", x))
    play = Play({"D": Linear().build(game.player_spec("D", SPEC))})
    logits = game.logits(play, Batch(x=x), x)
    assert logits is not None
    torch.testing.assert_close(logits, seen.sum((1, 2, 3))[:, None])


@pytest.mark.parametrize("strength", [0.0, 0.5])
def test_a_view_that_changes_the_spec_is_always_applied(strength: float) -> None:
    x = pictures()
    play = Play({"D": Sum(3)}, strength=strength)
    context = Context(play, Batch(x=x), draws(), x_real=x, x_fake=x.clone(), views=(RandomGround(), Translate()))
    assert context.real.scores.shape == (N, 1)


def test_pictures_without_alpha_are_refused() -> None:
    with pytest.raises(UsageError, match="RandomGround"):
        RandomGround().changed_spec(Spec("images", (4, 8, 8), bounded=True))
