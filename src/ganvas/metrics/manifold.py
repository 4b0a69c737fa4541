"""How faithful and how complete a set of fakes is, from nearest neighbours in feature space."""

from math import exp, lgamma
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Float64, Int64
from torch import Tensor

from ..base.errors import DataError
from .estimate import require_samples

ROWS = 100  # of a distance matrix held at a time: few megabytes, which a processor's cache holds
SAME = 1e-13  # of the squared lengths: below it two vectors of float32 are one, and what is left is rounding
PARTS, FEWEST_PARTS = 10, 5  # for standard errors


class Manifold(NamedTuple):
    """Shares between 0 and 1, except density, which may exceed 1."""

    precision: float  # fakes within the reach of some real
    recall: float  # reals within the reach of some fake
    density: float  # how many reals reach a fake, over k
    coverage: float  # reals that reach some fake
    clipped_density: float  # the share of good fakes
    clipped_coverage: float  # the share of good fakes that would cover the reals as much


def manifold(*, real: Float[Tensor, "n d"], fake: Float[Tensor, "m d"], k: int = 5) -> Manifold:
    """Kynkaanniemi et al. 2019, equations 1-2 (https://arxiv.org/abs/1904.06991); Naeem et al. 2020, equations 4-5 (https://arxiv.org/abs/2002.09797)

    The clipped two after Salvy et al. 2025 (https://arxiv.org/abs/2507.01761): no ball is wider than the median ball (density only), no sample counts for
    more than 1, and fakes of which a share p are good and the rest far from everything score p. Both calibrations are derived here, not taken from the paper.
    A sample's ball reaches to its k-th nearest neighbour on its own side, itself not counted. Balls are open (<), as in the second paper's code.
    """
    require_samples(real, fake)
    x, y = centred(real, fake)
    near, who = nearest(x, k)
    reach_real, reach_fake = near[:, -1], nearest(y, k)[0][:, -1]
    narrow = reach_real.clamp(max=float(reach_real.median()))
    among = torch.bincount(who[near <= narrow[:, None]], minlength=len(x)).double()
    into, narrowly = torch.zeros(len(y), dtype=torch.int64), torch.zeros(len(y), dtype=torch.int64)
    recalled, inside = [], []
    for rows, radius, narrower in zip(x.split(ROWS), reach_real.split(ROWS), narrow.split(ROWS), strict=True):
        distance = squared_distances(rows, y)
        within = distance < radius[:, None]
        into += within.sum(0)
        narrowly += (distance < narrower[:, None]).sum(0)
        inside.append(within.sum(1))
        recalled.append((distance < reach_fake).any(1))
    reached = torch.cat(inside)
    return Manifold(
        precision=share(into > 0),
        recall=share(torch.cat(recalled)),
        density=float(into.double().mean() / k),
        coverage=share(reached > 0),
        clipped_density=clipped_density(narrowly.double(), among, k),
        clipped_coverage=clipped_coverage(reached.double(), len(y), k),
    )


