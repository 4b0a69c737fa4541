"""Helpers of transforms and views of pictures."""

from jaxtyping import Bool, Float
from torch import Tensor, arange, where

from ..base.errors import UsageError
from ..base.types import Batch


def pixels_in_span(start: Float[Tensor, " b"], side: int, size: int) -> Bool[Tensor, "b size"]:
    """start <= pixel < start + side, for each pixel of an axis.

    Args:
        start: the first pixel of each span; it may be negative, then a part of the span is outside.
        side: pixels of a span.
        size: pixels of the axis.

    Returns:
        True inside the span of each sample, on the device of `start`.
    """
    pixels = arange(size, device=start.device)
    return (pixels >= start[:, None]) & (pixels < start[:, None] + side)


def require_pictures(transform: object, x: Tensor) -> None:
    """Refuses samples that are not pictures.

    Args:
        transform: the transform, for its class name in the message.
        x: samples; pictures are [b, c, h, w].

    Raises:
        UsageError: x does not have four axes.
    """
    if x.ndim != 4:
        raise UsageError(
            f"{type(transform).__name__} is for pictures, not for x of shape {list(x.shape[1:])}",
            hint="Leave it out: transforms=[]",
        )


def with_hole(batch: Batch, known: Bool[Tensor, "b 1 h w"]) -> Batch:
    """The batch with given["known"] (1 known, 0 unknown) and given["masked"] (x with -1 where it is unknown).

    Args:
        batch: of pictures.
        known: where each picture is known.
    """
    return batch.with_given(known=known.float(), masked=where(known, batch.x, -1.0))
