"""A wave from a spectrogram without learning: the baseline of every vocoder."""

import torch
from jaxtyping import Float
from torch import Tensor

from .mel import Mel, mel_filters
from .stft import istft, mirrored, stft

AT_ONCE = 16  # waves


def magnitudes_of_mel(mel: Mel, heights: Float[Tensor, "b m t"]) -> Float[Tensor, "b f t"]:
    """max(0, M^+ exp(heights)): the least-squares magnitudes of a log mel spectrogram; M^+ is the pseudo-inverse."""
    inverse = torch.linalg.pinv(mel_filters(mel)).to(heights)
    return torch.matmul(inverse, heights.exp()).clamp(min=0)


def griffin_lim(
    mel: Mel,
    magnitudes: Float[Tensor, "b f t"],
    *,
    iterations: int = 32,
    momentum: float = 0.99,
    generator: torch.Generator | None = None,
    phases: Float[Tensor, "#b f t"] | None = None,
) -> Float[Tensor, "b 1 l"]:
    """c <- P(A exp(i arg t)); t <- c + momentum (c - c_before), P = STFT of its inverse. Perraudin et al. 2013,
    algorithm 1. https://doi.org/10.1109/WASPAA.2013.6701851

    With momentum 0 it is that of Griffin and Lim 1984 (https://doi.org/10.1109/TASSP.1984.1164317), whose distance to
    A never rises. The first phases are uniform.

    Args:
        mel: settings of the transform.
        magnitudes: A.
        iterations: how many.
        momentum: 0 or more; 0.99 in common tools.
        generator: of the first phases.
        phases: these, in place of uniform ones.
    """
    shape = {"size": mel.size, "hop": mel.hop, "window": mel.window}
    if phases is None:
        phases = 2 * torch.pi * torch.rand(magnitudes.shape, dtype=magnitudes.dtype, generator=generator)
    first = phases.expand_as(magnitudes)
    guess, before = torch.polar(torch.ones_like(magnitudes), first), torch.zeros((), dtype=torch.complex64)
    for _ in range(iterations):
        wave = istft(torch.polar(magnitudes, guess.angle()), **shape)
        rebuilt = stft(mirrored(wave, mel.size, mel.hop), **shape)
        guess, before = rebuilt + momentum * (rebuilt - before), rebuilt
    return istft(torch.polar(magnitudes, guess.angle()), **shape)[:, None]


@torch.no_grad()
def waves_of_mel(mel: Mel, heights: Float[Tensor, "b m t"], iterations: int = 32) -> Float[Tensor, "b 1 l"]:
    """Griffin-Lim of log mel spectrograms; all begin with the same phases.

    So a wave depends on nothing but its spectrogram.

    Args:
        mel: their settings.
        heights: spectrograms.
        iterations: how many.
    """
    shape = (1, mel.size // 2 + 1, heights.shape[2])
    phases = 2 * torch.pi * torch.rand(shape, generator=torch.Generator().manual_seed(0))
    parts = [magnitudes_of_mel(mel, part) for part in heights.float().split(AT_ONCE)]
    return torch.cat([griffin_lim(mel, part, iterations=iterations, phases=phases) for part in parts])
