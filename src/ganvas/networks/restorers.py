"""Residual networks that restore or enlarge a picture: EDSR, and the dense blocks of ESRGAN.

Lim et al. 2017, https://arxiv.org/abs/1707.02921; Wang et al. 2018, https://arxiv.org/abs/1809.00219
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated

import torch
import torch.nn.functional as F
from annotated_types import Gt, Le
from torch import Tensor, nn

from ..base.errors import UsageError
from ..base.types import Count, Spec
from .layers import given_channels, in_range, picture_shape

Part = Annotated[float, Gt(0), Le(1)]


@dataclass(frozen=True)
class Edsr:
    """given picture -> x, by residual blocks at the given size, then pixel shuffling to the size of x.

    x = resized(input) + last(shuffle(h_0 + conv(blocks(h_0)))), h_0 = conv(input); a block is h + scale * conv(relu(
    conv(h))), without batch norm. Lim et al. 2017, figures 2 and 3 (16 blocks of 64 channels: "baseline"). Bicubic
    enlargement of the input is added, which the paper does not do; so the network begins near that. Kernels before a
    shuffle begin equal for all pixels that they make, against checkerboards (Aitken et al. 2017,
    https://arxiv.org/abs/1707.02937). How many times larger x is follows from the data; 1 restores without enlarging.

    Args:
        width: channels.
        blocks: residual blocks.
        scale: factor of a block's residual; the paper has 0.1 in its wide network.
        input: name of the given picture.

    Raises:
        UsageError: by `build`, where x is not a whole number of times larger than the given picture.
    """

    width: Count = 64
    blocks: Count = 16
    scale: Part = 1.0
    input: str = "input"

    def build(self, spec: Spec) -> nn.Module:
        blocks = [ResidualBlock(self.width, self.scale) for _ in range(self.blocks)]
        factor = factor_of(self, spec, self.input)
        enlarge = [each for part in prime_factors(factor) for each in shuffle(self.width, part)]
        return Restorer(
            before=given_channels(self, spec, self.input),
            after=picture_shape(self, spec)[0],
            width=self.width,
            body=nn.Sequential(*blocks, nn.Conv2d(self.width, self.width, 3, 1, 1)),
            enlarge=nn.Sequential(*enlarge),
            factor=factor,
            input=self.input,
        )


@dataclass(frozen=True)
class Rrdb:
    """given picture -> x, by residual-in-residual dense blocks at the given size, then enlargement by repeating pixels
    and convolving.

    Wang et al. 2018, section 3.1 and figure 4; 23 blocks of 64 channels in the paper. Each block is three dense blocks
    of five convolutions; residuals are multiplied by 0.2. Bicubic enlargement of the input is added, which the paper
    does not do. How many times larger x is follows from the data; 1 restores without enlarging.

    Args:
        width: channels.
        growth: channels that each convolution of a dense block adds.
        blocks: residual-in-residual dense blocks.
        input: name of the given picture.

    Raises:
        UsageError: by `build`, where x is not a whole number of times larger than the given picture.
    """

    width: Count = 64
    growth: Count = 32
    blocks: Count = 23
    input: str = "input"

    def build(self, spec: Spec) -> nn.Module:
        blocks = [
            Residual(nn.Sequential(*(DenseBlock(self.width, self.growth) for _ in range(3))), 0.2)
            for _ in range(self.blocks)
        ]
        factor, leaky = factor_of(self, spec, self.input), nn.LeakyReLU(0.2)
        steps = [(nn.Upsample(scale_factor=part), conv(self.width), leaky) for part in prime_factors(factor)]
        return Restorer(
            before=given_channels(self, spec, self.input),
            after=picture_shape(self, spec)[0],
            width=self.width,
            body=nn.Sequential(*blocks, conv(self.width)),
            enlarge=nn.Sequential(*(each for step in steps for each in step), conv(self.width), leaky),
            factor=factor,
            input=self.input,
        )


def factor_of(network: object, spec: Spec, name: str) -> int:
    """How many times larger than the given picture x is. Raises UsageError where that is no whole number."""
    given_channels(network, spec, name)
    (_, height, width), (_, high, wide) = picture_shape(network, spec), spec.given[name].shape
    factor = height // high if high else 0
    if (high * factor, wide * factor) != (height, width):
        raise UsageError(
            f"{type(network).__name__} enlarges by whole numbers, and x of {width} x {height} pixels is not so many "
            f"times larger than '{name}' of {wide} x {high}"
        )
    return factor


def prime_factors(number: int) -> list[int]:
    """In rising order; empty for 1."""
    found, part = [], 2
    while number > 1:
        while number % part == 0:
            found.append(part)
            number //= part
        part += 1
    return found


def conv(width: int) -> nn.Conv2d:
    """3 x 3, as many channels as before."""
    return nn.Conv2d(width, width, 3, 1, 1)


def shuffle(width: int, factor: int) -> tuple[nn.Module, nn.Module]:
    """A convolution and a pixel shuffle (Shi et al. 2016, https://arxiv.org/abs/1609.05158) that begin as a convolution
    and repetition of pixels.
    """
    layer = nn.Conv2d(width, width * factor**2, 3, 1, 1)
    with torch.no_grad():
        for weights in layer.parameters():
            weights.copy_(weights[:: factor**2].repeat_interleave(factor**2, 0))
    return layer, nn.PixelShuffle(factor)


class Residual(nn.Module):
    """h + scale * body(h)."""

    def __init__(self, body: Callable[[Tensor], Tensor], scale: float) -> None:
        super().__init__()
        self.body, self.scale = body, scale

    def forward(self, h: Tensor) -> Tensor:
        return h + self.scale * self.body(h)


class ResidualBlock(Residual):
    """h + scale * conv(relu(conv(h)))."""

    def __init__(self, width: int, scale: float) -> None:
        super().__init__(nn.Sequential(conv(width), nn.ReLU(inplace=True), conv(width)), scale)


class DenseBlock(nn.Module):
    """h + 0.2 f(h): five convolutions, each of which reads h and what all before it made."""

    def __init__(self, width: int, growth: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Conv2d(width + at * growth, growth, 3, 1, 1) for at in range(4))
        self.last = nn.Conv2d(width + 4 * growth, width, 3, 1, 1)
        for layer in (*self.layers, self.last):
            nn.init.kaiming_normal_(layer.weight)
            with torch.no_grad():
                layer.weight.mul_(0.1)  # section 3.1: a smaller start
            nn.init.zeros_(layer.bias)

    def forward(self, h: Tensor) -> Tensor:
        found = [h]
        for layer in self.layers:
            found.append(F.leaky_relu(layer(torch.cat(found, 1)), 0.2))
        made: Tensor = h + 0.2 * self.last(torch.cat(found, 1))
        return made


class Restorer(nn.Module):
    """given[input] [B, C', h, w] -> x [B, C, factor h, factor w]; z is not used."""

    latent: tuple[int, ...] = ()
    conditional = False

    def __init__(
        self, *, before: int, after: int, width: int, body: nn.Module, enlarge: nn.Module, factor: int, input: str
    ) -> None:
        super().__init__()
        self.after, self.factor, self.input = after, factor, input
        self.first, self.body, self.enlarge = nn.Conv2d(before, width, 3, 1, 1), body, enlarge
        self.last = nn.Conv2d(width, after, 3, 1, 1)
        with torch.no_grad():
            for weights in self.last.parameters():
                weights.mul_(0.1)  # begins near the bicubic enlargement

    def forward(self, z: Tensor | None, y: Tensor | None, given: Mapping[str, Tensor]) -> Tensor:
        small = given[self.input]
        h = self.first(small)
        made = self.last(self.enlarge(h + self.body(h))).float()
        return in_range(made + self.enlarged(small))

    def enlarged(self, small: Tensor) -> Tensor | float:
        """The given picture at the size of x by bicubic interpolation; 0 where its channels do not fit."""
        if small.shape[1] not in (1, self.after):
            return 0.0
        x = small.float()
        if self.factor > 1:
            x = F.interpolate(x, scale_factor=self.factor, mode="bicubic", align_corners=False)
        return x.expand(-1, self.after, -1, -1)
