"""Sequences that are computed: sine waves of several channels, as in the paper of TimeGAN."""

import math
from dataclasses import dataclass

import numpy as np

from ..base.draws import uniform_rows
from ..base.types import Count
from .source import Items, Split
from .table_column import TableColumn


@dataclass(frozen=True)
class MadeSines:
    """x_c(t) = sin(2 pi f_c t + p_c) for t = 0, 1, ...; f_c and p_c uniform, other ones for each channel and sequence.

    Yoon et al. 2019 (TimeGAN), section 5.2: f in [0, 1), p in [-pi, pi).
    https://proceedings.neurips.cc/paper/2019/hash/c9efe5f26cd17ba6216bbe2a7d26d490-Abstract.html
    The program of its authors draws 2 pi f and p from [0, 0.1), so that its sequences are slow.

    Args:
        channels: of a sequence.
        length: steps of a sequence.
        samples: sequences of the training split; val and test have a quarter each.
        frequency: the bounds of f.
        phase: the bounds of p.
        seed: of all sequences.
    """

    channels: Count = 5
    length: Count = 24
    samples: Count = 8_000
    frequency: tuple[float, float] = (0.0, 1.0)
    phase: tuple[float, float] = (-math.pi, math.pi)
    seed: int = 0

    def items(self, split: Split) -> Items:
        n = self.samples if split == "train" else max(1, self.samples // 4)
        u = uniform_rows((self.seed, "sines", split), range(n), 2 * self.channels)
        sides = ((u[:, : self.channels], self.frequency), (u[:, self.channels :], self.phase))
        f, p = (low + (high - low) * each for each, (low, high) in sides)
        x = np.sin(2 * math.pi * f[:, None] * np.arange(self.length)[None, :, None] + p[:, None])  # [N, T, C]
        names = tuple(f"wave {place + 1}" for place in range(self.channels))
        return Items(x=x, columns=names, table=tuple(TableColumn(name, "number", "made") for name in names))
