"""Scores from class probabilities: the Inception score, and how often each class occurs."""

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
    """Mean and standard deviation of a score over ten splits, as papers print them.

    Attributes:
        value: the mean.
        spread: the standard deviation over splits, which is that of a tenth of the samples.
    """

    value: float
    spread: float

    @property
    def error(self) -> float:
        """The standard error of the mean."""
        return self.spread / (SPLITS - 1) ** 0.5


class ClassBalance(NamedTuple):
    """Shares of classes among reals and fakes, and how far they differ.

    Attributes:
        real: share of each class among the reals, [0, 1].
        fake: share of each class among the fakes.
        variation: total variation, half the sum of the absolute differences, [0, 1].
        divergence: Kullback-Leibler divergence of the fakes' shares from the reals', in nats.
        missing: numbers of classes that reals have and fakes lack.
    """

    real: tuple[float, ...]
    fake: tuple[float, ...]
    variation: Estimate
    divergence: Estimate
    missing: tuple[int, ...]


def inception_score(statistics: FeatureStatistics) -> Estimate:
    """exp(E_x KL(p(y|x) || p(y))). Salimans et al. 2016, section 4. https://arxiv.org/abs/1606.03498

    Of all samples at once, with the jackknife's standard error over 20 blocks. It grows with n, and says little of
    pictures that are unlike the classifier's training data.

    Args:
        statistics: of one side, with class probabilities.

    Returns:
        A value from 1 to the number of classes, with its error.

    Raises:
        UsageError: the extractor is no classifier.
        DataError: fewer than three samples.
    """
    held = blocks_with_samples(statistics)
    count, mass, negentropy = statistics.count[held], statistics.probability_sums[held], statistics.negentropy[held]
    left_out = inception_score_of_sums(count.sum() - count, mass.sum(0) - mass, negentropy.sum() - negentropy)
    return Estimate(
        float(inception_score_of_sums(count.sum(), mass.sum(0), negentropy.sum())), jackknife_variance(left_out) ** 0.5
    )


def inception_score_of_splits(statistics: FeatureStatistics) -> Splits:
    """The Inception score by the published convention: mean and standard deviation over ten splits; sample i belongs to
    split i % 10.

    Args:
        statistics: of one side, with class probabilities.

    Raises:
        UsageError: the extractor is no classifier.
        DataError: a split without a sample.
    """
    blocks_with_samples(statistics)
    count, mass, negentropy = (
        sums.unflatten(0, (-1, SPLITS)).sum(0)
        for sums in (statistics.count, statistics.probability_sums, statistics.negentropy)
    )
    require_count(int((count > 0).sum()), SPLITS)
    scores = inception_score_of_sums(count, mass, negentropy)
    return Splits(float(scores.mean()), float(scores.std(correction=0)))


def class_balance(*, real: FeatureStatistics, fake: FeatureStatistics) -> ClassBalance:
    """Shares of the most probable class, their total variation, and their Kullback-Leibler divergence less its bias.

    sum p log(p/q) with plain shares p of n fakes is (K' - 1)/2n too large, K' the classes that occur (Miller 1955);
    with the reals' shares q = (c + 1/2)/(m + K/2) (Krichevsky and Trofimov 1981), never zero, another (K - 1)/2m. Both
    are subtracted, so the result may be a little below zero.

    Args:
        real: statistics of the reals, with class probabilities.
        fake: statistics of the fakes, of the same extractor.

    Raises:
        UsageError: the extractor is no classifier, or the two sides have different numbers of classes.
        DataError: fewer than three samples on a side.
    """
    of_real, of_fake = (side.class_counts[blocks_with_samples(side)] for side in (real, fake))
    if of_real.shape[1] != of_fake.shape[1]:
        raise UsageError(
            f"the reals' classifier knows {of_real.shape[1]} classes and the fakes' {of_fake.shape[1]}",
            hint="Use one extractor for both.",
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
    """A measure of two histograms, with its jackknife error over the blocks of both.

    Args:
        measure: a function of the class counts [k] of reals and of fakes.
        real: class counts of the reals by block.
        fake: class counts of the fakes by block.
    """
    r, f = real.sum(0), fake.sum(0)
    without_real, without_fake = (
        torch.stack([measure(r - block, f) for block in real]),
        torch.stack([measure(r, f - block) for block in fake]),
    )
    return Estimate(float(measure(r, f)), (jackknife_variance(without_real) + jackknife_variance(without_fake)) ** 0.5)


def blocks_with_samples(statistics: FeatureStatistics) -> Tensor:
    """Which of the 20 blocks have samples, [20]. Raises UsageError without classes, DataError for fewer than three
    samples.
    """
    if statistics.probability_sums.shape[1] == 0:
        raise UsageError(
            "the extractor names no classes", hint="Use one that does, or leave the scores of classes out."
        )
    require_count(statistics.n)
    held = statistics.count > 0
    require_count(int(held.sum()), 2)
    return held


def inception_score_of_sums(
    count: Tensor, mass: Float64[Tensor, "*b k"], negentropy: Float64[Tensor, "*b"]
) -> Float64[Tensor, "*b"]:
    """exp(mean of sum p log p, minus sum of q log q), q the mean probabilities.

    Args:
        count: samples.
        mass: sum of their class probabilities.
        negentropy: sum of their sum p log p, in nats.
    """
    mean = mass / count[..., None]
    return (negentropy / count - torch.xlogy(mean, mean).sum(-1)).exp()


def total_variation(real: Int64[Tensor, "k"], fake: Int64[Tensor, "k"]) -> Float64[Tensor, ""]:
    """Half the sum of |p - q| over classes, from the class counts of reals and fakes."""
    return (real.double() / real.sum() - fake.double() / fake.sum()).abs().sum() / 2


def kl_divergence(real: Int64[Tensor, "k"], fake: Int64[Tensor, "k"]) -> Float64[Tensor, ""]:
    """Kullback-Leibler divergence of the fakes' class counts from the reals', less its bias, in nats; see
    `class_balance`.
    """
    n, m, classes = int(fake.sum()), int(real.sum()), len(real)
    p, q = fake.double() / n, (real.double() + 0.5) / (m + classes / 2)
    return torch.xlogy(p, p / q).sum() - (int((fake > 0).sum()) - 1) / (2 * n) - (classes - 1) / (2 * m)
