"""The entry of the cache for pictures that are decoded all at once."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.errors import DataError
from ..ingest import build_cache, cache, grouped_splits, splits
from ..ingest.cache_checks import causes, check_enough
from ..ingest.decode_options import decode_options_of
from ..ingest.read_pictures import PictureReading, in_order
from ..ingest.survey import survey

if TYPE_CHECKING:
    from .pictures import Pictures

OVERRIDE = ", or allow more with source.broken={enough:g}"


def entry_of(source: "Pictures", *, scored: bool = False) -> cache.CacheEntry:
    """The entry of the cache for these pictures, decoded now if they are new or have changed.

    Args:
        source: of the pictures.
        scored: they are only scored, so that a few, or many of one picture, are enough.

    Returns:
        The entry; its facts name what was left out.

    Raises:
        DataError: the pictures cannot be read, or too few are usable.
        ResourceError: there is no room for them.
    """
    found = survey(source.path, source.encoding)
    reading = PictureReading(found.listing, decode_options_of(source), source.labels, source.encoding, source.group)
    key = reading.key(source.seed)
    entry = cache.find(key)
    if entry is not None and not holds(entry, (source.height, source.width, source.channels), reading.options.dtype):
        cache.remove(entry.folder)  # damaged: it is made again
        entry = None
    if entry is None:
        entry = decode_entry(reading, key, source.seed)
    broken, usable = entry.facts["broken"], entry.facts["pictures"]
    if not scored:
        check_enough(usable, entry.facts["different"], broken, found.where)
        grouped_splits.check_held_out(entry.facts, found.where)
    check_broken(found.where, source.broken, broken, usable, more="" if scored else OVERRIDE)
    return entry


def holds(entry: cache.CacheEntry, shape: tuple[int, int, int], dtype: "np.dtype[Any]") -> bool:
    """Whether the arrays of an entry are those that its facts name, of pictures of this shape [H, W, C] and type."""
    facts = entry.facts
    count, classes = facts.get("pictures", 0), len(facts.get("classes", ()))
    named = {"splits", "fingerprints"} <= facts.keys() and all(
        set(facts[name]) == set(splits.SPLITS) for name in ("splits", "fingerprints")
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
        and x.dtype == dtype
        and all(((each >= 0) & (each < classes)).all() for each in y)
    )


def decode_entry(reading: PictureReading, key: str, seed: int) -> cache.CacheEntry:
    """Decode into the cache; labels are matched first."""
    total, rows = reading.rows()
    path = str(reading.found.path.resolve())
    return cache.get_or_make(
        key, lambda folder: build_cache.pack(folder, rows, total, reading.options, in_order, seed, path)
    )


def check_broken(path: str, share: float, broken: Mapping[str, str], usable: int, *, more: str = OVERRIDE) -> None:
    """Above the budget nothing goes on. `more`: how to raise it. Raises DataError."""
    total = len(broken) + usable
    allowed = math.ceil(share * total)
    if len(broken) > allowed:
        enough = min(0.99, math.ceil(100 * len(broken) / total) / 100)
        raise DataError(
            f"{len(broken):,} of {total:,} pictures are broken: {causes(broken)}",
            where=path,
            hint=f"At most {allowed:,} may be, {share:.3g} of all rounded up. "
            f"`ganvas data check --json` names them all; remove them{more.format(enough=enough)}.",
        )
