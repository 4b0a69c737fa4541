"""A vocoder without upsampling layers: ConvNeXt blocks at the frames' rate, then an inverse Fourier transform.

Siuzdak 2023, "Vocos". https://arxiv.org/abs/2306.00814
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..base.types import Count, Spec
from ..ops.mel import Mel
from ..ops.stft import istft
from .layers import in_range
from .wave_layers import given_mel, wide

KERNEL = 7  # frames of each convolution
LARGEST = 1e2  # of a magnitude


@dataclass(frozen=True)
class Vocos:
    """x = iSTFT(exp(m) (cos p + i sin p)); m, p = head(ConvNeXt blocks(mel)).

    Siuzdak 2023, section 3.2. https://arxiv.org/abs/2306.00814. The Fourier transform is that of the spectrogram, and
    so is the number of frames: nothing is upsampled. The paper has a width of 512, 8 blocks and 3 times the width
    inside; here the defaults are for a CPU.

    Args:
        width: channels.
        blocks: ConvNeXt blocks (Liu et al. 2022, figure 4, with one scale a channel that begins at 1 / blocks).
        expansion: channels inside a block, times the width.

    Raises:
        UsageError: by `build`, where the data give no spectrograms.
    """

    width: Count = 192
    blocks: Count = 6
    expansion: Count = 3

    def build(self, spec: Spec) -> nn.Module:
        return VocosGenerator(given_mel(self, spec), self.width, self.blocks, self.expansion)


class VocosGenerator(nn.Module):
    """given["mel"] [B, M, T] -> x [B, 1, T * hop] in [-1, 1]. A frame depends on `context` frames on both sides."""

    def __init__(self, mel: Mel, width: int, blocks: int, expansion: int) -> None:
        super().__init__()
        self.latent: tuple[int, ...] = ()
        self.transform = {"size": mel.size, "hop": mel.hop, "window": mel.window}
        self.context = (KERNEL // 2) * (blocks + 1) + -(-mel.size // mel.hop)
        self.first = nn.Conv1d(mel.filters, width, KERNEL, padding=KERNEL // 2)
        self.first_norm = nn.LayerNorm(width, eps=1e-6)
        self.blocks = nn.ModuleList(ConvNext(width, expansion * width, 1 / blocks) for _ in range(blocks))
        self.last_norm = nn.LayerNorm(width, eps=1e-6)
        self.head = nn.Linear(width, mel.size + 2)
        for layer in self.modules():
            if isinstance(layer, nn.Conv1d | nn.Linear):
                nn.init.trunc_normal_(layer.weight, std=0.02)
                if layer.bias is not None:
                    nn.init.zeros_(layer.bias)

    def forward(self, z: Tensor | None, y: Tensor | None, given: Mapping[str, Tensor]) -> Tensor:
        h = self.first_norm(self.first(given["mel"]).transpose(1, 2))  # [B, T, width]
        for block in self.blocks:
            h = block(h)
        m, p = self.head(self.last_norm(h)).transpose(1, 2).chunk(2, dim=1)  # [B, size / 2 + 1, T]
        x = istft(torch.polar(wide(m).exp().clamp(max=LARGEST), wide(p)), **self.transform)
        return in_range(x[:, None])


class ConvNext(nn.Module):
    """h + scale * W2 GELU(W1 LayerNorm(depthwise convolution of h)). Liu et al. 2022, figure 4.
    https://arxiv.org/abs/2201.03545
    """

    def __init__(self, width: int, inside: int, scale: float) -> None:
        super().__init__()
        self.depthwise = nn.Conv1d(width, width, KERNEL, padding=KERNEL // 2, groups=width)
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.widen, self.narrow = nn.Linear(width, inside), nn.Linear(inside, width)
        self.scale = nn.Parameter(torch.full((width,), scale))

    def forward(self, h: Tensor) -> Tensor:
        inner = self.norm(self.depthwise(h.transpose(1, 2)).transpose(1, 2))
        added: Tensor = h + self.scale * self.narrow(nn.functional.gelu(self.widen(inner)))
        return added
