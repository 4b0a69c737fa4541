"""Whether a table holds nothing but numbers, none of them missing."""

import csv
from pathlib import Path

from .dialect import HEAD, dialect_of, rows_of, value
from .table_reader import read_table
from .text_files import PARQUET, first_lines


def holds_plain_numbers(path: Path, encoding: str = "") -> bool:
    """Whether every cell below the header is a number. Also for a file that cannot be read: reading it says why.

    Raises:
        DataError: the head holds numbers only, and the table cannot be read.
    """
    if path.suffix.lower() in PARQUET:
        return False
    if not encoding:  # a quick look that saves reading a large file twice
        try:
            lines = [line for line in first_lines(path) if line[0] != "#"][:HEAD]
            dialect = dialect_of(lines)
            rows = [row for _, row in rows_of(lines, dialect.separator)][dialect.header :]
        except (OSError, EOFError, ValueError, csv.Error):
            return True
        columns = [[value(cell, commas=dialect.commas) for cell in cells] for cells in zip(*rows, strict=False)]
        if any(2 * sum(number is not None for number in column) < len(column) for column in columns):
            return False
    table = read_table(path, encoding)
    return not any(table.texts) and not (any(table.missing) and any(table.names))
