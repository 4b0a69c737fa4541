"""A person's own pictures: decoded all at once, or read from shards."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from ..ingest import cache_checks, grouped_splits
from ..ingest.joined_paths import DataPath as DataPath
from ..ingest.shard_list import are_shards
from . import picture_entry, shard_entry
from .pictures import Pictures as Pictures
from .shards import Shards as Shards

Own = Pictures | Shards


def kind_of(path: DataPath) -> type[Pictures] | type[Shards]:
    """The class of source for a path; only names are read."""
    return Shards if are_shards(path) else Pictures


class Decoded(NamedTuple):
    """What is known of a source's pictures once they are in the cache.

    splits: numbers of pictures of train, val and test. broken: those that were left out, with the causes.
    """

    splits: tuple[int, int, int]
    classes: tuple[str, ...]
    broken: Mapping[str, str]
    messages: tuple[str, ...]  # about pictures that were left out, and classes with few or no training pictures


def decode(source: Own) -> Decoded:
    """Decode the pictures of a source into the cache, unless they are there. Raises DataError, ResourceError."""
    facts = (shard_entry.entry_of(source) if isinstance(source, Shards) else picture_entry.entry_of(source)).facts
    train, val, test = facts["splits"].values()
    broken: Mapping[str, str] = facts["broken"]
    left_out: tuple[str, ...] = ()
    if broken:
        total = len(broken) + int(facts["pictures"])
        are = f"{len(broken):,} of {total:,} pictures {'is' if len(broken) == 1 else 'are'} broken and left out"
        left_out = (f"{are} (source.broken): {cache_checks.causes(broken)}",)
    messages = cache_checks.class_messages(facts.get("untrained", {}), facts.get("rare", {}))
    messages = (*grouped_splits.group_message(facts), *left_out, *messages)
    return Decoded((train, val, test), tuple(facts["classes"]), broken, messages)


def all_at_once(source: Own) -> Pictures:
    """The same pictures decoded all at once into the cache, from shards too."""
    names = (
        "path",
        "height",
        "width",
        "channels",
        "fit",
        "background",
        "labels",
        "broken",
        "seed",
        "depth",
        "low",
        "high",
    )
    same: dict[str, Any] = {name: getattr(source, name) for name in names}
    own = {name: getattr(source, name) for name in ("encoding", "group")} if isinstance(source, Pictures) else {}
    return Pictures(**same, **own)
