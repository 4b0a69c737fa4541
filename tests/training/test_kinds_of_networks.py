"""Networks that draw noise, have three spatial axes, grow, or are several discriminators in one."""

from collections.abc import Mapping

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganvas.base.draws import Draws
from ganvas.base.play import Play
from ganvas.base.schedule import Linear
from ganvas.base.types import Batch, Verdict
from ganvas.games.synthesis import Synthesis
from ganvas.losses.hinge import Hinge
from ganvas.losses.nonsaturating import NonSaturating
from ganvas.losses.relativistic import Relativistic
from ganvas.networks.player import Player
from ganvas.penalties.gradient import R1
from ganvas.training.ema import Ema
from ganvas.training.inference import outputs
from ganvas.training.optimisers import Adam
from playing import Built, Sgd, Table, trainer_of


class Noisy(nn.Module):
    """x = a z + b n, n drawn by the module itself in every call, as StyleGAN's noise inputs are."""

    latent = (2,)

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Parameter(torch.ones(2)), nn.Parameter(torch.ones(2))

    def forward(self, z: Tensor, y: Tensor | None, given: Mapping[str, Tensor]) -> Tensor:
        return self.a * z + self.b * torch.randn_like(z)


class Flat(nn.Module):
    def __init__(self, numbers: int = 2) -> None:
        super().__init__()
        self.linear = nn.Linear(numbers, 1)

    def forward(self, x: Tensor, y: Tensor | None, given: Mapping[str, Tensor]) -> Verdict:
        return Verdict(self.linear(x.flatten(1)), features=(x.flatten(1),))


def empty(n: int, *shape: int) -> Batch:
    return Batch(x=torch.zeros(n, *shape))


def test_noise_of_a_networks_own_is_part_of_same_seed_same_bytes() -> None:
    G = Noisy()

    def made(n: int, seed: int) -> Tensor:
        return outputs(Synthesis(), {"G": G}, iter([empty(64, 2)] * 3), n=n, seed=seed)

    first = made(100, 0)
    torch.randn(3)  # whatever the program draws besides
    assert torch.equal(made(100, 0), first)
    assert torch.equal(made(70, 0), first[:70])
    assert not torch.equal(made(100, 1), first)
    assert not torch.equal(first[:36], first[64:]), "the noise of one bucket is not that of the next"


def test_and_of_a_run_that_goes_on_bitwise() -> None:
    players = {"G": Player(Built(Noisy), Sgd()), "D": Player(Built(Flat), Sgd())}
    one, other = (
        trainer_of(Synthesis(), players, Table(torch.randn(64, 2, generator=torch.Generator().manual_seed(0))))
        for _ in "ab"
    )
    for _ in range(3):
        one.round()
    for _ in range(3):
        torch.randn(5)
        other.round()
    assert torch.equal(one.players["G"].parameters[1], other.players["G"].parameters[1])


class Volume(nn.Module):
    """z -> [1, 4, 4, 4] by transposed 3-D convolutions."""

    latent = (4,)

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.ConvTranspose3d(4, 8, 2), nn.BatchNorm3d(8), nn.ReLU(), nn.ConvTranspose3d(8, 1, 2, 2)
        )

    def forward(self, z: Tensor, y: Tensor | None, given: Mapping[str, Tensor]) -> Tensor:
        x: Tensor = self.layers(z[:, :, None, None, None])
        return x.tanh()


class VolumeCritic(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Conv3d(1, 8, 2, 2), nn.LeakyReLU(0.2), nn.Conv3d(8, 1, 2), nn.Flatten())

    def forward(self, x: Tensor, y: Tensor | None, given: Mapping[str, Tensor]) -> Verdict:
        return Verdict(self.layers(x))


class Line(nn.Module):
    """A 1-D convolution, with a 2-D one beside it whose weights are channels last."""

    def __init__(self) -> None:
        super().__init__()
        self.line, self.plane = nn.Conv1d(1, 2, 3), nn.Conv2d(3, 4, 3)

    def forward(self, x: Tensor, y: Tensor | None, given: Mapping[str, Tensor]) -> Verdict:
        return Verdict(self.line(x.flatten(1)[:, None]).flatten(1) + 0 * self.plane.weight.sum())


def test_players_of_three_dimensional_convolutions_train() -> None:
    players = {
        "G": Player(Built(Volume), Adam(lr=1e-3), ema=Ema(halflife_samples=100)),
        "D": Player(Built(VolumeCritic), Adam(lr=1e-3)),
    }
    x = torch.randn(32, 1, 4, 4, 4, generator=torch.Generator().manual_seed(0)).tanh()
    trainer = trainer_of(Synthesis(penalties=(R1(0.1),)), players, Table(x), micro=2)
    before = trainer.players["G"].parameters[0].clone()
    trainer.round()
    assert not torch.equal(before, trainer.players["G"].parameters[0])
    best = {name: player.best for name, player in trainer.players.items()}
    assert outputs(Synthesis(), best, iter([empty(64, 1, 4, 4, 4)]), n=5, seed=0).shape == (5, 1, 4, 4, 4)


def test_convolutions_of_every_rank_in_one_player() -> None:
    players = {"G": Player(Built(Volume), Sgd()), "D": Player(Built(Line), Sgd())}
    trainer = trainer_of(Synthesis(), players, Table(torch.randn(8, 1, 4, 4, 4)))
    trainer.round()
    plane = trainer.players["D"].network.get_parameter("plane.weight")
    assert plane.is_contiguous(memory_format=torch.channels_last)


