"""Pictures and traps for tests, made as files."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

Pixels = np.ndarray[Any, np.dtype[np.uint8]]


def noise(seed: int, height: int = 8, width: int = 8, channels: int = 3) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (height, width, channels), dtype=np.uint8)


def picture(pixels: Pixels) -> Image.Image:
    return Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)


def save(path: Path, pixels: Pixels, **options: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture(pixels).save(path, **options)
    return path


def folder(root: Path, names: Iterable[str], height: int = 8, width: int = 8) -> Path:
    """A folder of different PNGs with these names."""
    for seed, name in enumerate(names):
        save(root / name, noise(seed, height, width))
    return root


def numbered(count: int, form: str = "{:03}.png") -> list[str]:
    return [form.format(number) for number in range(count)]


def zipped(root: Path, to: Path) -> Path:
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(root.rglob("*")):
            if file.is_file():
                archive.write(file, file.relative_to(root).as_posix())
    return to


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, packed: bytes, *extra: bytes, colour: int = 2) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(extra) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def zeros(count: int) -> bytes:
    """So many zeros, deflated."""
    packer, block = zlib.compressobj(9), bytes(2**20)
    parts = [packer.compress(block) for _ in range(count // 2**20)]
    return b"".join([*parts, packer.compress(bytes(count % 2**20)), packer.flush()])


def tiff(tags: dict[int, int], content: bytes) -> bytes:
    """A little-endian TIFF of three bytes a pixel; 4-byte values alone."""
    common = {258: 8, 259: 8, 262: 2, 277: 3}
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in sorted((common | tags).items()))
    return (
        b"II*\0"
        + struct.pack("<I", 8 + len(content))
        + content
        + struct.pack("<H", len(common | tags))
        + entries
        + b"\0\0\0\0"
    )


def deep_tiff(values: np.ndarray[Any, Any], *, order: str = "<", photometric: int = 1) -> bytes:
    """Grey or colour [H, W] or [H, W, 3] of any type as a TIFF, little-endian ("<") or big-endian (">"), by the letter
    of TIFF 6.0.
    """
    data = values.astype(values.dtype.newbyteorder(order)).tobytes()
    height, width, channels = (*values.shape, 1)[:3]
    bits = values.dtype.itemsize * 8
    kind = {"u": 1, "i": 2, "f": 3}[values.dtype.kind]
    tags = {
        256: width,
        257: height,
        258: bits,
        259: 1,
        262: photometric,
        273: 8,
        277: channels,
        278: height,
        279: len(data),
        339: kind,
    }
    after = b""
    if channels == 3:  # three values do not fit into an entry
        tags |= {258: 8 + len(data), 262: 2, 339: 8 + len(data) + 6}
        after = struct.pack(f"{order}6H", *[bits] * 3, *[kind] * 3)
    entries = b""
    for tag, value in sorted(tags.items()):
        entries += (
            struct.pack(f"{order}HHII", tag, 3, 3, value)
            if channels == 3 and tag in (258, 339)
            else struct.pack(f"{order}HHII", tag, 4, 1, value)
        )
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", 8 + len(data) + len(after))
    return head + data + after + struct.pack(f"{order}H", len(tags)) + entries + bytes(4)


def deep_png(values: np.ndarray[Any, Any], *extra: bytes) -> bytes:
    """uint16 [H, W] or [H, W, C] as a PNG of 16 bits a channel: grey, RGB or RGBA."""
    height, width, channels = (*values.shape, 1)[:3]
    lines = b"".join(b"\0" + line.astype(">u2").tobytes() for line in values)
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, {1: 0, 3: 2, 4: 6}[channels], 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(extra) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")


def matrix_profile(primaries: np.ndarray[Any, Any], gamma: float, *, grey: bool = False) -> bytes:
    """An ICC profile of version 2: red, green and blue as rows of XYZ under D50, or a grey, and one gamma.
    ICC.1:2001-04, sections 6.3 and 6.4.
    """
    xyz = [b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65_536) for value in row)) for row in primaries]
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    text = b"desc\0\0\0\0" + struct.pack(">I", 5) + b"made\0" + bytes(4 + 4 + 2 + 1 + 67)
    white = b"XYZ \0\0\0\0" + struct.pack(">3i", 63_190, 65_536, 54_061)
    tags = {b"desc": text, b"wtpt": white, b"cprt": b"text\0\0\0\0none\0"}
    tags |= (
        {b"kTRC": curve}
        if grey
        else dict(zip((b"rXYZ", b"gXYZ", b"bXYZ", b"rTRC", b"gTRC", b"bTRC"), (*xyz, curve, curve, curve), strict=True))
    )
    return icc(b"GRAY" if grey else b"RGB ", b"XYZ ", tags)


def icc(space: bytes, between: bytes, tags: dict[bytes, bytes], kind: bytes = b"mntr") -> bytes:
    """A profile with these tags."""
    table, body = b"", b""
    for name, content in tags.items():
        padded = content + bytes(-len(content) % 4)
        table += name + struct.pack(">II", 128 + 4 + 12 * len(tags) + len(body), len(content))
        body += padded
    whole = struct.pack(">I", len(tags)) + table + body
    illuminant = struct.pack(">3i", 63_190, 65_536, 54_061)
    head = (
        struct.pack(">I4sI4s4s4s", 128 + len(whole), b"none", 0x02400000, kind, space, between)
        + bytes(12)
        + b"acsp"
        + bytes(28)
        + illuminant
    )
    return head.ljust(128, b"\0") + whole


def gif(width: int, height: int) -> bytes:
    """An 8 x 8 frame on a canvas that claims to be larger."""
    held = io.BytesIO()
    Image.new("P", (8, 8)).save(held, "GIF")
    return held.getvalue()[:6] + struct.pack("<HH", width, height) + held.getvalue()[10:]


def bombs() -> dict[str, tuple[bytes, str]]:
    """Files that claim or inflate to far more than they are, and the cause that each is refused for ("" where it is
    harmless).
    """
    row = zeros(64 * 193)
    strip, tile = zeros(2**26), zeros(2**20)
    return {
        "claims.png": (png(50_000, 50_000, zeros(1000)), "too many pixels (50000 x 50000)"),
        "within.png": (png(7_000, 7_000, zeros(7_000 * 28_001), colour=6), ""),
        "inflates.png": (png(64, 64, zeros(2**27)), ""),
        "text.png": (png(64, 64, row, chunk(b"zTXt", b"a\0\0" + zeros(2**26))), "text or colour profile too large"),
        "profile.png": (png(64, 64, row, chunk(b"iCCP", b"a\0\0" + zeros(2**26))), "text or colour profile too large"),
        "canvas.gif": (gif(65_535, 65_535), "too many pixels (65535 x 65535)"),
        "claims.tif": (
            tiff({256: 2**31 - 1, 257: 2**31 - 1, 273: 8, 278: 1, 279: 100}, bytes(100)),
            "too many pixels (2147483647 x 2147483647)",
        ),
        "tile.tif": (
            tiff({256: 64, 257: 64, 322: 16_000, 323: 16_000, 324: 8, 325: len(tile)}, tile),
            "needs too much memory (64 x 64 TIFF)",
        ),
        "strip.tif": (tiff({256: 64, 257: 64, 273: 8, 278: 2**31 - 1, 279: len(strip)}, strip), ""),
    }
