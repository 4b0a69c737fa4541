"""The path length of a linear generator, and the game that averages it and mixes styles."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from ganvas.base.draws import Draws
from ganvas.base.errors import UsageError
from ganvas.base.play import Play
from ganvas.base.types import Batch, Spec, Verdict
from ganvas.games import StyleSynthesis, Synthesis
from ganvas.networks.player import Player
from ganvas.penalties import Every, PathLength
from playing import Built, Sgd, Table, trainer_of

B, LAYERS, STYLE = 6, 3, 4


class LinearStyles(nn.Module):
    """w = z for each of three layers; x [B, 1, 2, 5] = the sum of S_l w_l."""

    latent = (STYLE,)
    layers = LAYERS

    def __init__(self) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        self.S = nn.Parameter(torch.randn(LAYERS, 10, STYLE, generator=generator, dtype=torch.float64))

    def styles(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        each = (z if z.ndim == 3 else z[:, None]).double()
        return (each * self.S.new_ones(())).expand(-1, LAYERS, -1).requires_grad_(True)

    def synthesis(self, w: Tensor) -> Tensor:
        return torch.einsum("lns,bls->bn", self.S, w).view(-1, 1, 2, 5)

    def forward(self, z: Tensor, y: Tensor | None, given: Any) -> Tensor:
        return self.synthesis(self.styles(z, y))


class Plain(nn.Module):
    """x = z of another shape."""

    latent = (10,)

    def forward(self, z: Tensor, y: Tensor | None, given: Any) -> Tensor:
        return z.view(-1, 1, 2, 5)


class Sum(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Parameter(torch.ones((), dtype=torch.float64))

    def forward(self, x: Tensor, y: Tensor | None, given: Any) -> Verdict:
        return Verdict(self.a * x.double().flatten(1).sum(1, keepdim=True))


def lengths(draws: Draws, S: Tensor) -> Tensor:
    """|S_l^T n|^2 over the layers, n with the variance 1 / (2 * 5)."""
    noise = draws.normal("PathLength", 1, 2, 5).double().flatten(1) / 10**0.5
    return torch.einsum("bn,lns->bls", noise, S).square().sum(2).mean(1).sqrt()


def test_the_path_length_of_a_linear_generator_is_that_of_its_transposed_noise() -> None:
    G, draws, game = LinearStyles(), Draws(0, rows=range(B)), StyleSynthesis(generator_penalties=(PathLength(3.0),))
    state = game.state(Spec("images", (1, 2, 5), bounded=False))
    assert state is not None
    state.get_buffer("PathLength.path_length").fill_(0.5)
    play = Play({"G": G, "D": Sum()}, state)
    terms = game.generator_turn(play, Batch(x=torch.zeros(B, 1, 2, 5)), draws)
    wanted = 3 * (lengths(draws, G.S.detach()) - 0.5).square()
    torch.testing.assert_close(terms["PathLength"].value, wanted, rtol=1e-12, atol=0)
    terms["PathLength"].value.mean().backward()
    S = G.S.detach().clone().requires_grad_()
    (3 * (lengths(draws, S) - 0.5).square()).mean().backward()
    torch.testing.assert_close(G.S.grad, S.grad, rtol=1e-10, atol=1e-12)


def test_the_running_mean_follows_the_whole_batch_in_turns_that_count() -> None:
    game = StyleSynthesis(generator_penalties=(Every(2, PathLength()),))
    players = {"G": Player(Built(LinearStyles), Sgd(0.0)), "D": Player(Built(Sum), Sgd(0.0))}
    means = []
    for micro in (1, 4):
        trainer = trainer_of(game, players, Table(torch.randn(64, 1, 2, 5)), batch=8, micro=micro)
        for _ in range(3):
            trainer.round()
        means.append(float(trainer.states["StyleSynthesis"].get_buffer("PathLength.path_length")))
    expected = 0.0
    for place in (0, 2):
        draws = Draws(0, 0, "generator", place, 8 * place, rows=range(8))
        expected += 0.01 * (float(lengths(draws, LinearStyles().S.detach()).mean()) - expected)
    assert means == pytest.approx([expected, expected], rel=1e-5)


def test_styles_are_mixed_in_training_alone_and_each_at_one_layer() -> None:
    G, draws, batch = LinearStyles(), Draws(0, rows=range(1000)), Batch(x=torch.zeros(1000, 1))
    play, game = Play({"G": G}), StyleSynthesis(mixing=0.6)
    z, other = draws.normal("z", STYLE), draws.normal("z.mixed", STYLE)
    mixed = game.latents(play, draws, batch).z
    assert mixed is not None
    from_first = (mixed == z[:, None]).all(2)
    assert torch.equal(from_first | (mixed == other[:, None]).all(2), torch.ones(1000, LAYERS, dtype=torch.bool))
    counts = from_first.sum(1)
    assert (from_first.long().diff(dim=1) <= 0).all(), "the first latent, then the second"
    shares = [float((counts == number).float().mean()) for number in range(LAYERS + 1)]
    assert shares == pytest.approx([0.0, 0.3, 0.3, 0.4], abs=0.05)
    G.eval()
    assert torch.equal(game.latents(play, draws, batch).z, z)  # type: ignore[arg-type]


def test_a_generator_without_styles_and_a_game_without_a_state_are_refused() -> None:
    batch, draws = Batch(x=torch.zeros(B, 1, 2, 5)), Draws(0, rows=range(B))
    game = Synthesis(generator_penalties=(PathLength(),))
    with pytest.raises(UsageError, match="keeps its state"):
        game.generator_turn(Play({"G": LinearStyles(), "D": Sum()}), batch, draws)
    plain = Play({"G": Plain(), "D": Sum()}, game.state(Spec("images", (1, 2, 5), bounded=False)))
    with pytest.raises(UsageError, match="with styles"):
        game.generator_turn(plain, batch, draws)
