"""The Dirac-GAN of Mescheder, Geiger and Nowozin 2018, played by the real trainer: theory's matrix, and who moves
when.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from ganvas.augment.noise import InstanceNoise
from ganvas.base.draws import Draws
from ganvas.base.play import Play
from ganvas.base.schedule import Linear
from ganvas.base.types import Batch, Given, Spec, Verdict
from ganvas.games.synthesis import Synthesis
from ganvas.losses.hinge import Hinge
from ganvas.losses.least_squares import LeastSquares
from ganvas.losses.minimax import Minimax
from ganvas.losses.nonsaturating import NonSaturating
from ganvas.losses.relativistic import Relativistic
from ganvas.losses.wasserstein import Wasserstein
from ganvas.networks.clip import Clip
from ganvas.networks.mlp import Mlp, MlpCritic
from ganvas.networks.player import Player
from ganvas.penalties.every import Every
from ganvas.penalties.gradient import R1, R2
from ganvas.penalties.wgan_gp import WganGp
from ganvas.training.accumulation import MicroBatches
from ganvas.training.distributed import ProcessGroup
from ganvas.training.phases import LivePhase
from ganvas.training.player import LivePlayer
from ganvas.training.trainer import Trainer

BATCH = 4
SPEC = Spec("points", (1,), bounded=False)


@dataclass(frozen=True)
class Sgd:
    """w <- w - lr g."""

    lr: float

    def optimise(self, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
        return torch.optim.SGD(parameters, lr=0.0)

    def tune(self, optimiser: torch.optim.Optimizer) -> None:
        for group in optimiser.param_groups:
            group["lr"] = self.lr


@dataclass(frozen=True)
class Point:
    """G(z) = theta."""

    theta: float

    def build(self, spec: Spec) -> nn.Module:
        return PointGenerator(self.theta)


class PointGenerator(nn.Module):
    latent = (1,)

    def __init__(self, theta: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([[theta]], dtype=torch.float64))

    def forward(self, z: Tensor, y: Tensor | None = None, given: Given = None) -> Tensor:
        return self.weight.expand(len(z), 1)


@dataclass(frozen=True)
class Slope:
    """D(x) = psi x."""

    psi: float

    def build(self, spec: Spec) -> nn.Module:
        return SlopeDiscriminator(self.psi)


class SlopeDiscriminator(nn.Module):
    def __init__(self, psi: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([[psi]], dtype=torch.float64))

    def forward(self, x: Tensor, y: Tensor | None = None, given: Given = None) -> Verdict:
        return Verdict(x * self.weight)


@dataclass
class Rows:
    """Stands for Streams: the rows of one table, from the position on."""

    x: Tensor = field(default_factory=lambda: torch.zeros(BATCH, 1, dtype=torch.float64))
    asked: list[int] = field(default_factory=list)

    def batch(self, position: int, count: int) -> Batch:
        self.asked.append(position)
        rows = torch.arange(position, position + count)
        return Batch(x=self.x[rows % len(self.x)], index=rows)


def trainer_of(
    game: Synthesis,
    G: Player,
    D: Player,
    *,
    spec: Spec = SPEC,
    rows: Rows | None = None,
    batch: int = BATCH,
    micro: int = 1,
) -> Trainer:
    torch.manual_seed(0)
    players = {"G": G, "D": D}
    live = {name: LivePlayer(player, player.network.build(spec)) for name, player in players.items()}
    return Trainer(
        phases=(LivePhase(10_000, game.round(), game, players),),
        players=live,
        states={},
        batches=(rows or Rows()).batch,
        parts=MicroBatches(batch, micro, ProcessGroup()),
        seed=0,
        device=torch.device("cpu"),
        precision="fp32",
    )


def dirac(game: Synthesis, *, h: float, theta: float, psi: float, **more: Any) -> Trainer:
    return trainer_of(game, Player(Point(theta), Sgd(h)), Player(Slope(psi), Sgd(h)), **more)


def place(trainer: Trainer) -> tuple[float, float]:
    theta, psi = (weight_of(trainer.players[name]).item() for name in "GD")
    return theta, psi


def weight_of(player: LivePlayer) -> nn.Parameter:
    """The player's only weight."""
    (weight,) = player.network.parameters()
    return weight


def round_matrix(game: Synthesis, h: float, near: float = 1e-6) -> np.ndarray[Any, Any]:
    """The linear map (theta, psi) -> (theta, psi) of one round near the origin."""
    columns = []
    for theta, psi in ((near, 0.0), (0.0, near)):
        trainer = dirac(game, h=h, theta=theta, psi=psi)
        trainer.round()
        columns.append(place(trainer))
    return np.array(columns).T / near


