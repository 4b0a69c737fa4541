"""Recordings: int16 in files and stores, waves [1, L] in [-1, 1] in networks."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from ..base.errors import DataError
from ..base.types import Spec
from ..data.ragged_store import RaggedStore
from ..data.source import Items
from ..ops.mel import Mel
from .audio_picture import audio_picture

FULL = 32_768  # of int16: the number that stands for 1
LARGEST = FULL - 1
BANDS = 40  # of the features


@dataclass(frozen=True)
class Audio:
    """Waves of one channel: x [1, L] in [-1, 1], L the longest recording of the training split.

    A shorter recording is followed by silence. Values are rounded to 16 bits when they are stored and written.

    Args:
        rate: numbers in a second; 0 before `fit`.
        length: L; 0: that of the longest recording.
    """

    sheet: ClassVar[int] = 10
    rate: int = 0
    length: int = 0

    def fit(self, items: Items) -> "Audio":
        if items.rate <= 0 or items.x.ndim != 1 or items.x.dtype != object:
            raise DataError(f"sound is an array of recordings [N] with a rate; these data are {items.x.dtype}")
        if self.rate not in (0, items.rate):
            raise DataError(
                f"the recordings have {items.rate:,} Hz, and the recipe {self.rate:,} Hz",
                hint="Set source.rate, or leave domain.rate out.",
            )
        return replace(self, rate=items.rate, length=self.length or max(len(each) for each in items.x))

    def spec(self, items: Items) -> Spec:
        shape = (1, self.length)
        return Spec("audio", shape, bounded=True, classes=items.classes, settings={"rate": self.rate})

    def store(self, items: Items) -> RaggedStore:
        """The recordings as they are."""
        return RaggedStore(items.x, items.y, self.length)

    def encode(self, items: Items) -> np.ndarray[Any, Any]:
        return self.store(items).rows(torch.arange(len(items))).numpy()

    def to_tensor(self, stored: Tensor) -> Tensor:
        return stored[:, None].float() / FULL  # [B, 1, L]

    def decode(self, x: Tensor) -> np.ndarray[Any, Any]:
        """Recordings int16 [N, L]."""
        found: np.ndarray[Any, Any] = in_sixteen_bits(x[:, 0].detach()).cpu().numpy().astype(np.int16)
        return found

    def as_written(self, x: Tensor) -> Tensor:
        """x after `decode` and `encode`."""
        return in_sixteen_bits(x) / FULL

    def features(self, x: Tensor) -> Tensor:
        """Vectors [N, 2 * bands]: mean and deviation over time of each band of a spectrogram."""
        mel = Mel(rate=self.rate, size=256, window=256, hop=128, filters=BANDS, high=0.0, floor=1e-3)
        heights = mel.of(torch.nn.functional.pad(x.detach().float(), (0, -x.shape[2] % mel.hop)))
        return torch.cat([heights.mean(2), heights.std(2)], dim=1)

    def render(self, x: Tensor, columns: int | None = None) -> Image.Image:
        """Each sample's wave, and its spectrogram below it."""
        return audio_picture(x[:, 0].detach().float().cpu(), self.rate, columns)


def in_sixteen_bits(x: Tensor) -> Tensor:
    """x in [-1, 1] as the nearest whole numbers of int16, still float."""
    return (x.float() * FULL).round().clamp(-FULL, LARGEST)
