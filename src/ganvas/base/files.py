"""Opening files of unknown origin: regular files only, of bounded size, and on request without following links."""

import errno
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
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
    """A path names a pipe, device, folder or link instead of a regular file; `strerror` says which."""


class TooLarge(OSError):
    """A file is larger than its reader accepts; `strerror` names the limit."""


def open_regular(path: Path | str, mode: str = "rb", *, inside: Path | None = None, **text: Any) -> IO[Any]:
    """`open(path, mode)` for regular files. A pipe does not block; only a regular file is truncated.

    Args:
        path: the file. With `inside`, a path below that folder (absolute, or relative to it).
        mode: as `open` takes it.
        inside: a folder that `path` begins with. No part of the path below it may be a link.
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
    """All bytes of a regular file.

    Args:
        path: the file.
        limit: the largest size in bytes.
        inside: as for `open_regular`.

    Raises:
        NotRegular: the path is no regular file.
        TooLarge: the file has more than `limit` bytes.
        OSError: the file cannot be read.
    """
    with open_regular(path, inside=inside) as file:
        size = os.fstat(file.fileno()).st_size
        data: bytes = b"" if size > limit else file.read(limit + 1)
        if size > limit or len(data) > limit:  # a file of /proc has size 0 and content
            raise TooLarge(errno.EFBIG, f"more than {limit:,} bytes", str(path))
        return data


def kind_of(path: Path | str) -> str:
    """The kind of a path, links not followed: "a regular file", "a folder", "a link", ...; "" if nothing is there."""
    try:
        return _kind(os.lstat(path).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return ""


def remove_folder(path: Path, *, inside: Path) -> None:
    """Delete a folder below `inside` and its content. No link is followed, neither above the folder nor in it.

    Args:
        path: the folder.
        inside: a folder that `path` begins with.

    Raises:
        NotRegular: the path is no folder, or a part of it is a link.
        OSError: the folder cannot be deleted.
    """
    with _folder_below(inside, str(path)) as (folder, name):
        if not stat.S_ISDIR(mode := os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            raise NotRegular(errno.ENOTDIR, f"is {_kind(mode)}, not a folder", str(path))
        shutil.rmtree(name, dir_fd=folder)


def replace_file(path: Path, content: str | bytes, *, inside: Path | None = None) -> None:
    """Replace a small file in one step, so that readers get the old or the new content. A link is replaced.

    Args:
        path: the file.
        content: text, which is written as UTF-8, or bytes.
        inside: a folder that `path` begins with; no folder of the path below it may be a link.

    Raises:
        OSError: the file cannot be written; its old content is unchanged.
    """
    data = content.encode() if isinstance(content, str) else content
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    file = _new_file(temporary, inside or path.parent)
    try:
        with file:
            file.write(data)
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def _new_file(path: Path, inside: Path) -> IO[bytes]:
    """A new file; one that a killed process with the same id left is deleted first."""
    try:
        return open_regular(path, "xb", inside=inside)
    except FileExistsError:
        path.unlink()
        return open_regular(path, "xb", inside=inside)


def overwrite_file(path: Path, text: str) -> None:
    """Write a text into an existing file, for disks that have no space for a new one. Raises OSError."""
    with open_regular(path, "r+b", inside=path.parent) as file:
        file.write(text.encode())
        file.truncate()


def check_regular(path: Path | str) -> None:
    """Raises NotRegular for a pipe, device, socket or folder, OSError where nothing is; does not open the path."""
    _check_regular(os.stat(path), str(path))


def _open_below(root: Path, name: str, flags: int) -> int:
    """Open a file below `root` part by part with dir_fd, so that no part can be replaced by a link in between."""
    with _folder_below(root, name) as (folder, last):
        return _open_at(folder, last, flags, name)


@contextmanager
def _folder_below(root: Path, name: str) -> Iterator[tuple[int, str]]:
    """A descriptor of the parent folder of a path below `root`, and the last part of the path."""
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
    return next((kind for is_kind, kind in KINDS if is_kind(mode)), "something else")
