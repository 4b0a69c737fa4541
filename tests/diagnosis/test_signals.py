import math

import pytest
import torch
from torch import nn

from clouds import normals
from ganvas.diagnosis.signals import (
    coverage_and_precision,
    discriminator_signals,
    effective_rank,
    energy_coefficient,
    first_layer_norm,
    nearer_to_train,
    neighbour_radii,
    probability_above,
    relative_change,
    repeated_share,
)


def test_above_counts_pairs_and_halves_ties() -> None:
    assert probability_above(torch.tensor([1.0, 3.0]), torch.tensor([0.0, 3.0])) == pytest.approx((1 + 0 + 1 + 0.5) / 4)
    x = normals(50)
    assert probability_above(x, x) == pytest.approx(0.5)
    assert probability_above(x + 100, x) == 1
    assert probability_above(3 * x + 7, 3 * normals(50, seed=1) + 7) == pytest.approx(
        probability_above(x, normals(50, seed=1))
    ), "D's scale and zero say nothing"


def test_margins_are_those_of_the_paper() -> None:
    """Karras et al. 2020, equation 1."""
    train, held, fake = torch.tensor([3.0, 1.0, -1.0]), torch.tensor([0.5, 0.5, 0.5]), torch.tensor([-1.0, -2.0, -3.0])
    found = discriminator_signals(train, held, fake)
    assert found["D.sign"] == pytest.approx(1 / 3)
    assert found["D.held_ratio"] == pytest.approx((1 - 0.5) / (1 + 2))
    assert found["D.ahead"] == 1
    assert found["D.memory"] == pytest.approx(2 / 3)
    assert "D.memory" not in discriminator_signals(train, None, fake)
    assert "D.held_ratio" not in discriminator_signals(train, held, train), "no gap, no ratio"


def test_every_real_reaches_five_others() -> None:
    x = torch.arange(20.0)[:, None]
    assert neighbour_radii(x).tolist() == pytest.approx([5, 4, 3, *[3] * 14, 3, 4, 5])
    assert neighbour_radii(x[:3]).tolist() == pytest.approx([2, 1, 2]), "as many as there are"


def test_coverage_and_precision() -> None:
    between = torch.tensor([[0.5, 2.0, 9.0], [9.0, 9.0, 9.0]])  # two samples, three reals
    assert coverage_and_precision(between, torch.tensor([1.0, 1.0, 1.0])) == pytest.approx((1 / 3, 0.5))


def test_apart_is_nothing_for_one_cloud_and_one_for_two_points() -> None:
    x = normals(200, 3)
    mean = float(torch.cdist(x, x).mean())
    assert energy_coefficient(mean, mean, mean) == 0
    assert energy_coefficient(4.0, 0.0, 0.0) == 1
    wider = float(torch.cdist(x, 3 * x).mean()), mean, float(torch.cdist(3 * x, 3 * x).mean())
    assert 0 < energy_coefficient(*wider) < 1


def test_rank_counts_directions() -> None:
    line = normals(100, 1) @ normals(1, 8, seed=1)
    assert effective_rank(line) == pytest.approx(1)
    signs = torch.cartesian_prod(*[torch.tensor([-1.0, 1.0])] * 3)  # equal variance in three directions
    assert effective_rank(signs) == pytest.approx(3)
    assert effective_rank(signs[:, :2].repeat(1, 8)) == pytest.approx(2), "more numbers than samples"
    assert math.isfinite(effective_rank(torch.ones(5, 2)))


def test_repetitions_and_copies() -> None:
    x = torch.tensor([[0.0], [0.1], [5.0], [9.0]])
    assert repeated_share(torch.cdist(x, x), 0.2) == 0.5
    assert nearer_to_train(
        torch.tensor([[1.0, 0.0], [3.0, 3.0]]), torch.tensor([[2.0, 2.0], [3.0, 4.0]])
    ) == pytest.approx(0.75), "a tie is a half"


def test_the_largest_stretch_of_the_first_layer() -> None:
    network = nn.Sequential(nn.Linear(6, 20), nn.Linear(20, 1))
    exact = float(torch.linalg.matrix_norm(next(network.parameters()).detach(), 2))
    assert 0.8 * exact < (first_layer_norm(network) or 0) <= exact * 1.0001
    assert first_layer_norm(nn.Identity()) is None


def test_steps_are_told_in_shares_of_the_weights() -> None:
    assert relative_change([torch.tensor([3.0, 4.0])], [torch.tensor([3.0, 4.5])]) == pytest.approx(0.1)
    assert relative_change([torch.zeros(2)], [torch.zeros(2)]) == 0
