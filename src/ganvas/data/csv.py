"""Numbers from a text file: one row a point."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..base.draws import permutation
from ..base.errors import DataError
from .source import Items, Split

SHARES: dict[Split, tuple[float, float]] = {"train": (0.0, 0.8), "val": (0.8, 0.9), "test": (0.9, 1.0)}
LARGEST = float(np.finfo(np.float32).max)
ENOUGH = 20  # rows below which a split would be empty or meaningless


@dataclass(frozen=True)
class Csv:
    """A comma-separated file of numbers, with or without a header; 80 % train, 10 % val, 10 % test by a shuffle of `seed`."""

    path: str
    seed: int = 0

    def items(self, split: Split) -> Items:
        x = numbers(Path(self.path))
        order = permutation((self.seed, "csv split"), len(x))
        first, last = (round(share * len(x)) for share in SHARES[split])
        return Items(x=x[order[first:last]], id=order[first:last])


def numbers(path: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """All rows of the file [N, F], float32. A first row that is not numeric is taken for a header."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = [(line, row) for line, row in enumerate(csv.reader(file), start=1) if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"cannot read the CSV file: {error}", where=str(path), mend="Check the path and that it is UTF-8 text.") from error
    if rows and not any(numeric([cell]) for cell in rows[0][1]):
        rows = rows[1:]
    for line, row in rows:
        if len(row) != len(rows[0][1]) or not numeric(row):
            raise DataError(
                f"line {line} is not {len(rows[0][1])} finite numbers: {','.join(row)[:60]}",
                where=str(path),
                mend="Every row must hold the same count of numbers, after at most one header row.",
            )
    if len(rows) < ENOUGH:
        raise DataError(f"{len(rows)} rows of numbers, too few to split", where=str(path), mend=f"Bring at least {ENOUGH}.")
    return np.array([[float(cell) for cell in row] for _, row in rows], np.float32)


def numeric(row: list[str]) -> bool:
    """Whether each cell is a finite number, in float32 too."""
    try:
        return all(abs(float(cell)) <= LARGEST for cell in row)
    except ValueError:
        return False
