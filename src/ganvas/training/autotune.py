"""How fast is this machine at this game? Threads and precision are measured, then written into the run."""

import itertools
import os
import time
from typing import NamedTuple

import torch

from ..base.errors import UsageError
from .trainer import Trainer

SECONDS = 0.6  # measured for each setting, twice, in turns
SUSTAINED = 5  # times as long for the one that is chosen: a short burst is faster than a long run
WORTH = {"threads": 1.05, "precision": 1.1}  # how much faster the less plain choice must be


class TunedSettings(NamedTuple):
    """The settings found, and how fast they are."""

    threads: int
    precision: str
    samples_per_second: float


def tune(trainer: Trainer, *, threads: int, precision: str, within: float | None = None) -> TunedSettings:
    """The fastest of the settings left open (threads 0, precision "auto"), found in about `within` seconds if given. The trainer is spent afterwards."""
    on_cpu = trainer.device.type == "cpu"
    counts = [threads] if threads else sorted({1, cores(), max(1, cores() // 2)}) if on_cpu else [min(4, cores())]
    precisions = (
        [precision]
        if precision != "auto"
        else ["fp32", "bf16"]
        if on_cpu or torch.cuda.is_bf16_supported()
        else ["fp32"]
    )
    speeds: dict[tuple[int, str], float] = {}
    settings = [*itertools.product(counts, precisions)]
    each = SECONDS if within is None else min(SECONDS, within / (2 * len(settings) + SUSTAINED))
    for setting in settings * 2 if len(settings) > 1 else settings:
        speeds[setting] = max(speeds.get(setting, 0.0), speed(trainer, *setting, seconds=each))

    def merit(setting: tuple[int, str]) -> float:
        plain = (WORTH["threads"] if setting[0] == counts[0] else 1.0) * (
            WORTH["precision"] if setting[1] == "fp32" else 1.0
        )
        return speeds[setting] * plain

    best = max(speeds, key=merit)
    return TunedSettings(*best, min(speeds[best], speed(trainer, *best, seconds=SUSTAINED * each)))


def cores() -> int:
    """Of this machine, as far as this process may use them."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def speed(trainer: Trainer, threads: int, precision: str, *, seconds: float | None = None) -> float:
    """Images a second over the whole run, from `seconds` (SECONDS) of it: each phase has its share, after a round of warm-up."""
    torch.set_num_threads(threads)
    trainer.precision = precision
    start, needed = 0, 0.0
    for phase in trainer.phases:
        trainer.samples_seen = start
        needed += phase.samples / phase_speed(trainer, (seconds or SECONDS) / len(trainer.phases))
        start += phase.samples
    return trainer.total / needed


def dry_round(trainer: Trainer) -> None:
    """One round of every phase, so that parts that do not fit are found before anything is written. The trainer is spent afterwards."""
    start = 0
    trainer.check_finite = False  # numbers that are not finite are for the run to deal with
    for phase in trainer.phases:
        trainer.samples_seen = start
        try:
            trainer.round()
        except (TypeError, AttributeError, KeyError, ValueError, IndexError, AssertionError, RuntimeError) as error:
            if "memory" in str(error):  # the parts fit together, but not into this machine
                raise
            message = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
            raise UsageError(
                f"the parts of this recipe do not fit together in the turns {', '.join(phase.turns)}: {message}",
                hint="-v shows where.",
            ) from error
        start += phase.samples


def phase_speed(trainer: Trainer, seconds: float) -> float:
    """Images a second from where the trainer stands, by rank 0's clock: all processes play as many rounds, and find the same."""
    trainer.round()
    begun, samples_seen, passed = time.perf_counter(), trainer.samples_seen, 0.0
    while passed < seconds:
        trainer.round()
        if trainer.device.type == "cuda":
            torch.cuda.synchronize()
        passed = trainer.world.broadcast_number(time.perf_counter() - begun)
    return (trainer.samples_seen - samples_seen) / passed
