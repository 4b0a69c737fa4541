"""The split, the class folder and the label of each picture of a listing."""

from typing import NamedTuple

from . import shard_index
from .joined_paths import splits_and_classes_of
from .labels import match_labels
from .listing import SHARDS, Listing
from .listing_messages import check_pictures


class Assigned(NamedTuple):
    """One text for each picture of a listing, in its order; "" for none."""

    splits: tuple[str, ...]
    folders: tuple[str, ...]
    labels: tuple[str, ...]


def assign_labels(listing: Listing, labels: str, encoding: str = "utf-8") -> Assigned:
    """The split and class folder that the place of each picture names, and its label.

    Args:
        listing: of the pictures.
        labels: "" for none, "folders", a table's path, or "cls" of shards.
        encoding: of the table.

    Raises:
        DataError: a label is missing.
    """
    if listing.kind == SHARDS:
        shard_index.check_shard_labels(labels, str(listing.path))
    nothing = ("",) * len(listing.names)
    if listing.kind != SHARDS:
        if listing.kind != "npz":  # whose pictures have no names
            check_pictures(listing)
        splits, folders = splits_and_classes_of(listing)
        texts = match_labels(listing.names, folders, labels, encoding, base_path=str(listing.path))
        return Assigned(splits, folders, texts or nothing)
    return Assigned(nothing, nothing, shard_index.labels_of(listing, labels) if labels else nothing)
