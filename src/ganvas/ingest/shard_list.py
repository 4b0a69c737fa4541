"""The shards that a path names: a folder of .tar files, one .tar, a pattern such as train-{000..099}.tar, or a list."""

import os
import re
from collections.abc import Iterator
from glob import glob, has_magic
from pathlib import Path
from typing import NamedTuple

from ..base.errors import DataError
from .joined_paths import DataPath, as_paths, path_text
from .listing import ENDINGS
from .text_files import first_lines, read_text

TAR = ".tar"
MOST = 100_000  # shards
BRACES = re.compile(r"\{([^{}]*)\}")
RANGE = re.compile(r"(\d{1,9})\.\.(\d{1,9})")


class Shard(NamedTuple):
    """A tar, with its size and time, by which a change is noticed."""

    path: str
    size: int
    time: int

    def check(self) -> None:
        """Raises DataError where it is missing or has changed."""
        try:
            facts = os.stat(self.path)
        except OSError as error:
            raise DataError(
                f"a shard cannot be read any more: {error.strerror}",
                where=self.path,
                hint="Bring it back, then `ganvas resume`.",
            ) from error
        if (facts.st_size, facts.st_mtime_ns) != (self.size, self.time):
            raise DataError(
                "a shard has changed since it was read first",
                where=self.path,
                hint="Bring the old one back, or train again.",
            )


def check_read(shard: Shard, cause: str) -> None:
    """A disk that fails is no broken picture. Raises DataError."""
    if cause.startswith("cannot be read"):
        raise DataError(
            f"a shard {cause}", where=shard.path, hint="Check its disk, then continue with `ganvas resume`."
        )


def are_shards(where: DataPath) -> bool:
    """Whether a path, or all of several, name shards. Only names are read, and the first line of a text file."""
    return bool(where) and all(is_shards(path) for path in as_paths(where))


def is_shards(path: str) -> bool:
    """Of one path."""
    here = Path(path).expanduser()
    try:
        if not path or not here.exists():
            return path.endswith(TAR) and (has_magic(path) or bool(BRACES.search(path)))
        if here.is_dir():
            endings = {os.path.splitext(entry.name)[1].lower() for entry in os.scandir(here) if entry.name[0] != "."}
            return TAR in endings and not endings & ENDINGS
        if here.suffix.lower() in (TAR, ".zip", ".npz", ".npy", *ENDINGS):
            return here.suffix.lower() == TAR
        lines = first_lines(here)
    except (OSError, ValueError):
        return False
    return next((line.endswith(TAR) for line in lines if line[0] != "#"), False)


def shards_of(where: DataPath) -> tuple[Shard, ...]:
    """Every shard in the order of the paths, each once. Raises DataError where one or all are missing."""
    found = list(dict.fromkeys(os.path.abspath(each) for path in as_paths(where) for each in meant(path)))
    if not found:
        raise DataError("no shards: no .tar files", where=path_text(where), hint="Check how it is spelt.")
    known, missing = list[Shard](), list[str]()
    for each in found:
        if not os.path.isfile(each):
            missing.append(each)
            continue
        facts = os.stat(each)
        known.append(Shard(each, facts.st_size, facts.st_mtime_ns))
    if missing:
        more = f" and {len(missing) - 1:,} more" if len(missing) > 1 else ""
        raise DataError(
            f"{os.path.basename(missing[0])}{more} of {len(found):,} shards cannot be found",
            where=missing[0],
            hint="Is every disk there?",
        )
    return tuple(known)


def meant(path: str) -> Iterator[str]:
    """The paths that a folder, file, pattern or list names."""
    here = Path(path).expanduser()
    try:
        if here.is_dir():
            yield from sorted(
                entry.path for entry in os.scandir(here) if entry.name[0] != "." and entry.name.lower().endswith(TAR)
            )
        elif not here.exists() or here.suffix.lower() == TAR:
            yield from expanded(str(here), path)
        else:
            for line in read_text(here, "names of shards").splitlines():
                if line.strip() and line.strip()[0] != "#":
                    yield from expanded(str(here.parent / Path(line.strip()).expanduser()), path)
    except OSError as error:
        raise DataError(f"cannot read which shards there are: {error.strerror or error}", where=path) from error


def expanded(pattern: str, where: str) -> Iterator[str]:
    """{000..099} and {a,b}, then * and ?, unless there is a file of just that name."""
    for count, each in enumerate([pattern] if os.path.exists(pattern) else unbraced(pattern)):
        if count >= MOST:
            raise DataError(f"more than {MOST:,} shards", where=where, hint="Make larger ones.")
        if has_magic(each) and not os.path.exists(each):
            yield from sorted(glob(each))
        else:
            yield each


def unbraced(pattern: str) -> Iterator[str]:
    """Every text that the braces stand for, the first brace changing slowest."""
    found = BRACES.search(pattern)
    if found is None:
        yield pattern
        return
    before, after = pattern[: found.start()], pattern[found.end() :]
    if ends := RANGE.fullmatch(found[1]):
        first, last = int(ends[1]), int(ends[2])
        width = len(ends[1]) if ends[1][0] == "0" or len(ends[1]) == len(ends[2]) else 0
        choices: Iterator[str] = (f"{value:0{width}d}" for value in range(first, last + 1))
    else:
        choices = iter(found[1].split(","))
    for choice in choices:
        for rest in unbraced(after):
            yield f"{before}{choice}{rest}"
