"""The share of fakes that are near-duplicates of other fakes."""

import torch
from torch import Tensor

from ..ops.unit_range import to_bytes, to_unit_range
from .contract import Result
from .prdc import kth_neighbour_distance
from .random_features import shrink

PAIRED = 2000  # samples of each side that are compared pixel by pixel
SIDE = 32  # pixels a side for that; larger pictures are averaged down
NEAR = (
    0.25  # of the median distance of reals; nearer are 0.0 % of 2,000 CIFAR-10 pictures and 0.1 % of 2,000 MNIST digits
)


def duplicate_score(*, real: Tensor, fake: Tensor) -> Result:
    """duplicates = share of fakes with another fake closer than a quarter of the reals' median distance to their
    nearest other real.

    Distances are L2 over pixels, after rounding to bytes and averaging down to at most 32 pixels a side. Error: sqrt(2
    p (1 - p) / n), as duplicates come in pairs.

    Args:
        real: pictures [n, c, h, w] in [-1, 1].
        fake: pictures; the first min(n, m) of each side count.

    Returns:
        The score `duplicates`, from 0 to 1.
    """
    return duplicate_score_of_rows(real=small_rows(real), fake=small_rows(fake))


def duplicate_score_of_rows(*, real: Tensor, fake: Tensor) -> Result:
    """`duplicate_score` of what `small_rows` made of both sides."""
    n = min(len(real), len(fake))
    pixels = {"distance": f"L2 of pixels, at most {SIDE} a side", "near": NEAR}
    share = duplicate_share(real[:n], fake[:n])
    return Result("duplicates", share, n, (2 * share * (1 - share) / n) ** 0.5 if n else None, True, pixels)


def duplicates(real: Tensor, fake: Tensor) -> float:
    """`duplicate_score` as a plain number, of all pictures of both sides."""
    return duplicate_share(small_rows(real), small_rows(fake))


def small_rows(x: Tensor) -> Tensor:
    """Pictures [n, c, h, w] in [-1, 1], rounded to bytes and averaged down to at most 32 pixels a side: [n, d]."""
    return shrink(to_unit_range(to_bytes(x)), SIDE).flatten(1)


def duplicate_share(real: Tensor, fake: Tensor) -> float:
    """`duplicates` of rows [n, d]; 0 for fewer than two fakes."""
    if len(fake) < 2:
        return 0.0
    middle = real.mean(0)  # taken off, as distances are computed from products, which are exact near zero only
    of_real, of_fake = (kth_neighbour_distance(x - middle, 1) for x in (real, fake))
    return float((of_fake <= NEAR * torch.median(of_real)).float().mean())
