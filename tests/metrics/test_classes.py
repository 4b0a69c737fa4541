"""Scores of classes against literal formulas, closed forms and simulation."""

import math

import numpy as np
import pytest
import torch
from scipy import stats  # type: ignore[import-untyped]
from scipy.special import rel_entr  # type: ignore[import-untyped]
from torch import Tensor

from clouds import normals
from ganvas.base.errors import DataError, UsageError
from ganvas.metrics.classes import class_balance, inception_score, inception_score_of_splits
from ganvas.metrics.statistics import FeatureStatistics


def of(probabilities: Tensor) -> FeatureStatistics:
    return FeatureStatistics.of(torch.zeros(len(probabilities), 1), probabilities)


def drawn(n: int, shares: list[float], seed: int) -> FeatureStatistics:
    """Samples whose class is certain, drawn with these shares."""
    y = torch.multinomial(torch.tensor(shares), n, replacement=True, generator=torch.Generator().manual_seed(seed))
    return of(torch.eye(len(shares))[y])


def unsure(n: int, seed: int) -> Tensor:
    return (2 * normals(n, 10, seed=seed)).softmax(1).float()


def literal(p: Tensor) -> float:
    """Salimans et al. 2016, by SciPy's x log(x/y)."""
    given = p.double().numpy()
    return float(np.exp(rel_entr(given, given.mean(0)).sum(1).mean()))


def test_inception_score_against_scipy() -> None:
    p = unsure(500, 1)
    assert inception_score(of(p)).value == pytest.approx(literal(p), rel=1e-9)
    splits = [literal(p[split::10]) for split in range(10)]
    found = inception_score_of_splits(of(p))
    assert found == pytest.approx((np.mean(splits), np.std(splits)), rel=1e-9)
    assert found.error == pytest.approx(stats.sem(splits), rel=1e-9)


def test_inception_score_closed_forms() -> None:
    assert inception_score(of(torch.eye(10).repeat(20, 1))).value == pytest.approx(10, rel=1e-9), (
        "sure, and every class alike"
    )
    assert inception_score(of(torch.full((100, 10), 0.1))) == pytest.approx((1, 0), abs=1e-7), "never sure"
    assert inception_score(of(torch.eye(10)[:1].repeat(100, 1))) == pytest.approx((1, 0), abs=1e-7), (
        "always the same class"
    )


def test_the_errors_are_the_spread_over_fresh_draws() -> None:
    scores = np.array([inception_score(of(unsure(400, seed))) for seed in range(60)])
    assert scores[:, 1].mean() == pytest.approx(scores[:, 0].std(), rel=0.25)
    balances = [
        class_balance(real=drawn(800, [0.3, 0.3, 0.4], 2 * seed), fake=drawn(400, [0.5, 0.3, 0.2], 2 * seed + 1))
        for seed in range(60)
    ]
    for name in ("variation", "divergence"):
        found = np.array([getattr(balance, name) for balance in balances])
        assert found[:, 1].mean() == pytest.approx(found[:, 0].std(), rel=0.25), name


def test_balance_of_known_counts() -> None:
    real, fake = (
        of(torch.eye(3).repeat_interleave(torch.tensor([50, 30, 20]), 0)),
        of(torch.eye(3).repeat_interleave(torch.tensor([20, 20, 0]), 0)),
    )
    found = class_balance(real=real, fake=fake)
    assert found.real == pytest.approx((0.5, 0.3, 0.2))
    assert found.fake == pytest.approx((0.5, 0.5, 0.0))
    assert found.variation.value == pytest.approx(0.2)
    assert found.missing == (2,)
    plug_in = 0.5 * math.log(0.5 / (50.5 / 101.5)) + 0.5 * math.log(0.5 / (30.5 / 101.5))
    assert found.divergence.value == pytest.approx(plug_in - 1 / 80 - 2 / 200)


@pytest.mark.parametrize("shares", [[0.1] * 10, [0.3, 0.2, 0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.03, 0.02]])
def test_the_divergence_has_no_bias(shares: list[float]) -> None:
    """The plain one would be 9/2n + 9/2m = 0.03 too large at these n and m; so would that of two different
    distributions.
    """
    even = [0.1] * 10
    truth = sum(0.1 * math.log(0.1 / share) for share in shares)
    found = np.array(
        [
            class_balance(real=drawn(400, shares, 2 * seed), fake=drawn(250, even, 2 * seed + 1)).divergence.value
            for seed in range(80)
        ]
    )
    assert abs(found.mean() - truth) < max(4 * found.std() / 80**0.5, 0.004)


def test_a_class_that_reals_lack_gives_a_finite_number() -> None:
    found = class_balance(real=drawn(200, [1.0, 0.0], 1), fake=drawn(200, [0.5, 0.5], 2))
    assert found.missing == ()
    assert 1 < found.divergence.value < 10
    assert math.isfinite(found.divergence.error)


def test_bad_input_is_one_sentence() -> None:
    with pytest.raises(UsageError, match="names no classes"):
        inception_score(FeatureStatistics.of(torch.zeros(50, 4)))
    with pytest.raises(DataError, match="at least 3 samples are needed"):
        inception_score(of(torch.eye(2)))
    with pytest.raises(DataError, match="at least 10 samples are needed"):
        inception_score_of_splits(of(torch.eye(5)))
    with pytest.raises(UsageError, match="knows 3 classes and the fakes' 2"):
        class_balance(real=of(torch.eye(3)), fake=of(torch.eye(2).repeat(3, 1)))
    with pytest.raises(DataError, match="sample 1 are not finite"):
        of(torch.tensor([[0.5, 0.5], [torch.nan, 0.5]]))
