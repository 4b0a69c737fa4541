"""Which class each picture is of: by its folder, or by a CSV of file and label."""

import csv
from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from ..base.errors import DataError
from .listing import printable

SHOWN = 3  # names in a sentence


def label(names: Sequence[str], folders: Sequence[str], labels: str) -> tuple[str, ...]:
    """A label for each picture; empty without labels. Raises DataError where one has none."""
    if not labels:
        return ()
    if labels == "folders":
        given = tuple(folders)
        mend = "Each class is a folder of its own directly below the data."
    else:
        given = from_csv(Path(labels).expanduser(), names)
        mend = "Each picture needs one row: file,label."
    without = [name for name, known in zip(names, given, strict=True) if not known]
    if without:
        raise DataError(f"{len(without):,} of {len(names):,} pictures have no label: {some(without)}", where=labels, mend=mend)
    return given


def from_csv(path: Path, names: Sequence[str]) -> tuple[str, ...]:
    """Labels in the order of `names`. A row's file may be the whole name, its last part, or that without its ending, where no two pictures share it."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = [[cell.strip() for cell in row] for row in csv.reader(file) if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        words = getattr(error, "strerror", None) or str(error)
        raise DataError(f"cannot read the labels: {words}", where=str(path), mend='Give "folders", or a CSV file with the columns file,label.') from error
    for line, row in enumerate(rows, start=1):
        if len(row) != 2:
            raise DataError(f"line {line} of the labels has {len(row)} columns, not two: {','.join(row)[:60]}", where=str(path), mend="Write file,label.")
    known: dict[str, str] = {}
    for name, text in rows:
        if known.setdefault(plain(name), text) != text:
            raise DataError(f"{name} has two labels: {known[plain(name)]} and {text}", where=str(path))
    counts = [Counter(short(name) for name in names) for short in (last, stem)]
    return tuple(next((known[key] for key in keys(name, counts) if key in known), "") for name in names)


def keys(name: str, counts: Sequence[Counter[str]]) -> list[str]:
    """The ways to name this picture and no other."""
    return [plain(name), *(short(name) for short, count in zip((last, stem), counts, strict=True) if count[short(name)] == 1)]


def plain(name: str) -> str:
    """One spelling of a path."""
    return PurePosixPath(name.replace("\\", "/")).as_posix()


def last(name: str) -> str:
    """a/b.png: b.png"""
    return PurePosixPath(name).name


def stem(name: str) -> str:
    """a/b.png: b"""
    return PurePosixPath(name).stem


def in_order(labels: Sequence[str]) -> tuple[str, ...]:
    """The classes: numbers by size, all else by the alphabet. Raises DataError if there is only one."""
    found = sorted(set(labels))
    if len(found) < 2:
        raise DataError(f"only one class: {found[0] if found else 'none'}", mend="Leave the labels out, or bring a second class.")
    return tuple(sorted(found, key=int) if all(text.isascii() and text.isdigit() for text in found) else found)


def some(names: Sequence[str]) -> str:
    """The first few names."""
    more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return ", ".join(printable(name) for name in names[:SHOWN]) + more
