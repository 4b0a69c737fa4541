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
    """Pictures of any size and format, each made `height` x `width`; those that cannot be decoded are left out.

    Folders named train, val and test are the splits; otherwise the split is by the SHA-256 of the pixels and the
    seed, about 90/5/5. A class without a training picture is left out with its pictures.

    Args:
        path: one path, several of folders and pictures, or a pattern such as photos/*.jpg.
        height: of every picture, in pixels.
        width: of every picture, in pixels.
        channels: 1 for grey, 3 for colour, 4 for colour and alpha, with the background "keep".
        fit: "crop", "pad" or "stretch" pictures of another shape.
        background: the colour behind transparent pixels; "keep" keeps transparency, with 4 channels.
        labels: "" for none, "folders", a table of file,label (metadata.csv:COLUMN, dataset.json), or "y" in an .npz.
        broken: the share of pictures, 0 to 1, that may be left out.
        seed: of the split.
        encoding: of a list and of a table of labels.
        depth: the type of the values. With uint8, pictures of more than 8 bits become bytes.
        low: the value that becomes -1 (black); values below are clipped. With the depth uint8: 0 and 0 for the whole
            type.
        high: the value that becomes 1 (white); values above are clipped.
        group: a regular expression that is searched in names: pictures of which it (or its first parentheses) matches
            the same text are in one split. "": medical pictures of one patient are in one split, others by themselves.
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
    encoding: str = "utf-8"
    depth: Depth = "uint8"
    low: float = 0.0
    high: float = 0.0
    group: str = ""

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
