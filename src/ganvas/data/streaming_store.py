"""A store whose rows are read and encoded a batch at a time."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from . import lazy_images
from .shard_shuffle import Index, Windows
from .source import Items
from .stream import GivenRows


class StreamingStore:
    """A store that reads and encodes rows when they are requested: x [b, ...] as Store gives them."""

    def __init__(
        self, items: Items, x: lazy_images.LazyImages, encode: Callable[[Items], np.ndarray[Any, Any]]
    ) -> None:
        self.unread, self.encode, self.ahead = x, encode, lazy_images.AHEAD
        self.given: Mapping[str, GivenRows] = {}
        self.y = None if items.y is None else torch.from_numpy(items.y.astype(np.int64, copy=False))

    def order(self, *, seed: int, name: str) -> Windows:
        """Few shards at a time."""
        return Windows(self.unread.layout, seed=seed, name=name)

    def expect(self, index: Index) -> None:
        """These rows come soon."""
        self.unread.expect(index)

    def rows(self, index: Tensor) -> Tensor:
        """These rows."""
        return torch.from_numpy(self.encode(Items(x=self.unread.take(index.numpy()))))

    def __len__(self) -> int:
        return len(self.unread)
