"""Progress events: loss terms, speed, memory, and the share of the time that training waits for data."""

import resource
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import torch

from ..runs.directory import Run
from ..runs.events import Progress
from .trainer import Request, Trainer

STATM = Path("/proc/self/statm")


class ProgressLogger:
    """Writes Progress events: one per second at first, one per half minute in a long run.

    Args:
        run: the run directory.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.begun = self.last = time.monotonic()
        self.last_samples: int | None = None
        self.waited = 0.0  # the trainer's seconds of waiting for data at the last event

    def __call__(self, trainer: Trainer, before: int) -> Iterable[Request]:
        now = time.monotonic()
        self.last_samples = before if self.last_samples is None else self.last_samples
        if now - self.last < min(30.0, max(1.0, (now - self.begun) / 300)) and trainer.samples_seen < trainer.total:
            return ()
        seconds = max(now - self.last, 1e-9)
        terms = {name: float(value) for name, value in trainer.stats.items()}
        waited, self.waited = trainer.data_wait_seconds - self.waited, trainer.data_wait_seconds
        self.run.add(
            Progress(
                samples=trainer.samples_seen,
                time=time.time(),
                terms=terms,
                samples_per_second=(trainer.samples_seen - self.last_samples) / seconds,
                usage={**memory_bytes(trainer.device), "data_wait": min(1.0, max(0.0, waited / seconds))},
            )
        )
        self.last, self.last_samples = now, trainer.samples_seen
        return ()


def memory_bytes(device: torch.device) -> dict[str, float]:
    """Bytes of memory: `memory` of this process now, and on an accelerator `device_memory`, its peak since the start.

    Where the system does not say what a process uses now, `memory` is its peak.
    """
    found = {"memory": float(resident_bytes())}
    if device.type == "cuda":
        found["device_memory"] = float(torch.cuda.max_memory_allocated(device))
    return found


def resident_bytes() -> int:
    """Bytes of this process that are in memory."""
    with suppress(OSError, ValueError, IndexError):
        return int(STATM.read_text("ascii").split()[1]) * resource.getpagesize()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS, kilobytes elsewhere
    return most if sys.platform == "darwin" else 1024 * most
