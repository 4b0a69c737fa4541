"""The Frechet distance against closed forms, SciPy and its own definition by singular values."""

import math

import numpy as np
import pytest
import torch
from scipy import linalg  # type: ignore[import-untyped]
from torch import Tensor

from clouds import BAD, clusters, features_like, hundred_unique, normals
from ganvas.base.draws import permutation
from ganvas.base.errors import DataError
from ganvas.metrics.frechet import extrapolate, frechet, frechet_distance, frechet_of_features, frechet_with_error
from ganvas.metrics.moments import Moments, moments, subtract_moments
from ganvas.metrics.statistics import FeatureStatistics


def of(mean: list[float], variance: list[float], n: int = 100) -> Moments:
    return Moments(
        n, torch.tensor(mean, dtype=torch.float64), (n - 1) * torch.diag(torch.tensor(variance, dtype=torch.float64))
    )


def by_singular_values(x: Tensor, y: Tensor) -> float:
    """tr (S_r S_f)^(1/2) is the sum of the singular values of the centred X_r X_f^T / sqrt((n - 1)(m - 1)): no root of
    a matrix at all.
    """
    a, b = x - x.mean(0), y - y.mean(0)
    roots = linalg.svdvals((a @ b.T).numpy()).sum() / math.sqrt((len(x) - 1) * (len(y) - 1))
    return float(
        (x.mean(0) - y.mean(0)).square().sum()
        + a.square().sum() / (len(x) - 1)
        + b.square().sum() / (len(y) - 1)
        - 2 * roots
    )


@pytest.mark.parametrize(
    ("real", "fake"),
    [
        (of([0, 0], [1, 1]), of([3, 4], [1, 1])),
        (of([0, 0], [1, 4]), of([0, 0], [9, 0.25])),
        (of([1, -1], [2, 3]), of([0.5, 2], [0.7, 11])),
        (of([1, -1], [2, 0]), of([0.5, 2], [0.7, 11])),  # rank-deficient
        (of([1, -1], [2, 0]), of([0.5, 2], [0, 11])),
        (of([1, -1], [0, 0]), of([0.5, 2], [0, 0])),  # all samples alike
    ],
)
def test_axis_aligned_gaussians(real: Moments, fake: Moments) -> None:
    """|m_r - m_f|^2 + sum of (sigma_r - sigma_f)^2."""
    wanted = sum((a - b) ** 2 for a, b in zip(real.mean.tolist(), fake.mean.tolist(), strict=True))
    variances = zip(real.covariance.diag().tolist(), fake.covariance.diag().tolist(), strict=True)
    wanted += sum((math.sqrt(a) - math.sqrt(b)) ** 2 for a, b in variances)
    assert frechet_distance(real=real, fake=fake) == pytest.approx(wanted, rel=1e-12)
    assert frechet_distance(real=fake, fake=real) == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("d", [2, 16, 64, 256])
def test_against_scipy(d: int) -> None:
    real, fake = moments(features_like(500, d, 1)), moments(features_like(400, d, 2, shift=0.2))
    root = linalg.sqrtm(real.covariance.numpy() @ fake.covariance.numpy())
    wanted = (
        (real.mean - fake.mean).square().sum().item()
        + np.trace(real.covariance + fake.covariance)
        - 2 * np.trace(root).real
    )
    assert frechet_distance(real=real, fake=fake) == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize(("n", "m", "d"), [(300, 200, 8), (20, 30, 64), (100, 30, 64), (65, 66, 64)])
def test_against_singular_values(n: int, m: int, d: int) -> None:
    x, y = features_like(n, d, 1), features_like(m, d, 2, shift=0.3)
    wanted = by_singular_values(x, y)
    for real, fake in ((x, y), (y, x)):
        assert frechet_distance(real=moments(real), fake=moments(fake)) == pytest.approx(wanted, rel=1e-9)
        assert frechet_of_features(real=real, fake=fake) == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize(
    ("n", "m", "d"), [(500, 400, 16), (40, 400, 64), (30, 25, 64)], ids=["full rank", "one short of rank", "both"]
)
def test_symmetric(n: int, m: int, d: int) -> None:
    x, y = features_like(n, d, 1).float(), features_like(m, d, 2, shift=0.2).float()
    there, back = frechet_with_error(real=x, fake=y), frechet_with_error(real=y, fake=x)
    assert there.value == pytest.approx(back.value, rel=1e-9)
    assert there.error == pytest.approx(back.error, rel=1e-3)


@pytest.mark.parametrize(("n", "d"), [(500, 16), (30, 64), (65, 64), (2000, 256)])
def test_a_set_and_itself(n: int, d: int) -> None:
    x = features_like(n, d, 1)
    assert abs(frechet_distance(real=moments(x), fake=moments(x))) <= 1e-6
    assert abs(frechet_with_error(real=x, fake=x).value) <= 1e-6


def test_dead_and_repeated_features() -> None:
    """Features that never fire, and samples of which only 100 differ: singular covariances, and the number is still the
    right one.
    """
    x, y = features_like(400, 128, 1).relu(), hundred_unique(features_like(400, 128, 2, shift=0.1)).relu()
    x[:, :20] = y[:, 10:30] = 0
    assert frechet_distance(real=moments(x), fake=moments(y)) == pytest.approx(by_singular_values(x, y), rel=1e-9)
    assert frechet_distance(real=moments(y), fake=moments(x)) == pytest.approx(by_singular_values(x, y), rel=1e-9)


