"""A discriminator of frozen features: several small heads on maps of a network that has learnt from photographs.

Sauer et al. 2021, "Projected GANs converge faster", section 3. https://arxiv.org/abs/2111.01007
"""

import itertools
from dataclasses import dataclass
from typing import ClassVar

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from ..base.types import Count, Given, Spec, Verdict
from .efficientnet import efficientnet_lite0
from .frozen import FrozenConv
from .layers import class_count, full_precision, picture_shape

BLOCKS = (3, 5, 11, 16)  # of EfficientNet-Lite0, after which its maps are read: 1/4, 1/8, 1/16, 1/32 of a side
CHANNELS = (24, 40, 112, 320)  # of those maps
DEVIATIONS = (9.1, 8.5, 7.9, 3.4)  # of the maps' values over photographs of 48 pixels
MIXED = (32, 64, 128, 256)  # channels after the random mixing
COARSEST = 4  # pixels a side, to which heads on features halve a map
COARSEST_PIXELS = 6  # the same for the head on pixels


@dataclass(frozen=True)
class Projected:
    """x -> features of EfficientNet-Lite0 at four scales -> random mixing of channels and scales -> a head a scale.

    The features and the mixing never change; only the heads learn. Mixing: each map is divided by its deviation over
    photographs and multiplied by a random 1 x 1 kernel; then from the coarsest map on, a map is doubled in size, passes
    a random 3 x 3 kernel, is added to the next finer one, and the sum divided by sqrt 2. A head halves its map by 4 x 4
    convolutions until at most 4 pixels a side remain, then has a 3 x 3 convolution and a logit at each place. Beside
    them a head on the picture itself judges colours and fine texture, to which the features are almost blind; the paper
    has none.

    Sauer et al. 2021, sections 3.2 and 3.3, with EfficientNet-Lite0. Grey pictures are read as three equal channels. Of
    four channels the last one is alpha: the frozen network reads the first three, the head on pixels all four. Other
    numbers of channels pass a 1 x 1 convolution to three, which learns. The features that D gives are those of the
    frozen network, averaged over a grid of 2 x 2, and the picture averaged over 4 x 4: they do not depend on what D
    learns.

    Args:
        side: pixels of the longer side of what the network gets; pictures are resized to it.
        width: channels of a head after its first halving; at most twice as many follow.
        pixels: channels of the head on pixels after its first halving; each further one has twice as many. 0: no head.
        conditional: whether the class is given, by projection at each place (Miyato and Koyama 2018).

    Raises:
        UsageError: by `build`, for other data than pictures.
    """

    pretrained: ClassVar[tuple[str, ...]] = ("photo",)
    side: Count = 48
    width: Count = 64
    pixels: int = 16
    conditional: bool = False

    def build(self, spec: Spec) -> nn.Module:
        channels, height, width = picture_shape(self, spec)
        size = scaled_size(height, width, self.side)
        classes = class_count(self.conditional, spec.classes)
        settings = {"width": self.width, "pixels": self.pixels, "classes": classes}
        return ProjectedDiscriminator(size=size, channels=channels, **settings)


