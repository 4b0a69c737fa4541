"""Rounding to the steps that a file of bytes can hold."""

import torch
from torch import Tensor


def to_byte_steps(x: Tensor) -> Tensor:
    """x in [-1, 1] rounded to the nearest of the 256 values that a byte can have: 2 round(127.5 (x + 1)) / 255 - 1.

    Args:
        x: numbers of any shape; those outside [-1, 1] become -1 or 1.

    Returns:
        float32 of the same shape.

    Example:
        >>> import torch
        >>> from ganvas.ops.byte_steps import to_byte_steps
        >>> to_byte_steps(torch.tensor([-1.0, 0.0, 2.0]))
        tensor([-1.0000,  0.0039,  1.0000])
    """
    return torch.round((x.float() + 1) * 127.5).clamp_(0, 255).mul_(2 / 255).sub_(1)
