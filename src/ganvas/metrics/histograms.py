"""Histograms of several sets of numbers with the same bins."""

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor


class Histograms(NamedTuple):
    """Shares of each set in equal bins.

    Args:
        low, high: bounds of the first and the last bin.
        shares: by name of the set; they add up to 1.
    """

    low: float
    high: float
    shares: dict[str, tuple[float, ...]]


def histograms(sets: Mapping[str, Tensor], bins: int) -> Histograms:
    """Histograms over the range of all sets together.

    Args:
        sets: finite numbers, at least one in each.
        bins: of each histogram.

    Returns:
        Bounds, and shares rounded to four decimals.
    """
    together = torch.cat([each.flatten() for each in sets.values()])
    low, high = float(together.min()), float(together.max())
    high = high if high > low else low + 1.0
    counts = {name: torch.histc(each.float(), bins, low, high) / each.numel() for name, each in sets.items()}
    return Histograms(low, high, {name: tuple(round(each, 4) for each in of.tolist()) for name, of in counts.items()})
