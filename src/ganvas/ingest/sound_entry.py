"""Recordings decoded once into the cache: int16, one channel, one rate, long ones in pieces."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..base.errors import DataError
from .cache import CacheEntry, get_or_make
from .decode_sounds import FileFacts, check_broken, decode_files
from .list_sounds import SoundList, labels_of, speakers_of
from .pair_splits import SPLITS as SPLITS
from .pair_splits import component_splits, components

VERSION = 1
SILENT = 10 ** (-60 / 20)  # the largest value of a file that is called silent
CLIPPED = 1e-3  # the share of values at full scale above which a file is called clipped


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
