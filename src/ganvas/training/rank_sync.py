"""Between-round synchronisation: checks that weights are identical on all ranks, and agrees on requests."""

import signal
import zlib
from collections.abc import Callable, Iterable
from dataclasses import asdict

import torch
from torch import Tensor

from ..base.errors import CheckFailed
from .callbacks import crossed
from .state import state_tensors
from .trainer import Callback, Request, Rewind, Save, Stop, Trainer

COMPARED = 50  # times over the run, and before each checkpoint


class RankSync:
    """Joins callbacks over processes: a request of one process holds for all, after the same round.

    Args:
        callbacks: called after each round, in every process.
        arrived: the name of the signal that this process has received, or an empty string.
        moments: how often over the run images and scores are made, which only rank 0 does; the others wait then.
    """

    def __init__(self, callbacks: Iterable[Callback], arrived: Callable[[], str], moments: tuple[int, ...]) -> None:
        self.callbacks, self.arrived, self.moments = tuple(callbacks), arrived, moments

    def __call__(self, trainer: Trainer, before: int) -> Iterable[Request]:
        requests: list[Request] = []

        def call() -> None:
            requests.extend(request for callback in self.callbacks for request in callback(trainer, before))

        def now(times: int) -> bool:
            return crossed(before, trainer.samples_seen, times, trainer.total)

        if any(map(now, self.moments)):
            trainer.world.on_rank_0(call)
        else:
            call()
        if now(COMPARED):
            check_same_weights(trainer)
        signalled = signal.Signals[name].value if (name := self.arrived()) else 0
        saves = [request for request in requests if isinstance(request, Save)]
        stops = [request for request in requests if isinstance(request, Stop)]
        rewinds = [request for request in requests if isinstance(request, Rewind)]
        save, scheduled, stop, rewind, signalled = trainer.world.all_reduce_max(
            [len(saves) > 0, any(each.scheduled for each in saves), len(stops) > 0, len(rewinds) > 0, signalled]
        )
        if rewind:  # before a signal, which ends the next round: the run left alone goes back here too
            return (Rewind(**trainer.world.on_rank_0(lambda: asdict(rewinds[0]))),)
        if signalled:
            return (Save(bool(scheduled)), Stop(signal.Signals(signalled).name))
        agreed: list[Request] = [Save(bool(scheduled))] if save else []
        return (
            [*agreed, Stop(trainer.world.on_rank_0(lambda: (stops or [Stop("stopped")])[0].reason))] if stop else agreed
        )


def check_same_weights(trainer: Trainer) -> None:
    """Compare weights, averages and game buffers over all processes.

    Raises:
        CheckFailed: in every process, if one of them differs.
    """
    if trainer.world.size == 1:
        return
    files = state_tensors(trainer)
    named = {**files["players"], **{f"game.{name}": value for name, value in files["game"].items()}}
    found = trainer.world.all_gather([fingerprint(value) for value in named.values()])
    for rank, theirs in enumerate(found):
        for name, ours, other in zip(named, found[0], theirs, strict=True):
            if ours != other:
                player, _, tensor = name.partition(".")
                raise CheckFailed(
                    f"weights differ between processes after {trainer.samples_seen:,} samples: "
                    f"{player}'s {tensor} in process {rank} is not that of process 0",
                    hint="A machine may be at fault. `ganvas resume` continues from the last checkpoint, "
                    "where all were the same.",
                )


def fingerprint(value: Tensor) -> int:
    """CRC-32 of a tensor's bytes: any one changed bit changes it."""
    return zlib.crc32(value.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)
