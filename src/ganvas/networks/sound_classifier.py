"""A small classifier of sounds: convolutions over a mel spectrogram; the one that scores spoken digits is trained by
recipe `digits.spoken`.
"""

from dataclasses import dataclass, field
from typing import Annotated

import torch
import torch.nn.functional as F
from annotated_types import Ge
from torch import Tensor, nn

from ..base.errors import UsageError
from ..base.types import Count, Given, Share, Spec, Verdict
from ..ops.mel import Mel
from .layers import full_precision
from .wave_layers import wave_length, wide

DEPTH = 7.0  # natural units of the spectrogram below its loudest number that are seen
BANDS = 5  # parts of the frequencies that are pooled apart


@dataclass(frozen=True)
class SoundClassifier:
    """x -> log mel spectrogram, relative to its loudest number -> three pairs of 3 x 3 convolutions, halved in between
    -> mean and largest over time -> `features` numbers -> a logit a class.

    After Simonyan and Zisserman 2015 (https://arxiv.org/abs/1409.1556); the first convolution has a stride of 2. In
    training the spectrogram is moved along frequency, tilted as by another microphone, a band and a span of it are
    hidden (Park et al. 2019, section 2, https://arxiv.org/abs/1904.08779), and noise is added.

    Args:
        mel: settings of the spectrogram; the rate is that of the recordings.
        width: channels of the first pair; each further pair has twice as many.
        features: numbers of the last hidden layer.
        dropout: share of these that is left out in training, in [0, 1).
        move: filters that the spectrogram is moved by at most.
        hidden: filters, and frames, that are hidden at most.
        tilt: the largest change at the lowest and at the highest filter, where the spectrogram lies in [-1, 1].
        noise: the largest deviation of the noise, likewise.
    """

    mel: Mel = field(default_factory=lambda: Mel(rate=8_000, size=256, window=256, hop=128, filters=40, floor=1e-4))
    width: Count = 16
    features: Count = 128
    dropout: Share = 0.3
    move: Annotated[int, Ge(0)] = 3
    hidden: Annotated[int, Ge(0)] = 8
    tilt: Annotated[float, Ge(0)] = 0.4
    noise: Annotated[float, Ge(0)] = 0.15

    def build(self, spec: Spec) -> nn.Module:
        wave_length(self, spec)
        if not spec.classes:
            raise UsageError("a classifier needs labels, and the data have none", hint="Bring a source with classes.")
        if spec.settings.get("rate", self.mel.rate) != self.mel.rate:
            message = f"the classifier's rate is {self.mel.rate:,} Hz, and that of the data {spec.settings['rate']:,}"
            raise UsageError(message, hint="Set source.rate, or D.network.mel.rate.")
        return SoundNetwork(self, len(spec.classes))


class SoundNetwork(nn.Module):
    """x [B, 1, L] -> Verdict with class logits [B, classes] and features [B, features]; no real-or-fake logit."""

    def __init__(self, described: SoundClassifier, classes: int) -> None:
        super().__init__()
        self.mel, self.hidden = described.mel, described.hidden
        self.move, self.tilt, self.noise = described.move, described.tilt, described.noise
        self.blocks, channels = nn.ModuleList(), 1
        for level in range(3):
            after, layers = described.width << level, list[nn.Module]()
            for number, before in enumerate((channels, after)):
                stride = 2 if level == number == 0 else 1
                convolution = nn.Conv2d(before, after, 3, stride, 1, bias=False)
                layers += [convolution, nn.BatchNorm2d(after), nn.ReLU(inplace=True)]
            self.blocks.append(nn.Sequential(*layers))
            channels = after
        self.neck = nn.Linear(2 * BANDS * channels, described.features)
        self.dropout = nn.Dropout(described.dropout)
        self.head = nn.Linear(described.features, classes)

    def forward(self, x: Tensor, y: Tensor | None = None, given: Given = None) -> Verdict:
        h = self.spectrogram(wide(x))
        h = self.varied(h) if self.training else h
        for level, convolve in enumerate(self.blocks):
            h = convolve(F.max_pool2d(h, 2) if level else h)
        h = F.adaptive_avg_pool2d(h, (BANDS, h.shape[3]))
        h = torch.cat([h.mean(3), h.amax(3)], 1).flatten(1)  # [B, 2 * 4 width * BANDS]
        with full_precision(x):
            features = F.relu(self.neck(wide(h)))
            classes = self.head(self.dropout(features))
        return Verdict(classes.new_zeros(len(classes), 1), classes=classes, features=(features,))

    def spectrogram(self, x: Tensor) -> Tensor:
        """The log mel spectrogram [B, 1, M, T], from -1 for what is DEPTH below its loudest number to 1 for that."""
        least = max(self.mel.size, -(-x.shape[2] // self.mel.hop) * self.mel.hop)
        heights = self.mel.of(F.pad(x, (0, -(-least // self.mel.hop) * self.mel.hop - x.shape[2])))[:, None]
        return (heights - heights.amax((2, 3), keepdim=True)).clamp(min=-DEPTH) * (2 / DEPTH) + 1

    def varied(self, h: Tensor) -> Tensor:
        """The spectrogram moved along frequency and tilted, with a hidden band, a hidden span, and noise."""
        count, _, filters, frames = h.shape
        device = h.device
        moves = torch.randint(-self.move, self.move + 1, (count, 1), device=device)
        rows = (torch.arange(filters, device=device) + moves).clamp(0, filters - 1)
        h = h.gather(2, rows[:, None, :, None].expand_as(h))
        slope = (2 * torch.rand(count, 1, 1, 1, dtype=h.dtype, device=device) - 1) * self.tilt
        h = (h + slope * torch.linspace(-1, 1, filters, dtype=h.dtype, device=device)[:, None]).clamp(min=-1)
        for axis, size in ((2, filters), (3, frames)):
            begin = torch.randint(0, size, (count, 1), device=device)
            end = begin + torch.randint(0, self.hidden + 1, (count, 1), device=device)
            places = torch.arange(size, device=device)
            inside = (places >= begin) & (places < end)  # [B, size]
            h = torch.where(inside.view(count, 1, *((size, 1) if axis == 2 else (1, size))), -1.0, h)
        return h + torch.rand(count, 1, 1, 1, dtype=h.dtype, device=device) * self.noise * torch.randn_like(h)
