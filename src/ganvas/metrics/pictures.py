"""Scores for pictures of any kind and size, without weights of any kind."""

from dataclasses import dataclass
from typing import Annotated, Any

import torch
from annotated_types import Ge
from torch import Tensor

from ..base.types import Batch, Spec
from .contract import Result, require
from .frechet import frechet_with_error
from .manifold import manifold, reach
from .random_features import FEATURES, SEED, WIDTHS, random_features, sha256, smaller, to_bytes

NEIGHBOURS = 5
COMPARED = 5000  # samples of each side for the neighbours in feature space
PAIRED = 2000  # samples of each side that are looked at pixel by pixel
SIDE = 32  # pixels a side for that; larger pictures are averaged down
NEAR = 0.25  # of the reals' median distance: below it lie 0.0 % of 2,000 photographs (CIFAR-10) and 0.1 % of 2,000 digits (MNIST)


@dataclass(frozen=True)
class PictureScores:
    """random_frechet: the Frechet distance over the features of a fixed random network; it is *not* the FID of other tools.

    So many of its 256 features count as there are 16 samples for each, a power of two: the distance of two Gaussians needs far more samples than features.
    Also precision, recall, density, coverage (first 5,000 of each side, k = 5), and duplicates: the share of fakes with another fake nearer than a quarter
    of the distance at which half of the reals have another real (first 2,000 of each side, pixel by pixel at 32 pixels a side).
    """

    n: Annotated[int, Ge(50)] = 5_000

    def check(self, spec: Spec, makes: str) -> None:
        require(makes == "samples" and spec.domain == "images", self, "a game that makes pictures")

    def measure(self, *, real: Batch, fake: Batch) -> tuple[Result, ...]:
        n, count = len(fake.x), useful(min(len(real.x), len(fake.x)))
        seen_real, seen_fake = random_features(real.x), random_features(fake.x)
        distance, error = frechet_with_error(seen_real[:, :count], seen_fake[:, :count])
        network = {"features": "ganvas random convolutions", "weights_sha256": sha256(real.x.shape[1]), "weights_seed": SEED, "layers": list(WIDTHS)}
        protocol: dict[str, Any] = {**network, "count": count, "ddof": 1}
        results = [Result("random_frechet", distance, n, error, protocol=protocol)]
        compared = min(COMPARED, len(real.x), n)
        if compared > NEIGHBOURS:
            near = manifold(seen_real[:compared], seen_fake[:compared], NEIGHBOURS)
            neighbours = {**network, "count": FEATURES, "k": NEIGHBOURS}
            results += [Result(name, value, compared, None, False, neighbours) for name, value in near._asdict().items()]
        paired = min(PAIRED, len(real.x), n)
        pixels = {"distance": f"L2 of pixels, at most {SIDE} a side", "near": NEAR}
        return (*results, Result("duplicates", duplicates(real.x[:paired], fake.x[:paired]), paired, None, True, pixels))


def useful(n: int) -> int:
    """How many features n samples can carry: 8 up to all, a power of two."""
    return min(FEATURES, max(8, 1 << (max(1, n // 16).bit_length() - 1)))


def duplicates(real: Tensor, fake: Tensor) -> float:
    """The share of fakes with another fake closer than NEAR times the reals' median distance to the nearest other real."""
    if len(fake) < 2:
        return 0.0
    flat = [smaller(to_bytes(x), SIDE).flatten(1) for x in (real, fake)]
    middle = flat[0].mean(0)  # taken off, as distances are computed from products, which are exact near zero only
    of_real, of_fake = (reach(x - middle, 1) for x in flat)
    return float((of_fake < NEAR * torch.median(of_real)).float().mean())
