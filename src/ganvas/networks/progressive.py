"""Players that grow from a small grid to the whole picture. Karras et al. 2018. https://arxiv.org/abs/1710.10196"""

import itertools
import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..base.types import Count, Given, Spec, Verdict
from .dcgan import coarsest, doublings, ladder
from .equalised import EqualConv, EqualLinear, MinibatchDeviation, scaled_leaky, unit_moment
from .layers import Projection, centre_crop, centre_pad, class_count, full_precision, picture_shape


@dataclass(frozen=True)
class ProgressiveGan:
    """The generator: z / |z| sqrt(latent) -> a small grid -> doubled (nearest), two convolutions, until x.

    Karras et al. 2018, table 2. https://arxiv.org/abs/1710.10196. Every layer has an equalised learning rate, LeakyReLU
    0.2 and the pixelwise feature norm (section 4). The keyword `detail` in [0, 1] says how far the network has grown.
    In 2 L + 1 equal parts, L the doublings, it shows the coarsest resolution, then fades in the next (figure 2), shows
    it, and so on. Without the keyword the last one holds, at first 1: the whole picture.

    A class enters as an embedding of as many numbers as z, beside z; tanh ends the network. The paper has neither.

    Args:
        width: channels at the finest resolution; each coarser one has twice as many.
        latent: numbers in one z.
        widest: the most channels of a layer.
        conditional: whether it is given the class.
    """

    width: Count = 64
    latent: Count = 512
    widest: Count = 512
    conditional: bool = False

    def build(self, spec: Spec) -> nn.Module:
        shape = picture_shape(self, spec)
        widths = ladder(self.width, self.widest, shape, doublings(shape) + 1)[::-1]
        classes = class_count(self.conditional, spec.classes)
        return ProgressiveGenerator(shape=shape, widths=widths, latent=self.latent, classes=classes)


@dataclass(frozen=True)
class ProgressiveCritic:
    """The discriminator, the generator's mirror image: two convolutions and means of 2 x 2 at each resolution.

    Karras et al. 2018, table 2. https://arxiv.org/abs/1710.10196. It reads x as small as `detail` says; a new
    resolution fades in beside the coarser picture (figure 2). At the coarsest one: minibatch deviation, a convolution,
    a dense layer, the features, and a logit; a class is given by projection, which the paper has not.

    Args:
        width: channels at the finest resolution; each coarser one has twice as many.
        widest: the most channels of a layer.
        deviation_group: samples whose deviation is taken together; 0 for no minibatch deviation.
        conditional: whether the class is given.
    """

    width: Count = 64
    widest: Count = 512
    deviation_group: int = 4
    conditional: bool = False

    def build(self, spec: Spec) -> nn.Module:
        shape = picture_shape(self, spec)
        widths = ladder(self.width, self.widest, shape, doublings(shape) + 1)[::-1]
        classes = class_count(self.conditional, spec.classes)
        deviation = MinibatchDeviation(self.deviation_group) if self.deviation_group else None
        return ProgressiveDiscriminator(shape=shape, widths=widths, deviation=deviation, classes=classes)


def grown_level(detail: float, levels: int) -> tuple[int, float]:
    """The finest resolution that is shown wholly, and the share in [0, 1) of the next one.

    Args:
        detail: the share of growth, in [0, 1]; more counts as 1.
        levels: L, doublings from the coarsest to the finest resolution.
    """
    part = max(0.0, min(1.0, detail) * (2 * levels + 1) - 1)  # the first part shows the coarsest
    level = int(part / 2)
    share = part - 2 * level
    return (level + 1, 0.0) if share >= 1 else (level, share)


def shown_at(x: Tensor, detail: float) -> Tensor:
    """Pictures [B, C, H, W] with only as much detail as a growing network shows: of the size that they had.

    Karras et al. 2018, appendix A: real images are faded as the generator's are.
    """
    shape = tuple(x.shape[1:])
    levels = doublings(shape)
    level, share = grown_level(detail, levels)
    if level == levels:
        return x
    high, wide = coarsest(shape)
    padded = centre_pad(x, high << levels, wide << levels)
    coarse = enlarged(pooled(padded, levels - level), levels - level)
    if share:
        finer = levels - level - 1
        coarse = torch.lerp(coarse, enlarged(pooled(padded, finer), finer), share)
    return centre_crop(coarse, *shape[1:])


def pooled(x: Tensor, halvings: int) -> Tensor:
    """Means of squares of 2^halvings pixels a side."""
    return F.avg_pool2d(x, 1 << halvings) if halvings else x


def enlarged(x: Tensor, doublings: int) -> Tensor:
    """Each pixel repeated 2^doublings times along both axes."""
    return F.interpolate(x, scale_factor=float(1 << doublings), mode="nearest") if doublings else x


