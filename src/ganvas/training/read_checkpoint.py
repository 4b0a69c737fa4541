"""Reads a checkpoint's files, if they fit the trainer."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from ..runs.checkpoint_state import read_state
from ..runs.tensors import TensorInfo
from .state import state_tensors
from .tensor_files import read_tensors, tensor_info
from .trainer import Trainer


def read_checkpoint(trainer: Trainer, path: Path) -> tuple[dict[str, dict[str, Tensor]], Mapping[str, Any]]:
    """The tensors and the state of a verified checkpoint.

    Args:
        trainer: built from the same recipe; it is not changed.
        path: the checkpoint's folder.

    Returns:
        Tensors by file and name, and the fields of state.json.

    Raises:
        CheckFailed: names, types or shapes do not fit the trainer, or a weight is not finite.
    """
    mine = {
        name: {key: tensor_info(value) for key, value in part.items()} for name, part in state_tensors(trainer).items()
    }

    def memory(found: Mapping[str, TensorInfo]) -> Mapping[str, TensorInfo]:
        expected: dict[str, TensorInfo] = {}
        for name, player in trainer.players.items():
            of_player = {
                key.removeprefix(f"{name}."): value for key, value in found.items() if key.startswith(f"{name}.")
            }
            expected |= {f"{name}.{key}": value for key, value in player.expected_memory(of_player).items()}
        return expected

    files = {
        "players": read_tensors(path / "players.safetensors", lambda _: mine["players"], finite=True),
        "optimisers": read_tensors(path / "optimisers.safetensors", memory),
        "game": read_tensors(path / "game.safetensors", lambda _: mine["game"]),
    }
    return files, vars(read_state(path))
