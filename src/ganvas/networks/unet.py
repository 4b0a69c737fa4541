"""An encoder and a decoder joined at every resolution.

Ronneberger, Fischer and Brox 2015. https://arxiv.org/abs/1505.04597
"""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..base.errors import UsageError
from ..base.types import Count, Spec
from ..ops.luminance import luminance
from .layers import centre_crop, centre_pad, given_channels, in_range, picture_shape


@dataclass(frozen=True)
class UNet:
    """The given images named by `inputs` -> x, by an encoder and a decoder with skip connections.

    Where the mask named by `known` is 1, the first input is passed through unchanged. With `grey` only the colours are
    made: x' = x + g - Y(x), so that the luminance Y of x' is the given picture g.

    `width` channels at full resolution, doubled at each of `levels` halvings. Any size and channel count.

    Args:
        width: channels at full resolution; each halving doubles them.
        levels: halvings.
        inputs: names of the given images that are read, joined along channels.
        known: name of the given mask whose ones are passed through from the first input; None: none.
        grey: name of the given grey picture that is the luminance of x; None: none.
        output: "values", tanh of the last layer; "classes", 2 softmax - 1 of it over the channels, for maps of classes.
        norm: of each convolution's result; "instance" and "none" make samples independent of their batch.

    Raises:
        UsageError: by `build`, for `grey` with data that are not in colour.
    """

    width: Count = 32
    levels: Count = 2
    inputs: tuple[str, ...] = ("masked", "known")
    known: str | None = "known"
    grey: str | None = None
    norm: Literal["batch", "instance", "none"] = "batch"
    output: Literal["values", "classes"] = "values"

    def build(self, spec: Spec) -> nn.Module:
        channels = sum(given_channels(self, spec, name) for name in self.inputs)
        out = picture_shape(self, spec)[0]
        if self.grey is not None and (out, given_channels(self, spec, self.grey)) != (3, 1):
            raise UsageError(
                f"UNet.grey makes pictures in colour from grey ones, and these data have {out} channels",
                hint="Set generator.grey to null, or bring pictures in colour.",
            )
        return UNetGenerator(self, channels=channels, out=out)


def block(before: int, after: int, norm: str) -> nn.Sequential:
    """Two 3 x 3 convolutions, each with its norm and ReLU."""
    norms: dict[str, Callable[[int], nn.Module]] = {
        "batch": nn.BatchNorm2d,
        "instance": lambda width: nn.InstanceNorm2d(width, affine=True),
        "none": lambda _: nn.Identity(),
    }
    layers: list[nn.Module] = []
    for channels in (before, after):
        layers += [nn.Conv2d(channels, after, 3, 1, 1, bias=norm == "none"), norms[norm](after), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers)


class UNetGenerator(nn.Module):
    """given pictures [B, C_i, H, W] -> x [B, C, H, W] in [-1, 1]; z is not used."""

    latent: tuple[int, ...] = ()
    conditional = False

    def __init__(self, described: UNet, *, channels: int, out: int) -> None:
        super().__init__()
        self.inputs, self.known, self.grey = described.inputs, described.known, described.grey
        self.step, norm, self.classes = 1 << described.levels, described.norm, described.output == "classes"
        widths = [described.width << level for level in range(described.levels + 1)]
        self.down = nn.ModuleList(
            block(before, after, norm) for before, after in zip([channels, *widths], widths, strict=False)
        )
        self.up = nn.ModuleList(block(coarse + fine, fine, norm) for fine, coarse in itertools.pairwise(widths))
        self.last = nn.Conv2d(described.width, out, 1)

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
        h = self.last(h).float() if self.classes else self.last(h)
        x = centre_crop((2 * h.softmax(1) - 1 if self.classes else torch.tanh(h)).float(), height, width)
        if self.grey is not None:
            x = in_range(x + given[self.grey] - luminance(x))
        return x if self.known is None else torch.where(given[self.known] > 0, first, x)
