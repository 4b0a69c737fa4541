"""Decode pairs of pictures into an entry of the cache: x.npy and input.npy, row for row, split by split."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .build_cache import write_array
from .cache_checks import check_room
from .decode_options import VERSION
from .pair_groups import check_groups, group_keys, usable_pairs
from .read_pairs import DecodedSide, PairReading, decode_side
from .units import head_of

INPUT = "input"  # the name of the given array


def pack_pairs(folder: Path, reading: PairReading, group: str, seed: int, path: str) -> Mapping[str, Any]:
    """Fill `folder` and return the facts of the entry.

    Args:
        folder: of the entry.
        reading: the pairs.
        group: a regular expression on names, or "".
        seed: of the splits.
        path: for people.

    Raises:
        DataError: a name has no group, or a group is in two folders of splits.
    """
    names = tuple(pair.name for pair in reading.names.pairs)
    keys = group_keys(group, names) if group else reading.patients()
    options, form = reading.input.options, reading.truth.options
    check_room(folder, 2 * len(names) * (form.bytes + form.bytes // form.channels * options.channels))
    truths = decode_side(reading.truth, folder / "x.bin", form)
    inputs = decode_side(reading.input, folder / "input.bin", form)
    found = usable_pairs(inputs, truths, keys, names, seed)
    check_groups(keys, found, group)
    places = found.ordered()
    numbers = [found.numbers[place] for place in places]
    prints = write_pairs(folder, reading, (inputs, truths), numbers, list(found.counts.values()))
    np.save(folder / "group.npy", np.array(found.component, np.int64)[places], allow_pickle=False)
    (folder / "names.json").write_text(json.dumps([names[number] for number in numbers]), encoding="utf-8")
    sides = ((reading.input, inputs), (reading.truth, truths))
    return {
        "version": VERSION,
        "path": path,
        "options": form,
        "input_options": options,
        "seed": seed,
        "pictures": len(numbers),
        "different": len(set(found.digests)),
        "splits": found.counts,
        "fingerprints": dict(zip(found.counts, prints, strict=True)),
        "broken": {side.name(number): cause for side, each in sides for number, cause in each.broken.items()},
        "broken_pairs": len(names) - len(numbers),
        "without": list(reading.names.without),
        "components": len(set(found.component)),
        "across": found.across,
    }


def write_pairs(
    folder: Path,
    reading: PairReading,
    sides: tuple[DecodedSide, DecodedSide],
    numbers: Sequence[int],
    counts: Sequence[int],
) -> list[str]:
    """x.npy and input.npy with the pairs in their order, and the fingerprint of each split as Items computes it."""
    inputs, truths = sides
    form = reading.truth.options
    channels = reading.input.options.channels
    digests = [
        hashlib.sha256(head_of((count, form.height, form.width, form.channels), form.dtype, (), form.units.text))
        for count in counts
    ]
    write_side(folder, "x", (form.height, form.width, form.channels), form.dtype, truths.rows(numbers), counts, digests)
    for digest, count in zip(digests, counts, strict=True):
        shape = (count, form.height, form.width, channels)
        digest.update(repr((INPUT, shape, str(form.dtype))).encode())
    write_side(folder, INPUT, (form.height, form.width, channels), form.dtype, inputs.rows(numbers), counts, digests)
    return [digest.hexdigest() for digest in digests]


def write_side(
    folder: Path,
    name: str,
    shape: tuple[int, int, int],
    dtype: np.dtype[Any],
    rows: np.ndarray[Any, np.dtype[np.int64]],
    counts: Sequence[int],
    digests: Sequence["hashlib._Hash"],
) -> None:
    """`name`.npy of the rows of `name`.bin, which is removed."""
    file = folder / f"{name}.bin"
    if len(rows):
        values = np.memmap(file, dtype, "r").reshape(-1, *shape)
        write_array(folder / f"{name}.npy", values, rows, counts, digests)
        del values
    else:
        np.save(folder / f"{name}.npy", np.empty((0, *shape), dtype), allow_pickle=False)
    file.unlink()
