"""Lines of a text file that somebody else may have prepared: compressed or not, in any encoding, within limits."""

import codecs
import gzip
import io
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from ..base.errors import DataError, UsageError
from ..base.files import open_regular

LARGEST = 2**30  # bytes of a file, on the disk and decompressed
LONGEST = 2**20  # characters of a line
GZIP = b"\x1f\x8b"
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)  # byte order marks


class Bounded(io.RawIOBase):
    """The bytes of another file, up to a limit. Raises DataError beyond it."""

    def __init__(self, file: IO[bytes], limit: int, where: str) -> None:
        self.file, self.limit, self.where, self.count = file, limit, where, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self.file.read(len(buffer))
        self.count += len(data)
        if self.count > self.limit:
            raise DataError(
                f"the file holds more than {self.limit:,} bytes of text",
                where=self.where,
                hint="Split it, or keep fewer rows or columns.",
            )
        buffer[: len(data)] = data
        return len(data)


class Lines:
    """An iterator over lines with their line ends.

    Attributes:
        encoding: the name of the encoding that is used.
        done: a function that returns how many bytes of the file have been read.
        size: bytes of the file.
    """

    def __init__(self, text: io.TextIOWrapper, done: Callable[[], int], size: int, where: str) -> None:
        self.text, self.done, self.size, self.where, self.encoding = text, done, size, where, text.encoding

    def __iter__(self) -> Iterator[str]:
        while line := self.text.readline(LONGEST + 1):
            if len(line) > LONGEST:
                raise DataError(
                    f"a line is longer than {LONGEST:,} characters", where=self.where, hint="Is this a text file?"
                )
            yield line


@contextmanager
def lines_of(path: Path, encoding: str = "") -> Iterator[Lines]:
    """The lines of a regular file, compressed by gzip or not. Nothing but the line that is read is held in memory.

    Args:
        path: the file.
        encoding: a Python codec's name; empty for UTF-8, or what the file's byte order mark says (UTF-8, UTF-16).

    Raises:
        DataError: the file cannot be read, is too large, or is not text in this encoding.
        UsageError: there is no such encoding.
    """
    where = str(path)
    check_encoding(encoding)
    try:
        with open_regular(path) as file:
            size = os.fstat(file.fileno()).st_size
            if size > LARGEST:
                raise DataError(
                    f"the file has {size:,} bytes, and at most {LARGEST:,} are read", where=where, hint="Split it."
                )
            packed = file.read(len(GZIP)) == GZIP
            file.seek(0)
            unpacked: IO[bytes] = gzip.GzipFile(fileobj=file, mode="rb") if packed else file  # type: ignore[assignment]
            buffered = io.BufferedReader(Bounded(unpacked, LARGEST, where))
            chosen = encoding or next((name for mark, name in MARKS if buffered.peek(4).startswith(mark)), "utf-8")
            with io.TextIOWrapper(buffered, encoding=chosen, newline="") as text:
                yield Lines(text, file.tell, size, where)
    except UnicodeError as error:
        raise not_text(path, encoding, error) from error
    except (OSError, EOFError, zlib.error) as error:
        message = getattr(error, "strerror", None) or str(error)
        raise DataError(
            f"cannot read the file: {message}", where=where, hint="Check the path, and that the file is whole."
        ) from error


def not_text(path: Path, encoding: str, error: UnicodeError) -> DataError:
    """The error for bytes that are not text in the encoding that was tried."""
    if encoding:
        return DataError(
            f"cannot read the file as text in {encoding}: {error}",
            where=str(path),
            hint="Name its encoding with --encoding.",
        )
    tried = error.encoding.upper() if isinstance(error, UnicodeDecodeError) else "UTF-8"
    hint = "Name its encoding: --encoding latin-1 (or cp1252) suits files of older programs in western Europe."
    return DataError(f"cannot read the file: it is not text in {tried}", where=str(path), hint=hint)


def check_encoding(name: str) -> None:
    """Raises UsageError where Python has no text encoding of this name."""
    try:
        if name:
            "".encode(name)
    except LookupError as error:
        raise UsageError(
            f"there is no encoding '{name}'", hint="Such as utf-8, utf-16, latin-1, cp1252, or gbk."
        ) from error
