"""Distances of two sets of sequences by what happens over time: autocorrelation, spectrum, correlation of channels."""

import torch
from jaxtyping import Float
from torch import Tensor

FAINT = 1e-10  # share of a channel's power below which a frequency counts as silent


def autocorrelation(x: Float[Tensor, "n c t"], mask: Float[Tensor, "n t"]) -> Float[Tensor, "c l"]:
    """r(l) = sum a_t a_{t+l} / sum a_t^2 over all sequences, a = x - its mean over time; l = 1 ... T / 2.

    Box, Jenkins and Reinsel 1994, "Time Series Analysis", section 2.1.5, pooled. 1 for a channel that never changes.
    """
    a = centred(x, mask)
    power = a.square().sum((0, 2))
    lags = [(a[:, :, :-lag] * a[:, :, lag:]).sum((0, 2)) for lag in range(1, max(2, x.shape[2] // 2 + 1))]
    return torch.where(power > 0, torch.stack(lags) / power.clamp(min=1e-300), 1.0).T


def spectrum(x: Float[Tensor, "n c t"], mask: Float[Tensor, "n t"]) -> Float[Tensor, "c f"]:
    """P(f) = the mean over sequences of |FFT of (x - its mean)|^2, as shares of a channel's power, f > 0."""
    power = torch.fft.rfft(centred(x, mask), dim=2).abs().square().mean(0)[:, 1:]
    return power / power.sum(1, keepdim=True).clamp(min=1e-300)


def correlations(x: Float[Tensor, "n c t"], mask: Float[Tensor, "n t"]) -> Float[Tensor, "p"]:
    """Pearson's correlation of each pair of channels, over all steps of all sequences; 0 for a constant channel."""
    steps = x.transpose(1, 2)[mask > 0].double()  # [S, C]
    steps = steps - steps.mean(0)
    norms = steps.square().sum(0).sqrt().clamp(min=1e-300)
    every = steps.T @ steps / (norms[:, None] * norms)
    upper = torch.triu_indices(x.shape[1], x.shape[1], 1)
    return every[upper[0], upper[1]]


def centred(x: Tensor, mask: Tensor) -> Tensor:
    """Each sequence's channels minus their means over its steps, float64; 0 behind the end."""
    weight = mask[:, None].double()
    mean = (x.double() * weight).sum(2, keepdim=True) / weight.sum(2, keepdim=True)
    return (x.double() - mean) * weight


def autocorrelation_distance(real: tuple[Tensor, Tensor], fake: tuple[Tensor, Tensor]) -> float:
    """The mean over channels and lags of |r - r'|; each side is x and its mask."""
    return float((autocorrelation(*real) - autocorrelation(*fake)).abs().mean())


def spectrum_distance(real: tuple[Tensor, Tensor], fake: tuple[Tensor, Tensor]) -> float:
    """sqrt(mean_f (10 log10 P / P')^2) in decibels, the mean over channels; P, P' shares of power.

    Log-spectral distance: Gray and Markel 1976. https://doi.org/10.1109/TASSP.1976.1162849
    """
    sides = [10 * (spectrum(*side) + FAINT).log10() for side in (real, fake)]
    return float((sides[0] - sides[1]).square().mean(1).sqrt().mean())


def correlation_distance(real: tuple[Tensor, Tensor], fake: tuple[Tensor, Tensor]) -> float:
    """The mean over pairs of channels of |rho - rho'|; 0 with one channel."""
    if real[0].shape[1] < 2:
        return 0.0
    return float((correlations(*real) - correlations(*fake)).abs().mean())
