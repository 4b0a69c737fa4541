"""What the processes of a run settle between rounds: that their players are one, who saves, and when to stop."""

import signal
import zlib
from collections.abc import Callable, Iterable

import torch
from torch import Tensor

from ..base.errors import CheckFailed
from .callbacks import crossed
from .state import tensors
from .trainer import Observer, Request, Save, Stop, Trainer

COMPARED = 50  # times over the run, and before each checkpoint


class Together:
    """All observers as one, in every process: a checkpoint or a stop that one process asks for is one for all, after the same round.

    At the `moments` of pictures and scores, which the first process alone makes, the others wait for it as long as it takes.
    """

    def __init__(self, observers: Iterable[Observer], arrived: Callable[[], str], moments: tuple[int, ...]) -> None:
        self.observers, self.arrived, self.moments = tuple(observers), arrived, moments

    def __call__(self, trainer: Trainer, before: int) -> Iterable[Request]:
        asked: list[Request] = []

        def look() -> None:
            asked.extend(request for observe in self.observers for request in observe(trainer, before))

        def now(times: int) -> bool:
            return crossed(before, trainer.seen, times, trainer.total)

        if any(map(now, self.moments)):
            trainer.world.first(look)
        else:
            look()
        if now(COMPARED):
            compare(trainer)
        signalled = signal.Signals[name].value if (name := self.arrived()) else 0
        stops = [request.reason for request in asked if isinstance(request, Stop)]
        planned = any(isinstance(request, Save) and request.scheduled for request in asked)
        save, scheduled, stop, signalled = trainer.world.most(
            [len(asked) > len(stops), planned, len(stops) > 0, signalled]
        )
        if signalled:
            return (Save(bool(scheduled)), Stop(signal.Signals(signalled).name))
        saves: list[Request] = [Save(bool(scheduled))] if save else []
        return [*saves, Stop(trainer.world.first(lambda: (stops or ["stopped"])[0]))] if stop else saves


def compare(trainer: Trainer) -> None:
    """Raises CheckFailed in every process if a weight, an average or a number of the game is not the same in all."""
    if trainer.world.size == 1:
        return
    files = tensors(trainer)
    named = {**files["players"], **{f"game.{name}": value for name, value in files["game"].items()}}
    found = trainer.world.every([fingerprint(value) for value in named.values()])
    for rank, theirs in enumerate(found):
        for name, ours, other in zip(named, found[0], theirs, strict=True):
            if ours != other:
                player, _, tensor = name.partition(".")
                raise CheckFailed(
                    f"the processes have parted after {trainer.seen:,} samples: {player}'s {tensor} in process {rank} is not that of process 0",
                    hint="A machine may be at fault. `ganvas resume` goes on from the last checkpoint, in which all were alike.",
                )


def fingerprint(value: Tensor) -> int:
    """CRC-32 of its bytes: any one changed bit changes it."""
    return zlib.crc32(value.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)
