"""CycleGAN's game: its terms by hand, which players they reach, and the pool of earlier samples."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, cast

import pytest
import torch
from torch import Tensor, nn

from ganvas.augment import Translate
from ganvas.base.draws import Draws
from ganvas.base.errors import UsageError
from ganvas.base.play import Play
from ganvas.base.types import Batch, Spec, TensorSpec, Verdict
from ganvas.games.cycle import Cycle
from ganvas.games.sample_pool import SamplePool
from ganvas.losses.hinge import Hinge
from ganvas.losses.relativistic import Relativistic
from ganvas.networks.player import Player
from ganvas.penalties.gradient import R1
from ganvas.training.accumulation import MicroBatches
from ganvas.training.distributed import ProcessGroup
from ganvas.training.phases import LivePhase
from ganvas.training.player import LivePlayer
from ganvas.training.state import counters, restore, state_tensors
from ganvas.training.trainer import Trainer
from playing import Built, Sgd, Table

B, N, POOL = 6, 4, 8
SPEC = Spec("points", (N,), bounded=True, given={"input": TensorSpec((N,))})


def random(*shape: int, seed: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


class Tanh(nn.Module):
    """x = tanh(gain * input)."""

    latent: tuple[int, ...] = ()

    def __init__(self, gain: float) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.tensor(gain, dtype=torch.float64))

    def forward(self, z: Tensor | None, y: Tensor | None, given: Mapping[str, Tensor]) -> Tensor:
        assert z is None
        return torch.tanh(self.gain * given["input"].double())


class Linear(nn.Module):
    """Two logits that are linear in x; it gets neither classes nor given tensors."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.w = nn.Parameter(random(N, 2, seed=seed))

    def forward(self, x: Tensor, y: Tensor | None, given: Mapping[str, Tensor]) -> Verdict:
        assert y is None
        assert not given
        return Verdict(x.double() @ self.w)


MADE: dict[str, Callable[[], nn.Module]] = {
    "G": lambda: Tanh(0.8),
    "F": lambda: Tanh(0.5),
    "D": lambda: Linear(1),
    "D_A": lambda: Linear(2),
}


def networks() -> dict[str, Any]:
    return {name: make() for name, make in MADE.items()}


def batch() -> Batch:
    return Batch(x=random(B, N, seed=8), y=torch.arange(B), given={"input": random(B, N, seed=7)})


def terms_of(game: Cycle, turn: str, live: Mapping[str, nn.Module]) -> dict[str, tuple[Tensor, float]]:
    play = Play(live, game.state(SPEC))
    terms = game.turns()[turn].terms(play, batch(), Draws(3, rows=range(B)))
    return {name: (term.value.double().mean(), float(cast(float, term.weight))) for name, term in terms.items()}


def total(terms: Mapping[str, tuple[Tensor, float]]) -> Tensor:
    return torch.stack([weight * value for value, weight in terms.values()]).sum()


def test_the_discriminators_by_hand() -> None:
    live, pair = networks(), batch()
    a, b = pair.given["input"], pair.x
    terms = terms_of(Cycle(), "discriminators", live)
    fake_b, fake_a = torch.tanh(0.8 * a), torch.tanh(0.5 * b)
    by_hand = {
        name: ((((real @ live[name].w) - 1) ** 2).mean() + ((fake @ live[name].w) ** 2).mean()) / 2
        for name, real, fake in (("D", b, fake_b), ("D_A", a, fake_a))
    }
    assert terms.keys() == by_hand.keys()
    for name, value in by_hand.items():
        torch.testing.assert_close(terms[name][0], value, rtol=1e-12, atol=0)
        assert terms[name][1] == 1
    total(terms).backward()
    for name, value in by_hand.items():
        (gradient,) = torch.autograd.grad(value, live[name].w)
        torch.testing.assert_close(live[name].w.grad, gradient)
    assert live["G"].gain.grad is None
    assert live["F"].gain.grad is None


def test_the_generators_by_hand() -> None:
    live, pair = networks(), batch()
    a, b = pair.given["input"], pair.x
    game = Cycle(cycle_weight_a=3.0, cycle_weight_b=4.0, identity_weight_a=5.0, identity_weight_b=6.0)
    terms = terms_of(game, "generators", live)
    g, f = live["G"].gain, live["F"].gain
    fake_b, fake_a = torch.tanh(g * a), torch.tanh(f * b)
    by_hand = {
        "G": (((fake_b @ live["D"].w - 1) ** 2).mean() / 2, 2),
        "F": (((fake_a @ live["D_A"].w - 1) ** 2).mean() / 2, 2),
        "cycle_a": ((torch.tanh(f * fake_b) - a).abs().mean(), 3),
        "cycle_b": ((torch.tanh(g * fake_a) - b).abs().mean(), 4),
        "identity_a": ((torch.tanh(f * a) - a).abs().mean(), 5),
        "identity_b": ((torch.tanh(g * b) - b).abs().mean(), 6),
    }
    assert terms.keys() == by_hand.keys()
    for name, (value, weight) in by_hand.items():
        torch.testing.assert_close(terms[name][0], value.double(), rtol=1e-12, atol=0)
        assert terms[name][1] == weight, name
    gradients = torch.autograd.grad(total(terms), [g, f], retain_graph=True)
    torch.testing.assert_close(gradients, torch.autograd.grad(total(by_hand), [g, f]))


