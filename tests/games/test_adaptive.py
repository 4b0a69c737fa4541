"""A probability that follows D's logits, fakes shown as reals, and averages of logits: by hand, and in the trainer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from ganvas.base.draws import Draws
from ganvas.base.errors import UsageError
from ganvas.base.play import Play
from ganvas.base.types import Batch, Given, Spec, Verdict
from ganvas.games.adaptive import Adaptive
from ganvas.games.contract import Game
from ganvas.games.pseudo_reals import PseudoReals
from ganvas.games.simultaneous import Simultaneous
from ganvas.games.synthesis import Synthesis
from ganvas.networks.packed import PackedDiscriminator
from ganvas.networks.player import Player
from ganvas.penalties.contract import Context
from ganvas.penalties.every import Every
from ganvas.penalties.lecam import LeCam
from ganvas.training.state import counters, restore, state_tensors
from ganvas.training.trainer import Trainer
from playing import Built, Sgd, Table, trainer_of, weights

SPEC = Spec("points", (1,), bounded=False)


class Judge(nn.Module):
    """D(x) = w x + b, and b counts the samples that it got."""

    def __init__(self, w: float = 1.0, b: float = 0.0) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.tensor(w, dtype=torch.float64))
        self.b = nn.Parameter(torch.tensor(b, dtype=torch.float64))
        self.seen: list[Tensor] = []

    def forward(self, x: Tensor, y: Tensor | None = None, given: Given = None) -> Verdict:
        self.seen.append(x.detach())
        return Verdict((self.w * x + self.b)[:, :1])


class Maker(nn.Module):
    """G(z) = z + shift (1 + y)."""

    latent = (1,)

    def __init__(self, shift: float = 100.0) -> None:
        super().__init__()
        self.shift = nn.Parameter(torch.full((1,), shift, dtype=torch.float64))

    def forward(self, z: Tensor, y: Tensor | None, given: Mapping[str, Tensor]) -> Tensor:
        return z.double() + self.shift * (1 if y is None else 1 + y[:, None])


def logits(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)[:, None]


@dataclass(frozen=True)
class Negate:
    def view(self, x: Tensor, draws: Draws, stream: str) -> Tensor:
        return -x


def test_p_rises_and_falls_by_the_samples_that_it_saw() -> None:
    rule = Adaptive(target=0.6, samples=100, interval=2, most=0.8)
    state: Any = rule.state()
    rule.update(state, {"real": logits(1, 2, 3, 4), "fake": logits()})
    assert state.p == 0, "not before the second turn"
    rule.update(state, {"real": logits(1, 2, 3, -4), "fake": logits()})  # r = 6/8
    assert float(state.p) == pytest.approx(8 / 100)
    rule.update(state, {"real": logits(1, 1, 1, 1), "fake": logits()})
    rule.update(state, {"real": logits(-1, -1, 1, 1), "fake": logits()})  # r = 1/2: the turns before do not count again
    assert float(state.p) == 0
    rule.update(state, {"real": logits(-1), "fake": logits()})
    rule.update(state, {"real": logits(-1), "fake": logits()})
    assert float(state.p) == 0, "it does not fall below 0, and nothing is owed"
    rule.update(state, {"real": logits(1), "fake": logits()})
    rule.update(state, {"real": logits(1), "fake": logits()})
    assert float(state.p) == pytest.approx(2 / 100)


def test_p_does_not_wind_up_at_its_bound() -> None:
    rule = Adaptive(samples=10, interval=1, most=0.8)
    state: Any = rule.state()
    for _ in range(1_000):
        rule.update(state, {"real": logits(1), "fake": logits()})
    assert float(state.p) == 0.8
    rule.update(state, {"real": logits(-1), "fake": logits()})
    assert float(state.p) == pytest.approx(0.7), "it falls at once"


def test_from_0_to_1_in_the_given_number_of_samples() -> None:
    rule = Adaptive(samples=500_000, most=1.0)
    state: Any = rule.state()
    turns = 0
    while float(state.p) < 1 - 1e-9:
        rule.update(state, {"real": torch.ones(64, 1), "fake": logits()})
        turns += 1
    assert 64 * turns == pytest.approx(500_000, rel=0.001)


def test_of_patches_the_mean_sign_counts_and_a_target_that_is_met_moves_nothing() -> None:
    rule = Adaptive(target=0.5, samples=10, interval=1)
    state: Any = rule.state()
    rule.update(state, {"real": torch.tensor([[1.0, 1.0, 1.0, -1.0]]), "fake": logits()})
    assert float(state.p) == 0
    rule.update(state, {"real": torch.tensor([[1.0, 1.0, 1.0, 0.0]]), "fake": logits()})
    assert float(state.p) == pytest.approx(0.1)


def players(shift: float = 100.0, lr: float = 0.0) -> dict[str, Player]:
    return {"G": Player(Built(lambda: Maker(shift)), Sgd(lr)), "D": Player(Built(Judge), Sgd(lr))}


def table(n: int = 96) -> Table:
    return Table(torch.linspace(0.1, 1, n, dtype=torch.float64)[:, None])


@pytest.mark.parametrize("game", [Synthesis, Simultaneous])
def test_in_the_trainer_p_is_applied_reported_and_moved(game: Any) -> None:
    rule = Adaptive(samples=80, interval=2)
    trainer = trainer_of(game(adaptive=rule, views=(Negate(),)), players(), table(), batch=8)
    name = "discriminator" if game is Synthesis else "both"
    prefix = f"{name}." if game is Synthesis else f"{name}.D."
    state: Any = trainer.states[game.__name__]
    seen = []
    for _ in range(12):
        trainer.round()
        seen.append(float(trainer.stats[f"{prefix}strength"]))
    # D(x) = x > 0: reals that are not negated have a positive sign, so that r = 1 - 2 p on average
    assert seen[:4] == pytest.approx([0, 0, 0.2, 0.2])
    assert 0.1 < sum(seen) / 12 < 0.4, "it stays about where r = 0.6"
    assert float(state["Adaptive"].p) == pytest.approx(round(float(state["Adaptive"].p) / 0.2) * 0.2)
    assert float(trainer.stats[f"{prefix}overfitting"]) < 1
    D: Any = trainer.players["D"].network
    assert any((x < 0).any() for x in D.seen)


def test_a_pack_counts_for_all_its_samples() -> None:
    rule = Adaptive(samples=100, interval=1)
    both = {"G": Player(Built(Maker), Sgd(0.0)), "D": Player(Built(lambda: PackedDiscriminator(Judge(), 2)), Sgd(0.0))}
    for micro in (1, 2):
        trainer = trainer_of(Synthesis(adaptive=rule), both, table(), batch=8, micro=micro)
        trainer.round()
        state: Any = trainer.states["Synthesis"]
        assert float(state["Adaptive"].p) == pytest.approx(8 / 100)


GAMES: dict[str, Game] = {
    "views": Synthesis(
        adaptive=Adaptive(samples=60, interval=2), views=(Negate(),), penalties=(Every(2, LeCam(weight=0.5)),)
    ),
    "pseudo": PseudoReals(adaptive=Adaptive(samples=60, interval=2, target=-0.5, start=0.5)),
    "both at once": Simultaneous(adaptive=Adaptive(samples=60, interval=2), views=(Negate(),), penalties=(LeCam(),)),
}


def state_of(trainer: Trainer, game: Game) -> dict[str, Tensor]:
    return dict(trainer.states[type(game).__name__].state_dict())


@pytest.mark.parametrize("name", GAMES)
def test_micro_batches_change_neither_state_nor_weights(name: str) -> None:
    game = GAMES[name]
    whole, parts = (trainer_of(game, players(-1.0, lr=0.01), table(), batch=8, micro=micro) for micro in (1, 4))
    strengths = set()
    for _ in range(9):
        whole.round()
        parts.round()
        strengths.add(float(state_of(whole, game)["Adaptive.p"]))
    assert len(strengths) > 1
    for key, value in state_of(whole, game).items():
        torch.testing.assert_close(state_of(parts, game)[key], value, rtol=1e-12, atol=1e-12)
    for key, value in weights(whole).items():
        torch.testing.assert_close(weights(parts)[key], value, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", GAMES)
def test_a_run_goes_on_bitwise_with_its_state(name: str) -> None:
    game = GAMES[name]
    whole, begun, resumed = (trainer_of(game, players(-1.0, lr=0.01), table(), batch=8) for _ in range(3))
    for _ in range(9):
        whole.round()
    for _ in range(5):
        begun.round()
    kept = {file: {key: value.clone() for key, value in part.items()} for file, part in state_tensors(begun).items()}
    restore(resumed, kept, counters(begun))
    for _ in range(4):
        resumed.round()
    assert all(torch.equal(weights(resumed)[key], value) for key, value in weights(whole).items())
    assert all(torch.equal(state_of(resumed, game)[key], value) for key, value in state_of(whole, game).items())


def test_without_stateful_parts_a_game_has_no_state() -> None:
    assert Synthesis().state(SPEC) is None
    assert Synthesis().strength(None) == 1.0
    assert set(dict(Synthesis(adaptive=Adaptive(), penalties=(LeCam(),)).state(SPEC).named_children())) == {  # type: ignore[union-attr]
        "Adaptive",
        "LeCam",
    }


@pytest.mark.parametrize("p", [0.0, 0.3, 1.0])
def test_with_probability_p_a_real_is_a_fake_of_the_same_class(p: float) -> None:
    n = 4_000
    game = PseudoReals()
    batch = Batch(x=torch.zeros(n, 1, dtype=torch.float64), y=torch.arange(n) % 3)
    draws = Draws(0, rows=range(n))
    made = game.with_pseudo_reals(Play({"G": Maker()}), batch, draws, p)
    exchanged = made.x[:, 0] != 0
    assert float(exchanged.double().mean()) == pytest.approx(p, abs=0.03)
    assert batch.y is not None
    wanted = 100.0 * (1 + batch.y[exchanged])
    assert ((made.x[exchanged, 0] - wanted).abs() < 6).all()
    own = game.generate(Play({"G": Maker()}), game.latents(Play({"G": Maker()}), draws, batch), batch)
    assert not (made.x == own).any(), "they are not the fakes of the turn"
    assert not made.x.requires_grad


def test_d_gets_pseudo_reals_and_views_are_always_applied() -> None:
    game = PseudoReals(adaptive=Adaptive(start=0.5, interval=100), views=(Negate(),))
    trainer = trainer_of(game, players(), table(), batch=64)
    trainer.round()
    D: Any = trainer.players["D"].network
    reals, fakes = D.seen[0].chunk(2)
    assert (D.seen[0] <= 0).all()
    assert float((reals < -50).double().mean()) == pytest.approx(0.5, abs=0.2)
    assert (fakes < -50).all()
    alone = trainer_of(PseudoReals(adaptive=None), players(), table(), batch=64)
    alone.round()
    calm: Any = alone.players["D"].network
    assert (calm.seen[0].chunk(2)[0] < 50).all()


def lecam_context(averages: tuple[float, float], turns: int) -> tuple[LeCam, Context]:
    penalty = LeCam(weight=2.0, decay=0.75)
    state: Any = penalty.state()
    for _ in range(turns):
        penalty.update(state, {"real": torch.full((4, 1), averages[0]), "fake": torch.full((4, 1), averages[1])})
    play = Play({"D": Judge(w=1.0, b=0.5)}, nn.ModuleDict({"LeCam": state}))
    x = torch.tensor([[1.0], [2.0]], dtype=torch.float64)
    return penalty, Context(play, Batch(x=x), Draws(0, rows=range(2)), x_real=x, x_fake=-x)


def test_lecam_by_hand() -> None:
    penalty, context = lecam_context((3.0, -1.0), turns=3)
    # D(x) = 1.5, 2.5 against a_F = -1; D(G) = -0.5, -1.5 against a_R = 3
    wanted = [2 * (2.5**2 + 3.5**2), 2 * (3.5**2 + 4.5**2)]
    assert penalty.penalty(context).tolist() == pytest.approx(wanted)
    penalty, context = lecam_context((3.0, -1.0), turns=0)
    assert penalty.penalty(context).tolist() == pytest.approx([2 * (1.5**2 + 0.5**2), 2 * (2.5**2 + 1.5**2)])


def test_lecams_averages_move() -> None:
    penalty = LeCam(decay=0.75)
    state: Any = penalty.state()
    penalty.update(state, {"real": logits(1, 3), "fake": logits(0, 0)})
    assert [float(each) for each in state.corrected(0.75)] == pytest.approx([2, 0])
    penalty.update(state, {"real": logits(4, 4), "fake": logits(-2, -2)})
    real = (0.75 * 0.25 * 2 + 0.25 * 4) / (1 - 0.75**2)
    fake = 0.25 * -2 / (1 - 0.75**2)
    assert [float(each) for each in state.corrected(0.75)] == pytest.approx([real, fake])


def test_a_game_without_state_says_so() -> None:
    x = torch.zeros(2, 1, dtype=torch.float64)
    context = Context(Play({"D": Judge()}), Batch(x=x), Draws(0, rows=range(2)), x_real=x, x_fake=x)
    with pytest.raises(UsageError, match="LeCam"):
        LeCam().penalty(context)
