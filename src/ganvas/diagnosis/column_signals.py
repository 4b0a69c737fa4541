"""The doctor's signals of a table: each column of the samples compared with that of the data."""

import torch
from torch import Tensor

from ..data.stream import Stream
from ..domains.columns import Columns
from ..metrics.columns import relative_variance_of_variance, standardised, wasserstein

MOST = 50  # columns with signals at one measurement: those with the largest distances


def columns_of(stream: Stream) -> tuple[str, ...]:
    """The names of the columns that networks see; none where the data are no table."""
    return stream.domain.labels if isinstance(stream.domain, Columns) else ()


def column_signals(names: tuple[str, ...], *, real: Tensor, fake: Tensor) -> dict[str, float]:
    """Signals "column.NAME.*" of fakes [m, V] and reals [n, V], each column in standard deviations of its reals.

    apart: the first Wasserstein distance. sd: the standard deviation of the fakes. shift: their mean. chance: the
    relative standard error of the variance of m reals, from their fourth moment; large if few values are far out.
    """
    x, y = standardised(real, fake)
    distances = [wasserstein(x[:, place].sort().values, y[:, place].sort().values) for place in range(len(names))]
    found: dict[str, float] = {}
    for place in torch.tensor(distances).argsort(descending=True)[:MOST].tolist():
        column, signals = y[:, place], f"column.{names[place]}"
        found[f"{signals}.apart"], found[f"{signals}.sd"], found[f"{signals}.shift"] = (
            distances[place],
            float(column.std()),
            float(column.mean()),
        )
        found[f"{signals}.chance"] = (relative_variance_of_variance(x[:, place]) * len(x) / len(y)) ** 0.5
    return found
