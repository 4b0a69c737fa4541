"""A trainer of players and data made by hand, for tests of the contracts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from ganvas.base.types import Batch, Spec
from ganvas.games.contract import Game
from ganvas.networks.player import Player
from ganvas.training.accumulation import MicroBatches
from ganvas.training.distributed import ProcessGroup
from ganvas.training.phases import LivePhase
from ganvas.training.player import LivePlayer
from ganvas.training.trainer import Trainer


@dataclass(frozen=True)
class Sgd:
    """Plain gradient descent."""

    lr: float = 0.1

    def optimise(self, parameters: Any) -> torch.optim.Optimizer:
        return torch.optim.SGD(parameters, lr=self.lr)

    def tune(self, optimiser: torch.optim.Optimizer) -> None:
        for group in optimiser.param_groups:
            group["lr"] = self.lr


@dataclass(frozen=True)
class Built:
    """A network's description that holds a function which makes the network."""

    make: Any

    def build(self, spec: Spec) -> nn.Module:
        network: nn.Module = self.make()
        return network


@dataclass
class Table:
    """Batches from the rows of tensors, from a position on and round again."""

    x: Tensor
    y: Tensor | None = None
    given: Mapping[str, Tensor] = field(default_factory=dict)

    def batch(self, position: int, count: int) -> Batch:
        rows = torch.arange(position, position + count) % len(self.x)
        return Batch(x=self.x, y=self.y, given=self.given, index=torch.arange(len(self.x))).take(rows)


def trainer_of(
    game: Game,
    players: Mapping[str, Player],
    table: Table,
    *,
    phases: tuple[LivePhase, ...] | None = None,
    batch: int = 8,
    micro: int = 1,
    samples: int = 1_000,
    seed: int = 0,
) -> Trainer:
    """The real trainer over these players; networks of float64 stay so."""
    spec = Spec("points", tuple(table.x.shape[1:]), bounded=False)
    phases = phases or (LivePhase(samples, game.round(), game, players),)
    states: dict[str, nn.Module] = {}
    for phase in phases:
        if (state := phase.game.state(spec)) is not None:
            states.setdefault(type(phase.game).__name__, state)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        live = {name: LivePlayer(player, player.network.build(spec)) for name, player in players.items()}
    return Trainer(
        phases=phases,
        players=live,
        states=states,
        batches=table.batch,
        parts=MicroBatches(batch, micro, ProcessGroup()),
        seed=seed,
        device=torch.device("cpu"),
        precision="fp32",
    )


def weights(trainer: Trainer) -> dict[str, Tensor]:
    """Every player's weights, copied."""
    return {name: value.clone() for player in trainer.players.values() for name, value in player.weights().items()}
