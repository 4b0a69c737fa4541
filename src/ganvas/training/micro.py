"""The global batch in equal parts: over processes, and over micro-batches that one process accumulates."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from .world import World


class MicroBatches:
    """Two processes with one part each and one process with two parts compute the same."""

    def __init__(self, batch_samples: int, each: int, world: World) -> None:
        self.batch_samples, self.each, self.world = batch_samples, each, world
        self.count = each * world.size

    def __iter__(self) -> Iterator[tuple[int, range]]:
        """This process's parts: their numbers among all, and the rows of the global batch that they hold."""
        rows = self.batch_samples // self.count
        first = self.world.rank * self.each
        for part in range(first, first + self.each):
            yield part, range(part * rows, (part + 1) * rows)

    @contextmanager
    def same_start(self, buffers: list[Tensor]) -> Iterator[Callable[[], None]]:
        """Each part starts from the same buffers (batch norm's statistics); the mean of what all parts make of them is kept."""
        if self.count == 1:
            yield lambda: None
            return
        first = [buffer.clone() for buffer in buffers]
        sums = [torch.zeros_like(buffer) for buffer in buffers]

        def collect() -> None:
            for buffer, start, total in zip(buffers, first, sums, strict=True):
                total.add_(buffer, alpha=1 / self.count) if buffer.is_floating_point() else total.copy_(buffer)  # counts are alike in all
                buffer.copy_(start)

        yield collect
        self.world.sum([total for total in sums if total.is_floating_point()])
        for buffer, total in zip(buffers, sums, strict=True):
            buffer.copy_(total)
