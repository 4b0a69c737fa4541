"""What is at a path of pictures: listed, and its headers and values read, once for all that ask."""

import os
from collections import OrderedDict
from dataclasses import dataclass, replace
from functools import cached_property

from .joined_paths import DataPath, as_paths, expanded, list_paths, path_text
from .listing import Listing
from .scan import HeaderSummary as HeaderSummary
from .scan import read_headers, summarise_shards
from .shard_index import list_shards
from .shard_list import Shard, are_shards, shards_of
from .value_ranges import ValueSample, sample_values

REMEMBERED = 4  # surveys of this process
MOST_NAMES = 1_000_000  # pictures of a survey that is remembered: their names take some 300 bytes each


@dataclass(frozen=True, eq=False)
class Survey:
    """What is at a path of pictures. Each part is read when it is first used, and once.

    Args:
        path: one path or several.
        encoding: of a text file that lists pictures.
        shards: the .tar files, where the path means shards.
    """

    path: DataPath
    encoding: str = "utf-8"
    shards: tuple[Shard, ...] = ()

    @property
    def where(self) -> str:
        """The path or paths, for messages."""
        return path_text(self.path)

    @cached_property
    def listing(self) -> Listing:
        """The names and places of all pictures; shards are indexed for it. Raises DataError, ResourceError."""
        return list_shards(as_paths(self.path)[0], self.shards) if self.shards else list_paths(self.path, self.encoding)

    @cached_property
    def headers(self) -> HeaderSummary:
        """The summary of all pictures' headers; no picture is decoded. Raises DataError, ResourceError."""
        return summarise_shards(self.where, self.shards) if self.shards else read_headers(self.where, self.listing)

    @cached_property
    def values(self) -> ValueSample:
        """Values of the pictures of more than 8 bits. Raises DataError where none can be decoded."""
        return sample_values(self.listing, self.where)

    @property
    def unchanged(self) -> bool:
        """Whether another survey of the path would find the same. Raises DataError."""
        if "headers" in vars(self) and self.headers.doubtful:
            return False
        if self.shards:
            return are_shards(self.path) and shards_of(self.path) == self.shards
        listing = self.listing if "listing" in vars(self) else None
        if listing is None or listing.state is None or len(listing.names) > MOST_NAMES:
            return False
        same = all(tuple(expanded(each)) == found for each, found in listing.patterns.items())
        return same and listing.state.holds(listing.places)


RECENT = OrderedDict[tuple[tuple[str, ...], str], Survey]()


def survey(path: DataPath, encoding: str = "utf-8") -> Survey:
    """The survey of a path: that of before where the files have the same names, sizes and times, else a new one.

    Args:
        path: a folder, zip, list, .npz, pattern or shards; a tuple of several folders and pictures.
        encoding: of a text file that lists pictures.

    Raises:
        DataError: shards are missing.
    """
    key = (tuple(map(absolute, as_paths(path))), encoding)
    known = RECENT.pop(key, None)
    if known is None or not known.unchanged:
        found = Survey(path, encoding, shards_of(path) if are_shards(path) else ())
    else:
        found = known if known.path == path else shared(known, path)
    RECENT[key] = found
    while len(RECENT) > REMEMBERED:
        RECENT.popitem(last=False)
    return found


def absolute(path: str) -> str:
    """The path from the root of the file system; as it is where the working folder has been removed."""
    try:
        return os.path.abspath(os.path.expanduser(path))
    except OSError:
        return path


def shared(known: Survey, path: DataPath) -> Survey:
    """The same survey under the same path spelt otherwise, with all that has been read."""
    found = replace(known, path=path)
    vars(found).update({name: part for name, part in vars(known).items() if name in ("listing", "headers", "values")})
    return found
