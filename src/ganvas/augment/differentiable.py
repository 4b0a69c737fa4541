"""Views for training with little data: D reads reals and fakes after the same kind of random change. Zhao et al. 2020.
https://arxiv.org/abs/2006.10738

A change of the reals alone would be learnt by G and appear in its pictures; a change of all inputs of D is not. The
gradient passes to G.
"""

from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Ge, Le
from jaxtyping import Bool, Float, Int64
from torch import Tensor

from ..base.draws import Draws
from .spans import pixels_in_span

Fraction = Annotated[float, Ge(0), Le(1)]


@dataclass(frozen=True)
class Translate:
    """x moved by k and l pixels along height and width, uniform in {-s, ..., s}, s = round(share * size); zeros (mid
    grey) fill the border.

    Zhao et al. 2020, section 4 (share 1/8). https://arxiv.org/abs/2006.10738. A view: it stands in a game's `views`,
    reads x [b, c, h, w] and returns the same shape; reals and fakes get draws of their own. The transform `Shift` moves
    the training data instead.

    Args:
        share: the largest move as a share of each side, from 0 to 1.
        repeat: whether the picture's edge is repeated outward, in place of zeros.

    Example:
        >>> import torch
        >>> from ganvas.augment import Translate
        >>> from ganvas.augment.differentiable import shift_matrices
        >>> shift_matrices(3, by=torch.tensor([1]))[0] @ torch.tensor([1.0, 2.0, 3.0])
        tensor([0., 1., 2.])
    """

    share: Fraction = 0.125
    repeat: bool = False

    def view(self, x: Float[Tensor, "b c h w"], draws: Draws, stream: str) -> Float[Tensor, "b c h w"]:
        u = draws.uniform(f"{stream}.translate", 2)
        most = [round(self.share * size) for size in x.shape[2:]]
        down, right = (
            shift_matrices(
                x.shape[2 + axis], (u[:, axis] * (2 * most[axis] + 1)).long() - most[axis], repeat=self.repeat
            )
            for axis in (0, 1)
        )
        return (down[:, None].to(x.dtype) @ x) @ right[:, None].to(x.dtype).mT


@dataclass(frozen=True)
class Cutout:
    """x with a rectangle of share * h by share * w pixels set to zero; its centre is uniform over the picture, so a
    part of it may be outside.

    Zhao et al. 2020, section 4 (share 1/2). https://arxiv.org/abs/2006.10738. A view of x [b, c, h, w].

    Args:
        share: sides of the rectangle as a share of the picture's, from 0 to 1.

    Example:
        >>> import torch
        >>> from ganvas.augment.differentiable import covered_pixels
        >>> covered_pixels(4, 2, place=torch.tensor([0.5]))
        tensor([[False,  True,  True, False]])
    """

    share: Fraction = 0.5

    def view(self, x: Float[Tensor, "b c h w"], draws: Draws, stream: str) -> Float[Tensor, "b c h w"]:
        u = draws.uniform(f"{stream}.cutout", 2)
        inside = [covered_pixels(size, round(size * self.share), u[:, axis]) for axis, size in enumerate(x.shape[2:])]
        return x.masked_fill((inside[0][:, :, None] & inside[1][:, None, :])[:, None], 0.0)


@dataclass(frozen=True)
class Colour:
    """x + U(-b, b); then the distance from the pixel's grey times U(1 - s, 1 + s); then that from the picture's mean
    times U(1 - c, 1 + c).

    Zhao et al. 2020, section 4, with b = 1/2, s = 1, c = 1/2. https://arxiv.org/abs/2006.10738. A view of x [b, c, h,
    w]; a fourth channel is alpha and stays as it is.

    Args:
        brightness: b, in units of x (pictures span 2), from 0 to 1.
        saturation: s, from 0 to 1.
        contrast: c, from 0 to 1.
    """

    brightness: Fraction = 0.5
    saturation: Fraction = 1.0
    contrast: Fraction = 0.5

    def view(self, x: Float[Tensor, "b c h w"], draws: Draws, stream: str) -> Float[Tensor, "b c h w"]:
        brightness, saturation, contrast = (2 * draws.uniform(f"{stream}.colour", 3) - 1).view(-1, 3, 1, 1, 1).unbind(1)
        x, alpha = x[:, :3], x[:, 3:]
        x = x + self.brightness * brightness
        grey = x.mean(1, keepdim=True)
        x = grey + (x - grey) * (1 + self.saturation * saturation)
        mean = x.mean((1, 2, 3), keepdim=True)
        return torch.cat([mean + (x - mean) * (1 + self.contrast * contrast), alpha], dim=1)


def shift_matrices(size: int, by: Int64[Tensor, " b"], *, repeat: bool = False) -> Float[Tensor, "b size size"]:
    """M[i, j] = 1 if i = j + by, else 0: M @ x moves x along its first axis. A product is fast on every device, and
    differentiable.

    Args:
        size: pixels of the axis.
        by: the move of each sample, in pixels; pixels that leave the picture are lost.
        repeat: whether the pixel at the edge fills the border, in place of zeros: i = min(max(j + by, 0), size - 1).

    Returns:
        A matrix for each sample.
    """
    places = torch.arange(size, device=by.device)
    origin = places[None, :, None] - by[:, None, None]
    return (places[None, None, :] == (origin.clamp(0, size - 1) if repeat else origin)).float()


def covered_pixels(size: int, side: int, place: Float[Tensor, " b"]) -> Bool[Tensor, "b size"]:
    """Pixels of an axis inside a span whose centre is uniform over the axis.

    Args:
        size: pixels of the axis.
        side: pixels of the span.
        place: a uniform number in [0, 1) for each sample.

    Returns:
        True inside the span.
    """
    return pixels_in_span((place * (size + 1 - side % 2)).floor() - side // 2, side, size)
