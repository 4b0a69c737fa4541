"""--init-from: a new run's players begin with the weights of another run."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors.torch import load_file
from torch import Tensor

from ..base.errors import UsageError
from ..base.types import Spec
from ..recipes import Recipe, read_recipe
from ..training import Trainer
from .load_players import FILE

SHOWN = 3  # differences named in an error


class Initial(NamedTuple):
    """The newest valid checkpoint of a run, or a model folder, with its recipe and spec."""

    name: str  # of the run's folder
    config: Path
    parts: Any  # classes of a person's own that the recipe names, or a Recipe that uses them
    spec: Spec
    checkpoint: Path
    samples_seen: int
    sha256: str  # of the players' weights
    notes: tuple[str, ...] = ()  # a sentence for each newer checkpoint that is damaged, and for absent players
    travelled: Recipe | None = None  # of a model folder
    weights: Mapping[str, Tensor] | None = None  # of a model folder

    @property
    def recipe(self) -> Recipe:
        """The run's recipe. Raises UsageError."""
        return self.travelled or read_recipe(self.config, self.parts, inside=self.config.parent)

    @property
    def facts(self) -> dict[str, str | int]:
        """The weights' SHA-256 and samples for environment.json; no path."""
        return {"players_sha256": self.sha256, "samples": self.samples_seen}

    def begin(self, trainer: Trainer) -> None:
        """Copy the averaged weights into networks and averages; optimisers start new. Raises UsageError."""
        begin(trainer, self.weights or load_file(self.checkpoint / FILE))


@torch.no_grad()
def begin(trainer: Trainer, weights: Mapping[str, Tensor]) -> None:
    """Fill a new trainer's players from verified weights.

    Those that are not among the weights begin new, and those that the game begins new.
    """
    known = {name.partition(".")[0] for name in weights} - trainer.phases[0].game.new_players
    pairs = {name: wanted(player.weights(), name, weights) for name, player in trainer.players.items() if name in known}
    faults = [
        fault for name, pair in pairs.items() for fault in differences(name, trainer.players[name].weights(), pair)
    ]
    if faults:
        more = f", and {len(faults) - SHOWN} more" if len(faults) > SHOWN else ""
        raise UsageError(
            f"the weights to begin from do not fit these networks: {', '.join(faults[:SHOWN])}{more}",
            hint=(
                "Use pictures with the size, channels and classes of that run, and its networks; "
                "or train without --init-from."
            ),
        )
    for name, pair in pairs.items():
        for key, value in trainer.players[name].weights().items():
            value.copy_(pair[key])


def wanted(mine: Mapping[str, Tensor], player: str, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The weights for a player's network and average: the run's average where it has one, else its network."""
    theirs = {key.removeprefix(f"{player}."): value for key, value in weights.items() if key.startswith(f"{player}.")}
    best = {key.removeprefix("network."): value for key, value in theirs.items() if key.startswith("network.")}
    best |= {key.removeprefix("ema."): value for key, value in theirs.items() if key.startswith("ema.")}
    both = {f"{part}.{key}": value for part in ("network", "ema") for key, value in best.items()}
    return {key: value for key, value in both.items() if key in mine or key.startswith("network.")}


def differences(player: str, mine: Mapping[str, Tensor], theirs: Mapping[str, Tensor]) -> list[str]:
    """The differences in names and shapes of the networks' weights, as text."""
    names = sorted(name for name in mine.keys() | theirs.keys() if name.startswith("network."))
    found = []
    for name in names:
        here, there = (list(side[name].shape) if name in side else "missing" for side in (mine, theirs))
        if here != there:
            found.append(f"{player}.{name.removeprefix('network.')} is {here} here and {there} there")
    return found
