"""Metrics against closed forms and published tools, and how they answer to what is known to be worse."""

import hashlib
import math
from importlib import resources
from typing import Any

import numpy as np
import pytest
import torch
from prdc import compute_prdc  # type: ignore[import-untyped]
from scipy import linalg  # type: ignore[import-untyped]
from torch import Tensor

from ganvas.base.errors import UsageError
from ganvas.base.types import Batch
from ganvas.data.mnist import Mnist
from ganvas.data.points import Ring
from ganvas.metrics.accuracy import Accuracy
from ganvas.metrics.codes import CodeAccuracy
from ganvas.metrics.contract import Metric, Result
from ganvas.metrics.digits import DigitScores, features
from ganvas.metrics.frechet import Moments, frechet_distance, frechet_with_error, moments, without
from ganvas.metrics.manifold import Manifold, manifold
from ganvas.metrics.modes import ModeCoverage
from ganvas.metrics.pictures import PictureScores
from ganvas.metrics.restoration import HoleError
from ganvas.recipes.parts import fits, parts


def normals(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def of(mean: list[float], variance: list[float], n: int = 100) -> Moments:
    return Moments(n, torch.tensor(mean, dtype=torch.float64), (n - 1) * torch.diag(torch.tensor(variance, dtype=torch.float64)))


def features_like(n: int, d: int, seed: int, shift: float = 0.0) -> Tensor:
    mixing = normals(d, d, seed=99) / d**0.5
    return normals(n, d, seed=seed) @ (mixing + (0.3 + shift) * torch.eye(d, dtype=torch.float64)) + shift


def test_all_metrics_are_tested() -> None:
    assert {part for part in parts().values() if fits(part, Metric)} == {Accuracy, CodeAccuracy, DigitScores, ModeCoverage, HoleError, PictureScores}


@pytest.mark.parametrize(
    ("real", "fake"),
    [
        (of([0, 0], [1, 1]), of([3, 4], [1, 1])),
        (of([0, 0], [1, 4]), of([0, 0], [9, 0.25])),
        (of([1, -1], [2, 3]), of([0.5, 2], [0.7, 11])),
        (of([1, -1], [2, 0]), of([0.5, 2], [0.7, 11])),  # rank-deficient
        (of([1, -1], [2, 0]), of([0.5, 2], [0, 11])),
    ],
)
def test_frechet_of_axis_aligned_gaussians(real: Moments, fake: Moments) -> None:
    """|m_r - m_f|^2 + sum of (sigma_r - sigma_f)^2."""
    wanted = sum((a - b) ** 2 for a, b in zip(real.mean.tolist(), fake.mean.tolist(), strict=True))
    variances = zip(real.covariance.diag().tolist(), fake.covariance.diag().tolist(), strict=True)
    wanted += sum((math.sqrt(a) - math.sqrt(b)) ** 2 for a, b in variances)
    assert frechet_distance(real, fake) == pytest.approx(wanted, rel=1e-12)
    assert frechet_distance(fake, real) == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("d", [2, 16, 64])
def test_frechet_against_scipy(d: int) -> None:
    real, fake = moments(features_like(500, d, 1)), moments(features_like(400, d, 2, shift=0.2))
    root = linalg.sqrtm(real.covariance.numpy() @ fake.covariance.numpy())
    wanted = (real.mean - fake.mean).square().sum().item() + np.trace(real.covariance + fake.covariance) - 2 * np.trace(root).real
    assert frechet_distance(real, fake) == pytest.approx(wanted, rel=1e-9)
    assert frechet_distance(fake, real) == pytest.approx(frechet_distance(real, fake), rel=1e-9)


@pytest.mark.parametrize(("n", "m", "d"), [(300, 200, 8), (20, 30, 64)], ids=["full rank", "rank-deficient"])
def test_frechet_against_singular_values(n: int, m: int, d: int) -> None:
    """tr (S_r S_f)^(1/2) is the sum of the singular values of the centred X_r X_f^T / sqrt((n - 1)(m - 1)): no root of a matrix at all."""
    x, y = features_like(n, d, 1), features_like(m, d, 2, shift=0.3)
    a, b = x - x.mean(0), y - y.mean(0)
    roots = torch.linalg.svdvals(a @ b.T).sum() / math.sqrt((n - 1) * (m - 1))
    wanted = (x.mean(0) - y.mean(0)).square().sum() + a.square().sum() / (n - 1) + b.square().sum() / (m - 1) - 2 * roots
    assert frechet_distance(moments(x), moments(y)) == pytest.approx(wanted.item(), rel=1e-6 if n < d else 1e-9)


@pytest.mark.parametrize(("n", "d"), [(500, 16), (30, 64)], ids=["full rank", "rank-deficient"])
def test_frechet_of_a_set_and_itself(n: int, d: int) -> None:
    same = moments(features_like(n, d, 1))
    assert abs(frechet_distance(same, same)) <= 1e-6


def test_moments_are_those_of_numpy_in_float64() -> None:
    x = (normals(1000, 5) * 0.01 + 100).float()
    ours = moments(x)
    np.testing.assert_allclose(ours.covariance.numpy(), np.cov(x.double().numpy().T), rtol=1e-12)
    assert ours.mean.dtype == torch.float64


def test_leaving_out_equals_recomputing() -> None:
    x = features_like(300, 6, 3) + 5
    left = without(moments(x), moments(x[40:100]))
    wanted = moments(torch.cat([x[:40], x[100:]]))
    assert left.n == wanted.n
    torch.testing.assert_close(left.mean, wanted.mean, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(left.scatter, wanted.scatter, rtol=1e-10, atol=1e-10)


def test_the_error_is_the_spread_over_fresh_draws() -> None:
    drawn = [frechet_with_error(features_like(1000, 8, 2 * seed), features_like(1000, 8, 2 * seed + 1, shift=0.3)) for seed in range(30)]
    spread = np.std([value for value, _ in drawn], ddof=1)
    told = np.mean([error for _, error in drawn])
    assert spread / 2 < told < spread * 2


def test_noise_raises_the_frechet_distance() -> None:
    x, y = features_like(1000, 8, 1), features_like(1000, 8, 2)
    rising = [frechet_with_error(x, y + size * normals(1000, 8, seed=3))[0] for size in (0.0, 0.3, 0.6, 1.2)]
    assert rising == sorted(rising)
    assert rising[-1] > 10 * rising[0]


@pytest.mark.parametrize("k", [3, 5])
@pytest.mark.parametrize(("n", "m"), [(300, 300), (1500, 700)])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_manifold_against_the_published_package(k: int, n: int, m: int, dtype: torch.dtype, capsys: pytest.CaptureFixture[str]) -> None:
    real, fake = features_like(n, 16, 1).to(dtype), features_like(m, 16, 2, shift=0.25).to(dtype)
    theirs = compute_prdc(real.numpy(), fake.numpy(), nearest_k=k)
    assert manifold(real, fake, k)._asdict() == pytest.approx(theirs, abs=1e-6)
    assert 0.05 < theirs["precision"] < 0.95


def clusters(which: tuple[int, ...], n: int, seed: int) -> Tensor:
    centres = 10 * torch.eye(8, dtype=torch.float64)[list(which)]
    return torch.cat([centre + normals(n // len(which), 8, seed=seed + place) for place, centre in enumerate(centres)])


def test_a_lost_class_costs_recall_and_coverage() -> None:
    real = clusters((0, 1, 2), 900, 10)
    whole, lost = manifold(real, clusters((0, 1, 2), 900, 20)), manifold(real, clusters((0, 1), 900, 20))
    assert lost.recall < whole.recall - 0.2
    assert lost.coverage < whole.coverage - 0.2
    assert lost.precision == pytest.approx(whole.precision, abs=0.1)
    invented = manifold(clusters((0, 1), 900, 20), real)
    assert (invented.precision, invented.recall) == pytest.approx((lost.recall, lost.precision), abs=1e-9)
    assert invented.precision < whole.precision - 0.2


def test_a_set_covers_itself() -> None:
    x = features_like(1200, 4, 1)
    same = manifold(x, x.clone())
    assert (same.precision, same.recall, same.coverage) == (1, 1, 1)
    apart = manifold(x, x + 1000)
    assert apart == Manifold(0, 0, 0, 0)


def ring(split: Any) -> Batch:
    items = Ring(samples=20_000).items(split)
    return Batch(x=torch.from_numpy(items.x), y=torch.from_numpy(items.y))


def values(results: tuple[Result, ...]) -> dict[str, float]:
    return {result.name: result.value for result in results}


def test_modes_of_the_true_mixture() -> None:
    found = values(ModeCoverage().measure(real=ring("val"), fake=Batch(x=ring("test").x)))
    assert found["modes"] == 8
    assert found["quality"] == pytest.approx(1 - math.exp(-4.5), abs=0.01)  # of a plane's Gaussian within 3 standard deviations
    assert 0 <= found["kl"] < 0.02


def test_modes_of_a_collapsed_generator() -> None:
    real, other = ring("val"), ring("test")
    one = other.x[other.y == 3]
    found = values(ModeCoverage().measure(real=real, fake=Batch(x=one)))
    assert found["modes"] == 1
    assert found["kl"] == pytest.approx(math.log(8), abs=0.1)
    blurred = values(ModeCoverage().measure(real=real, fake=Batch(x=other.x + 0.05 * normals(*other.x.shape, dtype=torch.float32))))
    assert blurred["quality"] < 0.3
    assert values(ModeCoverage().measure(real=real, fake=Batch(x=0 * one)))["modes"] == 0


def digits(split: Any, n: int = 10_000) -> Batch:
    items = Mnist().items(split)
    return Batch(x=torch.from_numpy(items.x[:n].transpose(0, 3, 1, 2).copy()).float() / 127.5 - 1, y=torch.from_numpy(np.asarray(items.y)[:n]))


@pytest.fixture(scope="module")
def test_digits() -> Batch:
    return digits("test")


def test_the_digit_classifier_reads_mnist(test_digits: Batch) -> None:
    assert test_digits.y is not None
    embedded, read = features(test_digits.x)
    assert embedded.shape == (10_000, 128)
    assert (read == test_digits.y).double().mean() >= 0.993


def test_digit_scores(test_digits: Batch) -> None:
    n = 1000
    real = test_digits.rows(range(n))
    fake = digits("val", n)
    weights = hashlib.sha256((resources.files("ganvas.metrics") / "digits.safetensors").read_bytes()).hexdigest()
    results = DigitScores().measure(real=real, fake=fake)
    assert {result.protocol["weights_sha256"] for result in results} == {weights}
    found = values(results)
    assert found["digit_frechet"] == pytest.approx(frechet_distance(moments(features(real.x)[0]), moments(features(fake.x)[0])))
    assert sum(found[f"share_{digit}"] for digit in range(10)) == pytest.approx(1)
    assert found["read_as_asked"] > 0.98
    assert results[0].lower_is_better
    assert not any(result.lower_is_better for result in results[1:])
    noisy = values(DigitScores().measure(real=real, fake=Batch(x=(fake.x + 0.5 * normals(*fake.x.shape, dtype=torch.float32)).clamp(-1, 1))))
    assert noisy["digit_frechet"] > 3 * found["digit_frechet"]
    assert "read_as_asked" not in noisy
    assert fake.y is not None
    sevens = values(DigitScores().measure(real=real, fake=Batch(x=fake.x[fake.y == 7])))
    assert sevens["share_7"] > 0.95
    assert sevens["recall"] < found["recall"] - 0.3


def test_accuracy_counts_the_right_ones() -> None:
    logits = torch.eye(4).repeat(5, 1)
    y = torch.arange(4).repeat(5)
    y[:5] = (y[:5] + 1) % 4
    (result,) = Accuracy().measure(real=Batch(x=torch.zeros(20), y=y), fake=Batch(x=logits))
    assert result.value == pytest.approx(0.75)
    assert result.error == pytest.approx(math.sqrt(0.75 * 0.25 / 20))
    assert not result.lower_is_better


def test_hole_error_looks_into_the_hole() -> None:
    x = torch.rand(6, 3, 8, 8, generator=torch.Generator().manual_seed(0)) * 2 - 1
    known = torch.ones(6, 1, 8, 8)
    known[:, :, 2:5, 3:6] = 0
    real = Batch(x=x, given={"known": known})
    filled = torch.where(known > 0, x, x + 0.25)
    found = values(HoleError().measure(real=real, fake=Batch(x=filled)))
    inside = x[:, :, 2:5, 3:6]
    assert found["hole_l1"] == pytest.approx(0.25, rel=1e-5)
    assert found["mean_fill_l1"] == pytest.approx((inside - inside.mean()).abs().mean().item(), rel=1e-5)
    assert found["changed_outside"] == 0
    filled[0, 0, 0, :2] += 0.1
    assert values(HoleError().measure(real=real, fake=Batch(x=filled)))["changed_outside"] == 2


def test_results_of_one_protocol_compare() -> None:
    low, high = (Result("fd", value, 100, protocol={"split": "val"}) for value in (1.0, 2.0))
    assert low.better_than(high)
    assert not high.better_than(low)
    up, down = (Result("recall", value, 100, None, False) for value in (0.9, 0.1))
    assert up.better_than(down)


@pytest.mark.parametrize(
    ("other", "named"),
    [
        (Result("fd", 2.0, 100, protocol={"split": "test"}), "split"),
        (Result("fd", 2.0, 100, protocol={"split": "val", "k": 5}), "k"),
        (Result("fd", 2.0, 200, protocol={"split": "val"}), "n"),
        (Result("kid", 2.0, 100, protocol={"split": "val"}), "name"),
    ],
)
def test_unlike_protocols_refuse_to_compare(other: Result, named: str) -> None:
    with pytest.raises(UsageError, match=rf"cannot be compared: {named} is"):
        Result("fd", 1.0, 100, protocol={"split": "val"}).better_than(other)
