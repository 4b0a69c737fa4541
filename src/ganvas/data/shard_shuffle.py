"""A shuffled order that reads few files at a time: shards are shuffled, then the items of neighbouring shards."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from ..base.draws import permutation
from .stream import Index as Index

CACHED = 4  # windows and passes whose order is cached


class Layout(NamedTuple):
    """The items of each shard: the items of shard s are `items[starts[s] : starts[s + 1]]`."""

    items: Index
    starts: Index
    window: int  # shards that are shuffled together

    def of(self, shard: int) -> Index:
        """The items of one shard."""
        return self.items[self.starts[shard] : self.starts[shard + 1]]


class Windows:
    """Each pass has every item once: a pure function of (seed, pass, position), like Sampler.

    Memory: the shards of a pass and a few windows.
    """

    def __init__(self, layout: Layout, *, seed: int, name: str) -> None:
        self.layout, self.seed, self.name, self.n = layout, seed, name, len(layout.items)
        self._shards = lru_cache(maxsize=CACHED)(self._shuffled)
        self._window = lru_cache(maxsize=CACHED)(self._mixed)

    def at(self, position: int, count: int) -> tuple[Index, Index]:
        """Item numbers and pass numbers of `count` places from `position` on."""
        index, passes = np.empty(count, np.int64), np.empty(count, np.int64)
        done = 0
        while done < count:
            number, place = divmod(position + done, self.n)
            _, ends = self._shards(number)
            window = int(np.searchsorted(ends, place, side="right"))
            start = int(ends[window - 1]) if window else 0
            some = min(count - done, int(ends[window]) - place)
            index[done : done + some] = self._window(number, window)[place - start : place - start + some]
            passes[done : done + some] = number
            done += some
        return index, passes

    def _shuffled(self, number: int) -> tuple[Index, Index]:
        """The shards of a pass in their order, and where each window of them ends."""
        order = permutation((self.seed, "order", self.name, number), len(self.layout.starts) - 1)
        sizes = np.diff(self.layout.starts)[order]
        return order, np.add.reduceat(sizes, np.arange(0, len(sizes), self.layout.window)).cumsum()

    def _mixed(self, number: int, window: int) -> Index:
        """The items of a window in their order."""
        order, _ = self._shards(number)
        shards = order[window * self.layout.window : (window + 1) * self.layout.window]
        items = np.concatenate([self.layout.of(int(shard)) for shard in shards])
        return items[permutation((self.seed, "order", self.name, number, window), len(items))]
