"""The luminance of colours."""

from jaxtyping import Float
from torch import Tensor

WEIGHTS = (0.299, 0.587, 0.114)  # of red, green and blue, ITU-R BT.601


def luminance(x: Float[Tensor, "b 3 *s"]) -> Float[Tensor, "b 1 *s"]:
    """0.299 R + 0.587 G + 0.114 B, in the range of x.

    Args:
        x: red, green and blue.

    Returns:
        One channel; the gradient passes to x.

    Example:
        >>> import torch
        >>> from ganvas.ops.luminance import luminance
        >>> luminance(torch.tensor([[[1.0], [-1.0], [-1.0]]]))
        tensor([[[-0.4020]]])
    """
    red, green, blue = (weight * x[:, at : at + 1] for at, weight in enumerate(WEIGHTS))
    return red + green + blue
