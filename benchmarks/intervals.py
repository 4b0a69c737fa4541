"""How often value +- 1.96 standard errors contains the true value, over fresh draws.

python benchmarks/intervals.py [names]

For a score of n samples the true value is its expectation at this n (the mean over all draws); for the extrapolated
distance and for AUC it is known. One row a score, under ten minutes on one thread; those that are there are not run
again. The goal is 0.90 to 0.98.
"""

import math
import sys
import time
from collections.abc import Callable, Iterator
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from ganvas.data.mnist import Mnist
from ganvas.metrics.classes import class_balance, inception_score
from ganvas.metrics.digits import Digits
from ganvas.metrics.diversity import vendi_collision
from ganvas.metrics.frechet import extrapolate, frechet_with_error
from ganvas.metrics.kernel import kernel_distance
from ganvas.metrics.membership import auc_interval
from ganvas.metrics.prdc import prdc_with_errors
from ganvas.metrics.sliced import sliced_distance
from ganvas.metrics.statistics import FeatureStatistics
from rows import append_row, rows

DRAWS = 300
Z = 1.959964
Found = tuple[str, float, float, float, float | None]  # name, value, low, high, what it should be where that is known


def sides(seed: int, n: int, d: int, apart: float) -> tuple[Tensor, Tensor]:
    """Two Gaussians of falling variances, the second wider and shifted by `apart`."""
    generator, scale = torch.Generator().manual_seed(seed), torch.linspace(1, 0.2, d)
    x, y = (torch.randn(n, d, generator=generator) * scale for _ in range(2))
    return x, y * (1 + apart) + apart


def around(name: str, value: float, error: float, truth: float | None = None) -> Found:
    """The interval that a standard error means."""
    return name, value, value - Z * error, value + Z * error, truth


def distances(seed: int) -> Iterator[Found]:
    """Of 1,000 samples a side with 8 features, and (rows "floor") of two sets of one distribution, where errors are of
    second order.
    """
    for suffix, apart in (("", 0.2), (" floor", 0.0)):
        x, y = sides(seed, 1000, 8, apart)
        yield around("frechet" + suffix, *frechet_with_error(real=x, fake=y))
        yield around("kernel" + suffix, *kernel_distance(real=x, fake=y))
        yield around("sliced" + suffix, *sliced_distance(real=x, fake=y, directions=100))


def infinite(seed: int) -> Iterator[Found]:
    """Of 600 samples a side with 32 features, against the distance of the two Gaussians."""
    x, y = sides(seed, 600, 32, 0.1)
    found = extrapolate(real=FeatureStatistics.of(x), fake=FeatureStatistics.of(y))
    truth = 0.01 * (32 + float(torch.linspace(1, 0.2, 32).square().sum()))
    if found is not None:
        yield around("frechet, extrapolated", found.value, found.error, truth)
    yield around("frechet, n = 600, d = 32", *frechet_with_error(real=x, fake=y))


def near(x: Tensor, y: Tensor, suffix: str) -> Iterator[Found]:
    """The scores of neighbours, k = 5."""
    values, errors = prdc_with_errors(real=x, fake=y)
    assert errors is not None
    for name in values._fields:
        yield around(name + suffix, getattr(values, name), getattr(errors, name))


def gaussians(seed: int) -> Iterator[Found]:
    """Of 1,000 samples a side with 8 features."""
    yield from near(*sides(seed, 1000, 8, 0.2), "")


def digits(seed: int) -> Iterator[Found]:
    """Of real digits in the digit network's 128 features; the fakes are others of them, as they are (rows "floor") or
    shifted by a pixel.
    """
    draw = np.random.default_rng(seed)
    real, same, moved = seen()
    for n in (250, 1000):
        few, others = (torch.from_numpy(draw.choice(len(real), n, replace=False)) for _ in range(2))
        yield from near(real[few], moved[others], f", n = {n}")
        yield from near(real[few], same[others], f", n = {n}, floor")


@lru_cache(maxsize=1)
def seen() -> tuple[Tensor, ...]:
    """Features of 22,000 training digits, of 22,000 others, and of those moved by a pixel."""
    x = torch.from_numpy(Mnist().items("train").x[:44_000]).permute(0, 3, 1, 2)
    one, other = x.split(22_000)
    return tuple(Digits().extract(side.contiguous()).features for side in (one, other, other.roll(1, 3)))


def one_sided(seed: int) -> Iterator[Found]:
    """Diversity, and the classes of a classifier that is often unsure."""
    x, y = sides(seed, 1000, 8, 0.2)
    yield around("vendi_collision", *vendi_collision(x + 0.3))
    generator = torch.Generator().manual_seed(seed)
    p, q = (
        (2 * torch.randn(1000, 10, generator=generator) + torch.linspace(0, slope, 10)).softmax(1) for slope in (0, 2)
    )
    real, fake = FeatureStatistics.of(x, p), FeatureStatistics.of(y, q)
    yield around("inception_score", *inception_score(fake))
    found = class_balance(real=real, fake=fake)
    yield around("class_variation", *found.variation)
    yield around("class_divergence", *found.divergence)


def membership(seed: int) -> Iterator[Found]:
    """AUC of 200 against 300 normal scores half a standard deviation apart: Phi(0.5 / sqrt 2)."""
    generator = torch.Generator().manual_seed(seed)
    found = auc_interval(
        member=torch.randn(200, generator=generator) + 0.5, nonmember=torch.randn(300, generator=generator)
    )
    yield "membership_auc", found.value, found.low, found.high, 0.5 * (1 + math.erf(0.5 / 2))


GROUPS: dict[str, Callable[[int], Iterator[Found]]] = {
    "distances": distances,
    "infinite": infinite,
    "neighbours of Gaussians": gaussians,
    "neighbours of digits": digits,
    "one_sided": one_sided,
    "membership": membership,
}


def cover(group: str) -> dict[str, tuple[float, int]]:
    """Share of draws whose interval holds the truth, and of how many draws, by score."""
    drawn: dict[str, list[Found]] = {}
    for seed in range(DRAWS):
        for found in GROUPS[group](seed):
            drawn.setdefault(found[0], []).append(found)
    shares = {}
    for name, all_of_them in drawn.items():
        mean = sum(value for _, value, *_ in all_of_them) / len(all_of_them)
        held = [low <= (mean if truth is None else truth) <= high for _, _, low, high, truth in all_of_them]
        shares[name] = sum(held) / len(held), len(held)
    return shares


if __name__ == "__main__":
    torch.set_num_threads(1)
    for wanted in sys.argv[1:] or GROUPS:
        if not rows(benchmark="intervals", group=wanted, draws=DRAWS):
            begun = time.perf_counter()
            for name, (share, draws) in cover(wanted).items():
                append_row(
                    benchmark="intervals",
                    group=wanted,
                    draws=DRAWS,
                    score=name,
                    coverage=share,
                    intervals=draws,
                    seconds=time.perf_counter() - begun,
                )
