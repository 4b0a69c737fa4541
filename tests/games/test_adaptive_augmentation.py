"""Adaptive discriminator augmentation: the strength of a view is a game's state, steered by a signal of D."""

from collections.abc import Mapping
from dataclasses import dataclass

import pytest
import torch
from torch import Tensor, nn

from ganvas.base.draws import Draws
from ganvas.base.play import Play
from ganvas.base.schedule import Linear, resolve
from ganvas.base.types import Batch, Spec, Term, Verdict
from ganvas.games.contract import Terms
from ganvas.games.synthesis import Synthesis
from ganvas.networks.player import Player
from ganvas.penalties.contract import Context
from playing import Built, Sgd, Table, trainer_of

TARGET, STEP = 0.6, 0.05


class Strength(nn.Module):
    p: Tensor

    def __init__(self, p: float = 0.0) -> None:
        super().__init__()
        self.register_buffer("p", torch.tensor(p, dtype=torch.float64))


class Fixed(nn.Module):
    """D is positive on `share` of the reals, whatever it learns."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share, self.unused = share, nn.Parameter(torch.zeros((), dtype=torch.float64))

    def forward(self, x: Tensor, y: Tensor | None, given: Mapping[str, Tensor]) -> Verdict:
        return Verdict(torch.where(x[:, :1] < self.share, 1.0, -1.0).double() + 0 * self.unused * x[:, :1])


class Zero(nn.Module):
    latent = (1,)

    def __init__(self) -> None:
        super().__init__()
        self.b = nn.Parameter(torch.ones(1, dtype=torch.float64))

    def forward(self, z: Tensor, y: Tensor | None, given: Mapping[str, Tensor]) -> Tensor:
        return self.b.expand(len(z), 1)


@dataclass(frozen=True)
class Adaptive(Synthesis):
    """r = E[sign(D(x))]; p moves by STEP towards r = TARGET. Karras et al. 2020, section 3.1. https://arxiv.org/abs/2006.06676"""

    def state(self, spec: Spec) -> nn.Module:
        return Strength()

    def strength(self, state: nn.Module | None) -> float:
        assert isinstance(state, Strength)
        return float(state.p)

    def discriminator_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        terms = super().discriminator_turn(play, batch, draws)
        signal = play.D(batch.x, None, {}).scores.sign().mean(1)
        return {**terms, "sign": Term(signal.detach(), 0.0)}

    def after_turn(
        self, state: nn.Module, turn: str, stats: Mapping[str, float], recorded: Mapping[str, Tensor]
    ) -> None:
        assert isinstance(state, Strength)
        if turn == "discriminator":
            step = STEP if stats["sign"] > TARGET else -STEP
            state.p.copy_((state.p + step).clamp(0, 1))


@pytest.mark.parametrize(("share", "p"), [(0.9, 0.5), (0.7, 0.0)])  # r = 0.8 is above 0.6, r = 0.4 is below
def test_the_controller_follows_a_signal_of_known_value(share: float, p: float) -> None:
    x = torch.arange(100, dtype=torch.float64)[:, None] / 100
    players = {"G": Player(Built(Zero), Sgd(0.0)), "D": Player(Built(lambda: Fixed(share)), Sgd(0.0))}
    trainer = trainer_of(Adaptive(), players, Table(x), batch=100, samples=10_000)
    for _ in range(10):
        trainer.round()
    state = trainer.states["Adaptive"]
    assert isinstance(state, Strength)
    assert float(trainer.stats["discriminator.sign"]) == pytest.approx(2 * share - 1)
    assert float(state.p) == pytest.approx(p)


@dataclass(frozen=True)
class Negate:
    def view(self, x: Tensor, draws: Draws, stream: str) -> Tensor:
        return -x


def test_the_share_may_be_a_schedule() -> None:
    game = Synthesis(views=(Negate(),), view_share=Linear(0.0, 0.5))
    assert [resolve(game, seen, 100).strength(None) for seen in (0, 50, 100)] == [0.0, 0.25, 0.5]
    assert Synthesis().strength(None) == 1.0


@pytest.mark.parametrize("strength", [0.0, 0.3, 1.0])
def test_a_view_is_applied_to_that_share_of_the_samples(strength: float) -> None:
    class Shown(nn.Module):
        def forward(self, x: Tensor, y: Tensor | None, given: Mapping[str, Tensor]) -> Verdict:
            self.x = x
            return Verdict(x)

    D, n = Shown(), 4_000
    x = torch.ones(n, 1)
    play = Play({"D": D}, strength=strength)
    context = Context(play, Batch(x=x), Draws(0, rows=range(n)), x_real=x, x_fake=2 * x, views=(Negate(),))
    assert context.real.scores.shape == (n, 1)
    for part in D.x.chunk(2):
        assert float((part < 0).float().mean()) == pytest.approx(strength, abs=0.03)
    if 0 < strength < 1:
        assert not torch.equal(D.x[:n] < 0, D.x[n:] < 0), "reals and fakes are chosen apart"
