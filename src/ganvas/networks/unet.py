"""An encoder and a decoder joined at every resolution.

Ronneberger, Fischer and Brox 2015. https://arxiv.org/abs/1505.04597
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..base.types import Count, Spec
from .layers import centre_crop, centre_pad, given_channels, picture_shape


@dataclass(frozen=True)
class UNet:
    """The given images named by `inputs` -> x, by an encoder and a decoder with skip connections.

    Where the mask named by `known` is 1, the first input is passed through unchanged.

    `width` channels at full resolution, doubled at each of `levels` halvings. Any size and channel count.

    Args:
        width: channels at full resolution; each halving doubles them.
        levels: halvings.
        inputs: names of the given images that are read, joined along channels.
        known: name of the given mask whose ones are passed through from the first input; None: none.
    """

    width: Count = 32
    levels: Count = 2
    inputs: tuple[str, ...] = ("masked", "known")
    known: str | None = "known"

    def build(self, spec: Spec) -> nn.Module:
        channels = sum(given_channels(self, spec, name) for name in self.inputs)
        return UNetGenerator(
            channels=channels,
            out=picture_shape(self, spec)[0],
            width=self.width,
            levels=self.levels,
            inputs=self.inputs,
            known=self.known,
        )


def block(before: int, after: int) -> nn.Sequential:
    """Two 3 x 3 convolutions, each with batch norm and ReLU."""
    layers: list[nn.Module] = []
    for channels in (before, after):
        layers += [nn.Conv2d(channels, after, 3, 1, 1, bias=False), nn.BatchNorm2d(after), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers)


class UNetGenerator(nn.Module):
    """given pictures [B, C_i, H, W] -> x [B, C, H, W] in [-1, 1]; z is not used."""

    latent: tuple[int, ...] = ()
    conditional = False

    def __init__(
        self, *, channels: int, out: int, width: int, levels: int, inputs: tuple[str, ...], known: str | None
    ) -> None:
        super().__init__()
        self.inputs, self.known, self.step = inputs, known, 1 << levels
        widths = [width << level for level in range(levels + 1)]
        self.down = nn.ModuleList(
            block(before, after) for before, after in zip([channels, *widths], widths, strict=False)
        )
        self.up = nn.ModuleList(block(coarse + fine, fine) for fine, coarse in itertools.pairwise(widths))
        self.last = nn.Conv2d(width, out, 1)

    def forward(self, z: Tensor | None, y: Tensor | None, given: Mapping[str, Tensor]) -> Tensor:
        first = given[self.inputs[0]]
        height, width = first.shape[2:]
        h = torch.cat([given[name] for name in self.inputs], dim=1)
        h = centre_pad(h, -(-height // self.step) * self.step, -(-width // self.step) * self.step)
        skips: list[Tensor] = []
        for level, encode in enumerate(self.down):
            h = encode(F.max_pool2d(h, 2) if level else h)
            skips.append(h)
        for decode, skip in zip(reversed(self.up), reversed(skips[:-1]), strict=True):
            h = decode(torch.cat([F.interpolate(h, scale_factor=2, mode="nearest"), skip], dim=1))
        x = centre_crop(torch.tanh(self.last(h)).float(), height, width)
        return x if self.known is None else torch.where(given[self.known] > 0, first, x)
