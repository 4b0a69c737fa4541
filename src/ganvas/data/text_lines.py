"""Text from a file or a folder of files, one sample a line; or from a column of a table."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from unicodedata import normalize

from ..base.errors import DataError
from ..base.wording import counted
from ..ingest.encoded_text import lines_of
from ..ingest.splits import SPLITS, split
from ..ingest.text_cells import column_of
from .source import Items, Split
from .source import as_array as as_array

ENDINGS = (".txt", ".text", ".txt.gz", ".text.gz")
ENOUGH = 20  # different lines below which a split would be empty or meaningless


@dataclass(frozen=True)
class TextLines:
    """A text file or a folder of them, one sample a line, or a column of a table; equal lines are in one split.

    Of the different lines 5 % are val and 5 % test, at least 50 each where there are enough, chosen by the SHA-256 of
    `seed` and the line. Lines are normalised (Unicode NFC), and white space at both ends is taken away; empty lines are
    left out. The file may be compressed by gzip.

    Args:
        path: a regular file of at most 1 GiB, decompressed too; lines of at most a million characters. Of a folder
            all files that end in .txt or .text, .gz behind it or not, by their names.
        seed: of the split.
        encoding: a Python codec's name, such as gb18030; empty for UTF-8, or the encoding of the file's byte order
            mark.
        column: of a table with a header, separated by tabs or commas; empty for lines.
    """

    path: str
    seed: int = 0
    encoding: str = ""
    column: str = ""

    def items(self, split: Split) -> Items:
        found = usable_lines(self)
        return Items(x=as_array(found.splits[split]))


class UsableLines(NamedTuple):
    """The lines of a file.

    Args:
        splits: the lines of each split, in an order that does not depend on that of the file.
        empty: how many empty lines were left out.
        repeated: how many lines equal an earlier one; they are kept.
        encoding: in which the file was read.
    """

    splits: dict[Split, list[str]]
    empty: int
    repeated: int
    encoding: str

    @property
    def all_lines(self) -> list[str]:
        """The lines of all splits."""
        return [line for lines in self.splits.values() for line in lines]


def usable_lines(source: TextLines) -> UsableLines:
    """The lines of a file, by split. Raises DataError, UsageError."""
    found, empty, encoding = list[str](), 0, ""
    for file in files_of(Path(source.path).expanduser()):
        with lines_of(file, source.encoding) as lines:
            where = str(file)
            each: Iterable[str] = column_of(lines, source.column, where) if source.column else lines
            for number, raw in enumerate(each, start=1):
                line = clean(raw, number, where)
                found += [line] if line else []
                empty += not line
            encoding = lines.encoding
    different = len(set(found))
    if different < ENOUGH:
        raise DataError(
            f"{counted(different, 'line')} of different text, too few to split",
            where=source.path,
            hint=f"Bring at least {ENOUGH}, one sample a line.",
        )
    return UsableLines(split_lines(found, source.seed), empty, len(found) - different, encoding)


def files_of(path: Path) -> list[Path]:
    """The files of text in a folder, by their names; the path itself where it is none. Raises DataError."""
    if not path.is_dir():
        return [path]
    found = sorted(each for each in path.iterdir() if each.name.lower().endswith(ENDINGS) and each.name[0] != ".")
    if not found:
        raise DataError("the folder holds no text", where=str(path), hint=f"Files of text end in {ENDINGS[0]}.")
    return found


def clean(raw: str, number: int, where: str) -> str:
    """A line in Unicode NFC without white space at its ends. Raises DataError for a NUL."""
    line = normalize("NFC", raw).strip()
    if "\0" in line:
        raise DataError(
            f"line {number:,} holds a NUL character: this is no text, or in another encoding",
            where=where,
            hint="Name the encoding: --encoding utf-16, or utf-32.",
        )
    return line


def split_lines(lines: list[str], seed: int) -> dict[Split, list[str]]:
    """The lines of each split, in the order of their SHA-256, so that the file's order does not matter."""
    digests = [hashlib.sha256(line.encode()).digest() for line in lines]
    chosen = split(digests, [""] * len(lines), seed)
    found: dict[Split, list[str]] = {name: [] for name in SPLITS}
    for number in sorted(range(len(lines)), key=lambda each: digests[each]):
        found[chosen[number]].append(lines[number])
    return found
