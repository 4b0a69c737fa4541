"""The space in which samples are compared: pictures in, features out, and a description that travels with every number taken there."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol, runtime_checkable

import torch
from jaxtyping import Float, UInt8
from torch import Tensor


class Seen(NamedTuple):
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

    def see(self, x: UInt8[Tensor, "n c h w"]) -> Seen:
        """Features (and class probabilities) of pictures of bytes, on the CPU."""
        ...


def to_bytes(x: Float[Tensor, "n c h w"]) -> UInt8[Tensor, "n c h w"]:
    """x in [-1, 1] as a file would hold it: rounded once, to the nearest byte; what is no number is black."""
    return ((x + 1) * 127.5).nan_to_num(0.0).round().clamp(0, 255).to(torch.uint8)


def from_bytes(x: UInt8[Tensor, "n c h w"]) -> Float[Tensor, "n c h w"]:
    """Bytes as networks see them, in [-1, 1]."""
    return x.float() / 127.5 - 1
