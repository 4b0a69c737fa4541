"""Whether files and folders have changed since they were listed: their sizes and times are compared."""

import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from .medical_files import file_and_slice

UNSURE_NS = 2 * 10**9  # a file that changed so shortly before may change again without another time (FAT: 2 s)
MISSING = (-1, -1)


class FileState(NamedTuple):
    """Sizes and times of what was listed.

    Attributes:
        taken_ns: when the listing began.
        newest_ns: the latest change of anything in it.
        watched: folders, lists and archives, each with device, number, size and time.
        facts: int64 [N, 2], size and time of each picture's file; [0, 2] for archives.
    """

    taken_ns: int
    newest_ns: int
    watched: Mapping[str, tuple[int, ...]]
    facts: np.ndarray[Any, Any]

    @classmethod
    def of(
        cls, taken_ns: int, watched: Mapping[str, os.stat_result], files: Sequence[os.stat_result | None] = ()
    ) -> "FileState":
        """The state, from stat results of the folders and of the pictures, these in the order of their places."""
        facts = np.array([size_and_time(each) for each in files], np.int64).reshape(-1, 2)
        newest = max([each.st_mtime_ns for each in watched.values()] + ([int(facts[:, 1].max())] if len(facts) else []))
        return cls(taken_ns, newest, {path: identity(each) for path, each in watched.items()}, facts)

    def holds(self, places: Sequence[Any]) -> bool:
        """Whether nothing has changed. False where that is not certain: something was new when it was listed."""
        if self.newest_ns > self.taken_ns - UNSURE_NS:
            return False
        try:
            if any(identity(os.stat(path)) != known for path, known in self.watched.items()):
                return False
        except OSError:
            return False
        if not len(self.facts):
            return True
        numbers = (number for place in places for number in size_and_time(stat_of(file_and_slice(str(place))[0])))
        return np.array_equal(np.fromiter(numbers, np.int64, self.facts.size), self.facts.reshape(-1))


def identity(facts: os.stat_result) -> tuple[int, ...]:
    """What changes when a folder's entries or a file's content do."""
    return facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns


def size_and_time(facts: os.stat_result | None) -> tuple[int, int]:
    """Bytes, and nanoseconds; MISSING where there is no file."""
    return MISSING if facts is None else (facts.st_size, facts.st_mtime_ns)


def stat_of(path: str) -> os.stat_result | None:
    """Of a file, or of a link that leads nowhere; None where nothing is there."""
    try:
        return os.stat(path)
    except OSError:
        try:
            return os.lstat(path)
        except OSError:
            return None
