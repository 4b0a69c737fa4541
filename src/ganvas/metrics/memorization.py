"""Whether a generator repeats its training data: always against held-out samples, as real data have near neighbours too."""

from typing import NamedTuple

import torch
from jaxtyping import Float, Float64, Int64
from torch import Tensor

from ..base.draws import permutation, uniform_rows
from ..base.errors import DataError
from .jackknife import require_features
from .membership import Z95, Gap, auc_interval

ELEMENTS = 2**24  # of a table of distances that is held at a time: 64 MB
SURE = 4  # times what rounding may do to a squared distance: nearer ones are looked at again
CLOSE = 0.01  # of held-out samples lie this near to training samples
LEAST = 20  # fakes in a cell that counts: the paper's tau, 20 / m
FITTED = 10_000  # training samples that place the cells, at most
ROUNDS = 50  # of k-means, at most


class NearestTraining(NamedTuple):
    """Of each sample: the distance to its nearest training sample, float64, and that sample's number."""

    distance: Float[Tensor, "n"]
    train: Int64[Tensor, "n"]


class Memorization(NamedTuple):
    """What two sets of nearest neighbours say. Without copying: ratio near 1, copied near `expected`, gap near 0."""

    ratio: float  # median distance of fakes to train / median distance of held-out samples to train
    ratio_low: float  # 95 % interval
    ratio_high: float
    copied: float  # share of fakes as near to train as only a hundredth of the held-out samples are
    expected: float  # what that share is without copying
    copied_error: float  # standard error of copied where there is no copying
    authentic_fake: float  # shares in [0, 1]
    authentic_held: float
    gap: float  # authentic_fake - authentic_held: below 0, fakes crowd around single training samples
    gap_error: float
    fake: NearestTraining
    held: NearestTraining


class DistanceHistogram(NamedTuple):
    """Shares of distances between edges [bins + 1]; what lies beyond the last edge counts in the last bin."""

    edges: Float[Tensor, "edges"]
    fake: Float[Tensor, "bins"]
    held: Float[Tensor, "bins"]


class ClosestPairs(NamedTuple):
    """The closest pairs, closest first."""

    fake: Int64[Tensor, "n"]
    train: Int64[Tensor, "n"]
    distance: Float[Tensor, "n"]


class ThreeSampleTest(NamedTuple):
    """The three-sample test. Below 0: fakes lie nearer to training samples than held-out samples do."""

    z: float  # the paper's C_T; grows with the number of samples
    z_error: float  # without copying: C_T is a mean of z-scores, so less than 1
    effect: Gap  # P(a fake is farther from train than a held-out sample) - 1/2 within cells, in [-1/2, 1/2], with its error; does not grow
    cells: int  # that counted
    share: float  # of held-out samples, within them


def memorization(
    *, train: Float[Tensor, "n d"], held: Float[Tensor, "h _"], fake: Float[Tensor, "m _"]
) -> Memorization:
    """A_j = [d(x_j, t) > d(t, nearest other t')], t the training sample nearest to x_j. Alaa et al. 2022, authenticity. https://arxiv.org/abs/2102.08921

    The share of authentic samples has no fixed value for honest data, so held-out samples are measured beside the fakes and the gap counts; its error is that
    of two independent shares. The ratio of medians, and the share of fakes nearer to train than the k-th nearest of h held-out samples, k = h / 100: without
    copying k / (h + 1) is expected of it. Features are float, of any scale. Blocked: memory does not grow with n m. Raises DataError.
    """
    require_two_samples(train, held, fake)
    near_fake, near_held = nearest_training(fake, train=train), nearest_training(held, train=train)
    hit, places = torch.cat([near_fake.train, near_held.train]).unique(return_inverse=True)
    radius = nearest_training(train[hit], train=train, itself=hit).distance[places]
    distance = torch.cat([near_fake.distance, near_held.distance])
    authentic_fake, authentic_held = (
        float(share.double().mean()) for share in (distance > radius).split([len(fake), len(held)])
    )
    shares = ((authentic_fake, len(fake)), (authentic_held, len(held)))
    ratio, low, high = median_ratio(near_fake.distance, near_held.distance)
    copied, expected, copied_error = share_near_training(near_fake.distance, near_held.distance)
    return Memorization(
        ratio=ratio,
        ratio_low=low,
        ratio_high=high,
        copied=copied,
        expected=expected,
        copied_error=copied_error,
        authentic_fake=authentic_fake,
        authentic_held=authentic_held,
        gap=authentic_fake - authentic_held,
        gap_error=sum(share * (1 - share) / n for share, n in shares) ** 0.5,
        fake=near_fake,
        held=near_held,
    )


def require_two_samples(*sides: Tensor) -> None:
    """Two samples of each kind at least. Raises DataError."""
    if any(len(side) < 2 for side in sides):
        counts = ", ".join(
            f"{len(side):,} {name}" for side, name in zip(sides, ("of train", "held out", "fakes"), strict=True)
        )
        raise DataError(
            f"too few samples to look for copies: {counts}", hint="Bring two of each at least, better thousands."
        )


