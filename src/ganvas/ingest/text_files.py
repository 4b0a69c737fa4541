"""Text files that people bring: regular files of bounded size, in a named encoding."""

import codecs
import gzip
import os
import zlib
from pathlib import Path

from ..base.errors import DataError, UsageError
from ..base.files import NotRegular, TooLarge, open_regular, read_regular

MOST_BYTES = 256 * 2**20
GZIP = b"\x1f\x8b"
PEEK = 65_536  # bytes that are read of a file to find out what it is
PICTURES = (
    ".png",
    ".jpg",
    ".jpeg",
    ".jpe",
    ".jfif",
    ".webp",
    ".bmp",
    ".dib",
    ".tif",
    ".tiff",
    ".gif",
    ".dcm",
    ".dicom",
)
VOLUMES = (".nii", ".nii.gz")  # read from folders and lists
PARQUET = (".parquet", ".pq")
TABLES = (".csv", ".tsv", ".tab", *PARQUET)
NO_TEXT = (*PICTURES, ".zip", ".npz", ".npy", ".tar", ".json", ".jsonl", ".yaml", ".yml")
DELIMITERS = ",;\t|"


def read_text(path: Path, what: str, encoding: str = "utf-8") -> str:
    """The whole text, without a byte order mark. `what`: the word for the file in errors, such as "labels".

    Raises:
        DataError: it is missing, no regular file, larger than 256 MiB, or not in this encoding.
        UsageError: there is no such encoding.
    """
    name = codec(encoding)
    try:
        return read_regular(path, MOST_BYTES).decode(name)
    except NotRegular as error:
        raise DataError(
            f"cannot read the {what}: it {error.strerror}", where=str(path), hint="Name a text file."
        ) from error
    except TooLarge as error:
        raise DataError(f"cannot read the {what}: {error.strerror}", where=str(path), hint="Split it.") from error
    except OSError as error:
        raise DataError(
            f"cannot read the {what}: {error.strerror or error}",
            where=str(path),
            hint="Check the path and its permissions.",
        ) from error
    except UnicodeError as error:
        raise DataError(
            f"cannot read the {what}: not {encoding.upper()}",
            where=str(path),
            hint=f"Save the file as UTF-8, or {other_encoding_hint(encoding)}.",
        ) from error


def codec(encoding: str) -> str:
    """The name of the codec that also takes a byte order mark away. Raises UsageError for an unknown encoding."""
    try:
        name = codecs.lookup(encoding).name
        "".encode(name)  # some codecs do not make text
    except (LookupError, TypeError, UnicodeError) as error:
        raise UsageError(
            f"there is no text encoding '{encoding}'", hint="Usual ones are utf-8, latin-1, cp1252, utf-16 and gb18030."
        ) from error
    return "utf-8-sig" if name == "utf-8" else name


def other_encoding_hint(encoding: str) -> str:
    """What to try where an encoding does not fit."""
    return "say which it has, as in --encoding latin-1" if codec(encoding) == "utf-8-sig" else "name another --encoding"


def first_lines(path: Path) -> list[str]:
    """The non-empty lines at the beginning of a regular file, compressed by gzip or not; none where it is not a text.

    A line that the first 64 KiB cut off is left out. Raises OSError.
    """
    with open_regular(path) as file:
        packed = file.read(len(GZIP)) == GZIP
        file.seek(0)
        size = os.fstat(file.fileno()).st_size
        try:
            data: bytes = gzip.GzipFile(fileobj=file, mode="rb").read(PEEK) if packed else file.read(PEEK)
        except (EOFError, zlib.error) as error:
            raise OSError(str(error)) from error
        whole = len(data) < PEEK if packed else size <= len(data)
    text = data.decode(
        "utf-16" if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig", errors="replace"
    )
    if "\0" in text:
        return []
    lines = text.splitlines()
    return [line.strip() for line in (lines if whole or len(lines) < 2 else lines[:-1]) if line.strip()]
