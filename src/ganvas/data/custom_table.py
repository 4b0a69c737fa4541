"""Whether a file is a table of numbers, and what is to be said of one."""

from collections.abc import Iterator
from pathlib import Path

from ..base.errors import UsageError
from ..base.wording import counted, shortened
from ..ingest.dialect import SEPARATORS
from .csv import Csv, usable

FEW_MISSING = 0.05  # of the rows, that are left out unasked


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
