"""Pictures of more than 8 bits a channel as files: uint16 as PNG of 16 bits, other types as TIFF; both with marks.

PNG 2003 (https://www.w3.org/TR/png-3); TIFF 6.0, with XMP in tag 700.
"""

import json
import struct
import zlib
from pathlib import Path
from typing import Any

from .provenance import KEY, xmp

SIGNATURE = b"\x89PNG\r\n\x1a\n"
SHORT, LONG, BYTE = 3, 4, 1  # types of a TIFF's tags
FORMATS = {"u": 1, "i": 2, "f": 3}  # of its samples: TIFF's tag 339
XMP = 700
Values = Any  # an array [H, W, C] of NumPy, C of 1 or 3; NumPy itself is not imported for it


def value_suffix(dtype: Any) -> str:
    """The file ending for values of a dtype: ".png" for uint8 and uint16, else ".tif"."""
    return ".png" if str(dtype) in ("uint8", "uint16") else ".tif"


def save_values(values: Values, path: Path, mark: dict[str, Any] | None) -> None:
    """Write values as a picture.

    Args:
        values: [H, W, C], C 1 or 3; uint16 is written as PNG, other types as TIFF.
        path: the file.
        mark: what `mark_of` returns, or None for a file without a mark.
    """
    path.write_bytes(encode_values(values, mark))


def encode_values(values: Values, mark: dict[str, Any] | None) -> bytes:
    """The content of the file that `save_values` writes."""
    return png(values, mark) if value_suffix(values.dtype) == ".png" else tiff(values, mark)


def png(values: Values, mark: dict[str, Any] | None) -> bytes:
    """The content of a PNG of 16 bits: values uint16 [H, W, C], C 1 or 3."""
    height, width, channels = values.shape
    rows = values.astype(">u2").reshape(height, -1).view("u1")
    rows[1:] = rows[1:] - rows[:-1]  # filter 2: the difference to the line above
    lines = b"".join(b"\2" + row.tobytes() for row in rows)
    texts = [] if mark is None else [chunk(b"tEXt", KEY.encode() + b"\0" + json.dumps(mark).encode("latin-1"))]
    texts += [] if mark is None else [chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp(mark).encode())]
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, 0 if channels == 1 else 2, 0, 0, 0))
    return b"".join([SIGNATURE, head, *texts, chunk(b"IDAT", zlib.compress(lines)), chunk(b"IEND", b"")])


def chunk(kind: bytes, data: bytes) -> bytes:
    """A PNG chunk: length, kind, data, checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def tiff(values: Values, mark: dict[str, Any] | None) -> bytes:
    """The content of an uncompressed little-endian TIFF: values of 16 or 32 bits [H, W, C]."""
    height, width, channels = values.shape
    data = values.astype(values.dtype.newbyteorder("<")).tobytes()
    bits = 8 * values.dtype.itemsize
    tags: dict[int, tuple[int, bytes]] = {
        256: (LONG, struct.pack("<I", width)),
        257: (LONG, struct.pack("<I", height)),
        258: (SHORT, struct.pack(f"<{channels}H", *[bits] * channels)),
        259: (SHORT, struct.pack("<H", 1)),
        262: (SHORT, struct.pack("<H", 1 if channels == 1 else 2)),
        273: (LONG, struct.pack("<I", 8)),
        277: (SHORT, struct.pack("<H", channels)),
        278: (LONG, struct.pack("<I", height)),
        279: (LONG, struct.pack("<I", len(data))),
        339: (SHORT, struct.pack(f"<{channels}H", *[FORMATS[values.dtype.kind]] * channels)),
    }
    if mark:
        tags[XMP] = (BYTE, xmp(mark).encode())
    sizes = {SHORT: 2, LONG: 4, BYTE: 1}
    outside, entries = b"", b""
    start = 8 + len(data) + len(data) % 2
    for tag, (kind, content) in sorted(tags.items()):
        if len(content) > 4:
            place = start + len(outside)
            outside += content + bytes(len(content) % 2)
            content_of_entry = struct.pack("<I", place)
        else:
            content_of_entry = content.ljust(4, b"\0")
        entries += struct.pack("<HHI", tag, kind, len(content) // sizes[kind]) + content_of_entry
    directory = struct.pack("<H", len(tags)) + entries + bytes(4)
    return b"II*\0" + struct.pack("<I", start + len(outside)) + data + bytes(len(data) % 2) + outside + directory
