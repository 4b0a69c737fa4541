"""Membership: the area and its interval against scikit-learn and simulation, the gap of D's scores against hand-made
numbers.
"""

import math

import numpy as np
import pytest
import torch
from scipy import stats  # type: ignore[import-untyped]
from sklearn.metrics import roc_auc_score  # type: ignore[import-untyped]
from torch import Tensor

from ganvas.base.errors import DataError
from ganvas.metrics.membership import auc_interval, score_gap


def normals(*shape: int, seed: int = 0, shift: float = 0.0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)) + shift


@pytest.mark.parametrize("rounded", [False, True], ids=["different", "ties"])
def test_the_area_is_that_of_scikit_learn(rounded: bool) -> None:
    x, y = normals(300, seed=1, shift=0.7), normals(170, seed=2)
    if rounded:
        x, y = x.round(), y.round()
    wanted = roc_auc_score(np.r_[np.ones(300), np.zeros(170)], torch.cat([x, y]).numpy())
    assert auc_interval(member=x, nonmember=y).value == pytest.approx(wanted, abs=1e-12)
    assert auc_interval(member=y, nonmember=x).value == pytest.approx(1 - wanted, abs=1e-12)


def test_the_error_is_delongs_written_out() -> None:
    x, y = normals(30, seed=1, shift=0.5).round(decimals=1), normals(20, seed=2).round(decimals=1)
    kernel = np.array([[(a > b) + 0.5 * (a == b) for b in y.tolist()] for a in x.tolist()])
    variance = kernel.mean(1).var(ddof=1) / 30 + kernel.mean(0).var(ddof=1) / 20
    assert auc_interval(member=x, nonmember=y).error == pytest.approx(math.sqrt(variance), rel=1e-12)


@pytest.mark.parametrize(
    ("shift", "scale", "n", "m"),
    [(0.0, 1.0, 200, 200), (0.1, 1.0, 300, 100), (1.0, 2.0, 100, 100), (3.0, 1.0, 100, 60)],
)
def test_the_interval_holds_the_truth_nineteen_times_in_twenty(shift: float, scale: float, n: int, m: int) -> None:
    truth = stats.norm.cdf(shift / math.sqrt(1 + scale**2))
    drawn = [
        auc_interval(member=scale * normals(n, seed=2 * k) + shift, nonmember=normals(m, seed=2 * k + 1))
        for k in range(500)
    ]
    held = np.mean([each.low <= truth <= each.high for each in drawn])
    assert 0.92 <= held <= 0.98
    spread = np.std([each.value for each in drawn], ddof=1)
    assert np.mean([each.error for each in drawn]) == pytest.approx(spread, rel=0.15)


def test_an_area_of_one_keeps_an_interval() -> None:
    apart = auc_interval(member=normals(50, shift=100), nonmember=normals(80, seed=1))
    assert (apart.value, apart.high) == pytest.approx((1, 1), abs=1e-12)
    assert 0.9 < apart.low < 0.95  # Wilson's for 50 of 50: 0.929
    same = auc_interval(member=torch.ones(40), nonmember=torch.ones(30))
    assert same.value == 0.5
    assert same.low < 0.35 < 0.65 < same.high


def test_the_gap_of_known_means() -> None:
    noise = normals(2000) * 0.1
    noise = noise - noise.mean()
    for held, wanted in ((2.0, 0.0), (0.0, 0.5), (-2.0, 1.0), (3.0, -0.25)):
        assert score_gap(train=noise + 2, held=noise + held, fake=noise - 2).value == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize("sizes", [(40, 4000, 4000), (4000, 40, 4000), (4000, 4000, 40)], ids=["train", "held", "fake"])
def test_the_gaps_error_is_its_spread(sizes: tuple[int, int, int]) -> None:
    """Whichever side is the small one: r_v = 0.3 weighs the three unlike."""
    means = {"train": 10.0, "held": 7.0, "fake": 0.0}
    drawn = []
    for k in range(300):
        sides = {
            name: normals(n, seed=3 * k + place, shift=mean)
            for place, (n, (name, mean)) in enumerate(zip(sizes, means.items(), strict=True))
        }
        drawn.append(score_gap(**sides))
    assert np.mean([each.error for each in drawn]) == pytest.approx(np.std([each.value for each in drawn]), rel=0.12)
    assert np.mean([abs(each.value - 0.3) < 1.96 * each.error for each in drawn]) == pytest.approx(0.95, abs=0.03)


@pytest.mark.parametrize(
    "bad",
    [torch.zeros(0), torch.zeros(1), torch.tensor([0.0, math.nan]), torch.tensor([0.0, math.inf])],
    ids=["none", "one", "nan", "inf"],
)
def test_bad_scores_are_refused(bad: Tensor) -> None:
    good = normals(10)
    for member, nonmember in ((bad, good), (good, bad)):
        with pytest.raises(DataError, match="scores of"):
            auc_interval(member=member, nonmember=nonmember)
    with pytest.raises(DataError, match="held-out"):
        score_gap(train=good, held=bad, fake=good + 1)


def test_a_discriminator_that_sees_no_difference_has_no_gap() -> None:
    with pytest.raises(DataError, match="alike"):
        score_gap(train=torch.ones(5), held=normals(5), fake=torch.ones(5))
