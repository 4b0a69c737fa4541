"""The global batch in equal parts: over processes, and over micro-batches that one process accumulates."""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from ..base.play import Play
from ..base.types import Batch
from ..games.contract import Turn
from .distributed import ProcessGroup


class MicroBatches:
    """Splits each global batch into equal micro-batches, over processes and in turn within each process.

    Two processes with one micro-batch each compute the same as one process with two.

    Args:
        batch_samples: rows of the global batch.
        each: micro-batches of each process.
        world: the processes.
    """

    def __init__(self, batch_samples: int, each: int, world: ProcessGroup) -> None:
        self.batch_samples, self.each, self.world = batch_samples, each, world
        self.count = each * world.size
        self._whole: dict[str, Tensor] = {}

    def __iter__(self) -> Iterator[tuple[int, range]]:
        """(number among all micro-batches, rows of the global batch) for each micro-batch of this process."""
        rows = self.batch_samples // self.count
        first = self.world.rank * self.each
        for part in range(first, first + self.each):
            yield part, range(part * rows, (part + 1) * rows)

    def collect(self, recorded: dict[str, Tensor], rows: range) -> None:
        """Called after each micro-batch: copy the rows that a turn recorded into tensors of the whole batch.

        Args:
            recorded: rows [micro-batch, ...] by name; emptied.
            rows: their places in the global batch. The first ones of this process begin new tensors.
        """
        if self.count == 1:
            return
        if rows.start == self.world.rank * self.each * len(rows):
            self._whole = {}
        for name, part in recorded.items():
            empty = part.new_zeros((self.batch_samples, *part.shape[1:]))
            self._whole.setdefault(name, empty)[rows.start : rows.stop] = part
        recorded.clear()

    def whole(self, recorded: dict[str, Tensor]) -> dict[str, Tensor]:
        """The recorded rows [batch_samples, ...] of the whole batch, in every process."""
        if self.count == 1:
            return recorded
        self.world.sum(list(self._whole.values()))
        return self._whole

    def halve(self) -> bool:
        """Use twice as many micro-batches of half the size. Returns False if the size is odd."""
        if self.batch_samples % (2 * self.count):
            return False
        self.set_each(2 * self.each)
        return True

    def set_each(self, each: int) -> None:
        """Set the number of micro-batches of each process."""
        self.each, self.count = each, each * self.world.size


class Buffers:
    """Buffers that a forward pass changes: batch norm's statistics, spectral norm's vectors.

    Every micro-batch of a turn starts from the same values; afterwards the mean over all micro-batches is stored.

    Args:
        buffers: of all players.
        parts: the micro-batches.
    """

    def __init__(self, buffers: list[Tensor], parts: MicroBatches) -> None:
        self.buffers, self.parts = buffers, parts
        self.first = [buffer.clone() for buffer in buffers]
        self.sums: list[Tensor] = []

    def collect(self) -> None:
        """Called after each micro-batch."""
        if self.parts.count == 1:
            return
        self.sums = self.sums or [torch.zeros_like(buffer) for buffer in self.buffers]
        for buffer, start, total in zip(self.buffers, self.first, self.sums, strict=True):
            total.add_(buffer, alpha=1 / self.parts.count) if buffer.is_floating_point() else total.copy_(
                buffer
            )  # counts are alike in all
            buffer.copy_(start)

    def merge(self) -> None:
        """Called after the last micro-batch: store the mean over micro-batches and processes."""
        self.parts.world.sum([total for total in self.sums if total.is_floating_point()])
        for buffer, total in zip(self.buffers, self.sums, strict=bool(self.sums)):
            buffer.copy_(total)

    def back(self) -> None:
        """Restore the values from before the turn."""
        self.sums = []
        for buffer, start in zip(self.buffers, self.first, strict=True):
            buffer.copy_(start)


class Move(NamedTuple):
    """A turn that is being played.

    Args:
        name: of the turn.
        turn: its players and terms.
        play: the live networks.
        batch: the global batch.
        buffers: of all players, to be restored if the turn is repeated.
        key: of its random numbers.
    """

    name: str
    turn: Turn
    play: Play
    batch: Batch
    buffers: Buffers
    key: tuple[object, ...]
