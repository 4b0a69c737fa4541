"""Scores of one space that the sums over all samples suffice for."""

from collections.abc import Iterator
from dataclasses import replace

from .classes import SPLITS, ClassBalance, class_balance, inception_score, inception_score_of_splits
from .contract import Result
from .extractor import Extractor
from .frechet import extrapolate, frechet
from .random_features import RandomConvolutions
from .statistics import FeatureStatistics


def frechet_scores(extractor: Extractor, *, real: FeatureStatistics, fake: FeatureStatistics) -> Iterator[Result]:
    """The Frechet distance at this n, and what it would be of infinitely many samples where that can be told."""
    count = extractor.useful(min(real.n, fake.n)) if isinstance(extractor, RandomConvolutions) else real.mean.shape[1]
    sides = {"real": first_features(real, count), "fake": first_features(fake, count)}
    found, limit = frechet(**sides), extrapolate(**sides)
    said = {**extractor.describe(), "count": count, "ddof": 1}
    yield Result(
        f"{extractor.name}_frechet",
        found.value,
        fake.n,
        found.error,
        True,
        {**said, "error": "jackknife over 20 blocks"},
    )
    if limit is not None:
        yield Result(
            f"{extractor.name}_frechet_infinity",
            limit.value,
            fake.n,
            limit.error,
            True,
            {**said, "fitted": "1/n, whole to quarters"},
        )


def first_features(seen: FeatureStatistics, count: int) -> FeatureStatistics:
    """The first `count` features of each sample."""
    return replace(
        seen, mean=seen.mean[:, :count], scatter=seen.scatter[:, :count, :count], features=seen.features[:, :count]
    )


def class_scores(extractor: Extractor, *, real: FeatureStatistics, fake: FeatureStatistics) -> Iterator[Result]:
    """What the space's classifier says; ten splits and the balance of k classes want as many samples."""
    space, said = extractor.name, extractor.describe()
    sure = inception_score(fake)
    yield Result(f"{space}_inception_score", sure.value, fake.n, sure.error, False, {**said, "splits": 1})
    if fake.n >= SPLITS:
        splits = inception_score_of_splits(fake)
        yield Result(
            f"{space}_inception_score_of_splits", splits.value, fake.n, splits.error, False, {**said, "splits": SPLITS}
        )
    if min(real.n, fake.n) < fake.mass.shape[1]:
        return
    balance = class_balance(real=real, fake=fake)
    for name in ("variation", "divergence"):
        estimate = getattr(balance, name)
        yield Result(f"{space}_class_{name}", estimate.value, fake.n, estimate.error, True, said)
    yield Result(f"{space}_missing_classes", float(len(balance.missing)), fake.n, None, True, said)


def balance_of(*, real: FeatureStatistics, fake: FeatureStatistics) -> ClassBalance | None:
    """Both histograms, where the space names classes."""
    return class_balance(real=real, fake=fake) if fake.mass.shape[1] else None
