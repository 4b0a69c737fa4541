"""A table of numbers from a text file, and everything in it that is no number, by line and column."""

import csv
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..base.errors import DataError
from ..base.progress import report_progress
from ..base.wording import MAX_NAMES
from .dialect import HEAD, Dialect, decimal_comma, dialect_of, rows_of, value
from .encoded_text import lines_of
from .listing_messages import printable

Numbers = np.ndarray[Any, np.dtype[np.float64]]
CHUNK = 4_000  # rows that are turned into numbers together
MOST_CELLS = 100_000_000  # 800 MB of float64


class NumberTable(NamedTuple):
    """What a text file holds.

    Attributes:
        names: one for each column; empty texts where there is no header, or no name in it.
        x: [N, F], float64, read-only. NaN where a cell is missing or is no number.
        missing: how many cells of each column are missing.
        texts: how many cells of each column are text.
        places: the first of these texts, as 'line 31 column 2 "b": x'.
        missing_places: the first of the missing cells, likewise.
        ragged: how many rows have another number of cells than the first, which are not in x.
        ragged_places: the first of them, as "line 32: 1 cell".
        dialect: how it is written.
        encoding: in which its characters are encoded.
    """

    names: tuple[str, ...]
    x: Numbers
    missing: tuple[int, ...]
    texts: tuple[int, ...]
    places: tuple[str, ...]
    missing_places: tuple[str, ...]
    ragged: int
    ragged_places: tuple[str, ...]
    dialect: Dialect
    encoding: str

    def label(self, column: int) -> str:
        """A column in a message: its name, or its number from 1."""
        return self.names[column] or f"column {column + 1}"


class RowBuffer:
    """What has been read so far of a table."""

    def __init__(self, names: tuple[str, ...], dialect: Dialect) -> None:
        self.names, self.dialect = names, dialect
        self.parts: list[Numbers] = []
        self.missing, self.texts = Counter[int](), Counter[int]()
        self.places: list[str] = []
        self.missing_places: list[str] = []
        self.ragged = 0
        self.ragged_places: list[str] = []
        self.points, self.commas = "", ""  # a number with a decimal point, and one with a decimal comma

    def add(self, rows: Sequence[tuple[int, list[str]]]) -> None:
        """Turn rows, each with its line's number, into numbers."""
        whole = [(line, row) for line, row in rows if len(row) == len(self.names)]
        for line, row in rows:
            if len(row) != len(self.names):
                self.ragged += 1
                if len(self.ragged_places) < MAX_NAMES:
                    self.ragged_places.append(f"line {line} has {len(row)}: {printable(','.join(row)[:60])}")
        part = np.empty((len(whole), len(self.names)))
        lines = [line for line, _ in whole]
        for place, cells in enumerate(zip(*(row for _, row in whole), strict=True)):
            part[:, place] = self.column(place, cells, lines)
        self.parts.append(part)

    def column(self, place: int, cells: Sequence[str], lines: Sequence[int]) -> Numbers:
        """The numbers of some cells of one column; fast where all of them are plain."""
        together = "".join(cells)
        self.points = self.points or (next(cell for cell in cells if "." in cell) if "." in together else "")
        try:
            numbers = np.array([float(cell) for cell in cells])
        except ValueError:
            numbers = np.array([math.nan])
        if together.isascii() and "_" not in together and (np.abs(numbers) < 1e38).all():
            return numbers
        return np.array([self.cell(place, cell, line) for cell, line in zip(cells, lines, strict=True)])

    def cell(self, place: int, cell: str, line: int) -> float:
        """One number; what is none is counted."""
        number = value(cell, commas=self.dialect.commas)
        if number is None or math.isnan(number):
            count, places = (self.texts, self.places) if number is None else (self.missing, self.missing_places)
            count[place] += 1
            if len(places) < MAX_NAMES:
                name = f' "{self.names[place]}"' if self.names[place] else ""
                places.append(f"line {line} column {place + 1}{name}: '{printable(cell.strip()[:60])}'")
            return math.nan
        if decimal_comma(cell):
            self.commas = self.commas or cell.strip()
        return number

    def table(self, where: str, encoding: str) -> NumberTable:
        """All of it. Raises DataError where decimal points and commas are mixed."""
        if self.commas and self.points:
            first = f"'{self.commas}' has a decimal comma and '{self.points.strip()[:60]}' a point"
            raise DataError(
                f"numbers are written in two ways: {first}",
                where=where,
                hint="Write all of them in one way, without separators of thousands.",
            )
        x = np.concatenate(self.parts) if self.parts else np.empty((0, len(self.names)))
        x.flags.writeable = False
        columns = range(len(self.names))
        missing, texts = (tuple(count[place] for place in columns) for count in (self.missing, self.texts))
        return NumberTable(
            names=self.names,
            x=x,
            missing=missing,
            texts=texts,
            places=tuple(self.places),
            missing_places=tuple(self.missing_places),
            ragged=self.ragged,
            ragged_places=tuple(self.ragged_places),
            dialect=self.dialect,
            encoding=encoding,
        )


def read_table(path: Path, encoding: str = "") -> NumberTable:
    """All rows of a table; the last one is remembered until the file changes. Raises DataError, UsageError."""
    try:
        facts = path.stat()
    except OSError as error:
        raise DataError(f"cannot read the file: {error.strerror}", where=str(path), hint="Check the path.") from error
    return _read(path, encoding, (facts.st_size, facts.st_mtime_ns, facts.st_ino))


@lru_cache(maxsize=1)
def _read(path: Path, encoding: str, stamp: tuple[int, ...]) -> NumberTable:
    try:
        with lines_of(path, encoding) as lines:
            head = list(islice(lines, HEAD))
            dialect = dialect_of(head)
            rows = rows_of(chain(head, lines), dialect.separator)
            first = next(rows, None)
            if first is None:
                raise DataError("0 rows: the file holds no table", where=str(path), hint="Give one row a point.")
            names = unique(first[1]) if dialect.header else ("",) * len(first[1])
            reading, cells = RowBuffer(names, dialect), 0
            for chunk in chunks(rows if dialect.header else chain([first], rows)):
                reading.add(chunk)
                cells += len(chunk) * len(names)
                if cells > MOST_CELLS:
                    raise DataError(
                        f"more than {MOST_CELLS:,} cells", where=str(path), hint="Keep fewer rows or columns."
                    )
                report_progress("reading the table", min(lines.done(), lines.size), lines.size)
            return reading.table(str(path), lines.encoding)
    except csv.Error as error:
        raise DataError(
            f"cannot read the table: {error}", where=str(path), hint="Is it whole, and are its quotation marks closed?"
        ) from error


def chunks(rows: Iterator[tuple[int, list[str]]]) -> Iterator[list[tuple[int, list[str]]]]:
    """CHUNK rows at a time."""
    while some := list(islice(rows, CHUNK)):
        yield some


def unique(names: Sequence[str]) -> tuple[str, ...]:
    """The names of a header, stripped, as a terminal can show them; a repeated name has its count after it."""
    count: Counter[str] = Counter()
    found = []
    for name in (printable(name.strip()) for name in names):
        count[name] += 1
        found.append(f"{name} ({count[name]})" if name and count[name] > 1 else name)
    return tuple(found)
