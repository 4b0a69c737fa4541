"""Columns of a table that are functions of a column of categories, such as a country's code beside its name."""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from ..data.table_column import TableColumn
from ..data.table_sums import sums_of
from .column_codes import ColumnCode

EACH = 10  # training rows for a category, on average, from which a function is believed
FREQUENT, SHARE = 5, 0.95  # a category with so many rows is sure; so large a share of the rows has such categories
Numbers = np.ndarray[Any, np.dtype[np.float64]]


def columns_not_learnt(
    columns: Sequence[TableColumn], x: Numbers, *, rules: tuple[str, ...], follows: bool
) -> dict[int, ColumnCode]:
    """The codes of columns that are sums by a rule, and where `follows` is set, of those that follow from another one.

    Raises UsageError for a wrong rule.
    """
    found = {place: ColumnCode((), parts=rule.parts) for place, rule in sums_of(rules, columns).items()}
    return found | following(columns, x, without=found) if follows else found


def following(columns: Sequence[TableColumn], x: Numbers, *, without: Collection[int] = ()) -> dict[int, ColumnCode]:
    """The codes of columns that have one value for each category of another column in all rows, by their places.

    Of two columns that follow from each other, the later one follows. A column with missing cells never does.

    Args:
        columns: those that are learnt.
        x: the training rows [N, F].
        without: places of columns that are set otherwise.
    """
    found: dict[int, ColumnCode] = {}
    for place in reversed(range(len(columns))):
        if columns[place].missing or place in without or place in {code.of for code in found.values()}:
            continue
        for other, column in enumerate(columns):
            if other == place or other in found or not column.is_discrete:
                continue
            size = len(column.categories) + (column.missing > 0)
            codes = np.nan_to_num(x[:, other], nan=size - 1).astype(np.int64)
            values = function_of(codes, x[:, place], size)
            if values:
                found[place] = ColumnCode((), of=other, values=values)
                break
    return found


def function_of(codes: np.ndarray[Any, np.dtype[np.int64]], values: Numbers, size: int) -> tuple[float, ...]:
    """The value [size] for each code, the commonest value where no row has the code; empty if it is no function.

    Args:
        codes: [N], from 0 to size - 1.
        values: [N].
        size: how many codes there are.
    """
    if len(codes) < EACH * size:
        return ()
    low, high = np.full(size, np.inf), np.full(size, -np.inf)
    np.minimum.at(low, codes, values)
    np.maximum.at(high, codes, values)
    counts = np.bincount(codes, minlength=size)
    if (low[counts > 0] != high[counts > 0]).any():
        return ()
    distinct, frequency = np.unique(values, return_counts=True)
    commonest = distinct[frequency.argmax()]
    sure = counts[codes] >= FREQUENT
    rare = values != commonest
    if not rare.any() or min(sure.mean(), sure[rare].mean()) < SHARE:
        return ()
    return tuple(np.where(counts > 0, low, commonest).tolist())
