"""The term of intermediate outputs by hand, in Synthesis and in Simultaneous, and StyleGAN2 with it."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from ganvas.base.draws import Draws
from ganvas.base.errors import UsageError
from ganvas.base.play import Play
from ganvas.base.types import Batch, Given, Spec, Verdict
from ganvas.games import IntermediateOutputs, Simultaneous, Synthesis
from ganvas.games.contract import Terms
from ganvas.losses.relativistic import Relativistic
from ganvas.networks import StyleGan2
from ganvas.recipes import override, recipe
from ganvas.recipes.build import live_trainer, prepare
from ganvas.recipes.tiny import tiny_overrides
from ganvas.training.distributed import ProcessGroup
from processes import Blobs

B = 5
TERM = IntermediateOutputs(weights=(0.5, 0.25), amplitudes=(0.6, 0.8), alignment=3.0)


class Depths(nn.Module):
    """x_1 = z + b, x_2 = 2 z + b, x = 3 z + b."""

    latent, conditional = (2,), False

    def __init__(self) -> None:
        super().__init__()
        self.b = nn.Parameter(torch.tensor([0.3, -0.2]))

    def intermediate(self, z: Tensor, y: Tensor | None, given: Given) -> tuple[Tensor, ...]:
        return z + self.b, 2 * z + self.b, 3 * z + self.b

    def forward(self, z: Tensor, y: Tensor | None = None, given: Given = None) -> Tensor:
        return self.intermediate(z, y, given)[-1]


class Slope(nn.Module):
    """One logit w . x; it may say that it mixes samples, so that each set of samples is one call."""

    def __init__(self, *, mixes: bool = False) -> None:
        super().__init__()
        self.w, self.mixes_samples, self.calls = nn.Parameter(torch.tensor([0.4, -0.7])), mixes, 0

    def forward(self, x: Tensor, y: Tensor | None = None, given: Given = None) -> Verdict:
        self.calls += 1
        return Verdict((x @ self.w)[:, None])


def setting(*, mixes: bool = False) -> tuple[Depths, Slope, Play, Batch, Draws]:
    G, D = Depths(), Slope(mixes=mixes)
    x = torch.randn(B, 2, generator=torch.Generator().manual_seed(0))
    return G, D, Play({"G": G, "D": D}), Batch(x=x), Draws(7, rows=range(B))


def total(terms: Terms) -> Tensor:
    return torch.stack([term.weight * term.value.mean() for term in terms.values()]).sum()


def noisy(x: Tensor, draws: Draws, name: str) -> Tensor:
    a = (0.6, 0.8)[int(name.split(".")[1]) - 1]
    return a * x + (1 - a**2) ** 0.5 * draws.normal(f"noise.{name}", 2)


def softplus(x: Tensor) -> Tensor:
    return (1 + x.exp()).log()


@pytest.mark.parametrize("mixes", [False, True])
def test_the_discriminator_judges_each_depth_under_its_noise(mixes: bool) -> None:
    G, D, play, batch, draws = setting(mixes=mixes)
    terms = Synthesis(auxiliary=(TERM,)).discriminator_turn(play, batch, draws)
    assert list(terms) == ["adversarial", "depth.1", "depth.2"]
    assert D.calls == (6 if mixes else 2)
    shown = [each.detach() for each in G.intermediate(draws.normal("z", 2), None, None)]
    wanted = softplus(-(batch.x @ D.w)) + softplus(shown[-1] @ D.w)
    for number, weight in ((1, 0.5), (2, 0.25)):
        real = noisy(batch.x, draws, f"depth.{number}.real") @ D.w
        fake = noisy(shown[number - 1], draws, f"depth.{number}.fake") @ D.w
        each = softplus(-real) + softplus(fake)
        torch.testing.assert_close(terms[f"depth.{number}"].value[:, 0], each)
        wanted = wanted + weight * each
    torch.testing.assert_close(total(terms), wanted.mean())
    assert not torch.autograd.grad(total(terms), G.b, allow_unused=True)[0]


def generator_wanted(G: Depths, D: Slope, draws: Draws) -> Tensor:
    shown = G.intermediate(draws.normal("z", 2), None, None)
    wanted = softplus(-(shown[-1] @ D.w))
    for number, weight in ((1, 0.5), (2, 0.25)):
        wanted = wanted + weight * softplus(-(noisy(shown[number - 1], draws, f"depth.{number}.fake") @ D.w))
        wanted = wanted + 3.0 * (shown[number - 1] - shown[-1].detach()).square().mean(1)
    return wanted.mean()


def test_the_generator_is_rewarded_at_each_depth() -> None:
    G, D, play, batch, draws = setting()
    terms = Synthesis(auxiliary=(TERM,)).generator_turn(play, batch, draws)
    wanted = generator_wanted(G, D, draws)
    torch.testing.assert_close(total(terms), wanted)
    (found,), (gradient,) = torch.autograd.grad(total(terms), G.b), torch.autograd.grad(wanted, G.b)
    torch.testing.assert_close(found, gradient)


def test_both_players_at_once_have_the_same_gradients() -> None:
    G, D, play, batch, draws = setting()
    terms = Simultaneous(auxiliary=(TERM,)).both_turn(play, batch, draws)
    found = torch.autograd.grad(total(terms), [G.b, D.w])
    torch.testing.assert_close(found[0], torch.autograd.grad(generator_wanted(G, D, draws), G.b)[0])
    of_D = total(Synthesis(auxiliary=(TERM,)).discriminator_turn(play, batch, draws))
    torch.testing.assert_close(found[1], torch.autograd.grad(of_D, D.w)[0])


def test_a_loss_of_pairs_gets_noisy_reals_in_the_generators_turn() -> None:
    G, D, play, batch, draws = setting()
    game = Synthesis(auxiliary=(IntermediateOutputs(loss=Relativistic(), weights=(1.0, 1.0), amplitudes=(0.6, 0.8)),))
    assert game.turns()["generator"].reals
    terms = game.generator_turn(play, batch, draws)
    shown = G.intermediate(draws.normal("z", 2), None, None)
    real, fake = (noisy(x, draws, f"depth.2.{kind}") @ D.w for x, kind in ((batch.x, "real"), (shown[1], "fake")))
    torch.testing.assert_close(terms["depth.2"].value[:, 0], softplus(real - fake))


def test_wrong_numbers_of_depths_are_refused() -> None:
    _, _, play, batch, draws = setting()
    with pytest.raises(UsageError, match="1 weights and 2 amplitudes"):
        IntermediateOutputs(weights=(1.0,), amplitudes=(0.5, 0.6))
    game = Synthesis(auxiliary=(IntermediateOutputs(weights=(1.0,), amplitudes=(0.5,)),))
    with pytest.raises(UsageError, match="1 weights, and G shows 2"):
        game.discriminator_turn(play, batch, draws)
    play.networks["G"].intermediate = None  # type: ignore[assignment]
    with pytest.raises(UsageError, match="shows one"):
        game.generator_turn(play, batch, draws)


def test_other_recipes_take_the_term() -> None:
    """StyleGAN2's pictures of 7, 14 and 28 pixels are judged, the two coarser ones under noise."""
    term: dict[str, Any] = {"kind": "IntermediateOutputs", "weights": [0.5, 0.5], "amplitudes": [0.3, 0.6]}
    changes = {**tiny_overrides("stylegan2"), "game.auxiliary": [term], "precision": "fp32"}
    played = override(replace(recipe("stylegan2"), source=Blobs(count=64)), changes)
    trainer = live_trainer(prepare(played), torch.device("cpu"), ProcessGroup())
    trainer.round()
    assert trainer.stats["discriminator.depth.1"] > 0
    assert trainer.stats["generator.depth.2"] > 0


@torch.no_grad()
def test_stylegan2_shows_the_sum_up_to_each_resolution() -> None:
    spec = Spec("images", (1, 28, 28), bounded=True)
    G: Any = StyleGan2(width=4, widest=8, latent=5, style=6, depth=2, noise=False).build(spec).eval()
    z = torch.randn(3, 5)
    shown = G.intermediate(z)
    assert torch.equal(shown[-1], G(z))
    for level in G.trunk.to_image[1:]:  # without the finer images the last sum is the first one, doubled
        level.forward = lambda h, style: torch.zeros(len(h), 1, *h.shape[2:])
    torch.testing.assert_close(G(z), shown[0])
    assert not torch.allclose(shown[0], shown[1])
    residual: Any = StyleGan2(width=4, widest=8, latent=5, style=6, depth=2, architecture="residual").build(spec)
    assert len(residual.intermediate(z)) == 1
