"""The terms of TimeGAN and of DoppelGANger by hand, and which player each turn moves."""

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganvas.base.draws import Draws
from ganvas.base.play import Play
from ganvas.base.types import Batch, Spec, Verdict
from ganvas.games.attribute_synthesis import AttributeSynthesis
from ganvas.games.timegan import Timegan, moment_distance
from ganvas.losses.wasserstein import Wasserstein
from ganvas.penalties.wgan_gp import WganGp

B, C, T, H = 4, 2, 3, 2
SPEC = Spec("series", (C, T), bounded=True)


class Times(nn.Module):
    """x times a number, as a generator or as a discriminator of each step."""

    def __init__(self, factor: float, *, judges: bool = False) -> None:
        super().__init__()
        self.factor, self.judges, self.latent = nn.Parameter(torch.tensor(factor)), judges, (C, T)

    def forward(self, x: Tensor, y: Tensor | None = None, given: Any = None) -> Any:
        made = x * self.factor
        return Verdict(made.sum(1)) if self.judges else made


def timegan() -> tuple[Timegan, Play, Batch, Draws]:
    factors = {"G": 0.5, "S": 0.7, "E": 0.9, "R": 1.1}
    networks: dict[str, nn.Module] = {name: Times(factor) for name, factor in factors.items()}
    networks["D"] = Times(0.3, judges=True)
    torch.manual_seed(0)
    return Timegan(width=H), Play(networks), Batch(x=torch.randn(B, C, T)), Draws("test", rows=range(B))


def total(terms: Any) -> Tensor:
    return sum((term.value.mean() * term.weight for term in terms.values()), torch.zeros(()))


def test_terms_of_timegan_by_hand() -> None:
    game, play, batch, draws = timegan()
    x, z = batch.x, draws.normal("z", C, T)
    h, first = 0.9 * x, 0.5 * z
    made = 0.7 * first
    again = (x - 1.1 * h).square().mean().sqrt()
    step = (h[:, :, 1:] - 0.7 * h[:, :, :-1]).square().mean()
    torch.testing.assert_close(total(game.embedding_turn(play, batch, draws)), 10 * again)
    torch.testing.assert_close(total(game.supervised_turn(play, batch, draws)), step)
    torch.testing.assert_close(total(game.embedder_turn(play, batch, draws)), 10 * again + 0.1 * step)
    real, fake, early = (0.3 * each.sum(1) for each in (h, made, first))
    moments = moment_distance(x, 1.1 * made)
    wanted = F.softplus(-fake).mean() + F.softplus(-early).mean() + 100 * step.sqrt() + 100 * moments
    torch.testing.assert_close(total(game.generator_turn(play, batch, draws)), wanted)
    judged = F.softplus(-real).mean() + F.softplus(fake).mean() + F.softplus(early).mean()
    torch.testing.assert_close(total(game.discriminator_turn(play, batch, draws)), judged)
    torch.testing.assert_close(game.output(play, batch, draws), 1.1 * made)
    logits = game.logits(play, batch, x)
    assert logits is not None
    torch.testing.assert_close(logits, real)


def test_moments_by_hand() -> None:
    x, made = torch.tensor([[[0.0]], [[2.0]]]), torch.tensor([[[1.0]], [[5.0]]])
    assert float(moment_distance(x, made)) == pytest.approx(2 + 1, abs=1e-5)
    assert float(moment_distance(x, x)) == 0.0


def test_only_the_players_of_a_turn_are_in_its_graph() -> None:
    game, play, batch, draws = timegan()
    reached = {
        name: {player for player, network in play.networks.items() if reaches(turn.terms(play, batch, draws), network)}
        for name, turn in game.turns().items()
    }
    for name, turn in game.turns().items():
        assert set(turn.players) <= reached[name], name
    assert reached["discriminator"] == {"D"}  # fakes and codes are held still


def reaches(terms: Any, network: nn.Module) -> bool:
    (slope,) = torch.autograd.grad(total(terms), list(network.parameters()), allow_unused=True)
    return slope is not None and bool(slope != 0)


def test_specs_of_the_players() -> None:
    game = Timegan(width=7)
    shapes = {name: game.player_spec(name, SPEC).shape for name in "GDERS"}
    assert shapes == {"G": (7, T), "D": (7, T), "E": (7, T), "R": (C, T), "S": (7, T)}
    inputs = {name: game.player_spec(name, SPEC).settings.get("inputs") for name in "GDERS"}
    assert inputs == {"G": None, "D": None, "E": C, "R": 7, "S": 7}


def test_the_second_discriminator_learns_as_the_first() -> None:
    torch.manual_seed(0)
    networks: dict[str, nn.Module] = {"G": Times(0.5), "D": Times(0.3, judges=True), "A": Times(-0.4, judges=True)}
    play, batch, draws = Play(networks), Batch(x=torch.randn(B, C, T)), Draws("test", rows=range(B))
    game = AttributeSynthesis(loss=Wasserstein(), penalties=(WganGp(weight=10.0),), alpha=0.5)
    assert game.turns()["discriminator"].players == ("D", "A")
    x, fake = batch.x, 0.5 * draws.normal("z", C, T)
    terms = game.discriminator_turn(play, batch, draws)
    for factor, prefix, weight in ((0.3, "", 1.0), (-0.4, "attributes.", 0.5)):
        adversarial = terms[f"{prefix}adversarial"]
        wanted = factor * (fake.sum(1) - x.sum(1)).mean()
        assert float(adversarial.value.mean().detach()) == pytest.approx(float(wanted), abs=1e-6)
        assert adversarial.weight == weight
        slope = abs(factor) / T * (C * T) ** 0.5  # the gradient of the mean over T logits
        assert float(terms[f"{prefix}WganGp"].value.mean().detach()) == pytest.approx(10 * (slope - 1) ** 2, rel=1e-4)
    of_generator = game.generator_turn(play, batch, draws)
    assert float(of_generator["attributes.adversarial"].value.mean().detach()) == pytest.approx(
        float(0.4 * fake.sum(1).mean())
    )
    assert of_generator["attributes.adversarial"].weight == 0.5
