"""Which kind of data a text file holds: a table to train on, other columns of text, or a list of pictures."""

import csv
from pathlib import Path, PurePath
from typing import Literal

from .dialect import HEAD, dialect_of, rows_of, value
from .text_files import DELIMITERS, NO_TEXT, PARQUET, PICTURES, TABLES, first_lines

Kind = Literal["table", "columns", "list", ""]


def text_kind(path: Path | str) -> Kind:
    """Which kind of data a file holds, from its ending and its first lines. Only a regular file is opened.

    Returns:
        "list": half of the lines or more are names of pictures or shards.
        "columns": rows of cells with names of pictures among them, or of texts: labels, perhaps.
        "table": the ending is that of a table (.csv, .tsv, .tab, also .gz), or most cells are numbers. Also for a file
            with such an ending that cannot be read: reading it as a table gives the error.
        "": anything else.
    """
    here = Path(path).expanduser()
    ending = PurePath(here.stem if here.suffix.lower() == ".gz" else here.name).suffix.lower()
    if ending in NO_TEXT or here.is_dir():
        return ""
    by_ending: Kind = "table" if ending in TABLES else ""
    if ending in PARQUET:
        return by_ending
    try:
        lines = [line for line in first_lines(here) if line[0] != "#"][:HEAD]
        rows = [row for _, row in rows_of(lines, dialect_of(lines).separator)]
    except (OSError, EOFError, ValueError, csv.Error):
        return by_ending
    if not lines:
        return by_ending
    if 2 * sum(map(names_picture, lines)) >= len(lines):
        return "list"
    if any(names_picture(cell) for row in rows[:2] for cell in row):
        return "columns"
    if by_ending or mostly_numbers(lines, rows):
        return "table"
    return "columns" if has_columns(lines) else ""


def is_table(path: Path | str) -> bool:
    """Whether a file is read as a table to train on."""
    return text_kind(path) == "table"


def names_picture(text: str) -> bool:
    """Whether a text is the name of a picture, or of a shard."""
    return text.strip().strip("\"'").lower().endswith((*PICTURES, ".tar"))


def mostly_numbers(lines: list[str], rows: list[list[str]]) -> bool:
    """Whether more than half of the cells below a header are numbers or missing."""
    separator, header = dialect_of(lines)
    cells = [value(cell, commas=separator != ",") for row in rows[header:] for cell in row]
    return 2 * sum(cell is not None for cell in cells) > len(cells)


def has_columns(lines: list[str]) -> bool:
    """Whether one delimiter gives all lines the same number of cells, more than one."""
    for delimiter in DELIMITERS:
        widths = {len(row) for row in csv.reader(lines, delimiter=delimiter, skipinitialspace=True)}
        if len(widths) == 1 and max(widths) > 1:
            return True
    return False
