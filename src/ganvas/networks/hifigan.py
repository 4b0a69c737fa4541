"""The generator of HiFi-GAN: transposed convolutions from frames to a wave, residual blocks of several kernels.

Kong et al. 2020, "HiFi-GAN". https://arxiv.org/abs/2010.05646
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from ..base.errors import UsageError
from ..base.types import Count, Spec
from .wave_layers import SLOPE, given_mel, normalised

ENDS = 7  # kernel of the first and the last convolution


@dataclass(frozen=True)
class HifiGan:
    """mel -> convolution -> for each rate: upsample, mean of residual blocks -> convolution -> tanh.

    Kong et al. 2020, section 2.2 and appendix A. https://arxiv.org/abs/2010.05646. The defaults are its V1; see `V3`
    for the small one. All weights are normalised (g v / |v|).

    Args:
        width: channels at the frames' rate; each upsampling halves them.
        rates: of the upsampling; their product is the spectrogram's hop. Each kernel is twice its rate.
        kernels: of the residual blocks, whose outputs are averaged.
        dilations: for each kernel, those of its convolutions.
        paired: whether a convolution without dilation follows each.

    Raises:
        UsageError: by `build`, where the rates do not fit the hop, or the data give no spectrograms.
    """

    width: Count = 512
    rates: tuple[Count, ...] = (8, 8, 2, 2)
    kernels: tuple[Count, ...] = (3, 7, 11)
    dilations: tuple[tuple[Count, ...], ...] = ((1, 3, 5), (1, 3, 5), (1, 3, 5))
    paired: bool = True

    def build(self, spec: Spec) -> nn.Module:
        mel = given_mel(self, spec)
        if math.prod(self.rates) != mel.hop:
            message = (
                f"the rates {list(self.rates)} make {math.prod(self.rates)}, and the spectrogram's hop is {mel.hop}"
            )
            raise UsageError(message, hint="Set generator.rates so that their product is the hop.")
        if len(self.kernels) != len(self.dilations) or self.width < 2 ** len(self.rates):
            message = f"{len(self.kernels)} kernels, {len(self.dilations)} dilations and a width of {self.width}"
            raise UsageError(f"these do not fit: {message}", hint="Give one tuple of dilations for each kernel.")
        return HifiGanGenerator(self, mel.filters)


V3: dict[str, Any] = {
    "width": 256,
    "rates": (8, 8, 4),
    "kernels": (3, 5, 7),
    "dilations": ((1, 2), (2, 6), (3, 12)),
    "paired": False,
}
"""The settings of the paper's small generator, of 1.46 million parameters."""


class HifiGanGenerator(nn.Module):
    """given["mel"] [B, M, T] -> x [B, 1, T * hop] in [-1, 1]. A frame depends on `context` frames on both sides."""

    def __init__(self, chosen: HifiGan, filters: int) -> None:
        super().__init__()
        self.latent: tuple[int, ...] = ()
        self.context = frames_of_context(chosen)
        self.first = normalised(nn.Conv1d(filters, chosen.width, ENDS, padding=ENDS // 2))
        self.upsampling, self.residual = nn.ModuleList(), nn.ModuleList()
        width = chosen.width
        for rate in chosen.rates:
            before, width = width, width // 2
            padding = (rate + rate % 2) // 2
            self.upsampling.append(
                normalised(nn.ConvTranspose1d(before, width, 2 * rate, rate, padding, output_padding=rate % 2))
            )
            blocks = zip(chosen.kernels, chosen.dilations, strict=True)
            made = (DilatedBlock(width, *block, paired=chosen.paired) for block in blocks)
            self.residual.append(nn.ModuleList(made))
        self.last = normalised(nn.Conv1d(width, 1, ENDS, padding=ENDS // 2))

    def forward(self, z: Tensor | None, y: Tensor | None, given: Mapping[str, Tensor]) -> Tensor:
        h = self.first(given["mel"])
        for upsample, blocks in zip(self.upsampling, self.residual, strict=True):
            h = upsample(nn.functional.leaky_relu(h, SLOPE))
            h = torch.stack([block(h) for block in each(blocks)]).mean(0)
        x: Tensor = self.last(nn.functional.leaky_relu(h, SLOPE)).tanh()
        return x


class DilatedBlock(nn.Module):
    """h + conv(LeakyReLU(...)) for each dilation: figure 1 of the paper; `paired` adds a second convolution to each."""

    def __init__(self, width: int, kernel: int, dilations: tuple[int, ...], *, paired: bool) -> None:
        super().__init__()
        self.steps = nn.ModuleList()
        for dilation in dilations:
            chain = [nn.Conv1d(width, width, kernel, padding=dilation * (kernel // 2), dilation=dilation)]
            chain += [nn.Conv1d(width, width, kernel, padding=kernel // 2)] if paired else []
            for layer in chain:
                nn.init.normal_(layer.weight, 0.0, 0.01)
            self.steps.append(nn.ModuleList(map(normalised, chain)))

    def forward(self, h: Tensor) -> Tensor:
        for chain in self.steps:
            inner = h
            for layer in each(chain):
                inner = layer(nn.functional.leaky_relu(inner, SLOPE))
            h = h + inner
        return h


def frames_of_context(chosen: HifiGan) -> int:
    """How many frames on each side of one its wave depends on: the reach of every layer, in frames, added."""
    reach, length = float(ENDS // 2), 1.0  # length: of one number at this depth, in frames
    for rate in chosen.rates:
        reach += length  # a transposed convolution of twice its rate reads one neighbour
        length /= rate
        chains = zip(chosen.kernels, chosen.dilations, strict=True)
        widest = max((k // 2) * sum(d + int(chosen.paired) for d in dilations) for k, dilations in chains)
        reach += widest * length
    return math.ceil(reach + (ENDS // 2) * length)


def each(layers: nn.Module) -> Iterator[nn.Module]:
    """The modules of a list inside a list, which has lost its type."""
    return layers.children()
