"""Conversion between bytes, as files store pixels, and numbers in [-1, 1], as networks read them."""

import torch
from jaxtyping import Float, UInt8
from torch import Tensor


def to_unit_range(x: UInt8[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """2 x / 255 - 1: bytes as numbers in [-1, 1], so that 0 becomes -1 and 255 becomes 1.

    Args:
        x: bytes of any shape.

    Returns:
        float32 of the same shape, on the same device. `to_bytes` restores the bytes exactly.

    Example:
        >>> import torch
        >>> from ganvas.ops.unit_range import to_unit_range
        >>> to_unit_range(torch.tensor([0, 255], dtype=torch.uint8))
        tensor([-1.,  1.])
    """
    return x.float().mul_(2 / 255).sub_(1)  # float() of bytes is a copy, so x stays as it is


def to_bytes(x: Float[Tensor, "*shape"]) -> UInt8[Tensor, "*shape"]:
    """255 (x + 1) / 2, rounded to the nearest byte: the inverse of `to_unit_range`.

    Args:
        x: numbers in [-1, 1] of any shape.

    Returns:
        uint8 of the same shape, on the same device. Values outside [-1, 1] become 0 or 255; NaN becomes 0.

    Example:
        >>> import torch
        >>> from ganvas.ops.unit_range import to_bytes
        >>> to_bytes(torch.tensor([-1.0, 0.0, 2.0]))
        tensor([  0, 128, 255], dtype=torch.uint8)
    """
    return ((x.detach().float() + 1) * 127.5).nan_to_num(0.0).round_().clamp_(0, 255).to(torch.uint8)
