"""A discriminator that judges every patch of a picture. Isola et al. 2017, section 3.2.2. https://arxiv.org/abs/1611.07004"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..base.types import Count, Spec, Verdict
from .layers import given_channels, picture_shape


@dataclass(frozen=True)
class PatchCritic:
    """[x, condition] -> `halvings` strided convolutions -> one logit a patch. The paper's 70 x 70 patches are 3 halvings and width 64.

    `condition` names the given tensor that stands beside x; the game passes it as y. No batch norm, and so torch's own initial weights:
    the paper's N(0, 0.02) would start with logits too small to learn from.
    """

    width: Count = 32
    halvings: Count = 2
    condition: str = "masked"

    def build(self, spec: Spec) -> nn.Module:
        channels = picture_shape(self, spec)[0] + given_channels(self, spec, self.condition)
        return PatchDiscriminator(channels=channels, width=self.width, halvings=self.halvings)


class PatchDiscriminator(nn.Module):
    """(x [B, C, H, W], y [B, C', H, W]) -> logits [B, patches]."""

    def __init__(self, *, channels: int, width: int, halvings: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for level in range(halvings):
            layers += [nn.Conv2d(channels, width << level, 4, 2, 1), nn.LeakyReLU(0.2, inplace=True)]
            channels = width << level
        layers += [nn.Conv2d(channels, 2 * channels, 3, 1, 1), nn.LeakyReLU(0.2, inplace=True)]
        self.patches = nn.Sequential(*layers)
        self.head = nn.Conv2d(2 * channels, 1, 3, 1, 1)

    def forward(self, x: Tensor, y: Tensor) -> Verdict:
        features = self.patches(torch.cat([x, y], dim=1))
        return Verdict(self.head(features).float().flatten(1))  # [B, K]
