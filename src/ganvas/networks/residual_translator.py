"""A picture to a picture: an encoder, residual blocks and a decoder.

Johnson, Alahi and Fei-Fei 2016. https://arxiv.org/abs/1603.08155
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import torch
import torch.nn.functional as F
from annotated_types import Ge
from torch import Tensor, nn

from ..base.types import Count, Spec
from .layers import centre_crop, centre_pad, dcgan_init, given_channels, picture_shape


@dataclass(frozen=True)
class ResidualTranslator:
    """given pictures -> 7 x 7, `halvings` strided 3 x 3, `blocks` of h + conv(relu(conv(h))), doublings, 7 x 7, tanh.

    Zhu et al. 2017, section 7.2 (https://arxiv.org/abs/1703.10593), after Johnson et al. 2016. Every convolution
    reflects the border, and instance norm follows each but the last. Any size and channel count. The paper's program
    doubles by transposed 3 x 3 convolutions; here each pixel is repeated and then convolved, without checkerboards
    (Odena et al. 2016, https://doi.org/10.23915/distill.00003). The kernels are of the same size: the defaults have
    11,378,179 weights for colour pictures, as the paper's program has.

    Args:
        width: channels at full resolution; each halving doubles them.
        blocks: residual blocks; the paper has 6 for 128 x 128 pixels and 9 for 256 x 256.
        halvings: strided convolutions.
        inputs: names of the given pictures that are read, joined along channels.
        style: numbers of a latent z that scale and shift the normed channels of the blocks and doublings, for inputs
            that have many answers (Almahairi et al. 2018, section 4, https://arxiv.org/abs/1802.10151); 0: one answer.
        style_side: the latent also has a grid of style_side x style_side places with `style` numbers each, so that the
            scales and shifts differ from place to place, as a texture does (Park et al. 2019, equation 1, with noise in
            place of a map of classes, https://arxiv.org/abs/1903.07291); 0: no grid.
    """

    width: Count = 64
    blocks: Count = 9
    halvings: Annotated[int, Ge(0)] = 2
    inputs: tuple[str, ...] = ("input",)
    style: Annotated[int, Ge(0)] = 0
    style_side: Annotated[int, Ge(0)] = 0

    def build(self, spec: Spec) -> nn.Module:
        return ResidualGenerator(
            self,
            channels=sum(given_channels(self, spec, name) for name in self.inputs),
            out=picture_shape(self, spec)[0],
        )


def normed(before: int, after: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    """A convolution with a reflected border, instance norm and ReLU."""
    convolution = nn.Conv2d(before, after, kernel, stride, kernel // 2, padding_mode="reflect")
    return nn.Sequential(convolution, nn.InstanceNorm2d(after), nn.ReLU(inplace=True))


class ResidualBlock(nn.Module):
    """h + norm(conv(relu(norm(conv(h))))), all of `channels` channels."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        second = nn.Conv2d(channels, channels, 3, 1, 1, padding_mode="reflect")
        self.change = nn.Sequential(*normed(channels, channels), second, nn.InstanceNorm2d(channels))

    def forward(self, h: Tensor) -> Tensor:
        changed: Tensor = h + self.change(h)
        return changed


class Style(nn.Module):
    """(1 + A z) h + B z, a scale and a shift for each channel, which begin near 1 and 0; with a grid, for each place.

    Dumoulin et al. 2017, equation 5 (https://arxiv.org/abs/1610.07629), with a latent for the class. A grid is enlarged
    bilinearly to the size of h.

    Args:
        latent: numbers of z that are the same everywhere, and of each place of the grid.
        channels: of h.
        side: of the grid; 0: none.
    """

    def __init__(self, latent: int, channels: int, side: int) -> None:
        super().__init__()
        self.latent, self.side = latent, side
        self.affine = nn.Linear(latent, 2 * channels)
        self.places = nn.Conv2d(latent, 2 * channels, 1) if side else None

    def forward(self, h: Tensor, z: Tensor) -> Tensor:
        change: Tensor = self.affine(z[:, : self.latent])[:, :, None, None]
        if self.places is not None:
            grid = self.places(z[:, self.latent :].unflatten(1, (self.latent, self.side, self.side)))
            change = change + F.interpolate(grid, size=h.shape[2:], mode="bilinear")
        scale, shift = change.to(h.dtype).chunk(2, 1)
        styled: Tensor = (1 + scale) * h + shift
        return styled


class ResidualGenerator(nn.Module):
    """given pictures [B, C_i, H, W] -> x [B, C, H, W] in [-1, 1]; z [B, style (1 + style_side^2)], None for zeros."""

    conditional = False

    def __init__(self, described: ResidualTranslator, *, channels: int, out: int) -> None:
        super().__init__()
        width, blocks, halvings = described.width, described.blocks, described.halvings
        self.inputs, self.step, self.style = described.inputs, 1 << halvings, described.style
        side = described.style_side
        self.latent: tuple[int, ...] = (self.style * (1 + side * side),) if self.style else ()
        widths = [width << level for level in range(halvings + 1)]
        self.first = normed(channels, width, kernel=7)
        self.down = nn.ModuleList(normed(widths[level], widths[level + 1], stride=2) for level in range(halvings))
        self.blocks = nn.ModuleList(ResidualBlock(widths[-1]) for _ in range(blocks))
        self.up = nn.ModuleList(normed(widths[level + 1], widths[level]) for level in reversed(range(halvings)))
        self.last = nn.Conv2d(width, out, 7, 1, 3, padding_mode="reflect")
        dcgan_init(self)
        after = [widths[-1]] * blocks + [widths[level] for level in reversed(range(halvings))] if self.style else []
        self.styles = nn.ModuleList(Style(self.style, channels, side) for channels in after)

    def forward(self, z: Tensor | None, y: Tensor | None, given: Mapping[str, Tensor]) -> Tensor:
        pictures = torch.cat([given[name] for name in self.inputs], dim=1)
        if self.style and z is None:
            z = pictures.new_zeros(pictures.shape[0], *self.latent)
        h = self.hidden_layers(pictures, z)[-1]
        for place, convolve in enumerate(self.up, len(self.blocks)):
            h = self.styled(convolve(F.interpolate(h, scale_factor=2, mode="nearest")), place, z)
        return centre_crop(torch.tanh(self.last(h)).float(), *pictures.shape[2:])

    def encode(self, pictures: Tensor) -> tuple[Tensor, ...]:
        """Hidden layers of the encoder: the pictures, each halving, the first residual block and the middle one.

        Args:
            pictures: [B, C, H, W], the inputs joined along channels.

        Returns:
            Maps [B, C_l, H_l, W_l], the finest first.
        """
        layers = self.hidden_layers(pictures)
        halvings, middle = len(self.down), (len(self.blocks) + 1) // 2
        chosen = [0, *range(2, 2 + halvings), *sorted({2 + halvings, 1 + halvings + middle})]
        return tuple(layers[place] for place in chosen)

    def styled(self, h: Tensor, place: int, z: Tensor | None) -> Tensor:
        """The layer with its style, if the network has one."""
        if z is None or not self.style:
            return h
        styled: Tensor = self.styles[place](h, z)
        return styled

    def hidden_layers(self, pictures: Tensor, z: Tensor | None = None) -> list[Tensor]:
        """The padded pictures, the first convolution, each halving and each residual block."""
        height, width = (max(2, -(-size // self.step)) * self.step for size in pictures.shape[2:])
        least = 4  # a border of 3 pixels can be reflected
        layers = [centre_pad(pictures, max(height, least), max(width, least))]
        for layer in (self.first, *self.down):
            layers.append(layer(layers[-1]))
        for place, block in enumerate(self.blocks):
            layers.append(self.styled(block(layers[-1]), place, z))
        return layers
