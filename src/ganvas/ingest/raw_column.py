"""One column of a table as it is written: numbers where its cells are numbers, else the numbers of its texts."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from ..base.wording import counted
from .dialect import LARGEST, MISSING, value

Numbers = np.ndarray[Any, np.dtype[np.float64]]
Codes = np.ndarray[Any, np.dtype[np.int64]]
ABSENT = -1  # the code of a missing cell
MOST_DECIMALS = 12  # with more, a column is not rounded
LEADING_ZERO = re.compile(r"0\d+$")  # as in postal codes


@dataclass(frozen=True)
class RawColumn:
    """The cells of one column.

    Args:
        name: of the header.
        numbers: float64 [N], NaN where a cell is missing or is text; None for a column of texts.
        codes: int64 [N], the number of each cell's text in `texts`, -1 for a missing cell; None for numbers.
        texts: every text of the column, without spaces around it, in the order of the file.
        odd: texts in a column of numbers, by row.
        places: the first of them, as "line 31: x".
        decimals: digits after the decimal point, at most; -1 for more than 12, or with an exponent.
        coded: digits of a whole number that begins with a zero, as postal codes do; 0 if there is none.
        missing_text: the first missing cell as it is written.
        padding: the spaces before every cell.
        dtype: of pandas, where the table has types.
    """

    name: str
    numbers: Numbers | None = None
    codes: Codes | None = None
    texts: tuple[str, ...] = ()
    odd: dict[int, str] = field(default_factory=dict)
    places: tuple[str, ...] = ()
    decimals: int = 0
    coded: int = 0
    missing_text: str = ""
    padding: str = ""
    dtype: str = ""

    @property
    def absent(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """[N]: whether a cell is missing."""
        if self.codes is not None:
            return self.codes == ABSENT
        assert self.numbers is not None
        absent: np.ndarray[Any, np.dtype[np.bool_]] = np.isnan(self.numbers)
        absent[list(self.odd)] = False
        return absent

    def as_texts(self) -> tuple[Codes, tuple[str, ...]]:
        """The column as texts, numbers as they would be written: their codes and the texts, in ascending order."""
        if self.codes is not None:
            return self.codes, self.texts
        assert self.numbers is not None
        values, inverse = np.unique(self.numbers, return_inverse=True)
        known = values[np.isfinite(values)].tolist()
        written = [written_number(each, self.decimals).zfill(self.coded) for each in known]
        codes: Codes = np.where(np.isfinite(self.numbers), inverse.reshape(-1), ABSENT).astype(np.int64)
        places = {text: place for place, text in enumerate(written)}
        for row, text in self.odd.items():
            codes[row] = places.setdefault(text, len(places))
        return codes, tuple(places)


class RawTable(NamedTuple):
    """The columns of a table, and a sentence on how it is written."""

    columns: tuple[RawColumn, ...]
    rows: int
    written: str

    @property
    def form(self) -> str:
        """Its size and how it is written, in words."""
        return f"a table of {counted(self.rows, 'row')} and {counted(len(self.columns), 'column')} ({self.written})"


def written_number(number: float, decimals: int) -> str:
    """A number with so many decimals; with all its digits for -1."""
    return f"{number:.{decimals}f}" if decimals >= 0 else repr(number)


class ColumnBuffer:
    """What has been read so far of one column."""

    def __init__(self, name: str, *, commas: bool) -> None:
        self.name, self.commas = name, commas
        self.parts: list[np.ndarray[Any, Any]] = []
        self.is_text: bool | None = None  # None: before the first cells
        self.places: dict[str, int] = {}
        self.odd: dict[int, str] = {}
        self.odd_places: list[str] = []
        self.rows, self.decimals, self.coded = 0, 0, 0
        self.missing_text, self.padding = "", ""

    def add(self, cells: Sequence[str], lines: Sequence[int]) -> None:
        """Cells that follow, with their line numbers."""
        texts = [cell.strip() for cell in cells]
        distinct = set(texts)
        absent = {text for text in distinct if text.lower() in MISSING}
        if self.is_text is None:
            present = [text for text in texts if text not in absent]
            self.is_text = any(map(LEADING_ZERO.match, distinct)) or mostly_texts(present, commas=self.commas)
            self.padding = " " if all(cell.startswith(" ") for cell in cells) else ""
        if not self.missing_text and absent:
            self.missing_text = next(text for text in texts if text in absent)
        if self.is_text:
            self.parts.append(self.coded_texts(texts, absent))
        else:
            fast = None if absent else self.plain_numbers(texts, distinct)
            self.parts.append(self.numbers(texts, absent, lines) if fast is None else fast)
        self.rows += len(cells)

    def coded_texts(self, texts: Sequence[str], absent: set[str]) -> Codes:
        """The code of each text; new texts get the next codes."""
        places = self.places
        for text in dict.fromkeys(texts):
            if text not in absent:
                places.setdefault(text, len(places))
        return np.array([places.get(text, ABSENT) for text in texts], np.int64)

    def plain_numbers(self, texts: Sequence[str], distinct: set[str]) -> Numbers | None:
        """The numbers, where all of them are plain; else None."""
        together = "".join(distinct)
        try:
            found = np.array([float(text) for text in texts])
        except ValueError:
            return None
        if not together.isascii() or "_" in together or not (np.abs(found) < LARGEST).all():
            return None
        for text in distinct:
            self.note_form(text)
        return found

    def numbers(self, texts: Sequence[str], absent: set[str], lines: Sequence[int]) -> Numbers:
        """The number of each text; NaN where it is missing, or is none."""
        found = np.full(len(texts), math.nan)
        for place, text in enumerate(texts):
            if text in absent:
                continue
            number = value(text, commas=self.commas)
            if number is None or math.isnan(number):
                self.odd[self.rows + place] = text
                if len(self.odd_places) < 10:
                    self.odd_places.append(f"line {lines[place]}: '{text[:60]}'")
                continue
            found[place] = number
            self.note_form(text)
        return found

    def note_form(self, text: str) -> None:
        """Take notice of how a number is written."""
        point = max(text.rfind("."), text.rfind(",") if self.commas else -1)
        if self.decimals >= 0 and point >= 0:
            digits = len(text) - point - 1
            self.decimals = -1 if digits > MOST_DECIMALS or "e" in text.lower() else max(self.decimals, digits)
        elif point < 0 and "e" in text.lower():
            self.decimals = -1
        if text[0] == "0" and LEADING_ZERO.match(text):
            self.coded = len(text)

    def column(self) -> RawColumn:
        """All of it."""
        whole = np.concatenate(self.parts) if self.parts else np.empty(0)
        shared: dict[str, Any] = {"name": self.name, "missing_text": self.missing_text, "padding": self.padding}
        if self.is_text:
            return RawColumn(codes=whole.astype(np.int64), texts=tuple(self.places), **shared)
        places = tuple(self.odd_places)
        form: dict[str, Any] = {"decimals": self.decimals, "coded": self.coded}
        return RawColumn(numbers=whole.astype(np.float64), odd=self.odd, places=places, **form, **shared)


def mostly_texts(present: Sequence[str], *, commas: bool) -> bool:
    """Whether fewer than half of these cells are numbers."""
    return 2 * sum(value(text, commas=commas) is not None for text in present) < len(present)
