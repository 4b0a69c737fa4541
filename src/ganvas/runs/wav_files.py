"""WAV files of one channel and 16 bits, with the mark of generated files.

RIFF 1991, chunks "fmt ", "data" and LIST of kind INFO: the mark is the comment, ICMT; the tool is ISFT.
https://www.mmsp.ece.mcgill.ca/Documents/AudioFormats/WAVE/Docs/riffmci.pdf
"""

import json
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from ..base.errors import UsageError
from ..base.files import open_regular

if TYPE_CHECKING:
    import numpy as np

    Numbers = np.ndarray[Any, np.dtype[np.int16]]

HEAD = 44  # bytes before the first number
MOST = 2**32 - 2**20  # bytes of a file: its sizes have 32 bits


class WavWriter:
    """Writes numbers as they come; the sizes in the header and the mark follow at the end."""

    def __init__(self, file: IO[bytes], rate: int, mark: dict[str, Any] | None) -> None:
        self.file, self.rate, self.mark, self.bytes = file, rate, mark, 0
        file.write(bytes(HEAD))

    def write(self, values: "Numbers") -> None:
        """Append numbers. Raises UsageError where the file would be larger than its format allows."""
        data = values.astype("<i2").tobytes()
        self.bytes += len(data)
        if self.bytes > MOST:
            raise UsageError("a .wav file holds at most 4 GB", hint="Cut the recording.")
        self.file.write(data)

    def finish(self) -> None:
        """Write the mark and the header."""
        self.file.write(b"" if self.mark is None else info_chunk(self.mark))
        whole = self.file.tell()
        form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, self.rate, 2 * self.rate, 2, 16)
        self.file.seek(0)
        self.file.write(struct.pack("<4sI4s", b"RIFF", whole - 8, b"WAVE") + form)
        self.file.write(struct.pack("<4sI", b"data", self.bytes))
        self.file.seek(whole)


@contextmanager
def open_wav(path: Path, rate: int, mark: dict[str, Any] | None) -> Iterator[WavWriter]:
    """A new .wav file to write into.

    Args:
        path: of the file.
        rate: numbers in a second.
        mark: what `mark_of` returns, or None for a file without a mark.

    Raises:
        OSError: the file cannot be written.
    """
    with open_regular(path, "wb") as file:
        writer = WavWriter(file, rate, mark)
        yield writer
        writer.finish()


def encode_wav(values: "Numbers", rate: int, mark: dict[str, Any] | None) -> bytes:
    """The content of a .wav file."""
    file = BytesIO()
    writer = WavWriter(file, rate, mark)
    writer.write(values)
    writer.finish()
    return file.getvalue()


def info_chunk(mark: dict[str, Any]) -> bytes:
    """The chunk that says what made the file."""
    texts = {b"ISFT": mark["tool"], b"ICMT": json.dumps(mark)}
    content = b"INFO" + b"".join(text_chunk(name, text) for name, text in texts.items())
    return struct.pack("<4sI", b"LIST", len(content)) + content


def text_chunk(name: bytes, text: str) -> bytes:
    """A text that ends in a zero, of an even length."""
    data = text.encode() + b"\0"
    return struct.pack("<4sI", name, len(data)) + data + bytes(len(data) % 2)
