"""Opening files that somebody else may have prepared: regular files only, bounded in size, and on request never through a link."""

import errno
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

REGULAR = "a regular file"
KINDS: tuple[tuple[Callable[[int], bool], str], ...] = (
    (stat.S_ISREG, REGULAR),
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISLNK, "a link"),
)


class NotRegular(OSError):
    """A pipe, a device, a folder or a link stands where a regular file belongs; an OSError, whose `strerror` says which."""


class TooLarge(OSError):
    """A file is larger than its reader takes; an OSError, whose `strerror` says by how much."""


def open_regular(path: Path | str, mode: str = "rb", *, inside: Path | None = None, **text: Any) -> IO[Any]:
    """`open(path, mode)` for regular files. A pipe does not block, and nothing is cut short before it is known to be a regular file.

    Args:
        path: the file. With `inside`, a path below that folder (absolute, or relative to it).
        mode: as `open` takes it.
        inside: a folder that `path` begins with. No part of the path below it may be a link, so the file lies in that folder and nowhere else.
        text: `encoding`, `newline` and `errors`, as `open` takes them.

    Raises:
        NotRegular: the file, or a folder on the way to it, is something else.
        OSError: as `open` raises it.
    """

    def opener(name: str, flags: int) -> int:
        wanted = (flags & ~os.O_TRUNC) | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
        descriptor = os.open(name, wanted, 0o666) if inside is None else _open_below(inside, name, wanted)
        try:
            _check_regular(os.fstat(descriptor), name)
            if flags & os.O_TRUNC:
                os.ftruncate(descriptor, 0)
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor

    return open(path, mode, opener=opener, **text)


def read_regular(path: Path | str, limit: int, *, inside: Path | None = None) -> bytes:
    """All bytes of a regular file of at most `limit` bytes. Raises NotRegular, TooLarge or another OSError."""
    with open_regular(path, inside=inside) as file:
        size = os.fstat(file.fileno()).st_size
        data: bytes = b"" if size > limit else file.read(limit + 1)
        if size > limit or len(data) > limit:  # a file of /proc has size 0 and content
            raise TooLarge(errno.EFBIG, f"more than {limit:,} bytes", str(path))
        return data


def kind_of(path: Path | str) -> str:
    """What stands at a path itself, links not followed: "a regular file", "a folder", "a link", "a pipe", ...; empty where there is nothing."""
    try:
        return _kind(os.lstat(path).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return ""


def remove_folder(path: Path, *, inside: Path) -> None:
    """Delete a folder below `inside` with all that it holds. No link is followed, neither on the way to it nor in it.

    Raises NotRegular where something else stands there, and OSError.
    """
    with _folder_below(inside, str(path)) as (folder, name):
        if not stat.S_ISDIR(mode := os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            raise NotRegular(errno.ENOTDIR, f"is {_kind(mode)}, not a folder", str(path))
        shutil.rmtree(name, dir_fd=folder)


def check_regular(path: Path | str) -> None:
    """Refuse a pipe, a device, a socket or a folder before anybody opens it. Raises NotRegular, or another OSError where nothing is there."""
    _check_regular(os.stat(path), str(path))


def _open_below(root: Path, name: str, flags: int) -> int:
    """Open a file below `root` part by part, following no link; os.open with dir_fd, so that nothing can change in between."""
    with _folder_below(root, name) as (folder, last):
        return _open_at(folder, last, flags, name)


@contextmanager
def _folder_below(root: Path, name: str) -> Iterator[tuple[int, str]]:
    """The folder that a path below `root` ends in, as a descriptor, and the path's last part."""
    parts = Path(os.path.relpath(name, root)).parts
    if not parts or ".." in parts:
        raise NotRegular(errno.ELOOP, f"is outside {root}", name)
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in parts[:-1]:
            deeper = _open_at(folder, part, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, name)
            os.close(folder)
            folder = deeper
        yield folder, parts[-1]
    finally:
        os.close(folder)


def _open_at(folder: int, part: str, flags: int, name: str) -> int:
    try:
        return os.open(part, flags | os.O_NOFOLLOW, 0o666, dir_fd=folder)
    except OSError as error:
        if error.errno in (
            errno.ELOOP,
            errno.EMLINK,
            errno.ENOTDIR,
        ):  # a link says ELOOP, on BSD EMLINK, as a folder ENOTDIR
            kind = (
                "a link"
                if stat.S_ISLNK(os.stat(part, dir_fd=folder, follow_symlinks=False).st_mode)
                else "not a folder"
            )
            raise NotRegular(error.errno, f"{part} is {kind}", name) from error
        raise


def _check_regular(facts: os.stat_result, name: str) -> None:
    if not stat.S_ISREG(facts.st_mode):
        raise NotRegular(errno.EINVAL, f"is {_kind(facts.st_mode)}, not a regular file", name)


def _kind(mode: int) -> str:
    return next((words for test, words in KINDS if test(mode)), "something else")
