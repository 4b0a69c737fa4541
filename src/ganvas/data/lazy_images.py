"""Pictures that stay in their shards: read by seeking, and decoded a few batches ahead of their use."""

import math
import weakref
from collections import OrderedDict
from concurrent.futures import Future
from typing import Any, NamedTuple

import numpy as np

from ..base.errors import DataError, ResourceError
from ..ingest import decode_pool, shard_index
from ..ingest.decode_options import DecodeOptions, Pixels
from ..ingest.shard_list import Shard, check_read
from .shard_shuffle import Index
from .shard_shuffle import Layout as Layout

AHEAD = 4  # batches that are decoded before they are used
BATCH = 256  # pictures that are requested together at most
TRIES = 1_000  # pictures that may be broken one after the other


class ShardRows(NamedTuple):
    """Where each picture stands, one row a picture, mapped from the cache; and its class, if there are any."""

    shards: tuple[Shard, ...]
    shard: np.ndarray[Any, Any]
    offset: np.ndarray[Any, Any]
    size: np.ndarray[Any, Any]
    y: np.ndarray[Any, Any] | None

    def at(self, row: int) -> tuple[str, int, int]:
        """As a worker takes it."""
        return self.shards[self.shard[row]].path, int(self.offset[row]), int(self.size[row])

    def named(self, row: int) -> str:
        """For people."""
        return shard_index.name_at(self.shards[self.shard[row]], int(self.offset[row]))

    def after(self, row: int) -> int:
        """The next row of the same class, the first after the last."""
        n, row = len(self.shard), int(row)
        if self.y is None:
            return (row + 1) % n
        return next((place % n for place in range(row + 1, row + n) if self.y[place % n] == self.y[row]), row)


class LazyImages:
    """An array-like [N, H, W, C]: indexing by a slice or by numbers decodes those rows.

    Converting the whole to an array is refused with TypeError.

    A picture that cannot be decoded is replaced by the next one of its class that can, always the same. DataError: more
    than `most` of them, or a shard is missing or has changed. ResourceError: the machine may be at fault, so that
    another try could succeed. Which rows are requested together, and which are prefetched, changes nothing but the time
    that it takes.
    """

    def __init__(self, places: ShardRows, options: DecodeOptions, layout: Layout, *, most: int) -> None:
        self.places, self.options, self.layout, self.most = places, options, layout, most
        self.shape, self.dtype, self.ndim = (
            (len(places.shard), options.height, options.width, options.channels),
            options.dtype,
            4,
        )
        self.broken: dict[int, str] = {}
        self._waiting: OrderedDict[bytes, list[Future[list[decode_pool.DecodeAnswer]]]] = OrderedDict()
        self._pool = decode_pool.PersistentPool("pixels", options=options)
        weakref.finalize(self, self._pool.close)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: slice | Index) -> Pixels:
        index = np.arange(*rows.indices(len(self))) if isinstance(rows, slice) else np.asarray(rows)
        if index.ndim != 1 or index.dtype.kind != "i":
            raise TypeError("pictures in shards are indexed by a slice or by a list of numbers")
        parts = [self.take(index[start : start + BATCH]) for start in range(0, len(index), BATCH)]
        return np.concatenate(parts) if parts else np.empty((0, *self.shape[1:]), self.dtype)

    def __array__(self, *rest: Any, **options: Any) -> Pixels:
        raise TypeError("pictures in shards are read row by row: all of them may be more than memory holds")

    def expect(self, index: Index) -> None:
        """Begin to decode these rows, which will be used together."""
        key = index.tobytes()
        if key not in self._waiting:
            self._waiting[key] = self._pool.ask([self.places.at(row) for row in index])
            while len(self._waiting) > AHEAD + 1:
                for left in self._waiting.popitem(last=False)[1]:
                    left.cancel()

    def take(self, index: Index) -> Pixels:
        """These rows, [n, H, W, C]. Raises DataError, ResourceError."""
        self.expect(index)
        answers = [answer for part in self._waiting.pop(index.tobytes()) for answer in part.result()]
        for shard in np.unique(self.places.shard[index]):
            self.places.shards[shard].check()
        return np.stack([self.pixels(row, answer) for row, answer in zip(index.tolist(), answers, strict=True)])

    def pixels(self, row: int, answer: decode_pool.DecodeAnswer) -> Pixels:
        """What was decoded, or what stands in its place."""
        first = row
        for _ in range(TRIES):
            if answer.cause and row not in self.broken:
                answer = self.again(row)  # a slow disk or a worker that died is no picture's fault
                if decode_pool.doubtful(answer.cause):
                    hint = (
                        "`ganvas resume` when the machine has time and memory for it; if it fails then too, "
                        "leave it out of its shard and train again."
                    )
                    raise ResourceError(f"a training picture {answer.cause}", where=self.places.named(row), hint=hint)
            if not answer.cause:
                return np.frombuffer(answer.payload, self.dtype).reshape(self.shape[1:])
            self.note(row, answer.cause)
            row = self.places.after(row)
            if row == first:
                break
            answer = self.again(row)
        raise DataError(
            "no picture of a class can be decoded",
            where=self.places.named(first),
            hint="`ganvas data check --json` names all that are broken.",
        )

    def again(self, row: int) -> decode_pool.DecodeAnswer:
        """One picture by itself. Raises DataError where its shard is missing, has changed or cannot be read."""
        answer = self._pool.ask([self.places.at(row)])[0].result()[0]
        shard = self.places.shards[self.places.shard[row]]
        shard.check()
        check_read(shard, answer.cause)
        return answer

    def note(self, row: int, cause: str) -> None:
        """One more that is broken. Raises DataError above the budget."""
        self.broken[row] = cause
        if len(self.broken) > self.most:
            examples = ", ".join(f"{self.places.named(each)} ({self.broken[each]})" for each in list(self.broken)[:3])
            raise DataError(
                f"{len(self.broken):,} training pictures cannot be decoded, more than are allowed: {examples}",
                hint="`ganvas data check --json` names them all; repair the shards, or allow more with source.broken.",
            )


def allowed(share: float, total: int, known: int) -> int:
    """How many more may be broken than are known to be."""
    return math.ceil(share * total) - known
