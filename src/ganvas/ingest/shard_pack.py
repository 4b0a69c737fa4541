"""From the indexes of all shards to one entry of the cache: splits, classes, places; val and test decoded."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..base.errors import DataError
from . import build_cache, cache, cache_checks, decode_pool, labels, shard_index
from .decode_options import VERSION, DecodeOptions
from .shard_list import Shard
from .splits import SPLITS, held_out
from .units import head_of

KIND = "shards"
SHOWN = 3  # names in a sentence
Array = np.ndarray[Any, Any]


class Gathered(NamedTuple):
    """Every picture that can be opened, one row each, in the order of the shards."""

    shards: tuple[Shard, ...]
    shard: Array
    offset: Array
    size: Array
    digest: Array  # bytes of 32
    y: Array | None
    classes: tuple[str, ...]
    broken: Mapping[str, str]

    def take(self, rows: Array) -> "Gathered":
        """These rows."""
        y = None if self.y is None else self.y[rows]
        return self._replace(
            shard=self.shard[rows], offset=self.offset[rows], size=self.size[rows], digest=self.digest[rows], y=y
        )


def gather(shards: tuple[Shard, ...], *, labelled: bool) -> Gathered:
    """Read the indexes, made now where they are missing. Raises DataError."""
    numbers, parts, given, broken = dict[str, int](), list[tuple[Array, ...]](), list[Array](), dict[str, str]()
    without: dict[str, str] = {}
    for place, entry in enumerate(shard_index.indexed(shards)):
        arrays = [shard_index.usable_rows(entry, name) for name in ("offset", "size", "digest")]
        parts.append((np.full(len(arrays[0]), place, np.int32), *arrays))
        broken |= entry.facts["broken"]
        if labelled:
            known = texts(entry, without)
            given.append(np.array([numbers.setdefault(text, len(numbers)) for text in known], np.int64))
    shard, offset, size, digest = (np.concatenate(each) for each in zip(*parts, strict=True))
    if without:
        examples = ", ".join(
            f"{cache_checks.printable(name)} ({cause})" for name, cause in list(without.items())[:SHOWN]
        )
        raise DataError(
            f"{len(without):,} of {len(shard):,} pictures have no label: {examples}",
            hint="Each picture needs a .cls or a .json of its name.",
        )
    found = digest.reshape(-1).view("S32")  # as texts, which NumPy can sort
    if not labelled:
        return Gathered(shards, shard, offset, size, found, None, (), broken)
    classes = labels.in_order(tuple(numbers))
    rank = np.empty(len(classes), np.int64)
    rank[[numbers[name] for name in classes]] = np.arange(len(classes))
    return Gathered(shards, shard, offset, size, found, rank[np.concatenate(given)], classes, broken)


def key_of(shards: tuple[Shard, ...], options: DecodeOptions, seed: int, labels: str) -> str:
    """The key of the entry in the cache: SHA-256 over all that it depends on."""
    form = 2 if labels else 1  # another number for other entries
    return hashlib.sha256(json.dumps([KIND, form, VERSION, options, seed, labels, shards]).encode()).hexdigest()[:32]


def texts(entry: cache.CacheEntry, without: dict[str, str]) -> list[str]:
    """The labels of one shard's usable pictures; those that have none are noted with the cause."""
    names, known = shard_index.names_and_labels(entry)
    usable = np.load(entry.folder / "usable.npy").tolist()
    rows = [(name, label) for name, label, good in zip(names, known, usable, strict=True) if good]
    without |= {name: entry.facts["faults"].get(name, "no .cls") for name, label in rows if not label}
    return [label for _, label in rows]


def pack(folder: Path, found: Gathered, options: DecodeOptions, seed: int, path: str) -> Mapping[str, Any]:
    """Fill `folder` and return the facts of the entry. Raises DataError where too little is usable."""
    different, group = np.unique(found.digest, return_inverse=True)
    cache_checks.check_enough(len(found.shard), len(different), found.broken, path)
    split = split_digests(different, seed)[group]
    found, split, group, untrained = trained_only(found, split, group)
    order = np.argsort(group, kind="stable")  # by digest: names and the order of files do not matter
    rows = {name: order[split[order] == place] for place, name in enumerate(SPLITS)}
    usable, broken = decoded(folder, found, options, rows)
    print_of = write_places(folder, found.take(rows["train"]), options, group[rows["train"]])
    usable_places = np.concatenate([usable["val"], usable["test"]])
    np.save(folder / "group.npy", group[usable_places], allow_pickle=False)
    y = None if found.y is None else found.y[usable_places]
    if y is not None:
        np.save(folder / "y.npy", y, allow_pickle=False)
    counts = [len(usable["val"]), len(usable["test"])]
    shape = (len(usable_places), options.height, options.width, options.channels)
    x = np.memmap(folder / "rows.bin", options.dtype, "r", shape=shape)
    prints = build_cache.write_rows(
        folder / "x.npy", x, np.arange(len(x)), counts, y, found.classes, options.units.text
    )
    del x
    (folder / "rows.bin").unlink()
    return {
        "kind": KIND,
        "version": VERSION,
        "path": path,
        "options": options,
        "seed": seed,
        "pictures": len(rows["train"]) + len(usable_places),
        "different": len(different),
        "splits": dict(zip(SPLITS, [len(rows["train"]), *counts], strict=True)),
        "fingerprints": dict(zip(SPLITS, [print_of, *prints], strict=True)),
        "classes": list(found.classes),
        "untrained": untrained,
        "rare": {} if found.y is None else rare_classes(found.classes, found.y[rows["train"]]),
        "broken": {**found.broken, **broken},
    }


