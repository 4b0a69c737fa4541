"""The pictures at one path: a folder, a zip, a text file that lists them, or an .npz (several: joined_paths.py)."""

import hashlib
import os
import time
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from ..base.errors import DataError
from ..base.files import NotRegular, check_regular
from .file_state import FileState, stat_of
from .medical_files import without_ending as without_ending  # for those who match names
from .text_files import MOST_BYTES, PICTURES, VOLUMES, read_text
from .text_kind import text_kind

ENDINGS = set(PICTURES)
LISTED = {*PICTURES, *VOLUMES}  # of files in folders and lists
MOST_LIST_BYTES = MOST_BYTES
MOST_MEMBERS = 5_000_000
TABLES = (
    "dataset.json",
    "metadata.csv",
    "metadata.jsonl",
)  # of StyleGAN and of Hugging Face: classes of the pictures in the same folder
SHARDS = "shards"  # a kind of listing
MISSING = "Check how it is spelt."
FOLDER = "Put volumes of several patients into a folder, and name the folder."
NPY = (
    "Save the array in an .npz: numpy.savez('pictures.npz', x=numpy.load('pictures.npy')), "
    "x uint8 [N, H, W] or [N, H, W, C]."
)
LABELS_HINT = "If it holds the classes of pictures: --data FOLDER --labels FILE."
PARQUET = "Save its pictures as files, in folders or a zip."
TABLE = (
    "A list has one file a line. If it holds the classes of pictures: --data FOLDER --labels FILE. "
    "A table of numbers can be trained on: train --data FILE."
)
NO_LIST = {".npy": NPY, ".json": LABELS_HINT, ".jsonl": LABELS_HINT, ".parquet": PARQUET}
Place = str | int | tuple[str, int, int]  # a path; a number in the zip; a shard with an offset and a size


@dataclass(frozen=True, eq=False)
class Listing:
    """The pictures in the order of their names, and their places: a path, or a number in the archive."""

    kind: str  # folder, zip, list, npz, shards, joined
    path: Path
    names: tuple[str, ...]
    places: tuple[Place, ...]
    stamp: str  # SHA-256 over name, size and time of every file: it changes when they do
    others: Mapping[str, int]  # files that are not pictures, by ending
    tables: tuple[str, ...] = ()  # files among the others that may hold the classes
    roots: tuple[str, ...] = ()  # how the names begin that come from each folder, where several are joined
    patterns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # what each pattern of the paths matched
    state: FileState | None = field(default=None, repr=False)  # to notice changes; None: not known

    @property
    def archive(self) -> str:
        """The zip that the places are numbers in."""
        return str(self.path) if self.kind == "zip" else ""


class PictureRow(NamedTuple):
    """One picture on its way: its pixels or the cause why there are none."""

    name: str
    pixels: bytes
    cause: str
    split: str  # that its folder names
    label: str
    group: str = ""  # the key of pictures that stay in one split


def list_path(path: str, encoding: str = "utf-8") -> Listing:
    """The pictures at a path, without opening one.

    Args:
        path: a folder, a zip, an .npz or a text file that lists pictures.
        encoding: of such a text file.

    Raises:
        DataError: nothing is there, or it cannot be read.
    """
    here = Path(path).expanduser()
    try:
        if not here.exists():
            other = other_case(here)
            raise DataError(
                "there is nothing at this path",
                where=path,
                hint=f"There is '{other}': only the letter case differs." if other else MISSING,
            )
        if here.is_dir():
            return of_folder(here)
        check_regular(here)
        if ending_of(here.name) in VOLUMES:
            raise DataError("a single volume, whose slices cannot be held out from each other", where=path, hint=FOLDER)
        if zipfile.is_zipfile(here):
            return of_npz(here) if here.suffix.lower() == ".npz" else of_zip(here)
        if here.suffix.lower() in (*ENDINGS, ".zip", ".npz"):
            raise DataError(
                "not a readable zip or .npz, and no folder or list of pictures",
                where=path,
                hint="Is the file complete? One picture is not enough to train on.",
            )
        return of_list(here, encoding)
    except (OSError, zipfile.BadZipFile, NotImplementedError) as error:
        message = ("it " if isinstance(error, NotRegular) else "") + (getattr(error, "strerror", None) or str(error))
        raise DataError(
            f"cannot read the pictures: {message}", where=path, hint="Check the path and its permissions."
        ) from error


def of_folder(root: Path) -> Listing:
    """Every picture below a folder. Links are followed last, each folder once."""
    begun, found, folders = time.time_ns(), dict[str, os.stat_result](), dict[str, os.stat_result]()
    others, tables = Counter[str](), list[str]()
    inside = os.path.join(root, "")
    waiting, linked, visited = [str(root)], list[str](), set[tuple[int, int]]()
    while waiting or linked:
        folder = waiting.pop() if waiting else linked.pop()
        facts = os.stat(folder)
        if (facts.st_dev, facts.st_ino) in visited:
            continue
        visited.add((facts.st_dev, facts.st_ino))
        folders[folder] = facts
        for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
            if entry.name[0] == ".":
                continue
            if is_folder(entry):
                (linked if entry.is_symlink() else waiting).append(entry.path)
            elif (ending := ending_of(entry.name)) in LISTED:
                found[entry.path.removeprefix(inside).replace(os.sep, "/")] = facts_of(entry)
            else:
                others[ending] += 1
                tables += [entry.name] if folder == str(root) and entry.name in TABLES else []
    names = tuple(sorted(found))
    places = tuple(inside + name for name in names)
    state = FileState.of(begun, folders, [found[name] for name in names])
    return Listing("folder", root, names, places, stamp(found), others, tuple(tables), state=state)


