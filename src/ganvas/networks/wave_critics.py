"""Discriminators of waves: by periods, by scales, and by spectrograms of several resolutions."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn

from ..base.types import Count, Network, Spec, Verdict
from ..ops.stft import magnitudes
from .wave_layers import normalised, verdict_of, wave_length, wide


@dataclass(frozen=True)
class Periods:
    """[D_p(x) for p in periods]: x is folded to [L / p, p], so that each column has every p-th number.

    Kong et al. 2020, section 2.3. https://arxiv.org/abs/2010.05646. Convolutions are 5 x 1, strided by 3; the paper's
    width is 32. The end of x is mirrored to a multiple of the period.

    Args:
        periods: prime numbers, in samples.
        width: channels of the first convolution; then 4, 16, 32 and 32 times as many.
    """

    periods: tuple[Count, ...] = (2, 3, 5, 7, 11)
    width: Count = 32

    def build(self, spec: Spec) -> nn.Module:
        wave_length(self, spec)
        return Critics([PeriodCritic(period, self.width) for period in self.periods])


class PeriodCritic(nn.Module):
    """x [B, 1, L] -> logits [B, K] of one period."""

    def __init__(self, period: int, width: int) -> None:
        super().__init__()
        self.period = period
        channels = (1, width, 4 * width, 16 * width, 32 * width)
        layers = [normalised(nn.Conv2d(before, after, (5, 1), (3, 1), (2, 0))) for before, after in pairwise(channels)]
        layers.append(normalised(nn.Conv2d(channels[-1], channels[-1], (5, 1), 1, (2, 0))))
        self.layers = nn.ModuleList(layers)
        self.head = normalised(nn.Conv2d(channels[-1], 1, (3, 1), 1, (1, 0)))

    def forward(self, x: Tensor) -> Verdict:
        missing = -x.shape[2] % self.period
        x = nn.functional.pad(x, (0, missing), mode="reflect") if missing else x
        columns = x.unflatten(2, (-1, self.period))  # [B, 1, L / p, p]
        return verdict_of(self.layers, self.head, columns.contiguous(memory_format=torch.channels_last))


@dataclass(frozen=True)
class Scales:
    """[D_1(x), D_2(mean of every 4 numbers, step 2), ...]: grouped convolutions along time.

    Kumar et al. 2019 (https://arxiv.org/abs/1910.06711) with the layers of Kong et al. 2020, appendix A
    (https://arxiv.org/abs/2010.05646). There the first scale has spectral norm; here all weights are g v / |v|.

    Args:
        scales: how many.
        width: channels of the first convolution, a multiple of 16; 128 in the paper.
    """

    scales: Count = 3
    width: Count = 128

    def build(self, spec: Spec) -> nn.Module:
        wave_length(self, spec)
        return Critics([ScaleCritic(halvings, self.width) for halvings in range(self.scales)])


class ScaleCritic(nn.Module):
    """x [B, 1, L] -> logits [B, K] of one scale."""

    def __init__(self, halvings: int, width: int) -> None:
        super().__init__()
        self.halvings = halvings
        shapes = (  # inputs, outputs, kernel, stride, groups
            (1, width, 15, 1, 1),
            (width, width, 41, 2, 4),
            (width, 2 * width, 41, 2, 16),
            (2 * width, 4 * width, 41, 4, 16),
            (4 * width, 8 * width, 41, 4, 16),
            (8 * width, 8 * width, 41, 1, 16),
            (8 * width, 8 * width, 5, 1, 1),
        )
        self.layers = nn.ModuleList(
            normalised(nn.Conv1d(before, after, kernel, stride, kernel // 2, groups=groups))
            for before, after, kernel, stride, groups in shapes
        )
        self.head = normalised(nn.Conv1d(8 * width, 1, 3, 1, 1))

    def forward(self, x: Tensor) -> Verdict:
        for _ in range(self.halvings):
            x = nn.functional.avg_pool1d(x, 4, 2, 2)
        return verdict_of(self.layers, self.head, x)


@dataclass(frozen=True)
class Resolutions:
    """[D_s(|STFT_s(x)|) for s in sizes]: convolutions over spectrograms of several resolutions.

    Jang et al. 2021, section 2.2 (https://arxiv.org/abs/2106.07889); its strides are along time, here along frequency,
    which costs less on a CPU. The hop is a quarter of the size. The last convolution, 3 x 3, has no stride.

    Args:
        sizes: of the Fourier transforms, in samples.
        width: channels; 32 in the paper.
        strides: of the convolutions, along frequency.
        kernel: of these along frequency, odd; along time it is 3.
    """

    sizes: tuple[Count, ...] = (1024, 2048, 512)
    width: Count = 32
    strides: tuple[Count, ...] = (1, 2, 2, 2)
    kernel: Count = 9

    def build(self, spec: Spec) -> nn.Module:
        wave_length(self, spec)
        return Critics([ResolutionCritic(size, self.width, self.strides, self.kernel) for size in self.sizes])


class ResolutionCritic(nn.Module):
    """x [B, 1, L] -> logits [B, K] of one resolution."""

    def __init__(self, size: int, width: int, strides: tuple[int, ...], kernel: int) -> None:
        super().__init__()
        self.transform = {"size": size, "hop": size // 4, "window": size}
        layers = [
            nn.Conv2d(width if number else 1, width, (3, kernel), (1, stride), (1, kernel // 2))
            for number, stride in enumerate(strides)
        ]
        layers += [nn.Conv2d(width, width, 3, 1, 1)]
        self.layers = nn.ModuleList(map(normalised, layers))
        self.head = normalised(nn.Conv2d(width, 1, 3, 1, 1))

    def forward(self, x: Tensor) -> Verdict:
        heights = magnitudes(wide(x[:, 0]), **self.transform).transpose(1, 2)[:, None]  # [B, 1, T, F]
        return verdict_of(self.layers, self.head, heights.contiguous(memory_format=torch.channels_last))


@dataclass(frozen=True)
class Joined:
    """[D_1(x), D_2(x), ...]: several discriminators of the same data, each with its logits.

    The loss is taken of each, and their means are added, as in Kong et al. 2020, equations 1 and 2.
    https://arxiv.org/abs/2010.05646

    Args:
        networks: discriminators.
    """

    networks: tuple[Network, ...] = (Periods(), Scales())

    def build(self, spec: Spec) -> nn.Module:
        return JoinedDiscriminators([network.build(spec) for network in self.networks])


class Critics(nn.Module):
    """Discriminators of x -> one verdict with a tuple of logits, and all features."""

    def __init__(self, critics: list[nn.Module]) -> None:
        super().__init__()
        self.critics = nn.ModuleList(critics)

    def forward(self, x: Tensor, y: Tensor | None, given: Mapping[str, Tensor]) -> Verdict:
        return together([critic(x) for critic in self.critics])


class JoinedDiscriminators(nn.Module):
    """Discriminators of (x, y, given) -> one verdict with a tuple of logits, and all features."""

    def __init__(self, critics: list[nn.Module]) -> None:
        super().__init__()
        self.critics = nn.ModuleList(critics)

    def forward(self, x: Tensor, y: Tensor | None, given: Mapping[str, Tensor]) -> Verdict:
        return together([critic(x, y, given) for critic in self.critics])


def together(verdicts: list[Verdict]) -> Verdict:
    """Several verdicts as one."""
    logits: list[Tensor] = []
    for verdict in verdicts:
        logits += [verdict.logits] if isinstance(verdict.logits, Tensor) else list(verdict.logits)
    return Verdict(tuple(logits), features=tuple(feature for verdict in verdicts for feature in verdict.features))
