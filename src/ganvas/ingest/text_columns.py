"""The columns of a table in a text file with a header."""

from collections import Counter
from itertools import chain, islice
from typing import TYPE_CHECKING

from ..base.errors import DataError
from ..base.progress import report_progress
from ..base.wording import counted
from .dialect import HEAD, SEPARATORS, Dialect, dialect_of, rows_of
from .raw_column import ColumnBuffer, RawTable
from .table_reader import MOST_CELLS, chunks

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .encoded_text import Lines

MOST_COLUMNS = 2_000


def read_text_table(lines: "Lines", where: str) -> RawTable:
    """The columns of a text file with a header. Raises DataError, csv.Error."""
    head = list(islice(lines, HEAD))
    if any("\0" in line for line in head):
        raise DataError("the file holds NUL bytes", where=where, hint="Is this a text file, in this encoding?")
    dialect = dialect_of(head)
    rows = rows_of(chain(head, lines), dialect.separator)
    first = next(rows, None)
    if first is None:
        raise DataError("0 rows: the file holds no table", where=where, hint="Give each item a row.")
    names = [name.strip() for name in first[1]]
    check_names(names, dialect, where)
    buffers = [ColumnBuffer(name, commas=dialect.commas) for name in names]
    count = 0
    for chunk in chunks(rows):
        check_lengths(chunk, len(names), where)
        cells = list(zip(*(row for _, row in chunk), strict=True))
        numbers = [line for line, _ in chunk]
        for buffer, column in zip(buffers, cells, strict=True):
            buffer.add(column, numbers)
        count += len(chunk)
        if count * len(names) > MOST_CELLS:
            raise DataError(f"more than {MOST_CELLS:,} cells", where=where, hint="Keep fewer rows or columns.")
        report_progress("reading the table", min(lines.done(), lines.size), lines.size)
    form = f"separated by {SEPARATORS[dialect.separator]}, {lines.encoding.upper()}"
    return RawTable(tuple(buffer.column() for buffer in buffers), count, form)


def check_names(names: "Sequence[str]", dialect: Dialect, where: str) -> None:
    """Raises DataError for a missing header, empty or repeated names, and too many columns."""
    if len(names) > MOST_COLUMNS:
        message = f"{len(names):,} columns, and at most {MOST_COLUMNS:,} are read"
        raise DataError(message, where=where, hint="Keep those that you need.")
    if not dialect.header:
        message = "the table has no header: its first row is data"
        raise DataError(message, where=where, hint="Put a row with the columns' names first.")
    if "" in names:
        message = f"column {names.index('') + 1} has no name"
        raise DataError(message, where=where, hint="Name every column in the first row.")
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        message = f"{counted(Counter(names)[repeated[0]], 'column is', 'columns are')} called '{repeated[0]}'"
        raise DataError(message, where=where, hint="Give each column a name of its own.")


def check_lengths(chunk: "Iterable[tuple[int, list[str]]]", width: int, where: str) -> None:
    """Raises DataError for the first row with another number of cells than the header."""
    for line, row in chunk:
        if len(row) != width:
            message = f"line {line} has {counted(len(row), 'cell')}, and the header has {width}"
            raise DataError(message, where=where, hint="Every row must hold as many cells as the first.")