def ending_of(name: str) -> str:
    """The ending of a name in small letters: .png, .nii.gz."""
    return VOLUMES[1] if name.lower().endswith(VOLUMES[1]) else os.path.splitext(name)[1].lower()


def is_folder(entry: os.DirEntry[str]) -> bool:
    """A folder, or a link to one."""
    try:
        return entry.is_dir()
    except OSError:
        return False  # a link to itself


def facts_of(entry: os.DirEntry[str]) -> os.stat_result:
    """Of the file, or of a link that leads nowhere."""
    try:
        return entry.stat()
    except OSError:
        return entry.stat(follow_symlinks=False)


def of_zip(path: Path) -> Listing:
    """Every picture in a zip. Names are only names: nothing is unpacked."""
    begun, facts, places = time.time_ns(), path.stat(), dict[str, int]()
    others, copies, tables = Counter[str](), Counter[str](), list[str]()
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
    if len(members) > MOST_MEMBERS:
        raise DataError(
            f"{len(members):,} files in one archive", where=str(path), hint=f"At most {MOST_MEMBERS:,} are read."
        )
    for number, info in enumerate(members):
        parts = [part for part in PurePosixPath(info.filename.replace("\\", "/")).parts if part not in ("/", "..", ".")]
        if info.is_dir() or not parts or any(part[0] == "." or part == "__MACOSX" for part in parts):
            continue
        if PurePosixPath(parts[-1]).suffix.lower() not in ENDINGS:
            others[PurePosixPath(parts[-1]).suffix.lower()] += 1
            tables += [info.filename] if parts[-1] in TABLES else []
            continue
        name = "/".join(parts)
        copies[name] += 1  # two members of one name are two pictures
        places[name if copies[name] == 1 else f"{name}'{copies[name]}"] = number  # no picture's own name ends so
    names = tuple(sorted(places))
    numbers = tuple(places[name] for name in names)
    state = FileState.of(begun, {str(path): facts})
    return Listing("zip", path, names, numbers, stamp({path.name: facts}), others, tuple(tables), state=state)


def of_npz(path: Path) -> Listing:
    """An .npz counts as one file; npz.py reads it."""
    begun, facts = time.time_ns(), path.stat()
    state = FileState.of(begun, {str(path): facts})
    return Listing("npz", path, (), (), stamp({path.name: facts}), {}, state=state)


def of_list(path: Path, encoding: str = "utf-8") -> Listing:
    """Every line a picture, relative to the list; empty lines and those that begin with # are left out.

    Quotes and the separators of Windows are accepted.
    """
    if hint := NO_LIST.get(path.suffix.lower()):
        raise DataError(
            f"a {path.suffix.lower()} file is no folder, zip, .npz or list of pictures", where=str(path), hint=hint
        )
    if text_kind(path) in ("table", "columns"):
        raise DataError("a table with columns, not a list of pictures", where=str(path), hint=TABLE)
    begun, of_list = time.time_ns(), path.stat()
    text = read_text(path, "names of pictures", encoding)
    if "\0" in text:
        raise DataError("neither a folder, a zip, an .npz nor a list of files", where=str(path))
    lines = {line.strip() for line in text.splitlines() if line.strip() and line.strip()[0] != "#"}
    names = tuple(sorted({spelt(path.parent, line) for line in lines}))
    facts = dict(standing(path.parent, names))
    # How a line with quotes or backslashes is spelt depends on which files exist: such a list is read each time.
    state = FileState.of(begun, {str(path): of_list}, list(facts.values())) if set(names) == lines else None
    places = tuple(str(path.parent / name) for name in names)
    return Listing("list", path, names, places, stamp(facts), {}, state=state)


def spelt(folder: Path, line: str) -> str:
    """A line of a list as a path of this system: without quotes, with / for \\, unless a file has just this name."""
    if ("\\" not in line and line[0] not in "\"'") or (folder / line).exists():
        return line
    bare = line[1:-1] if len(line) > 2 and line[0] == line[-1] and line[0] in "\"'" else line
    return bare if (folder / bare).exists() else bare.replace("\\", "/")


def other_case(path: Path) -> str:
    """The name of a file in the same folder that differs from a missing one only in letter case; "" for none."""
    try:
        wanted = unicodedata.normalize("NFC", path.name).casefold()
        with os.scandir(path.parent) as entries:
            return next(
                (entry.name for entry in entries if unicodedata.normalize("NFC", entry.name).casefold() == wanted), ""
            )
    except OSError:
        return ""


def standing(folder: Path, names: tuple[str, ...]) -> Iterator[tuple[str, os.stat_result | None]]:
    """Each file's facts, None where it is not there."""
    for name in names:
        yield name, stat_of(str(folder / name))


def stamp(files: Mapping[str, os.stat_result | None]) -> str:
    """SHA-256 over names, sizes and times."""
    digest = hashlib.sha256()
    for name in sorted(files):
        facts = files[name]
        digest.update(repr((name, facts and facts.st_size, facts and facts.st_mtime_ns)).encode(errors="surrogatepass"))
    return digest.hexdigest()