def rare_classes(classes: tuple[str, ...], y: Array) -> dict[str, int]:
    """The classes of few training pictures with the class numbers y [N], and how many they have."""
    return build_cache.rare(dict(zip(classes, np.bincount(y).tolist(), strict=True)))


def trained_only(found: Gathered, split: Array, group: Array) -> tuple[Gathered, Array, Array, dict[str, int]]:
    """Without the pictures of classes that have no training picture; and how many those have."""
    if found.y is None:
        return found, split, group, {}
    counts = np.bincount(found.y[split == SPLITS.index("train")], minlength=len(found.classes))
    untrained = {
        found.classes[number]: int((found.y == number).sum()) for number in np.flatnonzero(counts == 0).tolist()
    }
    if not untrained:
        return found, split, group, {}
    usable = np.flatnonzero(counts[found.y] > 0)
    classes = labels.in_order([found.classes[number] for number in np.flatnonzero(counts).tolist()])
    ranks = np.cumsum(counts > 0) - 1  # classes keep their order
    left = found.take(usable)
    return left._replace(y=ranks[found.y[usable]], classes=classes), split[usable], group[usable], untrained


def split_digests(different: Array, seed: int) -> Array:
    """The split of each digest, as its number in SPLITS: by rank of SHA-256(seed, digest), val first, test last."""
    raw = different.view(np.uint8).reshape(-1, 32)
    ranks = np.array(
        [
            int.from_bytes(hashlib.sha256(f"{seed} split ".encode() + digest.tobytes()).digest()[:8], "big")
            for digest in raw
        ],
        np.uint64,
    )
    ranked, count = np.argsort(ranks, kind="stable"), held_out(len(raw))
    split = np.zeros(len(raw), np.int8)
    split[ranked[:count]] = SPLITS.index("val")
    split[ranked[len(raw) - count :]] = SPLITS.index("test")
    return split


def decoded(
    folder: Path, found: Gathered, options: DecodeOptions, rows: Mapping[Any, Array]
) -> tuple[dict[str, Array], dict[str, str]]:
    """Write the pixels of val and test to rows.bin.

    Returns the rows that could be decoded, and the names of the others with causes. Raises DataError where none can.
    """
    cache_checks.check_room(folder, 2 * (len(rows["val"]) + len(rows["test"])) * options.bytes + 40 * len(found.shard))
    both = [(name, row) for name in ("val", "test") for row in rows[name].tolist()]
    places = [(found.shards[found.shard[row]].path, int(found.offset[row]), int(found.size[row])) for _, row in both]
    facts = build_cache.collect(
        numbered_rows(both, decode_pool.answers("pixels", places, options=options)),
        len(both),
        folder / "rows.bin",
        options,
    )
    for shard in found.shards:
        shard.check()
    usable = {
        name: np.array(
            [int(row) for row, split in zip(facts.names, facts.splits, strict=True) if split == name], np.int64
        )
        for name in ("val", "test")
    }
    broken = {
        shard_index.name_at(found.shards[found.shard[row]], int(found.offset[row])): cause
        for row, cause in numbered(facts.broken)
    }
    if not len(usable["val"]) or not len(usable["test"]):
        raise DataError(
            f"no picture of val or of test can be decoded: {cache_checks.causes(broken)}",
            hint="`ganvas data check --json` names all that are broken.",
        )
    return usable, broken


def numbered_rows(
    both: Sequence[tuple[str, int]], answers: Iterator[decode_pool.DecodeAnswer]
) -> Iterator[build_cache.PictureRow]:
    """Rows that are called by their numbers."""
    for (split, row), answer in zip(both, answers, strict=True):
        yield build_cache.PictureRow(str(row), answer.payload, answer.cause, split, "")


def numbered(broken: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    """Rows called by their numbers again."""
    return ((int(row), cause) for row, cause in broken.items())


def write_places(folder: Path, train: Gathered, options: DecodeOptions, group: Array) -> str:
    """Write the place of each training picture, and the pictures of each shard; returns the fingerprint of both."""
    starts = np.concatenate([[0], np.bincount(train.shard, minlength=len(train.shards)).cumsum()]).astype(np.int64)
    arrays = {
        "shard": train.shard,
        "offset": train.offset,
        "size": train.size,
        "items": np.argsort(train.shard, kind="stable"),
        "starts": starts,
    }
    for name, array in {**arrays, "group": group, **({} if train.y is None else {"y": train.y})}.items():
        np.save(folder / f"train-{name}.npy", array, allow_pickle=False)
    digest = hashlib.sha256(
        head_of(
            (len(train.shard), options.height, options.width, options.channels),
            options.dtype,
            train.classes,
            options.units.text,
        )
    )
    digest.update(json.dumps(["files", VERSION, options]).encode())
    for array in (train.digest, arrays["items"], starts, *(() if train.y is None else (train.y,))):
        digest.update(np.ascontiguousarray(array).view(np.uint8).data)
    return digest.hexdigest()
