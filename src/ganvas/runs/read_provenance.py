"""Reads marks: from PNG text, from XMP in PNG, WebP and TIFF, from .wav and .npz, and from the second file of a table.

Nothing but the mark is decoded, unpacked or unpickled.

PNG 2003, chunks tEXt, zTXt and iTXt (https://www.w3.org/TR/png-3)
WebP container, chunk "XMP " (https://www.rfc-editor.org/rfc/rfc9649)
RIFF 1991, LIST of kind INFO in WAV, see wav_files.py
"""

import errno
import hashlib
import json
import re
import struct
import zipfile
import zlib
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import IO, Any, cast
from xml.etree import ElementTree

from ..base.errors import DataError
from ..base.files import NotRegular, open_regular, read_regular
from .provenance import KEY, SIDECAR

LARGEST = 1 << 20  # bytes of a text, packed or unpacked; a mark takes less than a thousandth of it
CHUNKS = 1 << 16  # read in one file
TEXTS, ROOM = 16, 4 << 20  # texts that are read in one file, and their bytes together
NAMES = (KEY.encode() + b"\0", b"XML:com.adobe.xmp\0")
SOURCE = "{http://purl.org/dc/elements/1.1/}source"
MEMBER, TIFF_XMP = "mark.npy", 700
TEXT = re.compile(
    rb"\x93NUMPY\x01\x00..\{'descr': '<U(\d{1,7})', 'fortran_order': False, 'shape': \(\), \} *\n", re.DOTALL
)  # one text, as NumPy writes it


def read_mark(path: Path) -> dict[str, Any] | None:
    """The mark of a file.

    Args:
        path: a PNG, WebP, TIFF, .wav or .npz file, or a file with a second file PATH.ganvas.json.

    Returns:
        What `mark_of` returned for it; None if there is no valid mark.

    Raises:
        DataError: the file cannot be read.
    """
    try:
        with open_regular(path) as file:
            head = file.read(12)
            if head.startswith(b"\x89PNG\r\n\x1a\n"):
                texts = png_texts(file)
            elif head[:4] == b"RIFF" and head[8:] == b"WEBP":
                texts = webp_texts(file)
            elif head[:4] == b"RIFF" and head[8:] == b"WAVE":
                texts = wav_texts(file)
            elif head[:4] in (b"II*\0", b"MM\0*"):
                texts = tiff_texts(file, head)
            elif head.startswith(b"PK\x03\x04"):
                texts = npz_texts(file)
            else:
                texts = sidecar_texts(path)
            return next((mark for text in texts if (mark := parse_mark(text))), None)
    except (struct.error, zlib.error, zipfile.BadZipFile, ValueError, NotImplementedError, RuntimeError, EOFError):
        return None  # a damaged file
    except OSError as error:
        if error.errno == errno.EINVAL and not isinstance(error, NotRegular):
            return None  # the damaged directory of an archive points to before its beginning
        raise DataError(f"cannot read the file: {error.strerror or error}", where=str(path)) from error


def sidecar_texts(path: Path) -> Iterator[str]:
    """The text of the second file, if its SHA-256 is that of this file."""
    sidecar = path.with_name(path.name + SIDECAR)
    with suppress(OSError, ValueError):
        text = read_regular(sidecar, LARGEST).decode()
        mark, digest = json.loads(text), hashlib.sha256()
        with open_regular(path) as file:
            while block := file.read(LARGEST):
                digest.update(block)
        if isinstance(mark, dict) and mark.get("sha256") == digest.hexdigest():
            yield text


def png_texts(file: IO[bytes]) -> Iterator[str]:
    """The texts named "ganvas", and those in XMP, up to TEXTS texts of ROOM bytes together."""
    room = ROOM
    for kind, data in islice(png_chunks(file), TEXTS):
        name, text = png_text(kind, data, min(room, LARGEST))
        if name == KEY.encode():
            yield text.decode("utf-8" if kind == b"iTXt" else "latin-1")
        else:
            yield from xmp_texts(text)
        room -= len(text)
        if room <= 0:
            return


