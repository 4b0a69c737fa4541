"""The feature spaces that a set of pictures is measured in; one pass over the pictures fills them all."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from ..base.errors import UsageError, suggest
from ..metrics import (
    PROFILES,
    Digits,
    Extractor,
    Features,
    FeatureStatistics,
    Inception,
    MissingWeights,
    Pixels,
    RandomConvolutions,
    extractor_from_file,
)
from ..ops.unit_range import to_unit_range
from .feature_cache import load_features, real_vs_real_values, save_features, small_enough
from .image_set import PictureSet

__all__ = [
    "MOST_TRAINING",
    "SetFeatures",
    "extract_features",
    "feature_spaces",
    "first_pixels",
    "merge_features",
    "real_vs_real_values",
]

SAMPLED = 10_000  # features of each set that the quadratic scores look at
MOST_TRAINING = 60_000  # training features that fakes are held against


def feature_spaces(
    shape: tuple[int, ...],
    classes: tuple[str, ...],
    *,
    profile: str | None,
    features: Path | None,
    weights: Path | None,
) -> tuple[tuple[Extractor, ...], tuple[str, ...]]:
    """Those that fit pictures of this shape, what was asked for first, and sentences about what could not be had.

    Raises UsageError.
    """
    if profile is not None and profile not in PROFILES:
        raise UsageError(
            f"there is no profile '{profile}'", hint=suggest(profile, PROFILES) or f"There are: {', '.join(PROFILES)}."
        )
    found: list[Extractor] = []
    messages: list[str] = []
    if features is not None:
        found.append(extractor_from_file(str(features), profile or "tf1"))  # type: ignore[arg-type]
        if not found[-1].covers(shape):
            raise UsageError(f"the network cannot see pictures of shape {list(shape)}", where=str(features))
    if profile is not None:
        inception = Inception(profile=profile, weights="" if weights is None else str(weights))  # type: ignore[arg-type]
        try:
            inception.describe()
        except MissingWeights as error:
            messages.append(f"No FID: {error} The scores below are of other spaces and have other names.")
        else:
            found.append(inception)
    digits = Digits().covers(shape) and classes in ((), Digits.classes)  # other pictures of that size are no digits
    return (
        *found,
        *((Digits(), RandomConvolutions(shape[0])) if digits else (RandomConvolutions(shape[0]), Pixels())),
    ), tuple(messages)


class SetFeatures(NamedTuple):
    """Feature statistics of one set, by space; `correct`: how many labelled pictures each classifier gets right."""

    spaces: dict[str, FeatureStatistics]
    correct: dict[str, int]


def extract_features(
    pictures: PictureSet, extractors: Sequence[Extractor], *, seed: int, keep: int = SAMPLED, start: int = 0
) -> SetFeatures:
    """Every picture once, through every extractor; the first has the number `start`.

    What is known from an earlier time is not looked at again.
    """
    found = SetFeatures({}, {})
    for extractor, first, seen in feature_batches(pictures, extractors):
        name, many = extractor.name, len(seen.features)
        classes = None if seen.probabilities is None else seen.probabilities.shape[1]
        if name not in found.spaces:
            found.spaces[name] = FeatureStatistics(seen.features.shape[1], classes, seed=seed, retain=keep)
        found.spaces[name].update(seen, range(start + first, start + first + many))
        if pictures.y is not None and seen.probabilities is not None and classes == len(pictures.classes):
            hits = seen.probabilities.argmax(1) == pictures.y[first : first + many]
            found.correct[name] = found.correct.get(name, 0) + int(hits.sum())
    return found


def feature_batches(pictures: PictureSet, extractors: Sequence[Extractor]) -> Iterator[tuple[Extractor, int, Features]]:
    """What each extractor sees, a block at a time, and the place of the block's first picture."""
    fresh = []
    for extractor in extractors:
        if (known := load_features(pictures, extractor)) is None:
            fresh.append(extractor)
            continue
        first = 0
        for part in known:
            yield extractor, first, part
            first += len(part.features)
    if not fresh:
        return
    first, parts = 0, {extractor.name: list[Features]() for extractor in fresh}
    for block in pictures.blocks():
        for extractor in fresh:
            seen = extractor.extract(block)
            yield extractor, first, seen
            if small_enough(pictures, extractor, seen):
                parts[extractor.name].append(seen)
        first += len(block)
    for extractor in fresh:
        if parts[extractor.name]:
            save_features(pictures, extractor, parts[extractor.name])


def merge_features(parts: Sequence[SetFeatures], space: str) -> SetFeatures:
    """What looks at parts of one set saw in a space, together."""
    first, *others = (part.spaces[space] for part in parts)
    whole = FeatureStatistics.restore(first.state())
    for other in others:
        whole.merge(other)
    return SetFeatures({space: whole}, {})


def first_pixels(pictures: PictureSet, most: int) -> Tensor:
    """The first pictures as networks see them, [n, C, H, W] in [-1, 1]."""
    return to_unit_range(torch.cat(list(pictures.first(most).read())))
