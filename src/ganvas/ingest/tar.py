"""The headers of a tar, read with care: nothing is extracted, names are only names, links lead nowhere, and a size is believed only if the file is that long.

POSIX.1-2017, "pax Interchange Format", and GNU's long names. Own code and not Python's tarfile, which reads extended headers of any size into memory, follows
sparse maps, keeps every member it has seen, and does not say where in the file a damage is.
"""

import os
from collections.abc import Iterator, Mapping
from typing import IO, NamedTuple

from ..base.errors import DataError

BLOCK = 512
MOST_EXTRA = 2**20  # bytes of extended headers and long names before one file
MOST_MEMBERS = 5_000_000
FILES, LONG_NAME, EXTENDED = (b"0", b"\0", b"7"), b"L", b"x"
UNUSUAL = {
    b"1": "a link",
    b"2": "a link",
    b"3": "a device",
    b"4": "a device",
    b"6": "a pipe",
}  # without bytes of their own
FOLDER, SPARSE, SPARSE_KEYS = b"5", b"S", "GNU.sparse"
PACKERS = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"\x28\xb5\x2f\xfd": "zstd"}
COPY = "Copy it again, or leave it out."


class Member(NamedTuple):
    """A file in a tar: where its bytes stand; or the cause why it has none."""

    name: str
    offset: int
    size: int
    cause: str = ""


def members(file: IO[bytes], where: str) -> Iterator[Member]:
    """Every file, link and device in the order in which they stand, one header in memory at a time. Raises DataError for a damaged or truncated tar."""
    length = file.seek(0, os.SEEK_END)
    file.seek(0)
    if packer := next((name for begin, name in PACKERS.items() if file.read(6).startswith(begin) or file.seek(0)), ""):
        raise DataError(
            f"packed with {packer}, so that no picture in it can be read alone",
            where=where,
            hint="Unpack the .tar from it, and leave it a .tar.",
        )
    place, begun, count, said = 0, 0, 0, dict[str, str]()
    while True:
        block = at(file, place, BLOCK, where)
        if not any(block):
            return
        check(block, place, where)
        kind, size = block[156:157], number(block[124:136], place, where)
        start = place + BLOCK
        if kind in (LONG_NAME, EXTENDED):
            text = extra(file, start, size, begun, where)
            said |= (
                {"path": text.split(b"\0")[0].decode(errors="replace")}
                if kind == LONG_NAME
                else records(text, place, where)
            )
            place = start + padded(size)
            continue
        name, bare = said.get("path") or named(block), kind in UNUSUAL or kind == FOLDER
        if kind == SPARSE or any(key.startswith(SPARSE_KEYS) for key in said):
            raise DataError(
                f"{shown(name)} is packed as a sparse file, which is not read",
                where=where,
                hint="Pack it anew without --sparse.",
            )
        size = 0 if bare else number(said["size"].encode(), place, where, base=10) if "size" in said else size
        said, place = {}, start + padded(size)
        begun = place
        if place > length:
            raise DataError(
                f"the shard is truncated: {shown(name)} should end at byte {start + size:,}, and the file has {length:,}",
                where=where,
                hint=COPY,
            )
        if kind in UNUSUAL or (kind in FILES and not name.endswith("/")):
            count += 1
            yield Member(name, start, size, UNUSUAL.get(kind, ""))
        if count > MOST_MEMBERS:
            raise DataError(
                f"more than {MOST_MEMBERS:,} files in one shard", where=where, hint="Make more shards of it."
            )


def at(file: IO[bytes], place: int, count: int, where: str) -> bytes:
    """So many bytes from a place on. Raises DataError where the file ends before."""
    file.seek(place)
    found = file.read(count)
    if len(found) < count:
        raise DataError(
            f"the shard is truncated: it ends at byte {place + len(found):,} without a mark of its end",
            where=where,
            hint=COPY,
        )
    return found


def extra(file: IO[bytes], place: int, size: int, begun: int, where: str) -> bytes:
    """An extended header's content, if all of them from `begun` on are not too large."""
    if place - begun - BLOCK + size > MOST_EXTRA:
        told = f"a header at byte {place:,} claims {size:,} bytes"
        raise DataError(
            told, where=where, hint=f"At most {MOST_EXTRA:,} are read of all extended headers before a file."
        )
    return at(file, place, size, where)


def padded(size: int) -> int:
    """Up to whole blocks."""
    return -(-size // BLOCK) * BLOCK


def check(block: bytes, place: int, where: str) -> None:
    """The header's own sum must hold."""
    told = number(block[148:156], place, where)
    if told != sum(block[:148]) + sum(block[156:]) + 8 * ord(" "):
        raise damaged(place, where)


def number(field: bytes, place: int, where: str, *, base: int = 8) -> int:
    """Octal digits, or a binary number that its first bit announces; never negative. Raises DataError."""
    if field[:1] == b"\x80":
        return int.from_bytes(field[1:], "big")
    digits = field.strip(b" \0")
    if len(digits) > 20 or not all(digit in b"0123456789"[:base] for digit in digits):
        raise damaged(place, where)
    return int(digits or b"0", base)


def damaged(place: int, where: str) -> DataError:
    """What is said of a header that makes no sense."""
    if place == 0:
        return DataError("not a tar", where=where, hint="Shards are .tar files that are not packed.")
    return DataError(f"the shard is damaged: no header stands at byte {place:,}", where=where, hint=COPY)


def named(block: bytes) -> str:
    """The name in the header, with the part before it that POSIX keeps elsewhere."""
    name = block[:100].split(b"\0")[0]
    before = block[345:500].split(b"\0")[0] if block[257:263] == b"ustar\0" else b""
    return (before + b"/" + name if before else name).decode(errors="replace")


def records(text: bytes, place: int, where: str) -> Mapping[str, str]:
    """The pairs of a pax header that matter: "27 path=some/long/name.jpg" and a line's end, the number being the whole record's length."""
    found: dict[str, str] = {}
    here = 0
    while here < len(text):
        length, space, _ = text[here : here + 8].partition(b" ")
        if not space or not length.isdigit() or not len(length) + 2 < int(length) <= len(text) - here:
            raise damaged(place, where)
        key, _, value = text[here + len(length) + 1 : here + int(length) - 1].partition(b"=")
        if key in (b"path", b"size") or key.startswith(SPARSE_KEYS.encode()):
            found[key.decode(errors="replace")] = value.decode(errors="replace")
        here += int(length)
    return found


def shown(name: str) -> str:
    """A name as any terminal can show it, not too long."""
    return "".join(letter if letter.isprintable() else "?" for letter in name[-80:])
