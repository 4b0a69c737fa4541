"""Scores of pictures of any kind and size, in one feature space."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, NamedTuple

from annotated_types import Ge
from torch import Tensor

from ..base.types import Batch, Spec
from ..ops.unit_range import to_bytes
from .contract import Result, require
from .duplicates import PAIRED, duplicate_score_of_rows, small_rows
from .picture_spaces import PictureSpace, scored_channels, space_extractor
from .scores import extractor_scores, statistics_of

if TYPE_CHECKING:
    from .statistics import FeatureStatistics


class PictureSummary(NamedTuple):
    """What PictureScores compares of one side.

    Attributes:
        gathered: statistics of the features.
        first: the first 2,000 pictures as `small_rows` makes them.
        shape: of a picture, [C, H, W].
    """

    gathered: "FeatureStatistics"
    first: Tensor
    shape: tuple[int, ...]


@dataclass(frozen=True)
class PictureScores:
    """photo_frechet = Frechet distance over features of EfficientNet-Lite0; it is *not* the FID of other tools.

    n / 16 of its 256 features are used, rounded down to a power of two, as the distance needs far more samples than
    features. Also photo_precision to photo_coverage (5,000 samples of each side, k = 5), and duplicates (the first
    2,000 of each side): the share of fakes with another fake closer than a quarter of the reals' median distance to
    their nearest other real, over pixels at 32 pixels a side.

    Args:
        n: samples of each side, at least 50.
        space: of the features: "photo" for `PhotoFeatures`, "resnet" for `ResnetFeatures`, "random" for
            `RandomConvolutions`; the names of the scores begin with it.

    Raises:
        UsageError: by `check_spec`, for data other than pictures, or pictures that the space does not accept.
    """

    n: Annotated[int, Ge(50)] = 2_000
    space: PictureSpace = "photo"
    in_every_evaluation: ClassVar[bool] = True

    def check_spec(self, spec: Spec, output_kind: str) -> None:
        require(output_kind == "samples" and spec.domain == "images", self, "a game that makes pictures")
        covered = space_extractor(self.space, spec.shape).covers((scored_channels(spec.shape), *spec.shape[1:]))
        require(covered, self, f"pictures that its space '{self.space}' accepts, not {list(spec.shape)}")

    def summarize(self, batch: Batch) -> PictureSummary:
        """Features and small pictures of one side."""
        x = to_bytes(batch.x)
        shape = tuple(x.shape[1:])
        return PictureSummary(statistics_of(space_extractor(self.space, shape), x), small_rows(batch.x[:PAIRED]), shape)

    def compare(self, *, real: PictureSummary, fake: PictureSummary, errors: bool = True) -> tuple[Result, ...]:
        """Scores of two summaries; with errors=False the errors of precision, recall and relatives are None, which
        takes less time.
        """
        sides = {"real": real.gathered, "fake": fake.gathered}
        results = extractor_scores(
            space_extractor(self.space, real.shape), **sides, groups=("frechet", "neighbours"), errors=errors
        )
        return (*results, duplicate_score_of_rows(real=real.first, fake=fake.first))

    def measure(self, *, real: Batch, fake: Batch) -> tuple[Result, ...]:
        return self.compare(real=self.summarize(real), fake=self.summarize(fake))