class Growing(nn.Module):
    """Detail d in [0, 2]: an image of 2 x 2 doubled twice; level l adds its own picture, faded in by d - l + 1."""

    latent = (3,)
    copied_buffers = ("detail",)
    detail: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.levels = nn.ModuleList(nn.Linear(3, (2 << level) ** 2) for level in range(3))
        self.register_buffer("detail", torch.zeros(()))

    def forward(self, z: Tensor, y: Tensor | None, given: Mapping[str, Tensor], detail: float | None = None) -> Tensor:
        if detail is not None:
            self.detail.fill_(detail)
        shown = float(self.detail)
        x = torch.zeros(len(z), 1, 8, 8)
        for level, layer in enumerate(self.levels):
            own = layer(z).view(-1, 1, 2 << level, 2 << level)
            x = x + min(1.0, max(0.0, shown - level + 1)) * F.interpolate(own, size=8, mode="nearest")
        return x


class GrowingCritic(nn.Module):
    """Sees x at the resolution of the detail: pooled, and between two levels the two faded."""

    detail: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(64, 1)
        self.register_buffer("detail", torch.zeros(()))

    def shown(self, x: Tensor, detail: float) -> Tensor:
        level, part = int(detail), detail - int(detail)
        pooled = [F.interpolate(F.avg_pool2d(x, 4 >> min(2, at)), size=8, mode="nearest") for at in (level, level + 1)]
        return (1 - part) * pooled[0] + part * pooled[1]

    def forward(self, x: Tensor, y: Tensor | None, given: Mapping[str, Tensor], detail: float | None = None) -> Verdict:
        if detail is not None:
            self.detail.fill_(detail)
        return Verdict(self.linear(self.shown(x, float(self.detail)).flatten(1)))


def test_a_fade_ends_where_the_next_level_begins() -> None:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        G, D, z, x = Growing(), GrowingCritic(), torch.randn(4, 3), torch.randn(4, 1, 8, 8)
    for level in (1, 2):
        for network, value in ((G, z), (D, x)):
            before, start, middle, end = (
                out if isinstance(out := network(value, None, {}, detail=d), Tensor) else out.logits
                for d in (level - 1, level - 1 + 1e-6, level - 0.5, level)
            )
            torch.testing.assert_close(start, before, atol=1e-4, rtol=1e-4)
            torch.testing.assert_close(middle, (before + end) / 2, atol=1e-5, rtol=1e-5)
            assert not torch.allclose(before, end)
    low = G(z, None, {}, detail=0)
    torch.testing.assert_close(low, F.interpolate(F.avg_pool2d(low, 4), size=8, mode="nearest"))  # only 2 x 2


def test_the_schedule_of_detail_reaches_both_players_and_stays_for_use() -> None:
    players = {
        "G": Player(Built(Growing), Sgd(), ema=Ema(halflife_samples=10)),
        "D": Player(Built(GrowingCritic), Sgd()),
    }
    game = Synthesis(detail=Linear(0.0, 2.0))
    trainer = trainer_of(game, players, Table(torch.randn(64, 1, 8, 8)), samples=10 * 8)
    details = []
    while trainer.samples_seen < trainer.total:
        trainer.round()
        details.append([float(trainer.players[name].network.get_buffer("detail")) for name in "GD"])
    assert details == [[pytest.approx(2 * step / 10)] * 2 for step in range(10)]
    best = trainer.players["G"].best
    assert isinstance(best, Growing)
    assert float(best.detail) == pytest.approx(1.8)
    made = outputs(game, {"G": best}, iter([empty(64, 1, 8, 8)]), n=64, seed=0)
    assert not torch.allclose(made, F.interpolate(F.avg_pool2d(made, 2), size=8, mode="nearest"))


class Two(nn.Module):
    """Two discriminators of unlike many logits, as of two scales."""

    def __init__(self) -> None:
        super().__init__()
        self.few, self.many = nn.Linear(2, 1).double(), nn.Linear(2, 7).double()

    def forward(self, x: Tensor, y: Tensor | None, given: Mapping[str, Tensor]) -> Verdict:
        return Verdict((self.few(x), self.many(x)), features=(x, 2 * x))


@pytest.mark.parametrize("loss", [NonSaturating(), Hinge(), Relativistic()], ids=lambda loss: type(loss).__name__)
def test_of_several_discriminators_the_means_add_up(loss: NonSaturating | Hinge | Relativistic) -> None:
    class Same(nn.Module):
        latent = (2,)

        def forward(self, z: Tensor, y: Tensor | None, given: Mapping[str, Tensor]) -> Tensor:
            return z.double()

    D, draws = Two(), Draws(0, rows=range(5))
    play, batch = Play({"G": Same(), "D": D}), Batch(x=torch.randn(5, 2, dtype=torch.float64))
    game, fake = Synthesis(loss=loss, penalties=(R1(2.0),)), draws.normal("z", 2).double()
    terms = game.discriminator_turn(play, batch, draws)
    sides = [loss.discriminator(real=layer(batch.x), fake=layer(fake)).mean() for layer in (D.few, D.many)]
    torch.testing.assert_close(terms["adversarial"].value.mean(), sides[0] + sides[1])
    slope = D.few.weight[0] + D.many.weight.mean(0)
    torch.testing.assert_close(terms["R1"].value, slope.square().sum().expand(5))
    own = game.generator_turn(play, batch, draws)["adversarial"].value.mean()
    sides = [loss.generator(real=layer(batch.x), fake=layer(fake)).mean() for layer in (D.few, D.many)]
    torch.testing.assert_close(own, sides[0] + sides[1])
    scores = game.logits(play, batch, batch.x)
    assert scores is not None
    torch.testing.assert_close(scores, torch.stack([D.few(batch.x).mean(1), D.many(batch.x).mean(1)], dim=1))
