"""Vendi scores against their definition by the n x n matrix of cosines, and closed forms."""

import numpy as np
import pytest
import torch
from torch import Tensor

from clouds import BAD, clusters, features_like, hundred_unique, normals
from ganvas.base.errors import DataError
from ganvas.metrics.diversity import diversity_ratio, vendi_collision
from ganvas.metrics.jackknife import Estimate


def by_eigenvalues(x: Tensor) -> float:
    """exp of the Renyi entropy of order 2 of the eigenvalues of K/n."""
    u = (x / x.norm(dim=1, keepdim=True)).numpy()
    return float(1 / (np.linalg.eigvalsh(u @ u.T / len(u)) ** 2).sum())


@pytest.mark.parametrize(("n", "d"), [(200, 16), (40, 100)])
def test_against_the_matrix_of_cosines(n: int, d: int) -> None:
    x = features_like(n, d, 1, shift=0.2)
    assert vendi_collision(x).value == pytest.approx(by_eigenvalues(x), rel=1e-9)


def test_closed_forms() -> None:
    assert vendi_collision(torch.full((50, 4), 0.3)) == pytest.approx((1, 0), abs=1e-7), "all alike"
    assert vendi_collision(torch.zeros(50, 4)) == pytest.approx((1, 0), abs=1e-7), "a dead network sees all alike, too"
    assert vendi_collision(torch.eye(7).repeat(10, 1)).value == pytest.approx(7, rel=1e-9), "seven orthogonal ones"
    assert vendi_collision(torch.cat([torch.eye(7).repeat(10, 1), torch.zeros(10, 7)])).value == pytest.approx(
        8, rel=1e-9
    )


def test_what_is_less_diverse_scores_less() -> None:
    all_of_them, lost = (vendi_collision(clusters(which, 600, 1)).value for which in ((0, 1, 2, 3), (0, 1, 2)))
    assert lost < 0.85 * all_of_them
    wide = normals(1000, 512, seed=1)
    assert vendi_collision(hundred_unique(wide)).value < 0.4 * vendi_collision(wide).value
    x = features_like(500, 8, 1)
    assert vendi_collision(x.flip(0)) == pytest.approx(vendi_collision(x), rel=1e-9)


def test_the_error_is_the_spread_over_fresh_draws() -> None:
    found = np.array([vendi_collision(features_like(500, 8, seed, shift=0.3)) for seed in range(100)])
    assert found[:, 1].mean() == pytest.approx(found[:, 0].std(), rel=0.25)


def test_ratio() -> None:
    found = diversity_ratio(fake=Estimate(2.0, 0.1), real=Estimate(4.0, 0.4))
    assert found == pytest.approx((0.5, 0.5 * (0.05**2 + 0.1**2) ** 0.5))


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_sentence(case: str) -> None:
    real, fake, sentence = BAD[case]
    with pytest.raises(DataError, match=sentence):
        vendi_collision(real if case == "infinite" else fake)
