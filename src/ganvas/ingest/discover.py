"""What lies at a path, single pictures or shards of them, as one listing; and what their names, or files beside them, say of split and class."""

import hashlib
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..base.errors import DataError
from . import joined_paths, shard_index
from .joined_paths import Where as Where
from .joined_paths import arranged_parts
from .labels import label
from .listing import Listing as Listing
from .listing import Place, check_any
from .shard_list import are_shards, shards_of

SHARDS = "shards"  # a kind of listing
LABELS = ("", "cls")  # of shards


class Known(NamedTuple):
    """For each picture the split and the class folder that its place names, and its label; empty texts for none."""

    splits: tuple[str, ...]
    folders: tuple[str, ...]
    labels: tuple[str, ...]


def found(path: Where, encoding: str = "utf-8") -> Listing:
    """Every picture and where the decoder finds it. Shards are indexed for it, where they are not yet. `encoding`: of a list. Raises DataError."""
    if not are_shards(path):
        return joined_paths.listed(path, encoding)
    shards, others = shards_of(path), Counter[str]()
    names: list[str] = []
    places: list[Place] = []
    for shard, entry in zip(shards, shard_index.indexed(shards), strict=True):
        offsets, sizes = (np.load(entry.folder / f"{name}.npy").tolist() for name in ("offset", "size"))
        names += shard_index.words(entry)[0]
        places += zip([shard.path] * len(offsets), offsets, sizes, strict=True)
        others.update(entry.facts["others"])
    return Listing(
        SHARDS,
        Path(joined_paths.several(path)[0]),
        tuple(names),
        tuple(places),
        hashlib.sha256(repr(shards).encode()).hexdigest(),
        others,
    )


def known(of: Listing, labels: str, encoding: str = "utf-8") -> Known:
    """`encoding`: of the table of labels. Raises DataError where a label is missing."""
    nothing = ("",) * len(of.names)
    if of.kind != SHARDS:
        if of.kind != "npz":  # whose pictures have no names
            check_any(of)
        splits, folders = arranged_parts(of)
        return Known(splits, folders, label(of.names, folders, labels, encoding, beside=str(of.path)) or nothing)
    check_labels(labels, str(of.path))
    if not labels:
        return Known(nothing, nothing, nothing)
    shards = tuple(dict.fromkeys(place[0] for place in of.places if isinstance(place, tuple)))
    texts = [text for entry in shard_index.indexed(shards_of(shards)) for text in shard_index.words(entry)[1]]
    without = [name for name, text in zip(of.names, texts, strict=True) if not text]
    if without:
        raise DataError(
            f"{len(without):,} of {len(texts):,} pictures have no label, such as {without[0]}",
            where=str(of.path),
            hint=MEND,
        )
    return Known(nothing, nothing, tuple(texts))


MEND = "Each picture needs a .cls or a .json of its name."


def check_labels(labels: str, where: str) -> None:
    """Refuse what labels in shards are not. Raises DataError."""
    if labels not in LABELS:
        hint = 'Shards have "cls": the class that stands beside each picture in .cls or .json.'
        raise DataError(f"no labels '{labels}' in shards", where=where, hint=hint)
