"""Strided convolutions in three dimensions: volumes from a code, and their discriminator.

Wu et al. 2016. https://arxiv.org/abs/1610.07584
"""

import itertools
import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from ..base.errors import UsageError
from ..base.types import Count, Given, Spec, Verdict
from .dcgan import doublings
from .layers import ClassScale, Projection, class_count, full_precision


@dataclass(frozen=True)
class VolumeGan:
    """G(z): a small grid of z, doubled by transposed 4 x 4 x 4 convolutions with batch norm and ReLU, then tanh.

    Wu et al. 2016 (3D-GAN), section 3.1, with tanh for the sigmoid, as x lies in [-1, 1].
    https://arxiv.org/abs/1610.07584
    The paper's network for 64^3 is width 64 and latent 200.

    Args:
        width: channels before the last doubling; each coarser grid has twice as many.
        latent: numbers in one z.
        widest: the most channels of a layer.
        conditional: whether z is scaled by the class.
    """

    width: Count = 64
    latent: Count = 200
    widest: Count = 512
    conditional: bool = False

    def build(self, spec: Spec) -> nn.Module:
        shape = volume_shape(self, spec)
        return VolumeGenerator(
            shape=shape,
            widths=channels_of_grids(self.width, self.widest, shape)[::-1],
            latent=self.latent,
            classes=class_count(self.conditional, spec.classes),
        )


@dataclass(frozen=True)
class VolumeCritic:
    """D(x): 4 x 4 x 4 convolutions in steps of two with LeakyReLU 0.2, then one logit.

    Wu et al. 2016 (3D-GAN), section 3.1, without batch norm, as penalties of the gradient need none.
    https://arxiv.org/abs/1610.07584

    Args:
        width: channels after the first halving; each further one has twice as many.
        widest: the most channels of a layer.
        conditional: whether the class is given, by projection.
    """

    width: Count = 64
    widest: Count = 512
    conditional: bool = False

    def build(self, spec: Spec) -> nn.Module:
        shape = volume_shape(self, spec)
        return VolumeDiscriminator(
            shape=shape,
            widths=channels_of_grids(self.width, self.widest, shape),
            classes=class_count(self.conditional, spec.classes),
        )


def volume_shape(network: object, spec: Spec) -> tuple[int, ...]:
    """[C, D, H, W] of the data, or a UsageError where they are no volumes or of a size that is not drawn."""
    if spec.domain != "volumes":
        message = f"{type(network).__name__} is for volumes [C, D, H, W], and these data are {spec.domain}"
        raise UsageError(message, hint="Use it with volumes, as the recipe voxels does.")
    if not (min(spec.shape[1:]) >= 8 and max(spec.shape[1:]) <= 128):
        size = " x ".join(map(str, spec.shape[1:]))
        raise UsageError(f"{type(network).__name__} is for volumes of 8 to 128 voxels a side, not {size}")
    return spec.shape


def channels_of_grids(width: int, widest: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Channels of each grid, from the finest to the coarsest."""
    return tuple(min(widest, width << level) for level in range(doublings(shape)))


def coarsest_grid(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The small grid that, doubled, covers the volume."""
    scale = 1 << doublings(shape)
    return tuple(math.ceil(side / scale) for side in shape[1:])


class VolumeGenerator(nn.Module):
    """z [B, latent] -> x [B, C, D, H, W] in [-1, 1]."""

    def __init__(self, *, shape: tuple[int, ...], widths: tuple[int, ...], latent: int, classes: int) -> None:
        super().__init__()
        self.latent, self.size, self.conditional = (latent,), shape[1:], bool(classes)
        self.condition = ClassScale(classes, latent) if classes else None
        self.grid = (widths[0], *coarsest_grid(shape))
        self.first = nn.Linear(latent, math.prod(self.grid), bias=False)
        layers: list[nn.Module] = [nn.BatchNorm3d(widths[0]), nn.ReLU(inplace=True)]
        for before, after in itertools.pairwise(widths):
            layers.append(nn.ConvTranspose3d(before, after, 4, 2, 1, bias=False))
            layers += [nn.BatchNorm3d(after), nn.ReLU(inplace=True)]
        self.grow = nn.Sequential(*layers)
        self.last = nn.ConvTranspose3d(widths[-1], shape[0], 4, 2, 1)

    def forward(self, z: Tensor, y: Tensor | None = None, given: Given = None) -> Tensor:
        h = z if self.condition is None else self.condition(z, y)
        h = torch.tanh(self.last(self.grow(self.first(h).view(-1, *self.grid)))).float()
        for axis, side in enumerate(self.size, start=2):  # the middle
            h = h.narrow(axis, (h.shape[axis] - side) // 2, side)
        return h


class VolumeDiscriminator(nn.Module):
    """x [B, C, D, H, W] -> one logit."""

    def __init__(self, *, shape: tuple[int, ...], widths: tuple[int, ...], classes: int) -> None:
        super().__init__()
        grid = coarsest_grid(shape)
        more = [(side << doublings(shape)) - now for side, now in zip(grid, shape[1:], strict=True)]
        self.border = [end for each in reversed(more) for end in (each // 2, each - each // 2)]
        layers: list[nn.Module] = []
        for before, after in itertools.pairwise((shape[0], *widths)):
            layers += [nn.Conv3d(before, after, 4, 2, 1), nn.LeakyReLU(0.2, inplace=True)]
        self.shrink = nn.Sequential(*layers)
        self.head = Projection(widths[-1] * math.prod(grid), classes)

    def forward(self, x: Tensor, y: Tensor | None = None, given: Given = None) -> Verdict:
        x = pad(x, self.border, mode="replicate") if any(self.border) else x
        features = self.shrink(x).flatten(1)
        with full_precision(x):
            return Verdict(self.head(features.float(), y), features=(features.float(),))
