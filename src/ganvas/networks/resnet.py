"""Residual players. Miyato et al. 2018, appendix B.4. https://arxiv.org/abs/1802.05957"""

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..base.types import Count, Given, Spec, Verdict
from ..ops.doubling import repeated
from .attention import with_attention
from .dcgan import coarsest, ladder
from .layers import (
    ConditionalBatchNorm,
    DoublingConv,
    Projection,
    centre_crop,
    centre_pad,
    class_count,
    full_precision,
    picture_shape,
)


@dataclass(frozen=True)
class Resnet:
    """The generator for images of 8 to 256 pixels: z -> a small grid -> a residual block for each doubling -> x.

    `width` is the number of channels of the last block; each coarser one has twice as many, up to `widest`. The paper's
    network for 128 x 128 is width 64, that for 32 x 32 width 256 and widest 256. The class enters by conditional batch
    norm (Miyato and Koyama 2018, https://arxiv.org/abs/1802.05637).

    Args:
        width: channels of the last block; each coarser one has twice as many.
        latent: numbers in one z.
        widest: the most channels of a layer.
        conditional: whether it is given the class.
        attention: the largest map of at most so many pixels on the longer side has self-attention (SAGAN, Zhang et al.
            2019, https://arxiv.org/abs/1805.08318); 0 for none.
    """

    width: Count = 64
    latent: Count = 128
    widest: Count = 1024
    conditional: bool = False
    attention: int = 0

    def build(self, spec: Spec) -> nn.Module:
        shape = picture_shape(self, spec)
        widths = ladder(self.width, self.widest, shape)[::-1]
        classes = class_count(self.conditional, spec.classes)
        settings = {"latent": self.latent, "attention": self.attention}
        return ResnetGenerator(shape=shape, widths=widths, classes=classes, **settings)


@dataclass(frozen=True)
class ResnetCritic:
    """The discriminator: x -> a residual block for each halving -> `plain` more -> ReLU, sum -> one logit.

    No normalisation layers. The class enters by projection (Miyato and Koyama 2018, https://arxiv.org/abs/1802.05637).
    The paper's network for 128 x 128 is width 64. Its network for CIFAR-10 (32 x 32, table 4: two halving blocks, then
    two blocks at 8 x 8, all of 128 channels) is width 128, widest 128, halvings 2, plain 2.

    Args:
        width: channels of the first block; each coarser one has twice as many.
        widest: the most channels of a layer.
        plain: blocks after the last halving.
        conditional: whether the class is given, by projection.
        halvings: blocks that halve the image; None: as many as leave at most 7 pixels on the longer side.
        attention: the largest map of at most so many pixels on the longer side has self-attention; 0 for none.

    Raises:
        UsageError: from `build`, for data that are no images of 8 to 256 pixels, or more halvings than the image has.
    """

    width: Count = 64
    widest: Count = 1024
    plain: Count = 1
    conditional: bool = False
    halvings: Count | None = None
    attention: int = 0

    def build(self, spec: Spec) -> nn.Module:
        shape = picture_shape(self, spec)
        widths = ladder(self.width, self.widest, shape, self.halvings)
        classes = class_count(self.conditional, spec.classes)
        settings = {"plain": self.plain, "attention": self.attention}
        return ResnetDiscriminator(shape=shape, widths=widths, classes=classes, **settings)


