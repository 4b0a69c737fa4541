"""The second metric of grey digits, for games whose discriminator is a classifier too."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from annotated_types import Ge

from ..base.types import Batch, Spec
from ..ops.unit_range import to_bytes
from .contract import Result, require
from .digits_mlp import DigitsMlp
from .scores import extractor_scores, statistics_of
from .statistics import FeatureStatistics


@dataclass(frozen=True)
class DigitMlpScores:
    """digit_mlp_frechet = Frechet distance over 128 features of ganvas's second, fully connected digit classifier.

    A discriminator with a class head learns the labels that the classifier of `DigitScores` has learnt, with layers
    like its own, so digit_frechet may flatter its game. The layers and the training of this classifier are others.
    Compare games with and without a class head by both.

    Args:
        n: samples of each side, at least 50.

    Raises:
        UsageError: by `check_spec`, for data other than grey pictures of 28 x 28.
    """

    n: Annotated[int, Ge(50)] = 10_000
    in_every_evaluation: ClassVar[bool] = False

    def check_spec(self, spec: Spec, output_kind: str) -> None:
        fits = output_kind == "samples" and DigitsMlp().covers(spec.shape)
        require(fits, self, "a game that makes grey pictures of 28 x 28")

    def summarize(self, batch: Batch) -> FeatureStatistics:
        """Features of one side."""
        return statistics_of(DigitsMlp(), to_bytes(batch.x.cpu()))

    def compare(self, *, real: FeatureStatistics, fake: FeatureStatistics, errors: bool = True) -> tuple[Result, ...]:
        """The score of two summaries."""
        return tuple(extractor_scores(DigitsMlp(), real=real, fake=fake, groups=("frechet",), errors=errors))

    def measure(self, *, real: Batch, fake: Batch) -> tuple[Result, ...]:
        return self.compare(real=self.summarize(real), fake=self.summarize(fake))