def test_the_defaults_are_the_papers() -> None:
    game = Cycle()
    assert (game.cycle_weight_a, game.cycle_weight_b, game.identity_weight_a, game.identity_weight_b) == (10, 10, 5, 5)
    assert (game.pool_samples, game.hiding_noise) == (50, 0)
    terms = terms_of(replace(game, identity_weight_a=0.0, identity_weight_b=0.0), "generators", networks())
    assert terms.keys() == {"G", "F", "cycle_a", "cycle_b"}
    assert terms["G"][1] == 2, "(D(G(a)) - 1)^2, of which LeastSquares is half"


def test_noise_is_added_only_on_the_way_back() -> None:
    noisy, plain = (terms_of(Cycle(hiding_noise=std), "generators", networks()) for std in (0.3, 0.0))
    changed = {name for name in plain if not torch.equal(noisy[name][0], plain[name][0])}
    assert changed == {"cycle_a", "cycle_b"}
    pair, draws = batch(), Draws(3, rows=range(B))
    fake_b = torch.tanh(0.8 * pair.given["input"]) + 0.3 * draws.normal("hiding.b", N)
    by_hand = (torch.tanh(0.5 * fake_b) - pair.given["input"]).abs().mean()
    torch.testing.assert_close(noisy["cycle_a"][0], by_hand, rtol=1e-12, atol=0)


@pytest.mark.parametrize("loss", [Hinge(), Relativistic()])
def test_any_loss(loss: Any) -> None:
    live, pair = networks(), batch()
    terms = terms_of(Cycle(loss=loss), "generators", live)
    fake = torch.tanh(0.8 * pair.given["input"]) @ live["D"].w
    real = pair.x @ live["D"].w if loss.needs_real else None
    torch.testing.assert_close(terms["G"][0], loss.generator(real=real, fake=fake).mean(), rtol=1e-12, atol=0)


def test_a_penalty_counts_for_each_discriminator() -> None:
    """R1 of a linear D is gamma / 2 |w|^2, w the mean over its logits."""
    live = networks()
    terms = terms_of(Cycle(penalties=(R1(gamma=3.0),)), "discriminators", live)
    for name in ("D", "D_A"):
        torch.testing.assert_close(terms[f"{name}.R1"][0], 1.5 * live[name].w.mean(1).square().sum(), rtol=1e-9, atol=0)


def test_the_views_change_what_discriminators_get() -> None:
    pictures = Batch(x=random(2, 1, 8, 8, seed=1), given={"input": random(2, 1, 8, 8, seed=2)})
    got: list[Tensor] = []

    class Looks(nn.Module):
        def forward(self, x: Tensor, y: Tensor | None, given: object) -> Verdict:
            got.append(x)
            return Verdict(x.flatten(1)[:, :1])

    spec = Spec("images", (1, 8, 8), bounded=True, given={"input": TensorSpec((1, 8, 8))})
    live = {"G": Tanh(1.0), "F": Tanh(1.0), "D": Looks(), "D_A": Looks()}
    for views in ((), (Translate(share=0.5),)):
        game = Cycle(views=views)
        game.turns()["discriminators"].terms(Play(live, game.state(spec)), pictures, Draws(5, rows=range(2)))
    plain, moved = got[0], got[2]
    assert torch.equal(plain[:2], pictures.x)
    assert not torch.equal(moved[:2], plain[:2])
    assert not torch.equal(moved[2:], plain[2:])


def trainer_of_pictures(*, micro: int = 1, size: int = POOL, batch_samples: int = 4) -> Trainer:
    table = Table(x=random(64, N, seed=20), given={"input": random(64, N, seed=21)})
    players = {name: Player(Built(make), Sgd(0.01)) for name, make in MADE.items()}
    game = Cycle(pool_samples=size)
    state = game.state(SPEC)
    return Trainer(
        phases=(LivePhase(10_000, game.round(), game, players),),
        players={name: LivePlayer(player, player.network.build(SPEC)) for name, player in players.items()},
        states={"Cycle": state.double()},
        batches=table.batch,
        parts=MicroBatches(batch_samples, micro, ProcessGroup()),
        seed=0,
        device=torch.device("cpu"),
        precision="fp32",
    )


