"""A person's own pictures: a folder, a zip, a list of files or an .npz, decoded once into the cache."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..base.errors import DataError
from ..base.types import Count, Share
from ..ingest import build_cache, cache
from ..ingest.joined_paths import shown
from ..ingest.read_pictures import Reading, decode_options_of, in_order, read
from .source import SPLITS, Depth, Items, Split

OVERRIDE = ", or allow more with source.broken={enough:g}"


@dataclass(frozen=True)
class Pictures:
    """Pictures of any size and format at `path`, each made `height` x `width`; broken ones are left out, up to a share of `broken`.

    `path`: one path, several of folders and pictures, or a pattern such as photos/*.jpg. `encoding`: of a list and of a table of labels.
    `labels`: "" for none, "folders", a table of file,label (metadata.csv:COLUMN, dataset.json too), or "y" in an .npz. A class without a training picture
    is left out with its pictures. Folders named train, val and test are honoured; otherwise the split is by the SHA-256 of the pixels and the seed, about
    90/5/5. `depth`, `low` and `high`: pictures of more than 8 bits keep their units, and values outside of low..high are clipped; with the depth uint8 they
    become bytes, from low..high where that is given. Raises DataError.
    """

    path: str | tuple[str, ...]
    height: Count
    width: Count
    channels: Literal[1, 3] = 3
    fit: Literal["crop", "pad", "stretch"] = "crop"
    background: str = "white"
    labels: str = ""
    broken: Share = 0.01
    seed: int = 0
    encoding: str = "utf-8"
    depth: Depth = "uint8"
    low: float = 0.0
    high: float = 0.0

    def items(self, split: Split) -> Items:
        entry = entry_of(self)
        facts = entry.facts
        counts = [facts["splits"][name] for name in SPLITS]
        first = sum(counts[: SPLITS.index(split)])
        rows = slice(first, first + facts["splits"][split])
        y = np.load(entry.folder / "y.npy")[rows] if facts["classes"] else None
        return Items(
            x=np.asarray(np.load(entry.folder / "x.npy", mmap_mode="c")[rows]),
            y=y,
            classes=tuple(facts["classes"]),
            id=np.arange(rows.start, rows.stop),
            group=np.load(entry.folder / "group.npy")[rows],
            sha256=facts["fingerprints"][split],
            units=decode_options_of(self).units,
        )


def entry_of(source: Pictures, *, scored: bool = False) -> cache.Entry:
    """The cache's entry for these pictures, decoded now if they have changed or are new. Its facts name what was left out. Raises DataError, ResourceError.

    `scored`: they are only looked at, so that a few, or many of one picture, will do.
    """
    reading = read(source.path, decode_options_of(source), source.labels, source.encoding)
    key = reading.key(source.seed)
    entry = cache.find(key)
    if entry is not None and not holds(entry, (source.height, source.width, source.channels)):
        cache.remove(entry.folder)  # damaged: it is made anew
        entry = None
    if entry is None:
        entry = made(reading, key, source.seed)
    broken, usable = entry.facts["broken"], entry.facts["pictures"]
    if not scored:
        build_cache.check_enough(usable, entry.facts["different"], broken, shown(source.path))
    check_broken(shown(source.path), source.broken, broken, usable, more="" if scored else OVERRIDE)
    return entry


def holds(entry: cache.Entry, shape: tuple[int, int, int]) -> bool:
    """Whether the arrays of an entry are those that its facts name, of pictures of this shape [H, W, C]."""
    facts = entry.facts
    count, classes = facts.get("pictures", 0), len(facts.get("classes", ()))
    named = {"splits", "fingerprints"} <= facts.keys() and all(
        set(facts[name]) == set(SPLITS) for name in ("splits", "fingerprints")
    )
    if not named or not {"broken", "different", "classes"} <= facts.keys() or sum(facts["splits"].values()) != count:
        return False
    try:
        x, group, *y = (
            np.lib.format.open_memmap(entry.folder / f"{name}.npy", "r")
            for name in ("x", "group", *("y" * bool(classes)))
        )
    except (OSError, ValueError, EOFError):
        return False
    whole = all(each.shape == (count,) and each.dtype == np.int64 for each in (group, *y))
    return (
        whole
        and x.shape == (count, *shape)
        and x.dtype == np.uint8
        and all(((each >= 0) & (each < classes)).all() for each in y)
    )


def made(reading: Reading, key: str, seed: int) -> cache.Entry:
    """Decode into the cache; labels are matched first."""
    total, rows = reading.rows()
    path = str(reading.found.path.resolve())
    return cache.made(key, lambda folder: build_cache.pack(folder, rows, total, reading.options, in_order, seed, path))


def check_broken(path: str, share: float, broken: Mapping[str, str], usable: int, *, more: str = OVERRIDE) -> None:
    """Above the budget nothing goes on. `more`: how to raise it. Raises DataError."""
    total = len(broken) + usable
    if len(broken) > math.ceil(share * total):
        enough = min(0.99, math.ceil(100 * len(broken) / total) / 100)
        raise DataError(
            f"{len(broken):,} of {total:,} pictures are broken: {build_cache.causes(broken)}",
            where=path,
            hint=f"`ganvas data check --json` names them all; remove them{more.format(enough=enough)}.",
        )
