"""Samples that begin from codes of real pictures: which, from what, and what G minimises for them."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from ganvas.augment.differentiable import Colour, Translate
from ganvas.base.draws import Draws
from ganvas.base.errors import UsageError
from ganvas.base.play import Latents, Play
from ganvas.base.types import Batch, Spec, Verdict
from ganvas.games.reconstruction import Reconstruction, feature_distance
from ganvas.games.simultaneous import Simultaneous
from ganvas.networks.latent_mixture import LatentMixture
from ganvas.networks.photo_codes import Whitening, photo_summary

B, K = 8, 4
SPEC = Spec(shape=(3, 16, 16), domain="images", bounded=True)
TERM = Reconstruction(numbers=K, side=16, weight=3.0)


class G(nn.Module):
    latent = (K,)

    def __init__(self) -> None:
        super().__init__()
        self.level = nn.Parameter(torch.ones(3))

    def forward(self, z: Tensor, y: Tensor | None = None, given: Any = None) -> Tensor:
        return torch.tanh(self.level)[:, None, None] * torch.tanh(z).mean(1).view(-1, 1, 1, 1).expand(-1, 3, 16, 16)


class D(nn.Module):
    def __init__(self, features: bool = True) -> None:
        super().__init__()
        self.weight, self.features = nn.Parameter(torch.ones(1)), features

    def forward(self, x: Tensor, y: Tensor | None = None, given: Any = None) -> Verdict:
        pooled = x.mean((2, 3))
        return Verdict(self.weight * pooled[:, :1], features=(pooled,) if self.features else ())


def pictures(seed: int = 0, count: int = B) -> Tensor:
    return torch.rand(count, 3, 16, 16, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def play_of(game: Simultaneous, *, counted: int = 256, features: bool = True) -> Play:
    state: Any = game.state(SPEC)
    if counted:
        state["Reconstruction"].update(photo_summary(pictures(9, counted), TERM.side))
    return Play({"G": G(), "D": D(features)}, state)


def draws() -> Draws:
    return Draws(5, rows=range(B))


def test_a_share_of_the_samples_begins_from_jittered_codes_and_the_others_from_z() -> None:
    game = Simultaneous(auxiliary=(TERM,))
    play, batch = play_of(game), Batch(x=pictures())
    plain, found = game.latents(play, draws(), batch).z, game.training_latents(play, draws(), batch).z
    assert plain is not None
    assert found is not None
    chosen = TERM.chosen(draws())
    assert 0 < int(chosen.sum()) < B
    assert torch.equal(found[~chosen], plain[~chosen])
    state: Any = play.state
    codes = state["Reconstruction"](photo_summary(batch.x, TERM.side))
    noise = draws().normal("jitter", K)
    torch.testing.assert_close(found[chosen], (0.91**0.5 * codes + 0.3 * noise)[chosen])
    assert torch.equal(play.recorded["summary"], photo_summary(batch.x, TERM.side))
    everything = Simultaneous(auxiliary=(replace(TERM, share=1.0, jitter=0.0),))
    only = everything.training_latents(play_of(everything), draws(), batch).z
    torch.testing.assert_close(only, codes)


def test_before_enough_pictures_all_samples_begin_from_z_and_nothing_is_minimised() -> None:
    game = Simultaneous(auxiliary=(TERM,))
    play, batch = play_of(game, counted=255), Batch(x=pictures())
    found, plain = game.training_latents(play, draws(), batch).z, game.latents(play, draws(), batch).z
    assert found is not None
    assert plain is not None
    assert torch.equal(found, plain)
    assert float(game.both_turn(play, batch, draws())["G.reconstruction"].value.sum()) == 0


def test_after_training_samples_begin_from_z_alone() -> None:
    game = Simultaneous(auxiliary=(TERM,))
    play, batch = play_of(game), Batch(x=pictures())
    plain = game.latents(play, draws(), batch).z
    assert plain is not None
    assert torch.equal(game.output(play, batch, draws()), play.G(plain, None, {}))


def test_what_is_minimised_by_hand() -> None:
    term = replace(TERM, share=0.5)
    game = Simultaneous(auxiliary=(term,))
    play, batch = play_of(game), Batch(x=pictures())
    terms = game.both_turn(play, batch, draws())
    z = game.training_latents(play_of(game), draws(), batch).z
    assert z is not None
    fake = play.G(z, None, {}).detach()
    real_mean, fake_mean = batch.x.mean((2, 3)), fake.mean((2, 3))
    usual = torch.cdist(real_mean.double(), real_mean.double()).mean()
    coarse = (nn.AvgPool2d(4)(batch.x) - nn.AvgPool2d(4)(fake)).abs().mean((1, 2, 3)) / 0.3
    expected = (
        (real_mean - fake_mean).norm(dim=1) / usual + (batch.x - fake).abs().mean((1, 2, 3)) / 0.3 + coarse
    ) * term.chosen(draws()).float()
    found = terms["G.reconstruction"]
    assert found.weight == 3.0
    torch.testing.assert_close(found.value.double(), expected.double() / 0.5, rtol=1e-3, atol=1e-4)


def test_the_views_change_a_sample_as_the_real_one_of_its_row() -> None:
    views = (Colour(), Translate(repeat=True))
    paired = Simultaneous(auxiliary=(TERM,), views=views)
    x = pictures()
    for game, same in ((paired, True), (Simultaneous(views=views), False)):
        context = game._context(
            Play({"G": G(), "D": D()}),
            Batch(x=x),
            draws(),
            Latents(None),
            x_real=x,
            fakes=(x.clone(),),
            penalties=(),
        )
        assert torch.equal(context.real.scores, context.fake.scores) is same


def test_the_distance_of_features_is_in_the_mean_distance_between_reals() -> None:
    real, fake = torch.tensor([[0.0, 0.0], [3.0, 4.0]]), torch.tensor([[0.0, 5.0], [3.0, 4.0]])
    torch.testing.assert_close(feature_distance(real, fake), torch.tensor([2.0, 0.0]), atol=1e-3, rtol=0)


def test_a_discriminator_without_features_is_named() -> None:
    game = Simultaneous(auxiliary=(TERM,))
    play = play_of(game, features=False)
    with pytest.raises(UsageError, match="gives its features"):
        game.both_turn(play, Batch(x=pictures()), draws())


@pytest.mark.parametrize("numbers", [2, 6])
def test_a_code_fills_a_longer_latent_in_part_and_a_shorter_one_gets_its_first_numbers(numbers: int) -> None:
    term = replace(TERM, numbers=numbers, share=1.0, jitter=0.0)
    game = Simultaneous(auxiliary=(term,))
    play, batch = play_of(game), Batch(x=pictures())
    state: Any = play.state
    z, found = game.latents(play, draws(), batch).z, game.training_latents(play, draws(), batch).z
    assert z is not None
    assert found is not None
    common = min(numbers, K)
    codes = state["Reconstruction"](photo_summary(batch.x, TERM.side))[:, :common]
    torch.testing.assert_close(found, torch.cat([codes, z[:, common:]], dim=1))


class Mixing(G):
    """Draws from a mixture of `gaussians`."""

    latent = (K + 1,)

    def __init__(self, gaussians: int) -> None:
        super().__init__()
        self.mixture = LatentMixture(K, gaussians)

    def forward(self, z: Tensor, y: Tensor | None = None, given: Any = None) -> Tensor:
        return super().forward(self.mixture(z))


def begun_at(network: Mixing) -> tuple[Tensor, Tensor, Any]:
    """Where all samples of a batch begin, the codes of the batch, and the state of the codes with a mixture of 3."""
    game = Simultaneous(auxiliary=(replace(TERM, gaussians=3, share=1.0, jitter=0.0),))
    state: Any = game.state(SPEC)
    codes = state["Reconstruction"]
    codes.update(photo_summary(pictures(9, 256), TERM.side))
    found = game.training_latents(Play({"G": network, "D": D()}, state), draws(), Batch(x=pictures())).z
    assert found is not None
    return found, codes(photo_summary(pictures(), TERM.side)), codes


def test_a_generator_with_a_mixture_gets_that_of_the_codes_and_begins_at_them() -> None:
    network = Mixing(3)
    found, codes, state = begun_at(network)
    assert torch.equal(network.mixture.means, state.mixture.means)
    assert not torch.equal(network.mixture.means, torch.zeros(3, K))
    torch.testing.assert_close(network.mixture(found), codes)


def test_a_generator_with_another_mixture_keeps_it_and_codes_fill_its_first_numbers() -> None:
    network = Mixing(5)
    found, codes, _ = begun_at(network)
    assert torch.equal(network.mixture.means, torch.zeros(5, K))
    torch.testing.assert_close(found[:, :K], codes)


def test_the_codes_learn_from_what_a_turn_recorded() -> None:
    state = Whitening(K)
    TERM.update(state, {"real": torch.zeros(2, 1)})
    assert int(state.count) == 0
    TERM.update(state, {"summary": photo_summary(pictures(), 16)})
    assert int(state.count) == B
