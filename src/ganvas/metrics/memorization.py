"""Whether a generator repeats its training data: fakes against held-out samples, which have near neighbours too."""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from ..base.errors import DataError
from .membership import Z95
from .nearest_training import NearestTraining, nearest_training, require_two_samples

CLOSE = 0.01  # share of held-out samples that count as near to training samples


class Memorization(NamedTuple):
    """Three comparisons of distances to the training data, of fakes and of held-out samples.

    Attributes:
        ratio: median distance of fakes / median distance of held-out samples; near 1 without copying.
        ratio_low: lower end of its 95 % interval.
        ratio_high: upper end.
        copied: share of fakes as near to training data as only a hundredth of the held-out samples are.
        expected: that share without copying.
        copied_error: standard error of `copied` without copying.
        authentic_fake: share of authentic fakes, from 0 to 1.
        authentic_held: share of authentic held-out samples.
        gap: authentic_fake - authentic_held; near 0 without copying, below 0 where fakes crowd around single training
            samples.
        gap_error: its standard error.
        fake: nearest training samples of the fakes.
        held: nearest training samples of the held-out samples.
    """

    ratio: float
    ratio_low: float
    ratio_high: float
    copied: float
    expected: float
    copied_error: float
    authentic_fake: float
    authentic_held: float
    gap: float
    gap_error: float
    fake: NearestTraining
    held: NearestTraining


class DistanceHistogram(NamedTuple):
    """Shares of distances in equal bins; distances beyond the last edge count in the last bin.

    Attributes:
        edges: of the bins, [bins + 1].
        fake: shares of fakes.
        held: shares of held-out samples.
    """

    edges: Float[Tensor, "edges"]
    fake: Float[Tensor, "bins"]
    held: Float[Tensor, "bins"]


class ClosestPairs(NamedTuple):
    """Pairs of a fake and a training sample, closest first: the numbers of both, and their distances."""

    fake: Int64[Tensor, "n"]
    train: Int64[Tensor, "n"]
    distance: Float[Tensor, "n"]


def memorization(
    *, train: Float[Tensor, "n d"], held: Float[Tensor, "h _"], fake: Float[Tensor, "m _"]
) -> Memorization:
    """A_j = [d(x_j, t) > d(t, nearest other t')], t the training sample nearest to x_j. Alaa et al. 2022, authenticity.
    https://arxiv.org/abs/2102.08921

    The share of authentic samples has no fixed value for real data, so held-out samples are measured too and the gap
    counts; its error is that of two independent shares. Also the ratio of median distances, and the share of fakes
    nearer to train than the k-th nearest of h held-out samples, k = h / 100, of which k / (h + 1) is expected without
    copying. Memory does not grow with n m.

    Args:
        train: features of the training samples, float, of any scale; at least two.
        held: features of held-out samples, at least two.
        fake: features of fakes, at least two.

    Raises:
        DataError: too few samples, different widths, values that are not finite, or held-out samples of which half are
            copies.
    """
    require_two_samples(train, held, fake)
    near_fake, near_held = nearest_training(fake, train=train), nearest_training(held, train=train)
    authentic_fake, authentic_held = authentic_shares(near_fake, near_held, train)
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


def authentic_shares(fake: NearestTraining, held: NearestTraining, train: Float[Tensor, "n d"]) -> tuple[float, float]:
    """The share of authentic samples, farther from their training sample than its next one, of both sides."""
    hit, places = torch.cat([fake.train, held.train]).unique(return_inverse=True)
    radius = nearest_training(train[hit], train=train, itself=hit).distance[places]
    authentic = (torch.cat([fake.distance, held.distance]) > radius).double()
    of_fake, of_held = (float(share.mean()) for share in authentic.split([len(fake.distance), len(held.distance)]))
    return of_fake, of_held


def median_ratio(fake: Float[Tensor, "m"], held: Float[Tensor, "h"]) -> tuple[float, float, float]:
    """median(fake) / median(held) and its 95 % interval. Donner and Zou 2012, from the intervals of both medians.
    https://doi.org/10.1177/0962280210383082

    Their formula, rearranged so that nothing is divided by what may be 0.

    Args:
        fake: distances of fakes.
        held: distances of held-out samples.

    Returns:
        The ratio, the lower and the upper end of the interval.

    Raises:
        DataError: the held-out samples' median is 0.
    """
    (f, f_low, f_high), (h, h_low, h_high) = median_interval(fake), median_interval(held)
    if h == 0:
        raise DataError(
            "half of the held-out samples are copies of training samples",
            hint="Hold samples out that are not in the training data.",
        )
    low, high = f_low * (2 * f - f_low), f_high * (2 * f - f_high)
    root_low, root_high = (
        max(0.0, (f * h) ** 2 - part) ** 0.5
        for part in (low * h_high * (2 * h - h_high), high * h_low * (2 * h - h_low))
    )
    most = (f * h + root_high) / (h_low * (2 * h - h_low)) if h_low else torch.inf
    return f / h, low / (f * h + root_low) if low > 0 else 0.0, most


def median_interval(values: Float[Tensor, "n"]) -> tuple[float, float, float]:
    """The median, and a 95 % interval from the order statistics (n + 1) / 2 -+ 0.98 sqrt(n)."""
    ordered = values.sort().values
    n = len(ordered)
    low = max(0, int((n + 1) / 2 - Z95 / 2 * n**0.5) - 1)
    return float((ordered[(n - 1) // 2] + ordered[n // 2]) / 2), float(ordered[low]), float(ordered[n - 1 - low])


def share_near_training(fake: Float[Tensor, "m"], held: Float[Tensor, "h"]) -> tuple[float, float, float]:
    """The share of fakes nearer than the k-th nearest of h held-out samples, k = max(1, h / 100); k / (h + 1), which is
    expected; and its error.

    Without copying the share is beta-binomial.
    """
    m, h = len(fake), len(held)
    k = max(1, int(CLOSE * h))
    expected = k / (h + 1)
    error = (expected * (1 - expected) * (m + h + 1) / (m * (h + 2))) ** 0.5
    return float((fake < held.kthvalue(k).values).double().mean()), expected, error


def distance_histogram(found: Memorization, bins: int = 40) -> DistanceHistogram:
    """Distances of fakes and of held-out samples in equal bins from 0 to the larger of their 99 % quantiles."""
    sides = [found.fake.distance, found.held.distance]
    last = max(float(side.quantile(0.99)) for side in sides) or 1.0
    counted = [
        torch.bincount((side / last * bins).long().clamp(max=bins - 1), minlength=bins).double() / len(side)
        for side in sides
    ]
    return DistanceHistogram(torch.linspace(0, last, bins + 1, dtype=torch.float64), *counted)


def closest_pairs(fake: NearestTraining, count: int = 16) -> ClosestPairs:
    """The fakes nearest to training samples, each training sample at most once.

    Args:
        fake: nearest training samples of the fakes.
        count: pairs, at most.
    """
    order = fake.distance.argsort(stable=True)
    _, places = torch.unique(fake.train[order], return_inverse=True)
    first = torch.full((int(places.max()) + 1,), len(order)).scatter_reduce(0, places, torch.arange(len(order)), "amin")
    selected = order[first.sort().values[:count]]
    return ClosestPairs(selected, fake.train[selected], fake.distance[selected])
