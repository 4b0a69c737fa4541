"""What a person's pictures are like, from their headers alone."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..base.progress import report_progress
from . import joined_paths, npz, shard_index, shard_list
from .decode import Header
from .decode_pool import answers
from .discover import SHARDS, known
from .listing import Listing

GREY = ("1", "L", "LA", "La", "I", "I;16", "I;16B", "I;16L", "F")


@dataclass(frozen=True)
class Survey:
    """Counts over the pictures that can be opened; `sizes` by (width, height); `broken` by name, with the cause."""

    path: str
    kind: str  # folder, zip, list, npz, shards
    pictures: int
    sizes: Mapping[tuple[int, int], int]
    formats: Mapping[str, int]
    modes: Mapping[str, int]
    transparent: int
    grey: int
    folders: Mapping[str, int]  # class folders and their pictures, "" for those that lie in none
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


def survey(path: joined_paths.Where, encoding: str = "utf-8") -> Survey:
    """Open every file, decode none. `encoding`: of a list. Raises DataError."""
    if shard_list.are_shards(path):
        return of_shards(path)
    found, path = joined_paths.listed(path, encoding), joined_paths.shown(path)
    if found.kind == "npz":
        facts = npz.shape_of(found.path)
        mode = npz.MODES[facts.channels]
        kinds = {mode: facts.pictures}
        transparent = facts.pictures if "A" in mode else 0
        grey = facts.pictures if mode in GREY else 0
        return Survey(
            path,
            "npz",
            facts.pictures,
            {(facts.width, facts.height): facts.pictures},
            {"NPZ": facts.pictures},
            kinds,
            transparent,
            grey,
            {},
            {},
            {},
            depths={facts.depth: facts.pictures},
        )
    headers: list[Header] = []
    broken: dict[str, str] = {}
    for number, (name, answer) in enumerate(
        zip(found.names, answers("look", found.places, archive=found.archive), strict=True), start=1
    ):
        if answer.cause:
            broken[name] = answer.cause
        else:
            headers.append(Header.read(answer.payload))
        report_progress("looking at pictures", number, len(found.names))
    return counted(path, found, headers, broken)


def of_shards(path: joined_paths.Where) -> Survey:
    """From the indexes, which are made now where they are missing."""
    shards, tally, others = shard_list.shards_of(path), Counter[str](), Counter[str]()
    broken, labelled = dict[str, str](), 0
    for entry in shard_index.indexed(shards):
        tally.update(entry.facts["headers"])
        others.update(entry.facts["others"])
        broken |= entry.facts["broken"]
        labelled += entry.facts["labelled"]
    seen = [(Header.read(text.encode()), count) for text, count in tally.items()]
    return Survey(
        path=joined_paths.shown(path),
        kind=SHARDS,
        pictures=tally.total(),
        sizes=summed(((header.width, header.height), count) for header, count in seen),
        formats=summed((header.format, count) for header, count in seen),
        modes=summed((header.mode, count) for header, count in seen),
        transparent=sum(count for header, count in seen if header.transparent),
        grey=sum(count for header, count in seen if header.mode in GREY),
        folders={},
        splits={},
        broken=broken,
        others=dict(others),
        shards=len(shards),
        labelled=labelled,
        depths=summed((header.depth, count) for header, count in seen),
        partly=sum(count for header, count in seen if header.partly),
        profiles=summed((header.profile, count) for header, count in seen if header.profile),
    )


def summed(pairs: Iterable[tuple[Any, int]]) -> Counter[Any]:
    """Counts of one key together."""
    total = Counter[Any]()
    for key, count in pairs:
        total[key] += count
    return total


def counted(path: str, found: Listing, headers: Sequence[Header], broken: Mapping[str, str]) -> Survey:
    """The counts over these headers, one for each picture that is not broken."""
    splits, folders, _ = known(found, "")
    return Survey(
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
        joined=joined_paths.by_root(found),
    )
