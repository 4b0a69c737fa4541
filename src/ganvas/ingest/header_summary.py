"""Counts of the properties in the headers of a person's pictures."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from . import decode_pool, shard_index
from .assign_labels import assign_labels
from .decode import Header
from .joined_paths import by_root
from .listing import SHARDS, Listing
from .shard_list import Shard

GREY = ("1", "L", "LA", "La", "I", "I;16", "I;16B", "I;16L", "F", "MONOCHROME1")


@dataclass(frozen=True)
class HeaderSummary:
    """Counts over the pictures that can be opened; `sizes` by (width, height); `broken` by name, with the cause."""

    path: str
    kind: str  # folder, zip, list, npz, shards
    pictures: int
    sizes: Mapping[tuple[int, int], int]
    formats: Mapping[str, int]
    modes: Mapping[str, int]
    transparent: int
    grey: int
    folders: Mapping[str, int]  # class folders and their pictures, "" for those in none
    splits: Mapping[str, int]  # pictures by the split that their folder names
    broken: Mapping[str, str]
    others: Mapping[str, int] = field(default_factory=dict)  # files that are not taken for pictures, by ending
    shards: int = 0
    labelled: int = 0  # pictures in shards with a class of their own
    tables: tuple[str, ...] = ()  # files that may hold the classes
    joined: Mapping[str, int] = field(default_factory=dict)  # pictures by folder, where several are joined
    depths: Mapping[str, int] = field(default_factory=dict)  # pictures by the type of their values
    partly: int = 0  # pictures with 16 bits a channel, of which the upper 8 are read
    profiles: Mapping[str, int] = field(default_factory=dict)  # pictures with a colour profile, by what becomes of it

    @property
    def deep(self) -> bool:
        """Whether any picture has more than 8 bits."""
        return any(depth != "uint8" for depth in self.depths)

    @property
    def doubtful(self) -> bool:
        """Whether a picture may be called broken through a fault of the machine."""
        return any(map(decode_pool.doubtful, self.broken.values()))


def summarise_shards(path: str, shards: tuple[Shard, ...]) -> HeaderSummary:
    """From the indexes, which are made now where they are missing."""
    tally, others = Counter[str](), Counter[str]()
    broken, labelled = dict[str, str](), 0
    for entry in shard_index.indexed(shards):
        tally.update(entry.facts["headers"])
        others.update(entry.facts["others"])
        broken |= entry.facts["broken"]
        labelled += entry.facts["labelled"]
    tallied = [(Header.read(text.encode()), count) for text, count in tally.items()]
    return HeaderSummary(
        path=path,
        kind=SHARDS,
        pictures=tally.total(),
        sizes=summed(((header.width, header.height), count) for header, count in tallied),
        formats=summed((header.format, count) for header, count in tallied),
        modes=summed((header.mode, count) for header, count in tallied),
        transparent=sum(count for header, count in tallied if header.transparent),
        grey=sum(count for header, count in tallied if header.mode in GREY),
        folders={},
        splits={},
        broken=broken,
        others=dict(others),
        shards=len(shards),
        labelled=labelled,
        depths=summed((header.depth, count) for header, count in tallied),
        partly=sum(count for header, count in tallied if header.partly),
        profiles=summed((header.profile, count) for header, count in tallied if header.profile),
    )


def summed(pairs: Iterable[tuple[Any, int]]) -> Counter[Any]:
    """Counts of one key together."""
    total = Counter[Any]()
    for key, count in pairs:
        total[key] += count
    return total


def summarise(path: str, found: Listing, headers: Sequence[Header], broken: Mapping[str, str]) -> HeaderSummary:
    """The counts over these headers, one for each picture that is not broken."""
    splits, folders, _ = assign_labels(found, "")
    return HeaderSummary(
        path=path,
        kind=found.kind,
        pictures=len(headers),
        sizes=Counter((header.width, header.height) for header in headers),
        formats=Counter(header.format for header in headers),
        modes=Counter(header.mode for header in headers),
        transparent=sum(header.transparent for header in headers),
        grey=sum(header.mode in GREY for header in headers),
        folders=Counter(folders),
        splits=Counter(name for name in splits if name),
        broken=dict(broken),
        others=dict(found.others),
        depths=Counter(header.depth for header in headers),
        partly=sum(header.partly for header in headers),
        profiles=Counter(header.profile for header in headers if header.profile),
        tables=found.tables,
        joined=by_root(found),
    )
