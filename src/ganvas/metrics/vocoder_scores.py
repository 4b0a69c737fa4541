"""Distances of made waves from recordings: mel spectrograms, and spectra of several resolutions."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from ..base.errors import DataError
from ..base.types import Batch, Count, Spec
from ..ops.mel import Mel
from ..ops.stft import magnitudes
from .contract import Result, require
from .restoration import standard_error

SIZES = (2048, 1024, 512, 256)  # of the Fourier transforms, as far as the waves are long enough
LEAST = 1e-5  # of a magnitude before the logarithm
PART = 64  # waves at a time


@dataclass(frozen=True)
class VocoderScores:
    """mel_l1: mean |mel(x) - mel(made)|; stft_distance: mean over resolutions of spectral convergence + log L1.

    mel_l1 as in the validation of HiFi-GAN (Kong et al. 2020, https://arxiv.org/abs/2010.05646); stft_distance is that
    of Yamamoto et al. 2020, equations 4 to 6 (https://arxiv.org/abs/1910.11480), over transforms of 256 to 2,048
    numbers, a quarter of that apart. Of pairs as given; error: the standard error of the mean.

    Args:
        n: pairs, at most.
        mel: settings of the spectrogram.

    Raises:
        UsageError: by `check_spec`, for data that are no waves of this rate.
        DataError: by `measure`, for waves that are not finite, or no pairs.
    """

    n: Count = 1_000
    mel: Mel = Mel(high=0.0)  # noqa: RUF009  # frozen
    in_every_evaluation: ClassVar[bool] = False

    def check_spec(self, spec: Spec, output_kind: str) -> None:
        fits = spec.domain == "audio" and spec.settings.get("rate") == self.mel.rate and "mel" in spec.given
        require(output_kind == "samples" and fits, self, f"waves of {self.mel.rate:,} Hz made from spectrograms")

    def measure(self, *, real: Batch, fake: Batch) -> tuple[Result, ...]:
        if real.x.shape != fake.x.shape or not len(real.x):
            raise DataError(f"{list(fake.x.shape)} made waves are no pairs with {list(real.x.shape)}")
        if not torch.isfinite(fake.x).all():
            raise DataError("waves hold numbers that are not finite")
        common = {"pairs": "as given", "range": "[-1, 1]", "length": real.x.shape[2], "rate": self.mel.rate}
        protocols = {
            "mel_l1": {**common, "mel": asdict(self.mel)},
            "stft_distance": {**common, "sizes": usable_sizes(real.x), "hop": "size / 4", "window": "Hann"},
        }
        measures: dict[str, Callable[..., Tensor]] = {"mel_l1": self.mel_l1, "stft_distance": stft_distance}
        return tuple(result(name, in_parts(each, real.x, fake.x), protocols[name]) for name, each in measures.items())

    def mel_l1(self, real: Float[Tensor, "n 1 l"], fake: Float[Tensor, "n 1 l"]) -> Float[Tensor, "n"]:
        """The mean distance of two log mel spectrograms."""
        return (self.mel.of(real) - self.mel.of(fake)).abs().flatten(1).mean(1)


def result(name: str, values: Tensor, protocol: dict[str, Any]) -> Result:
    """The mean of a number for each pair."""
    return Result(name, float(values.mean()), len(values), standard_error(values), True, protocol)


def in_parts(measure: Callable[..., Tensor], real: Tensor, fake: Tensor) -> Tensor:
    """A number for each pair, some pairs at a time."""
    pairs = zip(real.float().split(PART), fake.float().split(PART), strict=True)
    return torch.cat([measure(x, y) for x, y in pairs]).double()


def usable_sizes(x: Tensor) -> list[int]:
    """The transforms for which a wave is long enough."""
    return [size for size in SIZES if x.shape[2] >= size]


def stft_distance(real: Float[Tensor, "n 1 l"], fake: Float[Tensor, "n 1 l"]) -> Float[Tensor, "n"]:
    """mean over sizes of ||X| - |Y||_F / ||X||_F + mean |log |X| - log |Y||. Yamamoto et al. 2020, equations 4 to 6.
    https://arxiv.org/abs/1910.11480

    Args:
        real, fake: waves of at least 256 numbers.
    """
    found: list[Tensor] = []
    for size in usable_sizes(real):
        x, y = (magnitudes(each[:, 0], size=size, hop=size // 4, window=size).clamp(min=LEAST) for each in (real, fake))
        convergence = (x - y).flatten(1).norm(dim=1) / x.flatten(1).norm(dim=1)
        found.append(convergence + (x.log() - y.log()).abs().flatten(1).mean(1))
    return torch.stack(found).mean(0)
