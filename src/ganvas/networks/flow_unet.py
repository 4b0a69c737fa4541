"""A network of velocities of a flow, which is a generator of one step as well.

Lipman et al. 2023 (flow matching), https://arxiv.org/abs/2210.02747; Ronneberger et al. 2015 (U-Net),
https://arxiv.org/abs/1505.04597
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..base.types import Count, Given, Spec
from .layers import centre_crop, centre_pad, class_count, in_range, picture_shape


@dataclass(frozen=True)
class FlowUNet:
    """v(x_t, t, y): squares of `patch` pixels -> residual blocks at `levels` resolutions, down and up -> a velocity.

    As a generator it is one step of Euler over the whole flow: x = z + v(z, 0, y), moved into [-1, 1], with z of the
    shape of x. Trained by `FlowMatching` it is a flow; an adversarial game then makes the one step a good one (Zheng
    and Yang 2025, https://arxiv.org/abs/2506.09376). The time and the class enter each block as a gain and a shift
    after its group norm.

    Args:
        width: channels at the finest resolution; each coarser one has twice as many.
        levels: resolutions.
        patch: pixels of a square that is one place of the finest map.
        conditional: whether it is given the class.
    """

    width: Count = 64
    levels: Count = 2
    patch: Count = 2
    conditional: bool = False

    def build(self, spec: Spec) -> nn.Module:
        shape = picture_shape(self, spec)
        classes = class_count(self.conditional, spec.classes)
        return FlowUNetwork(shape=shape, width=self.width, levels=self.levels, patch=self.patch, classes=classes)


class FlowBlock(nn.Module):
    """x [B, before, H, W], c [B, condition] -> [B, after, H, W]: x + conv(SiLU(gain norm(conv(SiLU(norm x))) + shift)).

    The skip path is a 1 x 1 convolution where the channels differ. Gain and shift are linear maps of c.
    """

    def __init__(self, before: int, after: int, condition: int) -> None:
        super().__init__()
        self.norms = nn.ModuleList(nn.GroupNorm(math.gcd(8, width), width) for width in (before, after))
        self.first, self.second = nn.Conv2d(before, after, 3, padding=1), nn.Conv2d(after, after, 3, padding=1)
        self.style = nn.Linear(condition, 2 * after)
        self.skip = nn.Identity() if before == after else nn.Conv2d(before, after, 1)

    def forward(self, x: Tensor, c: Tensor) -> Tensor:
        gain, shift = self.style(c)[..., None, None].chunk(2, dim=1)
        h = self.first(F.silu(self.norms[0](x)))
        h = self.second(F.silu(self.norms[1](h) * (1 + gain) + shift))
        skipped: Tensor = self.skip(x)
        return skipped + h


class FlowUNetwork(nn.Module):
    """z [B, C, H, W] -> x [B, C, H, W] in [-1, 1]; `velocity` is v."""

    def __init__(self, *, shape: tuple[int, ...], width: int, levels: int, patch: int, classes: int) -> None:
        super().__init__()
        self.latent, self.conditional, self.patch = shape, bool(classes), patch
        whole = patch << (levels - 1)
        self.size = math.ceil(shape[1] / whole) * whole, math.ceil(shape[2] / whole) * whole
        condition, widths = 4 * width, [width << level for level in range(levels)]
        self.frequencies = width // 2
        self.time = nn.Linear(2 * self.frequencies, condition)
        self.embedding = nn.Embedding(classes, condition) if classes else None
        self.condition = nn.Linear(condition, condition)
        self.first = nn.Conv2d(shape[0] * patch**2, width, 3, padding=1)
        befores = [width, *widths[:-1]]
        self.down = nn.ModuleList(FlowBlock(a, b, condition) for a, b in zip(befores, widths, strict=True))
        self.middle = FlowBlock(widths[-1], widths[-1], condition)
        self.up = nn.ModuleList(
            FlowBlock(2 * b, a, condition) for a, b in zip(reversed(befores), reversed(widths), strict=True)
        )
        self.norm = nn.GroupNorm(math.gcd(8, width), width)
        self.last = nn.Conv2d(width, shape[0] * patch**2, 3, padding=1)

    def velocity(self, x: Tensor, t: Tensor, y: Tensor | None = None) -> Tensor:
        """v [B, C, H, W] at x [B, C, H, W] and the times t [B] in [0, 1]."""
        c = self.time(waves(t, self.frequencies))
        if self.embedding is not None:
            c = c + self.embedding(y)
        c = F.silu(self.condition(F.silu(c)))
        h = self.first(F.pixel_unshuffle(centre_pad(x, *self.size), self.patch))
        skips: list[Tensor] = []
        for level, block in enumerate(self.down):
            h = block(F.avg_pool2d(h, 2) if level else h, c)
            skips.append(h)
        h = self.middle(h, c)
        for level, block in enumerate(self.up):
            h = F.interpolate(h, scale_factor=2, mode="nearest") if level else h
            h = block(torch.cat([h, skips.pop()], dim=1), c)
        out = F.pixel_shuffle(self.last(F.silu(self.norm(h))), self.patch)
        return centre_crop(out.float(), *self.latent[1:])

    def forward(self, z: Tensor, y: Tensor | None = None, given: Given = None) -> Tensor:
        return in_range(z + self.velocity(z, torch.zeros(len(z), device=z.device), y))


def waves(t: Tensor, count: int) -> Tensor:
    """cos and sin of t times `count` frequencies from 1 to 1000 in equal ratios: [B] -> [B, 2 count].

    As the positions of Vaswani et al. 2017, section 3.5. https://arxiv.org/abs/1706.03762
    """
    frequencies = torch.logspace(0, 3, count, device=t.device, dtype=torch.float32)
    angles = t.float()[:, None] * frequencies
    return torch.cat([angles.cos(), angles.sin()], dim=1)
