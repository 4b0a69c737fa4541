"""An acoustic model of single words: the word and its duration in, a mel spectrogram out."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..base.errors import UsageError
from ..base.types import Count, Spec
from .layers import class_count, in_range
from .vocos import ConvNext
from .wave_layers import wide

WAVES = 8  # sines and cosines of a frame's place


@dataclass(frozen=True)
class WordSpeaker:
    """(z, word y, frames d) -> x [1, M, T]: ConvNeXt blocks over the place in the word + e(y) + W z; then silence.

    A frame t knows its place t / d in the word as sines and cosines (Vaswani et al. 2017, section 3.5,
    https://arxiv.org/abs/1706.03762), so the duration decides how slowly the word is spoken; durations are given, as
    by the length regulator of Ren et al. 2019, section 3.2 (https://arxiv.org/abs/1905.09263).

    Args:
        width: channels.
        blocks: ConvNeXt blocks, each of which reads three frames on both sides.
        latent: numbers in one z: what varies of a word beside its duration.
    """

    width: Count = 64
    blocks: Count = 4
    latent: Count = 16

    def build(self, spec: Spec) -> nn.Module:
        if spec.domain != "mels" or "frames" not in spec.given:
            message = f"WordSpeaker makes mel spectrograms of words, and these data are {spec.domain}"
            raise UsageError(message, hint="Use the domain Mels.")
        return WordNetwork(self, spec.shape[1], spec.shape[2], class_count(True, spec.classes))


class WordNetwork(nn.Module):
    """z [B, latent], y [B], given["frames"] [B] -> x [B, 1, M, T] in [-1, 1]; -1 from each sample's last frame on."""

    conditional = True

    def __init__(self, described: WordSpeaker, filters: int, frames: int, classes: int) -> None:
        super().__init__()
        self.latent, self.frames, width = (described.latent,), frames, described.width
        self.embedding = nn.Embedding(classes, width)
        self.places = nn.Linear(2 * WAVES + 1, width)
        self.variation = nn.Linear(described.latent, width, bias=False)
        scale = 1 / described.blocks
        self.blocks = nn.ModuleList(ConvNext(width, 2 * width, scale) for _ in range(described.blocks))
        self.norm, self.head = nn.LayerNorm(width, eps=1e-6), nn.Linear(width, filters)

    def forward(self, z: Tensor, y: Tensor, given: Mapping[str, Tensor]) -> Tensor:
        lasting = given["frames"].to(z.dtype)[:, None]
        t = torch.arange(self.frames, device=z.device, dtype=z.dtype)
        share = t / lasting  # [B, T]
        angles = torch.pi * share[..., None] * torch.arange(1, WAVES + 1, device=z.device, dtype=z.dtype)
        place = torch.cat([angles.sin(), angles.cos(), (lasting / self.frames).expand_as(share)[..., None]], dim=2)
        h = self.places(place) + (self.embedding(y) + self.variation(z))[:, None]  # [B, T, width]
        for block in self.blocks:
            h = block(h)
        x = in_range(wide(self.head(self.norm(h))).transpose(1, 2))  # [B, M, T]
        return torch.where((t < lasting)[:, None], x, -1.0)[:, None]
