"""Views for data-efficient games: D sees reals and fakes changed alike, and the gradient passes through to G. Zhao et al. 2020. https://arxiv.org/abs/2006.10738

What changes only the reals would be learnt by G and leak into its pictures; what changes everything that D sees is not.
"""

from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Ge, Le
from jaxtyping import Float
from torch import Tensor

from ..base.draws import Draws

Fraction = Annotated[float, Ge(0), Le(1)]


@dataclass(frozen=True)
class Translate:
    """x moved by up to `share` of each side, evenly drawn, zeros (mid grey) coming in. Zhao et al. 2020, section 4: 1/8."""

    share: Fraction = 0.125

    def view(self, x: Float[Tensor, "b c h w"], draws: Draws, stream: str) -> Float[Tensor, "b c h w"]:
        u = draws.uniform(f"{stream}.translate", 2)
        most = [round(self.share * size) for size in x.shape[2:]]
        down, right = (
            shift_matrices(x.shape[2 + axis], (u[:, axis] * (2 * most[axis] + 1)).long() - most[axis])
            for axis in (0, 1)
        )
        return (down[:, None].to(x.dtype) @ x) @ right[:, None].to(x.dtype).mT


@dataclass(frozen=True)
class Cutout:
    """A square of `share` of each side set to zero at an evenly drawn place, partly outside too. Zhao et al. 2020, section 4: 1/2."""

    share: Fraction = 0.5

    def view(self, x: Float[Tensor, "b c h w"], draws: Draws, stream: str) -> Float[Tensor, "b c h w"]:
        u = draws.uniform(f"{stream}.cutout", 2)
        inside = [covered_pixels(size, round(size * self.share), u[:, axis]) for axis, size in enumerate(x.shape[2:])]
        return x.masked_fill((inside[0][:, :, None] & inside[1][:, None, :])[:, None], 0.0)


@dataclass(frozen=True)
class Colour:
    """x + U(-b, b); colour times U(1 - s, 1 + s) about the pixel's grey; contrast times U(1 - c, 1 + c) about the picture's mean.

    Zhao et al. 2020, section 4, with b = 1/2, s = 1, c = 1/2.
    """

    brightness: Fraction = 0.5
    saturation: Fraction = 1.0
    contrast: Fraction = 0.5

    def view(self, x: Float[Tensor, "b c h w"], draws: Draws, stream: str) -> Float[Tensor, "b c h w"]:
        brightness, saturation, contrast = (2 * draws.uniform(f"{stream}.colour", 3) - 1).view(-1, 3, 1, 1, 1).unbind(1)
        x = x + self.brightness * brightness
        grey = x.mean(1, keepdim=True)
        x = grey + (x - grey) * (1 + self.saturation * saturation)
        mean = x.mean((1, 2, 3), keepdim=True)
        return mean + (x - mean) * (1 + self.contrast * contrast)


def shift_matrices(size: int, by: Tensor) -> Float[Tensor, "b n n"]:
    """0/1 matrices [B, size, size] that move a row of `size` pixels by `by` [B] places; a product is fast on every device, and differentiable."""
    places = torch.arange(size, device=by.device)
    return (places[None, None, :] == places[None, :, None] - by[:, None, None]).float()


def covered_pixels(size: int, side: int, place: Tensor) -> Tensor:
    """Which of `size` pixels lie in a span of `side` centred at `place` in [0, 1): [B, size]."""
    start = (place * (size + 1 - side % 2)).floor() - side // 2
    pixels = torch.arange(size, device=place.device)
    return (pixels >= start[:, None]) & (pixels < start[:, None] + side)
