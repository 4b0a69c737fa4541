"""Distinct colours of classes."""

import colorsys

import torch
from jaxtyping import Float
from torch import Tensor

GOLDEN = 0.6180339887  # neighbouring numbers get far hues
LIGHT = (0.95, 0.7, 0.5)  # values of brightness that follow each other


def palette(classes: int) -> Float[Tensor, "k 3"]:
    """A colour for each class in [-1, 1]: class 0, usually the ground, is dark grey.

    Args:
        classes: how many.

    Returns:
        Red, green, blue of each; the same class has the same colour, whatever `classes` is.
    """
    colours = [(0.2, 0.2, 0.2)]
    colours += [colorsys.hsv_to_rgb((0.05 + at * GOLDEN) % 1, 0.75, LIGHT[at % 3]) for at in range(classes - 1)]
    return 2 * torch.tensor(colours[:classes]) - 1


def coloured(maps: Float[Tensor, "b k h w"]) -> Float[Tensor, "b 3 h w"]:
    """Each pixel in the colour of its class of the largest value; black where no class has a value above -1.

    Args:
        maps: values in [-1, 1], a channel for each class.

    Returns:
        Pictures in [-1, 1].
    """
    best = maps.max(1)
    pictures = palette(maps.shape[1]).to(maps.device)[best.indices].permute(0, 3, 1, 2)
    return torch.where(best.values[:, None] > -1, pictures, -1.0)
