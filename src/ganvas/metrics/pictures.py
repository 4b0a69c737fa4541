"""Scores for pictures of any kind and size, without weights of any kind."""

from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Ge
from torch import Tensor

from ..base.types import Batch, Spec
from .contract import Result, require
from .extractor import from_bytes, to_bytes
from .manifold import reach
from .random_features import RandomConvolutions, smaller
from .scores import scores_of_pictures

PAIRED = 2000  # samples of each side that are looked at pixel by pixel
SIDE = 32  # pixels a side for that; larger pictures are averaged down
NEAR = 0.25  # of the reals' median distance: below it lie 0.0 % of 2,000 photographs (CIFAR-10) and 0.1 % of 2,000 digits (MNIST)


@dataclass(frozen=True)
class PictureScores:
    """random_frechet: the Frechet distance over the features of a fixed random network; it is *not* the FID of other tools.

    So many of its 256 features count as there are 16 samples for each, a power of two: the distance of two Gaussians needs far more samples than features.
    Also random_precision to random_coverage (5,000 of each side, k = 5), and duplicates: the share of fakes with another fake nearer than a quarter
    of the distance at which half of the reals have another real (first 2,000 of each side, pixel by pixel at 32 pixels a side).
    """

    n: Annotated[int, Ge(50)] = 5_000

    def check(self, spec: Spec, makes: str) -> None:
        require(makes == "samples" and spec.domain == "images", self, "a game that makes pictures")

    def measure(self, *, real: Batch, fake: Batch) -> tuple[Result, ...]:
        space = RandomConvolutions(real.x.shape[1])
        results = scores_of_pictures(space, real=to_bytes(real.x), fake=to_bytes(fake.x), groups=("frechet", "neighbours"))
        return (*results, same_pictures(real=real.x[:PAIRED], fake=fake.x[:PAIRED]))


def same_pictures(*, real: Tensor, fake: Tensor) -> Result:
    """duplicates, of as many of each side. The error is that of a share whose fakes come in twos."""
    n = min(len(real), len(fake))
    pixels = {"distance": f"L2 of pixels, at most {SIDE} a side", "near": NEAR}
    share = duplicates(real[:n], fake[:n])
    return Result("duplicates", share, n, (2 * share * (1 - share) / n) ** 0.5 if n else None, True, pixels)


def duplicates(real: Tensor, fake: Tensor) -> float:
    """The share of fakes with another fake closer than NEAR times the reals' median distance to the nearest other real."""
    if len(fake) < 2:
        return 0.0
    flat = [smaller(from_bytes(to_bytes(x)), SIDE).flatten(1) for x in (real, fake)]
    middle = flat[0].mean(0)  # taken off, as distances are computed from products, which are exact near zero only
    of_real, of_fake = (reach(x - middle, 1) for x in flat)
    return float((of_fake <= NEAR * torch.median(of_real)).float().mean())
