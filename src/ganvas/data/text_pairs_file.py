"""Pairs of texts from a file of two columns: a question and its answer in each row."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from unicodedata import normalize

import numpy as np

from ..base.errors import DataError
from ..base.wording import counted
from ..ingest.encoded_text import lines_of
from ..ingest.text_cells import cells_of, names_pairs
from .source import Items, Split
from .text_lines import ENOUGH, as_array, split_lines


@dataclass(frozen=True)
class TextPairsFile:
    """A table of two columns of text, or two columns of a table: x are the answers, given["question"] the questions.

    Columns are separated by tabs where the first row has one, else by commas (quoted as in CSV). A first row such as
    "question,answer", "prompt,response", "source,target" or "input,output" is a header. Pairs of one question are in
    one split: of the different questions 5 % are val and 5 % test, at least 50, by their SHA-256.

    Args:
        path: a regular file of at most 1 GiB; .gz is unpacked.
        columns: names of the two columns; empty for a table that has just two.
        seed: of the split.
        encoding: a Python codec's name; empty for UTF-8, or the encoding of the file's byte order mark.
    """

    path: str
    columns: tuple[str, ...] = ()
    seed: int = 0
    encoding: str = ""

    def items(self, split: Split) -> Items:
        pairs = read_pairs(self).splits[split]
        question = np.empty(len(pairs), object)
        question[:] = [pair[0] for pair in pairs]
        return Items(x=as_array([pair[1] for pair in pairs]), given={"question": question})


class ReadPairs(NamedTuple):
    """The pairs of a file by split, and how many rows lack one of the two."""

    splits: dict[Split, list[tuple[str, str]]]
    incomplete: int


def read_pairs(source: TextPairsFile) -> ReadPairs:
    """The pairs of a file. Raises DataError, UsageError."""
    path = Path(source.path).expanduser()
    changed = path.stat().st_mtime_ns if path.is_file() else 0
    return _read_pairs(source, changed)


@lru_cache(maxsize=2)
def _read_pairs(source: TextPairsFile, changed: int) -> ReadPairs:
    pairs, incomplete = list[tuple[str, str]](), 0
    for question, answer in rows_of_pairs(source):
        cells = tuple(normalize("NFC", cell).strip() for cell in (question, answer))
        if all(cells):
            pairs.append((cells[0], cells[1]))
        else:
            incomplete += 1
    different = len({question for question, _ in pairs})
    if different < ENOUGH:
        raise DataError(
            f"{counted(different, 'pair')} of different questions, too few to split",
            where=source.path,
            hint=f"Bring at least {ENOUGH}, one a row: question, answer.",
        )
    return ReadPairs(by_question(pairs, source.seed), incomplete)


def by_question(pairs: list[tuple[str, str]], seed: int) -> dict[Split, list[tuple[str, str]]]:
    """The pairs of each split, in an order that does not depend on that of the file."""
    answers: dict[str, list[str]] = {}
    for question, answer in pairs:
        answers.setdefault(question, []).append(answer)
    chosen = split_lines(list(answers), seed)
    return {
        split: [(question, answer) for question in questions for answer in sorted(answers[question])]
        for split, questions in chosen.items()
    }


def rows_of_pairs(source: TextPairsFile) -> Iterator[tuple[str, str]]:
    """Question and answer of each row below the header. Raises DataError."""
    places: tuple[int, int] | None = None
    with lines_of(Path(source.path).expanduser(), source.encoding) as lines:
        for number, row in enumerate(cells_of(lines, source.path), start=1):
            if places is None:
                places, header = columns_of(row, source)
                if header:
                    continue
            if len(row) <= max(places) or (not source.columns and len(row) != 2):
                raise DataError(
                    f"row {number:,} has {counted(len(row), 'cell')}, and a pair has 2",
                    where=source.path,
                    hint="Quote cells that hold the separator, or name two columns: source.columns=[one,two].",
                )
            yield row[places[0]], row[places[1]]


def columns_of(first: list[str], source: TextPairsFile) -> tuple[tuple[int, int], bool]:
    """The places of question and answer, and whether the first row is a header. Raises DataError."""
    names = [cell.strip().lower().lstrip("\ufeff") for cell in first]
    if source.columns:
        missing = [name for name in source.columns if name.lower() not in names]
        if missing or len(source.columns) != 2:
            raise DataError(
                f"there are no two columns {', '.join(source.columns)}",
                where=source.path,
                hint=f"There are: {', '.join(names)}.",
            )
        return (names.index(source.columns[0].lower()), names.index(source.columns[1].lower())), True
    return (0, 1), names_pairs(names)
