"""A game for two generators and two discriminators, as CycleGAN has, with a pool of earlier samples, in the plane."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import pytest
import torch
from torch import Tensor, nn

from ganvas.base.draws import Draws
from ganvas.base.play import Play
from ganvas.base.types import Batch, Spec, Term, Verdict
from ganvas.games.contract import Game, Terms, Turn
from ganvas.losses.least_squares import LeastSquares
from ganvas.networks.player import Player
from ganvas.training.state import counters, restore, state_tensors
from playing import Built, Sgd, Table, trainer_of

SIZE = 16  # of the pool
TURN = torch.tensor([[0.0, -1.0], [1.0, 0.0]], dtype=torch.float64)


class Affine(nn.Module):
    """x -> A x + b."""

    latent: tuple[int, ...] = ()

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(2, 2).double()

    def forward(self, z: Tensor | None, y: Tensor | None, given: Mapping[str, Tensor]) -> Tensor:
        x: Tensor = self.linear(given["x"])
        return x


class Critic(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 1)).double()

    def forward(self, x: Tensor, y: Tensor | None, given: Mapping[str, Tensor]) -> Verdict:
        return Verdict(self.layers(x))


class Pool(nn.Module):
    """Earlier samples of both generators, the oldest replaced first."""

    x: Tensor
    filled: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("x", torch.zeros(2, SIZE, 2, dtype=torch.float64))
        self.register_buffer("filled", torch.zeros((), dtype=torch.int64))


@dataclass(frozen=True)
class Cycle(Game):
    """G: A -> B and F: B -> A, |F(G(a)) - a|_1 + |G(F(b)) - b|_1. Zhu et al. 2017, equations 1-3. https://arxiv.org/abs/1703.10593"""

    critic: ClassVar[str] = "D_B"
    needs_data: ClassVar[bool] = True
    loss: LeastSquares = field(default_factory=LeastSquares)
    weight: float = 10.0

    def turns(self) -> Mapping[str, Turn]:
        return {
            "discriminators": Turn(("D_A", "D_B"), self.discriminators_turn),
            "generators": Turn(("G", "F"), self.generators_turn),
        }

    def sides(self, play: Play, batch: Batch) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        a, b = batch.given["a"], batch.x
        return a, b, play.generator("F")(None, None, {"x": b}), play.G(None, None, {"x": a})

    def discriminators_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        a, b, fake_a, fake_b = self.sides(play, batch)
        assert isinstance(play.state, Pool)
        play.record("fake_a", fake_a)
        play.record("fake_b", fake_b)
        terms = {}
        for side, (name, real, fake) in enumerate((("D_A", a, fake_a), ("D_B", b, fake_b))):
            old = play.state.x[side][: int(play.state.filled)]
            fake = torch.cat([fake.detach(), old[-len(fake) :]]) if len(old) else fake.detach()
            D = play.discriminator(name)
            terms[name] = Term(
                self.loss.discriminator(real=D(real, None, {}).scores, fake=D(fake, None, {}).scores[: len(real)])
            )
        return terms

    def generators_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        a, b, fake_a, fake_b = self.sides(play, batch)
        G, F = play.G, play.generator("F")
        cycle = (F(None, None, {"x": fake_b}) - a).abs().mean(1) + (G(None, None, {"x": fake_a}) - b).abs().mean(1)
        fooled = {
            name: Term(self.loss.generator(real=None, fake=play.discriminator(name)(fake, None, {}).scores))
            for name, fake in (("D_A", fake_a), ("D_B", fake_b))
        }
        return {**fooled, "cycle": Term(cycle, self.weight)}

    def state(self, spec: Spec) -> nn.Module:
        return Pool()

    def after_turn(
        self, state: nn.Module, turn: str, stats: Mapping[str, float], recorded: Mapping[str, Tensor]
    ) -> None:
        assert isinstance(state, Pool)
        if turn == "discriminators":
            new = torch.stack([recorded["fake_a"], recorded["fake_b"]])
            state.x.copy_(torch.cat([state.x, new], dim=1)[:, -SIZE:])
            state.filled.fill_(min(SIZE, int(state.filled) + new.shape[1]))

    def output(self, play: Play, batch: Batch, draws: Draws) -> Tensor:
        return play.G(None, None, {"x": batch.given["a"]})


def data(n: int = 512) -> Table:
    """B is A turned by a right angle; unpaired."""
    generator = torch.Generator().manual_seed(0)
    a, b = (torch.randn(n, 2, generator=generator, dtype=torch.float64) * torch.tensor([2.0, 0.5]) for _ in range(2))
    return Table(x=b @ TURN.T, given={"a": a})


def players(lr: float = 0.02) -> dict[str, Player]:
    made = {"G": Affine, "F": Affine, "D_A": Critic, "D_B": Critic}
    return {name: Player(Built(make), Sgd(lr)) for name, make in made.items()}


@pytest.mark.parametrize(("micro", "rounds"), [(1, 60), (4, 60)])
def test_two_generators_step_on_one_backward_and_learn_to_undo_each_other(micro: int, rounds: int) -> None:
    trainer = trainer_of(Cycle(), players(), data(), batch=32, micro=micro, samples=rounds * 32)
    before = {name: player.parameters[0].clone() for name, player in trainer.players.items()}
    trainer.round()
    assert trainer.samples_seen == 32, "one batch of D_B's reals a round"
    assert all(not torch.equal(before[name], player.parameters[0]) for name, player in trainer.players.items())
    first = float(trainer.stats["generators.cycle"])
    while trainer.samples_seen < trainer.total:
        trainer.round()
    assert float(trainer.stats["generators.cycle"]) < 0.1 * first


def test_the_pool_holds_the_last_samples_whatever_the_micro_batches() -> None:
    pools = []
    for micro in (1, 2):
        trainer = trainer_of(Cycle(), players(), data(), batch=8, micro=micro)
        for _ in range(3):
            trainer.round()
        pool = trainer.states["Cycle"]
        assert isinstance(pool, Pool)
        assert int(pool.filled) == SIZE
        pools.append(pool.x.clone())
    torch.testing.assert_close(*pools, rtol=1e-12, atol=1e-14)
    assert len(pools[0][0].unique(dim=0)) == SIZE


@pytest.mark.parametrize("micro", [1, 2])
def test_a_turn_that_records_nothing_hands_nothing_over(micro: int, monkeypatch: pytest.MonkeyPatch) -> None:
    names: list[tuple[str, set[str]]] = []

    def noted(self: Cycle, state: nn.Module, turn: str, stats: object, recorded: Mapping[str, Tensor]) -> None:
        names.append((turn, set(recorded)))

    monkeypatch.setattr(Cycle, "after_turn", noted)
    trainer_of(Cycle(), players(), data(), micro=micro).round()
    assert names == [("discriminators", {"fake_a", "fake_b"}), ("generators", set())]


def test_a_run_with_a_pool_goes_on_bitwise() -> None:
    whole = trainer_of(Cycle(), players(), data())
    for _ in range(4):
        whole.round()
    begun, resumed = (trainer_of(Cycle(), players(), data(), seed=seed) for seed in (0, 0))
    for _ in range(2):
        begun.round()
    files = {file: {name: value.clone() for name, value in kept.items()} for file, kept in state_tensors(begun).items()}
    assert "Cycle.x" in files["game"]
    restore(resumed, files, counters(begun))
    for _ in range(2):
        resumed.round()
    for name, value in whole.players["G"].weights().items():
        assert torch.equal(resumed.players["G"].weights()[name], value)
    assert torch.equal(resumed.states["Cycle"].x, whole.states["Cycle"].x)  # type: ignore[arg-type]
