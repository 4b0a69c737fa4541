"""From a recipe's sources to streams: items are encoded once, or as they are read."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from ..data.lazy_images import LazyImages
from ..data.source import Items, Split
from ..data.stream import GivenRows, Store, Stored, Stream
from ..data.streaming_store import StreamingStore
from ..domains.contract import Domain, HasGivenDomain, HasStore
from .schema import Recipe


def live_stream(recipe: Recipe, domain: Domain, items: Items, name: str, *, training: bool) -> Stream:
    """A stream of these items, with a store that no other stream shares."""
    return streamed(recipe, domain, live_store(domain, items), name, training=training)


def live_store(domain: Domain, items: Items) -> Stored:
    """Items encoded once, and held in memory or where the source keeps them; or encoded as they are read."""
    x: Any = items.x
    if isinstance(x, LazyImages):
        return StreamingStore(items, x, domain.encode)
    if isinstance(domain, HasStore):
        return domain.store(items)
    return Store(domain.encode(items), items.y, {name: given_rows(domain, items, name) for name in items.given})


def given_rows(domain: Domain, items: Items, name: str) -> GivenRows:
    """A given array of the items as it is stored: encoded as x where it is like x, else float32 or int64."""
    values = items.given[name]
    if items.is_like_x(name):
        of_given = domain.domain_of_given() if isinstance(domain, HasGivenDomain) else domain
        encoded = of_given.encode(replace(items, x=values, given={}))
        return GivenRows(torch.from_numpy(np.require(encoded, requirements=["C", "W"])), of_given.to_tensor)
    return GivenRows(torch.from_numpy(values.astype(np.float32 if values.dtype.kind == "f" else np.int64)))


def further_streams(recipe: Recipe, domain: Domain, split: Split, *, training: bool) -> dict[str, Stream]:
    """The recipe's further streams, of one split; augmented only in training."""
    return {
        name: live_stream(recipe, domain, source.items(split), name, training=training)
        for name, source in recipe.streams.items()
    }


def streamed(
    recipe: Recipe,
    domain: Domain,
    store: Stored,
    name: str,
    *,
    training: bool,
    others: Mapping[str, Stream] | None = None,
) -> Stream:
    """A stream of what is stored, which several streams may share."""
    transforms = tuple(transform for transform in recipe.transforms if training or not transform.training_only)
    return Stream(store, domain, transforms, seed=recipe.seed, name=name, others=others)
