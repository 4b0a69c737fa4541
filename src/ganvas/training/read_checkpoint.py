"""A checkpoint's files, read only where they are those of this trainer."""

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
    """The tensors of a verified checkpoint by file, and the fields of its state. Raises CheckFailed where they do not fit, or weights are not finite."""
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
