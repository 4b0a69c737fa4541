"""What a classifier says of the fakes: how sure it is, and how often it names each class."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from jaxtyping import Float64, Int64
from torch import Tensor

from ..base.errors import UsageError
from .jackknife import Estimate, jackknife_variance, require_count
from .statistics import FeatureStatistics

SPLITS = 10


class Splits(NamedTuple):
    """Mean and standard deviation over splits, as papers print them. The deviation is that of a tenth of the samples."""

    value: float
    spread: float

    @property
    def error(self) -> float:
        """The standard error of the mean."""
        return self.spread / (SPLITS - 1) ** 0.5


class ClassBalance(NamedTuple):
    """How the fakes' classes lie beside the reals'."""

    real: tuple[float, ...]  # share of each class
    fake: tuple[float, ...]
    variation: Estimate  # total variation, 0 to 1: half the sum of the differences
    divergence: Estimate  # Kullback-Leibler of the fakes' from the reals', nats
    missing: tuple[int, ...]  # classes of reals that no fake is read as


def inception_score(seen: FeatureStatistics) -> Estimate:
    """exp(E_x KL(p(y|x) || p(y))), from 1 to the number of classes. Salimans et al. 2016, section 4. https://arxiv.org/abs/1606.03498

    Of all samples at once, with the jackknife's standard error over 20 blocks; it grows with n, and means little for pictures unlike the classifier's.
    """
    held = blocks_with_samples(seen)
    count, mass, negentropy = seen.count[held], seen.mass[held], seen.negentropy[held]
    left_out = inception_score_of_sums(count.sum() - count, mass.sum(0) - mass, negentropy.sum() - negentropy)
    return Estimate(
        float(inception_score_of_sums(count.sum(), mass.sum(0), negentropy.sum())), jackknife_variance(left_out) ** 0.5
    )


def inception_score_of_splits(seen: FeatureStatistics) -> Splits:
    """The same by the published convention: mean and deviation over ten splits (sample i belongs to split i % 10)."""
    blocks_with_samples(seen)
    count, mass, negentropy = (
        sums.unflatten(0, (-1, SPLITS)).sum(0) for sums in (seen.count, seen.mass, seen.negentropy)
    )
    require_count(int((count > 0).sum()), SPLITS)
    scores = inception_score_of_sums(count, mass, negentropy)
    return Splits(float(scores.mean()), float(scores.std(correction=0)))


def class_balance(*, real: FeatureStatistics, fake: FeatureStatistics) -> ClassBalance:
    """Histograms of the likeliest class, total variation, and Kullback-Leibler divergence less its bias.

    sum p log(p/q) with plain shares p of the fakes is (K' - 1)/2n too large, K' the classes seen (Miller 1955); with the reals' shares q = (c + 1/2)/(m + K/2)
    (Krichevsky and Trofimov 1981), never zero, another (K - 1)/2m. Both are taken off, so it may lie a little below zero.
    """
    of_real, of_fake = (side.read[blocks_with_samples(side)] for side in (real, fake))
    if of_real.shape[1] != of_fake.shape[1]:
        raise UsageError(
            f"the reals' classifier knows {of_real.shape[1]} classes and the fakes' {of_fake.shape[1]}",
            hint="See both with one extractor.",
        )
    r, f = of_real.sum(0), of_fake.sum(0)
    return ClassBalance(
        real=tuple((r / r.sum()).tolist()),
        fake=tuple((f / f.sum()).tolist()),
        variation=with_jackknife_error(total_variation, of_real, of_fake),
        divergence=with_jackknife_error(kl_divergence, of_real, of_fake),
        missing=tuple(((r > 0) & (f == 0)).nonzero().flatten().tolist()),
    )


def with_jackknife_error(
    measure: Callable[[Tensor, Tensor], Tensor], real: Int64[Tensor, "a k"], fake: Int64[Tensor, "b k"]
) -> Estimate:
    """Of two histograms, given by block."""
    r, f = real.sum(0), fake.sum(0)
    without_real, without_fake = (
        torch.stack([measure(r - block, f) for block in real]),
        torch.stack([measure(r, f - block) for block in fake]),
    )
    return Estimate(float(measure(r, f)), (jackknife_variance(without_real) + jackknife_variance(without_fake)) ** 0.5)


def blocks_with_samples(seen: FeatureStatistics) -> Tensor:
    """Which blocks saw a sample [20]."""
    if seen.mass.shape[1] == 0:
        raise UsageError(
            "the extractor names no classes", hint="Use one that does, or leave the scores of classes out."
        )
    require_count(seen.n)
    held = seen.count > 0
    require_count(int(held.sum()), 2)
    return held


def inception_score_of_sums(
    count: Tensor, mass: Float64[Tensor, "*b k"], negentropy: Float64[Tensor, "*b"]
) -> Float64[Tensor, "*b"]:
    """exp(mean of sum p log p, less sum of p log p of the mean)."""
    mean = mass / count[..., None]
    return (negentropy / count - torch.xlogy(mean, mean).sum(-1)).exp()


def total_variation(real: Int64[Tensor, "k"], fake: Int64[Tensor, "k"]) -> Float64[Tensor, ""]:
    """Half the sum of the differences of two histograms' shares."""
    return (real.double() / real.sum() - fake.double() / fake.sum()).abs().sum() / 2


def kl_divergence(real: Int64[Tensor, "k"], fake: Int64[Tensor, "k"]) -> Float64[Tensor, ""]:
    """Kullback-Leibler of the fakes' histogram from the reals', less its bias."""
    n, m, classes = int(fake.sum()), int(real.sum()), len(real)
    p, q = fake.double() / n, (real.double() + 0.5) / (m + classes / 2)
    return torch.xlogy(p, p / q).sum() - (int((fake > 0).sum()) - 1) / (2 * n) - (classes - 1) / (2 * m)