@pytest.mark.parametrize("h", [0.1, 0.01])
@pytest.mark.parametrize("gamma", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("loss", [NonSaturating(), Minimax(), Relativistic()], ids=lambda loss: type(loss).__name__)
def test_a_round_is_theorys_matrix(h: float, gamma: float, loss: Any) -> None:
    matrix = round_matrix(Synthesis(loss=loss, penalties=(R1(gamma),) if gamma else ()), h)
    wanted = [[1 - h**2 / 4, h / 2 * (1 - h * gamma)], [-h / 2, 1 - h * gamma]]
    np.testing.assert_allclose(matrix, wanted, rtol=1e-9, atol=1e-11)
    assert np.linalg.det(matrix) == pytest.approx(1 - h * gamma, rel=1e-9)


@pytest.mark.parametrize("gamma", [0.0, 0.3])
@pytest.mark.parametrize(
    ("loss", "pull"),
    [(Hinge(), 1.0), (Wasserstein(), 1.0), (LeastSquares(), 0.0)],
    ids=lambda part: type(part).__name__,
)
def test_a_round_of_the_other_losses(loss: Any, pull: float, gamma: float) -> None:
    """D's side rises with a fake's logit at the slope `pull`, G's side falls at the slope 1; least squares leaves a
    fake at 0 alone.
    """
    h = 0.1
    matrix = round_matrix(Synthesis(loss=loss, penalties=(R1(gamma),) if gamma else ()), h)
    wanted = [[1 - h**2 * pull, h * (1 - h * gamma)], [-h * pull, 1 - h * gamma]]
    np.testing.assert_allclose(matrix, wanted, rtol=1e-5, atol=1e-7)
    assert np.linalg.det(matrix) == pytest.approx(1 - h * gamma, rel=1e-5)


def farthest(game: Synthesis, rounds: int = 100, **more: Any) -> float:
    """The largest |theta| of a game's last quarter."""
    trainer = dirac(game, h=0.3, theta=0.3, psi=0.3, **more)
    seen = []
    for _ in range(rounds):
        trainer.round()
        seen.append(abs(place(trainer)[0]))
    return max(seen[-rounds // 4 :])


def test_wgan_gp_does_not_arrive_and_r1_does() -> None:
    """Mescheder et al. 2018, section 3: a slope of one at the equilibrium drives G away from it for ever."""
    assert farthest(Synthesis(loss=Wasserstein(), penalties=(WganGp(weight=0.5),))) > 0.3
    assert farthest(Synthesis(loss=Wasserstein(), penalties=(WganGp(weight=0.5, target=0.0),))) < 1e-3
    assert farthest(Synthesis(loss=Wasserstein(), penalties=(R1(1.0),))) < 1e-3


def test_instance_noise_arrives() -> None:
    """Mescheder et al. 2018, section 3: noise of variance s^2 on both sides pulls like R1 of gamma = s^2 / 2."""
    large: dict[str, Any] = {"batch": 2000, "rows": Rows(torch.zeros(2000, 1, dtype=torch.float64))}
    assert farthest(Synthesis(views=(InstanceNoise(0.0),)), **large) > 0.3
    assert farthest(Synthesis(views=(InstanceNoise(1.2),)), **large) < 0.1


def test_noise_may_fade_away() -> None:
    trainer = dirac(Synthesis(views=(InstanceNoise(Linear(1.0, 0.0)),)), h=0.1, theta=0.4, psi=0.2)
    assert [trainer.phases[0].game_at(seen, 10_000).views[0].sigma for seen in (0, 5_000, 10_000)] == [1.0, 0.5, 0.0]  # type: ignore[attr-defined]
    trainer.round()


def test_a_clipped_critic_stays_in_its_box() -> None:
    trainer = trainer_of(
        Synthesis(loss=Wasserstein()),
        Player(Point(0.4), Sgd(0.1)),
        Player(Slope(0.2), Sgd(0.1), constraints=(Clip(0.01),)),
    )
    for _ in range(5):
        trainer.round()
        assert place(trainer)[1] in (pytest.approx(0.01), pytest.approx(-0.01))


def test_r1_and_r2_pull_together() -> None:
    h, gamma = 0.1, 0.3
    matrix = round_matrix(Synthesis(penalties=(R1(gamma), R2(gamma))), h)
    assert np.linalg.det(matrix) == pytest.approx(1 - 2 * h * gamma, rel=1e-9)


def test_without_a_penalty_it_circles_and_with_one_it_arrives() -> None:
    def distance(game: Synthesis) -> float:
        trainer = dirac(game, h=0.1, theta=0.5, psi=0.5)
        for _ in range(300):
            trainer.round()
        return float(np.hypot(*place(trainer)))

    assert distance(Synthesis()) > 0.4
    assert distance(Synthesis(penalties=(R1(1.0),))) < 1e-3


def test_one_player_moves_at_a_time() -> None:
    game = Synthesis(penalties=(R1(0.3),))
    trainer = dirac(game, h=0.1, theta=0.4, psi=0.2)
    live = trainer.players
    batch = trainer.next_batch()
    for name, player, other in (("discriminator", "D", "G"), ("generator", "G", "D")):
        before = {key: weight_of(each).item() for key, each in live.items()}
        trainer.turn(game, name, batch, trainer.phases[0])
        assert weight_of(live[other]).item() == before[other]
        assert weight_of(live[other]).grad is None
        assert weight_of(live[player]).item() != before[player]
        assert weight_of(live[player]).grad is None  # spent


@pytest.mark.parametrize("penalties", [(), (R1(0.3),)], ids=["plain", "penalised"])
def test_the_fake_is_data_to_the_discriminator(penalties: tuple[Any, ...]) -> None:
    G, D = PointGenerator(0.4), SlopeDiscriminator(0.2)
    play = Play({"G": G, "D": D})
    terms = Synthesis(penalties=penalties).discriminator_turn(play, Rows().batch(0, BATCH), Draws(0, rows=range(BATCH)))
    torch.stack([term.value.mean() for term in terms.values()]).sum().backward()
    assert G.weight.grad is None
    assert D.weight.grad is not None


def test_penalties_are_named_terms_of_the_sum() -> None:
    gamma, psi = 0.3, 0.2
    trainer = dirac(Synthesis(penalties=(R1(gamma),)), h=0.0, theta=0.4, psi=psi)
    trainer.round()
    assert {name for name in trainer.stats if not name.endswith(".gradient")} == {
        "discriminator.adversarial",
        "discriminator.R1",
        "generator.adversarial",
    }
    assert float(trainer.stats["discriminator.R1"]) == pytest.approx(gamma / 2 * psi**2, rel=1e-6)


def test_lazy_penalties_count_by_the_turn() -> None:
    trainer = dirac(Synthesis(penalties=(Every(4, R1(0.3)),)), h=0.0, theta=0.4, psi=0.2)
    seen = []
    for _ in range(9):
        trainer.stats.clear()
        trainer.round()
        seen.append("discriminator.R1" in trainer.stats)
    assert [place for place, there in enumerate(seen) if there] == [0, 4, 8]


def test_n_critic_steps_the_discriminator_first_and_on_fresh_batches() -> None:
    h, theta, psi = 0.1, 0.4, 0.2
    rows = Rows()
    trainer = dirac(Synthesis(n_critic=3), h=h, theta=theta, psi=psi, rows=rows)
    trainer.round()
    for _ in range(3):
        psi -= h * theta / (1 + np.exp(-psi * theta))
    theta += h * psi / (1 + np.exp(psi * theta))
    assert place(trainer) == pytest.approx((theta, psi), rel=1e-9)
    assert trainer.turns == {"discriminator": 3, "generator": 1}
    assert trainer.samples_seen == 3 * BATCH
    assert rows.asked == [0, BATCH, 2 * BATCH]


@pytest.mark.parametrize(("loss", "dealt"), [(NonSaturating(), 1), (Relativistic(), 2)], ids=["blind", "needs reals"])
def test_turns_that_look_at_reals_get_fresh_ones(loss: Any, dealt: int) -> None:
    rows = Rows()
    trainer = dirac(Synthesis(loss=loss), h=0.1, theta=0.4, psi=0.2, rows=rows)
    trainer.round()
    assert len(rows.asked) == dealt
    assert trainer.samples_seen == BATCH


def test_discriminator_weight_halves_its_step() -> None:
    moved = []
    for weight in (1.0, 0.5):
        trainer = dirac(Synthesis(discriminator_weight=weight), h=0.1, theta=0.4, psi=0.2)
        trainer.round()
        moved.append(place(trainer)[1] - 0.2)
    assert moved[1] == pytest.approx(moved[0] / 2, rel=1e-9)


def test_a_term_is_a_mean_not_a_sum() -> None:
    trainers = [dirac(Synthesis(penalties=(R1(0.3),)), h=0.1, theta=0.4, psi=0.2, batch=batch) for batch in (2, 16)]
    for trainer in trainers:
        trainer.round()
    assert place(trainers[0]) == pytest.approx(place(trainers[1]), rel=1e-12)


@pytest.mark.parametrize(
    "game",
    [Synthesis(penalties=(R1(0.3), R2(0.1))), Synthesis(loss=Relativistic())],
    ids=["nonsaturating", "relativistic"],
)
@pytest.mark.parametrize("micro", [2, 4])
def test_micro_batches_equal_one_batch(game: Synthesis, micro: int) -> None:
    spec = Spec("points", (2,), bounded=False)
    rows = Rows(torch.randn(32, 2, generator=torch.Generator().manual_seed(5)))
    ended = []
    for parts in (1, micro):
        G, D = Player(Mlp(widths=(8,), latent=3), Sgd(0.1)), Player(MlpCritic(widths=(8,)), Sgd(0.1))
        trainer = trainer_of(game, G, D, spec=spec, rows=rows, batch=8, micro=parts)
        for _ in range(3):
            trainer.round()
        ended.append((trainer.players, dict(trainer.stats)))
    for name in "GD":
        for whole, split in zip(ended[0][0][name].parameters, ended[1][0][name].parameters, strict=True):
            torch.testing.assert_close(split, whole, rtol=0, atol=1e-6)
    for term, value in ended[0][1].items():
        torch.testing.assert_close(ended[1][1][term], value, rtol=1e-5, atol=1e-6)
