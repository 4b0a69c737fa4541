"""Modes of a mixture by PacGAN's protocol: hand-placed fakes."""

import math

import numpy as np
import pytest
import torch
from scipy import stats  # type: ignore[import-untyped]
from torch import Tensor

from ganvas.base.types import Batch
from ganvas.data.points import Grid
from ganvas.metrics.contract import Result
from ganvas.metrics.modes import ModeCoverage, divergence_error


@pytest.fixture(scope="module")
def real() -> Batch:
    items = Grid(samples=500_000).items("val")
    return Batch(x=torch.from_numpy(items.x), y=torch.from_numpy(np.asarray(items.y)))


def placed(*hits: int, away: float = 0.0) -> Tensor:
    """So many points at each of the first centres, `away` from it along the first axis."""
    centres = torch.from_numpy(Grid().centres()).float()
    return torch.cat(
        [centres[mode] + torch.tensor([away, 0.0]) * torch.ones(count, 1) for mode, count in enumerate(hits)]
    )


def found(real: Batch, x: Tensor) -> dict[str, Result]:
    return {result.name: result for result in ModeCoverage().measure(real=real, fake=Batch(x=x))}


def test_counts_and_divergence_of_placed_points(real: Batch) -> None:
    hits = [40, 10, 0, 30, 20]
    results = found(real, placed(*hits))
    assert results["modes"].value == 4
    assert results["quality"].value == 1
    truth = np.bincount(np.asarray(real.y), minlength=25) / len(real.x)
    assert results["kl"].value == pytest.approx(stats.entropy([*hits, *[0] * 20], truth), rel=1e-5)
    assert [results[name].lower_is_better for name in ("modes", "quality", "kl")] == [False, False, True]


def test_three_standard_deviations_are_the_edge(real: Batch) -> None:
    assert found(real, placed(50, away=0.05 * 2.9))["quality"].value == 1
    beyond = found(real, placed(50, away=0.05 * 3.1))
    assert (beyond["quality"].value, beyond["modes"].value, beyond["kl"].value) == (0, 0, math.inf)


def test_bad_points_are_of_no_quality_and_the_error_is_binomial(real: Batch) -> None:
    x = torch.cat([placed(30), torch.full((5, 2), math.nan), torch.full((5, 2), math.inf)])
    quality = found(real, x)["quality"]
    assert quality.value == pytest.approx(0.75)
    assert quality.error == pytest.approx(math.sqrt(0.75 * 0.25 / 40))


@pytest.mark.parametrize("skew", [0.0, 0.15])
def test_the_error_of_the_divergence_is_the_spread_over_fresh_draws(skew: float) -> None:
    """Of 2,500 fakes and as many reals, where the two are alike and where they are not."""
    draw = np.random.default_rng(0)
    shares = np.exp(skew * np.arange(25))
    shares /= shares.sum()
    values: list[float] = []
    errors: list[float] = []
    for _ in range(200):
        p, q = draw.multinomial(2500, shares) / 2500, draw.multinomial(2500, np.full(25, 1 / 25)) / 2500
        values.append(stats.entropy(p, q))
        errors.append(divergence_error(torch.from_numpy(p), torch.from_numpy(q), 2500, 2500) or 0)
    assert 0.9 <= np.mean(np.abs(np.array(values) - np.mean(values)) < 1.96 * np.array(errors)) <= 0.99
    assert np.mean(errors) == pytest.approx(np.std(values), rel=0.4)
    assert divergence_error(torch.zeros(25), torch.ones(25) / 25, 0, 2500) is None


def test_a_mixture_far_from_the_origin(real: Batch) -> None:
    """Distances from products would lose a standard deviation of 0.05 beside a centre at 1,000."""
    far = Batch(x=real.x.double() + 1000, y=real.y)
    near, away = (
        ModeCoverage().measure(real=each, fake=Batch(x=each.x[:2000]))
        for each in (real, Batch(x=far.x.float(), y=far.y))
    )
    assert away[1].value == pytest.approx(near[1].value, abs=0.01)
