"""The headers of a tar, whose content is not trusted: nothing is extracted, no link is followed, every size is checked.

POSIX.1-2017, "pax Interchange Format", and GNU's long names. Not Python's tarfile, which reads extended headers of any
size into memory, follows sparse maps, holds every member, and does not say where in the file a damage is.
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
    """Every file, link and device in the order of the tar, one header in memory at a time.

    Args:
        file: an open tar that can be read from any place.
        where: its path, for messages.

    Raises:
        DataError: the tar is damaged, truncated, compressed or sparse.
    """
    length = file.seek(0, os.SEEK_END)
    check_uncompressed(file, where)
    place, begun, count, extended = 0, 0, 0, dict[str, str]()
    while any(block := read_at(file, place, BLOCK, where)):
        check_sum(block, place, where)
        kind, size = block[156:157], parse_number(block[124:136], place, where)
        start = place + BLOCK
        if kind in (LONG_NAME, EXTENDED):
            text = read_extended(file, start, size, begun, where)
            long_name = {"path": text.split(b"\0")[0].decode(errors="replace")}
            extended |= long_name if kind == LONG_NAME else parse_records(text, place, where)
            place = start + padded(size)
            continue
        if kind in UNUSUAL or kind == FOLDER:
            size = 0  # they have no bytes of their own
        elif "size" in extended:
            size = parse_number(extended["size"].encode(), place, where, base=10)
        name = extended.get("path") or name_of(block)
        check_whole(kind, name, extended, where)
        extended, place = {}, start + padded(size)
        begun = place
        if place > length:
            what = f"{shown_name(name)} should end at byte {start + size:,}, and the file has {length:,}"
            raise DataError(f"the shard is truncated: {what}", where=where, hint=COPY)
        if kind in UNUSUAL or (kind in FILES and not name.endswith("/")):
            count += 1
            yield Member(name, start, size, UNUSUAL.get(kind, ""))
        if count > MOST_MEMBERS:
            what = f"more than {MOST_MEMBERS:,} files in one shard"
            raise DataError(what, where=where, hint="Make more shards of it.")


def check_uncompressed(file: IO[bytes], where: str) -> None:
    """Raises DataError for a tar that is compressed as a whole. The file is read from its beginning."""
    file.seek(0)
    begin = file.read(max(map(len, PACKERS)))
    packer = next((name for first, name in PACKERS.items() if begin.startswith(first)), "")
    if packer:
        what = f"packed with {packer}, so that no picture in it can be read by itself"
        raise DataError(what, where=where, hint="Unpack the .tar from it, and leave it a .tar.")


def check_whole(kind: bytes, name: str, extended: Mapping[str, str], where: str) -> None:
    """Raises DataError for a sparse file, whose bytes are not all in the tar."""
    if kind == SPARSE or any(key.startswith(SPARSE_KEYS) for key in extended):
        what = f"{shown_name(name)} is packed as a sparse file, which is not read"
        raise DataError(what, where=where, hint="Pack it again without --sparse.")


def read_at(file: IO[bytes], place: int, count: int, where: str) -> bytes:
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


def read_extended(file: IO[bytes], place: int, size: int, begun: int, where: str) -> bytes:
    """An extended header's content, if all of them from `begun` on are not too large."""
    if place - begun - BLOCK + size > MOST_EXTRA:
        what = f"a header at byte {place:,} claims {size:,} bytes"
        raise DataError(
            what, where=where, hint=f"At most {MOST_EXTRA:,} are read of all extended headers before a file."
        )
    return read_at(file, place, size, where)


def padded(size: int) -> int:
    """Up to whole blocks."""
    return -(-size // BLOCK) * BLOCK


def check_sum(block: bytes, place: int, where: str) -> None:
    """The header's own sum must hold."""
    expected = parse_number(block[148:156], place, where)
    if expected != sum(block[:148]) + sum(block[156:]) + 8 * ord(" "):
        raise damaged(place, where)


def parse_number(field: bytes, place: int, where: str, *, base: int = 8) -> int:
    """Octal digits, or a binary number that its first bit announces; never negative. Raises DataError."""
    if field[:1] == b"\x80":
        return int.from_bytes(field[1:], "big")
    digits = field.strip(b" \0")
    if len(digits) > 20 or not all(digit in b"0123456789"[:base] for digit in digits):
        raise damaged(place, where)
    return int(digits or b"0", base)


def damaged(place: int, where: str) -> DataError:
    """The error for a header that cannot be read."""
    if place == 0:
        return DataError("not a tar", where=where, hint="Shards are .tar files that are not packed.")
    return DataError(f"the shard is damaged: no header stands at byte {place:,}", where=where, hint=COPY)


def name_of(block: bytes) -> str:
    """The name in the header, with the part before it that POSIX keeps elsewhere."""
    name = block[:100].split(b"\0")[0]
    before = block[345:500].split(b"\0")[0] if block[257:263] == b"ustar\0" else b""
    return (before + b"/" + name if before else name).decode(errors="replace")


def parse_records(text: bytes, place: int, where: str) -> Mapping[str, str]:
    """The pairs of a pax header that are used.

    A record is "27 path=some/long/name.jpg" and a newline, the number being the length of the whole record.
    """
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


def shown_name(name: str) -> str:
    """A name as any terminal can show it, not too long."""
    return "".join(letter if letter.isprintable() else "?" for letter in name[-80:])
