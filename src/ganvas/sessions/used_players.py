"""Which players are needed to use a model: those that its game reads when it makes an output."""

from collections.abc import Mapping
from typing import Any, Literal

import torch
from torch import Tensor, nn

from ..base.draws import Draws, torch_seeded
from ..base.play import Play
from ..base.types import Batch, Spec
from ..games.contract import Game
from ..ops.eval_mode import eval_mode

ROWS = 2


class RecordedNetworks(dict[str, nn.Module]):
    """Networks by name, which record the names by which they were read."""

    def __init__(self, networks: Mapping[str, nn.Module]) -> None:
        super().__init__(networks)
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> nn.Module:
        self.names.add(name)
        return super().__getitem__(name)


@torch.no_grad()
def used_players(game: Game, spec: Spec, networks: Mapping[str, nn.Module]) -> tuple[str, ...]:
    """The players that make the output, score anomalies or translate back, in the order of `networks`."""
    recorded = RecordedNetworks(networks)
    with eval_mode(*networks.values()), torch_seeded(torch.device("cpu"), 0, "used players"):
        game.output(Play(recorded), blank_batch(spec), Draws(0, "sample", rows=range(ROWS)))
        if game.finds_anomalies:
            game.assess(Play(recorded), blank_batch(spec))
    there, back = game.translators
    if there in recorded.names and back in networks:
        recorded.names.add(back)
    return tuple(name for name in networks if name in recorded.names)


def blank_batch(spec: Spec, rows: int = ROWS) -> Batch:
    """A batch of zeros of the form of the data."""
    given = {name: blank(rows, each.shape, each.dtype) for name, each in spec.given.items()}
    y = torch.zeros(rows, dtype=torch.int64) if spec.classes else None
    return Batch(x=torch.zeros(rows, *spec.shape), y=y, given=given, index=torch.arange(rows))


def blank(rows: int, shape: tuple[int, ...], dtype: str) -> Tensor:
    """Zeros [rows, *shape] of a type by name."""
    kind: Any = getattr(torch, dtype)
    return torch.zeros(rows, *shape, dtype=kind)


def use_of(game: Game) -> Literal["samples", "translations", "classes"]:
    """What a trained model of this game is for."""
    if game.output_kind != "samples":
        return "classes"
    return "translations" if game.needs_data else "samples"
