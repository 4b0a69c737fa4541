"""A process that decodes pictures for another: length-prefixed messages over its pipes (decode_pool.py).

Started as `python -m ganvas.ingest.decode_worker`.

In: JSON, first the setup, then lists of [place, exclusive]. Out: for each picture one byte of status, four of
length, and the payload. A hostile file can at worst end this process.
"""

import hashlib
import json
import math
import os
import signal
import stat
import struct
import sys
import zipfile
import zlib
from contextlib import ExitStack
from io import BytesIO
from typing import IO, Any

import numpy as np
from PIL import Image

from . import medical
from .class_maps import decode_map
from .decode import MOST_BYTES, decode, extent, read_header
from .decode_options import DecodeOptions, NeedsExclusiveMemory, Pixels, UnreadablePicture, UnsupportedFormat
from .halves import LEFT, RIGHT, half_of

MEMORY = 1_500 * 2**20  # bytes of address space
SECONDS = 20  # that one picture may take
DONE, BROKEN, EXCLUSIVE = 0, 1, 2
HEAD = struct.Struct("<BI")
LENGTH = struct.Struct("<I")
MOST_RATIO, SMALL_MEMBER = 200, 2**20  # of a zip's member, inflated to packed, where it is more than a megabyte
EDGE = 8  # of 255, by which neighbours of the difference hash have to differ
SMALL = 12  # pixels a side of what is compared of pictures with like hashes
GREY = (128, 128, 128)
MOST_COMPARED = 1_000_000  # pixels that duplicates are compared by; larger pictures are reduced first


def confine() -> None:
    """Limit this process, where the system can."""
    Image.MAX_IMAGE_PIXELS = None  # decode.py has its own limits, which name the size
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which closes our pipe
    try:
        import resource
    except ImportError:
        return
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    most = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def open_picture(place: Any, archive: zipfile.ZipFile | None, stack: ExitStack, *, blank: bool) -> IO[bytes]:
    """The file of a picture; of a medical one the picture in it, with `blank` without its pixels."""
    if isinstance(place, str) and medical.is_volume(place):
        file, number = medical.file_and_slice(place)
        return medical.slice_of(regular(file, stack), number, blank=blank)
    return medical.converted(open_place(place, archive, stack), blank=blank)


def open_place(place: Any, archive: zipfile.ZipFile | None, stack: ExitStack) -> IO[bytes]:
    """The file, a regular one of allowed size, or the bytes of an archive's member.

    A place is a path, a number in the zip, or a shard with offset and size. Raises UnreadablePicture.
    """
    if archive is not None:
        return BytesIO(member(archive, int(place)))
    if isinstance(place, list):
        checked(BytesIO(), place[2])
        shard = regular(place[0], stack)
        shard.seek(place[1])
        content = shard.read(place[2])
        if len(content) != place[2]:
            raise UnreadablePicture("beyond the end of the shard")
        return BytesIO(content)
    file = regular(place, stack)
    return checked(file, os.fstat(file.fileno()).st_size)


def regular(place: str, stack: ExitStack) -> IO[bytes]:
    """A file that is no pipe, folder or device, open. Raises UnreadablePicture."""
    number = os.open(
        os.fsencode(str(place)), os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    )  # a pipe must not block
    file = stack.enter_context(os.fdopen(number, "rb"))
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        raise UnreadablePicture("not a regular file")
    return file


def checked(file: IO[bytes], size: int) -> IO[bytes]:
    """The file, if it is neither empty nor too large."""
    if size == 0:
        raise UnreadablePicture("empty file")
    if size > MOST_BYTES:
        raise UnreadablePicture(f"too large a file ({size / 2**20:,.0f} MB)")
    return file


def member(archive: zipfile.ZipFile, number: int) -> bytes:
    """A member's bytes, never more than it claims. Raises UnreadablePicture."""
    info = archive.infolist()[number]
    checked(BytesIO(), info.file_size)
    if info.file_size > SMALL_MEMBER and info.file_size > MOST_RATIO * max(1, info.compress_size):
        raise UnreadablePicture(f"inflates {info.file_size / max(1, info.compress_size):,.0f} times")
    if info.flag_bits & 1:
        raise UnreadablePicture("encrypted")
    try:
        with archive.open(info) as file:
            content = file.read(info.file_size + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError, RuntimeError) as error:
        raise UnreadablePicture("damaged in the archive") from error
    if len(content) != info.file_size:
        raise UnreadablePicture("damaged in the archive")
    return content


