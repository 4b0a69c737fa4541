"""The metric of grey digits: scores in the feature space of the digit classifier."""

from dataclasses import dataclass
from typing import Annotated, NamedTuple

import torch
from annotated_types import Ge
from torch import Tensor

from ..base.types import Batch, Spec
from ..ops.unit_range import to_bytes
from .contract import Result, require
from .digits import SPEC, Digits, likeliest_class
from .scores import extractor_scores
from .statistics import FeatureStatistics


class DigitSummary(NamedTuple):
    """One side of a comparison: features, the digit that each picture is read as [n], and the class that it was asked for [n] or None."""

    gathered: FeatureStatistics
    read: Tensor
    y: Tensor | None


@dataclass(frozen=True)
class DigitScores:
    """digit_frechet: the Frechet distance over 128 features of ganvas's digit classifier; it is *not* the FID of other tools.

    From the same look: digit_precision, digit_recall and their relatives (5,000 of each side, k = 5), the share of each class among the fakes,
    and, where fakes were asked for by class, the share that is read as asked.
    """

    n: Annotated[int, Ge(50)] = 10_000

    def check_spec(self, spec: Spec, output_kind: str) -> None:
        require(
            output_kind == "samples" and spec.shape == SPEC.shape, self, "a game that makes grey pictures of 28 x 28"
        )

    def summarize(self, batch: Batch) -> DigitSummary:
        """What is compared of one side, real or fake."""
        seen = Digits().extract(to_bytes(batch.x.cpu()))
        return DigitSummary(FeatureStatistics.of(*seen), likeliest_class(seen), batch.y)

    def compare(self, *, real: DigitSummary, fake: DigitSummary, errors: bool = True) -> tuple[Result, ...]:
        """The results for two sides, each looked at once; without `errors` those of the neighbours are left out, which takes less time."""
        results = list(
            extractor_scores(
                Digits(), real=real.gathered, fake=fake.gathered, groups=("frechet", "neighbours"), errors=errors
            )
        )
        n, said, read = len(fake.read), Digits().describe(), fake.read
        results += [
            Result(f"share_{digit}", float(share), n, None, None, said)
            for digit, share in enumerate(torch.bincount(read, minlength=10) / n)
        ]
        if fake.y is not None:
            right = float((read == fake.y).float().mean())
            results.append(Result("read_as_asked", right, n, (right * (1 - right) / n) ** 0.5, False, said))
        return tuple(results)

    def measure(self, *, real: Batch, fake: Batch) -> tuple[Result, ...]:
        return self.compare(real=self.summarize(real), fake=self.summarize(fake))
