"""Fakes that are alike, pixel by pixel."""

import torch
from torch import Tensor

from ..ops.unit_range import to_bytes, to_unit_range
from .contract import Result
from .prdc import kth_neighbour_distance
from .random_features import shrink

PAIRED = 2000  # samples of each side that are looked at pixel by pixel
SIDE = 32  # pixels a side for that; larger pictures are averaged down
NEAR = 0.25  # of the reals' median distance: below it lie 0.0 % of 2,000 photographs (CIFAR-10) and 0.1 % of 2,000 digits (MNIST)


def duplicate_score(*, real: Tensor, fake: Tensor) -> Result:
    """duplicates, of as many of each side [n, c, h, w]. The error is that of a share whose fakes come in twos."""
    return duplicate_score_of_rows(real=small_rows(real), fake=small_rows(fake))


def duplicate_score_of_rows(*, real: Tensor, fake: Tensor) -> Result:
    """The same of what `small` made of both sides."""
    n = min(len(real), len(fake))
    pixels = {"distance": f"L2 of pixels, at most {SIDE} a side", "near": NEAR}
    share = duplicate_share(real[:n], fake[:n])
    return Result("duplicates", share, n, (2 * share * (1 - share) / n) ** 0.5 if n else None, True, pixels)


def duplicates(real: Tensor, fake: Tensor) -> float:
    """The share of fakes with another fake closer than NEAR times the reals' median distance to the nearest other real."""
    return duplicate_share(small_rows(real), small_rows(fake))


def small_rows(x: Tensor) -> Tensor:
    """Pictures [n, c, h, w] in [-1, 1], rounded to bytes and averaged down to SIDE, as rows [n, d]."""
    return shrink(to_unit_range(to_bytes(x)), SIDE).flatten(1)


def duplicate_share(real: Tensor, fake: Tensor) -> float:
    """`duplicates` of rows [n, d]."""
    if len(fake) < 2:
        return 0.0
    middle = real.mean(0)  # taken off, as distances are computed from products, which are exact near zero only
    of_real, of_fake = (kth_neighbour_distance(x - middle, 1) for x in (real, fake))
    return float((of_fake <= NEAR * torch.median(of_real)).float().mean())
