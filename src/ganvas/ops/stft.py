"""The short-time Fourier transform of waves, and its inverse by overlap and addition."""

from functools import lru_cache

import torch
import torch.nn.functional as F
from jaxtyping import Complex, Float
from torch import Tensor

LEAST_POWER = 1e-18  # of |X|^2 before the square root, whose slope at 0 is infinite
LEAST_ENVELOPE = 1e-8  # of the windows' sum, which is 0 where no frame reaches


@lru_cache(maxsize=32)
def hann(window: int, size: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    """sin^2(pi n / window), n = 0 .. window - 1, with zeros on both sides: [size].

    Harris 1978, equation 27b. https://doi.org/10.1109/PROC.1978.10837
    """
    before = (size - window) // 2
    values = torch.hann_window(window, dtype=torch.float64, device="cpu")
    return F.pad(values, (before, size - window - before)).to(device, dtype)


def stft(x: Float[Tensor, "b l"], *, size: int, hop: int, window: int) -> Complex[Tensor, "b f t"]:
    """X[f, t] = sum over n of w[n] x[t hop + n] exp(-2 pi i f n / size), without padding.

    Allen and Rabiner 1977, equation 1. https://doi.org/10.1109/PROC.1977.10770

    Args:
        x: waves of at least `size` numbers.
        size: of the transform.
        hop: numbers between frames.
        window: length of the Hann window, at most `size`.

    Returns:
        [B, size // 2 + 1, 1 + (L - size) // hop].
    """
    frames = x.unfold(-1, size, hop) * hann(window, size, x.dtype, x.device)  # [B, T, size]
    return torch.fft.rfft(frames).transpose(1, 2)


def magnitudes(x: Float[Tensor, "b l"], *, size: int, hop: int, window: int) -> Float[Tensor, "b f t"]:
    """|STFT| of x with the ends mirrored, so that frame t is in the middle of x[t hop : (t + 1) hop].

    The padding is (size - hop) / 2 on both sides, as in HiFi-GAN: L / hop frames. Kong et al. 2020.
    https://arxiv.org/abs/2010.05646

    Args:
        x: waves of more than (size - hop) / 2 numbers.
        size, hop, window: those of `stft`.

    Returns:
        [B, size // 2 + 1, L // hop].
    """
    spectrum = stft(mirrored(x, size, hop), size=size, hop=hop, window=window)
    power = spectrum.real.square() + spectrum.imag.square()
    return power.clamp(min=LEAST_POWER).sqrt()


def mirrored(x: Float[Tensor, "b l"], size: int, hop: int) -> Float[Tensor, "b m"]:
    """x with (size - hop) / 2 numbers mirrored at both ends, one more at the end where that is odd."""
    before = (size - hop) // 2
    padded: Tensor = F.pad(x[:, None], (before, size - hop - before), mode="reflect")
    return padded[:, 0]


def istft(spectrum: Complex[Tensor, "b f t"], *, size: int, hop: int, window: int) -> Float[Tensor, "b l"]:
    """x[n] = sum over t of w[n - t hop] x_t[n - t hop] / sum over t of w^2[n - t hop], x_t = irfft(X[:, t]).

    Griffin and Lim 1984, equation 6. https://doi.org/10.1109/TASSP.1984.1164317. The inverse of the transform in
    `magnitudes`: what its padding added is cut off.

    Args:
        spectrum: [B, size // 2 + 1, T].
        size, hop, window: those of `stft`.

    Returns:
        [B, T * hop].
    """
    frames = torch.fft.irfft(spectrum, n=size, dim=1)  # [B, size, T]
    w = hann(window, size, frames.dtype, frames.device)
    count = frames.shape[2]
    made = overlap_added(frames * w[:, None], hop)
    envelope = overlap_added(w.square()[None, :, None].expand(1, size, count), hop)
    before = (size - hop) // 2
    cut = slice(before, before + count * hop)
    return made[:, cut] / envelope[:, cut].clamp(min=LEAST_ENVELOPE)


def overlap_added(frames: Float[Tensor, "b n t"], hop: int) -> Float[Tensor, "b l"]:
    """Frames, each `hop` later than the one before, added: [B, (T - 1) hop + size]."""
    size, count = frames.shape[1:]
    length = (count - 1) * hop + size
    made = F.fold(frames, output_size=(1, length), kernel_size=(1, size), stride=(1, hop))
    return made[:, 0, 0]
