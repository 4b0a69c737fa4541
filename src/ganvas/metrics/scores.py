"""Every score of one space, from one look at each set."""

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


def check_groups(wanted: Collection[str], known: Collection[str]) -> None:
    """Raises UsageError."""
    for name in wanted:
        if name not in known:
            raise UsageError(
                f"there are no metrics called '{name}'", hint=suggest(name, known) or f"There are: {', '.join(known)}."
            )
