"""Small games in the plane for tests of the sandbox."""

from typing import Any

import torch

from ganvas.applications.sandbox_game import SandboxGame
from ganvas.applications.sandbox_setup import Setup

SMALL = {
    "G.network.widths": [16, 16],
    "D.network.widths": [16, 16],
    "source.samples": 5000,
    "batch_samples": 32,
    "scores": [],
}


def small(changes: dict[str, Any] | None = None, seed: int = 0, name: str = "ring") -> SandboxGame:
    return SandboxGame(Setup(name, {**SMALL, **(changes or {})}), seed)


def weights(game: SandboxGame) -> dict[str, torch.Tensor]:
    return {
        f"{name}.{key}": value.clone()
        for name, player in game.trainer.players.items()
        for key, value in player.weights().items()
    }


def same(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[key], b[key]) for key in a)
