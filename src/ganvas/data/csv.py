"""Numbers from a text file, one point in each row."""

import json
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..base.draws import permutation
from ..base.errors import DataError, UsageError, suggest
from ..base.types import Share
from ..base.wording import MAX_NAMES, command, counted, shortened
from ..ingest.table_reader import Numbers, NumberTable, read_table
from .source import Items, Split

SHARES: dict[Split, tuple[float, float]] = {"train": (0.0, 0.8), "val": (0.8, 0.9), "test": (0.9, 1.0)}
ENOUGH = 20  # rows below which a split would be empty or meaningless
PLAIN = re.compile(r"[A-Za-z_][\w .-]*")  # a name that YAML reads as a text without quotation marks


@dataclass(frozen=True)
class Csv:
    """A text file of numbers, one point in each row, with or without a header; split 80/10/10 by a shuffle of `seed`.

    Cells are separated by commas, semicolons, tabs, vertical bars or spaces, which is inferred from the file. Except
    between commas a number may have a decimal comma. The file may be compressed by gzip.

    Args:
        path: a regular file of at most 1 GiB, decompressed too.
        seed: of the split.
        encoding: a Python codec's name, such as latin-1; empty for UTF-8, or the encoding of the
            file's byte order mark.
        columns: names (or numbers from 1) of the columns to keep, in this order; all where empty.
        missing: the share of rows, rounded up, that may be left out because a cell is missing. Above it, the file is
            refused.
    """

    path: str
    seed: int = 0
    encoding: str = ""
    columns: tuple[str, ...] = ()
    missing: Share = 0.0

    def items(self, split: Split) -> Items:
        found = usable_part(self)
        names, x = tuple(found.table.names[place] for place in found.selected), found.x
        order = permutation((self.seed, "csv split"), len(x))
        first, last = (round(share * len(x)) for share in SHARES[split])
        return Items(x=x[order[first:last]], id=order[first:last], columns=names)


class Usable(NamedTuple):
    """A table, the numbers (from 0) of the columns in use, and their cells [N, F] without rows with missing ones."""

    table: NumberTable
    selected: list[int]
    x: Numbers


def usable_part(source: Csv) -> Usable:
    """The rows and columns of a table that can be trained on. Raises DataError, UsageError."""
    table = read_table(Path(source.path), source.encoding)
    selected = select_columns(table, source)
    if table.ragged:
        rows = counted(table.ragged, "row has", "rows have")
        message = f"{rows} another number of cells than the first, which has {len(table.names)}"
        raise DataError(
            f"{message}: {list_places(table.ragged_places, table.ragged)}",
            where=source.path,
            hint="Every row must hold as many cells as the first.",
        )
    check_texts(table, selected, source.path)
    x = table.x[:, selected]
    whole = np.isfinite(x).all(axis=1)
    absent = len(x) - int(whole.sum())
    if absent > math.ceil(source.missing * len(x)):
        lacking = sum(table.missing[place] for place in selected)
        raise DataError(
            f"{counted(absent, 'row')} of {len(x):,} {'has' if absent == 1 else 'have'} missing cells: "
            f"{list_places(table.missing_places, lacking)}",
            where=source.path,
            hint=f"Fill them in, or leave these rows out: source.missing={math.ceil(100 * absent / len(x)) / 100:g}",
        )
    if len(x) - absent < ENOUGH:
        raise DataError(
            f"{counted(len(x) - absent, 'row')} of numbers, too few to split",
            where=source.path,
            hint=f"Bring at least {ENOUGH}.",
        )
    return Usable(table, selected, x if absent == 0 else x[whole])


def select_columns(table: NumberTable, source: Csv) -> list[int]:
    """The numbers, from 0, of the columns in use: the requested ones, or all but empty ones without a name.

    Raises UsageError.
    """
    if not source.columns:
        return [
            place
            for place, name in enumerate(table.names)
            if name or table.missing[place] < len(table.x) or not len(table.x)
        ]
    known = {str(place + 1): place for place in range(len(table.names))} | {
        name: place for place, name in enumerate(table.names) if name
    }
    for name in source.columns:
        if name not in known:
            hint = (
                suggest(name, known)
                or f"There are: {shortened([table.label(place) for place in range(len(table.names))])}."
            )
            raise UsageError(f"there is no column '{name}'", where=source.path, hint=hint)
    return [known[name] for name in source.columns]


def check_texts(table: NumberTable, selected: list[int], where: str) -> None:
    """Raises DataError where a selected column holds text."""
    if not any(table.texts[place] for place in selected):
        return
    texts = [place for place in selected if 2 * table.texts[place] > len(table.x) - table.missing[place]]
    if not texts:
        count = sum(table.texts[place] for place in selected)
        cells = counted(count, "cell is not a finite number", "cells are not finite numbers")
        message = f"{cells}: {list_places(table.places, count)}"
        raise DataError(message, where=where, hint="Correct or remove them. Separators of thousands are not read.")
    numbers = [table.names[place] or str(place + 1) for place in selected if not table.texts[place]]
    labels = shortened([table.label(place) for place in texts])
    message = f"{len(texts)} of {len(selected)} columns hold text, and tables with text are not supported yet: {labels}"
    raise DataError(f"{message}; the first: {table.places[0]}", where=where, hint=selecting(numbers))


def selecting(numbers: list[str]) -> str:
    """How to train only on the columns of numbers."""
    if not numbers:
        return "No column holds only numbers."
    if len(numbers) > MAX_NAMES:
        return f"Keep some of the {len(numbers)} columns of numbers with source.columns: {shortened(numbers)}."
    names = ", ".join(name if PLAIN.fullmatch(name) else json.dumps(name, ensure_ascii=False) for name in numbers)
    return f"Keep the columns of numbers: {command(f'source.columns=[{names}]')}"


def list_places(places: tuple[str, ...], count: int) -> str:
    """The first places of so many."""
    return "; ".join(places[:MAX_NAMES]) + (f"; and {count - MAX_NAMES:,} more" if count > MAX_NAMES else "")
