"""Reading marks back: from PNG text, from XMP in PNG and WebP, and from .npz. Nothing is decoded, unpacked or unpickled beyond the mark itself.

PNG 2003, chunks tEXt, zTXt and iTXt (https://www.w3.org/TR/png-3); WebP container, chunk "XMP " (https://www.rfc-editor.org/rfc/rfc9649)
"""

import errno
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO
from xml.etree import ElementTree

from ..base.errors import DataError
from .marks import KEY

LARGEST = 1 << 20  # bytes of a text, packed or unpacked; a mark takes less than a thousandth of it
CHUNKS = 1 << 16  # looked at in one file
SOURCE = "{http://purl.org/dc/elements/1.1/}source"
MEMBER = "mark.npy"
TEXT = re.compile(rb"\x93NUMPY\x01\x00..\{'descr': '<U(\d{1,7})', 'fortran_order': False, 'shape': \(\), \} *\n", re.DOTALL)  # one text, as NumPy writes it


def read_mark(path: Path) -> dict[str, Any] | None:
    """What the file's mark says, or None where no sound mark is found. Raises DataError where the file cannot be read."""
    try:
        with path.open("rb") as file:
            head = file.read(12)
            if head.startswith(b"\x89PNG\r\n\x1a\n"):
                texts = png_texts(file)
            elif head[:4] == b"RIFF" and head[8:] == b"WEBP":
                texts = webp_texts(file)
            elif head.startswith(b"PK\x03\x04"):
                texts = npz_texts(file)
            else:
                return None
            return next((mark for text in texts if (mark := sound(text))), None)
    except (struct.error, zlib.error, zipfile.BadZipFile, ValueError, NotImplementedError, RuntimeError, EOFError):
        return None  # a damaged file
    except OSError as error:
        if error.errno == errno.EINVAL:  # a damaged directory of an archive points to before its beginning
            return None
        raise DataError(f"cannot read the file: {error.strerror or error}", where=str(path)) from error


def png_texts(file: BinaryIO) -> Iterator[str]:
    """The texts called "ganvas", and those in XMP; a chunk whose checksum is wrong does not count."""
    file.seek(8)
    for _ in range(CHUNKS):
        size, kind = struct.unpack(">I4s", file.read(8))
        if kind == b"IEND":
            return
        if kind not in (b"tEXt", b"zTXt", b"iTXt") or size > LARGEST:
            file.seek(size + 4, 1)
            continue
        data = file.read(size)
        if struct.unpack(">I", file.read(4))[0] == zlib.crc32(kind + data):
            yield from png_text(kind, data)


def png_text(kind: bytes, data: bytes) -> Iterator[str]:
    """One chunk's text, if it is one of ours."""
    name, _, rest = data.partition(b"\0")
    packed, encoding = kind == b"zTXt", "latin-1"
    if kind == b"zTXt":
        rest = rest[1:]  # the method
    if kind == b"iTXt":
        packed, encoding = rest[:1] == b"\1", "utf-8"
        rest = rest[2:].split(b"\0", 2)[-1]  # language and translated name stand before the text
    if name == KEY.encode():
        yield unpacked(rest, packed).decode(encoding)
    elif name == b"XML:com.adobe.xmp":
        yield from xmp_texts(unpacked(rest, packed))


def unpacked(data: bytes, packed: bool) -> bytes:
    """At most LARGEST bytes, whatever the data would swell to."""
    return zlib.decompressobj().decompress(data, LARGEST) if packed else data


def webp_texts(file: BinaryIO) -> Iterator[str]:
    """The texts in the XMP chunk."""
    file.seek(12)
    for _ in range(CHUNKS):
        head = file.read(8)
        if len(head) < 8:
            return
        kind, size = struct.unpack("<4sI", head)
        if kind == b"XMP " and size <= LARGEST:
            yield from xmp_texts(file.read(size))
            return
        file.seek(size + size % 2, 1)


def xmp_texts(packet: bytes) -> Iterator[str]:
    """What dc:source says, as an element or an attribute: tools write either. A packet with declarations of its own could swell, and is left alone."""
    with suppress(ElementTree.ParseError):
        if b"<!" in packet:
            return
        for element in ElementTree.fromstring(packet.rstrip(b"\0")).iter():  # noqa: S314  # no declarations, so nothing to expand
            yield element.text or "" if element.tag == SOURCE else element.get(SOURCE, "")


def npz_texts(file: BinaryIO) -> Iterator[str]:
    """The text in the array called "mark"."""
    with zipfile.ZipFile(file) as archive:
        if MEMBER not in archive.namelist():
            return
        with archive.open(MEMBER) as member:
            data = member.read(LARGEST)
    if begin := TEXT.match(data):
        yield data[begin.end() : begin.end() + 4 * int(begin[1])].decode("utf-32-le")


def sound(text: str) -> dict[str, Any] | None:
    """The facts of a text, if they are those that ganvas writes."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    kinds = {"generated": bool, "tool": str, "model": str, "seed": int}
    if not isinstance(found, dict) or not all(isinstance(found.get(name), kind) for name, kind in kinds.items()):
        return None
    return {name: found[name] for name in kinds} if found["generated"] and found["tool"].startswith(KEY) else None