def test_samples_all_alike() -> None:
    x, one = features_like(300, 8, 1).float(), torch.full((300, 8), 0.5)
    found = frechet_with_error(real=x, fake=one)
    wanted = (x.double().mean(0) - 0.5).square().sum() + x.double().var(0).sum()
    assert found.value == pytest.approx(float(wanted), rel=1e-12)
    assert 0 < found.error < found.value
    assert frechet_with_error(real=one, fake=one) == (0, 0)


def exact_jackknife(x: Tensor, y: Tensor) -> float:
    whole_x, whole_y = moments(x), moments(y)
    left_x, left_y = (
        [subtract_moments(whole, moments(side[block::20])) for block in range(20)]
        for whole, side in ((whole_x, x), (whole_y, y))
    )
    values = np.array(
        [
            [frechet_distance(real=one, fake=whole_y) for one in left_x],
            [frechet_distance(real=whole_x, fake=one) for one in left_y],
        ]
    )
    return math.sqrt(19 * values.var(1).sum())


@pytest.mark.parametrize(("n", "d"), [(2000, 16), (1000, 64), (200, 64), (100, 64)])
def test_the_error_is_that_of_forty_recomputed_distances(n: int, d: int) -> None:
    x, y = features_like(n, d, 1).float(), features_like(n, d, 2, shift=0.2).float()
    assert frechet_with_error(real=x, fake=y).error == pytest.approx(exact_jackknife(x, y), rel=0.05)


def test_the_error_is_the_spread_over_fresh_draws() -> None:
    drawn = [
        frechet_with_error(real=features_like(1000, 8, 2 * seed), fake=features_like(1000, 8, 2 * seed + 1, shift=0.3))
        for seed in range(60)
    ]
    spread = float(np.std([value for value, _ in drawn], ddof=1))
    assert np.mean([error for _, error in drawn]) == pytest.approx(spread, rel=0.25)


@pytest.mark.parametrize("shift", [0.0, 0.1], ids=["one distribution", "two"])
def test_infinitely_many_samples(shift: float) -> None:
    """Two Gaussians whose distance is known: at n = 400 and m = 600 it is measured far too large, and extrapolated
    within its error.
    """
    d, scale = 32, torch.linspace(0.1, 1, 32, dtype=torch.float64)
    truth = d * shift**2 + float((scale * shift).square().sum())
    found = []
    for seed in range(12):
        x, y = normals(400, d, seed=2 * seed) * scale, normals(600, d, seed=2 * seed + 1) * scale * (1 + shift) + shift
        real, fake = FeatureStatistics.of(x.float()), FeatureStatistics.of(y.float())
        limit = extrapolate(real=real, fake=fake)
        assert limit is not None
        assert limit.r2 > 0.5
        assert len(limit.points) == 7
        assert frechet(real=real, fake=fake).value > truth + 0.15
        found.append((limit.value, limit.error))
    values, errors = np.array(found).T
    assert abs(values.mean() - truth) < 3 * errors.mean() / math.sqrt(len(found))
    assert np.mean(np.abs(values - truth) < 2 * errors) > 0.7


def test_extrapolation_is_withheld_where_it_cannot_be_trusted() -> None:
    few, many = FeatureStatistics.of(features_like(100, 32, 1)), FeatureStatistics.of(features_like(5000, 32, 2))
    assert extrapolate(real=few, fake=many) is None, "a quarter of 100 samples has no covariance of 32 features"
    far = FeatureStatistics.of(features_like(1000, 2, 1)), FeatureStatistics.of(features_like(1000, 2, 2) * 3 + 10)
    assert extrapolate(real=far[0], fake=far[1]) is None, "the trend in 1/n drowns in noise"
    alike = FeatureStatistics.of(torch.zeros(500, 2))
    assert extrapolate(real=alike, fake=alike) is None


def test_it_grows_with_noise() -> None:
    x, y = features_like(1000, 8, 1), features_like(1000, 8, 2)
    rising = [
        frechet_with_error(real=x, fake=y + size * normals(1000, 8, seed=3)).value for size in (0.0, 0.3, 0.6, 1.2)
    ]
    assert rising == sorted(rising)
    assert rising[-1] > 10 * rising[0]


def test_the_order_does_not_count() -> None:
    x, y = features_like(500, 8, 1).float(), features_like(400, 8, 2, shift=0.2).float()
    shuffled = frechet_with_error(
        real=x[torch.from_numpy(permutation((1,), 500))], fake=y[torch.from_numpy(permutation((2,), 400))]
    )
    assert shuffled.value == pytest.approx(frechet_with_error(real=x, fake=y).value, rel=1e-11)


def test_a_lost_class_is_seen() -> None:
    real = clusters((0, 1, 2), 900, 10)
    whole, lost = (frechet_with_error(real=real, fake=clusters(which, 900, 20)).value for which in ((0, 1, 2), (0, 1)))
    assert lost > 20 * whole


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_sentence(case: str) -> None:
    real, fake, sentence = BAD[case]
    for one, other in ((real, fake), (fake, real)):
        with pytest.raises(DataError, match=sentence):
            frechet_with_error(real=one, fake=other)
