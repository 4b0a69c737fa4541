"""Feature extractors: images in, feature vectors out, with a description that every score carries in its protocol."""

from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol, runtime_checkable

import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from ..base.errors import DataError, UsageError

BATCH = 8  # samples; another number may change the last bits of features


class Features(NamedTuple):
    """The output of an extractor.

    Attributes:
        features: [n, d], one row an image.
        probabilities: [n, k], class probabilities, where the extractor is a classifier; else None.
    """

    features: Float[Tensor, "n d"]
    probabilities: Float[Tensor, "n k"] | None = None


@runtime_checkable
class Extractor(Protocol):
    """Turns images into the feature vectors that scores compare.

    A frozen dataclass. An image has the same features whatever else is in its batch.
    """

    @property
    def name(self) -> str:
        """The first part of the names of its scores, an identifier: `digit` for digit_frechet."""
        ...

    @property
    def cacheable(self) -> bool:
        """Whether `name` and `describe()` determine the features, so that they may be cached for later processes."""
        ...

    @property
    def expensive(self) -> bool:
        """Whether an image takes some milliseconds or more of one core; memorisation scores, which read all training
        data, then use another extractor.
        """
        ...

    def covers(self, shape: tuple[int, ...]) -> bool:
        """Whether it accepts images of this shape [c, h, w].

        Args:
            shape: of one sample, [C, H, W].

        Returns:
            Whether samples of this shape can be read.
        """
        ...

    def frechet_features(self, n: int) -> int | None:
        """How many of the first features the Frechet distance of n samples uses; None for all.

        Args:
            n: samples on the smaller side.

        Returns:
            The number of features that the distance is taken of.
        """
        ...

    def describe(self) -> Mapping[str, object]:
        """What two scores must share to be compared: features, weights_sha256, resize, quantisation, and what else
        changes features.

        Returns:
            Fields of the protocol by name.
        """
        ...

    def extract(self, x: UInt8[Tensor, "n c h w"]) -> Features:
        """Features [n, d] (and class probabilities [n, k]) of images, on the CPU.

        Args:
            x: pictures of bytes, on the CPU.

        Returns:
            Features [n, d], and class probabilities [n, k] where it has classes.
        """
        ...


def require_extractor(given: object) -> None:
    """Refuses an object that lacks members of `Extractor`.

    Raises:
        UsageError: names the members that it lacks.
    """
    members = ("name", "cacheable", "expensive", "covers", "frechet_features", "describe", "extract")
    missing = [member for member in members if not hasattr(given, member)]
    if missing:
        raise UsageError(
            f"{type(given).__name__} is no extractor: it lacks {', '.join(missing)}",
            hint="Wrap a network as ModuleExtractor(network, name=...).",
        )


@torch.no_grad()
def in_batches(x: UInt8[Tensor, "n c h w"], extract: Callable[[Tensor], Features], size: int = BATCH) -> Features:
    """Features of images, computed in batches of one size: the last batch is padded, so that features do not depend on
    n.

    Args:
        x: images.
        extract: computes the features of `size` images.
        size: images in a batch.

    Returns:
        Features in float32 on the CPU.

    Raises:
        DataError: no images, features that are not finite, or not one row an image.
    """
    if not len(x):
        raise DataError("there are no pictures to extract features of")
    parts = [without_padding(extract(padded_batch(part, size)), len(part), size) for part in x.split(size)]
    features = torch.cat([part.features for part in parts])
    if not features.isfinite().all():
        first = int((~features.isfinite().all(1)).nonzero()[0])
        raise DataError(
            f"the features of picture {first} are not finite", hint="Check the extractor's network and weights."
        )
    probabilities = [part.probabilities for part in parts if part.probabilities is not None]
    return Features(features, torch.cat(probabilities) if probabilities else None)


def padded_batch(part: UInt8[Tensor, "n c h w"], size: int) -> UInt8[Tensor, "size c h w"]:
    """A batch of `size` images: the last image of `part` is repeated."""
    return part if len(part) == size else torch.cat([part, part[-1:].expand(size - len(part), *part.shape[1:])])


def without_padding(batch: Features, n: int, size: int) -> Features:
    """The first n rows, in float32 on the CPU. Raises DataError unless there is one row for each of `size` images."""
    if batch.features.ndim != 2 or len(batch.features) != size:
        raise DataError(
            f"the network returned features of shape {list(batch.features.shape)} for {size} pictures, not {size} rows"
        )
    p = batch.probabilities
    return Features(batch.features[:n].float().cpu(), None if p is None else p[:n].float().cpu())
