"""A generator of transformer blocks whose map grows. Jiang, Chang and Wang 2021 (TransGAN).

https://arxiv.org/abs/2102.07074
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..base.types import Count, Given, Spec
from .layers import ClassScale, centre_crop, class_count, picture_shape
from .transformer import TransformerBlock, glorot, positions

START = 8  # the longer side of the coarsest map at most


@dataclass(frozen=True)
class Transgan:
    """The generator: z -> tokens of a map of at most 8 x 8 -> blocks -> pixel shuffle -> blocks -> ... -> x.

    Jiang et al. 2021, section 3.1. https://arxiv.org/abs/2102.07074
    A pixel shuffle doubles the map and leaves a quarter of the width. Where that would be less than `narrowest`, the
    map is doubled by repeating pixels and the width stays. Each resolution has learnt positions. A map of more than
    `grid` pixels a side is split into equal rectangles, and attention is within each (grid self-attention, section
    3.3). TransGAN-S for 32 x 32 is the default: width 384, depths 5, 2, 2. The paper has no classes: here z is scaled
    by a learnt vector of the class.

    Args:
        width: numbers of a token of the coarsest map.
        depths: blocks at each resolution, the coarsest first; finer ones than listed have as many as the last.
        heads: of attention; a divisor of all widths.
        latent: numbers in one z.
        narrowest: the smallest width.
        grid: the largest map, in pixels of its longer side, whose tokens all read each other.
        conditional: whether it is given the class.
    """

    width: Count = 384
    depths: tuple[Count, ...] = (5, 2, 2)
    heads: Count = 4
    latent: Count = 128
    narrowest: Count = 24
    grid: Count = 32
    conditional: bool = False

    def build(self, spec: Spec) -> nn.Module:
        shape = picture_shape(self, spec)
        doublings = max(0, math.ceil(math.log2(max(shape[1:]) / START)))
        size = math.ceil(shape[1] / (1 << doublings)), math.ceil(shape[2] / (1 << doublings))
        width, stages = self.width, list[TokenStage]()
        for level in range(doublings + 1):
            shuffled = width % 4 == 0 and width // 4 >= self.narrowest
            if level:
                width, size = width // 4 if shuffled else width, (2 * size[0], 2 * size[1])
            depth = self.depths[min(level, len(self.depths) - 1)]
            blocks = [TransformerBlock(width, self.heads) for _ in range(depth)]
            stages.append(TokenStage(blocks, width=width, size=size, grid=self.grid, shuffled=shuffled))
        classes = class_count(self.conditional, spec.classes)
        return TransganGenerator(stages, shape=shape, latent=self.latent, classes=classes)


class TokenStage(nn.Module):
    """Blocks at one resolution: a map [B, C, h, w], doubled unless it has the stage's size -> [B, width, H, W]."""

    def __init__(
        self, blocks: list[TransformerBlock], *, width: int, size: tuple[int, int], grid: int, shuffled: bool
    ) -> None:
        super().__init__()
        self.blocks = nn.Sequential(*blocks)
        self.places = positions(size[0] * size[1], width)
        self.size, self.width, self.shuffled = size, width, shuffled
        high, wide = (max(part for part in range(1, grid + 1) if side % part == 0) for side in size)
        self.window = high, wide

    def forward(self, x: Tensor) -> Tensor:
        if x.shape[2] != self.size[0]:
            x = F.pixel_shuffle(x, 2) if self.shuffled else F.interpolate(x, scale_factor=2, mode="nearest")
        (high, wide), rows = self.window, self.size[0] // self.window[0]
        h = (x.flatten(2).mT + self.places).unflatten(1, (rows, high, -1, wide))  # [B, rows, high, columns, wide, C]
        columns = h.shape[3]
        h = h.transpose(2, 3).flatten(3, 4).flatten(0, 2)  # [B * windows, high * wide, C]
        h = self.blocks(h).view(len(x), rows, columns, high, wide, self.width)
        return h.transpose(2, 3).reshape(len(x), -1, self.width).mT.unflatten(2, self.size)


class TransganGenerator(nn.Module):
    """z [B, latent] -> x [B, C, H, W] in [-1, 1]."""

    def __init__(self, stages: list[TokenStage], *, shape: tuple[int, ...], latent: int, classes: int) -> None:
        super().__init__()
        self.latent, self.size, self.conditional = (latent,), shape[1:], bool(classes)
        self.condition = ClassScale(classes, latent) if classes else None
        self.start = stages[0].size
        self.first = nn.Linear(latent, stages[0].width * math.prod(self.start))
        self.stages = nn.Sequential(*stages)
        self.last = nn.Conv2d(stages[-1].width, shape[0], 1)
        glorot(self)

    def forward(self, z: Tensor, y: Tensor | None = None, given: Given = None) -> Tensor:
        if self.condition is not None:
            z = self.condition(z, y)
        x = self.stages(self.first(z).unflatten(1, (-1, *self.start)))
        return centre_crop(torch.tanh(self.last(x)).float(), *self.size)
