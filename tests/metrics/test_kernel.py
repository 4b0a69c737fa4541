"""The kernel distance against the published formula, as scikit-learn and torch-fidelity compute it."""

import numpy as np
import pytest
import torch
from sklearn.metrics.pairwise import polynomial_kernel  # type: ignore[import-untyped]
from torch import Tensor

from clouds import BAD, features_like, hundred_unique, normals
from ganvas.base.draws import permutation
from ganvas.base.errors import DataError
from ganvas.metrics.kernel import kernel_distance


def literal(x: Tensor, y: Tensor) -> float:
    """Binkowski et al. 2018, with scikit-learn's kernel."""
    kernel = {"degree": 3, "gamma": 1 / x.shape[1], "coef0": 1}
    xx, yy, xy = polynomial_kernel(x, x, **kernel), polynomial_kernel(y, y, **kernel), polynomial_kernel(x, y, **kernel)
    n, m = len(x), len(y)
    return float((xx.sum() - np.trace(xx)) / (n * (n - 1)) + (yy.sum() - np.trace(yy)) / (m * (m - 1)) - 2 * xy.mean())


@pytest.mark.parametrize(("n", "m", "d"), [(300, 300, 16), (431, 222, 64), (25, 23, 100)])
def test_against_scikit_learn(n: int, m: int, d: int) -> None:
    x, y = features_like(n, d, 1), features_like(m, d, 2, shift=0.2)
    assert kernel_distance(real=x, fake=y).value == pytest.approx(literal(x, y), rel=1e-9)


def test_the_error_is_that_of_recomputing_without_each_block() -> None:
    x, y = features_like(210, 8, 1), features_like(150, 8, 2, shift=0.2)
    total = 0.0
    for side in (x, y):
        rows = torch.arange(len(side)) % 20
        values = np.array(
            [literal(*(one[rows != block] if one is side else one for one in (x, y))) for block in range(20)]
        )
        total += 19 * values.var()
    assert kernel_distance(real=x, fake=y).error == pytest.approx(total**0.5, rel=1e-9)


def test_subsets_score_as_in_torch_fidelity() -> None:
    """What torch-fidelity 0.4.0 says of these features, by kid_features_to_metric(x, y, kid_subsets=10,
    kid_subset_size=500).
    """
    draws = np.random.RandomState(7)
    x, y = (torch.from_numpy(draws.standard_normal((n, 64)).astype(np.float32)).double() for n in (1500, 1300))
    y, values, draws = y * 1.25 + 0.125, [], np.random.RandomState(2020)
    for _ in range(10):  # a subset of the reals is drawn before each of the fakes
        real, fake = (side[torch.from_numpy(draws.choice(len(side), 500, replace=False))] for side in (x, y))
        values.append(kernel_distance(real=real, fake=fake).value)
    assert np.mean(values) == pytest.approx(0.06654644639218965, rel=1e-9)
    assert np.std(values) == pytest.approx(0.005525540657215787, rel=1e-9)


def test_unbiased() -> None:
    """Over sets of one distribution it is zero on average, at any n; and the error is their spread."""
    for n, shift in ((20, 0.0), (100, 0.0), (100, 0.3)):
        found = np.array(
            [
                kernel_distance(real=normals(n, 4, seed=2 * seed), fake=normals(n, 4, seed=2 * seed + 1) + shift)
                for seed in range(100)
            ]
        )
        truth = literal(normals(4000, 4, seed=1001), normals(4000, 4, seed=1002) + shift) if shift else 0
        assert abs(found[:, 0].mean() - truth) < 4 * found[:, 0].std() / 10, n
        assert found[:, 1].mean() == pytest.approx(found[:, 0].std(), rel=0.25 if shift else 0.6), n


def test_noise_order_and_swapping() -> None:
    x, y = features_like(500, 8, 1), features_like(400, 8, 2)
    rising = [kernel_distance(real=x, fake=y + size * normals(400, 8, seed=3)).value for size in (0.0, 0.3, 0.6, 1.2)]
    assert rising == sorted(rising)
    there = kernel_distance(real=x, fake=y)
    assert kernel_distance(real=y, fake=x) == pytest.approx(there, rel=1e-9)
    shuffled = kernel_distance(real=x[torch.from_numpy(permutation((1,), 500))], fake=y)
    assert shuffled.value == pytest.approx(there.value, rel=1e-9)


def test_samples_that_repeat_or_are_all_alike() -> None:
    x, y = features_like(1000, 8, 1), features_like(1000, 8, 2)
    fresh, repeated = kernel_distance(real=x, fake=y), kernel_distance(real=x, fake=hundred_unique(y))
    assert repeated.value > fresh.value + 3 * fresh.error
    one = torch.zeros(30, 8)
    assert kernel_distance(real=one, fake=one) == pytest.approx((0, 0), abs=1e-12)


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_sentence(case: str) -> None:
    real, fake, sentence = BAD[case]
    with pytest.raises(DataError, match=sentence):
        kernel_distance(real=real, fake=fake)
