"""Precision, recall, density and coverage of a set of fakes, from nearest neighbours in feature space."""

from collections.abc import Iterator
from math import exp, lgamma
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Float64, Int64
from torch import Tensor

from ..base.errors import DataError
from .jackknife import BLOCKS, jackknife_variance, require_samples

ROWS = 100  # of a distance matrix held at a time: few megabytes, which a processor's cache holds
SAME = 1e-13  # of the squared lengths: what rounding leaves of the squared distance of two equal vectors of float32
LISTED = 4  # k neighbours of each sample are listed, for those whose nearest belong to a block that is left out
FEWEST = 20  # k samples a side, for a standard error


class Prdc(NamedTuple):
    """Six scores from nearest neighbours; a ball of a sample reaches to its k-th nearest neighbour on its own side.

    Attributes:
        precision: share of fakes within the ball of some real.
        recall: share of reals within the ball of some fake.
        density: mean number of balls of reals around a fake, over k; it may exceed 1.
        coverage: share of reals with a fake in their ball.
        clipped_density: estimated share of good fakes, from 0 to 1.
        clipped_coverage: share of good fakes that would cover the reals as much, from 0 to 1.
    """

    precision: float
    recall: float
    density: float
    coverage: float
    clipped_density: float
    clipped_coverage: float


class BallCounts(NamedTuple):
    """Which samples are in which balls. In column 0 all samples count, in each other column all but a block of both
    sides.

    Attributes:
        stay_real: which reals count.
        stay_fake: which fakes count.
        into: balls of reals around each fake.
        narrowly: the same with balls not wider than the median.
        inside: fakes in the ball of each real.
        recalled: balls of fakes around each real.
        among: narrowed balls of other reals around each real.
    """

    stay_real: Bool[Tensor, "n c"]
    stay_fake: Bool[Tensor, "m c"]
    into: Int64[Tensor, "m c"]
    narrowly: Int64[Tensor, "m c"]
    inside: Int64[Tensor, "n c"]
    recalled: Int64[Tensor, "n c"]
    among: Int64[Tensor, "n c"]


def prdc(*, real: Float[Tensor, "n d"], fake: Float[Tensor, "m _"], k: int = 5) -> Prdc:
    """Precision and recall: Kynkaanniemi et al. 2019, equations 1-2; density and coverage: Naeem et al. 2020, equations
    4-5.

    https://arxiv.org/abs/1904.06991, https://arxiv.org/abs/2002.09797. The clipped two after Salvy et al. 2025,
    https://arxiv.org/abs/2507.01761: no ball is wider than the median ball (density only), no sample counts for more
    than 1, and fakes of which a share p are good and the rest far from everything score p; both calibrations are
    derived here, not taken from the paper. Balls are open (<), as in the code of Naeem et al.

    Args:
        real: features of the reals, more than k rows.
        fake: features of the fakes, more than k rows.
        k: neighbours, at least 1.

    Raises:
        DataError: k samples or fewer on a side, k below 1, different widths, or values that are not finite.

    Example:
        >>> import torch
        >>> from ganvas.metrics.prdc import prdc
        >>> real = torch.tensor([[0.0], [1.0], [9.0], [10.0]])
        >>> found = prdc(real=real, fake=torch.tensor([[0.5], [0.6], [20.0]]), k=1)
        >>> found.coverage
        0.5
    """
    (found,) = prdc_of_columns(ball_counts(real=real, fake=fake, k=k, blocks=0), k)
    return clipped_at_one(found)


def prdc_with_errors(*, real: Float[Tensor, "n d"], fake: Float[Tensor, "m _"], k: int = 5) -> tuple[Prdc, Prdc | None]:
    """`prdc` with standard errors: the jackknife over 20 blocks, left out on both sides at once.

    Conservative: up to 1.6 times the spread over fresh draws, as the effects of single neighbours count more than once.
    A bootstrap duplicates samples, which become their own nearest neighbours and bias coverage (0.90 -> 0.66); the
    spread over disjoint parts of 50 samples was half of the error. The clipped scores are cut at 1 after their errors
    are known, or these would be 0 there.

    Args:
        real: features of the reals, more than k rows.
        fake: features of the fakes, more than k rows.
        k: neighbours, at least 1.

    Returns:
        The scores, and their errors; None where a side has less than 20 k samples.

    Raises:
        DataError: as `prdc`.
    """
    blocks = BLOCKS if min(len(real), len(fake)) >= FEWEST * k else 0
    whole, *left_out = prdc_of_columns(ball_counts(real=real, fake=fake, k=k, blocks=blocks), k)
    if not blocks:
        return clipped_at_one(whole), None
    return clipped_at_one(whole), Prdc(
        *(jackknife_variance(values) ** 0.5 for values in torch.tensor(left_out, dtype=torch.float64).T)
    )


