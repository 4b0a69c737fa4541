"""What a run would cost, from one real step."""

import resource
from typing import Any

import torch

from ..recipes import Recipe, live_trainer, prepare
from ..runs import checkpoints
from ..training import ProcessGroup
from ..training.autotune import speed
from ..training.state import state_tensors
from .device import find_device, settings_kept, settle

SNAPSHOT_BYTES = 60_000  # about what a sheet of pictures takes


def dry_run(recipe: Recipe, *, minutes: float | None = None, device: str = "auto") -> dict[str, Any]:
    """Parameters, memory in bytes, images/s, seconds and disk bytes of the whole run. Nothing is written."""
    place = find_device(device)
    with settings_kept(place):
        return measured(recipe, minutes, place)


def measured(recipe: Recipe, minutes: float | None, place: torch.device) -> dict[str, Any]:
    """The answer of `dry_run`; torch's settings are changed."""
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
        "images_per_second": rate,
        "seconds": settled.samples / rate,
        "memory_bytes": memory,
        "disk_bytes": saved * (checkpoints.RETAINED + 1) + SNAPSHOT_BYTES * settled.snapshots,
        "terms": {name: float(value) for name, value in trainer.stats.items()},
    }


def human_bytes(count: float) -> str:
    """1.2 GB"""
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
