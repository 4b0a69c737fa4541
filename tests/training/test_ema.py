import copy
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from ganvas.base.schedule import Linear
from ganvas.base.types import Spec
from ganvas.networks.mlp import Mlp
from ganvas.networks.player import Player
from ganvas.training.ema import Ema, follow
from ganvas.training.optimisers import Adam, Sgd
from ganvas.training.player import LivePlayer

POINTS = Spec("points", (2,), bounded=False)


@given(st.integers(1, 10_000_000), st.integers(1, 4096), st.floats(1.0, 1e6), st.floats(1e-3, 1.0))
def test_decay_is_a_half_to_the_samples_over_the_half_life(seen: int, batch: int, halflife: float, ramp: float) -> None:
    decay = Ema(halflife_samples=halflife, ramp=ramp).decay(seen, batch)
    assert decay == pytest.approx(2 ** (-batch / min(halflife, ramp * seen)), rel=1e-9, abs=1e-300)
    assert 0 <= decay < 1


def test_nothing_seen_means_nothing_remembered() -> None:
    assert Ema().decay(0, 64) == 0.0


def test_after_a_half_life_the_old_weights_weigh_a_half() -> None:
    ema = Ema(halflife_samples=640, ramp=1.0)
    old, new = nn.Linear(3, 2), nn.Linear(3, 2)
    average = copy.deepcopy(old)
    for turn in range(10):  # of 64 samples, long after the ramp
        follow(average, new, ema.decay(100_000 + 64 * turn, 64))
    torch.testing.assert_close(average.weight, (old.weight + new.weight) / 2)
    torch.testing.assert_close(average.bias, (old.bias + new.bias) / 2)


def test_the_half_life_does_not_depend_on_the_batch() -> None:
    ema = Ema(halflife_samples=1000, ramp=1.0)
    one = ema.decay(50_000, 128)
    many = math.prod(ema.decay(50_000, 8) for _ in range(16))
    assert one == pytest.approx(many, rel=1e-12)


def test_the_ramp_makes_a_short_run_forget_its_beginning() -> None:
    ema = Ema(halflife_samples=10_000, ramp=0.05)
    share = math.prod(ema.decay(64 * turn, 64) for turn in range(1, 200))
    assert share < 1e-6
    assert ema.decay(200_000, 64) == pytest.approx(0.5 ** (64 / 10_000)) == pytest.approx(ema.decay(10_000_000, 64))


def test_buffers_of_floats_are_averaged_and_counts_copied() -> None:
    network = nn.BatchNorm2d(3)
    average = copy.deepcopy(network)
    network(torch.randn(4, 3, 5, 5) + 7)
    follow(average, network, 0.75)
    torch.testing.assert_close(average.running_mean, 0.25 * network.running_mean)  # type: ignore[operator]
    torch.testing.assert_close(average.running_var, 0.75 * torch.ones(3) + 0.25 * network.running_var)  # type: ignore[operator]
    assert int(average.num_batches_tracked) == int(network.num_batches_tracked) == 1  # type: ignore[arg-type]


def test_a_player_steps_its_average_by_the_samples_seen_with_this_turn() -> None:
    described = Player(Mlp(widths=(4,), latent=2), Adam(lr=0.1), ema=Ema(halflife_samples=1e9, ramp=0.5))
    player = LivePlayer(described, described.network.build(Spec("points", (2,), False)))
    assert player.best is player.average
    expected = {name: value.clone() for name, value in player.network.state_dict().items()}
    for turn in range(5):
        player.network(torch.randn(8, 2)).square().sum().backward()
        player.step(described, samples_seen=8 * turn, total=100, passed=8)
        d = 0.5 ** (8 / (0.5 * 8 * (turn + 1)))
        expected = {name: d * expected[name] + (1 - d) * value for name, value in player.network.state_dict().items()}
    assert player.average is not None
    for name, value in player.average.state_dict().items():
        torch.testing.assert_close(value, expected[name])
    assert not player.average.training


def test_a_half_life_may_be_a_schedule() -> None:
    """Half of the run has passed: the half-life is half of its end, and so is the step of the average."""
    ema = Ema(halflife_samples=Linear(0.0, 6400.0), ramp=1.0)
    player = LivePlayer(Player(Mlp(widths=(4,)), Sgd(lr=0.0), ema=ema), Mlp(widths=(4,)).build(POINTS))
    assert player.average is not None
    before, new = next(iter(player.average.parameters())).clone(), next(iter(player.network.parameters()))
    with torch.no_grad():
        new.add_(1.0)
    player.network.zero_grad()
    player.gradients()
    player.step(player.described, samples_seen=5_000, total=10_000, passed=64)
    after = next(iter(player.average.parameters()))
    torch.testing.assert_close(after, before + 1 - 0.5 ** (64 / 3200))