class ProjectedDiscriminator(nn.Module):
    """x [B, C, H, W] -> several maps of logits [B, K_i], one for each head."""

    def __init__(self, *, size: tuple[int, int], channels: int, width: int, pixels: int, classes: int) -> None:
        super().__init__()
        self.colours = None if channels in (1, 3, 4) else nn.Conv2d(channels, 3, 1)
        self.size, self.conditional = size, bool(classes)
        self.mixing = Mixing()
        sides = [max(-(-side // scale) for side in size) for scale in (4, 8, 16, 32)]
        self.heads = nn.ModuleList(
            Head(feature_layers(each, side, width), classes) for each, side in zip(MIXED, sides, strict=True)
        )
        if pixels:
            self.heads.append(Head(pixel_layers(4 if channels == 4 else 3, max(size), pixels), classes))

    def forward(self, x: Tensor, y: Tensor | None = None, given: Given = None) -> Verdict:
        x = resized(x if self.colours is None else self.colours(x), self.size)
        maps = photo_maps(x[:, :3])
        read = [*self.mixing(maps), x]
        logits = tuple(head(each, y) for head, each in zip(self.heads, read[: len(self.heads)], strict=True))
        pooled = [F.adaptive_avg_pool2d(each.float(), 2) for each in maps]
        return Verdict(logits, features=(*pooled, F.adaptive_avg_pool2d(x.float(), 4)))


class Mixing(nn.Module):
    """Random projections across channels and between scales, which never change."""

    def __init__(self) -> None:
        super().__init__()
        across = [torch.randn(after, before, 1, 1) / before**0.5 for before, after in zip(CHANNELS, MIXED, strict=True)]
        between = [
            torch.randn(finer, coarser, 3, 3) / (9 * coarser) ** 0.5 for finer, coarser in itertools.pairwise(MIXED)
        ]
        self.across = nn.ParameterList(nn.Parameter(kernel, requires_grad=False) for kernel in across)
        self.between = nn.ParameterList(nn.Parameter(kernel, requires_grad=False) for kernel in between)
        self.made: tuple[tuple[object, ...], list[FrozenConv], list[FrozenConv]] | None = None

    def forward(self, maps: list[Tensor]) -> list[Tensor]:
        across, between = self.convolutions(maps[0].device, maps[0].dtype)
        mixed = [conv(each) for conv, each in zip(across, maps, strict=True)]
        found = [mixed[-1]]
        for conv, finer in zip(reversed(between), reversed(mixed[:-1]), strict=True):
            up = F.interpolate(found[0], size=finer.shape[2:], mode="nearest")
            found.insert(0, finer + conv(up))
        return found

    def convolutions(self, device: torch.device, dtype: torch.dtype) -> tuple[list[FrozenConv], list[FrozenConv]]:
        """The convolutions across channels and between scales; built again only after the kernels were loaded."""
        kernels = [*self.across, *self.between]
        key = (device, dtype, *((kernel.data_ptr(), kernel._version) for kernel in kernels))
        if self.made is None or self.made[0] != key:
            # a sum of two maps is divided by sqrt 2: both the finer map and the kernel of the coarser one are
            halves = [*[2**-0.5] * len(self.between), 1.0]
            across = [
                frozen(kernel * half / deviation, dtype)
                for kernel, half, deviation in zip(self.across, halves, DEVIATIONS, strict=True)
            ]
            self.made = key, across, [frozen(kernel * 2**-0.5, dtype) for kernel in self.between]
        return self.made[1:]


class Head(nn.Module):
    """A map [B, C, h, w] -> one logit a place of the last layer, [B, K]."""

    def __init__(self, layers: list[nn.Conv2d], classes: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)
        channels = layers[-1].out_channels
        self.logit = nn.Conv2d(channels, 1, 1)
        self.embedding = nn.Embedding(classes, channels) if classes else None
        for conv in (*layers, self.logit):
            nn.init.orthogonal_(conv.weight)
            nn.init.zeros_(conv.bias)  # type: ignore[arg-type]
        if self.embedding is not None:
            nn.init.normal_(self.embedding.weight, std=channels**-0.5)  # as long as the weights of the logit

    def forward(self, x: Tensor, y: Tensor | None) -> Tensor:
        h = x
        for layer in self.layers:
            h = F.leaky_relu(layer(h), 0.2, inplace=True)
        with full_precision(h):  # logits in full precision
            h = h.float()
            logits: Tensor = self.logit(h)
            if self.embedding is not None:
                match = (self.embedding(y)[:, :, None, None] * h).sum(1, keepdim=True)
                logits = logits + match
            return logits.flatten(1)


def feature_layers(channels: int, side: int, width: int) -> list[nn.Conv2d]:
    """Halvings of a map of features, and a convolution that keeps its size."""
    layers: list[nn.Conv2d] = []
    after = width
    while side > COARSEST:
        layers.append(nn.Conv2d(channels, after, 4, 2, 1))
        channels, after, side = after, 2 * width, side // 2
    return [*layers, nn.Conv2d(channels, 2 * width, 3, 1, 1)]


def pixel_layers(channels: int, side: int, width: int) -> list[nn.Conv2d]:
    """Halvings of a picture."""
    layers, channels = [nn.Conv2d(channels, width, 4, 2, 1)], width
    while side // 2 > COARSEST_PIXELS:
        side, after = side // 2, min(2 * channels, 16 * width)
        layers.append(nn.Conv2d(channels, after, 4, 2, 1))
        channels = after
    return layers


def frozen(kernel: Tensor, dtype: torch.dtype) -> FrozenConv:
    """The convolution with this kernel and no bias."""
    weight = kernel.detach().to(dtype)
    return FrozenConv.of(weight, weight.new_zeros(len(weight)), stride=1, groups=1)


def photo_maps(x: Float[Tensor, "b 3 h w"]) -> list[Tensor]:
    """Maps of EfficientNet-Lite0, in bfloat16 under autocast and else in float32."""
    dtype = torch.bfloat16 if not x.is_meta and torch.is_autocast_enabled(x.device.type) else torch.float32
    with full_precision(x):
        x = x.to(dtype, memory_format=torch.channels_last)
        return efficientnet_lite0(x.device, dtype).maps(x, BLOCKS)


def scaled_size(height: int, width: int, side: int) -> tuple[int, int]:
    """Height and width whose longer side is `side`; at least 16 each, so that the coarsest map has a pixel."""
    scale = side / max(height, width)
    return max(16, round(height * scale)), max(16, round(width * scale))


def resized(x: Tensor, size: tuple[int, int]) -> Tensor:
    """Pictures of this size in float32, by bilinear interpolation with antialiasing; grey ones get three channels."""
    x = x.float()
    if x.shape[2:] != size:
        x = F.interpolate(x, size=size, mode="bilinear", antialias=True, align_corners=False)
    return x.expand(-1, 3, -1, -1) if x.shape[1] == 1 else x
