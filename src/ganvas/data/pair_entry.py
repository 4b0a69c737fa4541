"""The entry of the cache for pairs of pictures."""

import hashlib
import json
from typing import TYPE_CHECKING

import numpy as np

from ..ingest import cache
from ..ingest.pair_cache import INPUT, pack_pairs
from ..ingest.pair_shapes import check_shapes
from ..ingest.read_pairs import PairReading
from .pair_checks import check_partners, check_usable
from .source import SPLITS, Items, Split

if TYPE_CHECKING:
    from .pairs import Halves, Pairs


def pair_items(source: "Pairs | Halves", split: Split) -> Items:
    """The pairs of a split, mapped from the cache. Raises DataError, ResourceError."""
    entry = entry_of(source)
    counts = [entry.facts["splits"][name] for name in SPLITS]
    first = sum(counts[: SPLITS.index(split)])
    rows = slice(first, first + entry.facts["splits"][split])
    x, given = (np.asarray(np.load(entry.folder / f"{name}.npy", mmap_mode="c")[rows]) for name in ("x", INPUT))
    return Items(
        x=x,
        given={INPUT: given},
        id=np.arange(rows.start, rows.stop),
        group=np.load(entry.folder / "group.npy")[rows],
        sha256=entry.facts["fingerprints"][split],
        units=source.reading().truth.options.units,
    )


def entry_of(source: "Pairs | Halves") -> cache.CacheEntry:
    """The entry of the cache for these pairs, decoded now if they are new or have changed.

    Args:
        source: of the pairs.

    Returns:
        The entry; its facts name what was left out.

    Raises:
        DataError: the pairs cannot be read, or too few are usable.
        ResourceError: there is no room for them.
    """
    reading = source.reading()
    check_partners(reading, source.broken, source.where)
    key = key_of(reading, source.group, source.seed)
    entry = cache.find(key)
    if entry is not None and not holds(entry, reading):
        cache.remove(entry.folder)  # damaged: it is made again
        entry = None
    if entry is None:
        check_shapes(reading)
        entry = cache.get_or_make(
            key, lambda folder: pack_pairs(folder, reading, source.group, source.seed, source.where)
        )
    check_usable(entry, source.broken, source.where)
    return entry


def key_of(reading: PairReading, group: str, seed: int) -> str:
    """SHA-256 over all that the decoded pairs, their order and splits depend on."""
    sides = [
        [side.listing.kind, str(side.listing.path.resolve()), side.listing.stamp, side.task, side.options]
        for side in (reading.input, reading.truth)
    ]
    return hashlib.sha256(json.dumps(["pairs", sides, group, seed]).encode()).hexdigest()[:32]


def holds(entry: cache.CacheEntry, reading: PairReading) -> bool:
    """Whether the arrays of an entry are those that its facts name."""
    facts, form = entry.facts, reading.truth.options
    if not {"splits", "fingerprints", "broken", "across", "components"} <= facts.keys():
        return False
    count = facts.get("pictures", -1)
    channels = {"x": form.channels, INPUT: reading.input.options.channels}
    try:
        arrays = {name: np.load(entry.folder / f"{name}.npy", mmap_mode="r") for name in (*channels, "group")}
    except (OSError, ValueError, EOFError):
        return False
    return (
        sum(facts["splits"].get(name, -1) for name in SPLITS) == count
        and arrays["group"].shape == (count,)
        and all(
            arrays[name].shape == (count, form.height, form.width, number) and arrays[name].dtype == form.dtype
            for name, number in channels.items()
        )
    )
