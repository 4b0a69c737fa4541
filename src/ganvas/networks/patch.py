"""A discriminator that judges every patch of a picture.

Isola et al. 2017, section 3.2.2. https://arxiv.org/abs/1611.07004
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from ..base.types import Count, Spec, Verdict
from .layers import given_channels, picture_shape


@dataclass(frozen=True)
class PatchCritic:
    """[x, condition] -> `halvings` strided convolutions -> two more convolutions -> one logit a patch.

    With 3 halvings and `kernel` 4 a logit judges 70 x 70 pixels, as in the paper, whose width is 64; with kernel 3,
    which keeps the size, 54 x 54 (2 halvings: 26 x 26). Torch's own initial weights: without batch norm the paper's
    N(0, 0.02) would start with logits too small to learn from.

    Args:
        width: channels after the first convolution; each halving doubles them.
        halvings: strided 4 x 4 convolutions.
        condition: the given image, of the size of x, that D gets with x; None: x alone.
        kernel: of the last two convolutions; 4 makes the patch map two smaller.
        batch_norm: whether convolutions between the first and the last have batch norm, as in the paper.
    """

    width: Count = 32
    halvings: Count = 2
    condition: str | None = "masked"
    kernel: Literal[3, 4] = 3
    batch_norm: bool = False

    def build(self, spec: Spec) -> nn.Module:
        channels = picture_shape(self, spec)[0]
        channels += 0 if self.condition is None else given_channels(self, spec, self.condition)
        settings = {"width": self.width, "halvings": self.halvings, "kernel": self.kernel}
        return PatchDiscriminator(channels=channels, condition=self.condition, batch_norm=self.batch_norm, **settings)


class PatchDiscriminator(nn.Module):
    """(x [B, C, H, W], given[condition] [B, C', H, W]) -> logits [B, patches]."""

    def __init__(
        self, *, channels: int, width: int, halvings: int, condition: str | None, kernel: int, batch_norm: bool
    ) -> None:
        super().__init__()
        self.condition = condition
        layers: list[nn.Module] = []
        for level in range(halvings):
            layers.append(nn.Conv2d(channels, width << level, 4, 2, 1))
            layers += [nn.BatchNorm2d(width << level)] * (batch_norm and level > 0)
            layers.append(nn.LeakyReLU(0.2, inplace=True))
            channels = width << level
        layers.append(nn.Conv2d(channels, 2 * channels, kernel, 1, 1))
        layers += [nn.BatchNorm2d(2 * channels)] * batch_norm + [nn.LeakyReLU(0.2, inplace=True)]
        self.patches = nn.Sequential(*layers)
        self.head = nn.Conv2d(2 * channels, 1, kernel, 1, 1)

    def forward(self, x: Tensor, y: Tensor | None, given: Mapping[str, Tensor]) -> Verdict:
        h = x if self.condition is None else torch.cat([x, given[self.condition]], dim=1)
        features: list[Tensor] = []
        for layer in self.patches:
            h = layer(h)
            if isinstance(layer, nn.LeakyReLU):
                features.append(h.float())
        return Verdict(self.head(h).float().flatten(1), features=tuple(features))  # [B, K]
