"""Decoded data on disk: one folder an entry, written whole or not at all.

An entry holds x.npy, y.npy where there are labels, group.npy, names.json (the file of each row) and entry.json
(facts, and the size of each file).
"""

import functools
import json
import os
import re
import stat
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Annotated, Any, NamedTuple

from annotated_types import Ge, MaxLen, MinLen
from pydantic import TypeAdapter

from ..base.errors import GanvasWarning, ResourceError, UsageError
from ..base.files import REGULAR, kind_of, open_regular, read_regular, remove_folder
from ..base.trees import from_json

FACTS = "entry.json"
FACTS_BYTES = 2**28  # of an entry's facts that are read: they name every broken picture
KEY = re.compile(r"[0-9a-f]{32}([0-9a-f]{32})?")
HIDDEN = re.compile(r"\.[0-9a-f]{32}([0-9a-f]{32})?(\.[0-9]+\.(new|old))+")
FOLDER = "a folder"


Whole = Annotated[int, Ge(0)]


@dataclass(frozen=True)
class EntryFacts:
    """The types of the values in entry.json."""

    files: dict[str, Whole]
    path: str = ""
    pictures: Whole = 0
    options: Annotated[list[Any], MinLen(3), MaxLen(8)] | None = None
    different: Whole = 0
    classes: list[str] = field(default_factory=list)
    splits: dict[str, Whole] = field(default_factory=dict)
    fingerprints: dict[str, str] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)
    blocks: list[Whole] = field(default_factory=list)
    real_vs_real: dict[str, float] = field(default_factory=dict)


READER = TypeAdapter(EntryFacts)


class CacheEntry(NamedTuple):
    """A complete entry of the cache."""

    folder: Path
    facts: Mapping[str, Any]

    @property
    def bytes(self) -> int:
        """On disk."""
        return sum(self.facts["files"].values())


def root() -> Path:
    """$GANVAS_CACHE, else $XDG_CACHE_HOME/ganvas, else ~/.cache/ganvas; else a temporary folder."""
    if own := os.environ.get("GANVAS_CACHE"):
        return Path(own)
    if common := os.environ.get("XDG_CACHE_HOME"):
        return Path(common) / "ganvas"
    return in_home(os.path.expanduser("~"))


@functools.cache
def in_home(home: str) -> Path:
    """The cache in a home folder ("~": there is none), made if it is missing.

    Where that fails, a temporary folder, with one GanvasWarning.
    """
    folder = Path(home) / ".cache" / "ganvas"
    try:
        if not folder.is_absolute():
            raise FileNotFoundError
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        folder = temporary()
        message = (
            f"There is no home folder that can be written to: decoded pictures are stored in {folder}, "
            "which may be emptied. GANVAS_CACHE names another folder."
        )
        warnings.warn(message, GanvasWarning, stacklevel=3)
    return folder


def temporary() -> Path:
    """This user's folder among the temporary files; a new one where another user has taken its name."""
    user = getattr(os, "getuid", lambda: 0)()
    folder = Path(tempfile.gettempdir()) / f"ganvas-{user}"
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    facts = folder.lstat()
    ours = stat.S_ISDIR(facts.st_mode) and (os.name == "nt" or (facts.st_uid == user and not facts.st_mode & 0o022))
    return folder if ours else Path(tempfile.mkdtemp(prefix="ganvas-"))


def find(key: str) -> CacheEntry | None:
    """The entry of this key, if every file is there in its full length."""
    return whole_entry(root() / key)


def whole_entry(folder: Path) -> CacheEntry | None:
    """The entry in a folder, if it is whole: no link, and every file regular and of the size in its facts."""
    try:
        text = read_regular(folder / FACTS, FACTS_BYTES, inside=folder.parent)
        READER.validate_json(text, strict=True)
        facts = from_json(text)
        whole = all(
            Path(name).name == name and kind_of(folder / name) == REGULAR and (folder / name).stat().st_size == size
            for name, size in facts["files"].items()
        )
    except (OSError, ValueError):
        return None
    return CacheEntry(folder, facts) if whole else None


