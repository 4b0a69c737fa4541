"""Scores that need moments and sums over all samples only."""

from collections.abc import Iterator

from .classes import SPLITS, ClassBalance, class_balance, inception_score, inception_score_of_splits
from .contract import Result
from .extractor import Extractor
from .frechet import extrapolate, frechet
from .statistics import FeatureStatistics


def frechet_scores(extractor: Extractor, *, real: FeatureStatistics, fake: FeatureStatistics) -> Iterator[Result]:
    """The Frechet distance at this n, and extrapolated to infinitely many samples where that is possible."""
    d = real.mean.shape[1]
    count = extractor.frechet_features(min(real.n, fake.n)) or d
    if count < d:
        real, fake = (side.leading_features(count) for side in (real, fake))
    sides = {"real": real, "fake": fake}
    found, limit = frechet(**sides), extrapolate(**sides)
    protocol = {**extractor.describe(), "count": count, "ddof": 1}
    yield Result(
        f"{extractor.name}_frechet",
        found.value,
        fake.n,
        found.error,
        True,
        {**protocol, "error": "jackknife over 20 blocks"},
    )
    if limit is not None:
        yield Result(
            f"{extractor.name}_frechet_infinity",
            limit.value,
            fake.n,
            limit.error,
            True,
            {**protocol, "fitted": "1/n, whole to quarters"},
        )


def class_scores(extractor: Extractor, *, real: FeatureStatistics, fake: FeatureStatistics) -> Iterator[Result]:
    """The Inception score by both conventions, and the balance of classes where there are at least as many samples as
    classes.
    """
    space, protocol = extractor.name, extractor.describe()
    sure = inception_score(fake)
    yield Result(f"{space}_inception_score", sure.value, fake.n, sure.error, False, {**protocol, "splits": 1})
    if fake.n >= SPLITS:
        splits = inception_score_of_splits(fake)
        yield Result(
            f"{space}_inception_score_of_splits",
            splits.value,
            fake.n,
            splits.error,
            False,
            {**protocol, "splits": SPLITS},
        )
    if min(real.n, fake.n) < fake.probability_sums.shape[1]:
        return
    balance = class_balance(real=real, fake=fake)
    for name in ("variation", "divergence"):
        estimate = getattr(balance, name)
        yield Result(f"{space}_class_{name}", estimate.value, fake.n, estimate.error, True, protocol)
    yield Result(f"{space}_missing_classes", float(len(balance.missing)), fake.n, None, True, protocol)


def balance_of(*, real: FeatureStatistics, fake: FeatureStatistics) -> ClassBalance | None:
    """`class_balance`, or None where the extractor is no classifier."""
    return class_balance(real=real, fake=fake) if fake.probability_sums.shape[1] else None
