"""What the columns of a table are taken for, and the numbers of those that can be learnt."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..base.errors import DataError, UsageError, suggest
from ..ingest.raw_column import Numbers, RawTable
from ..ingest.read_columns import read_columns
from .column_kinds import Learnt, learnt
from .csv import ENOUGH
from .table_column import KINDS, Kind, TableColumn


class LearntTable(NamedTuple):
    """A table that can be learnt.

    Args:
        columns: every column that is not dropped, in the order of the file.
        x: float64 [N, F], one column for each that is learnt.
        raw: as it was read.
    """

    columns: tuple[TableColumn, ...]
    x: Numbers
    raw: RawTable


def learnt_table(
    path: str, encoding: str, kinds: Mapping[str, Kind], drop: tuple[str, ...], primary_key: str
) -> LearntTable:
    """The table with what its columns are taken for, by the fields of a `TableFile`. Raises DataError, UsageError."""
    raw = read_columns(Path(path), encoding)
    names = [column.name for column in raw.columns]
    for name in (*kinds, *drop, *filter(None, [primary_key])):
        if name not in names:
            hint = suggest(name, names) or f"There are: {', '.join(names[:10])}."
            raise UsageError(f"there is no column '{name}'", where=path, hint=hint)
    for name, kind in kinds.items():
        if kind not in KINDS:
            message = f"column '{name}' cannot be '{kind}'"
            raise UsageError(message, hint=suggest(kind, KINDS) or f"There are: {', '.join(KINDS)}.")
    if raw.rows < ENOUGH:
        message = f"too few rows to learn from: {raw.rows}"
        raise DataError(message, where=path, hint=f"Bring at least {ENOUGH}, better thousands.")
    return _learnt(CachedRaw(raw), tuple(sorted(kinds.items())), drop, primary_key, path)


class CachedRaw:
    """A table as a key of a cache: by identity, as its columns are arrays."""

    def __init__(self, raw: RawTable) -> None:
        self.raw = raw

    def __hash__(self) -> int:
        return id(self.raw.columns)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CachedRaw) and other.raw.columns is self.raw.columns


@lru_cache(maxsize=2)
def _learnt(
    cached: CachedRaw, kinds: tuple[tuple[str, Kind], ...], drop: tuple[str, ...], primary_key: str, where: str
) -> LearntTable:
    raw, named = cached.raw, dict(kinds) | ({primary_key: "identifier"} if primary_key else {})
    found: list[Learnt] = [
        learnt(column, named.get(column.name), where) for column in raw.columns if column.name not in drop
    ]
    check_key(found, primary_key, where)
    values = [each.values for each in found if each.values is not None]
    if not values:
        message = "no column can be learnt: each has one value, identifies rows, or is free text"
        raise DataError(message, where=where, hint="Bring a column that varies.")
    x = np.stack(values, axis=1)
    x.flags.writeable = False
    return LearntTable(tuple(each.column for each in found), x, raw)


def check_key(found: list[Learnt], primary_key: str, where: str) -> None:
    """Raises DataError for a primary key that is missing or repeated in a row."""
    for each in found:
        column = each.column
        if column.name == primary_key and (column.missing or column.distinct < column.rows):
            message = f"column '{primary_key}' is no primary key: {column.distinct:,} values in {column.rows:,} rows"
            raise DataError(message, where=where, hint="Name another column, or leave --primary-key out.")
