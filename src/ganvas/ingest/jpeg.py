"""JPEGs without their end marker, as cameras and interrupted downloads leave them. ITU-T T.81, annex B."""

import hashlib
import os
from io import BytesIO
from typing import IO

from PIL import Image

END = b"\xff\xd9"
START_OF_SCAN = 0xDA
NO_LENGTH = (0x01, *range(0xD0, 0xD9))  # markers without a length
FILLS = (b"", b"\x00" * 512, b"\x55" * 512, b"\xaa" * 512)  # what is tried where data may be missing
ROWS = 256  # that are compared together


def lacks_end(file: IO[bytes]) -> bool:
    """Whether it begins as a JPEG and does not end as one."""
    file.seek(0)
    begins = file.read(2) == b"\xff\xd8"
    file.seek(max(0, file.seek(0, os.SEEK_END) - 2))
    return begins and file.read() != END


def with_end(file: IO[bytes], most: int) -> BytesIO | None:
    """The same file with an end marker, where only that is missing; None where more may be, or above `most` bytes.

    The decoder fills in missing data from the bytes that follow. So the file is complete if the picture does not
    depend on these bytes, and if the last scan is complete.
    """
    if not lacks_end(file) or file.seek(0, os.SEEK_END) > most:
        return None
    file.seek(0)
    content = file.read()
    if not whole(content):
        return None
    content = content.removesuffix(END[:1])  # half of the marker
    first = ""
    for fill in FILLS:
        try:
            found = digest(content + fill + END)
        except Exception:  # what a crafted file makes the reader raise is not documented
            return None
        first = first or found
        if found != first:
            return None
    return BytesIO(content + END)


def digest(content: bytes) -> str:
    """SHA-256 of the decoded pixels."""
    found = hashlib.sha256()
    with Image.open(BytesIO(content), formats=("JPEG",)) as picture:
        picture.load()
        for top in range(0, picture.height, ROWS):
            found.update(picture.crop((0, top, picture.width, min(top + ROWS, picture.height))).tobytes())
    return found.hexdigest()


def whole(content: bytes) -> bool:
    """Whether the scans hold every coefficient of every component; a progressive file may end after any scan."""
    wanted, brought = set[tuple[int, int]](), set[tuple[int, int]]()
    place = 2
    while 0 <= place < len(content) - 3:
        if content[place] != 0xFF:
            place = content.find(b"\xff", place)
            continue
        marker = content[place + 1]
        if marker in (0x00, 0xFF) or marker in NO_LENGTH:
            place += 1 if marker == 0xFF else 2
            continue
        length = int.from_bytes(content[place + 2 : place + 4], "big")
        body = content[place + 4 : place + 2 + length]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC) and len(body) > 5:
            wanted = {(component, k) for component in body[6::3][: body[5]] for k in range(64)}
        if marker == START_OF_SCAN and len(body) >= 4 and len(body) == 2 * body[0] + 4 and not body[-1] & 15:
            brought |= {(component, k) for component in body[1:-3:2] for k in range(body[-3], min(63, body[-2]) + 1)}
        place += 2 + length
    return bool(wanted) and wanted <= brought
