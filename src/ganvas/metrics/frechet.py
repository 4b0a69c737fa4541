"""The Frechet distance between two sets of features."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float, Float64
from torch import Tensor

from .jackknife import BLOCKS, Estimate, jackknife_variance, require_count, require_features
from .moments import Moments, merge_moments, moments, subtract_moments
from .statistics import FeatureStatistics

SHARES = (1, 2, 4)  # parts of the extrapolation: the whole, two halves and four quarters
TREND = 0.5  # R^2 below which what is fitted is noise
EPSILON = torch.finfo(torch.float64).eps


class Extrapolated(NamedTuple):
    """The Frechet distance extrapolated to infinitely many samples.

    Attributes:
        value: the distance.
        error: its standard error.
        r2: share of the spread of the fitted distances that 1/n explains, at most 1.
        points: (how many times fewer samples, distance) of each fitted distance.
    """

    value: float
    error: float
    r2: float
    points: tuple[tuple[float, float], ...]


class Slopes(NamedTuple):
    """tr (S_r S_f)^(1/2) and its derivatives by both covariances."""

    root: float
    real: Float64[Tensor, "d d"]
    fake: Float64[Tensor, "d d"]


def frechet_distance(*, real: Moments, fake: Moments) -> float:
    """|m_r - m_f|^2 + tr(S_r + S_f - 2 (S_r S_f)^(1/2)). Dowson and Landau 1982; Heusel et al. 2017, equation 6.
    https://arxiv.org/abs/1706.08500

    With S_r = L L^T the last trace is the sum of the roots of the eigenvalues of L^T S_f L, which is symmetric. Where a
    covariance lacks rank, it is the sum of the singular values of L_r^T L_f, both roots reduced to their rank. Exact:
    without the error of a matrix root.

    Args:
        real: moments of the reals' features, of at least two samples.
        fake: moments of the fakes' features.

    Returns:
        The distance, in squared units of the features.

    Raises:
        DataError: fewer than two samples on a side.
    """
    require_count(min(real.n, fake.n), 2)
    s_r, s_f = (side.covariance for side in (real, fake))
    varying = (s_r.diag() > 0) & (s_f.diag() > 0)  # a feature that is constant on one side adds nothing to the product
    a, b = (s if varying.all() else s[varying][:, varying] for s in (s_r, s_f))
    root = trace_of_root(a, b, real.n, fake.n) if varying.any() else 0.0
    return float((real.mean - fake.mean).square().sum() + s_r.trace() + s_f.trace() - 2 * root)


def trace_of_root(s_r: Float64[Tensor, "d d"], s_f: Float64[Tensor, "d d"], n: int, m: int) -> float:
    """tr (S_r S_f)^(1/2) of covariances of n and m samples."""
    cholesky = full_rank(n, s_r)
    if cholesky is not None:
        squares = torch.linalg.eigvalsh(congruent(cholesky, s_f))
        if squares[0] > EPSILON**0.75 * squares[-1] or full_rank(m, s_f) is not None:
            return float(squares.clamp(min=0).sqrt().sum())
    return float(torch.linalg.svdvals(cut_root(s_r).T @ cut_root(s_f)).sum())


def congruent(lower: Float64[Tensor, "d d"], s: Float64[Tensor, "d d"]) -> Float64[Tensor, "d d"]:
    """The lower triangle of L^T S L for a lower triangular L; in strips that skip its zeros, at 0.4 of the cost of two
    products.
    """
    product = torch.zeros_like(s)
    strip = -(-len(s) // 8)
    for first in range(0, len(s), strip):
        corner, columns = lower[first:, first:], slice(first, first + strip)
        product[first:, columns] = corner.T @ (s[first:, first:] @ corner[:, :strip])
    return product


def frechet_of_features(*, real: Float[Tensor, "n d"], fake: Float[Tensor, "m _"]) -> float:
    """The Frechet distance of features in memory; exact, and fast for few samples as for few features.

    With more samples than features it is `frechet_distance` of their moments. With fewer, tr (S_r S_f)^(1/2) is the
    sum of the singular values of X_r X_f^T / sqrt((n - 1)(m - 1)), X centred. Mathiasen and Hvilshoj 2020,
    https://arxiv.org/abs/2009.14075

    Args:
        real: features of the reals, at least two rows.
        fake: features of the fakes, at least two rows.

    Raises:
        DataError: fewer than two samples on a side, or different widths.
    """
    require_features(real, fake)
    require_count(min(len(real), len(fake)), 2)
    if min(len(real), len(fake)) > real.shape[1]:
        return frechet_distance(real=moments(real), fake=moments(fake))
    (x, y), gap = (
        (side.double() - side.double().mean(0) for side in (real, fake)),
        real.double().mean(0) - fake.double().mean(0),
    )
    x, y = x / (len(x) - 1) ** 0.5, y / (len(y) - 1) ** 0.5
    return float(gap.square().sum() + x.square().sum() + y.square().sum() - 2 * torch.linalg.svdvals(x @ y.T).sum())


def frechet(*, real: FeatureStatistics, fake: FeatureStatistics) -> Estimate:
    """The Frechet distance of two sets, with its standard error by the jackknife over 20 blocks of each side.

    Means and traces of each replicate are exact, the trace of the root is linearised: within 5 % of 40 exact replicates
    where n > 1.5 d, at the cost of three. The error is the spread over fresh samples of as many; near the real-vs-real
    value (both sides of one distribution) it is up to 1.4 times too wide. A bootstrap would be biased upward.

    Args:
        real: statistics of the reals.
        fake: statistics of the fakes.

    Raises:
        DataError: fewer than three samples on a side.
    """
    require_count(min(real.n, fake.n))
    few = min(real.n, fake.n) <= real.mean.shape[1]
    at_hand = len(real.sample_numbers) == real.n and len(fake.sample_numbers) == fake.n
    value = (
        frechet_of_features(real=real.sample, fake=fake.sample)
        if few and at_hand
        else frechet_distance(real=real.whole, fake=fake.whole)
    )
    return Estimate(
        value, sum(jackknife_variance(side) for side in replicates(real=real.blocks, fake=fake.blocks)) ** 0.5
    )


def frechet_with_error(*, real: Float[Tensor, "n d"], fake: Float[Tensor, "m _"]) -> Estimate:
    """`frechet` of features in memory.

    Args:
        real: features of the reals, at least three rows.
        fake: features of the fakes, at least three rows.

    Returns:
        The distance and its standard error.

    Raises:
        DataError: fewer than three samples on a side, different widths, or values that are not finite.

    Example:
        >>> import torch
        >>> from ganvas.metrics.frechet import frechet_with_error
        >>> x = torch.eye(8)[:, :2]
        >>> round(frechet_with_error(real=x, fake=x + torch.tensor([3.0, 4.0])).value, 6)
        25.0
    """
    require_features(real, fake)
    return frechet(real=FeatureStatistics.of(real), fake=FeatureStatistics.of(fake))


def extrapolate(*, real: FeatureStatistics, fake: FeatureStatistics) -> Extrapolated | None:
    """f_inf of f(n, m) = f_inf + a/n + b/m, fitted to the distances of the whole, two halves and four quarters of both
    sides.

    After Chong and Forsyth 2020 (https://arxiv.org/abs/1911.07023), who reduce the fakes only, so that the reals' bias
    stays. Here both sides are reduced together, so one slope, a/n + b/m, is fitted, weighted by the jackknife
    variances. The parts are disjoint sets of blocks; the error is the jackknife's of f_inf itself.

    Args:
        real: statistics of the reals.
        fake: statistics of the fakes.

    Returns:
        None where a quarter has no more samples than features, or the distances do not follow 1/n (R^2 below 0.5).
    """
    if min(real.n, fake.n) // max(SHARES) <= max(real.mean.shape[1], BLOCKS):
        return None
    points, values, left_out = [], [], []
    for share in SHARES:
        sums = torch.zeros(2, BLOCKS, dtype=torch.float64)
        distances = []
        for first in range(share):
            of_real, of_fake = real.blocks[first::share], fake.blocks[first::share]
            distances.append(frechet_distance(real=merge_moments(of_real), fake=merge_moments(of_fake)))
            for side, left in enumerate(replicates(real=of_real, fake=of_fake)):
                sums[side, first::share] = left - left.mean()
        points += [(float(share), distance) for distance in distances]
        values.append(sum(distances) / share)
        left_out.append(sums / share)
    return fit_line(points, torch.tensor(values, dtype=torch.float64), torch.stack(left_out))


def fit_line(
    points: Sequence[tuple[float, float]], values: Float64[Tensor, "s"], left_out: Float64[Tensor, "s 2 b"]
) -> Extrapolated | None:
    """The weighted line through the mean distances, and its value at infinitely many samples; None where R^2 is below
    0.5.

    Args:
        points: (how many times fewer samples, distance) of each part.
        values: mean distance for each of the three numbers of parts.
        left_out: replicates of these means, less their mean, by side and block.
    """
    covariance = sum(
        (left_out[:, side] @ left_out[:, side].T for side in (0, 1)),
        torch.zeros(len(values), len(values), dtype=torch.float64),
    )
    covariance = covariance * (BLOCKS - 1) / BLOCKS
    terms = torch.stack([torch.ones(len(SHARES)), torch.tensor(SHARES)], 1).double()
    weighted = terms / covariance.diag()[:, None].clamp(min=EPSILON**2)
    solution = torch.linalg.solve(
        weighted.T @ terms, weighted.T
    )  # [2, S]: the coefficients are linear in the distances
    start, slope = (solution @ values).tolist()
    share, distance = torch.tensor(points, dtype=torch.float64).T
    spread = (distance - distance.mean()).square().sum()
    r2 = float(1 - (distance - start - slope * share).square().sum() / spread) if spread > 0 else 0.0
    at_infinity = solution[0]
    return (
        Extrapolated(start, float(at_infinity @ covariance @ at_infinity) ** 0.5, r2, tuple(points))
        if r2 >= TREND
        else None
    )


def replicates(*, real: Sequence[Moments], fake: Sequence[Moments]) -> tuple[Tensor, Tensor]:
    """The distance without each block of the reals, then without each block of the fakes; the trace of the root is
    linearised.
    """
    whole = merge_moments(real), merge_moments(fake)
    slopes = slopes_of_root(real=whole[0], fake=whole[1])
    sides = []
    for side, (blocks, slope) in enumerate(zip((real, fake), (slopes.real, slopes.fake), strict=True)):
        here, there = whole[side], whole[1 - side]
        values = []
        for left in (subtract_moments(here, block) for block in blocks):
            change = left.covariance - here.covariance
            root = slopes.root + (slope * change).sum()
            values.append(
                (left.mean - there.mean).square().sum() + left.covariance.trace() + there.covariance.trace() - 2 * root
            )
        sides.append(torch.stack(values))
    return sides[0], sides[1]


def slopes_of_root(*, real: Moments, fake: Moments) -> Slopes:
    """Half of the optimal maps between the two Gaussians. Olkin and Pukelsheim 1982.

    With S_r = A A^T and A^T S_f A = U s^2 U^T, the map of fakes to reals is A U s^-1 U^T A^T and that of reals to fakes
    is S_f A U s^-3 U^T A^T S_f; directions without variance on one side are left out.
    """
    s_r, s_f = real.covariance, fake.covariance
    cholesky = full_rank(real.n, s_r)
    a = cut_root(s_r) if cholesky is None else cholesky
    squares, u = torch.linalg.eigh(a.T @ s_f @ a)
    held = (
        squares > squares.amax().clamp(min=torch.finfo(torch.float64).tiny) * EPSILON**0.75
        if len(squares)
        else squares > 0
    )
    s, au = squares[held].sqrt(), a @ u[:, held]
    back = s_f @ au
    return Slopes(float(s.sum()), (back / s**3) @ back.T / 2, (au / s) @ au.T / 2)


def full_rank(n: int, covariance: Float64[Tensor, "d d"]) -> Float64[Tensor, "d d"] | None:
    """The Cholesky factor of the covariance of n samples, or None where it lacks rank or nearly does."""
    if n <= len(covariance):
        return None
    factor, failed = torch.linalg.cholesky_ex(covariance)
    diagonal = factor.diag()
    return None if failed or (len(diagonal) and diagonal.amin() < EPSILON**0.5 * diagonal.amax()) else factor


def cut_root(covariance: Float64[Tensor, "d d"]) -> Float64[Tensor, "d r"]:
    """A root [d, r] of a covariance of rank r, from its eigenvectors."""
    values, vectors = torch.linalg.eigh(covariance)
    held = values > (values.amax() * len(values) * EPSILON if len(values) else 0)
    return vectors[:, held] * values[held].sqrt()
