"""One pass for both players gives the gradients of the two turns of Synthesis on the same random numbers."""

from collections.abc import Mapping
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from ganvas.base.draws import Draws
from ganvas.base.errors import UsageError
from ganvas.base.play import Play
from ganvas.base.types import Batch, Verdict
from ganvas.games.class_term import ClassTerm
from ganvas.games.simultaneous import Simultaneous
from ganvas.games.synthesis import Synthesis
from ganvas.losses.hinge import Hinge
from ganvas.losses.relativistic import Relativistic
from ganvas.networks.player import Player
from ganvas.penalties.energy_distance import EnergyDistance
from ganvas.penalties.gradient import R1
from playing import Built, Sgd, Table, trainer_of

B, N, K = 6, 4, 3


def random(*shape: int, seed: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


class G(nn.Module):
    latent = (N,)

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(random(N, N, seed=1))

    def forward(self, z: Tensor, y: Tensor | None = None, given: Any = None) -> Tensor:
        return torch.tanh(z.double() @ self.weight)


class D(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = nn.Parameter(random(N, 5, seed=2)), nn.Parameter(random(5, 2, seed=3))
        self.classes = nn.Parameter(random(5, K, seed=4))

    def forward(self, x: Tensor, y: Tensor | None = None, given: Any = None) -> Verdict:
        h = torch.tanh(x @ self.first)
        return Verdict(h @ self.last, h @ self.classes, (h,))


def gradients(game: Synthesis, turns: Mapping[str, tuple[str, ...]]) -> dict[str, list[Tensor]]:
    """Of each player, as the trainer makes them: backward reaches the players of the turn alone."""
    players: dict[str, nn.Module] = {"G": G(), "D": D()}
    batch = Batch(x=random(B, N, seed=5), y=torch.arange(B) % K)
    for turn, names in turns.items():
        for name, player in players.items():
            player.requires_grad_(name in names)
        terms = game.turns()[turn].terms(Play(players), batch, Draws(3, rows=range(B)))
        total = sum((term.weight * term.value.mean() for term in terms.values()), torch.zeros(()))
        total.backward(inputs=[each for name in names for each in players[name].parameters()])
    return {
        name: [each.grad for each in player.parameters() if each.grad is not None] for name, player in players.items()
    }


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"loss": Hinge(), "generator_penalties": (EnergyDistance(weight=3.0),)},
        {"loss": Relativistic(), "penalties": (R1(gamma=2.0),), "discriminator_weight": 0.5, "adversarial_weight": 0.7},
        {"auxiliary": (ClassTerm(),), "adversarial_weight": 0.0},
    ],
    ids=["plain", "energy distance", "relativistic, R1 and weights", "class term alone"],
)
def test_gradients_are_those_of_two_turns(settings: dict[str, Any]) -> None:
    expected = gradients(Synthesis(**settings), {"discriminator": ("D",), "generator": ("G",)})
    found = gradients(Simultaneous(**settings), {"both": ("D", "G")})
    for name in "GD":
        assert len(found[name]) == len(expected[name]) > 0
        for ours, theirs in zip(found[name], expected[name], strict=True):
            torch.testing.assert_close(ours, theirs)
            assert theirs.abs().sum() > 0


def test_terms_are_reported_by_player() -> None:
    settings: dict[str, Any] = {
        "auxiliary": (ClassTerm(),),
        "generator_penalties": (EnergyDistance(weight=3.0),),
        "adversarial_weight": 0.7,
    }
    players, batch = {"G": G(), "D": D()}, Batch(x=random(B, N, seed=5), y=torch.arange(B) % K)
    terms = Simultaneous(**settings).turns()["both"].terms(Play(players), batch, Draws(3, rows=range(B)))
    for player, turn in (("D", "discriminator"), ("G", "generator")):
        for name, term in (
            Synthesis(**settings).turns()[turn].terms(Play(players), batch, Draws(3, rows=range(B))).items()
        ):
            ours = terms[player if name == "adversarial" else f"{player}.{name}"]
            torch.testing.assert_close(ours.weight * ours.value.mean(), term.weight * term.value.mean())


def test_one_step_of_each() -> None:
    with pytest.raises(UsageError, match="n_critic is 2"):
        Simultaneous(n_critic=2)


@pytest.mark.parametrize("micro", [1, 2])
def test_both_step_once_a_round(micro: int) -> None:
    """w - lr * gradient for both players, and each one's gradient is reported beside that of both."""
    game = Simultaneous(loss=Hinge())
    players = {"G": Player(Built(G), Sgd(lr=0.1)), "D": Player(Built(D), Sgd(lr=0.1))}
    trainer = trainer_of(game, players, Table(random(16, N, seed=5)), micro=micro)
    trainer.round()
    moved = {}
    for name, player in trainer.players.items():
        steps = [
            player.network.state_dict()[key] - value
            for key, value in (G() if name == "G" else D()).state_dict().items()
        ]
        moved[name] = torch.cat([each.flatten() for each in steps]).norm() / 0.1
        torch.testing.assert_close(trainer.stats[f"both.{name}.gradient"].double(), moved[name])
    torch.testing.assert_close(trainer.stats["both.gradient"].double(), (moved["G"] ** 2 + moved["D"] ** 2).sqrt())
    assert (trainer.samples_seen, trainer.turns) == (8, {"both": 1})
