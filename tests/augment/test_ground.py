"""Transparent pictures on random grounds: closed forms, gradients and penalties through the view, and D's spec."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pytest
import torch
from torch import Tensor, nn

from ganvas.augment.differentiable import Colour, Translate
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
    seen = RandomGround().view(empty, draws(), "real")
    assert seen.shape == (N, 4, 8, 8)
    grounds = seen[:, :3]
    colours = grounds[:, :, 0, 0]
    assert torch.equal(grounds, colours[:, :, None, None].expand_as(grounds))
    assert len({tuple(each) for each in colours.tolist()}) == N
    assert colours.min() < -0.9
    assert colours.max() > 0.9
    assert not torch.equal(seen, RandomGround().view(empty, draws(), "fake"))


def test_opaque_pictures_hide_the_ground_and_valid_ones_stay_in_range() -> None:
    opaque = pictures()
    opaque[:, 3] = 1
    torch.testing.assert_close(RandomGround().view(opaque, draws(), "real"), opaque)
    assert RandomGround().view(pictures(), draws(), "real").abs().max() <= 1 + 1e-6


def test_a_ground_painted_into_opaque_pictures_shows_in_alpha_alone() -> None:
    """Without alpha D could not tell a generator that has lost transparency from the data."""
    empty = torch.full((N, 4, 8, 8), -1.0)
    painted = RandomGround().view(empty, draws(), "painted")
    painted[:, 3] = 1
    seen, expected = (RandomGround().view(x, draws(), "painted") for x in (painted, empty))
    assert torch.equal(seen[:, :3], expected[:, :3])
    assert [each[:, 3].unique().item() for each in (expected, seen)] == [-1, 1]


def test_views_of_colour_leave_alpha_as_it_is() -> None:
    seen = RandomGround().view(pictures(), draws(), "real")
    changed = Colour().view(seen, draws(), "real")
    assert torch.equal(changed[:, 3:], seen[:, 3:])
    torch.testing.assert_close(changed[:, :3], Colour().view(seen[:, :3], draws(), "real"))


def test_penalties_differentiate_with_respect_to_all_four_channels() -> None:
    """D(x') = sum x' and x'_c = p_c + (1 - a) (g_c + 1) / 2: dD/dp_c = 1, dD/da = 1 - sum_c (g_c + 1) / 2."""
    network, x = Sum(4), pictures()
    play = Play({"D": network})
    views = (RandomGround(),)
    context = Context(play, Batch(x=x), draws(), x_real=x, x_fake=x.clone(), views=views, gradients=True)
    grounds = views[0].view(torch.full((N, 4, 8, 8), -1.0), draws(), "view.0.real")[:, :3, 0, 0]
    slope = 1 - ((grounds + 1) / 2).sum(1)
    expected = 64 * (3 + slope.square()) / 2
    penalty = R1(gamma=1.0).penalty(context)
    torch.testing.assert_close(penalty, expected)
    penalty.mean().backward()
    assert network.weight.grad is not None
    assert (network.weight.grad != 0).all()


def test_d_is_built_for_what_it_gets() -> None:
    game = Synthesis(views=(RandomGround(), Translate()))
    assert game.player_spec("G", SPEC) == SPEC
    assert game.player_spec("D", SPEC) == replace(SPEC, settings={})
    assert Synthesis(views=(Translate(),)).player_spec("D", SPEC) == SPEC
    x = pictures()
    assert game.player_input("G", x) is x
    seen = game.player_input("D", x)
    assert seen.shape == (N, 4, 8, 8)
    assert not torch.equal(seen[:, :3], x[:, :3])
    assert torch.equal(seen, game.player_input("D", x))
    play = Play({"D": Linear().build(game.player_spec("D", SPEC))})
    logits = game.logits(play, Batch(x=x), x)
    assert logits is not None
    torch.testing.assert_close(logits, seen.sum((1, 2, 3))[:, None])


@pytest.mark.parametrize("strength", [0.0, 0.5])
def test_a_view_that_changes_the_spec_is_always_applied(strength: float) -> None:
    empty = torch.full((N, 4, 8, 8), -1.0)
    play = Play({"D": Sum(4)}, strength=strength)
    views = (RandomGround(), Translate())
    context = Context(play, Batch(x=empty), draws(), x_real=empty, x_fake=empty.clone(), views=views)
    assert (context.real.scores > -4 * 64).all()  # of an empty picture without a ground


def test_pictures_without_alpha_are_refused() -> None:
    with pytest.raises(UsageError, match="RandomGround"):
        RandomGround().changed_spec(Spec("images", (4, 8, 8), bounded=True))
