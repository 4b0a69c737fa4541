"""A phase with a game of its own: an encoder that learns to invert a trained generator."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pytest
import torch

from ganvas.base.draws import Draws
from ganvas.base.errors import UsageError
from ganvas.base.play import Play
from ganvas.base.types import Batch, Term
from ganvas.games.contract import Game, Terms, Turn
from ganvas.networks.mlp import MlpCritic
from ganvas.networks.player import Player
from ganvas.recipes import Phase, Recipe, override, prepare, recipe
from ganvas.recipes.build import live_trainer
from ganvas.recipes.tiny import tiny_overrides
from ganvas.training.distributed import ProcessGroup
from ganvas.training.optimisers import Adam


@dataclass(frozen=True)
class Inversion(Game):
    """E: |E(G(z)) - z|^2, E's last features being its guess of z."""

    def turns(self) -> Mapping[str, Turn]:
        return {"encoder": Turn(("E",), self.encoder_turn)}

    def encoder_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        latents = self.latents(play, draws, batch)
        x_fake = self.generate(play, latents, batch).detach()
        guess = play.discriminator("E")(x_fake, None, {}).features[-1]
        assert latents.z is not None
        return {"inversion": Term((guess[:, : latents.z.shape[1]] - latents.z).square().mean(1))}


def made() -> Recipe:
    base = recipe("ring")
    small = override(base, {**tiny_overrides("ring"), "samples": 64, "threads": 1, "scores": []})
    encoder = Player(MlpCritic(widths=(16, 64)), Adam(lr=1e-3))
    return replace(small, others={"E": encoder}, phases=(Phase(32), Phase(32, game=Inversion())))


def test_each_phase_plays_its_own_game() -> None:
    trainer = live_trainer(prepare(made()), torch.device("cpu"), ProcessGroup())
    assert [type(phase.game).__name__ for phase in trainer.phases] == ["Synthesis", "Inversion"]
    moved: list[set[str]] = []
    while trainer.samples_seen < trainer.total:
        before = {name: player.parameters[0].clone() for name, player in trainer.players.items()}
        trainer.round()
        after = {name: player.parameters[0] for name, player in trainer.players.items()}
        moved.append({name for name in before if not torch.equal(before[name], after[name])})
    half = len(moved) // 2
    assert moved == [{"G", "D"}] * half + [{"E"}] * (len(moved) - half)


def test_a_phase_whose_game_needs_a_player_that_is_missing() -> None:
    with pytest.raises(UsageError, match="E"):
        live_trainer(prepare(replace(made(), others={})), torch.device("cpu"), ProcessGroup())
