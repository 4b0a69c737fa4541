"""Scores for pictures of any kind and size, without weights of any kind."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, NamedTuple

from annotated_types import Ge
from torch import Tensor

from ..base.types import Batch, Spec
from ..ops.unit_range import to_bytes
from .contract import Result, require
from .duplicates import PAIRED, duplicate_score_of_rows, small_rows
from .random_features import RandomConvolutions
from .scores import extractor_scores, statistics_of

if TYPE_CHECKING:
    from .statistics import FeatureStatistics


class PictureSummary(NamedTuple):
    """One side of a comparison: features, the first PAIRED pictures as `small` makes them, and the count of channels."""

    gathered: "FeatureStatistics"
    first: Tensor
    channels: int


@dataclass(frozen=True)
class PictureScores:
    """random_frechet: the Frechet distance over the features of a fixed random network; it is *not* the FID of other tools.

    So many of its 256 features count as there are 16 samples for each, a power of two: the distance of two Gaussians needs far more samples than features.
    Also random_precision to random_coverage (5,000 of each side, k = 5), and duplicates: the share of fakes with another fake nearer than a quarter
    of the distance at which half of the reals have another real (first 2,000 of each side, pixel by pixel at 32 pixels a side).
    """

    n: Annotated[int, Ge(50)] = 5_000

    def check_spec(self, spec: Spec, output_kind: str) -> None:
        require(output_kind == "samples" and spec.domain == "images", self, "a game that makes pictures")

    def summarize(self, batch: Batch) -> PictureSummary:
        """What is compared of one side, real or fake."""
        x = to_bytes(batch.x)
        return PictureSummary(
            statistics_of(RandomConvolutions(x.shape[1]), x), small_rows(batch.x[:PAIRED]), x.shape[1]
        )

    def compare(self, *, real: PictureSummary, fake: PictureSummary, errors: bool = True) -> tuple[Result, ...]:
        """The results for two sides, each looked at once; without `errors` those of the neighbours are left out, which takes less time."""
        sides = {"real": real.gathered, "fake": fake.gathered}
        results = extractor_scores(
            RandomConvolutions(real.channels), **sides, groups=("frechet", "neighbours"), errors=errors
        )
        return (*results, duplicate_score_of_rows(real=real.first, fake=fake.first))

    def measure(self, *, real: Batch, fake: Batch) -> tuple[Result, ...]:
        return self.compare(real=self.summarize(real), fake=self.summarize(fake))