def run_task(task: str, file: IO[bytes], options: DecodeOptions | None, exclusive: bool) -> bytes:
    """The answer for one picture, by task: pixels, of all of it or of one half, or classes of a map; the extent of its
    values; its header; header and SHA-256 of the file; or header, SHA-256 of pixels, hash and thumbnail.
    """
    if task in (LEFT, RIGHT):
        task, file = "pixels", half_of(file, task, exclusive=exclusive)
    if task == "classes":
        assert options is not None
        return decode_map(file, options, exclusive=exclusive).tobytes()
    if task == "pixels":
        assert options is not None
        return decode(file, options, exclusive=exclusive).tobytes()
    if task == "extent":
        values = extent(file, exclusive=exclusive)
        return json.dumps(values and [*values, getattr(file, "window", None)]).encode()
    header = medical.renamed(read_header(file), file)
    if task == "header":
        return json.dumps(header).encode()
    file.seek(0)
    if task == "index":
        return json.dumps([*header, hashlib.sha256(file.read()).hexdigest()]).encode()
    cut = math.ceil(math.sqrt(header.width * header.height / MOST_COMPARED))
    size = (header.height // cut or 1, header.width // cut or 1)
    channels = 4 if header.transparent and header.depth == "uint8" else 3
    whole = DecodeOptions(*size, channels, "stretch", (255, 255, 255), low=None, high=None)
    content, picture = comparable(decode(file, whole, exclusive=exclusive))
    if header.depth != "uint8":
        content = decode(file, whole._replace(depth="float32"), exclusive=exclusive).tobytes()
    digest = hashlib.sha256(repr(header[:2]).encode() + content).hexdigest()
    return json.dumps([*header, digest, difference(picture), thumbnail(picture).hex()]).encode()


def comparable(pixels: Pixels) -> tuple[bytes, Image.Image]:
    """What exact duplicates share, and the picture that near ones resemble: transparent ones are put on mid grey,
    where white and black figures both show.
    """
    if pixels.shape[2] == 3:
        return pixels.tobytes(), Image.fromarray(pixels)
    page = Image.new("RGB", (pixels.shape[1], pixels.shape[0]), GREY)
    page.paste(Image.fromarray(pixels), mask=Image.fromarray(np.ascontiguousarray(pixels[:, :, 3])))
    return (page if pixels[:, :, 3].min() == 255 else Image.fromarray(pixels)).tobytes(), page


def difference(picture: Image.Image) -> int:
    """64 bits: is each pixel of the picture at 9 x 8, grey, clearly darker than the one to its right.

    Similar pictures differ in few bits.

    In plain areas no pixel is: there the least noise would decide otherwise.
    """
    tiny = picture.convert("L").resize((9, 8), Image.Resampling.BOX).tobytes()
    return sum(
        (tiny[place] + EDGE < tiny[place + 1]) << bit
        for bit, place in enumerate(9 * row + column for row in range(8) for column in range(8))
    )


def thumbnail(picture: Image.Image) -> bytes:
    """The picture at SMALL x SMALL in colour."""
    return picture.convert("RGB").resize((SMALL, SMALL), Image.Resampling.BOX).tobytes()


def answer_for(
    setup: dict[str, Any], archive: zipfile.ZipFile | None, place: Any, exclusive: bool
) -> tuple[int, bytes]:
    """Status and payload for one picture."""
    options = DecodeOptions.of(setup["options"]) if setup["options"] else None
    try:
        with ExitStack() as stack:
            task = setup["task"]
            if task == "patient":
                return DONE, medical.patient_of(open_place(place, archive, stack)).encode()
            file = open_picture(place, archive, stack, blank=task == "header")
            return DONE, run_task(task, file, options, exclusive)
    except NeedsExclusiveMemory:
        return EXCLUSIVE, b""
    except UnsupportedFormat as error:
        return BROKEN, f"{error}{ending(archive, place)}".encode(errors="replace")
    except UnreadablePicture as error:
        return BROKEN, str(error).encode(errors="replace")
    except OSError as error:
        return BROKEN, f"cannot be read: {error.strerror or error}".encode(errors="replace")
    except MemoryError:
        return BROKEN, b"needs too much memory"


def ending(archive: zipfile.ZipFile | None, place: Any) -> str:
    """ " with the ending .jpg", where the file has one."""
    if isinstance(place, list):  # a shard's pictures have names of their own, which are known to who asks
        return ""
    name = str(place) if archive is None else archive.infolist()[int(place)].filename
    found = os.path.splitext(name)[1]
    return f" with the ending {found}" if found else ""


def read_message(pipe: IO[bytes]) -> Any:
    """The next message, None at the end."""
    head = pipe.read(LENGTH.size)
    return json.loads(pipe.read(LENGTH.unpack(head)[0])) if len(head) == LENGTH.size else None


def main() -> None:
    """Answer until the pipe is closed."""
    taking, giving = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a C library prints must not stand between the answers
    confine()
    setup = read_message(taking)
    alarm = getattr(signal, "alarm", lambda seconds: 0)  # ends a worker that hangs after its parent died
    archive = (
        zipfile.ZipFile(os.fsencode(setup["archive"]).decode(errors="surrogateescape")) if setup["archive"] else None
    )
    giving.write(HEAD.pack(DONE, 0))
    giving.flush()
    while (places := read_message(taking)) is not None:
        for place, exclusive in places:
            alarm(2 * SECONDS)
            status, payload = answer_for(setup, archive, place, exclusive)
            giving.write(HEAD.pack(status, len(payload)) + payload)
            giving.flush()
        alarm(0)


if __name__ == "__main__":
    main()
