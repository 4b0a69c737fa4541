"""Intervals of shares against SciPy, and by simulation where annotators differ."""

import numpy as np
import pytest
from scipy.stats import binomtest, t  # type: ignore[import-untyped]

from ganvas.base.errors import DataError
from ganvas.metrics.proportion import proportion, t_quantile_975


@pytest.mark.parametrize(("hits", "n"), [(0, 10), (10, 10), (1, 1), (3, 50), (25, 50), (999, 1000)])
def test_one_annotator_is_wilsons_interval(hits: int, n: int) -> None:
    mine, theirs = proportion(hits=[hits], of=[n]), binomtest(hits, n).proportion_ci(method="wilson")
    assert mine.value == hits / n
    assert (mine.low, mine.high) == pytest.approx((theirs.low, theirs.high), abs=1e-12)
    assert mine.low <= mine.value <= mine.high


def test_student_is_within_a_hundredth() -> None:
    for degrees in (1, 2, 3, 4, 5, 10, 30, 1000):
        assert t_quantile_975(degrees) == pytest.approx(t.ppf(0.975, degrees), rel=0.01)


def test_annotators_who_differ_widen_the_interval_and_those_who_agree_do_not() -> None:
    one = proportion(hits=[60], of=[200])
    agree, differ = proportion(hits=[15] * 4, of=[50] * 4), proportion(hits=[2, 28, 5, 25], of=[50] * 4)
    assert agree[:5] == one[:5]
    assert agree.annotators == 4
    assert differ.value == one.value
    assert differ.high - differ.low > 3 * (one.high - one.low)
    assert differ.error > 3 * one.error
    assert proportion(hits=[0, 0], of=[5, 5]).low == 0
    assert proportion(hits=[3, 0], of=[9, 0]) == proportion(hits=[3], of=[9])


@pytest.mark.parametrize("annotators", [3, 5, 10])
def test_the_interval_covers_the_mean_of_all_annotators(annotators: int) -> None:
    draws = np.random.default_rng(0)
    mean, alike = 0.3, 0.05
    own = draws.beta(mean * (1 / alike - 1), (1 - mean) * (1 / alike - 1), (1000, annotators))
    found = [proportion(hits=row.tolist(), of=[50] * annotators) for row in draws.binomial(50, own)]
    assert 0.90 <= np.mean([each.low <= mean <= each.high for each in found]) <= 0.98


def test_no_ratings_is_one_sentence() -> None:
    for nothing in ([], [0, 0]):
        with pytest.raises(DataError, match="no ratings"):
            proportion(hits=nothing, of=nothing)
