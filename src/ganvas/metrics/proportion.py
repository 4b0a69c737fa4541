"""Intervals of proportions, of ratings by one annotator or several."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from ..base.errors import DataError

Z = 1.959963984540054  # the normal's 97.5 % point


class Proportion(NamedTuple):
    """A share of n ratings.

    Attributes:
        value: from 0 to 1.
        n: ratings.
        error: standard error.
        low: lower end of the 95 % interval.
        high: upper end.
        annotators: people who gave the ratings.
    """

    value: float
    n: int
    error: float
    low: float
    high: float
    annotators: int = 1


def proportion(*, hits: Sequence[int], of: Sequence[int]) -> Proportion:
    """(p + q^2/2m -+ q sqrt(p(1-p)/m + q^2/4m^2)) / (1 + q^2/m). Wilson 1927, section 2.
    https://doi.org/10.1080/01621459.1927.10502953

    One annotator: m = n, q = 1.96; the interval is about that annotator only. Several are a sample of all annotators:
    n is divided by the design effect (Kish 1965, section 5.4; at least 1). The design effect is the variance between
    annotators, J/(J-1) sum (hits - p of)^2 / n^2, over p(1-p)/n. Where it is above 1, q is Student's for J - 1 degrees
    of freedom.

    Args:
        hits: for each annotator, the number of ratings that count as hits.
        of: for each annotator, the number of all ratings.

    Returns:
        The share with its standard error and its 95 % interval.

    Raises:
        DataError: there are no ratings.
    """
    rated = [(hit, count) for hit, count in zip(hits, of, strict=True) if count]
    n, annotators = sum(count for _, count in rated), len(rated)
    if not n:
        raise DataError("there are no ratings", hint="Answer at least one question.")
    p = sum(hit for hit, _ in rated) / n
    binomial = p * (1 - p) / n
    between = (
        annotators / (annotators - 1) * sum((hit - p * count) ** 2 for hit, count in rated) / n**2
        if annotators > 1
        else binomial
    )
    clustered = between > binomial > 0
    q = t_quantile_975(annotators - 1) if clustered else Z
    m = n * binomial / between if clustered else n
    middle, half = p + q * q / (2 * m), q * math.sqrt(p * (1 - p) / m + q * q / (4 * m * m))
    low, high = ((middle + side) / (1 + q * q / m) for side in (-half, half))
    return Proportion(
        p,
        n,
        math.sqrt(max(binomial, between)),
        0.0 if p == 0 else max(0.0, low),
        1.0 if p == 1 else min(1.0, high),
        annotators,
    )


def t_quantile_975(degrees: int) -> float:
    """The 97.5 % quantile of Student's t, within 1 %. Abramowitz and Stegun 1964, 26.7.5.
    https://personal.math.ubc.ca/~cbm/aands/page_949.htm
    """
    if degrees < 3:
        return (math.tan(0.475 * math.pi), 0.95 / math.sqrt(2 * 0.975 * 0.025))[degrees - 1]
    first, second = (Z**3 + Z) / 4, (5 * Z**5 + 16 * Z**3 + 3 * Z) / 96
    return Z + first / degrees + second / degrees**2 + (3 * Z**7 + 19 * Z**5 + 17 * Z**3 - 15 * Z) / 384 / degrees**3
