"""A trainer's state as named tensors and counters."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from ..base.errors import CheckFailed, UsageError
from .trainer import Trainer

COUNTERS = ("samples_seen", "position", "attempt", "rollback_level", "rollback_from", "lr_scale")


def state_tensors(trainer: Trainer) -> dict[str, dict[str, Tensor]]:
    """All tensors of the state, by file ("players", "optimisers", "game") and name."""
    named = trainer.players.items()
    return {
        "players": {f"{name}.{key}": value for name, player in named for key, value in player.weights().items()},
        "optimisers": {f"{name}.{key}": value for name, player in named for key, value in player.memory().items()},
        "game": {f"{name}.{key}": v for name, state in trainer.states.items() for key, v in state.state_dict().items()},
    }


def counters(trainer: Trainer) -> dict[str, Any]:
    """The counters of the state, for state.json."""
    return {
        **{name: getattr(trainer, name) for name in COUNTERS},
        "turns": dict(trainer.turns),
        "micro_batches": trainer.parts.count,
        "processes": trainer.world.size,
    }


def restore(trainer: Trainer, files: dict[str, dict[str, Tensor]], counted: Mapping[str, Any]) -> None:
    """Set the trainer to a saved state; it then continues bit for bit as the run that was saved.

    Args:
        trainer: built from the same recipe.
        files: those of `state_tensors`.
        counted: the fields of a CheckpointState, or `counters`.

    Raises:
        CheckFailed: the batch cannot be split as the checkpoint says.
        UsageError: the number of processes or micro-batches does not fit.
    """
    for name, player in trainer.players.items():
        weights, memory = (
            {key.removeprefix(f"{name}."): value for key, value in files[file].items() if key.startswith(f"{name}.")}
            for file in ("players", "optimisers")
        )
        player.restore(weights, memory)
    for name, state in trainer.states.items():
        buffers = {key.removeprefix(f"{name}."): v for key, v in files["game"].items() if key.startswith(f"{name}.")}
        state.load_state_dict(buffers)
    for name in COUNTERS:
        setattr(trainer, name, counted[name])
    trainer.turns = dict(counted["turns"])
    parts, processes, world = counted["micro_batches"], counted["processes"], trainer.parts.world
    if trainer.parts.batch_samples % parts:
        raise CheckFailed(
            f"a batch of {trainer.parts.batch_samples} samples cannot be split into {parts} equal parts, "
            "as the checkpoint's state.json says"
        )
    if processes == world.size and parts > trainer.parts.count and parts % world.size == 0:
        trainer.parts.set_each(parts // world.size)  # memory had run short
    if parts != trainer.parts.count:
        raise UsageError(
            f"the run was trained with batches in {parts} part{'s' * (parts > 1)}, "
            f"and now there are {trainer.parts.count}",
            hint=f"Resume it with as many processes: processes x micro_batches must be {parts}.",
        )
