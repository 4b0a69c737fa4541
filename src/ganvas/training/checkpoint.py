"""Writes a trainer as a checkpoint of safetensors and JSON, and loads it."""

import json
import shutil
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import Tensor

from ..base.errors import ResourceError
from ..runs import checkpoints
from .read_checkpoint import read_checkpoint
from .recovery import NonFinite
from .state import counters, restore, state_tensors
from .trainer import Trainer

HEADROOM = 2  # times the last checkpoint's size must be free


def save_checkpoint(trainer: Trainer, folder: Path, facts: dict[str, Any], protected: Collection[int] = ()) -> Path:
    """Write the trainer's state; older checkpoints that are not protected are deleted.

    Args:
        trainer: its weights, optimisers, counters and game buffers are written.
        folder: of the run's checkpoints.
        facts: further fields of state.json: spec, fingerprint of the data, recipe.
        protected: checkpoints at these numbers of samples are not deleted.

    Returns:
        The folder of the new checkpoint.

    Raises:
        NonFinite: a weight is not finite.
        ResourceError: the disk has less than HEADROOM x the checkpoint's size free.
    """
    check_finite_weights(trainer)
    files = state_tensors(trainer)
    size = sum(value.nbytes for file in files.values() for value in file.values())
    free = shutil.disk_usage(folder).free
    if free < HEADROOM * size:
        raise ResourceError(
            f"a checkpoint needs {size / 1e6:.0f} MB, {free / 1e6:.0f} MB are free",
            where=str(folder),
            hint="Make room.",
        )
    state = json.dumps({**counters(trainer), **facts}, indent=1, sort_keys=True)
    writers: dict[str, Callable[[Path], Any]] = {
        f"{name}.safetensors": partial(write_tensors, part) for name, part in files.items()
    }
    writers["state.json"] = lambda path: path.write_text(state)
    return checkpoints.save(folder, trainer.samples_seen, writers, protected)


def check_finite_weights(trainer: Trainer) -> None:
    """Raises NonFinite for weights that are not finite."""
    broken = [
        name
        for name, value in state_tensors(trainer)["players"].items()
        if value.is_floating_point() and not torch.isfinite(value).all()
    ]
    if broken:
        raise NonFinite(
            f"weights are not finite: {broken[0]}", hint="Lower the learning rates, or strengthen the penalties."
        )


def load_checkpoint(trainer: Trainer, path: Path) -> None:
    """Set the trainer to the state that a checkpoint holds.

    Args:
        trainer: built from the same recipe.
        path: folder of a verified checkpoint.

    Raises:
        CheckFailed: the checkpoint's content does not fit this trainer.
        UsageError: the number of processes or micro-batches does not fit.
    """
    restore(trainer, *read_checkpoint(trainer, path))


def write_tensors(part: dict[str, Tensor], path: Path) -> None:
    """Write tensors as safetensors, each contiguous and on its own storage."""
    try:
        save_file({name: value.detach().cpu().contiguous().clone() for name, value in part.items()}, path)
    except SafetensorError as error:  # safetensors' error for a full disk
        raise OSError(str(error)) from error
