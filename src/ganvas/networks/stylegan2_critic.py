"""The discriminator of StyleGAN2. Karras et al. 2020, section 3. https://arxiv.org/abs/1912.04958"""

import itertools
from dataclasses import dataclass
from typing import Literal

from torch import Tensor, nn

from ..base.types import Count, Given, Spec, Verdict
from ..ops.resample import smoothed
from .dcgan import coarsest, doublings, ladder
from .equalised import EqualConv, EqualLinear, MinibatchDeviation, scaled_leaky, unit_moment
from .layers import centre_pad, class_count, full_precision, picture_shape
from .stylegan2 import StyleMapping


@dataclass(frozen=True)
class StyleGan2Critic:
    """The discriminator: x -> two convolutions at each resolution, halved behind a filter -> one logit.

    Karras et al. 2020, section 3, figure 7. https://arxiv.org/abs/1912.04958. "residual": each resolution adds its
    1 x 1 path. "skip": the picture, made as small, enters again at each resolution. "original": neither, as for
    CIFAR-10 in Karras et al. 2020, "Training GANs with limited data", appendix D (https://arxiv.org/abs/2006.06676).
    At the coarsest resolution: minibatch deviation, a convolution, a dense layer whose outputs f are the features, and
    w . f; with classes m(y) . W f / sqrt(C), with m a mapping of the embedded class (the same paper, appendix B).

    Args:
        width: channels at the finest resolution; each coarser one has twice as many.
        widest: the most channels of a layer.
        architecture: "residual", "skip" or "original".
        deviation_group: samples whose deviation is taken together; 0 for no minibatch deviation.
        depth: layers of the mapping of the class.
        conditional: whether the class is given.
    """

    width: Count = 64
    widest: Count = 512
    architecture: Literal["residual", "skip", "original"] = "residual"
    deviation_group: int = 4
    depth: Count = 8
    conditional: bool = False

    def build(self, spec: Spec) -> nn.Module:
        shape = picture_shape(self, spec)
        widths = ladder(self.width, self.widest, shape, doublings(shape) + 1)
        classes = class_count(self.conditional, spec.classes)
        deviation = MinibatchDeviation(self.deviation_group) if self.deviation_group else None
        head = StyleGan2Head(widths[-1], coarsest(shape), deviation=deviation, classes=classes, depth=self.depth)
        return StyleGan2Discriminator(head, shape=shape, widths=widths, architecture=self.architecture)


class StyleGan2Block(nn.Module):
    """x [B, C, H, W] -> [B, after, H / 2, W / 2]: 3 x 3, a filter, 3 x 3 in steps of 2; plus the 1 x 1 path."""

    def __init__(self, before: int, after: int, *, residual: bool) -> None:
        super().__init__()
        self.first = EqualConv(before, before, 3)
        self.second = EqualConv(before, after, 3, stride=2, padding=0)
        self.path = EqualConv(before, after, 1, bias=False) if residual else None

    def forward(self, x: Tensor) -> Tensor:
        h = scaled_leaky(self.first(x))
        h = scaled_leaky(self.second(smoothed(h, stride=1, padding=2)))
        if self.path is None:
            return h
        return (h + self.path(smoothed(x, stride=2, padding=1))) / 2**0.5


class StyleGan2Head(nn.Module):
    """The coarsest map [B, C, h, w] -> Verdict."""

    def __init__(
        self, width: int, grid: tuple[int, int], *, deviation: nn.Module | None, classes: int, depth: int
    ) -> None:
        super().__init__()
        self.deviation = deviation
        self.convolution = EqualConv(width + (deviation is not None), width, 3)
        self.dense = EqualLinear(width * grid[0] * grid[1], width)
        self.logit = EqualLinear(width, width if classes else 1)
        self.mapping = (
            StyleMapping(latent=0, style=width, depth=depth, classes=classes, lr_scale=0.01) if classes else None
        )

    def forward(self, h: Tensor, y: Tensor | None) -> Verdict:
        h = scaled_leaky(self.convolution(h if self.deviation is None else self.deviation(h)))
        with full_precision(h):  # logits in full precision
            features = scaled_leaky(self.dense(h.float().flatten(1)))
            logits: Tensor = self.logit(features)
            if self.mapping is not None:
                match = unit_moment(self.mapping(None, y))
                logits = (logits * match).sum(1, keepdim=True) / logits.shape[1] ** 0.5
            return Verdict(logits, features=(features,))


class StyleGan2Discriminator(nn.Module):
    """x [B, C, H, W] -> one logit."""

    def __init__(
        self, head: StyleGan2Head, *, shape: tuple[int, ...], widths: tuple[int, ...], architecture: str
    ) -> None:
        super().__init__()
        high, wide = coarsest(shape)
        self.size = high << doublings(shape), wide << doublings(shape)
        entries = widths if architecture == "skip" else widths[:1]
        self.from_image = nn.ModuleList(EqualConv(shape[0], width, 1) for width in entries)
        self.blocks = nn.ModuleList(
            StyleGan2Block(before, after, residual=architecture == "residual")
            for before, after in itertools.pairwise(widths)
        )
        self.head = head

    def forward(self, x: Tensor, y: Tensor | None = None, given: Given = None) -> Verdict:
        x = centre_pad(x, *self.size)
        entries = iter(self.from_image)
        h = scaled_leaky(next(entries)(x))
        for block in self.blocks:
            h = block(h)
            if len(self.from_image) > 1:
                x = smoothed(x, stride=2, padding=1)
                h = h + scaled_leaky(next(entries)(x))
        verdict: Verdict = self.head(h, y)
        return verdict
