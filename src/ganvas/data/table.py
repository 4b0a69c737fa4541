"""Rows of a table whose columns are of several kinds: numbers, categories, dates."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..base.draws import permutation
from ..base.errors import DataError, UsageError, suggest
from ..ingest.raw_column import Numbers
from ..ingest.read_columns import RawTable, read_columns
from .column_kinds import Learnt, learnt
from .csv import ENOUGH, SHARES
from .source import Items, Split
from .table_column import KINDS, Kind, TableColumn


@dataclass(frozen=True)
class TableFile:
    """A table with a header: CSV and its relatives, or Parquet; split 80/10/10 by a shuffle of `seed`.

    Each column is taken for one of the kinds of `TableColumn`, which is inferred from all of its cells.

    Args:
        path: a regular file of at most 1 GiB.
        seed: of the split.
        encoding: a Python codec's name, such as latin-1; empty for UTF-8, or that of the file's byte order mark.
        kinds: what columns are taken for, by name, where it is not inferred.
        drop: names of columns that are left out.
        primary_key: the name of the column that identifies a row; empty to infer it.
    """

    path: str
    seed: int = 0
    encoding: str = ""
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    drop: tuple[str, ...] = ()
    primary_key: str = ""

    def items(self, split: Split) -> Items:
        found = table_of(self)
        order = permutation((self.seed, "csv split"), len(found.x))
        first, last = (round(share * len(order)) for share in SHARES[split])
        names = tuple(column.name for column in found.columns if column.is_learnt)
        return Items(x=found.x[order[first:last]], id=order[first:last], columns=names, table=found.columns)


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


def table_of(source: TableFile) -> LearntTable:
    """The table with what its columns are taken for. Raises DataError, UsageError."""
    raw = read_columns(Path(source.path), source.encoding)
    names = [column.name for column in raw.columns]
    for name in (*source.kinds, *source.drop, *filter(None, [source.primary_key])):
        if name not in names:
            hint = suggest(name, names) or f"There are: {', '.join(names[:10])}."
            raise UsageError(f"there is no column '{name}'", where=source.path, hint=hint)
    for name, kind in source.kinds.items():
        if kind not in KINDS:
            message = f"column '{name}' cannot be '{kind}'"
            raise UsageError(message, hint=suggest(kind, KINDS) or f"There are: {', '.join(KINDS)}.")
    if raw.rows < ENOUGH:
        message = f"{raw.rows} rows, too few to learn from"
        raise DataError(message, where=source.path, hint=f"Bring at least {ENOUGH}, better thousands.")
    kinds = tuple(sorted(source.kinds.items()))
    return _table_of(CachedRaw(raw), kinds, source.drop, source.primary_key, source.path)


class CachedRaw:
    """A table as a key of a cache: by identity, as its columns are arrays."""

    def __init__(self, raw: RawTable) -> None:
        self.raw = raw

    def __hash__(self) -> int:
        return id(self.raw.columns)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CachedRaw) and other.raw.columns is self.raw.columns


@lru_cache(maxsize=2)
def _table_of(
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
