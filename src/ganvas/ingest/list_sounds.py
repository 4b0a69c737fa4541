"""The sound files of a folder: their names, and the classes and speakers that folders and names say."""

import os
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from ..base.errors import DataError, UsageError
from ..base.wording import counted, shortened
from .folder_names import splits_and_classes
from .sound_files import ENDINGS

TRIPLE = re.compile(r"(?:.*/)?([^/_]+)_([^/_]+)_([^/_]+)\.\w+")  # class_speaker_number, such as 7_jackson_32.wav
SPEAKER = r"(?:^|/)[^/_]+_([^/_]+)_[^/_]+\.\w+$"
MOST_CLASSES = 100


class SoundList(NamedTuple):
    """The sound files below a folder.

    Args:
        root: the folder, or the one file.
        names: below the folder, with /; sorted.
        others: files that are no sound.
        empty: folders directly below that hold no file of sound.
    """

    root: Path
    names: tuple[str, ...]
    others: int
    empty: tuple[str, ...]

    def place(self, name: str) -> Path:
        """The path of a file."""
        return self.root / name if self.root.is_dir() else self.root

    @property
    def stamp(self) -> str:
        """Names, sizes and times of all files, for the key of what was decoded."""
        folder = f"{self.root}{os.sep}" if self.root.is_dir() else ""
        facts = [(name, os.stat(f"{folder}{name}" if folder else self.root)) for name in self.names]
        return repr([(name, fact.st_size, fact.st_mtime_ns) for name, fact in facts])


def list_sounds(path: str) -> SoundList:
    """The sound files below a folder, or one file. Links to folders are not followed.

    Raises:
        DataError: there is no such folder, or no sound in it.
    """
    root = Path(path).expanduser()
    if root.is_file():
        return SoundList(root, (root.name,), 0, ())
    if not root.is_dir():
        raise DataError("there is no such file or folder", where=str(root))
    names, others, held, folders = list[str](), 0, set[str](), set[str]()
    for folder, below, files in os.walk(root):
        below[:] = sorted(each for each in below if not each.startswith("."))
        place = Path(folder).relative_to(root).as_posix()
        folders |= set(below) if place == "." else set()
        for file in files:
            if is_sound_name(file):
                names.append(file if place == "." else f"{place}/{file}")
                held.add(names[-1].split("/")[0])
            else:
                others += not file.startswith(".")
    if not names:
        kinds = ", ".join(ENDINGS)
        raise DataError("the folder holds no sound", where=str(root), hint=f"These files are read: {kinds}.")
    return SoundList(root, tuple(sorted(names)), others, tuple(sorted(folders - held)))


def is_sound_name(name: str) -> bool:
    """Whether a file's name ends as that of sound."""
    return name.lower().endswith(ENDINGS) and not name.startswith(".")


def is_sound_data(path: str | Path) -> bool:
    """Whether a path is a file of sound, or a folder with sound and without anything else that could be data."""
    place = Path(path).expanduser()
    if place.is_file():
        return is_sound_name(place.name)
    if not place.is_dir():
        return False
    kinds: Counter[bool] = Counter()
    for _, _, files in os.walk(place):
        kinds.update(is_sound_name(each) for each in files if not each.startswith("."))
        if sum(kinds.values()) > 1000:
            break
    return kinds[True] > kinds[False]


def guess_labels(names: Sequence[str]) -> tuple[str, str]:
    """How classes and speakers are named: ("names", pattern) for names as 7_jackson_32.wav; else ("", "")."""
    found = [TRIPLE.fullmatch(name) for name in names]
    matched = [each for each in found if each]
    classes, speakers = {each[1] for each in matched}, {each[2] for each in matched}
    if len(matched) < len(names) or len(classes) > MOST_CLASSES or min(len(classes), len(speakers)) < 2:
        return "", ""
    return "names", SPEAKER


def labels_of(found: SoundList, labels: str) -> list[str]:
    """The class of each file; "" without classes.

    Args:
        found: the files.
        labels: "" for none, "folders", or "names": what precedes the first _ of a file's name.

    Raises:
        DataError: a class has no recording.
    """
    if labels == "folders":
        if found.empty:
            message = f"the class {shortened(found.empty)} has no recording"
            raise DataError(message, where=str(found.root), hint="Remove the empty folder, or fill it.")
        return list(splits_and_classes(found.names)[1])
    if labels == "names":
        return [name.rsplit("/", 1)[-1].split("_")[0].rsplit(".", 1)[0] for name in found.names]
    return [""] * len(found.names)


def speakers_of(found: SoundList, pattern: str) -> list[str]:
    """The speaker of each file: what the first parentheses of a regular expression match in its name; "" for none.

    Raises:
        UsageError: the expression is wrong, or matches no name.
    """
    if not pattern:
        return [""] * len(found.names)
    try:
        expression = re.compile(pattern)
    except re.error as error:
        raise UsageError(f"source.speaker is no regular expression: {error}") from error
    hits = [expression.search(name) for name in found.names]
    speakers = [(hit[1] if hit.groups() else hit[0]) or "" if hit else "" for hit in hits]
    if not any(speakers):
        message = f"source.speaker matches none of {counted(len(speakers), 'name')}, such as {found.names[0]}"
        raise UsageError(message, hint=f"For names as 7_jackson_32.wav: {SPEAKER}")
    return speakers
