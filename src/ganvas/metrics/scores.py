"""All scores of one feature space."""

from collections.abc import Collection, Iterator

from jaxtyping import UInt8
from torch import Tensor

from ..base.errors import UsageError, suggest
from .contract import Result
from .extractor import Extractor
from .scores_of_moments import class_scores, frechet_scores
from .scores_of_samples import sample_scores
from .statistics import FeatureStatistics

GROUPS = ("frechet", "kernel", "neighbours", "diversity", "sliced", "classes")
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


def check_groups(wanted: Collection[str], known: Collection[str]) -> None:
    """Refuses names that are no groups of scores.

    Args:
        wanted: names.
        known: names that exist.

    Raises:
        UsageError: the first name that does not exist, with a similar one that does.
    """
    for name in wanted:
        if name not in known:
            raise UsageError(
                f"there are no metrics called '{name}'", hint=suggest(name, known) or f"There are: {', '.join(known)}."
            )
