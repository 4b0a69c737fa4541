"""The form of series, from the training sequences, and messages about it."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from ..base.errors import DataError
from ..base.wording import counted, shortened
from ..data.source import Items
from ..data.table_column import TableColumn
from .series_layout import SeriesLayout


class SeriesParts(NamedTuple):
    """The fields of `SeriesLayout` that follow from the data."""

    columns: tuple[TableColumn, ...]
    attributes: tuple[str, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    length: int
    ends: bool


def fitted_form(items: Items) -> SeriesParts:
    """The form of training sequences float [N, T, F].

    Raises:
        DataError: they are no such sequences, or no channel changes over time.
    """
    x = items.x
    if x.ndim != 3 or not np.issubdtype(x.dtype, np.floating):
        raise DataError(f"series are floats [N, T, F]; these data are {x.dtype} {list(x.shape)}")
    columns = items.table or plain_channels(items)
    learnt = [column for column in columns if column.is_learnt]
    fixed = [bool(np.ptp(each, axis=1).max(initial=0.0) == 0) for each in filled(x)]
    names = tuple(column.name for column, still in zip(learnt, fixed, strict=True) if still or column.is_discrete)
    if len(names) == len(learnt):
        raise DataError("no channel changes over time: there is nothing to learn", hint="Bring one that does.")
    low, high = (tuple(map(float, edge(x, axis=(0, 1)))) for edge in (np.nanmin, np.nanmax))
    return SeriesParts(columns, names, low, high, int(x.shape[1]), bool(np.isnan(x).any()))


def check_form(known: SeriesLayout, found: SeriesParts) -> None:
    """Raises DataError where the data have other columns, or longer sequences, than a recipe knows."""
    sides = [tuple((each.name, each.type) for each in side) for side in (known.columns, found.columns)]
    if sides[0] != sides[1]:
        text, other = (shortened([f"{name} ({kind})" for name, kind in side]) for side in sides)
        raise DataError(f"the recipe knows the columns {text}; the data have {other}")
    if known.length < found.length:
        raise DataError(f"the recipe knows sequences of {known.length:,} steps; the data have {found.length:,}")


def at_length(x: np.ndarray[Any, Any], length: int) -> np.ndarray[Any, Any]:
    """Sequences [N, T, F] with NaN behind their ends up to this length. Raises DataError for longer ones."""
    if x.shape[1] > length:
        message = f"a sequence has {x.shape[1]:,} steps, and the longest of the training split {length:,}"
        raise DataError(message, hint="Cut windows of equal length: --window N.")
    return np.pad(x, ((0, 0), (0, length - x.shape[1]), (0, 0)), constant_values=np.nan)


def filled(x: np.ndarray[Any, Any]) -> list[np.ndarray[Any, Any]]:
    """Each column [N, T], the first step of a sequence in the place of NaN."""
    return [np.where(np.isnan(each), each[:, :1], each) for each in np.moveaxis(x, 2, 0)]


def plain_channels(items: Items) -> tuple[TableColumn, ...]:
    """Columns of plain numbers."""
    names = items.columns or tuple(f"channel {place + 1}" for place in range(items.x.shape[2]))
    return tuple(TableColumn(name, "number", "plain numbers") for name in names)


def messages_on(layout: SeriesLayout, count: int) -> Iterator[str]:
    """What networks get of so many sequences."""
    names = [layout.learnt[place].name for place in layout.channels]
    steps, sequences = counted(layout.length, "step"), counted(count, "training sequence")
    yield f"{sequences} of {'up to ' * layout.ends}{steps}; channels: {shortened(names)}"
    if layout.attributes:
        yield f"do not change within a sequence (attributes): {shortened(list(layout.attributes))}"