def nearest_training(
    x: Float[Tensor, "m _"], *, train: Float[Tensor, "n d"], itself: Int64[Tensor, "m"] | None = None
) -> NearestTraining:
    """argmin_t |x - t|^2; `itself` are the numbers of x among train, which do not count.

    Found by products of the features' dtype, which may take one neighbour for another where features spread wide; the distance to the one found is computed
    without them, in float64, so that a copy lies at exactly 0. Where rounding could hide a nearer one, the search is made again in float64. Raises DataError.
    """
    require_features(x, train)
    if not (torch.isfinite(x).all() and torch.isfinite(train).all()):
        raise DataError("features are not finite, so there are no distances", hint="Look for NaN in the samples.")
    if x.dtype != train.dtype:
        x, train = x.double(), train.double()
    index = nearest_by_products(x, train, itself)
    distance = distances_to_numbered(x, train, index)
    middle = train.mean(0)
    rounding = (
        torch.finfo(x.dtype).eps
        * x.shape[1]
        * ((x - middle).norm(dim=1) + (train - middle).norm(dim=1).max()).double().square()
    )
    if x.dtype != torch.float64 and (doubtful := (distance > 0) & (distance.square() < SURE * rounding)).any():
        again = nearest_by_products(x[doubtful].double(), train.double(), None if itself is None else itself[doubtful])
        index[doubtful], distance[doubtful] = again, distances_to_numbered(x[doubtful], train, again)
    return NearestTraining(distance, index)


