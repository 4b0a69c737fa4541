"""The costs of a run, estimated from a few real steps."""

import resource
from typing import Any

import torch

from ..recipes import Recipe, live_trainer, prepare
from ..runs import checkpoints
from ..training import ProcessGroup
from ..training.autotune import speed
from ..training.state import state_tensors
from .device import find_device, settings_restored, settle

SNAPSHOT_BYTES = 60_000  # approximate size of a sheet of pictures


def dry_run(recipe: Recipe, *, minutes: float | None = None, device: str = "auto") -> dict[str, Any]:
    """Estimate what a run costs. Nothing is written.

    Args:
        recipe: complete, with its source.
        minutes: length of the run; None: the recipe's samples.
        device: "cpu", "cuda" or "auto".

    Returns:
        parameters by player, samples, threads, precision, samples_per_second, seconds of training, memory_bytes,
        disk_bytes, and terms: the loss terms of the last step.

    Raises:
        GanvasError: the data cannot be read, or the recipe cannot be built.
    """
    place = find_device(device)
    with settings_restored(place):
        return measured(recipe, minutes, place)


def measured(recipe: Recipe, minutes: float | None, place: torch.device) -> dict[str, Any]:
    """The result of `dry_run`; torch's number of threads is changed."""
    experiment = settle(prepare(recipe), place, ProcessGroup(), minutes).experiment
    trainer = live_trainer(experiment, place, ProcessGroup())
    settled = experiment.recipe
    rate = speed(trainer, settled.threads, settled.precision)
    saved = sum(value.nbytes for part in state_tensors(trainer).values() for value in part.values())
    memory = (
        torch.cuda.max_memory_allocated()
        if place.type == "cuda"
        else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    )
    return {
        "parameters": {
            name: sum(weight.numel() for weight in player.network.parameters())
            for name, player in trainer.players.items()
        },
        "samples": settled.samples,
        "threads": settled.threads,
        "precision": settled.precision,
        "samples_per_second": rate,
        "seconds": settled.samples / rate,
        "memory_bytes": memory,
        "disk_bytes": saved * (checkpoints.RETAINED + 1) + SNAPSHOT_BYTES * settled.snapshots,
        "terms": {name: float(value) for name, value in trainer.stats.items()},
    }


def human_bytes(count: float) -> str:
    """A size for people, such as 1.2 GB."""
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
