"""A person's own pictures: a folder, a zip, a list of files or an .npz, decoded once into the cache."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..base.types import Count, Share
from ..ingest.decode_options import decode_options_of
from .picture_entry import entry_of
from .source import SPLITS, Depth, Items, Split


@dataclass(frozen=True)
class Pictures:
    """Pictures of any size and format at `path`, each made `height` x `width`; broken ones are left out, up to a share of `broken`.

    `path`: one path, several of folders and pictures, or a pattern such as photos/*.jpg. `encoding`: of a list and of a table of labels.
    `labels`: "" for none, "folders", a table of file,label (metadata.csv:COLUMN, dataset.json too), or "y" in an .npz. A class without a training picture
    is left out with its pictures. Folders named train, val and test are honoured; otherwise the split is by the SHA-256 of the pixels and the seed, about
    90/5/5. `depth`, `low` and `high`: pictures of more than 8 bits keep their units, and values outside of low..high are clipped; with the depth uint8 they
    become bytes, from low..high where that is given. Raises DataError.

    Args:
        path: a path, several, or a pattern.
        height, width: pixels of each picture.
        channels: 1 for grey, 3 for colour.
        fit: how another shape is brought to this one.
        background: colour behind transparent pixels and around padded ones.
        labels: where classes come from; empty for none.
        broken: largest share of pictures that may be unreadable, in [0, 1).
        seed: another split for another number.
        encoding: of a list and of a table of labels.
        depth: type of the values; uint8 for pictures of 8 bits.
        low, high: values that become -1 and 1, where the depth is not uint8.
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
