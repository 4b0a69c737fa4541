"""Student's t and Welch's interval against SciPy."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats  # type: ignore[import-untyped]

from ganvas.metrics.student import difference_of, incomplete_beta, mean_of, t_quantile

CLOSE = 1e-9  # relative


@pytest.mark.parametrize("freedom", [1, 1.0001, 1.5, 2, 2.7, 3, 4, 5, 9.99, 10, 29, 100.5, 1e3, 1e4, 1e6])
@pytest.mark.parametrize("p", [0.51, 0.9, 0.975, 0.995, 0.9999])
def test_quantiles(p: float, freedom: float) -> None:
    assert t_quantile(p, freedom) == pytest.approx(stats.t.ppf(p, freedom), rel=CLOSE)


def test_closed_forms() -> None:
    assert t_quantile(0.975, 1) == pytest.approx(math.tan(math.pi * 0.475), rel=CLOSE)
    assert t_quantile(0.975, 2) == pytest.approx(0.95 * math.sqrt(2 / (1 - 0.95**2)), rel=CLOSE)


@given(st.floats(0, 1), st.floats(0.3, 50), st.floats(0.3, 5e3))
def test_the_incomplete_beta_function(x: float, a: float, b: float) -> None:
    assert incomplete_beta(x, a, b) == pytest.approx(float(special.betainc(a, b, x)), rel=1e-8, abs=1e-11)


@pytest.mark.parametrize(("p", "freedom"), [(0.5, 3), (1.0, 3), (0.975, 0), (0.975, math.nan), (math.nan, 3)])
def test_what_has_no_quantile(p: float, freedom: float) -> None:
    with pytest.raises(ValueError, match="degrees of freedom"):
        t_quantile(p, freedom)


@pytest.mark.parametrize("n", [2, 3, 5, 12])
def test_a_mean_with_its_interval(n: int) -> None:
    values = np.random.default_rng(n).normal(3, 2, n)
    found = mean_of(values.tolist())
    low, high = stats.t.interval(0.95, n - 1, loc=values.mean(), scale=stats.sem(values))
    assert found == pytest.approx((n, values.mean(), values.std(ddof=1), low, high), rel=CLOSE)


@pytest.mark.parametrize(("n", "m"), [(2, 2), (3, 3), (3, 7), (10, 2)])
def test_welch(n: int, m: int) -> None:
    rng = np.random.default_rng(n * 100 + m)
    x, y = rng.normal(3, 2, n), rng.normal(4, 0.3, m)
    found = difference_of(mean_of(x.tolist()), mean_of(y.tolist()))
    interval = stats.ttest_ind(y, x, equal_var=False).confidence_interval(0.95)
    assert found == pytest.approx((y.mean() - x.mean(), interval.low, interval.high), rel=CLOSE)


def test_single_values_and_equal_values() -> None:
    assert mean_of([2.0]) == (1, 2.0, None, None, None)
    assert difference_of(mean_of([2.0]), mean_of([1.0, 3.0])) == (0.0, None, None)
    assert mean_of([2.0, 2.0, 2.0]) == (3, 2.0, 0.0, 2.0, 2.0)
    assert difference_of(mean_of([2.0, 2.0]), mean_of([3.0, 3.0])) == (1.0, 1.0, 1.0)
    half = difference_of(mean_of([2.0, 2.0]), mean_of([3.0, 3.5]))
    assert half.low is not None
    assert half.low < half.value
