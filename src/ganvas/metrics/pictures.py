"""Scores for pictures of any kind and size, without weights of any kind."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, NamedTuple

from annotated_types import Ge
from torch import Tensor

from ..base.types import Batch, Spec
from .contract import Result, require
from .duplicates import PAIRED, same_small, small
from .extractor import to_bytes
from .random_features import RandomConvolutions
from .scores import feature_scores, gathered

if TYPE_CHECKING:
    from .statistics import Gathered


class Looked(NamedTuple):
    """One side of a comparison: features, the first PAIRED pictures as `small` makes them, and the count of channels."""

    gathered: "Gathered"
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

    def check(self, spec: Spec, makes: str) -> None:
        require(makes == "samples" and spec.domain == "images", self, "a game that makes pictures")

    def look(self, batch: Batch) -> Looked:
        """What is compared of one side, real or fake."""
        x = to_bytes(batch.x)
        return Looked(gathered(RandomConvolutions(x.shape[1]), x), small(batch.x[:PAIRED]), x.shape[1])

    def compare(self, *, real: Looked, fake: Looked, errors: bool = True) -> tuple[Result, ...]:
        """The results for two sides, each looked at once; without `errors` those of the neighbours are left out, which takes less time."""
        sides = {"real": real.gathered, "fake": fake.gathered}
        results = feature_scores(
            RandomConvolutions(real.channels), **sides, groups=("frechet", "neighbours"), errors=errors
        )
        return (*results, same_small(real=real.first, fake=fake.first))

    def measure(self, *, real: Batch, fake: Batch) -> tuple[Result, ...]:
        return self.compare(real=self.look(real), fake=self.look(fake))
