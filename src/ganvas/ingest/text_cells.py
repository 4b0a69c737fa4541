"""Cells of text in rows, separated by tabs or commas; one column of them."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

from ..base.errors import DataError
from .text_files import first_lines

TAB = "\t"
QUESTIONS = ("question", "prompt", "source", "input")
ANSWERS = ("answer", "response", "target", "output")


def cells_of(lines: Iterable[str], where: str) -> Iterator[list[str]]:
    """The cells of each row that is not empty: separated by tabs where the first line has one, else by commas.

    Cells between commas may be quoted as in CSV. Raises DataError.
    """
    iterator = iter(lines)
    first = next(iterator, "")
    every = without_nul(chain([first], iterator), where)
    rows = csv.reader(every, delimiter=TAB, quoting=csv.QUOTE_NONE) if TAB in first else csv.reader(every)
    try:
        yield from (row for row in rows if row)
    except csv.Error as error:
        raise DataError(f"cannot read the rows: {error}", where=where, hint="Is this a table of text?") from error


def without_nul(lines: Iterable[str], where: str) -> Iterator[str]:
    """The lines. Raises DataError for one with a NUL character."""
    for line in lines:
        if "\0" in line:
            raise DataError("the file holds NUL characters", where=where, hint="Is this text, in this encoding?")
        yield line


def column_of(lines: Iterable[str], name: str, where: str) -> Iterator[str]:
    """The cells of one column below the header, each as one line. Raises DataError where there is no such column."""
    rows = cells_of(lines, where)
    header = [cell.strip() for cell in next(rows, [])]
    if name not in header:
        known = ", ".join(header) or "none"
        raise DataError(f"there is no column '{name}'", where=where, hint=f"There are: {known}.")
    place = header.index(name)
    for row in rows:
        yield " ".join(row[place].split()) if place < len(row) else ""


def names_pairs(names: Sequence[str]) -> bool:
    """Whether the names of columns, in small letters, are those of a question and an answer."""
    return len(names) == 2 and names[0] in QUESTIONS and names[1] in ANSWERS


def has_pairs_header(path: Path | str) -> bool:
    """Whether the first row of a file names a question and an answer."""
    here = Path(path).expanduser()
    try:
        first = first_lines(here)[:1] if here.is_file() else []
    except OSError:
        return False
    names = first[0].lower().split(TAB if TAB in first[0] else ",") if first else []
    return names_pairs([name.strip().strip('"') for name in names])