def test_a_turn_moves_only_its_players_and_a_round_counts_one_batch() -> None:
    trainer = trainer_of_pictures()
    moved = []
    for name, _ in trainer.round_in_steps():
        moved.append((name, {key: weights_of(player) for key, player in trainer.players.items()}))
    after = {key: weights_of(player) for key, player in trainer.players.items()}
    (first, start), (second, between) = moved
    assert (first, second) == ("discriminators", "generators")
    assert {key for key in start if not torch.equal(start[key], between[key])} == {"D", "D_A"}
    assert {key for key in start if not torch.equal(between[key], after[key])} == {"G", "F"}
    assert trainer.samples_seen == 4


def weights_of(player: LivePlayer) -> Tensor:
    return torch.cat([weight.detach().flatten().clone() for weight in player.network.parameters()])


def test_a_run_goes_on_bitwise_with_its_pool() -> None:
    whole, begun, resumed = (trainer_of_pictures() for _ in range(3))
    for _ in range(9):
        whole.round()
    for _ in range(5):
        begun.round()
    files = {file: {name: value.clone() for name, value in kept.items()} for file, kept in state_tensors(begun).items()}
    assert {"Cycle.a", "Cycle.b", "Cycle.filled"} <= files["game"].keys()
    restore(resumed, files, counters(begun))
    for _ in range(4):
        resumed.round()
    for name in whole.players:
        assert torch.equal(weights_of(resumed.players[name]), weights_of(whole.players[name])), name
    for name, value in whole.states["Cycle"].state_dict().items():
        assert torch.equal(resumed.states["Cycle"].state_dict()[name], value), name


def test_micro_batches_change_neither_pool_nor_weights() -> None:
    whole, parts = trainer_of_pictures(), trainer_of_pictures(micro=2)
    for _ in range(6):
        whole.round()
        parts.round()
    for name, value in whole.states["Cycle"].state_dict().items():
        torch.testing.assert_close(parts.states["Cycle"].state_dict()[name], value, rtol=1e-12, atol=1e-12)
    for name in whole.players:
        torch.testing.assert_close(weights_of(parts.players[name]), weights_of(whole.players[name]))


def numbered(first: int, count: int) -> dict[str, Tensor]:
    """Samples that hold their own number, on side a with a minus."""
    values = torch.arange(first, first + count, dtype=torch.float32)[:, None]
    return {"b": values, "a": -values}


def test_half_of_the_samples_are_exchanged_once_the_pool_is_full() -> None:
    """Of n samples about n / 2 come from the pool (binomial), each stored at an earlier time; each is stored once."""
    pool = SamplePool({"b": (1,), "a": (1,)}, 50)
    old = {"b": 0, "a": 0}
    shown: list[float] = []
    for turn in range(1_000):
        new, u = numbered(1 + 8 * turn, 8), Draws(turn, rows=range(8)).uniform("pool", 2, 2)
        for side in ("b", "a"):
            mixed = pool.mixed(side, new[side], u)
            exchanged = mixed[:, 0] != new[side][:, 0]
            old[side] += int(exchanged.sum())
            assert (mixed.abs()[exchanged] < new[side].abs().min()).all(), "stored before this batch"
            if side == "b":
                shown += mixed[exchanged, 0].tolist()
        pool.add(new, u)
        if turn < 7:
            assert pool.filled == min(50, 8 * (turn + 1))
            assert old == {"b": 0, "a": 0}, "the pool was not full"
    n = 8 * 993
    for side, count in old.items():
        assert abs(count - n / 2) < 4 * (n / 4) ** 0.5, side
    assert len(pool.b.unique()) == 50  # type: ignore[operator]
    assert len(set(shown)) > 0.9 * len(shown), "a sample that was shown again is replaced, so it seldom comes back"


def test_a_pool_smaller_than_a_batch_takes_what_it_has_room_for() -> None:
    pool = SamplePool({"b": (1,), "a": (1,)}, 3)
    pool.add(numbered(1, 8), torch.zeros(8, 2, 2))
    assert pool.b.flatten().tolist() == [1, 2, 3]  # type: ignore[operator]
    assert pool.a.flatten().tolist() == [-1, -2, -3]  # type: ignore[operator]
    chosen = torch.zeros(2, 2, 2)
    chosen[:, :, 1] = 0.99  # both for the last place
    assert pool.mixed("b", numbered(9, 2)["b"], chosen).flatten().tolist() == [3, 3]
    pool.add(numbered(9, 2), chosen)
    assert pool.b.flatten().tolist() == [1, 2, 10]  # type: ignore[operator]


def test_the_sheet_has_input_and_output() -> None:
    live, pair, game = networks(), batch(), Cycle()
    output = game.output(Play(live), pair, Draws(1, rows=range(B)))
    torch.testing.assert_close(output, torch.tanh(0.8 * pair.given["input"]))
    sheet = game.show(pair, output)
    assert torch.equal(sheet[0::2], pair.given["input"])
    assert torch.equal(sheet[1::2], output)


def test_a_recipe_without_the_stream_is_refused() -> None:
    game = Cycle()
    with pytest.raises(UsageError, match="input"):
        game.state(Spec("points", (N,), bounded=True))
