"""The form of Chinese poems: rhyme and tones of their lines, by the readings of today."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from .contract import Result
from .text_scores import share

RHYMES = (  # finals that count as one rhyme: the thirteen classes of northern Chinese drama
    "a ia ua",
    "o e uo",
    "ie ve",
    "i v er",
    "u",
    "ai uai",
    "ei uei",
    "ao iao",
    "ou iou",
    "an ian uan van",
    "en in uen vn",
    "ang iang uang",
    "eng ing ueng ong iong",
)
CLASSES = {final: number for number, finals in enumerate(RHYMES) for final in finals.split()}


class Reading(NamedTuple):
    """How a character is read.

    Args:
        rhyme: the number of its class in RHYMES; -1 where it is in none.
        level: whether its tone is level (1 or 2), and not oblique (3 or 4).
    """

    rhyme: int
    level: bool


Readings = Callable[[str], Reading | None]
"""The reading of a character, or None."""


def poem_results(poems: Sequence[Sequence[str]], read: Readings, length: int) -> Iterator[Result]:
    """Shares of poems, and of lines, that keep the form; of poems by people they are not 1 either.

    - poem_lines: poems whose lines all have `length` characters.
    - poem_rhyme: poems of which lines 2 and 4, 6 and 8 ... end in the same class of RHYMES, and not in one character.
    - poem_tones: lines of which the characters 2, 4 (and 6) alternate between level and oblique tones.
    - poem_same_line: poems with two equal lines.

    Args:
        poems: the lines of each, without punctuation.
        read: the reading of a character.
        length: characters of a line.
    """
    protocol = {"readings": "one of today for each character", "rhymes": "thirteen classes"}
    lines = [line for poem in poems for line in poem]
    shares = {
        "poem_lines": [all(len(line) == length for line in poem) for poem in poems],
        "poem_rhyme": [rhymes(poem, read) for poem in poems],
        "poem_tones": [alternates(line, read) for line in lines],
        "poem_same_line": [len(set(poem)) < len(poem) for poem in poems],
    }
    for name, holds in shares.items():
        found = share(name, holds)
        yield Result(found.name, found.value, found.n, found.error, None, protocol)


def rhymes(poem: Sequence[str], read: Readings) -> bool:
    """Whether the even lines end in characters of one rhyme that are not all the same."""
    ends = [line[-1:] for line in poem[1::2]]
    found = {reading.rhyme if (reading := read(end)) else -1 for end in ends}
    return len(set(ends)) > 1 and len(found) == 1 and -1 not in found


def alternates(line: str, read: Readings) -> bool:
    """Whether the characters 2, 4, 6 ... before the last one alternate between level and oblique tones."""
    read_so = [read(character) for character in line[1 : len(line) - 1 : 2]]
    levels = [reading.level for reading in read_so if reading]
    return len(levels) == len(read_so) and all(a != b for a, b in pairwise(levels))
