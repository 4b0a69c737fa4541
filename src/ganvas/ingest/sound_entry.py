"""Recordings decoded once into the cache: int16, one channel, one rate, long ones in pieces."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np

from ..base.errors import DataError
from ..base.progress import report_progress
from ..base.wording import counted
from .cache import CacheEntry, get_or_make
from .cache_checks import causes
from .list_sounds import SoundList, labels_of, speakers_of
from .pair_splits import SPLITS, component_splits, components
from .sound_files import Wave, sound_blocks

VERSION = 1
FULL = 32_768
SILENT = 10 ** (-60 / 20)  # the largest value of a file that is called silent
CLIPPED = 1e-3  # the share of values at full scale above which a file is called clipped
AT_FULL = 0.9995


class SoundReading(NamedTuple):
    """How a folder of sound is decoded.

    Args:
        rate: numbers in a second.
        longest: seconds of a piece.
        labels: "", "folders" or "names".
        speaker: a regular expression.
        seed: of the split.
    """

    rate: int
    longest: float
    labels: str
    speaker: str
    seed: int


class FileFacts(NamedTuple):
    """One decoded file: its digest, the places of its pieces, and what is heard."""

    name: str
    digest: bytes
    begin: int
    frames: int
    peak: float
    power: float  # the mean of the squares
    clipped: float  # the share of values at full scale


def sound_entry(found: SoundList, reading: SoundReading) -> CacheEntry:
    """The decoded recordings of a folder, from the cache or decoded now. Raises DataError, ResourceError."""
    labels_of(found, reading.labels)  # a class without recordings is an error, whatever is in the cache
    named = repr(("sound", VERSION, str(found.root.absolute()), found.stamp, reading)).encode()
    return get_or_make(hashlib.sha256(named).hexdigest(), lambda folder: pack_sounds(folder, found, reading))


def pack_sounds(folder: Path, found: SoundList, reading: SoundReading) -> Mapping[str, Any]:
    """Fill a folder and return the facts of the entry. Raises DataError."""
    labels = dict(zip(found.names, labels_of(found, reading.labels), strict=True))
    speakers = dict(zip(found.names, speakers_of(found, reading.speaker), strict=True))
    files, broken = decode_files(folder / "x.bin", found, reading.rate)
    if not files:
        check_broken(broken, len(broken), str(found.root), 0.0)
    keys = [[("bytes", each.digest), *([("speaker", s)] if (s := speakers[each.name]) else [])] for each in files]
    component = components(keys)
    splits = component_splits(component, [each.digest for each in files], [""] * len(files), reading.seed)
    classes = sorted({labels[e.name] for e, split in zip(files, splits, strict=True) if split == "train"} - {""})
    pieces, counts, prints = pieces_of(files, splits, component, labels, classes, reading)
    if not counts["train"]:
        raise DataError("no recording is left for training", where=str(found.root))
    np.save(folder / "pieces.npy", pieces, allow_pickle=False)
    (folder / "names.json").write_text(json.dumps([each.name for each in files]), encoding="utf-8")
    held = {
        name: sorted({speakers[e.name] for e, s in zip(files, splits, strict=True) if s == name}) for name in SPLITS
    }
    return {
        "version": VERSION,
        "path": str(found.root),
        "sounds": len(files),
        "seconds": sum(each.frames for each in files) / reading.rate,
        "splits": counts,
        "fingerprints": prints,
        "classes": classes,
        "class_counts": dict(sorted(Counter(labels[each.name] for each in files).items())),
        "untrained": sorted({labels[each.name] for each in files} - {*classes, ""}),
        "speakers": held,
        "broken": broken,
        "repeated": len(files) - len({each.digest for each in files}),
        "silent": [each.name for each in files if each.peak < SILENT],
        "clipped": [each.name for each in files if each.clipped > CLIPPED],
        "levels": [round(10 * float(np.log10(max(each.power, 1e-12))), 1) for each in files],
    }


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


def pieces_of(
    files: list[FileFacts],
    splits: Any,
    component: list[int],
    labels: Mapping[str, str],
    classes: list[str],
    reading: SoundReading,
) -> tuple[np.ndarray[Any, Any], dict[str, int], dict[str, str]]:
    """Begin, length, class and group of each piece [N, 4], split by split and by digest; counts; fingerprints."""
    step = max(1, round(reading.longest * reading.rate))
    rows: list[tuple[int, int, int, int]] = []
    counts, prints = dict[str, int](), dict[str, str]()
    for split in SPLITS:
        digest, before = hashlib.sha256(repr((reading.rate, step, classes)).encode()), len(rows)
        chosen = [n for n, s in enumerate(splits) if s == split and (not classes or labels[files[n].name] in classes)]
        for number in sorted(chosen, key=lambda each: (files[each].digest, each)):
            each, label = files[number], labels[files[number].name]
            y = classes.index(label) if classes else 0
            digest.update(each.digest + repr((each.frames, y)).encode())
            for start in range(0, each.frames, step):
                length = min(step, each.frames - start)
                rows.append((each.begin + start, length, y, component[number]))
        counts[split], prints[split] = len(rows) - before, digest.hexdigest()
    return np.array(rows, np.int64).reshape(-1, 4), counts, prints