def entries() -> list[CacheEntry]:
    """All that is there and whole."""
    return [entry for folder in entry_folders() if KEY.fullmatch(folder.name) and (entry := whole_entry(folder))]


def entry_folders() -> list[Path]:
    """Entries, also those being made or removed; all else in the folder is a person's own and is not touched."""
    return (
        sorted(path for path in root().iterdir() if KEY.fullmatch(path.name) or HIDDEN.fullmatch(path.name))
        if root().is_dir()
        else []
    )


def clear(key: str = "") -> int:
    """Remove the entry whose key begins so, all of them without a key; returns how many.

    Raises UsageError for an unknown or ambiguous key.

    Without a key also what killed makers left; what is being made just now stays.
    """
    found = entry_folders()
    if key:
        found = [path for path in found if path.name.startswith(key)]
        if len(found) != 1:
            raise UsageError(
                f"{len(found) or 'no'} entries of the cache begin with '{key}'", hint="`ganvas data list` shows them."
            )
    for path in found:
        if path.name[0] != ".":
            remove(path)
            continue
        with exclusive(path.name[1:].split(".")[0], wait=False) as ours:
            if ours:
                remove(path)
    return sum(path.name[0] != "." for path in found)


def remove(path: Path) -> None:
    """Renamed, then deleted: a reader never finds half an entry. Of a link, only the link is removed."""
    hidden = path.with_name(f".{path.name.lstrip('.').split('.')[0]}.{os.getpid()}.old")
    with suppress(FileNotFoundError):
        delete(hidden)
        path.rename(hidden)
    delete(hidden)


def delete(path: Path) -> None:
    """A folder or whatever else has this name, as far as that can be done."""
    with suppress(OSError):
        if kind_of(path) == FOLDER:
            remove_folder(path, inside=root())
        else:
            path.unlink()


def get_or_make(key: str, make: Callable[[Path], Mapping[str, Any]]) -> CacheEntry:
    """The entry of this key, made if it is missing or damaged; two processes make it once.

    Args:
        key: of the entry.
        make: fills an empty folder and returns the facts.

    Raises ResourceError where the disk is full or not writable; nothing is left behind then.
    """
    try:
        with exclusive(key):
            if entry := find(key):
                return entry
            for left in entry_folders():
                if left.name.startswith(f".{key}."):  # of a process that was killed: the lock is ours
                    delete(left)
            working = root() / f".{key}.{os.getpid()}.new"
            working.mkdir(parents=True)
            try:
                facts = dict(make(working))
                seal(working, facts)
                remove(root() / key)
                working.rename(root() / key)
                synced(root())
            finally:
                delete(working)
            return CacheEntry(root() / key, facts)
    except OSError as error:
        hint = "Make room, `ganvas data clear` what is not needed, or set GANVAS_CACHE to a folder with room."
        raise ResourceError(
            f"cannot write decoded pictures: {error.strerror or error}", where=str(root()), hint=hint
        ) from error


def seal(folder: Path, facts: dict[str, Any]) -> None:
    """Note every file's size, and see that all of it is on the disk."""
    facts["files"] = {file.name: file.stat().st_size for file in sorted(folder.iterdir())}
    (folder / FACTS).write_text(json.dumps(facts, indent=1), encoding="utf-8")
    for file in (*folder.iterdir(), folder):
        synced(file)


def synced(path: Path) -> None:
    """fsync, of a folder too where the system has that."""
    if path.is_dir() and os.name == "nt":
        return
    number = os.open(path, os.O_RDONLY if path.is_dir() or os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(number)
    finally:
        os.close(number)


@contextmanager
def exclusive(key: str, *, wait: bool = True) -> Iterator[bool]:
    """A lock for the process that makes an entry, where system and disk have file locks; it ends with the process.

    Yields False if another process has it and `wait` is False.
    """
    root().mkdir(parents=True, exist_ok=True)
    with open_regular(root() / f".{key[:2]}.lock", "ab", inside=root()) as file:
        yield locked(file, wait)


def locked(file: IO[bytes], wait: bool) -> bool:
    """Whether this process has the lock; True where that cannot be known."""
    try:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except (ImportError, OSError):  # network disks answer ENOLCK or ENOSYS
        return True
    return True
