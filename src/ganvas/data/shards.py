"""Pictures in tars: an index is made once, val and test are decoded once, and training reads by seeking."""

import hashlib
from dataclasses import dataclass
from typing import Any, Literal, cast

import numpy as np

from ..base.types import Count, Share
from ..ingest.decode_options import DecodeOptions, decode_options_of
from ..ingest.shard_list import shards_of
from .lazy_images import Layout, LazyImages, ShardRows, allowed
from .shard_entry import CacheEntry, entry_of
from .source import Depth, Items, Split


@dataclass(frozen=True)
class Shards:
    """Pictures in .tar files in the WebDataset convention, each made `height` x `width`.

    Split by the SHA-256 of the pictures' files and the seed, 5 % for val and for test, at most 10,000 each.

    Args:
        path: a folder of .tar files, one of them, a pattern such as train-{000..099}.tar, a list, or several of these.
        height: of every picture, in pixels.
        width: of every picture, in pixels.
        channels: 1 for grey, 3 for colour, 4 for colour and alpha, with the background "keep".
        fit: "crop", "pad" or "stretch" pictures of another shape.
        background: the colour behind transparent pixels; "keep" keeps transparency, with 4 channels.
        labels: "" for none, "cls" for the class in the .cls or .json of each picture's name.
        broken: the share of pictures, 0 to 1, that may be left out.
        seed: of the split.
        depth: as in `Pictures`.
        low: as in `Pictures`.
        high: as in `Pictures`.
        window: shards that are shuffled together.
    """

    path: str | tuple[str, ...]
    height: Count
    width: Count
    channels: Literal[1, 3, 4] = 3
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
            return train_items(self, entry, options)
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


def train_items(source: Shards, entry: CacheEntry, options: DecodeOptions) -> Items:
    """The training pictures, which stay in their shards; their places are mapped from the cache."""
    facts, folder = entry.facts, entry.folder
    names = ("shard", "offset", "size", "items", "starts", "group", *(("y",) if facts["classes"] else ()))
    mapped = {name: np.asarray(np.load(folder / f"train-{name}.npy", mmap_mode="c")) for name in names}
    places = ShardRows(shards_of(source.path), mapped["shard"], mapped["offset"], mapped["size"], mapped.get("y"))
    layout = Layout(mapped["items"], mapped["starts"], source.window)
    total = facts["pictures"] + len(facts["broken"])
    x = LazyImages(places, options, layout, most=allowed(source.broken, total, len(facts["broken"])))
    known = f"{facts['fingerprints']['train']} window {source.window}"  # files and order
    sha256 = hashlib.sha256(known.encode()).hexdigest()
    return Items(
        x=cast(Any, x),
        y=mapped.get("y"),
        classes=tuple(facts["classes"]),
        group=mapped["group"],
        sha256=sha256,
        units=options.units,
    )
