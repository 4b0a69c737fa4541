"""A generator on a torus: what leaves a picture on one side enters it on the other.

Jetchev, Bergmann and Vollgraf 2016, Texture synthesis with spatial GANs. https://arxiv.org/abs/1611.08207
"""

import itertools
from dataclasses import dataclass
from typing import Annotated

import torch
import torch.nn.functional as F
from annotated_types import Ge, Le
from torch import Tensor, nn

from ..base.errors import UsageError
from ..base.types import Count, Given, Spec
from .layers import dcgan_init, picture_shape


@dataclass(frozen=True)
class TorusGenerator:
    """The generator of textures: z [latent, h, w] -> doubled until x, by convolutions that wrap around the borders.

    Each place of the coarse grid has its own noise, as in section 2 of the paper, and no layer has a border: all
    convolutions are circular. So G(z shifted by one place) = G(z) shifted by 2^doublings pixels,
    every picture joins itself at all borders, and a larger z gives a larger picture. The paper pads with zeros instead.

    Args:
        width: channels at the finest resolution; each coarser one has twice as many.
        widest: the most channels of a layer.
        latent: numbers of z at each place.
        doublings: from z's grid to the picture; its sides are multiples of 2^doublings.
    """

    width: Count = 16
    widest: Count = 128
    latent: Count = 16
    doublings: Annotated[int, Ge(1), Le(6)] = 4

    def build(self, spec: Spec) -> nn.Module:
        channels, height, width = picture_shape(self, spec)
        scale = 1 << self.doublings
        if height % scale or width % scale:
            raise UsageError(
                f"TorusGenerator draws pictures whose sides are multiples of {scale}, not {height} x {width}",
                hint=f"Choose such a size, or fewer doublings than {self.doublings}.",
            )
        widths = [min(self.widest, self.width << level) for level in reversed(range(self.doublings))]
        return TorusNetwork(channels=channels, latent=(self.latent, height // scale, width // scale), widths=widths)


class TorusNetwork(nn.Module):
    """z [B, latent, h, w] -> x [B, C, h scale, w scale] in [-1, 1], for any h and w."""

    def __init__(self, *, channels: int, latent: tuple[int, int, int], widths: list[int]) -> None:
        super().__init__()
        self.latent, self.scale = latent, 1 << len(widths)
        self.first = nn.Conv2d(latent[0], widths[0], 3, padding=1, padding_mode="circular")
        layers: list[nn.Module] = []
        for before, after in itertools.pairwise([widths[0], *widths]):
            layers += [CircularDoubling(before, after), nn.BatchNorm2d(after), nn.ReLU(inplace=True)]
        self.grow = nn.Sequential(*layers)
        self.last = nn.Conv2d(widths[-1], channels, 3, padding=1, padding_mode="circular")
        dcgan_init(self)

    def forward(self, z: Tensor, y: Tensor | None = None, given: Given = None) -> Tensor:
        return torch.tanh(self.last(self.grow(torch.relu(self.first(z))))).float()


class CircularDoubling(nn.Conv2d):
    """[B, C, h, w] -> [B, C', 2h, 2w]: each pixel four times, then a 3 x 3 convolution that wraps around.

    A transposed convolution of 4 x 4 takes half the time and leaves a chequered pattern.
    """

    def __init__(self, before: int, after: int) -> None:
        super().__init__(before, after, 3, bias=False)

    def forward(self, input: Tensor) -> Tensor:
        h = F.interpolate(F.pad(input, (1, 1, 1, 1), mode="circular"), scale_factor=2, mode="nearest")
        return super().forward(h[:, :, 1:-1, 1:-1])  # of the two pixels that each side got, one is needed
