"""Statistics of a set of features, from one pass over its samples, from which its scores are computed."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from jaxtyping import Float, Float32, Float64, Int64
from torch import Tensor

from ..base.draws import derive
from ..base.errors import DataError, UsageError
from .extractor import Features
from .jackknife import BLOCKS, require_finite
from .moments import Moments, add_moments, merge_moments, moments

WIDEST = 8_192  # features: 20 matrices of that side take 10 GB
FREE = -1  # the number of an empty slot
LAST = torch.iinfo(torch.int64).max


class FeatureStatistics:
    """What the scores of a set need: moments of 20 blocks, a random sample of the features, and sums of class
    probabilities.

    Sample number i belongs to block i % 20. The same samples under the same numbers give the same statistics, in any
    order, in batches of any size, and over any number of ranks: sample and counts to the bit, moments to rounding.
    Memory does not grow with n: 8 MB for d = 128, 750 MB for d = 2048.

    Attributes:
        seed: [] int64, decides which samples are retained.
        count: [20] int64, samples of each block.
        mean: [20, d] float64, the mean of each block.
        scatter: [20, d, d] float64, sum of (x - mean)(x - mean)^T of each block.
        numbers: [r] int64, the numbers of the retained samples; FREE for a slot without one.
        features: [r, d] float32, the features of the retained samples, in the order of `numbers`.
        probability_sums: [20, k] float64, the sum of the class probabilities of each block; k is 0 without classes.
        negentropy: [20] float64, the sum of p log p of each block, in nats.
        class_counts: [20, k] int64, how often each class was the most probable one.
    """

    seed: Int64[Tensor, ""]
    count: Int64[Tensor, "20"]
    mean: Float64[Tensor, "20 d"]
    scatter: Float64[Tensor, "20 d d"]
    numbers: Int64[Tensor, "retain"]
    features: Float32[Tensor, "retain d"]
    probability_sums: Float64[Tensor, "20 k"]
    negentropy: Float64[Tensor, "20"]
    class_counts: Int64[Tensor, "20 k"]

    def __init__(self, d: int, classes: int | None = None, *, seed: int = 0, retain: int = 10_000) -> None:
        """Statistics of no samples yet.

        Args:
            d: features of a sample, at most 8,192.
            classes: classes that the extractor knows, or None.
            seed: of the random sample.
            retain: samples whose features are retained, those with the smallest hash of (seed, number).

        Raises:
            DataError: more than 8,192 features.
        """
        if d > WIDEST:
            raise DataError(
                f"{d:,} features are too many for the moments of a set, which are {d:,} x {d:,}",
                hint="Pool them to some hundreds first.",
            )
        k, double, whole = classes or 0, torch.float64, torch.int64
        self.seed = torch.tensor(seed)
        self.count = torch.zeros(BLOCKS, dtype=whole)
        self.mean = torch.zeros(BLOCKS, d, dtype=double)
        self.scatter = torch.zeros(BLOCKS, d, d, dtype=double)
        self.numbers = torch.full((retain,), FREE)
        self.features = torch.zeros(retain, d)
        self.probability_sums = torch.zeros(BLOCKS, k, dtype=double)
        self.negentropy = torch.zeros(BLOCKS, dtype=double)
        self.class_counts = torch.zeros(BLOCKS, k, dtype=whole)

    @classmethod
    def of(
        cls, features: Float[Tensor, "n d"], probabilities: Float[Tensor, "n k"] | None = None, seed: int = 0
    ) -> "FeatureStatistics":
        """Statistics of a set in memory, its samples numbered from 0.

        Args:
            features: one row a sample.
            probabilities: class probabilities of each sample, where there are classes.
            seed: of the random sample.

        Raises:
            DataError: more than 8,192 features, or values that are not finite.
        """
        statistics = cls(features.shape[1], None if probabilities is None else probabilities.shape[1], seed=seed)
        statistics.update(Features(features, probabilities), range(len(features)))
        return statistics

    @classmethod
    def restore(cls, state: Mapping[str, Tensor]) -> "FeatureStatistics":
        """Statistics from what `state` returned; the tensors are copied."""
        statistics = cls.__new__(cls)
        vars(statistics).update({name: value.clone() for name, value in state.items()})
        return statistics

    def state(self) -> dict[str, Tensor]:
        """Copies of all attributes by name, for a file or for all_gather: their shapes are the same on every rank."""
        return {name: value.clone() for name, value in vars(self).items()}

    def update(self, batch: Features, numbers: Sequence[int] | Int64[Tensor, "n"]) -> None:
        """Adds samples.

        Args:
            batch: features [n, d] and, where the extractor has classes, probabilities [n, k].
            numbers: the number of each sample, from 0 upwards, each once over all ranks.

        Raises:
            DataError: values that are not finite.
            UsageError: a number that was given before, as far as its sample was retained.
        """
        number = torch.as_tensor(numbers, dtype=torch.int64)
        features = batch.features.detach().float().cpu()
        require_finite(features, number)
        p = None if batch.probabilities is None else batch.probabilities.detach().double().cpu()
        if p is not None:
            require_finite(p, number)
        self._retain(number, features)
        for block in number.remainder(BLOCKS).unique().tolist():
            self._absorb(block, moments(features[number % BLOCKS == block]))
        if p is not None:
            self._count_classes(p, number)

    def merge(self, other: "FeatureStatistics") -> None:
        """Adds all samples of another object, such as another rank's; `other` stays as it is.

        Raises:
            UsageError: the two differ in features, classes, seed or size of the sample, or hold the same sample.
        """
        mine, theirs = ({name: value.shape for name, value in vars(one).items()} for one in (self, other))
        if mine != theirs or int(self.seed) != int(other.seed):
            raise UsageError("two passes can be merged only if they share extractor, seed and size of the sample")
        taken = other.numbers != FREE
        self._retain(other.numbers[taken], other.features[taken])
        for block, part in zip(other.count.nonzero().flatten().tolist(), other.blocks, strict=True):
            self._absorb(block, part)
        for name in ("probability_sums", "negentropy", "class_counts"):
            getattr(self, name).add_(getattr(other, name))

    def leading_features(self, count: int) -> "FeatureStatistics":
        """Statistics of the first `count` features of the same samples, as a copy."""
        state = self.state()
        cut = {
            "mean": state["mean"][:, :count],
            "scatter": state["scatter"][:, :count, :count],
            "features": state["features"][:, :count],
        }
        return FeatureStatistics.restore(state | cut)

    @property
    def n(self) -> int:
        """Number of samples."""
        return int(self.count.sum())

    @property
    def blocks(self) -> list[Moments]:
        """The moments of each block that has a sample."""
        return [
            Moments(int(self.count[block]), self.mean[block], self.scatter[block])
            for block in self.count.nonzero().flatten().tolist()
        ]

    @property
    def whole(self) -> Moments:
        """The moments of all samples. Raises DataError without samples."""
        if self.n == 0:
            raise DataError("there are no samples", hint="Give at least one.")
        return merge_moments(self.blocks)

    @property
    def sample_numbers(self) -> Int64[Tensor, "m"]:
        """The numbers of the retained samples, ascending."""
        return self.numbers[self.numbers != FREE].sort().values

    @property
    def sample(self) -> Float32[Tensor, "m d"]:
        """The features of the retained samples in ascending order of their numbers; all of them if n <= retain."""
        order = self.numbers.argsort()
        return self.features[order[self.numbers[order] != FREE]]

    def _absorb(self, block: int, part: Moments) -> None:
        if self.count[block]:
            part = add_moments(Moments(int(self.count[block]), self.mean[block], self.scatter[block]), part)
        self.count[block], self.mean[block], self.scatter[block] = part.n, part.mean, part.scatter

    def _retain(self, number: Tensor, features: Tensor) -> None:
        slots = len(self.numbers)
        numbers = torch.cat([self.numbers, number])
        order = sampling_ranks(numbers, int(self.seed))
        best = order.argsort(stable=True)[:slots]
        twice = (order[best].diff() == 0) & (numbers[best[1:]] != FREE)
        if twice.any():
            raise UsageError(
                f"sample {int(numbers[best[1:]][twice][0])} was given twice",
                hint="Give each sample one number, from 0 upwards, over all ranks.",
            )
        staying = torch.zeros(len(numbers), dtype=torch.bool).index_fill_(0, best, True)
        left, come = (~staying[:slots]).nonzero().flatten(), staying[slots:].nonzero().flatten()
        self.numbers[left], self.features[left] = number[come], features[come]

    def _count_classes(self, p: Tensor, number: Tensor) -> None:
        block = number % BLOCKS
        self.probability_sums.index_add_(0, block, p)
        self.negentropy.index_add_(0, block, torch.xlogy(p, p).sum(1))
        self.class_counts.index_put_((block, p.argmax(1)), torch.ones_like(block), accumulate=True)


def sampling_ranks(numbers: Int64[Tensor, "n"], seed: int) -> Int64[Tensor, "n"]:
    """SplitMix64 of (seed, number). Steele, Lea and Flood 2014. https://doi.org/10.1145/2660193.2660195

    A random order of sample numbers, without equal ranks as SplitMix64 is one-to-one.

    Args:
        numbers: sample numbers.
        seed: of the order.

    Returns:
        The rank of each number [n]; FREE comes last.
    """
    z = numbers.numpy().astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(
        derive("kept samples", seed) % 2**64
    )
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed = torch.from_numpy((z ^ (z >> np.uint64(31))).view(np.int64))
    return torch.where(numbers == FREE, LAST, mixed)
