"""Penalties on the generator: against closed forms, and against a loop."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from ganvas.base.draws import Draws
from ganvas.base.play import Latents, Play
from ganvas.base.types import Batch, Spec, Verdict
from ganvas.games.contract import Terms
from ganvas.games.synthesis import Synthesis
from ganvas.networks.player import Player
from ganvas.penalties.contract import Context
from ganvas.penalties.gradient import R1, R2
from playing import Built, Sgd, Table, trainer_of

B = 6


class StyleLike(nn.Module):
    """w = M z, x = S w: a mapping and a synthesis, as StyleGAN has."""

    latent = (3,)

    def __init__(self) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        self.M = nn.Parameter(torch.randn(4, 3, generator=generator, dtype=torch.float64))
        self.S = nn.Parameter(torch.randn(5, 4, generator=generator, dtype=torch.float64))

    def mapping(self, z: Tensor) -> Tensor:
        return z.double() @ self.M.T

    def synthesis(self, w: Tensor) -> Tensor:
        return w @ self.S.T

    def forward(self, z: Tensor, y: Tensor | None, given: Mapping[str, Tensor]) -> Tensor:
        return self.synthesis(self.mapping(z))


class Quadratic(nn.Module):
    """D(x) = a |x|^2 / 2, whose gradient is a x."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Parameter(torch.tensor(0.7, dtype=torch.float64))

    def forward(self, x: Tensor, y: Tensor | None, given: Mapping[str, Tensor]) -> Verdict:
        return Verdict(self.a * x.square().sum(1, keepdim=True) / 2)


@dataclass(frozen=True)
class PathLength:
    """(|J^T n|_2 - a)^2, J = dG/dw, n ~ N(0, 1), a the running mean in the game's state. Karras et al. 2020, equation
    4. https://arxiv.org/abs/1912.04958
    """

    interval: ClassVar[int] = 1
    needs_real: ClassVar[bool] = False
    needs_gradients: ClassVar[bool] = False

    def penalty(self, context: Context) -> Tensor:
        G, z = context.play.networks["G"], context.latents.z
        assert isinstance(G, StyleLike)
        assert z is not None
        w = G.mapping(z)
        x = G.synthesis(w)
        noise = context.draws.normal("PathLength", *x.shape[1:]).to(x.dtype)
        (gradient,) = torch.autograd.grad((x * noise).sum(), w, create_graph=True)
        lengths = gradient.norm(dim=1)
        context.play.record("lengths", lengths)
        state = context.play.state
        mean = state.mean if isinstance(state, MeanLength) else torch.zeros(())
        return (lengths - mean).square()


class MeanLength(nn.Module):
    mean: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros((), dtype=torch.float64))


@dataclass(frozen=True)
class Regularised(Synthesis):
    def state(self, spec: Spec) -> nn.Module:
        return MeanLength()

    def after_turn(
        self, state: nn.Module, turn: str, stats: Mapping[str, float], recorded: Mapping[str, Tensor]
    ) -> None:
        assert isinstance(state, MeanLength)
        if "lengths" in recorded:
            state.mean.lerp_(recorded["lengths"].mean(), 0.1)


def setting() -> tuple[Play, Batch, Draws, StyleLike, Quadratic]:
    G, D = StyleLike(), Quadratic()
    x = torch.randn(B, 5, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    return Play({"G": G, "D": D}), Batch(x=x), Draws(0, rows=range(B)), G, D


def test_path_length_of_a_linear_synthesis_is_the_length_of_its_transposed_noise() -> None:
    play, batch, draws, G, _ = setting()
    terms: Terms = Synthesis(generator_penalties=(PathLength(),)).generator_turn(play, batch, draws)
    noise = draws.normal("PathLength", 5).double()
    torch.testing.assert_close(terms["PathLength"].value, (noise @ G.S).square().sum(1), rtol=1e-12, atol=0)
    terms["PathLength"].value.mean().backward()
    torch.testing.assert_close(G.S.grad, 2 * noise.T @ (noise @ G.S.detach()) / B, rtol=1e-10, atol=1e-12)
    assert not Synthesis(generator_penalties=(PathLength(),)).turns()["generator"].reals, "it reads no real samples"


def test_its_running_mean_is_the_games_state() -> None:
    game = Regularised(generator_penalties=(PathLength(),))
    players = {"G": Player(Built(StyleLike), Sgd(0.0)), "D": Player(Built(Quadratic), Sgd(0.0))}
    means = []
    for micro in (1, 4):
        trainer = trainer_of(game, players, Table(torch.randn(64, 5, dtype=torch.float64)), batch=8, micro=micro)
        for _ in range(3):
            trainer.round()
        state = trainer.states["Regularised"]
        assert isinstance(state, MeanLength)
        means.append(float(state.mean))
    S = StyleLike().S.detach()
    expected = 0.0
    for seen in (0, 8, 16):
        noise = Draws(0, 0, "generator", seen // 8, seen, rows=range(8)).normal("PathLength", 5).double()
        expected += 0.1 * ((noise @ S).norm(dim=1).mean().item() - expected)
    torch.testing.assert_close(torch.tensor(means), torch.tensor([expected, expected]), rtol=1e-6, atol=0)


def test_r1_and_r2_on_the_generator() -> None:
    """With D(x) = a |x|^2 / 2: R1 does not depend on G; R2 = gamma/2 a^2 |G(z)|^2, whose gradient reaches G."""
    play, batch, draws, G, D = setting()
    game = Synthesis(generator_penalties=(R1(2.0), R2(3.0)))
    terms = game.generator_turn(play, batch, draws)
    a, fake = D.a.detach(), draws.normal("z", 3).double() @ G.M.detach().T @ G.S.detach().T
    torch.testing.assert_close(terms["R1"].value, a**2 * batch.x.square().sum(1), rtol=1e-12, atol=0)
    torch.testing.assert_close(terms["R2"].value, 1.5 * a**2 * fake.square().sum(1), rtol=1e-12, atol=0)
    assert not torch.autograd.grad(terms["R1"].value.sum(), G.S, retain_graph=True)[0].any()
    (gradient,) = torch.autograd.grad(terms["R2"].value.sum(), G.S)
    w = draws.normal("z", 3).double() @ G.M.detach().T
    torch.testing.assert_close(gradient, 3 * a**2 * fake.T @ w, rtol=1e-10, atol=1e-12)


def test_a_callers_own_latents_are_what_is_generated_from() -> None:
    play, batch, draws, *_ = setting()
    game = Synthesis()
    latents = game.latents(play, draws, batch)
    assert latents.z is not None
    half = game.generate(play, Latents(0.5 * latents.z, latents.y), batch)
    torch.testing.assert_close(half, 0.5 * game.output(play, batch, draws), rtol=1e-12, atol=0)
