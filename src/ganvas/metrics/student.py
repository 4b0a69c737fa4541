"""Intervals by Student's t: of a mean over several trainings, and of the difference of two means."""

import math
from collections.abc import Sequence
from typing import NamedTuple

CONFIDENCE = 0.95  # of every interval here
TINY = 1e-300  # in place of a zero in Lentz's algorithm
STEPS = 10_000  # of the continued fraction, which converges within about the square root of max(a, b)


class Mean(NamedTuple):
    """The mean of n values.

    Attributes:
        n: values.
        mean: their mean.
        sd: standard deviation of one value, None for a single value.
        low: lower end of the mean's 95 % interval, None for a single value.
        high: upper end.
    """

    n: int
    mean: float
    sd: float | None
    low: float | None
    high: float | None


class Difference(NamedTuple):
    """The difference of two means, other - one.

    Attributes:
        value: the difference.
        low: lower end of its 95 % interval, None where a side has a single value.
        high: upper end.
    """

    value: float
    low: float | None
    high: float | None


def mean_of(values: Sequence[float]) -> Mean:
    """Mean +- t_{0.975, n-1} s/sqrt(n). Student 1908. https://doi.org/10.1093/biomet/6.1.1

    Args:
        values: one number a training, at least one, finite.

    Returns:
        The mean, the standard deviation (n - 1 in the denominator), and the 95 % interval of the mean.

    Example:
        >>> from ganvas.metrics.student import mean_of
        >>> found = mean_of([1.0, 2.0, 3.0])
        >>> found.mean, round(found.low, 3), round(found.high, 3)
        (2.0, -0.484, 4.484)
    """
    n = len(values)
    mean = math.fsum(values) / n
    if n == 1:
        return Mean(1, mean, None, None, None)
    sd = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (n - 1))
    half = t_quantile((1 + CONFIDENCE) / 2, n - 1) * sd / math.sqrt(n)
    return Mean(n, mean, sd, mean - half, mean + half)


def difference_of(one: Mean, other: Mean) -> Difference:
    """m2 - m1 +- t_{0.975, nu} sqrt(s1^2/n1 + s2^2/n2). Welch 1947. https://doi.org/10.1093/biomet/34.1-2.28

    nu = (s1^2/n1 + s2^2/n2)^2 / (s1^4/(n1^2 (n1 - 1)) + s2^4/(n2^2 (n2 - 1))), by Welch and Satterthwaite, so the two
    sides may differ in variance and number of values.

    Args:
        one: the mean that is subtracted, m1.
        other: the other mean, m2.

    Returns:
        The difference and its 95 % interval.
    """
    value = other.mean - one.mean
    if one.sd is None or other.sd is None:
        return Difference(value, None, None)
    shares = [each.sd**2 / each.n for each in (one, other) if each.sd is not None]
    variance = sum(shares)
    if variance == 0:
        return Difference(value, value, value)
    freedom = 1 / sum((share / variance) ** 2 / (each.n - 1) for share, each in zip(shares, (one, other), strict=True))
    half = t_quantile((1 + CONFIDENCE) / 2, freedom) * math.sqrt(variance)
    return Difference(value, value - half, value + half)


def t_quantile(p: float, freedom: float) -> float:
    """t with P(T <= t) = p of Student's distribution.

    P(|T| <= t) = I_y(1/2, freedom/2) with y = t^2/(freedom + t^2), solved by bisection.
    Abramowitz and Stegun 1964, 26.7.1. https://personal.math.ubc.ca/~cbm/aands/page_948.htm

    Args:
        p: between 0.5 and 1, both excluded.
        freedom: degrees of freedom, above 0; not necessarily whole.

    Raises:
        ValueError: p or freedom outside these ranges.

    Example:
        >>> from ganvas.metrics.student import t_quantile
        >>> round(t_quantile(0.975, 4), 4)
        2.7764
    """
    if not 0.5 < p < 1 or not freedom > 0:
        raise ValueError(f"p must be between 0.5 and 1 and the degrees of freedom above 0, not {p} and {freedom}")
    within = 2 * p - 1

    def beyond(t: float) -> bool:
        return incomplete_beta(t * t / (freedom + t * t), 0.5, freedom / 2) > within

    low, high = 0.0, 1.0
    while not beyond(high):
        low, high = high, 2 * high
    while low < (middle := (low + high) / 2) < high:  # until there is no number between them
        low, high = (low, middle) if beyond(middle) else (middle, high)
    return high


def incomplete_beta(x: float, a: float, b: float) -> float:
    """I_x(a, b), regularised. Abramowitz and Stegun 1964, 26.5.8. https://personal.math.ubc.ca/~cbm/aands/page_944.htm

    The continued fraction is summed by Lentz's algorithm.
    """
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):  # there the fraction of the other tail converges
        return 1 - incomplete_beta(1 - x, b, a)
    front = math.exp(a * math.log(x) + b * math.log1p(-x) + math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)) / a
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1) or TINY)
    fraction = d
    for m in range(1, STEPS):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / (1 + term * d or TINY)
            c = 1 + term / c or TINY
            fraction *= c * d
        if abs(c * d - 1) < 1e-16:
            break
    return front * fraction
