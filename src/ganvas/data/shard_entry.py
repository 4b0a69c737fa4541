"""The entry of the cache for pictures in shards: val and test decoded, and the place of each training picture."""

from pathlib import Path
from typing import TYPE_CHECKING

from ..ingest import cache, shard_pack
from ..ingest.decode_options import decode_options_of
from ..ingest.joined_paths import as_paths, path_text
from ..ingest.shard_index import check_shard_labels
from ..ingest.shard_list import shards_of
from .picture_entry import check_broken

if TYPE_CHECKING:
    from .shards import Shards

CacheEntry = cache.CacheEntry


def entry_of(source: "Shards") -> cache.CacheEntry:
    """The cache's entry for these shards, made now if they have changed or are new. Its facts name what was left out.

    Raises DataError, ResourceError.
    """
    where = path_text(source.path)
    check_shard_labels(source.labels, where)
    options, shards = decode_options_of(source), shards_of(source.path)
    key = shard_pack.key_of(shards, options, source.seed, source.labels)
    entry = cache.find(key)
    if entry is None:
        gathered = shard_pack.gather(shards, labelled=bool(source.labels))
        check_broken(where, source.broken, gathered.broken, len(gathered.shard))
        path = ", ".join(str(Path(path).expanduser().absolute()) for path in as_paths(source.path))
        entry = cache.get_or_make(key, lambda folder: shard_pack.pack(folder, gathered, options, source.seed, path))
    check_broken(where, source.broken, entry.facts["broken"], entry.facts["pictures"])
    return entry
