"""Reading what people bring: discovery, decoding in worker processes, labels, shards, tables, the cache."""
