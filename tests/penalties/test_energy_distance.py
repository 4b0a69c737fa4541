"""The energy distance of batches, against closed forms."""

import math

import torch

from ganvas.penalties.energy_distance import distances, energy_distance


def test_two_points_a_side() -> None:
    real, fake = torch.tensor([[0.0], [2.0]]), torch.tensor([[0.0], [4.0]])
    # E|f - r| = (0 + 2 + 4 + 2) / 4 = 2, E|f - f'| = 4, E|r - r'| = 2
    assert abs(energy_distance(real, fake).item() - ((2 * 2 - 4) / 2 - 1)) < 1e-5


def test_distances_are_euclidean() -> None:
    found = distances(torch.tensor([[0.0, 0.0]]), torch.tensor([[3.0, 4.0]]))
    torch.testing.assert_close(found, torch.tensor([[5.0]]))


def test_no_bias_for_equal_normal_distributions() -> None:
    generator = torch.Generator().manual_seed(0)
    draws = torch.randn(400, 2, 16, 8, generator=generator)
    found = torch.stack([energy_distance(real, fake) for real, fake in draws])
    assert abs(found.mean()) < 4 * found.std() / math.sqrt(len(found))


def test_normals_at_a_distance_have_the_value_of_the_closed_form() -> None:
    # one dimension, unit deviations, means at distance m: E|f - r| = sqrt(4 / pi) exp(-m^2 / 4) + m erf(m / 2)
    generator = torch.Generator().manual_seed(1)
    m = 1.5
    real, fake = torch.randn(2000, 1, generator=generator), torch.randn(2000, 1, generator=generator) + m
    among = 2 / math.sqrt(math.pi)
    between = among * math.exp(-(m**2) / 4) + m * math.erf(m / 2)
    assert abs(energy_distance(real, fake).item() - ((2 * between - among) / among - 1)) < 0.1


def test_one_picture_is_worse_than_variety() -> None:
    generator = torch.Generator().manual_seed(2)
    real, fake = torch.randn(2, 64, 4, generator=generator)
    collapsed = fake[:1].expand(64, 4)
    assert energy_distance(real, collapsed) > energy_distance(real, fake) + 0.3


def test_the_gradient_is_finite_where_samples_coincide() -> None:
    fake = torch.zeros(4, 3, requires_grad=True)
    energy_distance(torch.randn(4, 3, generator=torch.Generator().manual_seed(3)), fake).backward()
    assert fake.grad is not None
    assert fake.grad.isfinite().all()
