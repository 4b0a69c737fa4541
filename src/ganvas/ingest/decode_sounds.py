"""Recordings decoded into one file of int16, one after the other, and what is heard in each."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np

from ..base.errors import DataError
from ..base.progress import report_progress
from ..base.wording import counted
from .cache_checks import causes
from .list_sounds import SoundList
from .sound_files import Wave, sound_blocks

FULL = 32_768  # of int16: the number that stands for 1
AT_FULL = 0.9995


class FileFacts(NamedTuple):
    """One decoded file: its digest, the places of its pieces, and what is heard."""

    name: str
    digest: bytes
    begin: int
    frames: int
    peak: float
    power: float  # the mean of the squares
    clipped: float  # the share of values at full scale


def decode_files(file: Path, found: SoundList, rate: int) -> tuple[list[FileFacts], dict[str, str]]:
    """Every file's numbers, one after the other; facts of each, and the causes why some cannot be read."""
    files, broken, begin = list[FileFacts](), dict[str, str](), 0
    with file.open("wb") as out:
        for number, name in enumerate(found.names):
            try:
                files.append(decode_file(out, name, found.place(name), begin, rate))
                begin += files[-1].frames
            except DataError as error:
                broken[name] = error.what
                out.seek(2 * begin)
                out.truncate()
            report_progress("decoding recordings", number + 1, len(found.names))
    return files, broken


def decode_file(out: IO[bytes], name: str, path: Path, begin: int, rate: int) -> FileFacts:
    """Append one file's numbers to what is open. Raises DataError."""
    digest, frames, peak, squares, full = hashlib.sha256(), 0, 0.0, 0.0, 0
    for block in sound_blocks(path, rate):
        values = in_int16(block)
        out.write(values.tobytes())
        digest.update(values.tobytes())
        frames += len(values)
        peak = max(peak, float(np.abs(block).max(initial=0.0)))
        squares += float(np.square(block, dtype=np.float64).sum())
        full += int((np.abs(block) >= AT_FULL).sum())
    if not frames:
        raise DataError("the file holds no sound: its length is 0", where=str(path))
    return FileFacts(name, digest.digest(), begin, frames, peak, squares / frames, full / frames)


def in_int16(block: Wave) -> np.ndarray[Any, np.dtype[np.int16]]:
    """Values in [-1, 1] as whole numbers; what is louder is clipped."""
    return np.clip(np.round(block * FULL), -FULL, FULL - 1).astype("<i2")


def check_broken(broken: Mapping[str, str], total: int, where: str, allowed: float) -> None:
    """Raises DataError where more than the allowed share of files cannot be used."""
    if len(broken) <= allowed * total:
        return
    if total == 1:
        raise DataError(next(iter(broken.values())), where=where)
    what = f"{counted(len(broken), 'file')} of {total:,} cannot be used: {causes(broken)}"
    raise DataError(what, where=where, hint="Repair or remove them, or allow more: source.broken=0.1")