def clipped_at_one(found: Prdc) -> Prdc:
    """The same with the clipped scores at most 1."""
    return found._replace(
        clipped_density=min(1.0, found.clipped_density), clipped_coverage=min(1.0, found.clipped_coverage)
    )


def ball_counts(*, real: Float[Tensor, "n d"], fake: Float[Tensor, "m _"], k: int, blocks: int) -> BallCounts:
    """Counts of samples in balls, from one pass over all distances."""
    require_samples(real, fake)
    if k < 1:
        raise DataError(f"a {k}-th neighbour is none", hint="Give k of 1 or more.")
    x, y = centred_by_reals(real, fake)
    stay_real, stay_fake = retained_samples(len(x), blocks), retained_samples(len(y), blocks)
    listed = k if not blocks else LISTED * k
    near, who = k_nearest(x, min(listed, max(k, len(x) - 1)))
    reach_real, first = kth_squared_distance(near, stay_real[who], k)
    reach_fake = ball_radii(y, stay_fake, k, listed)
    narrow = reach_real.minimum(reach_real.where(stay_real, torch.nan).nanmedian(0).values)
    lengths = x.square().sum(1)[:, None, None]
    among = counts_by_index(
        who, (near[..., None] <= narrow[:, None] + SAME * lengths) & first & stay_real[:, None], len(x)
    )
    into, narrowly = (torch.zeros(len(y), blocks + 1, dtype=torch.int64) for _ in range(2))
    inside, recalled = [], []
    for rows in torch.arange(len(x)).split(ROWS):
        distance = squared_distances(x[rows], y)
        of_rows, of_fakes = count_in_balls(distance, reach_real[rows], stay_real[rows], stay_fake)
        inside.append(of_rows)
        into += of_fakes
        narrowly += count_in_balls(distance, narrow[rows], stay_real[rows], stay_fake)[1]
        recalled.append(count_in_balls(distance.T, reach_fake, stay_fake, stay_real[rows])[1])
    return BallCounts(stay_real, stay_fake, into, narrowly, torch.cat(inside), torch.cat(recalled), among)


def count_in_balls(
    distance: Float64[Tensor, "a b"],
    reach: Float64[Tensor, "a c"],
    stay: Bool[Tensor, "a c"],
    others: Bool[Tensor, "b c"],
) -> tuple[Int64[Tensor, "a c"], Int64[Tensor, "b c"]]:
    """How many others are in the ball of each sample, and in how many balls each other is, by column.

    Nearly all pairs are nearer than the smallest radius over the columns, or not nearer than the largest: these are
    counted once, and subtracted by block.

    Args:
        distance: squared distances of samples and others.
        reach: squared radius of each sample's ball in each column.
        stay: which samples count in each column.
        others: which others count in each column.
    """
    least, most = reach.amin(1, keepdim=True), reach.amax(1, keepdim=True)
    sure = (distance < least).float()  # whole numbers below 2^24 are exact
    of_mine, of_others = (sure @ without for sure, without in ((sure, (~others).float()), (sure.T, (~stay).float())))
    i, j = ((distance >= least) & (distance < most)).nonzero(as_tuple=True)
    hit = (distance[i, j, None] < reach[i]) & stay[i] & others[j]
    found = sure.sum(1, keepdim=True) - of_mine, sure.sum(0)[:, None] - of_others
    mine, theirs = (side.long() for side in found)
    return mine * stay + counts_by_index(i, hit, len(mine)), theirs * others + counts_by_index(j, hit, len(theirs))


def retained_samples(n: int, blocks: int) -> Bool[Tensor, "n c"]:
    """Which samples count in each column [n, blocks + 1]: sample i belongs to block i % blocks, which column 1 + i %
    blocks leaves out.
    """
    return (torch.arange(n) % max(1, blocks))[:, None] != torch.arange(-1, blocks)


def kth_squared_distance(
    near: Float64[Tensor, "n l"], stay: Bool[Tensor, "n l c"], k: int
) -> tuple[Float64[Tensor, "n c"], Bool[Tensor, "n l c"]]:
    """The squared distance of the k-th listed neighbour that counts, or of the last one listed; and which are the first
    k that count.
    """
    first = stay & (stay.cumsum(1) <= k)
    last = torch.where(first.sum(1) < k, near.shape[1] - 1, (first * torch.arange(near.shape[1])[:, None]).amax(1))
    return near.gather(1, last), first


def ball_radii(y: Float64[Tensor, "m d"], stay: Bool[Tensor, "m c"], k: int, listed: int) -> Float64[Tensor, "m c"]:
    """The squared radius of every sample's ball in every column."""
    near, who = k_nearest(y, min(listed, max(k, len(y) - 1)))
    return kth_squared_distance(near, stay[who], k)[0]


