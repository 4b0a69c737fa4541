"""The columns of a table that a person brings: CSV and its relatives, or Parquet."""

import csv
from functools import lru_cache
from pathlib import Path

from ..base.errors import DataError
from .encoded_text import lines_of
from .frame_columns import read_parquet
from .raw_column import RawTable
from .text_columns import read_text_table
from .text_files import PARQUET


def read_columns(path: Path, encoding: str = "") -> RawTable:
    """All columns of a table; the last table is remembered until its file changes. Raises DataError, UsageError."""
    try:
        facts = path.stat()
    except OSError as error:
        raise DataError(f"cannot read the file: {error.strerror}", where=str(path), hint="Check the path.") from error
    return _read(path, encoding, (facts.st_size, facts.st_mtime_ns, facts.st_ino))


@lru_cache(maxsize=1)
def _read(path: Path, encoding: str, stamp: tuple[int, ...]) -> RawTable:
    if path.suffix.lower() in PARQUET:
        return read_parquet(path)
    try:
        with lines_of(path, encoding) as lines:
            return read_text_table(lines, str(path))
    except csv.Error as error:
        hint = "Is it whole, and are its quotation marks closed?"
        raise DataError(f"cannot read the table: {error}", where=str(path), hint=hint) from error
