"""One pass over the samples, from which every score of a set is computed; the memory it takes does not grow with their number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
FREE = -1  # the number of a place in the sample that is not taken
LAST = torch.iinfo(torch.int64).max


@dataclass(frozen=True)
class FeatureStatistics:
    """Moments of 20 blocks, a random sample of the features, and sums of the class probabilities. Sample number i belongs to block i % 20.

    The same samples under the same numbers give the same, in whatever order, in batches of whatever size, and over however many ranks they were seen:
    sample and counts to the bit, moments to rounding. d = 128 takes 8 MB, d = 2048 takes 750 MB.
    """

    seed: Int64[Tensor, ""]
    count: Int64[Tensor, "20"]
    mean: Float64[Tensor, "20 d"]
    scatter: Float64[Tensor, "20 d d"]
    numbers: Int64[Tensor, "keep"]  # of the kept samples, FREE where there is none
    features: Float32[Tensor, "keep d"]
    mass: Float64[Tensor, "20 k"]  # sums of the class probabilities
    negentropy: Float64[Tensor, "20"]  # sums of p log p
    read: Int64[Tensor, "20 k"]  # how often each class was the likeliest

    @classmethod
    def start(cls, d: int, classes: int | None = None, seed: int = 0, keep: int = 10_000) -> "FeatureStatistics":
        """Nothing seen yet. `keep` samples are kept, those with the smallest hash of (seed, number)."""
        if d > WIDEST:
            raise DataError(
                f"{d:,} features are too many for the moments of a set, which are {d:,} x {d:,}",
                hint="Pool them to some hundreds first.",
            )
        k, double, whole = classes or 0, torch.float64, torch.int64
        return cls(
            seed=torch.tensor(seed),
            count=torch.zeros(BLOCKS, dtype=whole),
            mean=torch.zeros(BLOCKS, d, dtype=double),
            scatter=torch.zeros(BLOCKS, d, d, dtype=double),
            numbers=torch.full((keep,), FREE),
            features=torch.zeros(keep, d),
            mass=torch.zeros(BLOCKS, k, dtype=double),
            negentropy=torch.zeros(BLOCKS, dtype=double),
            read=torch.zeros(BLOCKS, k, dtype=whole),
        )

    @classmethod
    def of(
        cls, features: Float[Tensor, "n d"], probabilities: Float[Tensor, "n k"] | None = None, seed: int = 0
    ) -> "FeatureStatistics":
        """A set that is in memory already, numbered from 0."""
        gathered = cls.start(features.shape[1], None if probabilities is None else probabilities.shape[1], seed)
        gathered.update(Features(features, probabilities), range(len(features)))
        return gathered

    @classmethod
    def restore(cls, state: Mapping[str, Tensor]) -> "FeatureStatistics":
        """From what `state` gave."""
        return cls(**state)

    def state(self) -> dict[str, Tensor]:
        """Plain tensors whose shapes are the same on every rank and on every day, for all_gather and for a file."""
        return dict(vars(self))

    def update(self, seen: Features, numbers: Sequence[int] | Int64[Tensor, "n"]) -> None:
        """More samples, with their numbers: from 0 upwards, each once over all ranks."""
        number = torch.as_tensor(numbers, dtype=torch.int64)
        features = seen.features.detach().float().cpu()
        require_finite(features, number)
        for block in number.remainder(BLOCKS).unique().tolist():
            self._absorb(block, moments(features[number % BLOCKS == block]))
        self._keep(number, features)
        if seen.probabilities is not None:
            self._classify(seen.probabilities.detach().double().cpu(), number)

    def merge(self, other: "FeatureStatistics") -> None:
        """The samples that another pass saw, too."""
        mine, theirs = ({name: value.shape for name, value in one.state().items()} for one in (self, other))
        if mine != theirs or int(self.seed) != int(other.seed):
            raise UsageError("two passes can be merged only if they share extractor, seed and size of the sample")
        for block, part in zip(other.count.nonzero().flatten().tolist(), other.blocks, strict=True):
            self._absorb(block, part)
        taken = other.numbers != FREE
        self._keep(other.numbers[taken], other.features[taken])
        for name in ("mass", "negentropy", "read"):
            getattr(self, name).add_(getattr(other, name))

    @property
    def n(self) -> int:
        """How many samples were seen."""
        return int(self.count.sum())

    @property
    def blocks(self) -> list[Moments]:
        """The moments of each block that saw a sample."""
        return [
            Moments(int(self.count[block]), self.mean[block], self.scatter[block])
            for block in self.count.nonzero().flatten().tolist()
        ]

    @property
    def whole(self) -> Moments:
        """The moments of all samples."""
        if self.n == 0:
            raise DataError("no sample was seen", hint="Give at least one.")
        return merge_moments(self.blocks)

    @property
    def sample_numbers(self) -> Int64[Tensor, "m"]:
        """The numbers of the kept samples, rising."""
        return self.numbers[self.numbers != FREE].sort().values

    @property
    def sample(self) -> Float32[Tensor, "m d"]:
        """The features of the kept samples, in the order of their numbers: all, where no more were seen than are kept."""
        order = self.numbers.argsort()
        return self.features[order[self.numbers[order] != FREE]]

    def _absorb(self, block: int, part: Moments) -> None:
        if self.count[block]:
            part = add_moments(Moments(int(self.count[block]), self.mean[block], self.scatter[block]), part)
        self.count[block], self.mean[block], self.scatter[block] = part.n, part.mean, part.scatter

    def _keep(self, number: Tensor, features: Tensor) -> None:
        places = len(self.numbers)
        numbers = torch.cat([self.numbers, number])
        order = ranks(numbers, int(self.seed))
        best = order.argsort(stable=True)[:places]
        twice = (order[best].diff() == 0) & (numbers[best[1:]] != FREE)
        if twice.any():
            raise UsageError(
                f"sample {int(numbers[best[1:]][twice][0])} was given twice",
                hint="Give each sample one number, from 0 upwards, over all ranks.",
            )
        staying = torch.zeros(len(numbers), dtype=torch.bool).index_fill_(0, best, True)
        left, come = (~staying[:places]).nonzero().flatten(), staying[places:].nonzero().flatten()
        self.numbers[left], self.features[left] = number[come], features[come]

    def _classify(self, p: Tensor, number: Tensor) -> None:
        require_finite(p, number)
        block = number % BLOCKS
        self.mass.index_add_(0, block, p)
        self.negentropy.index_add_(0, block, torch.xlogy(p, p).sum(1))
        self.read.index_put_((block, p.argmax(1)), torch.ones_like(block), accumulate=True)


def ranks(numbers: Int64[Tensor, "n"], seed: int) -> Int64[Tensor, "n"]:
    """A random order of sample numbers, a pure function of each and of the seed: no two alike, as SplitMix64 is one-to-one.

    Steele, Lea and Flood 2014. https://doi.org/10.1145/2660193.2660195. FREE comes last.
    """
    z = numbers.numpy().astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(
        derive("kept samples", seed) % 2**64
    )
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed = torch.from_numpy((z ^ (z >> np.uint64(31))).view(np.int64))
    return torch.where(numbers == FREE, LAST, mixed)
