"""Pictures in tars, more than a disk may hold: an index is made once, val and test are decoded once, training reads by seeking."""

import hashlib
from dataclasses import dataclass
from typing import Any, Literal, cast

import numpy as np

from ..base.types import Count, Share
from ..ingest.decode_options import DecodeOptions, decode_options_of
from ..ingest.shard_list import shards_of
from .lazy_images import Layout, LazyImages, Places, allowed
from .shard_entry import Entry, entry_of
from .source import Depth, Items, Split


@dataclass(frozen=True)
class Shards:
    """Pictures in .tar files in the WebDataset convention: `path` is a folder of them, one of them, a pattern such as train-{000..099}.tar, or a list.

    Each is made `height` x `width`. `labels`: "" for none, "cls" for the class that stands beside each picture in .cls or .json. Split by the SHA-256 of the
    pictures' files and the seed, 5 % for val and for test, at most 10,000 each. `window` shards are shuffled together.
    `depth`, `low`, `high` as `Pictures` has them. Raises DataError.

    Args:
        path: a folder, a .tar, a pattern, or a list of .tar files.
        height, width: pixels of each picture.
        channels: 1 for grey, 3 for colour.
        fit: how another shape is brought to this one.
        background: colour behind transparent pixels and around padded ones.
        labels: "cls", or empty for none.
        broken: largest share of pictures that may be unreadable, in [0, 1).
        seed: another split for another number.
        depth: type of the values; uint8 for pictures of 8 bits.
        low, high: values that become -1 and 1, where the depth is not uint8.
        window: shards that are shuffled together.
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
    depth: Depth = "uint8"
    low: float = 0.0
    high: float = 0.0
    window: Count = 8

    def items(self, split: Split) -> Items:
        options, entry = decode_options_of(self), entry_of(self)
        if split == "train":
            return train(self, entry, options)
        facts, folder = entry.facts, entry.folder
        first = facts["splits"]["val"] if split == "test" else 0
        rows = slice(first, first + facts["splits"][split])
        return Items(
            x=np.asarray(np.load(folder / "x.npy", mmap_mode="c")[rows]),
            y=np.load(folder / "y.npy")[rows] if facts["classes"] else None,
            classes=tuple(facts["classes"]),
            id=np.arange(rows.start, rows.stop) + facts["splits"]["train"],
            group=np.load(folder / "group.npy")[rows],
            sha256=facts["fingerprints"][split],
            units=options.units,
        )


def train(source: Shards, entry: Entry, options: DecodeOptions) -> Items:
    """The training pictures, which stay where they are; what is known of each is mapped from the cache."""
    facts, folder = entry.facts, entry.folder
    names = ("shard", "offset", "size", "items", "starts", "group", *(("y",) if facts["classes"] else ()))
    mapped = {name: np.asarray(np.load(folder / f"train-{name}.npy", mmap_mode="c")) for name in names}
    places = Places(shards_of(source.path), mapped["shard"], mapped["offset"], mapped["size"], mapped.get("y"))
    layout = Layout(mapped["items"], mapped["starts"], source.window)
    total = facts["pictures"] + len(facts["broken"])
    x = LazyImages(places, options, layout, most=allowed(source.broken, total, len(facts["broken"])))
    known = f"{facts['fingerprints']['train']} window {source.window}"  # the files in their shards, and with the window their order
    sha256 = hashlib.sha256(known.encode()).hexdigest()
    return Items(
        x=cast(Any, x),
        y=mapped.get("y"),
        classes=tuple(facts["classes"]),
        group=mapped["group"],
        sha256=sha256,
        units=options.units,
    )
