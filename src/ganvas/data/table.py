"""Rows of a table whose columns are of several kinds: numbers, categories, dates."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..base.draws import permutation
from .csv import SHARES
from .learnt_table import LearntTable, learnt_table
from .source import Items, Split
from .table_column import Kind


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


def table_of(source: TableFile) -> LearntTable:
    """The table with what its columns are taken for. Raises DataError, UsageError."""
    return learnt_table(source.path, source.encoding, source.kinds, source.drop, source.primary_key)