def manifold_errors(*, real: Float[Tensor, "n d"], fake: Float[Tensor, "m d"], k: int = 5) -> Manifold | None:
    """Standard errors, from the spread over disjoint parts of both sides: 10, fewer where a part would hold less than 10 k samples, None below 5 parts.

    Subsampling without replacement: spread/sqrt(parts), as the spread falls with the root of n. Politis and Romano 1994. https://doi.org/10.1214/aos/1176325770
    So few parts tell it roughly: it is widened by sqrt((parts - 1)/(parts - 3)), to Student's standard deviation, so that 1.96 of them hold about 95 %.
    A bootstrap makes twins of samples, which are each other's nearest neighbours: it takes coverage from 0.90 to 0.66.
    """
    parts = min(PARTS, min(len(real), len(fake)) // (10 * k))
    if parts < FEWEST_PARTS:
        return None
    found = torch.tensor([manifold(real=real[part::parts], fake=fake[part::parts], k=k) for part in range(parts)], dtype=torch.float64)
    return Manifold(*(found.std(0) * ((parts - 1) / (parts - 3) / parts) ** 0.5).tolist())


def clipped_density(reached: Float64[Tensor, "m"], reached_reals: Float64[Tensor, "n"], k: int) -> float:
    """mean_j min(c_j/k, 1) over the fakes, c_j of the reals' narrowed balls around fake j; over the same of each real among the other reals. At most 1.

    Fakes of one distribution with the reals stand to them as each real to the others, and fakes far away add nothing: p good ones in a hundred score p/100.
    """
    most = (reached_reals / k).clamp(max=1).mean()
    return min(1.0, float((reached / k).clamp(max=1).mean() / most)) if most > 0 else 0.0


def clipped_coverage(inside: Float64[Tensor, "n"], m: int, k: int) -> float:
    """The share p at which p m good fakes are expected to give the mean of min(c_i/k, 1) that was found, c_i of the fakes in the ball of real i. At most 1.

    The mass of a ball that reaches to the k-th of n - 1 others is Beta(k, n - k), whatever the distribution,
    so that of g good fakes c lie in it with c ~ BetaBinomial(g, k, n - k).
    """
    n, found = len(inside), float((inside / k).clamp(max=1).mean())
    low, high = 0, m
    if found >= expected_coverage(m, n, k):
        return 1.0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if expected_coverage(middle, n, k) <= found else (low, middle)
    below, above = expected_coverage(low, n, k), expected_coverage(high, n, k)
    return (low + (found - below) / (above - below)) / m


def expected_coverage(good: int, n: int, k: int) -> float:
    """E min(c/k, 1) for c ~ BetaBinomial(good, k, n - k): 1 - sum_{c < k} (1 - c/k) P(c)."""
    whole = lgamma(good + 1) + lgamma(n) - lgamma(good + n) - lgamma(k) - lgamma(n - k)
    shares = (lgamma(c + k) - lgamma(c + 1) + lgamma(good - c + n - k) - lgamma(good - c + 1) for c in range(min(k, good + 1)))
    return 1 - sum((1 - c / k) * exp(whole + share) for c, share in enumerate(shares))


def reach(x: Float[Tensor, "n d"], k: int) -> Float64[Tensor, "n"]:
    """Distance of each sample to its k-th nearest neighbour, itself not counted."""
    return nearest(x.double(), k)[0][:, -1].sqrt()


def nearest(x: Float64[Tensor, "n d"], k: int) -> tuple[Float64[Tensor, "n k"], Int64[Tensor, "n k"]]:
    """Squared distances of the k nearest other samples, rising, and which they are."""
    if len(x) <= k:
        raise DataError(f"{len(x)} samples have no {k} nearest neighbours each", mend=f"Give more than {k} on each side.")
    found = []
    for first in range(0, len(x), ROWS):
        squared = squared_distances(x[first : first + ROWS], x)
        squared.diagonal(first).fill_(torch.inf)
        found.append(squared.topk(k, dim=1, largest=False))
    return torch.cat([one.values for one in found]), torch.cat([one.indices for one in found])


def squared_distances(x: Float64[Tensor, "n d"], y: Float64[Tensor, "m d"]) -> Float64[Tensor, "n m"]:
    """Exactly 0 between equals, whatever the number of rows."""
    of_x, of_y = x.square().sum(1)[:, None], y.square().sum(1)
    squared = torch.addmm(of_y, x, y.T, alpha=-2).add_(of_x)
    return squared.masked_fill_(squared < SAME * of_x, 0)


def centred(real: Float[Tensor, "n d"], fake: Float[Tensor, "m d"]) -> tuple[Tensor, Tensor]:
    """Around the reals' mean, in float64: distances come from products, which are the more exact the shorter the vectors."""
    middle = real.double().mean(0)
    return real.double() - middle, fake.double() - middle


def share(which: Bool[Tensor, "n"]) -> float:
    """Of those that are."""
    return float(which.double().mean())