class ProgressiveGenerator(nn.Module):
    """z [B, latent] -> x [B, C, H, W] in [-1, 1]."""

    copied_buffers = ("detail",)
    detail: Tensor

    def __init__(self, *, shape: tuple[int, ...], widths: tuple[int, ...], latent: int, classes: int) -> None:
        super().__init__()
        self.latent, self.size, self.levels, self.grid = (latent,), shape[1:], len(widths) - 1, coarsest(shape)
        self.conditional = bool(classes)
        self.embedding = nn.Embedding(classes, latent) if classes else None
        inputs = latent * (2 if classes else 1)
        self.first = EqualLinear(inputs, widths[0] * math.prod(self.grid))
        self.second = EqualConv(widths[0], widths[0], 3)
        self.blocks = nn.ModuleList(
            nn.ModuleList([EqualConv(before, after, 3), EqualConv(after, after, 3)])
            for before, after in itertools.pairwise(widths)
        )
        self.to_image = nn.ModuleList(EqualConv(width, shape[0], 1) for width in widths)
        self.register_buffer("detail", torch.ones(()))

    def forward(self, z: Tensor, y: Tensor | None = None, given: Given = None, detail: float | None = None) -> Tensor:
        if detail is not None:
            self.detail.fill_(detail)
        level, share = grown_level(float(self.detail), self.levels)
        code = unit_moment(z) if self.embedding is None else torch.cat([unit_moment(z), self.embedding(y)], dim=1)
        h = unit_moment(scaled_leaky(self.first(code).view(z.shape[0], -1, *self.grid)))
        h = unit_moment(scaled_leaky(self.second(h)))
        for block in self.blocks[:level]:
            h = self.finer(block, h)
        x = self.to_image[level](h)
        if share:
            level += 1
            x = torch.lerp(enlarged(x, 1), self.to_image[level](self.finer(self.blocks[level - 1], h)), share)
        return centre_crop(enlarged(torch.tanh(x), self.levels - level).float(), *self.size)

    def finer(self, block: nn.Module, h: Tensor) -> Tensor:
        """[B, C, h, w] -> [B, D, 2 h, 2 w]"""
        for layer, doubles in zip(block.children(), (True, False), strict=True):
            h = unit_moment(scaled_leaky(layer(h, doubles=doubles)))
        return h


class ProgressiveDiscriminator(nn.Module):
    """x [B, C, H, W] -> one logit."""

    copied_buffers = ("detail",)
    detail: Tensor

    def __init__(
        self, *, shape: tuple[int, ...], widths: tuple[int, ...], deviation: nn.Module | None, classes: int
    ) -> None:
        super().__init__()
        high, wide = coarsest(shape)
        self.levels = len(widths) - 1
        self.size = high << self.levels, wide << self.levels
        self.from_image = nn.ModuleList(EqualConv(shape[0], width, 1) for width in widths)
        self.blocks = nn.ModuleList(
            nn.ModuleList([EqualConv(after, after, 3), EqualConv(after, before, 3)])
            for before, after in itertools.pairwise(widths)
        )
        self.deviation = deviation
        self.convolution = EqualConv(widths[0] + (deviation is not None), widths[0], 3)
        self.dense = EqualLinear(widths[0] * high * wide, widths[0])
        self.head = Projection(widths[0], classes)
        self.register_buffer("detail", torch.ones(()))

    def forward(self, x: Tensor, y: Tensor | None = None, given: Given = None, detail: float | None = None) -> Verdict:
        if detail is not None:
            self.detail.fill_(detail)
        level, share = grown_level(float(self.detail), self.levels)
        x = centre_pad(x, *self.size)
        h = scaled_leaky(self.from_image[level](pooled(x, self.levels - level)))
        if share:
            finer = scaled_leaky(self.from_image[level + 1](pooled(x, self.levels - level - 1)))
            h = torch.lerp(h, self.coarser(self.blocks[level], finer), share)
        for block in reversed(list(self.blocks[:level])):
            h = self.coarser(block, h)
        h = scaled_leaky(self.convolution(h if self.deviation is None else self.deviation(h)))
        with full_precision(x):  # logits in full precision
            features = scaled_leaky(self.dense(h.float().flatten(1)))
            return Verdict(self.head(features, y), features=(features,))

    def coarser(self, block: nn.Module, h: Tensor) -> Tensor:
        """[B, D, 2 h, 2 w] -> [B, C, h, w]"""
        for layer in block:  # type: ignore[attr-defined]  # a list of layers
            h = scaled_leaky(layer(h))
        return F.avg_pool2d(h, 2)
