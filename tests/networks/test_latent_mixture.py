"""A latent that is a mixture of Gaussians: its density against scikit-learn's, its samples, and its inverse."""

import math

import pytest
import torch
from sklearn.mixture import GaussianMixture  # type: ignore[import-untyped]
from torch import Tensor, nn

from ganvas.networks.latent_mixture import NEVER, SAMPLES, LatentMixture, log_densities, normal_share
from ganvas.training.ema import follow

CENTRES = torch.tensor([[0.0, 0, 0], [3, 0, 0], [0, 3, 0]])


def clusters(count: int = 3000) -> Tensor:
    """Three Gaussians, of which the first has half of the samples."""
    generator = torch.Generator().manual_seed(0)
    which = torch.randint(4, (count,), generator=generator).clamp(min=1) - 1
    return CENTRES[which] + torch.randn(count, 3, generator=generator) * torch.tensor([0.1, 0.2, 0.3])


def normal(count: int, numbers: int) -> Tensor:
    return torch.randn(count, numbers, generator=torch.Generator().manual_seed(1))


def weights_of(mixture: LatentMixture) -> Tensor:
    return torch.cat([torch.zeros(1), normal_share(mixture.bounds), torch.ones(1)]).diff()


def log_density(mixture: LatentMixture, w: Tensor) -> float:
    logs = log_densities(w, weights_of(mixture), mixture.means, mixture.factors)[0].logsumexp(1).mean()
    return float(logs) - w.shape[1] / 2 * math.log(2 * math.pi)


def test_before_it_is_fitted_it_gives_z() -> None:
    z = normal(5, 4)
    mixture = LatentMixture(3, 6)
    assert torch.equal(mixture(z), z[:, :3])
    torch.testing.assert_close(mixture.inverse(z[:, :3]), torch.cat([z[:, :3], torch.zeros(5, 1)], 1))


def test_its_density_is_as_good_as_that_of_scikit_learn() -> None:
    w = clusters()
    mixture = LatentMixture(3, 3)
    mixture.fit(w)
    expected = GaussianMixture(3, random_state=0).fit(w.numpy())
    assert abs(log_density(mixture, w) - expected.score(w.numpy())) < 0.02
    torch.testing.assert_close(weights_of(mixture).sort().values, torch.tensor([0.25, 0.25, 0.5]), atol=0.03, rtol=0)
    ours, theirs = mixture.means, torch.from_numpy(expected.means_).float()
    assert float(torch.cdist(ours, theirs).min(1).values.max()) < 0.02


def test_its_components_are_in_the_order_of_their_first_numbers() -> None:
    mixture = LatentMixture(3, 3)
    mixture.fit(clusters())
    assert bool((mixture.means[:, 0].diff() > 0).all())


def test_samples_have_the_moments_of_the_data() -> None:
    w = clusters()
    mixture = LatentMixture(3, 5)
    mixture.fit(w)
    made = mixture(normal(40_000, 4))
    torch.testing.assert_close(made.mean(0), w.mean(0), atol=0.03, rtol=0)
    torch.testing.assert_close(torch.cov(made.T), torch.cov(w.T), atol=0.04, rtol=0)
    assert float(torch.cdist(made[:2000], CENTRES).min(1).values.max()) < 2  # none in between


def test_the_inverse_gives_the_z_of_each_w_and_is_normal() -> None:
    w = clusters()
    mixture = LatentMixture(3, 3)
    mixture.fit(w)
    z = mixture.inverse(w)
    torch.testing.assert_close(mixture(z), w)
    torch.testing.assert_close(z[:, :3].mean(0), torch.zeros(3), atol=0.05, rtol=0)
    torch.testing.assert_close(z[:, :3].std(0), torch.ones(3), atol=0.1, rtol=0)


@pytest.mark.parametrize(("samples", "components"), [(SAMPLES, 1), (3 * SAMPLES, 3), (100 * SAMPLES, 8), (7, 1)])
def test_few_samples_have_few_components(samples: int, components: int) -> None:
    mixture = LatentMixture(3, 8)
    mixture.fit(normal(samples, 3))
    assert int((mixture.bounds < NEVER).sum()) + 1 == components
    assert int((weights_of(mixture) > 0).sum()) == components


def test_a_component_of_few_samples_is_as_wide_as_the_others() -> None:
    mixture = LatentMixture(20, 8)
    mixture.fit(normal(8 * SAMPLES, 20))
    used = mixture.factors[weights_of(mixture) > 0]
    assert len(used) == 8
    assert float(torch.linalg.svdvals(used).min()) > 0.3


def test_copies_of_few_samples_give_finite_numbers() -> None:
    mixture = LatentMixture(20, 8)
    mixture.fit(normal(4, 20).repeat(100, 1))
    z = normal(50, 21)
    assert bool(mixture(z).isfinite().all())
    assert bool(mixture.inverse(mixture(z)).isfinite().all())


def test_the_average_of_a_network_has_the_same_mixture() -> None:
    ours, theirs = LatentMixture(3, 4), LatentMixture(3, 4)
    average, network = (nn.Sequential(each, nn.Linear(3, 1)) for each in (ours, theirs))
    theirs.fit(clusters())
    follow(average, network, decay=0.9)
    for a, b in zip(ours.buffers(), theirs.buffers(), strict=True):
        assert torch.equal(a, b)


def test_it_can_be_differentiated_with_respect_to_z_within_a_component() -> None:
    mixture = LatentMixture(3, 3)
    mixture.fit(clusters())
    z = normal(2, 4).requires_grad_()
    (gradient,) = torch.autograd.grad(mixture(z).sum(), z)
    assert bool((gradient[:, :3] != 0).all())
    assert bool((gradient[:, 3] == 0).all())
