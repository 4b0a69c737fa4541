"""Decode a listing into an entry of the cache: rows as they come, then in the order of their splits."""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..base.progress import report_progress
from .cache_checks import check_enough, check_room
from .decode_options import VERSION, DecodeOptions
from .grouped_splits import SPLITS, Grouped, order
from .listing import PictureRow as PictureRow  # for those who pack
from .units import head_of

GATHERED = 32 * 2**20  # bytes of rows that are moved at a time
RARE = 2  # training pictures of a class, up to which little can be learnt of it


class DecodedFacts(NamedTuple):
    """What is known of the usable pictures after decoding."""

    names: list[str]
    digests: list[bytes]
    splits: list[str]
    labels: list[str]
    broken: dict[str, str]
    groups: list[str]
    plain: list[bool]  # whether a picture that has a group is of one plain colour

    @property
    def grouped(self) -> Grouped:
        """What the splits depend on."""
        return Grouped(self.digests, self.splits, self.groups, self.plain, self.names)


def collect(rows: Iterator[PictureRow], total: int, file: Path, options: DecodeOptions) -> DecodedFacts:
    """Append each picture's pixels to a file."""
    facts = DecodedFacts([], [], [], [], {}, [], [])
    with file.open("wb") as out:
        for number, row in enumerate(rows):
            if row.cause:
                facts.broken[row.name] = row.cause
            else:
                out.write(row.pixels)
                facts.names.append(row.name)
                facts.digests.append(hashlib.sha256(row.pixels).digest())
                facts.splits.append(row.split)
                facts.labels.append(row.label)
                facts.groups.append(row.group)
                facts.plain.append(bool(row.group) and is_plain(row.pixels, options))
            report_progress("decoding pictures", number + 1, total)
    return facts


def is_plain(pixels: bytes, options: DecodeOptions) -> bool:
    """Whether all pixels of a picture are equal."""
    values = np.frombuffer(pixels, options.dtype).reshape(-1, options.channels)
    return bool((values == values[:1]).all())


def pack(
    folder: Path, rows: Iterator[PictureRow], total: int, options: DecodeOptions, classes_of: Any, seed: int, path: str
) -> Mapping[str, Any]:
    """Fill `folder` and return the facts of the entry. Raises DataError where too little is usable."""
    shape = (options.height, options.width, options.channels)
    check_room(folder, 2 * total * options.bytes)
    facts = collect(rows, total, folder / "rows.bin", options)
    check_enough(len(facts.names), len(set(facts.digests)), facts.broken, path, least=1)
    splits, component = facts.grouped.split(seed)
    per_class = Counter(label for label, name in zip(facts.labels, splits, strict=True) if name == "train")
    classes = classes_of(tuple(per_class)) if any(facts.labels) else ()
    places = order(facts.digests, splits)
    places = places[
        [facts.labels[place] in per_class for place in places]
    ]  # a model cannot generate a class without training pictures
    numbers = {name: number for number, name in enumerate(classes)}
    y = np.array([numbers[facts.labels[place]] for place in places], np.int64) if classes else None
    counts = [sum(splits[place] == name for place in places) for name in SPLITS]
    x = np.memmap(folder / "rows.bin", options.dtype, "r", shape=(len(facts.names), *shape))
    prints = write_rows(folder / "x.npy", x, places, counts, y, classes, options.units.text)
    del x
    (folder / "rows.bin").unlink()
    group = facts.grouped.numbers(places, component)
    np.save(folder / "group.npy", group, allow_pickle=False)
    if y is not None:
        np.save(folder / "y.npy", y, allow_pickle=False)
    (folder / "names.json").write_text(json.dumps([facts.names[place] for place in places]), encoding="utf-8")
    return {
        "version": VERSION,
        "path": path,
        "options": options,
        "seed": seed,
        "pictures": len(places),
        "different": len({facts.digests[place] for place in places}),
        "splits": dict(zip(SPLITS, counts, strict=True)),
        "fingerprints": dict(zip(SPLITS, prints, strict=True)),
        "classes": list(classes),
        "untrained": untrained(facts.labels, per_class),
        "rare": rare(per_class),
        "broken": facts.broken,
        **(
            {} if component is None else {"components": len(set(group.tolist())), "groups": len({*facts.groups} - {""})}
        ),
    }


def untrained(labels: Iterable[str], trained: Mapping[str, int]) -> dict[str, int]:
    """The classes without a training picture, and how many pictures they have, all of which are left out."""
    return dict(sorted(Counter(label for label in labels if label not in trained).items()))


def rare(trained: Mapping[str, int]) -> dict[str, int]:
    """The classes of few training pictures, and how many they have."""
    return {label: count for label, count in sorted(trained.items()) if label and count <= RARE}


def write_rows(
    file: Path,
    x: np.ndarray[Any, Any],
    places: np.ndarray[Any, Any],
    counts: Sequence[int],
    y: Any,
    classes: tuple[str, ...],
    units: str,
) -> list[str]:
    """x.npy with the rows in their final order, and the fingerprint of each split as Items would compute it."""
    digests = [hashlib.sha256(head_of((count, *x.shape[1:]), x.dtype, classes, units)) for count in counts]
    write_array(file, x, places, counts, digests)
    done = 0
    for digest, count in zip(digests, counts, strict=True):
        digest.update(b"" if y is None else np.ascontiguousarray(y[done : done + count]).data)
        done += count
    return [digest.hexdigest() for digest in digests]


def write_array(
    file: Path,
    x: np.ndarray[Any, Any],
    places: np.ndarray[Any, Any],
    counts: Sequence[int],
    digests: Sequence["hashlib._Hash"],
) -> None:
    """An .npy file with the rows of x at these places, split by split; each split's digest is updated with its rows."""
    step = max(1, GATHERED // (int(np.prod(x.shape[1:])) * x.itemsize))
    done = 0
    with file.open("wb") as out:
        np.lib.format.write_array_header_1_0(
            out, {"descr": x.dtype.str, "fortran_order": False, "shape": (len(places), *x.shape[1:])}
        )
        for count, digest in zip(counts, digests, strict=True):
            for start in range(done, done + count, step):
                part = np.ascontiguousarray(x[places[start : min(start + step, done + count)]])
                digest.update(part.data)
                out.write(part.data)
                report_progress("ordering pictures", start + len(part), len(places))
            done += count
        out.flush()
        os.fsync(out.fileno())
