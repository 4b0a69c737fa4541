"""Fakes that are alike, pixel by pixel."""

import torch
from torch import Tensor

from ..ops.unit_range import to_bytes, to_unit_range
from .contract import Result
from .prdc import reach
from .random_features import smaller

PAIRED = 2000  # samples of each side that are looked at pixel by pixel
SIDE = 32  # pixels a side for that; larger pictures are averaged down
NEAR = 0.25  # of the reals' median distance: below it lie 0.0 % of 2,000 photographs (CIFAR-10) and 0.1 % of 2,000 digits (MNIST)


def same_pictures(*, real: Tensor, fake: Tensor) -> Result:
    """duplicates, of as many of each side [n, c, h, w]. The error is that of a share whose fakes come in twos."""
    return same_small(real=small(real), fake=small(fake))


def same_small(*, real: Tensor, fake: Tensor) -> Result:
    """The same of what `small` made of both sides."""
    n = min(len(real), len(fake))
    pixels = {"distance": f"L2 of pixels, at most {SIDE} a side", "near": NEAR}
    share = twins(real[:n], fake[:n])
    return Result("duplicates", share, n, (2 * share * (1 - share) / n) ** 0.5 if n else None, True, pixels)


def duplicates(real: Tensor, fake: Tensor) -> float:
    """The share of fakes with another fake closer than NEAR times the reals' median distance to the nearest other real."""
    return twins(small(real), small(fake))


def small(x: Tensor) -> Tensor:
    """Pictures [n, c, h, w] in [-1, 1], rounded to bytes and averaged down to SIDE, as rows [n, d]."""
    return smaller(to_unit_range(to_bytes(x)), SIDE).flatten(1)


def twins(real: Tensor, fake: Tensor) -> float:
    """`duplicates` of rows [n, d]."""
    if len(fake) < 2:
        return 0.0
    middle = real.mean(0)  # taken off, as distances are computed from products, which are exact near zero only
    of_real, of_fake = (reach(x - middle, 1) for x in (real, fake))
    return float((of_fake <= NEAR * torch.median(of_real)).float().mean())
