"""The mel spectrogram: a vocoder's input. Its settings are one value, which is stored with each model."""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from typing import Annotated, Any, Literal

import numpy as np
import torch
from annotated_types import Ge, Gt
from jaxtyping import Float, Float64
from torch import Tensor

from .stft import magnitudes

LINEAR = 200 / 3  # Hz of one mel below KNEE in Slaney's scale
KNEE, KNEE_MEL = 1000.0, 15.0
LOG_STEP = float(np.log(6.4)) / 27
Hertz = Annotated[float, Ge(0)]
Size = Annotated[int, Gt(0)]


@dataclass(frozen=True)
class Mel:
    """log(max(floor, M |STFT(x)|)): M has `filters` triangles that are evenly spaced on the mel scale.

    Stevens et al. 1937, in the form of Slaney 1998 (https://engineering.purdue.edu/~malcolm/interval/1998-010), which
    librosa computes; the settings are those of HiFi-GAN (https://arxiv.org/abs/2010.05646). The logarithm is natural,
    and nothing else is normalised.

    Args:
        rate: numbers of the wave in a second.
        size: of the Fourier transform.
        window: length of the Hann window.
        hop: numbers between frames.
        filters: rows of the spectrogram.
        low: Hz at which the first filter begins.
        high: Hz at which the last one ends; 0: half the rate.
        scale: "slaney" (linear below 1 kHz), or "htk" (2595 log10(1 + f / 700)).
        area: whether each filter has the same area (Slaney), or the same height 1.
        floor: the least value before the logarithm.

    Raises:
        ValueError: the values do not fit together.

    Example:
        >>> import torch
        >>> from ganvas.ops.mel import Mel
        >>> Mel(rate=16000, size=512, window=512, hop=128, filters=40).of(torch.zeros(1, 1, 1024)).shape
        torch.Size([1, 40, 8])
    """

    rate: Size = 22_050
    size: Size = 1024
    window: Size = 1024
    hop: Size = 256
    filters: Size = 80
    low: Hertz = 0.0
    high: Hertz = 0.0
    scale: Literal["slaney", "htk"] = "slaney"
    area: bool = True
    floor: Annotated[float, Gt(0)] = 1e-5

    def __post_init__(self) -> None:
        if self.window > self.size or self.hop > self.window:
            raise ValueError("hop <= window <= size is needed")
        if not self.low < self.top <= self.rate / 2:
            raise ValueError("low < high <= rate / 2 is needed")

    @property
    def top(self) -> float:
        """Hz at which the last filter ends."""
        return self.high or self.rate / 2

    @property
    def sha256(self) -> str:
        """The fingerprint of the settings: a vocoder takes spectrograms with the same one."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()

    def of(self, x: Float[Tensor, "b 1 l"]) -> Float[Tensor, "b m t"]:
        """The spectrogram of waves.

        Args:
            x: [B, 1, L] in [-1, 1], L a multiple of `hop`.

        Returns:
            [B, filters, L / hop], at least log(floor).
        """
        m = mel_filters(self).to(x.device, x.dtype)
        heights = torch.matmul(m, magnitudes(x[:, 0], size=self.size, hop=self.hop, window=self.window))
        return heights.clamp(min=self.floor).log()

    def to_unit(self, heights: Float[Tensor, "*shape"], high: float) -> Float[Tensor, "*shape"]:
        """Spectrograms as numbers in [-1, 1]: log(floor) becomes -1, `high` and what is above it 1."""
        low = math.log(self.floor)
        return (2 * (heights - low) / (high - low) - 1).clamp(-1, 1)

    def from_unit(self, x: Float[Tensor, "*shape"], high: float) -> Float[Tensor, "*shape"]:
        """The inverse of `to_unit`."""
        low = math.log(self.floor)
        return (x.clamp(-1, 1) + 1) * ((high - low) / 2) + low


def mel_of(settings: Mapping[str, Any]) -> Mel:
    """The settings in the plain form that a Spec has."""
    return Mel(**{field.name: settings[field.name] for field in fields(Mel)})


@lru_cache(maxsize=16)
def mel_filters(mel: Mel) -> Float[Tensor, "m f"]:
    """Triangles [filters, size // 2 + 1], float64, between neighbouring centres that are evenly spaced in mels."""
    bins = np.arange(mel.size // 2 + 1) * (mel.rate / mel.size)
    first, last = (float(each) for each in mels_of(np.array([mel.low, mel.top]), mel.scale))
    edges = hertz_of(np.linspace(first, last, mel.filters + 2), mel.scale)
    rising = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    triangles = np.maximum(0, np.minimum(rising, falling))
    if mel.area:
        triangles *= (2 / (edges[2:] - edges[:-2]))[:, None]
    return torch.from_numpy(triangles)


def mels_of(hertz: Float64[np.ndarray, "n"], scale: str) -> Float64[np.ndarray, "n"]:
    """Frequencies in mels."""
    if scale == "htk":
        return 2595 * np.log10(1 + hertz / 700)
    above = KNEE_MEL + np.log(np.maximum(hertz, KNEE) / KNEE) / LOG_STEP
    return np.where(hertz < KNEE, hertz / LINEAR, above)


def hertz_of(mels: Float64[np.ndarray, "n"], scale: str) -> Float64[np.ndarray, "n"]:
    """The inverse of `mels_of`."""
    if scale == "htk":
        return 700 * (10 ** (mels / 2595) - 1)
    above = KNEE * np.exp(LOG_STEP * (np.maximum(mels, KNEE_MEL) - KNEE_MEL))
    return np.where(mels < KNEE_MEL, LINEAR * mels, above)
