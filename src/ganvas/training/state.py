"""A trainer as files: three of tensors, one of counters."""

from typing import Any

from torch import Tensor

from ..base.errors import CheckFailed, UsageError
from .trainer import Trainer


def tensors(trainer: Trainer) -> dict[str, dict[str, Tensor]]:
    """Everything that is not derived, by file and name."""
    named = trainer.players.items()
    return {
        "players": {f"{name}.{key}": value for name, player in named for key, value in player.weights().items()},
        "optimisers": {f"{name}.{key}": value for name, player in named for key, value in player.memory().items()},
        "game": dict(trainer.state.state_dict()) if trainer.state is not None else {},
    }


def counters(trainer: Trainer) -> dict[str, Any]:
    """Where the run stands."""
    return {"seen": trainer.seen, "position": trainer.position, "turns": dict(trainer.turns), "attempt": trainer.attempt, "parts": trainer.parts.count}


def restore(trainer: Trainer, files: dict[str, dict[str, Tensor]], counted: dict[str, Any]) -> None:
    """The trainer as it was saved: from here on it is bitwise the run left alone."""
    for name, player in trainer.players.items():
        weights, memory = (
            {key.removeprefix(f"{name}."): value for key, value in files[file].items() if key.startswith(f"{name}.")} for file in ("players", "optimisers")
        )
        player.restore(weights, memory)
    if trainer.state is not None:
        trainer.state.load_state_dict(files["game"])
    try:
        parts = int(counted["parts"])
        trainer.seen, trainer.position = int(counted["seen"]), int(counted["position"])
        trainer.turns = {str(name): int(count) for name, count in counted["turns"].items()}
        trainer.attempt = int(counted["attempt"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CheckFailed(f"the checkpoint's state.json is not complete: {error!r}", mend="Resume from an older checkpoint.") from error
    if parts != trainer.parts.count:
        raise UsageError(
            f"the run was trained with batches in {parts} parts, and now there are {trainer.parts.count}",
            mend=f"Resume it with as many processes: processes x micro_batches must be {parts}.",
        )
