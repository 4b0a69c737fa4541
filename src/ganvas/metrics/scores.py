"""Every score of one space, from one look at each set."""

from collections.abc import Collection, Iterator

from jaxtyping import UInt8
from torch import Tensor

from .contract import Result
from .extractor import Extractor
from .score_names import GROUPS
from .scores_of_moments import class_scores, frechet_scores
from .scores_of_samples import sample_scores
from .statistics import FeatureStatistics

COMPARED = 5_000  # samples of each side for what is quadratic in them


def extractor_scores(
    extractor: Extractor,
    *,
    real: FeatureStatistics,
    fake: FeatureStatistics,
    groups: Collection[str] = GROUPS,
    errors: bool = True,
) -> Iterator[Result]:
    """Those of the groups; every name begins with the space's. The first is the headline. Floors do without errors."""
    if "frechet" in groups:
        yield from frechet_scores(extractor, real=real, fake=fake)
    compared = min(COMPARED, len(real.sample), len(fake.sample))
    yield from sample_scores(
        extractor, real=real.sample[:compared], fake=fake.sample[:compared], groups=groups, errors=errors
    )
    if "classes" in groups and fake.mass.shape[1]:
        yield from class_scores(extractor, real=real, fake=fake)


def statistics_of(extractor: Extractor, x: UInt8[Tensor, "n c h w"]) -> FeatureStatistics:
    """What the extractor sees of pictures in memory."""
    return FeatureStatistics.of(*extractor.extract(x))
