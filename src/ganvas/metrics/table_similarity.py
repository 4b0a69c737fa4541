"""How alike two tables are, column by column and pair by pair: the scores of sdmetrics' quality report.

https://docs.sdv.dev/sdmetrics/reports/quality-report
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from .columns import kolmogorov_smirnov

Numbers = np.ndarray[Any, np.dtype[np.float64]]
BINS = 10  # of numbers, in pairs with a category


def column_similarity(real: Numbers, fake: Numbers, *, discrete: bool) -> float:
    """1 - the distance of one column, from 0 to 1: 1 - max |F - G| of numbers (KSComplement), 1 - total variation of
    categories (TVComplement). NaN of numbers are left out; of categories they are one more.
    """
    if discrete:
        shares = [category_shares(side, (real, fake)) for side in (real, fake)]
        return 1 - float(np.abs(shares[0] - shares[1]).sum() / 2)
    sides = [torch.from_numpy(np.sort(side[~np.isnan(side)])) for side in (real, fake)]
    if not all(len(side) for side in sides):
        return 0.0
    return 1 - kolmogorov_smirnov(*sides)


def category_shares(side: Numbers, both: Sequence[Numbers]) -> Numbers:
    """The share of each category that is in either side; NaN is a category."""
    known = np.unique(np.nan_to_num(np.concatenate(both), nan=-1.0))
    places = np.searchsorted(known, np.nan_to_num(side, nan=-1.0))
    return np.bincount(places, minlength=len(known)) / max(1, len(side))


def pair_similarity(real: Numbers, fake: Numbers, discrete: Sequence[bool]) -> Numbers:
    """[F, F], 1 on the diagonal: 1 - |correlation difference| / 2 of two columns of numbers (CorrelationSimilarity),
    1 - total variation of the joint shares otherwise (ContingencySimilarity), numbers in ten bins of equal width.

    Args:
        real, fake: [N, F] and [M, F], NaN for missing.
        discrete: whether each column is one of categories.
    """
    size = len(discrete)
    found = np.ones((size, size))
    binned = [binned_column(real[:, place], fake[:, place], discrete=discrete[place]) for place in range(size)]
    for one in range(size):
        for other in range(one):
            if not discrete[one] and not discrete[other]:
                value = 1 - abs(correlation(real, one, other) - correlation(fake, one, other)) / 2
            else:
                value = joint_similarity(binned[one], binned[other])
            found[one, other] = found[other, one] = value
    return found


def correlation(rows: Numbers, one: int, other: int) -> float:
    """Pearson's correlation of two columns where neither is missing; 0 where one does not vary."""
    both = rows[:, [one, other]]
    both = both[~np.isnan(both).any(axis=1)]
    if len(both) < 2 or (both.std(axis=0) == 0).any():
        return 0.0
    return float(np.corrcoef(both[:, 0], both[:, 1])[0][1])


def binned_column(real: Numbers, fake: Numbers, *, discrete: bool) -> tuple[Any, Any, int]:
    """Both sides as whole numbers from 0 below the third value: categories, or bins of the reals' range; NaN last."""
    if discrete:
        known = np.unique(np.nan_to_num(np.concatenate([real, fake]), nan=-1.0))
        sides = [np.searchsorted(known, np.nan_to_num(side, nan=-1.0)) for side in (real, fake)]
        return sides[0], sides[1], len(known)
    known = real[~np.isnan(real)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    edges = np.linspace(low, high, BINS + 1)[1:-1]
    sides = [np.where(np.isnan(side), BINS, np.digitize(side, edges)) for side in (real, fake)]
    return sides[0], sides[1], BINS + 1


def joint_similarity(one: tuple[Any, Any, int], other: tuple[Any, Any, int]) -> float:
    """1 - total variation of the shares of pairs."""
    shares = [
        np.bincount(a * other[2] + b, minlength=one[2] * other[2]) / max(1, len(a))
        for a, b in ((one[0], other[0]), (one[1], other[1]))
    ]
    return 1 - float(np.abs(shares[0] - shares[1]).sum() / 2)


def association(rows: Numbers, discrete: Sequence[bool], like: Numbers) -> Numbers:
    """[F, F]: Cramer's V of all pairs of columns, numbers in ten bins of equal width of the range of `like`.

    V = sqrt(chi^2 / (n (min(r, c) - 1))). Cramer 1946, section 21.9. https://en.wikipedia.org/wiki/Cramer%27s_V
    """
    size = len(discrete)
    binned = [binned_column(like[:, place], rows[:, place], discrete=discrete[place]) for place in range(size)]
    found = np.eye(size)
    for one in range(size):
        for other in range(one):
            a, b = binned[one], binned[other]
            joint = np.bincount(a[1] * b[2] + b[1], minlength=a[2] * b[2]).reshape(a[2], b[2]) / max(1, len(rows))
            joint = joint[joint.sum(1) > 0][:, joint.sum(0) > 0]
            expected = np.outer(joint.sum(1), joint.sum(0))
            chi = ((joint - expected) ** 2 / expected).sum()
            found[one, other] = found[other, one] = np.sqrt(chi / max(1, min(joint.shape) - 1))
    return found
