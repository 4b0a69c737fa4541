"""Measures which number of threads and which precision train fastest on this machine."""

import itertools
import os
import time
from typing import NamedTuple

import torch

from ..base.errors import UsageError
from .phases import phase_at, remaining_parts
from .trainer import Trainer

SECONDS = 0.6  # measured for each setting, twice, in turns
PLACES = 4  # of a phase in which networks grow: a round is slower at the end
SUSTAINED = 5  # times as long for the one that is chosen: a short burst is faster than a long run
SLOW_IN_BF16 = ("NO AVX", "AVX2")  # x86 processors that convert each number; not measured
WORTH = {"threads": 1.05, "precision": 1.1}  # how much faster the less plain choice must be


class TunedSettings(NamedTuple):
    """The chosen settings and their speed.

    Args:
        threads: CPU threads.
        precision: "fp32" or "bf16".
        samples_per_second: training speed over the whole run.
    """

    threads: int
    precision: str
    samples_per_second: float


def tune(
    trainer: Trainer, *, threads: int, precision: str, within: float | None = None, samples_seen: int = 0
) -> TunedSettings:
    """Measure the settings that are left open, and choose the fastest. The trainer cannot be used afterwards.

    Args:
        trainer: at the start of the run; the measurement trains it.
        threads: CPU threads, or 0: to be measured.
        precision: "fp32", "bf16", or "auto": to be measured.
        within: seconds that the measurement may take, roughly; None: SECONDS for each setting, and nothing is compared
            for a run that is over sooner than the measurement would be.
        samples_seen: where the run continues; phases that are over are not measured.

    Returns:
        The chosen settings. More threads must be 5 % faster than one, bf16 10 % faster than fp32. A short run has the
        plainest: one thread, fp32.
    """
    on_cpu = trainer.device.type == "cpu"
    counts = [threads] if threads else sorted({1, cores(), max(1, cores() // 2)}) if on_cpu else [min(4, cores())]
    precisions = [precision] if precision != "auto" else ["fp32", "bf16"] if calculates_bf16(on_cpu) else ["fp32"]
    speeds: dict[tuple[int, str], float] = {}
    settings = [*itertools.product(counts, precisions)]
    each = SECONDS if within is None else min(SECONDS, within / (2 * len(settings) + SUSTAINED))
    if within is None:
        plain = speed(trainer, *settings[0], seconds=each / 4, samples_seen=samples_seen)
        left = sum(samples for _, samples in remaining_parts(trainer.phases, samples_seen))
        if left / plain < each * (2 * len(settings) + SUSTAINED):
            return TunedSettings(*settings[0], plain)
    for setting in settings * 2 if len(settings) > 1 else settings:
        speeds[setting] = max(
            speeds.get(setting, 0.0), speed(trainer, *setting, seconds=each, samples_seen=samples_seen)
        )

    def merit(setting: tuple[int, str]) -> float:
        plain = (WORTH["threads"] if setting[0] == counts[0] else 1.0) * (
            WORTH["precision"] if setting[1] == "fp32" else 1.0
        )
        return speeds[setting] * plain

    best = max(speeds, key=merit)
    sustained = speed(trainer, *best, seconds=SUSTAINED * each, samples_seen=samples_seen)
    return TunedSettings(*best, min(speeds[best], sustained))


def calculates_bf16(on_cpu: bool) -> bool:
    """Whether bf16 can be faster than fp32: torch calculates with it on a GPU that can, and on a CPU with AVX-512.

    Args:
        on_cpu: whether the CPU trains. One of another family than x86 is measured too.
    """
    return torch.backends.cpu.get_cpu_capability() not in SLOW_IN_BF16 if on_cpu else torch.cuda.is_bf16_supported()


def cores() -> int:
    """The number of CPU cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def speed(
    trainer: Trainer, threads: int, precision: str, *, seconds: float | None = None, samples_seen: int = 0
) -> float:
    """Samples per second over the rest of the run, measured on a short part of each phase after one round of warm-up.

    Args:
        trainer: is trained by the measurement.
        threads: CPU threads.
        precision: "fp32" or "bf16".
        seconds: duration of the measurement over all phases; None: SECONDS.
        samples_seen: where the run continues; phases that are over are not measured.
    """
    torch.set_num_threads(threads)
    trainer.precision = precision
    parts, needed = measured_parts(trainer, samples_seen), 0.0
    for start, samples in parts:
        trainer.samples_seen = start
        needed += samples / phase_speed(trainer, (seconds or SECONDS) / len(parts))
    return sum(samples for _, samples in parts) / needed


def measured_parts(trainer: Trainer, samples_seen: int) -> list[tuple[int, int]]:
    """(position, samples) of what is measured: each phase, or PLACES parts of it where its networks grow."""
    found, total = list[tuple[int, int]](), sum(phase.samples for phase in trainer.phases)
    for start, samples in remaining_parts(trainer.phases, samples_seen):
        phase = phase_at(trainer.phases, start)
        if phase.game_at(start, total).current_detail() is None or samples < PLACES:
            found.append((start, samples))
        else:
            edges = [start + samples * place // PLACES for place in range(PLACES + 1)]
            found += [((begin + end) // 2, end - begin) for begin, end in itertools.pairwise(edges)]
    return found


def dry_round(trainer: Trainer) -> None:
    """Play one round of every phase, to find parts that do not fit together before anything is written.

    Args:
        trainer: at the start of the run; it cannot be used afterwards.

    Raises:
        UsageError: a network, loss, penalty or game raised an error that is not about memory.
    """
    start = 0
    trainer.check_finite = False  # non-finite numbers are handled by the run
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
    """Samples per second at the trainer's position, measured for `seconds` after one round of warm-up.

    Rank 0's clock decides, so that all processes play the same number of rounds and return the same value.
    """
    trainer.round()
    begun, samples_seen, passed = time.perf_counter(), trainer.samples_seen, 0.0
    while passed < seconds:
        trainer.round()
        if trainer.device.type == "cuda":
            torch.cuda.synchronize()
        passed = trainer.world.broadcast_number(time.perf_counter() - begun)
    return (trainer.samples_seen - samples_seen) / passed
