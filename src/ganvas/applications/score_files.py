"""Scores that a person gave to samples: a CSV of `file,score`, the files those of `ganvas sample -o FOLDER`."""

import csv
import io
import math
import os
import re
from pathlib import Path
from typing import NamedTuple

from ..base.errors import DataError
from ..base.files import read_regular

MOST_BYTES = 1 << 26
NUMBER = re.compile(r"\d{1,9}")
HINT = "Rows are such as 000012.png,0.8: a file of `ganvas sample RUN -n 200 -o FOLDER`, and a number."


class SampleScores(NamedTuple):
    """Numbers of samples, counted from 0, and a score for each."""

    numbers: tuple[int, ...]
    score: tuple[float, ...]


def read_scores(file: str | os.PathLike[str]) -> SampleScores:
    """Scores of samples.

    Args:
        file: a CSV in UTF-8 with two columns: the name of a sample's file, whose stem is its number, and a number.
            A first row of titles is left out.

    Raises:
        DataError: the file cannot be read, has fewer than eight scores, or a row is not of this form.
    """
    path = Path(file)
    try:
        text = read_regular(path, MOST_BYTES).decode("utf-8-sig")
    except OSError as error:
        raise DataError(f"cannot read the scores: {error.strerror or error}", where=str(path), hint=HINT) from error
    except UnicodeDecodeError as error:
        raise DataError("the scores are not in UTF-8", where=str(path), hint=HINT) from error
    found: dict[int, float] = {}
    for number, row in enumerate(rows_of(text, path), 1):
        if not row or (number == 1 and not is_score(row)):
            continue
        if not is_score(row):
            raise DataError(f"row {number} is no file and number: {','.join(row)[:60]}", where=str(path), hint=HINT)
        found[int(stem_of(row[0]))] = float(row[1])
    if len(found) < 8:
        raise DataError(f"{len(found)} scores are too few for a direction", where=str(path), hint="Score 50 or more.")
    return SampleScores(tuple(found), tuple(found.values()))


def rows_of(text: str, path: Path) -> list[list[str]]:
    """The rows of a CSV. Raises DataError."""
    try:
        return list(csv.reader(io.StringIO(text)))
    except csv.Error as error:
        raise DataError(f"cannot read the scores: {error}", where=str(path), hint=HINT) from error


def is_score(row: list[str]) -> bool:
    """Whether a row is the file of a sample and a finite number."""
    if len(row) != 2 or not NUMBER.fullmatch(stem_of(row[0])):
        return False
    try:
        return math.isfinite(float(row[1]))
    except ValueError:
        return False


def stem_of(name: str) -> str:
    """'folder/000012.png' -> '000012'."""
    return Path(name.strip().replace("\\", "/")).stem
