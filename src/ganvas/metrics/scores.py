"""All scores of one feature space."""

from collections.abc import Collection, Iterator

from jaxtyping import UInt8
from torch import Tensor

from .contract import Result
from .extractor import Extractor as Extractor
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
    """The scores of some groups in one feature space.

    Args:
        extractor: whose features they are; the names of the scores begin with its name.
        real: statistics of the reals.
        fake: statistics of the fakes.
        groups: some of GROUPS.
        errors: whether standard errors that take longer than their values are computed.

    Returns:
        The scores; the first is the primary one.

    Raises:
        DataError: fewer than three samples on a side.
    """
    if "frechet" in groups:
        yield from frechet_scores(extractor, real=real, fake=fake)
    compared = min(COMPARED, len(real.sample), len(fake.sample))
    yield from sample_scores(
        extractor, real=real.sample[:compared], fake=fake.sample[:compared], groups=groups, errors=errors
    )
    if "classes" in groups and fake.probability_sums.shape[1]:
        yield from class_scores(extractor, real=real, fake=fake)


def statistics_of(extractor: Extractor, x: UInt8[Tensor, "n c h w"]) -> FeatureStatistics:
    """Statistics of the features of pictures in memory."""
    return FeatureStatistics.of(*extractor.extract(x))
