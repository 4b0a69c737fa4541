"""A person's own table of numbers as a source, and messages about how it was read."""

from collections.abc import Iterator
from pathlib import Path

from ..base.errors import UsageError
from ..base.wording import counted, shortened
from ..ingest.dialect import SEPARATORS
from ..ingest.text_kind import is_table as is_table
from .csv import Csv, usable_part

FEW_MISSING = 0.05  # of the rows, that may be left out by default


def guess_table(path: str, encoding: str | None) -> Csv:
    """The source for a table. Rows with missing cells are left out where they are few."""
    return Csv(path=str(Path(path).expanduser()), encoding=encoding or "", missing=FEW_MISSING)


def as_table(source: object) -> Csv:
    """The source, if it is still a table after the overrides. Raises UsageError."""
    if not isinstance(source, Csv):
        raise UsageError("--data names a table, and source.kind another source", hint="Leave one of them out.")
    return source


def table_messages(source: Csv) -> Iterator[str]:
    """How the file was read, one sentence each. Raises DataError, UsageError."""
    table, selected, x = usable_part(source)
    header = "a header" if table.dialect.header else "no header"
    dialect = f"separated by {SEPARATORS[table.dialect.separator]}, {header}, {table.encoding.upper()}"
    size = f"{counted(len(table.x), 'row')} and {counted(len(table.names), 'column')}"
    yield f"a table of {size} ({dialect}): each row is a point"
    if len(selected) < len(table.names):
        left = [table.label(place) for place in range(len(table.names)) if place not in selected]
        yield f"{counted(len(selected), 'column is', 'columns are')} kept, {len(left)} left out: {shortened(left)}"
    if len(x) < len(table.x):
        lacking = [f"{table.label(place)} ({table.missing[place]:,})" for place in selected if table.missing[place]]
        rows = counted(len(table.x) - len(x), "row is", "rows are")
        yield f"{rows} left out, as cells are missing in {shortened(lacking)}"
