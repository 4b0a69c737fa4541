"""The space in which samples are compared: pictures in, features out, and a description that travels with every number taken there."""

from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol, runtime_checkable

import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from ..base.errors import DataError

BATCH = 8  # samples; another number may change the last bits of features


class Features(NamedTuple):
    """What an extractor says of each sample."""

    features: Float[Tensor, "n d"]
    probabilities: Float[Tensor, "n k"] | None = None  # of classes, where it names them


@runtime_checkable
class Extractor(Protocol):
    """A frozen dataclass. The same picture gives the same features, whatever its batch-mates."""

    @property
    def name(self) -> str:
        """Short, the first part of the names of scores: `digit` for digit_frechet."""
        ...

    def covers(self, shape: tuple[int, ...]) -> bool:
        """Whether it can see samples of this shape [C, H, W]."""
        ...

    def describe(self) -> Mapping[str, object]:
        """extractor, weights_sha256, resize, quantisation: what two numbers must share to be compared."""
        ...

    def extract(self, x: UInt8[Tensor, "n c h w"]) -> Features:
        """Features (and class probabilities) of pictures of bytes, on the CPU."""
        ...


@torch.no_grad()
def in_batches(x: UInt8[Tensor, "n c h w"], extract: Callable[[Tensor], Features], size: int = BATCH) -> Features:
    """What `see` says of all pictures, on the CPU in float32. Raises DataError for no pictures, features that are not finite, or not one row a picture."""
    if not len(x):
        raise DataError("there are no pictures to look at")
    seen = [without_padding(extract(padded_batch(part, size)), len(part), size) for part in x.split(size)]
    features = torch.cat([part.features for part in seen])
    if not features.isfinite().all():
        first = int((~features.isfinite().all(1)).nonzero()[0])
        raise DataError(
            f"the features of picture {first} are not finite",
            hint="The network that sees is broken, or its weights are.",
        )
    named = [part.probabilities for part in seen if part.probabilities is not None]
    return Features(features, torch.cat(named) if named else None)


def padded_batch(part: Tensor, size: int) -> Tensor:
    """[n, ...] -> [size, ...], the last picture repeated."""
    return part if len(part) == size else torch.cat([part, part[-1:].expand(size - len(part), *part.shape[1:])])


def without_padding(seen: Features, n: int, size: int) -> Features:
    """Without what was filled up; also checks that there was a row for each picture."""
    if seen.features.ndim != 2 or len(seen.features) != size:
        raise DataError(
            f"the network made features of shape {list(seen.features.shape)} of {size} pictures; wanted are {size} rows"
        )
    named = seen.probabilities
    return Features(seen.features[:n].float().cpu(), None if named is None else named[:n].float().cpu())
