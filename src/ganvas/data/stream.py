"""From stored items to batches: what comes next is a pure function of (seed, pass, position)."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor

from ..base.draws import BELOW_ONE, permutation, uniform_rows
from ..base.types import Batch, Transform

Index = np.ndarray[Any, np.dtype[np.int64]]
TABLE = 1_000_000  # samples up to which a pass's random numbers are drawn together


class ToTensor(Protocol):
    """The part of a domain that a stream needs: stored numbers to what networks receive."""

    def to_tensor(self, stored: Tensor) -> Tensor: ...


class Order(Protocol):
    """The item at each position: a pure function of (seed, pass, position), every item once in each pass."""

    def at(self, position: int, count: int) -> tuple[Index, Index]: ...


class Stored(Protocol):
    """Items with access to their rows, and with the order in which reading them is fastest."""

    ahead: int  # batches whose numbers `expect` gets before `rows` reads them
    y: Tensor | None
    given: Mapping[str, "GivenRows"]

    def order(self, *, seed: int, name: str) -> Order: ...
    def expect(self, index: Index) -> None: ...
    def rows(self, index: Tensor) -> Tensor: ...
    def __len__(self) -> int: ...


class Rows(Protocol):
    """Rows [B, ...] by their numbers [B]: a tensor, or what makes them on demand."""

    def __getitem__(self, index: Tensor, /) -> Tensor: ...


class GivenRows(NamedTuple):
    """A further array of the items as stored, [N, ...], and what makes of its rows what networks receive."""

    values: Rows
    to_tensor: Callable[[Tensor], Tensor] | None = None  # None: as they are


class Store:
    """Encoded items, in memory or mapped from a file; rows are gathered, never read again.

    x [N, ...] is as stored (uint8, uint16, int16, float32), y is [N].

    x may be a view of pictures [N, H, W, C] as [N, C, H, W]; it is not copied then, and its rows come channels last in
    memory.
    """

    def __init__(
        self,
        x: np.ndarray[Any, Any],
        y: np.ndarray[Any, Any] | None,
        given: Mapping[str, GivenRows] | None = None,
    ) -> None:
        self.given = given or {}
        self.last = x.ndim == 4 and not x.flags.c_contiguous and x.transpose(0, 2, 3, 1).flags.c_contiguous
        whole = x.transpose(0, 2, 3, 1) if self.last else x
        self.whole = torch.from_numpy(np.require(whole, requirements=["C", "W"]))
        self.y = None if y is None else torch.from_numpy(y.astype(np.int64))
        self.ahead = 0

    @property
    def x(self) -> Tensor:
        """All rows, without a copy."""
        return self.whole.permute(0, 3, 1, 2) if self.last else self.whole

    def order(self, *, seed: int, name: str) -> "Sampler":
        """All items shuffled: each is as near as any other."""
        return Sampler(len(self), seed=seed, name=name)

    def expect(self, index: Index) -> None:
        """Nothing to do: all rows are in memory or mapped."""

    def rows(self, index: Tensor) -> Tensor:
        """These rows. index_select copies whole rows; indexing by a tensor is several times slower on bytes."""
        rows = self.whole.index_select(0, index)
        return rows.permute(0, 3, 1, 2) if self.last else rows

    def __len__(self) -> int:
        return len(self.whole)


class Sampler:
    """Each pass is a fresh shuffle of all n items; a batch may reach from one pass into the next."""

    def __init__(self, n: int, *, seed: int, name: str) -> None:
        self.n, self.seed, self.name = n, seed, name
        self._order = lru_cache(maxsize=2)(lambda number: permutation((seed, "order", name, number), n))

    def at(self, position: int, count: int) -> tuple[Index, Index]:
        """Item numbers and pass numbers of `count` places from `position` on."""
        places = np.arange(position, position + count)
        passes = places // self.n
        index = np.empty(count, np.int64)
        for number in np.unique(passes):
            here = passes == number
            index[here] = self._order(int(number))[places[here] % self.n]
        return index, passes


class Stream:
    """One named stream of batches.

    Args:
        store: the items.
        domain: turns stored numbers into tensors.
        transforms: changes of a batch.
        seed, name: of the order and of the transforms' random numbers.
        others: streams whose items come along by number, from the start again where there are fewer; see `Streams` for
            streams in an order of their own.
    """

    def __init__(
        self,
        store: Stored,
        domain: ToTensor,
        transforms: tuple[Transform, ...],
        *,
        seed: int,
        name: str = "data",
        others: "Mapping[str, Stream] | None" = None,
    ) -> None:
        self.store, self.domain, self.transforms = store, domain, transforms
        self.seed, self.name, self.others = seed, name, others or {}
        self.sampler = store.order(seed=seed, name=name)
        self._table = lru_cache(maxsize=4 * len(transforms) or 1)(self._uniforms)

    def batch(self, position: int, count: int) -> Batch:
        """The `count` samples at `position` of the shuffled passes."""
        for later in range(self.store.ahead + 1 if self.store.ahead else 0):
            self.store.expect(self.sampler.at(position + later * count, count)[0])
        index, passes = self.sampler.at(position, count)
        return self.at(index, passes)

    def at(self, index: Index, passes: Index) -> Batch:
        """The samples of these numbers, changed as these passes change them."""
        rows = torch.from_numpy(index)
        y = None if self.store.y is None else self.store.y[rows]
        given = {
            name: each.to_tensor(each.values[rows]) if each.to_tensor else each.values[rows]
            for name, each in self.store.given.items()
        }
        batch = Batch(x=self.domain.to_tensor(self.store.rows(rows)), y=y, given=given, index=rows)
        for place, transform in enumerate(self.transforms):
            u = np.empty((len(index), transform.uniforms), np.float32)
            for number in np.unique(passes):
                here = passes == number
                u[here] = self._rows_of(place, transform.uniforms, int(number), index[here])
            batch = transform.transform(batch, torch.from_numpy(u))
        for key, other in self.others.items():
            batch = batch.with_given(**as_given(key, other.at(index % len(other.store), passes)))
        return batch

    def _rows_of(self, place: int, count: int, number: int, index: Index) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Random numbers of these samples: from a table of the pass, or, above TABLE samples, row by row."""
        if len(self.store) <= TABLE:
            return self._table(place, count, number)[index]
        key = (self.seed, "transform", self.name, place, number)
        return np.minimum(
            np.concatenate([uniform_rows(key, range(row, row + 1), count) for row in index.tolist()]), BELOW_ONE
        )

    def _uniforms(self, place: int, count: int, number: int) -> np.ndarray[Any, np.dtype[np.float64]]:
        return np.minimum(
            uniform_rows((self.seed, "transform", self.name, place, number), range(len(self.store)), count), BELOW_ONE
        )


class Streams:
    """The main stream joined with named streams, each shuffled independently.

    x and y of a named stream arrive as `given[name]` and `given[name.y]`.

    Args:
        main: its batches get the others' tensors.
        others: streams by name.
    """

    def __init__(self, main: Stream, others: Mapping[str, Stream]) -> None:
        self.main, self.others = main, others

    def batch(self, position: int, count: int) -> Batch:
        """The batch at `position` of each stream."""
        given: dict[str, Tensor] = {}
        for name, stream in self.others.items():
            given |= as_given(name, stream.batch(position, count))
        return self.main.batch(position, count).with_given(**given)


def as_given(name: str, side: Batch) -> dict[str, Tensor]:
    """x and y of another stream's batch under the names by which players read them."""
    return {name: side.x} | ({} if side.y is None else {f"{name}.y": side.y})