def png_chunks(file: IO[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Kind and data of the text chunks that can hold a mark; chunks with a wrong checksum are skipped."""
    file.seek(8)
    for _ in range(CHUNKS):
        size, kind = struct.unpack(">I4s", file.read(8))
        if kind == b"IEND":
            return
        if kind not in (b"tEXt", b"zTXt", b"iTXt") or size > LARGEST:
            file.seek(size + 4, 1)
            continue
        data = file.read(size)
        if struct.unpack(">I", file.read(4))[0] == zlib.crc32(kind + data) and data.startswith(NAMES):
            yield kind, data


def png_text(kind: bytes, data: bytes, most: int) -> tuple[bytes, bytes]:
    """One chunk's name and text."""
    name, _, rest = data.partition(b"\0")
    packed = kind == b"zTXt"
    if kind == b"zTXt":
        rest = rest[1:]  # the method
    if kind == b"iTXt":
        packed = rest[:1] == b"\1"
        rest = rest[2:].split(b"\0", 2)[-1]  # language and translated name stand before the text
    return name, unpacked(rest, packed, most)


def unpacked(data: bytes, packed: bool, most: int) -> bytes:
    """At most `most` bytes of a text, decompressed if it is packed."""
    return zlib.decompressobj().decompress(data, most) if packed else data[:most]


def webp_texts(file: IO[bytes]) -> Iterator[str]:
    """The texts in the XMP chunk."""
    for data in islice(riff_chunks(file, b"XMP "), 1):
        yield from xmp_texts(data)


def wav_texts(file: IO[bytes]) -> Iterator[str]:
    """The comments in LIST chunks of kind INFO."""
    for data in islice(riff_chunks(file, b"LIST"), TEXTS):
        place = 4 if data[:4] == b"INFO" else len(data)
        while place + 8 <= len(data):
            name, size = struct.unpack_from("<4sI", data, place)
            if name == b"ICMT":
                yield data[place + 8 : place + 8 + size].rstrip(b"\0").decode()
            place += 8 + size + size % 2


def riff_chunks(file: IO[bytes], wanted: bytes) -> Iterator[bytes]:
    """The data of the chunks of one kind; larger ones than LARGEST are skipped."""
    file.seek(12)
    for _ in range(CHUNKS):
        head = file.read(8)
        if len(head) < 8:
            return
        kind, size = struct.unpack("<4sI", head)
        if kind == wanted and size <= LARGEST:
            yield file.read(size)
            file.seek(size % 2, 1)
        else:
            file.seek(size + size % 2, 1)


def tiff_texts(file: IO[bytes], head: bytes) -> Iterator[str]:
    """The texts in the XMP tag of the first picture."""
    order = "<" if head[:2] == b"II" else ">"
    file.seek(struct.unpack(f"{order}I", head[4:8])[0])
    for _ in range(struct.unpack(f"{order}H", file.read(2))[0]):
        tag, kind, size, place = struct.unpack(f"{order}HHII", file.read(12))
        if tag == TIFF_XMP and kind in (1, 7) and size <= LARGEST:
            file.seek(place)
            yield from xmp_texts(file.read(size))
            return


def xmp_texts(packet: bytes) -> Iterator[str]:
    """The text of dc:source, as an element or an attribute: tools write either.

    A packet with declarations could expand, so it is skipped; so is UTF-16, in which they would not be found.
    """
    packet = packet.rstrip(b"\0")
    if b"<!" in packet or b"\0" in packet or packet.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return
    with suppress(ElementTree.ParseError):
        for element in ElementTree.fromstring(packet).iter():  # noqa: S314  # no declarations, so nothing to expand
            if text := element.text if element.tag == SOURCE else element.get(SOURCE):
                yield text


def npz_texts(file: IO[bytes]) -> Iterator[str]:
    """The text in the array called "mark"."""
    with zipfile.ZipFile(cast(IO[bytes], BoundedFile(file))) as archive:
        if MEMBER not in archive.namelist():
            return
        with archive.open(MEMBER) as member:
            data = member.read(LARGEST)
    if begin := TEXT.match(data):
        yield data[begin.end() : begin.end() + 4 * int(begin[1])].decode("utf-32-le")


class BoundedFile:
    """A file for `zipfile` that raises ValueError for a read of more than ROOM bytes, such as of a directory."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.seek, self.tell, self.seekable = file, file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        """Read at most ROOM bytes. Raises ValueError for more."""
        data = b"" if size > ROOM else self.file.read(size if size >= 0 else ROOM + 1)
        if max(size, len(data)) > ROOM:
            raise ValueError("the directory of the archive is too large")
        return data


def parse_mark(text: str) -> dict[str, Any] | None:
    """The mark in a text, if it has the fields that ganvas writes; else None."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    kinds = {"generated": bool, "tool": str, "model": str, "seed": int}
    if not isinstance(found, dict) or not all(isinstance(found.get(name), kind) for name, kind in kinds.items()):
        return None
    return {name: found[name] for name in kinds} if found["generated"] and found["tool"].startswith(KEY) else None
