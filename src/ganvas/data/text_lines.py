"""Text from a file, one sample a line."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from unicodedata import normalize

from ..base.errors import DataError
from ..base.wording import counted
from ..ingest.encoded_text import lines_of
from ..ingest.splits import SPLITS, split
from .source import Items, Split
from .source import as_array as as_array

ENOUGH = 20  # different lines below which a split would be empty or meaningless


@dataclass(frozen=True)
class TextLines:
    """A text file, one sample a line; equal lines are never in two splits.

    Of the different lines 5 % are val and 5 % test, at least 50 each where there are enough, chosen by the SHA-256 of
    `seed` and the line. Lines are normalised (Unicode NFC), and white space at both ends is taken away; empty lines are
    left out. The file may be compressed by gzip.

    Args:
        path: a regular file of at most 1 GiB, decompressed too; lines of at most a million characters.
        seed: of the split.
        encoding: a Python codec's name, such as gb18030; empty for UTF-8, or the encoding of the file's byte order
            mark.
    """

    path: str
    seed: int = 0
    encoding: str = ""

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
    found, empty = list[str](), 0
    with lines_of(Path(source.path), source.encoding) as lines:
        for number, raw in enumerate(lines, start=1):
            line = normalize("NFC", raw).strip()
            if "\0" in line:
                raise DataError(
                    f"line {number:,} holds a NUL character: this is no text, or in another encoding",
                    where=source.path,
                    hint="Name the encoding: --encoding utf-16, or utf-32.",
                )
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


def split_lines(lines: list[str], seed: int) -> dict[Split, list[str]]:
    """The lines of each split, in the order of their SHA-256, so that the file's order does not matter."""
    digests = [hashlib.sha256(line.encode()).digest() for line in lines]
    chosen = split(digests, [""] * len(lines), seed)
    found: dict[Split, list[str]] = {name: [] for name in SPLITS}
    for number in sorted(range(len(lines)), key=lambda each: digests[each]):
        found[chosen[number]].append(lines[number])
    return found
