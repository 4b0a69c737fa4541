"""A person's own pictures, wherever they lie: decoded all at once, or in shards."""

from collections.abc import Mapping
from typing import Any

from ..ingest.joined_paths import Where as Where
from ..ingest.labels import class_sentences
from ..ingest.labels import located as located
from ..ingest.shard_list import are_shards
from . import pictures, shards
from .pictures import Pictures as Pictures
from .shards import Shards

Own = Pictures | Shards


def kind_of(path: Where) -> type[Pictures] | type[Shards]:
    """The source for what lies at a path."""
    return Shards if are_shards(path) else Pictures


def left_out(source: Own) -> Mapping[str, str]:
    """The pictures that are broken, as far as is known, with their causes; they are read now if they were not. Raises DataError, ResourceError."""
    entry = shards.entry_of(source) if isinstance(source, Shards) else pictures.entry_of(source)
    broken: Mapping[str, str] = entry.facts["broken"]
    return broken


def about_classes(source: Own) -> tuple[str, ...]:
    """Sentences about classes without a training picture, and with one or two. Raises DataError, ResourceError."""
    facts = (shards.entry_of(source) if isinstance(source, Shards) else pictures.entry_of(source)).facts
    return class_sentences(facts.get("untrained", {}), facts.get("rare", {}))


def counts(source: Own) -> tuple[int, int, int]:
    """How many pictures train, val and test have. Raises DataError, ResourceError."""
    train, val, test = (
        (shards.entry_of(source) if isinstance(source, Shards) else pictures.entry_of(source)).facts["splits"].values()
    )
    return train, val, test


def all_at_once(source: Own) -> Pictures:
    """The same pictures decoded into the cache, whether they lie in shards or not."""
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
    return Pictures(**same, encoding=source.encoding if isinstance(source, Pictures) else "utf-8")
