"""Recordings as mel spectrograms: int16 outside, [1, filters, frames] in [-1, 1] inside."""

from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from ..base.errors import DataError
from ..base.types import Count, Spec
from ..data.stream import Store
from .audio_picture import audio_picture
from .mel_arrays import Items, Mel, equally_loud, lasting_frames, numbers_of_mel, store_with_frames, waves_of_mel

SPOKEN = Mel(rate=8_000, size=512, window=512, hop=128, filters=80, high=0.0)  # that of recipe vocoder


@dataclass(frozen=True)
class Mels:
    """x = 2 (m - low) / (high - low) - 1 for a log mel spectrogram m of the first frames of a recording.

    Nearly as in SpecGAN (Donahue et al. 2019, section 3.3, https://arxiv.org/abs/1802.04208), with mel filters. All
    recordings are made equally loud: the largest number of each m is `high`. given["frames"] has how many frames a
    recording lasts; behind them is silence. `decode` makes waves by Griffin-Lim.

    Args:
        mel: settings of the spectrogram.
        frames: of x.
        high: the value that becomes 1; the logarithm of the mel's floor becomes -1.
        durations: the median number of frames of each class, from the training split.
    """

    sheet: ClassVar[int] = 10
    mel: Mel = SPOKEN
    frames: Count = 64
    high: float = 1.0
    durations: tuple[int, ...] = ()

    def fit(self, items: Items) -> "Mels":
        if items.rate <= 0 or items.x.ndim != 1 or items.x.dtype != object:
            raise DataError(f"sound is an array of recordings [N] with a rate; these data are {items.x.dtype}")
        if items.rate != self.mel.rate:
            message = f"the recordings have {items.rate:,} Hz, and the spectrograms {self.mel.rate:,} Hz"
            raise DataError(message, hint="Set source.rate, or domain.mel.rate.")
        lasting = self.lasting(items)
        y = np.zeros(len(lasting), np.int64) if items.y is None else items.y
        every = range(max(1, len(items.classes)))
        durations = tuple(int(np.median(lasting[y == each])) if (y == each).any() else self.frames for each in every)
        return replace(self, durations=durations)

    @property
    def low(self) -> float:
        """The value that becomes -1."""
        return float(np.log(self.mel.floor))

    def spec(self, items: Items) -> Spec:
        settings = {
            "rate": self.mel.rate,
            "mel": asdict(self.mel),
            "mel_sha256": self.mel.sha256,
            "range": [self.low, self.high],
            "durations": list(self.durations),
        }
        shape = (1, self.mel.filters, self.frames)
        return Spec("mels", shape, bounded=True, classes=items.classes, settings=settings)

    def lasting(self, items: Items) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Frames of each recording, at most those of x."""
        return lasting_frames(items, self.mel, self.frames)

    def encode(self, items: Items) -> np.ndarray[Any, Any]:
        heights = equally_loud(items, self.mel, self.frames, self.high)
        scaled = [self.mel.to_unit(part, self.high) for part in heights]
        made: np.ndarray[Any, Any] = torch.cat(scaled)[:, None].numpy()
        return made

    def store(self, items: Items) -> Store:
        """The spectrograms, with given["frames"]."""
        return store_with_frames(self.encode(items), items, self.lasting(items))

    def to_tensor(self, stored: Tensor) -> Tensor:
        return stored

    def to_mel(self, x: Tensor) -> Tensor:
        """x [N, 1, filters, frames] as log mel spectrograms [N, filters, frames]."""
        return self.mel.from_unit(x[:, 0].detach().float().cpu(), self.high)

    def decode(self, x: Tensor) -> np.ndarray[Any, Any]:
        """Recordings int16 [N, frames * hop], by Griffin-Lim."""
        return numbers_of_mel(self.mel, self.to_mel(x))

    def features(self, x: Tensor) -> Tensor:
        """Vectors [N, 2 * filters]: mean and deviation over time of each filter."""
        heights = x.detach().float()[:, 0]
        return torch.cat([heights.mean(2), heights.std(2)], dim=1)

    def render(self, x: Tensor, columns: int | None = None) -> Image.Image:
        """Each sample's wave by Griffin-Lim, and its spectrogram below it."""
        return audio_picture(waves_of_mel(self.mel, self.to_mel(x))[:, 0], self.mel.rate, columns)
