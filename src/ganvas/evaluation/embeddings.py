"""Features of a set of pictures in every feature space, in one pass over the pictures."""

from collections.abc import Collection, Iterator, Sequence
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
    space_extractor,
    spaces_for,
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

SAMPLED = 10_000  # features of each set for scores of quadratic cost
MOST_TRAINING = 60_000  # training features among which the nearest are searched


def feature_spaces(
    shape: tuple[int, ...],
    classes: tuple[str, ...],
    *,
    profile: str | None,
    features: Path | None,
    weights: Path | None,
    trained: Collection[str] = (),
) -> tuple[tuple[Extractor, ...], tuple[str, ...]]:
    """The extractors for pictures of this shape, requested ones first.

    Args:
        shape: of a picture, [C, H, W].
        classes: names of the data's classes; empty without classes.
        profile: "tf1", "pytorch-fid" or "clean" for the Inception network too.
        features: a network's file, for its space too.
        weights: a file of the Inception network's weights.
        trained: spaces that the model has trained in; others are preferred.

    Returns:
        The extractors, and a sentence for each that is missing.

    Raises:
        UsageError: there is no such profile, or the network does not take such pictures.
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
            raise UsageError(
                f"the network does not take pictures of shape {list(shape)}",
                where=str(features),
                hint="Name another network, or leave --features out.",
            )
    if profile is not None:
        path = "" if weights is None else str(weights)
        inception = Inception(profile=profile, weights=path)  # type: ignore[arg-type]
        try:
            inception.describe()
        except MissingWeights as error:
            messages.append(f"No FID: {error} The scores are those of other feature spaces, under their own names.")
        else:
            found.append(inception)
    return (*found, *default_spaces(shape, classes, trained)), tuple(messages)


def default_spaces(shape: tuple[int, ...], classes: tuple[str, ...], trained: Collection[str]) -> tuple[Extractor, ...]:
    """Two spaces: the digit classifier's or the one that suits such pictures best, and the random convolutions.

    Args:
        shape: of a picture, [C, H, W].
        classes: names of the data's classes; pictures of 28 x 28 of other classes are no digits.
        trained: spaces that the model has trained in; others are preferred.
    """
    convolutions = RandomConvolutions(shape[0])
    if Digits().covers(shape) and classes in ((), Digits.classes):
        return Digits(), convolutions
    best = space_extractor(spaces_for(shape, trained)[0], shape)
    return (convolutions, Pixels()) if best.name == convolutions.name else (best, convolutions)


class SetFeatures(NamedTuple):
    """Feature statistics of one set of pictures.

    Attributes:
        spaces: statistics by the name of the space.
        correct: for each classifier, the number of labelled pictures that it classifies correctly.
    """

    spaces: dict[str, FeatureStatistics]
    correct: dict[str, int]


def extract_features(
    pictures: PictureSet, extractors: Sequence[Extractor], *, seed: int, retain: int = SAMPLED, start: int = 0
) -> SetFeatures:
    """Feature statistics of a set in every space. Each picture is read once; cached features are not computed again.

    Args:
        pictures: the set.
        extractors: the spaces.
        seed: of the features that are retained.
        retain: the number of features to retain.
        start: the index of the first picture.

    Returns:
        The statistics.
    """
    found = SetFeatures({}, {})
    for extractor, first, computed in feature_batches(pictures, extractors):
        name, many = extractor.name, len(computed.features)
        classes = None if computed.probabilities is None else computed.probabilities.shape[1]
        if name not in found.spaces:
            found.spaces[name] = FeatureStatistics(computed.features.shape[1], classes, seed=seed, retain=retain)
        found.spaces[name].update(computed, range(start + first, start + first + many))
        if pictures.y is not None and computed.probabilities is not None and classes == len(pictures.classes):
            hits = computed.probabilities.argmax(1) == pictures.y[first : first + many]
            found.correct[name] = found.correct.get(name, 0) + int(hits.sum())
    return found


def feature_batches(pictures: PictureSet, extractors: Sequence[Extractor]) -> Iterator[tuple[Extractor, int, Features]]:
    """Features of each extractor, one block of pictures at a time, and the index of the block's first picture."""
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
            computed = extractor.extract(block)
            yield extractor, first, computed
            if small_enough(pictures, extractor, computed):
                parts[extractor.name].append(computed)
        first += len(block)
    for extractor in fresh:
        if parts[extractor.name]:
            save_features(pictures, extractor, parts[extractor.name])


def merge_features(parts: Sequence[SetFeatures], space: str) -> SetFeatures:
    """The statistics of parts of one set in a space, merged."""
    first, *others = (part.spaces[space] for part in parts)
    whole = FeatureStatistics.restore(first.state())
    for other in others:
        whole.merge(other)
    return SetFeatures({space: whole}, {})


def first_pixels(pictures: PictureSet, most: int) -> Tensor:
    """The first pictures as float [n, C, H, W] in [-1, 1]."""
    return to_unit_range(torch.cat(list(pictures.first(most).scored())))