def nearest_by_products(
    x: Float[Tensor, "m d"], train: Float[Tensor, "n d"], itself: Int64[Tensor, "m"] | None
) -> Int64[Tensor, "m"]:
    """argmin_t |t|^2 - 2 x t, the mean of train taken off, block by block."""
    middle = train.mean(0)
    centred = train - middle
    lengths = centred.square().sum(1)
    index = torch.empty(len(x), dtype=torch.int64)
    for rows in torch.arange(len(x)).split(max(1, ELEMENTS // len(train))):
        table = torch.addmm(lengths, x[rows] - middle, centred.T, alpha=-2)
        if itself is not None:
            table[torch.arange(len(rows)), itself[rows]] = torch.inf
        index[rows] = table.argmin(1)
    return index


def distances_to_numbered(
    x: Float[Tensor, "m d"], train: Float[Tensor, "n d"], index: Int64[Tensor, "m"]
) -> Float64[Tensor, "m"]:
    """The distance of each to the training sample of that number."""
    parts = zip(x.split(ELEMENTS // 64), index.split(ELEMENTS // 64), strict=True)
    return torch.cat([(part.double() - train[numbers].double()).norm(dim=1) for part, numbers in parts])


def median_ratio(fake: Float[Tensor, "m"], held: Float[Tensor, "h"]) -> tuple[float, float, float]:
    """median(fake) / median(held) and its 95 % interval. Donner and Zou 2012, from the intervals of both medians. https://doi.org/10.1177/0962280210383082

    Theirs is written so that nothing divides by what may be 0. Raises DataError where the held-out samples' median is 0.
    """
    (f, f_low, f_high), (h, h_low, h_high) = median_interval(fake), median_interval(held)
    if h == 0:
        raise DataError(
            "half of the held-out samples are copies of training samples",
            hint="Keep samples aside that training has not seen.",
        )
    low, high = f_low * (2 * f - f_low), f_high * (2 * f - f_high)
    root_low, root_high = (
        max(0.0, (f * h) ** 2 - part) ** 0.5
        for part in (low * h_high * (2 * h - h_high), high * h_low * (2 * h - h_low))
    )
    most = (f * h + root_high) / (h_low * (2 * h - h_low)) if h_low else torch.inf
    return f / h, low / (f * h + root_low) if low > 0 else 0.0, most


def median_interval(values: Float[Tensor, "n"]) -> tuple[float, float, float]:
    """The median and a 95 % interval between order statistics (n + 1) / 2 -+ 0.98 sqrt(n)."""
    ordered = values.sort().values
    n = len(ordered)
    low = max(0, int((n + 1) / 2 - Z95 / 2 * n**0.5) - 1)
    return float((ordered[(n - 1) // 2] + ordered[n // 2]) / 2), float(ordered[low]), float(ordered[n - 1 - low])


def share_near_training(fake: Float[Tensor, "m"], held: Float[Tensor, "h"]) -> tuple[float, float, float]:
    """The share of fakes nearer than the k-th nearest held-out sample, k = max(1, h / 100); k / (h + 1), and the error: a beta-binomial without copying."""
    m, h = len(fake), len(held)
    k = max(1, int(CLOSE * h))
    expected = k / (h + 1)
    error = (expected * (1 - expected) * (m + h + 1) / (m * (h + 2))) ** 0.5
    return float((fake < held.kthvalue(k).values).double().mean()), expected, error


def distance_histogram(found: Memorization, bins: int = 40) -> DistanceHistogram:
    """Distances of fakes and of held-out samples in equal bins from 0 to where 99 % of both lie."""
    sides = [found.fake.distance, found.held.distance]
    last = max(float(side.quantile(0.99)) for side in sides) or 1.0
    counted = [
        torch.bincount((side / last * bins).long().clamp(max=bins - 1), minlength=bins).double() / len(side)
        for side in sides
    ]
    return DistanceHistogram(torch.linspace(0, last, bins + 1, dtype=torch.float64), *counted)


def closest_pairs(fake: NearestTraining, count: int = 16) -> ClosestPairs:
    """The fakes nearest to training samples, each training sample once."""
    order = fake.distance.argsort(stable=True)
    _, places = torch.unique(fake.train[order], return_inverse=True)
    first = torch.full((int(places.max()) + 1,), len(order)).scatter_reduce(0, places, torch.arange(len(order)), "amin")
    kept = order[first.sort().values[:count]]
    return ClosestPairs(kept, fake.train[kept], fake.distance[kept])


def three_sample_test(
    *,
    train: Float[Tensor, "n d"],
    held: Float[Tensor, "h _"],
    fake: Float[Tensor, "m _"],
    cells: int = 5,
    seed: int = 0,
) -> ThreeSampleTest:
    """C_T = sum_p P(p) Z_U(p) / sum_p P(p) over cells p, P(p) the share of held-out samples there. Meehan et al. 2020, section 3. https://arxiv.org/abs/2004.05675

    Z_U is the Mann-Whitney statistic of distances to the nearest training sample of the same cell, fakes against held-out samples, as a z-score,
    ties corrected. Cells are those of k-means on train, seeded. A cell counts if it holds 20 fakes, two held-out and two training samples; where none does,
    all of space is one cell. Raises DataError.
    """
    require_two_samples(train, held, fake)
    centres = k_means(train, cells, seed)
    of_train, of_held, of_fake = (
        nearest_training(side, train=centres).train if len(centres) > 1 else torch.zeros(len(side))
        for side in (train, held, fake)
    )
    good = [
        c
        for c in range(len(centres))
        if (of_fake == c).sum() >= LEAST and (of_held == c).sum() >= 2 and (of_train == c).sum() >= 2
    ]
    parts = [(train[of_train == c], held[of_held == c], fake[of_fake == c]) for c in good] or [(train, held, fake)]
    weights = torch.tensor([len(part[1]) for part in parts], dtype=torch.float64)
    tested = [
        mann_whitney(*(nearest_training(side, train=part[0]).distance for side in (part[2], part[1]))) for part in parts
    ]
    scores, effects, errors = (torch.tensor(column, dtype=torch.float64) for column in zip(*tested, strict=True))
    share = weights / weights.sum()
    effect = Gap(float(share @ effects), float((share**2 @ errors**2).sqrt()))
    return ThreeSampleTest(
        float(share @ scores), float(share.square().sum().sqrt()), effect, len(parts), float(weights.sum()) / len(held)
    )


def mann_whitney(x: Float[Tensor, "n"], y: Float[Tensor, "m"]) -> tuple[float, float, float]:
    """z of U = #(x > y) + #(x = y) / 2 under equality, ties corrected; U / (n m) - 1/2; and the latter's error. Mann and Whitney 1947. https://doi.org/10.1214/aoms/1177730491"""
    auc = auc_interval(member=x, nonmember=y)
    n, m = len(x), len(y)
    _, ties = torch.cat([x, y]).unique(return_counts=True)
    tied = float((ties.double() ** 3 - ties).sum()) / ((n + m) * (n + m - 1))
    spread = ((n + m + 1 - tied) / (12 * n * m)) ** 0.5
    return (auc.value - 0.5) / spread if spread > 0 else 0.0, auc.value - 0.5, auc.error


def k_means(x: Float[Tensor, "n d"], count: int, seed: int) -> Float[Tensor, "k d"]:
    """At most `count` centres: k-means++ (Arthur and Vassilvitskii 2007), then Lloyd's rounds until nothing moves.

    Fewer where there are fewer different samples; placed by 10,000 of them, drawn by the seed.
    """
    x = x[torch.from_numpy(permutation((seed, "cells"), len(x)))[:FITTED]]
    u = torch.from_numpy(uniform_rows((seed, "centres"), range(count), 1))[:, 0]
    centres = x[:1]
    far = (x - centres).double().square().sum(1)
    for number in u[1:]:
        if not far.any():
            break
        chosen = torch.searchsorted(far.cumsum(0), number * far.sum()).clamp(max=len(x) - 1)
        centres = torch.cat([centres, x[chosen][None]])
        far = far.minimum((x - x[chosen]).double().square().sum(1))
    if len(centres) == 1:
        return centres
    before = torch.full((len(x),), -1)
    for _ in range(ROUNDS):
        where = nearest_training(x, train=centres).train
        if torch.equal(where, before):
            break
        sizes = torch.bincount(where, minlength=len(centres))
        sums = torch.zeros_like(centres).index_add_(0, where, x)
        centres, before = torch.where(sizes[:, None] > 0, sums / sizes[:, None].clamp(min=1), centres), where
    return centres
