"""The channels, sequences and times of a table that holds series."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..base.errors import DataError, UsageError, suggest
from ..base.wording import command, shortened
from ..ingest.raw_column import Numbers, RawColumn, RawTable
from ..ingest.read_columns import read_columns
from .column_kinds import Learnt, learnt
from .table_column import KINDS, TableColumn
from .table_column import Kind as Kind

SHOWN = 3  # rows in a message


class SeriesTable(NamedTuple):
    """A table of series.

    Args:
        columns: those of sequence and time first, where there are some; then all others.
        x: float64 [R, F], one column for each that is learnt, sequence by sequence.
        starts: the first row of each sequence, and the number of all rows.
        raw: as it was read.
        order: the name of the column of time; empty where the order of the rows is that of time.
    """

    columns: tuple[TableColumn, ...]
    x: Numbers
    starts: tuple[int, ...]
    raw: RawTable
    order: str


def series_table(
    path: str, encoding: str, sequence: str, order: str, kinds: Mapping[str, Kind], drop: tuple[str, ...]
) -> SeriesTable:
    """A table of series, by the fields of a `SeriesFile`.

    Raises:
        DataError: a channel holds text or misses values, or times do not ascend.
        UsageError: a column or a kind does not exist.
    """
    raw = read_columns(Path(path), encoding)
    check_names(raw, (sequence, order, *kinds, *drop), kinds.values(), path)
    order = order or only_date(raw, (sequence, *drop), kinds)
    codes = sequence_codes(raw, sequence, path)
    rows = np.argsort(codes, kind="stable")
    counts = np.bincount(codes) if len(codes) else np.zeros(1, np.int64)
    starts = (0, *np.cumsum(counts).tolist())
    if order:
        check_times(column_of(raw, order), rows, starts, path)
    keys = [
        TableColumn(name, "identifier", form=form) for name, form in ((sequence, "sequence"), (order, "step")) if name
    ]
    found = [
        channel(column, kinds.get(column.name), path, attribute=is_fixed(column, rows, starts) if sequence else False)
        for column in raw.columns
        if column.name not in (sequence, order, *drop)
    ]
    values = [each.values[rows] for each in found if each.values is not None]
    if not values:
        raise DataError("no column is a channel", where=path, hint="Bring a column of numbers that changes.")
    columns = (*keys, *(each.column for each in found))
    return SeriesTable(columns, np.stack(values, axis=1), starts, raw, order)


def check_names(raw: RawTable, wanted: tuple[str, ...], kinds: object, path: str) -> None:
    """Raises UsageError for a column or a kind that does not exist."""
    names = [column.name for column in raw.columns]
    for name in filter(None, wanted):
        if name not in names:
            hint = suggest(name, names) or f"There are: {shortened(names)}."
            raise UsageError(f"there is no column '{name}'", where=path, hint=hint)
    for kind in kinds:  # type: ignore[attr-defined]  # a view of a dict
        if kind not in KINDS:
            raise UsageError(
                f"a column cannot be '{kind}'", hint=suggest(kind, KINDS) or f"There are: {', '.join(KINDS)}."
            )


def column_of(raw: RawTable, name: str) -> RawColumn:
    """A column by its name."""
    return next(column for column in raw.columns if column.name == name)


def only_date(raw: RawTable, others: tuple[str, ...], kinds: Mapping[str, Kind]) -> str:
    """The name of the only column of dates; empty where there is none, or several."""
    texts = [column for column in raw.columns if column.codes is not None and column.name not in (*others, *kinds)]
    dates = [
        column.name for column in texts if not column.absent.any() and learnt(column, None, "").column.type == "date"
    ]
    return dates[0] if len(dates) == 1 else ""


def sequence_codes(raw: RawTable, name: str, path: str) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """The number of each row's sequence, counted from 0 in the order in which they begin; 0 without such a column."""
    if not name:
        return np.zeros(raw.rows, np.int64)
    column = column_of(raw, name)
    if column.absent.any():
        message = f"column '{name}' names no sequence in row {int(column.absent.argmax()) + 1:,}"
        raise DataError(message, where=path, hint="Fill it in, or remove these rows.")
    codes, _ = column.as_texts()
    _, first, found = np.unique(codes, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[found.reshape(-1)]


def check_times(
    column: RawColumn, rows: "np.ndarray[tuple[int], np.dtype[np.int64]]", starts: tuple[int, ...], path: str
) -> None:
    """Raises DataError where times are missing, or do not ascend within a sequence."""
    date = column.codes is not None
    found = learnt(column, "date" if date else "number", path).values
    assert found is not None
    if np.isnan(found).any():
        message = f"column '{column.name}' misses a time in row {int(np.isnan(found).argmax()) + 1:,}"
        raise DataError(message, where=path, hint="Fill it in, or remove these rows.")
    back = np.diff(found[rows]) <= 0
    back[[start - 1 for start in starts[1:-1]]] = False
    if back.any():
        row = int(rows[int(back.argmax()) + 1]) + 1
        raise DataError(
            f"times of column '{column.name}' do not ascend: row {row:,} is not later than the row before it",
            where=path,
            hint="Sort the rows by time, and name the column of their sequences: --sequence NAME.",
        )


def is_fixed(column: RawColumn, rows: "np.ndarray[tuple[int], np.dtype[np.int64]]", starts: tuple[int, ...]) -> bool:
    """Whether a column has one value in each sequence."""
    codes = column.as_texts()[0][rows]
    same = np.diff(codes) == 0
    same[[start - 1 for start in starts[1:-1]]] = True
    return bool(same.all())


def channel(raw: RawColumn, kind: Kind | None, path: str, *, attribute: bool) -> Learnt:
    """A channel, or a column that does not change within a sequence. Raises DataError where it is neither."""
    drop = f"Leave it out: {command('--drop', raw.name)}"
    absent = raw.absent
    if absent.any():
        rows = [f"{int(row) + 1:,}" for row in np.flatnonzero(absent)]
        message = f"column '{raw.name}' misses values, and a series has no gaps: row {shortened(rows, SHOWN)}"
        raise DataError(message, where=path, hint=f"Fill them in. {drop}")
    if attribute or kind in ("constant", "identifier", "text"):
        found = learnt(raw, kind, path)
        if kind is None and found.column.type in ("identifier", "text") and raw.codes is None:
            found = learnt(raw, "number", path)
        return found if found.column.type != "identifier" else Learnt(replace(found.column, type="text"), None)
    if raw.codes is not None or raw.odd:
        texts = list(raw.places[:1]) or [f"'{text[:40]}'" for text in raw.texts[:1]]
        if raw.codes is not None and len(raw.texts) == 1:
            return learnt(raw, "constant", path)
        message = f"column '{raw.name}' holds text, and a channel is numbers: {texts[0]}"
        raise DataError(
            message, where=path, hint=f"{drop}, or name the sequences whose attribute it is: --sequence NAME."
        )
    assert raw.numbers is not None
    if len(np.unique(raw.numbers)) == 1:
        return learnt(raw, "constant", path)
    return learnt(raw, kind or ("whole" if raw.decimals == 0 else "number"), path)
