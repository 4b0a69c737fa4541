"""Whether a file is a table of numbers, and what is to be said of one."""

import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path, PurePath

from ..base.errors import GanvasError, UsageError
from ..base.wording import counted, shortened
from ..ingest.dialect import HEAD, SEPARATORS, dialect_of, rows_of, value
from ..ingest.encoded_text import lines_of
from ..ingest.listing import ENDINGS
from .csv import Csv, usable

TABLES, PERHAPS = (".csv", ".tsv", ".tab"), (".txt", ".dat")  # endings of tables, and of files that may be tables
FEW_MISSING = 0.05  # of the rows, that are left out unasked


def is_table(path: str) -> bool:
    """Whether a file is to be read as a table: by its ending, unless it lists pictures; a .txt or .dat where most of its cells are numbers."""
    file = Path(path).expanduser()
    ending = PurePath(file.stem).suffix.lower() if file.suffix.lower() == ".gz" else file.suffix.lower()
    if ending not in (*TABLES, *PERHAPS) or file.is_dir():
        return False
    try:
        with lines_of(file) as lines:
            head = list(islice(lines, HEAD))
        separator, header = dialect_of(head)
        rows = [row for _, row in rows_of(head, separator)]
    except (GanvasError, csv.Error):
        return ending in TABLES  # reading it as a table says what is wrong
    cells = [value(cell, commas=separator != ",") for row in rows[header:] for cell in row]
    if any(PurePath(row[0].strip()).suffix.lower() in ENDINGS for row in rows[:2]):
        return False
    return ending in TABLES or 2 * sum(cell is not None for cell in cells) > len(cells)


def guess_table(path: str, encoding: str | None) -> Csv:
    """The source for a table. Rows with missing cells are left out where they are few."""
    return Csv(path=str(Path(path).expanduser()), encoding=encoding or "", missing=FEW_MISSING)


def as_table(source: object) -> Csv:
    """The source, if it is still a table after the overrides. Raises UsageError."""
    if not isinstance(source, Csv):
        raise UsageError("--data names a table, and source.kind another source", hint="Leave one of them out.")
    return source


def sentences(source: Csv) -> Iterator[str]:
    """How the file was read, one sentence each. Raises DataError, UsageError."""
    table, kept, x = usable(source)
    header = "a header" if table.dialect.header else "no header"
    dialect = f"separated by {SEPARATORS[table.dialect.separator]}, {header}, {table.encoding.upper()}"
    yield f"a table of {counted(len(table.x), 'row')} and {counted(len(table.names), 'column')} ({dialect}): each row is a point"
    if len(kept) < len(table.names):
        left = [table.label(place) for place in range(len(table.names)) if place not in kept]
        yield f"{counted(len(kept), 'column is', 'columns are')} kept, {len(left)} left out: {shortened(left)}"
    if len(x) < len(table.x):
        lacking = [f"{table.label(place)} ({table.missing[place]:,})" for place in kept if table.missing[place]]
        yield f"{counted(len(table.x) - len(x), 'row is', 'rows are')} left out, as cells are missing in {shortened(lacking)}"
