"""Series from a table: one recording that is cut into windows, or many sequences."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated

import numpy as np
from annotated_types import Ge

from ..base.errors import DataError
from ..base.types import Count
from ..base.wording import command, counted
from .series_cuts import PARTS, padded, sequences_of, spans, windows
from .series_table import Kind, SeriesTable, series_table
from .source import Items, Split

WINDOW = 24  # rows of a window, where a recording is cut and no number is given
LONGEST = 2_000  # steps of a sequence that is not cut


@dataclass(frozen=True)
class SeriesFile:
    """A table with a header whose rows follow one another in time: CSV and its relatives, or Parquet.

    Without `sequence` all rows are one recording, which is cut into windows; windows of different splits share no rows.
    With it, rows with the same value of that column are one sequence, and all of a sequence is in one split.

    Args:
        path: a regular file of at most 1 GiB.
        window: rows of a window; 0: 24 of a recording, and sequences as they are.
        step: rows from the start of a window to that of the next.
        sequence: the name of the column that says which sequence a row belongs to; empty for one recording.
        order: the name of the column of time, which must ascend; empty for the only column of dates, else the order of
            the rows.
        parts: how a recording is split: "blocks" (10 to 100 stretches; of each ten, one is val and one test) or "end"
            (80 % train, then val, then test).
        seed: of the split.
        encoding: a Python codec's name, such as latin-1; empty for UTF-8, or that of the file's byte order mark.
        kinds: what columns are taken for, by name, where it is not inferred.
        drop: names of columns that are left out.
    """

    path: str
    window: Annotated[int, Ge(0)] = 0
    step: Count = 1
    sequence: str = ""
    order: str = ""
    parts: PARTS = "blocks"
    seed: int = 0
    encoding: str = ""
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    drop: tuple[str, ...] = ()

    def items(self, split: Split) -> Items:
        table = read_series(self)
        names = tuple(column.name for column in table.columns if column.is_learnt)
        x, group = cut(self, table, split)
        return Items(x=x, group=group, columns=names, table=table.columns)


def read_series(source: SeriesFile) -> SeriesTable:
    """The table of a source. Raises DataError, UsageError."""
    return series_table(source.path, source.encoding, source.sequence, source.order, source.kinds, source.drop)


def cut(
    source: SeriesFile, table: SeriesTable, split: Split
) -> "tuple[np.ndarray[tuple[int, int, int], np.dtype[np.float64]], np.ndarray[tuple[int], np.dtype[np.int64]] | None]":
    """The sequences [N, T, F] of a split, and of which recording each is.

    Raises:
        DataError: the recording, or each sequence, is shorter than a window.
    """
    size = source.window or (0 if source.sequence else WINDOW)
    if size == 1:
        raise DataError("a window of one row has no past", hint="Choose --window 2 or more.")
    if not source.sequence:
        found = windows(table.x, spans(len(table.x), size, split, source.parts, source.seed), size, source.step)
        return found, None
    every = list(zip(table.starts[:-1], table.starts[1:], strict=True))
    chosen = sequences_of(len(every), split, source.seed)
    longest = max(last - first for first, last in every)
    if size:
        if longest < size:
            message = f"every sequence is shorter than one window of {size:,} rows: the longest has {longest:,}"
            raise DataError(
                message, where=source.path, hint=f"Choose a shorter window: {command('--window', longest)}."
            )
        each = [windows(table.x, [every[number]], size, source.step) for number in chosen]
        owner = np.repeat(np.array(chosen), [len(part) for part in each])
        return np.concatenate(each), owner
    if longest > LONGEST or longest < 2:
        message = f"the longest sequence has {counted(longest, 'row')}; from 2 to {LONGEST:,} can be learnt whole"
        raise DataError(message, where=source.path, hint="Cut windows: --window 100.")
    return padded(table.x, [every[number] for number in chosen], longest), np.array(chosen)


def series_messages(source: SeriesFile) -> Iterator[str]:
    """How the file was read, one sentence each."""
    table = read_series(source)
    yield table.raw.form
    if source.sequence:
        lengths = np.diff(table.starts)
        sizes = f"{lengths.min():,}" if lengths.min() == lengths.max() else f"{lengths.min():,} to {lengths.max():,}"
        yield f"{counted(len(lengths), 'sequence')} by '{source.sequence}', of {sizes} rows, each in one split"
        size = source.window
        if size and (short := int((lengths < size).sum())):
            yield f"{counted(short, 'sequence is', 'sequences are')} shorter than a window and left out"
    else:
        how = "in blocks along the recording" if source.parts == "blocks" else "by time, the end is val and test"
        yield f"one recording, split {how}; windows of different splits share no rows"
    if table.order:
        yield f"'{table.order}' is the time of the rows and is not learnt: steps are taken to be equally far apart"
