"""Strided convolutions instead of pooling, batch norm, no hidden dense layers.

Radford, Metz and Chintala 2016. https://arxiv.org/abs/1511.06434
"""

import itertools
import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..base.errors import UsageError
from ..base.types import Count, Given, Spec, Verdict
from .layers import (
    ClassScale,
    Projection,
    centre_crop,
    centre_pad,
    class_count,
    dcgan_init,
    flattened,
    full_precision,
    picture_shape,
)


@dataclass(frozen=True)
class Dcgan:
    """The generator for pictures of 8 to 256 pixels a side: z -> a small grid -> doubled until x.

    `width` is the number of channels before the last doubling; each coarser grid has twice as many, up to `widest`.
    The paper's network for 64 x 64 is width 128.

    Args:
        width: channels at the finest resolution; each coarser one has twice as many.
        latent: numbers in one z.
        widest: the most channels of a layer.
        conditional: whether it is given the class.
    """

    width: Count = 64
    latent: Count = 100
    widest: Count = 1024
    conditional: bool = False

    def build(self, spec: Spec) -> nn.Module:
        shape = picture_shape(self, spec)
        return DcganGenerator(
            shape=shape,
            widths=ladder(self.width, self.widest, shape)[::-1],
            latent=self.latent,
            classes=class_count(self.conditional, spec.classes),
        )


@dataclass(frozen=True)
class DcganCritic:
    """The discriminator: x -> halved until a small grid -> one logit.

    LeakyReLU 0.2; batch norm from the second layer on, as in the paper.

    Args:
        width: channels after the first halving; each further one has twice as many.
        widest: the most channels of a layer.
        batch_norm: whether layers from the second on have batch norm.
        conditional: whether the class is given, by projection.
    """

    width: Count = 64
    widest: Count = 1024
    batch_norm: bool = True
    conditional: bool = False

    def build(self, spec: Spec) -> nn.Module:
        shape = picture_shape(self, spec)
        return DcganDiscriminator(
            shape=shape,
            widths=ladder(self.width, self.widest, shape),
            batch_norm=self.batch_norm,
            classes=class_count(self.conditional, spec.classes),
        )


def doublings(shape: tuple[int, ...]) -> int:
    """How often the longer side is halved until at most 7 pixels remain: 28 -> 14 -> 7; 64 -> 32 -> 16 -> 8 -> 4."""
    side, count = max(shape[1:]), 0
    while side > 7:
        side, count = math.ceil(side / 2), count + 1
    return count


def ladder(width: int, widest: int, shape: tuple[int, ...], halvings: int | None = None) -> tuple[int, ...]:
    """Channels of each grid, from the finest to the coarsest.

    Args:
        width: channels of the finest grid; each coarser one has twice as many.
        widest: the most channels of a grid.
        shape: [C, H, W].
        halvings: how many grids; None: `doublings` of the shape.

    Returns:
        One number of channels for each halving.

    Raises:
        UsageError: the image is smaller than 8 or larger than 256 pixels, or has fewer halvings.
    """
    side = max(shape[1:])
    if not 8 <= side <= 256:
        raise UsageError(f"DCGANs draw pictures of 8 to 256 pixels, not {shape[1]} x {shape[2]}")
    if halvings is not None and side >> halvings == 0:
        raise UsageError(f"an image of {side} pixels cannot be halved {halvings} times", hint="Lower halvings.")
    return tuple(min(widest, width << level) for level in range(doublings(shape) if halvings is None else halvings))


def coarsest(shape: tuple[int, ...], halvings: int | None = None) -> tuple[int, int]:
    """The small grid that, doubled `halvings` times (None: `doublings` of the shape), covers the image."""
    scale = 1 << (doublings(shape) if halvings is None else halvings)
    return math.ceil(shape[1] / scale), math.ceil(shape[2] / scale)


class DcganGenerator(nn.Module):
    """z [B, latent] -> x [B, C, H, W] in [-1, 1]."""

    def __init__(self, *, shape: tuple[int, ...], widths: tuple[int, ...], latent: int, classes: int) -> None:
        super().__init__()
        self.latent, self.size = (latent,), shape[1:]
        self.conditional = bool(classes)
        self.condition = ClassScale(classes, latent) if classes else None
        self.grid = coarsest(shape)
        # the transposed convolution of a 1 x 1 input, but faster
        self.first = nn.Linear(latent, math.prod(self.grid) * widths[0], bias=False)
        layers: list[nn.Module] = [nn.BatchNorm2d(widths[0]), nn.ReLU(inplace=True)]
        for before, after in itertools.pairwise(widths):
            layers += [
                nn.ConvTranspose2d(before, after, 4, 2, 1, bias=False),
                nn.BatchNorm2d(after),
                nn.ReLU(inplace=True),
            ]
        self.grow = nn.Sequential(*layers)
        self.last = nn.ConvTranspose2d(widths[-1], shape[0], 4, 2, 1)
        dcgan_init(self)

    def forward(self, z: Tensor, y: Tensor | None = None, given: Given = None) -> Tensor:
        h = z if self.condition is None else self.condition(z, y)
        h = (
            self.first(h).view(h.shape[0], *self.grid, -1).permute(0, 3, 1, 2)
        )  # [B, width, h, w], channels last in memory
        h = self.grow(h)  # [B, width, H/2, W/2]
        return centre_crop(torch.tanh(self.last(h)).float(), *self.size)


class DcganDiscriminator(nn.Module):
    """x [B, C, H, W] -> one logit."""

    def __init__(self, *, shape: tuple[int, ...], widths: tuple[int, ...], batch_norm: bool, classes: int) -> None:
        super().__init__()
        height, width = coarsest(shape)
        self.size = height << doublings(shape), width << doublings(shape)
        layers: list[nn.Module] = [nn.Conv2d(shape[0], widths[0], 4, 2, 1), nn.LeakyReLU(0.2, inplace=True)]
        for before, after in itertools.pairwise(widths):
            layers.append(nn.Conv2d(before, after, 4, 2, 1, bias=not batch_norm))
            layers += [nn.BatchNorm2d(after)] * batch_norm + [nn.LeakyReLU(0.2, inplace=True)]
        self.shrink = nn.Sequential(*layers)
        self.head = Projection(widths[-1] * height * width, classes)
        dcgan_init(self)

    def forward(self, x: Tensor, y: Tensor | None = None, given: Given = None) -> Verdict:
        features = flattened(self.shrink(centre_pad(x, *self.size)))
        with full_precision(x):  # logits in full precision
            return Verdict(self.head(features.float(), y), features=(features.float(),))
