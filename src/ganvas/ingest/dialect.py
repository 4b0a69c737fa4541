"""How a table is written in a text file: what separates its cells, and whether its first row holds names."""

import csv
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

SEPARATORS = {
    "\t": "tabs",
    ";": "semicolons",
    "|": "vertical bars",
    ",": "commas",
    " ": "spaces",
}  # the earlier is preferred where several suit
MISSING = frozenset(("", "na", "n/a", "nan", "null", "none", "?", "-"))  # cells without a value, in lower case
LARGEST = float(np.finfo(np.float32).max)
HEAD = 200  # lines that the dialect is inferred from
COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?")  # a number with a decimal comma


class Dialect(NamedTuple):
    """How cells are separated, and whether the first row is a header."""

    separator: str
    header: bool

    @property
    def commas(self) -> bool:
        """Whether a comma in a cell may be a decimal comma."""
        return self.separator != ","


def dialect_of(head: Sequence[str]) -> Dialect:
    """The dialect of a table's first lines: that in which most cells are numbers and all rows are of one length."""
    best, merit = Dialect(",", False), -1.0
    for separator in SEPARATORS:
        rows = [row for _, row in rows_of(head, separator)]
        widths = {len(row) for row in rows}
        if not rows or (widths == {1} and separator != ","):
            continue
        header = begins_with_names(rows, commas=separator != ",")
        body = [cell for row in rows[header:] for cell in row]
        share = sum(value(cell, commas=separator != ",") is not None for cell in body) / max(1, len(body))
        found = share + (len(widths) == 1) + (max(widths) > 1) / 4
        if found > merit:
            best, merit = Dialect(separator, header), found
    return best


def rows_of(lines: Iterable[str], separator: str) -> Iterator[tuple[int, list[str]]]:
    """Every row that is not blank, with the number of the line on which it ends, from 1. Raises csv.Error."""
    if separator == " ":
        yield from ((number, row) for number, line in enumerate(lines, start=1) if (row := line.split()))
        return
    reader = csv.reader(lines, delimiter=separator)
    for row in reader:
        if row and (len(row) > 1 or row[0].strip()):
            yield reader.line_num, row


def begins_with_names(rows: Sequence[Sequence[str]], *, commas: bool) -> bool:
    """Whether the first row is a header: it holds a text, and no number, or a text above a column of numbers."""
    first = [value(cell, commas=commas) for cell in rows[0]]
    texts = [place for place, found in enumerate(first) if found is None]
    if not texts:
        return False
    below = [[value(row[place], commas=commas) for row in rows[1:] if place < len(row)] for place in texts]
    over_numbers = any(column and all(found is not None for found in column) for column in below)
    return over_numbers or all(found is None or math.isnan(found) for found in first)


def value(cell: str, *, commas: bool) -> float | None:
    """The number that a cell holds; NaN for a missing one; None for text, and for what float32 cannot hold."""
    text = cell.strip()
    if text.lower() in MISSING:
        return math.nan
    if commas and COMMA.fullmatch(text):
        text = text.replace(",", ".")
    try:
        number = float(text) if text.isascii() and "_" not in text else math.nan
    except ValueError:
        return None
    return number if abs(number) <= LARGEST else None


def decimal_comma(cell: str) -> bool:
    """Whether a cell is a number that only a decimal comma explains."""
    return COMMA.fullmatch(cell.strip()) is not None