def convolution(before: int, after: int, kernel: int, gain: float = 1.0) -> nn.Conv2d:
    """A convolution that keeps the size, Glorot and Bengio's uniform weights, no bias to begin with."""
    return glorot(nn.Conv2d(before, after, kernel, padding=kernel // 2), gain)


def glorot(layer: nn.Conv2d, gain: float) -> nn.Conv2d:
    """The layer with Glorot and Bengio's uniform weights and a bias of 0."""
    nn.init.xavier_uniform_(layer.weight, gain)
    nn.init.zeros_(layer.bias)  # type: ignore[arg-type]  # it has one
    return layer


class UpBlock(nn.Module):
    """x [B, C, H, W] -> [B, after, 2 H, 2 W]: norm, ReLU, doubling, 3 x 3, norm, ReLU, 3 x 3; plus the skip path.

    The skip path is a 1 x 1 convolution of the doubled x.

    Args:
        before, after: channels.
        norm: makes the norm of so many channels; it is called with what `forward` gets after x.
    """

    def __init__(self, before: int, after: int, norm: Callable[[int], nn.Module]) -> None:
        super().__init__()
        self.norms = nn.ModuleList(norm(width) for width in (before, after))
        self.first = glorot(DoublingConv(before, after), math.sqrt(2))
        self.second = convolution(after, after, 3, math.sqrt(2))
        self.skip = convolution(before, after, 1)

    def forward(self, x: Tensor, *condition: Tensor) -> Tensor:
        h = self.first(F.relu(self.norms[0](x, *condition)))
        h = self.second(F.relu(self.norms[1](h, *condition)))
        return h + repeated(self.skip(x))  # 1 x 1 and doubling commute, and this way round is cheaper


class DownBlock(nn.Module):
    """x [B, C, H, W] -> [B, after, H / 2, W / 2], or the same size: ReLU, 3 x 3, ReLU, 3 x 3, mean; plus the skip path.

    The skip path is a 1 x 1 convolution of x, and the mean. The first block has no ReLU on the image itself.
    """

    def __init__(self, before: int, after: int, *, picture: bool = False, halve: bool = True) -> None:
        super().__init__()
        self.picture, self.halve = picture, halve
        self.first, self.second = (
            convolution(before, after, 3, math.sqrt(2)),
            convolution(after, after, 3, math.sqrt(2)),
        )
        self.skip = convolution(before, after, 1) if halve or before != after else None

    def forward(self, x: Tensor) -> Tensor:
        h = self.second(F.relu(self.first(x if self.picture else F.relu(x))))
        if self.halve:
            h, x = F.avg_pool2d(h, 2), F.avg_pool2d(x, 2)  # 1 x 1 and the mean commute
        return h + (x if self.skip is None else self.skip(x))


class ResnetGenerator(nn.Module):
    """z [B, latent] -> x [B, C, H, W] in [-1, 1]."""

    def __init__(
        self, *, shape: tuple[int, ...], widths: tuple[int, ...], latent: int, classes: int, attention: int
    ) -> None:
        super().__init__()
        self.latent, self.size, self.grid = (latent,), shape[1:], coarsest(shape)
        self.conditional = bool(classes)
        self.first = nn.Linear(latent, widths[0] * math.prod(self.grid))
        norm = partial(ConditionalBatchNorm, classes=classes) if classes else nn.BatchNorm2d
        blocks = [UpBlock(before, after, norm) for before, after in itertools.pairwise((widths[0], *widths))]
        sides = [max(self.grid) << number for number in range(1, len(widths) + 1)]
        self.blocks = nn.ModuleList(with_attention(blocks, widths=widths, sides=sides, most=attention))
        self.norm = nn.BatchNorm2d(widths[-1])
        self.last = convolution(widths[-1], shape[0], 3)
        nn.init.xavier_uniform_(self.first.weight)
        nn.init.zeros_(self.first.bias)

    def forward(self, z: Tensor, y: Tensor | None = None, given: Given = None) -> Tensor:
        h = self.first(z).view(z.shape[0], -1, *self.grid)
        for block in self.blocks:
            h = block(h, y) if self.conditional else block(h)
        return centre_crop(torch.tanh(self.last(F.relu(self.norm(h)))).float(), *self.size)


class ResnetDiscriminator(nn.Module):
    """x [B, C, H, W] -> one logit."""

    def __init__(
        self, *, shape: tuple[int, ...], widths: tuple[int, ...], plain: int, classes: int, attention: int
    ) -> None:
        super().__init__()
        halvings = len(widths)
        height, width = coarsest(shape, halvings)
        self.size = height << halvings, width << halvings
        blocks = [
            DownBlock(before, after, picture=not level)
            for level, (before, after) in enumerate(itertools.pairwise((shape[0], *widths)))
        ]
        blocks += [DownBlock(widths[-1], widths[-1], halve=False) for _ in range(plain)]
        sides = [max(self.size) >> number for number in range(1, halvings + 1)]
        self.blocks = nn.Sequential(*with_attention(blocks, widths=widths, sides=sides, most=attention))
        self.head = Projection(widths[-1], classes, divisor=1.0)  # spectral norm keeps both summands small

    def forward(self, x: Tensor, y: Tensor | None = None, given: Given = None) -> Verdict:
        features = F.relu(self.blocks(centre_pad(x, *self.size)).float()).flatten(2).sum(2)
        with full_precision(x):  # logits in full precision
            return Verdict(self.head(features, y), features=(features,))
