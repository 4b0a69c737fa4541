"""The metric of grey digits: scores in the feature space of the digit classifier."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated, ClassVar, NamedTuple

import torch
from annotated_types import Ge
from torch import Tensor

from ..base.types import Batch, Spec
from ..ops.unit_range import to_bytes
from .contract import Result, require
from .digits import SPEC, Digits, Features, likeliest_class
from .scores import Extractor, extractor_scores
from .statistics import FeatureStatistics


class DigitSummary(NamedTuple):
    """What DigitScores compares of one side.

    Attributes:
        gathered: statistics of the features.
        read: [n], the digit that each picture is classified as.
        y: [n], the class that each picture was generated for, or its label; None without classes.
    """

    gathered: FeatureStatistics
    read: Tensor
    y: Tensor | None


@dataclass(frozen=True)
class DigitScores:
    """digit_frechet = Frechet distance over 128 features of ganvas's digit classifier; it is *not* the FID of other
    tools.

    From the same features: digit_precision, digit_recall and their relatives (5,000 samples of each side, k = 5);
    share_D, the share of fakes classified as digit D; and, for conditional generators, read_as_asked, the share
    classified as the class they were generated for.

    Args:
        n: samples of each side, at least 50.

    Raises:
        UsageError: by `check_spec`, for data other than grey pictures of 28 x 28.
    """

    n: Annotated[int, Ge(50)] = 10_000
    in_every_evaluation: ClassVar[bool] = True

    def check_spec(self, spec: Spec, output_kind: str) -> None:
        require(
            output_kind == "samples" and spec.shape == SPEC.shape, self, "a game that makes grey pictures of 28 x 28"
        )

    def summarize(self, batch: Batch) -> DigitSummary:
        """Features and classified digits of one side."""
        return summary_of(Digits().extract(to_bytes(batch.x.cpu())), batch.y)

    def compare(self, *, real: DigitSummary, fake: DigitSummary, errors: bool = True) -> tuple[Result, ...]:
        """Scores of two summaries; with errors=False the errors of precision, recall and relatives are None, which
        takes less time.
        """
        return digit_results(Digits(), ("frechet", "neighbours"), real=real, fake=fake, errors=errors)

    def measure(self, *, real: Batch, fake: Batch) -> tuple[Result, ...]:
        return self.compare(real=self.summarize(real), fake=self.summarize(fake))


def summary_of(extracted: Features, y: Tensor | None) -> DigitSummary:
    """What is compared of one side, from the features and class probabilities of its samples."""
    return DigitSummary(FeatureStatistics.of(*extracted), likeliest_class(extracted), y)


def digit_results(
    extractor: Extractor, groups: Collection[str], *, real: DigitSummary, fake: DigitSummary, errors: bool
) -> tuple[Result, ...]:
    """The scores of some groups, share_D of each digit D, and read_as_asked where the fakes have classes.

    Args:
        extractor: a classifier of the ten digits.
        groups: of scores.
        real, fake: the two sides.
        errors: whether errors that take long are computed.
    """
    results = list(extractor_scores(extractor, real=real.gathered, fake=fake.gathered, groups=groups, errors=errors))
    n, protocol, read = len(fake.read), extractor.describe(), fake.read
    results += [
        Result(f"share_{digit}", float(share), n, None, None, protocol)
        for digit, share in enumerate(torch.bincount(read, minlength=10) / n)
    ]
    if fake.y is not None:
        right = float((read == fake.y).float().mean())
        results.append(Result("read_as_asked", right, n, (right * (1 - right) / n) ** 0.5, False, protocol))
    return tuple(results)