def counts_by_index(places: Int64[Tensor, "*p"], hits: Bool[Tensor, "*p c"], size: int) -> Int64[Tensor, "s c"]:
    """How many hits each index has, by column."""
    wide = hits.shape[-1]
    pair, column = hits.reshape(-1, wide).nonzero(as_tuple=True)
    return torch.bincount(places.flatten()[pair] * wide + column, minlength=size * wide).view(size, wide)


def prdc_of_columns(counts: BallCounts, k: int) -> Iterator[Prdc]:
    """The scores of each column, the clipped ones not cut at 1."""
    reals, fakes = counts.stay_real.sum(0), counts.stay_fake.sum(0)
    full = [part.clamp(max=k).sum(0).double() / k for part in (counts.narrowly, counts.among, counts.inside)]
    for c in range(len(reals)):
        n, m = int(reals[c]), int(fakes[c])
        yield Prdc(
            precision=int((counts.into[:, c] > 0).sum()) / m,
            recall=int((counts.recalled[:, c] > 0).sum()) / n,
            density=int(counts.into[:, c].sum()) / (k * m),
            coverage=int((counts.inside[:, c] > 0).sum()) / n,
            clipped_density=clipped_density(float(full[0][c]) / m, float(full[1][c]) / n),
            clipped_coverage=clipped_coverage(float(full[2][c]) / n, n, m, k),
        )


def clipped_density(reached: float, most: float) -> float:
    """mean_j min(c_j/k, 1) over the fakes, c_j of the reals' narrowed balls around fake j; over the same of each real
    among the other reals.

    Fakes of the reals' distribution relate to them as each real to the others, and distant fakes add nothing: p good
    ones in a hundred score p/100.
    """
    return reached / most if most > 0 else 0.0


def clipped_coverage(found: float, n: int, m: int, k: int) -> float:
    """The share p at which p m good fakes have the expectation of mean(min(c_i/k, 1)) that was found, c_i of the fakes
    in the ball of real i. At most 2.

    The probability mass of a ball that reaches to the k-th of n - 1 others is Beta(k, n - k) for any distribution, so
    of g good fakes c are in it with c ~ BetaBinomial(g, k, n - k).
    """
    low, high = 0, 2 * m
    if found >= expected_coverage(high, n, k):
        return 2.0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if expected_coverage(middle, n, k) <= found else (low, middle)
    below, above = expected_coverage(low, n, k), expected_coverage(high, n, k)
    return (low + (found - below) / (above - below)) / m


def expected_coverage(good: int, n: int, k: int) -> float:
    """E min(c/k, 1) for c ~ BetaBinomial(good, k, n - k): 1 - sum_{c < k} (1 - c/k) P(c)."""
    whole = lgamma(good + 1) + lgamma(n) - lgamma(good + n) - lgamma(k) - lgamma(n - k)
    shares = (
        lgamma(c + k) - lgamma(c + 1) + lgamma(good - c + n - k) - lgamma(good - c + 1) for c in range(min(k, good + 1))
    )
    return 1 - sum((1 - c / k) * exp(whole + share) for c, share in enumerate(shares))


def kth_neighbour_distance(x: Float[Tensor, "n d"], k: int) -> Float64[Tensor, "n"]:
    """The distance of each sample to its k-th nearest other sample."""
    return k_nearest(x.double(), k)[0][:, -1].sqrt()


def k_nearest(x: Float64[Tensor, "n d"], k: int) -> tuple[Float64[Tensor, "n k"], Int64[Tensor, "n k"]]:
    """Squared distances of the k nearest other samples, ascending, and their numbers. Raises DataError for k samples or
    fewer.
    """
    if len(x) <= k:
        raise DataError(
            f"{len(x)} samples have no {k} nearest neighbours each", hint=f"Give more than {k} on each side."
        )
    found = []
    for first in range(0, len(x), ROWS):
        squared = squared_distances(x[first : first + ROWS], x)
        squared.diagonal(first).fill_(torch.inf)
        found.append(squared.topk(k, dim=1, largest=False))
    return torch.cat([one.values for one in found]), torch.cat([one.indices for one in found])


def squared_distances(x: Float64[Tensor, "n d"], y: Float64[Tensor, "m d"]) -> Float64[Tensor, "n m"]:
    """|x_i - y_j|^2, exactly 0 between equal vectors."""
    of_x, of_y = x.square().sum(1)[:, None], y.square().sum(1)
    squared = torch.addmm(of_y, x, y.T, alpha=-2).add_(of_x)
    return squared.masked_fill_(squared < SAME * of_x, 0)


def centred_by_reals(real: Float[Tensor, "n d"], fake: Float[Tensor, "m d"]) -> tuple[Tensor, Tensor]:
    """Both sides minus the reals' mean, in float64: distances come from products, which are more exact for shorter
    vectors.
    """
    middle = real.double().mean(0)
    return real.double() - middle, fake.double() - middle
