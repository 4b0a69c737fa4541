"""One column of a table as numbers for networks, and back."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..base.draws import permutation, uniform_rows
from ..data.table_column import TableColumn
from ..ops.variational_mixture import variational_mixture

LEAST = 0.005  # weight of a mode below which it is left out
SIGMAS = 4.0  # standard deviations of its mode that become 1
FITTED = 50_000  # values that a mixture is fitted to
Numbers = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class ColumnCode:
    """How one column is coded.

    Args:
        counts: training rows of each category or mode; the last is that of missing values, where there are some.
        means, scales: of each mode of numbers, in the column's unit; empty for categories.
        of: the place, among the learnt columns, of the one that this column follows from; -1: none.
        values: of a column that follows from another, for each category of that one.
        parts: places of the columns whose sum this column is; empty: it is none.
    """

    counts: tuple[int, ...]
    means: tuple[float, ...] = ()
    scales: tuple[float, ...] = ()
    of: int = -1
    values: tuple[float, ...] = ()
    parts: tuple[int, ...] = ()


def category_code(column: TableColumn, values: Numbers) -> ColumnCode:
    """The code of a discrete column, from the training rows' places in its categories."""
    categories = len(column.categories)
    found = np.bincount(values[~np.isnan(values)].astype(np.int64), minlength=categories).tolist()
    return ColumnCode((*found, int(np.isnan(values).sum())) if column.missing else tuple(found))


def number_code(column: TableColumn, values: Numbers, modes: int, spikes: float = 0.0) -> ColumnCode:
    """The code of a column of numbers: the modes of a variational Gaussian mixture with a weight above 0.005.

    Xu et al. 2019, section 4.2; ops/variational_mixture.py. A value that is at least the share `spikes` of the rows is
    a mode of its own, of scale 0, and the mixture is that of the other values; 0: there are none.
    """
    known = values[~np.isnan(values)].astype(np.float64)
    missing = (int(np.isnan(values).sum()),) if column.missing else ()
    if not len(known):
        return ColumnCode((0, *missing), (0.0,), (1.0,))
    points = spikes_of(known, spikes) if spikes else np.empty(0)
    rest = known[~np.isin(known, points)]
    means, scales = mixture(rest, modes) if len(rest) else (np.empty(0), np.empty(0))
    means, scales = np.concatenate([points, means]), np.concatenate([np.zeros(len(points)), scales])
    code = ColumnCode((1,) * len(means), tuple(means.tolist()), tuple(scales.tolist()))
    likely = responsibilities(code, known).argmax(axis=1)
    counts = np.bincount(likely, minlength=len(means)).tolist()
    return ColumnCode((*counts, *missing), code.means, code.scales)


def spikes_of(known: Numbers, share: float) -> Numbers:
    """The values that are at least this share of all."""
    values, counts = np.unique(known, return_counts=True)
    found: Numbers = values[counts >= share * len(known)]
    return found


def mixture(values: Numbers, modes: int) -> tuple[Numbers, Numbers]:
    """Means and standard deviations of the modes of values that are not left out."""
    centre, spread = float(values.mean()), float(values.std()) or 1.0
    some = values[permutation(("mixture",), len(values))[:FITTED]]
    found = variational_mixture((some - centre) / spread, modes)
    frequent = found.weights > LEAST
    scales = np.maximum(found.deviations[frequent] * spread, 1e-9 * max(1.0, abs(centre)))
    return found.means[frequent] * spread + centre, scales


def responsibilities(code: ColumnCode, values: Numbers) -> Numbers:
    """P(k | c) [N, K] of the modes that can hold each value, by their counts as weights.

    A mode holds the values within 4 standard deviations of its mean; one of scale 0 its own value, which no other mode
    then gets. Where none does, it is the nearest.
    """
    means, scales = np.array(code.means), np.array(code.scales)
    weights = np.maximum(np.array(code.counts[: len(means)], float), 1e-9)
    point = scales == 0
    width = np.where(point, 1.0, scales)
    away = np.abs(values[:, None] - means) / width
    exact = point & (away == 0)
    holds = np.where(exact.any(axis=1, keepdims=True), exact, ~point & (away <= SIGMAS))
    nearest = np.where(point & (not point.all()), np.inf, away).argmin(axis=1)
    holds = np.where(holds.any(axis=1, keepdims=True), holds, np.eye(len(means), dtype=bool)[nearest])
    logs = np.where(holds, np.log(weights) - np.log(width) - away**2 / 2, -np.inf)
    found: Numbers = np.exp(logs - logs.max(axis=1, keepdims=True))
    return found / found.sum(axis=1, keepdims=True)


def coded(code: ColumnCode, column: TableColumn, values: Numbers, place: int) -> Numbers:
    """A column as it is stored: [N, 1], the place of each category; [N, 2], scalar and place of each number's mode.

    The mode of row i is drawn by a number that depends on (place, i) alone. The scalar is at most 1 in magnitude, but
    for values that no mode holds.
    """
    absent = np.isnan(values)
    last = len(code.counts) - 1
    if not code.means:
        found: Numbers = np.where(absent, last, values)[:, None]
        return found
    known = np.where(absent, code.means[0], values)
    ends = responsibilities(code, known).cumsum(axis=1)
    u = uniform_rows(("mode", place), range(len(values)), 1)
    mode = np.minimum((u > ends).sum(axis=1), len(code.means) - 1)
    scales = np.array(code.scales)[mode]
    scalar = (known - np.array(code.means)[mode]) / (SIGMAS * np.where(scales > 0, scales, 1.0))
    scalar = np.where(absent | (scales == 0), 0.0, scalar)
    return np.stack([scalar, np.where(absent, last, mode)], axis=1)


def decoded(code: ColumnCode, column: TableColumn, part: Numbers) -> Numbers:
    """Values [N] of a column from its part of x: the likeliest category, or the number of the likeliest mode."""
    if not code.means:
        place = part.argmax(axis=1).astype(float)
        return np.where(place >= len(column.categories), np.nan, place)
    mode = part[:, 1:].argmax(axis=1)
    absent = mode >= len(code.means)
    mode = np.where(absent, 0, mode)
    values = np.array(code.means)[mode] + part[:, 0] * SIGMAS * np.array(code.scales)[mode]
    values = values.clip(column.low, column.high)
    if column.type == "date":
        values = (values / column.step).round() * column.step
    elif column.decimals >= 0:
        values = values.round(column.decimals)
    return np.where(absent, np.nan, values.clip(column.low, column.high))
