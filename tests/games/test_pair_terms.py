"""Terms that compare a made picture with the true one, each by hand."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from ganvas.base.draws import Draws
from ganvas.base.errors import UsageError
from ganvas.base.play import Play
from ganvas.base.types import Batch, Verdict
from ganvas.games.pair_terms import ClassMap, MaskedL1, MatchedFeatures, PerceptualTerm, TotalVariation
from ganvas.games.segmentation import Segmentation, is_labelled, with_labelled_only
from ganvas.games.translation import Translation, in_the_form_of
from ganvas.losses.least_squares import LeastSquares
from ganvas.penalties.contract import Context

B, C, H, W = 4, 3, 6, 5
SEED = torch.Generator().manual_seed(0)


def random(*shape: int) -> Tensor:
    return torch.rand(*shape, generator=SEED, dtype=torch.float64) * 2 - 1


class Translator(nn.Module):
    """given["input"] times a number."""

    latent: tuple[int, ...] = ()

    def __init__(self) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.tensor(0.7, dtype=torch.float64))

    def forward(self, z: Tensor | None, y: Tensor | None, given: Mapping[str, Tensor]) -> Tensor:
        return self.gain * given["input"]


class Critic(nn.Module):
    """A logit for each row of pixels, with two layers of features."""

    def __init__(self, features: bool = True) -> None:
        super().__init__()
        self.weight, self.features = nn.Parameter(torch.tensor(1.5, dtype=torch.float64)), features

    def forward(self, x: Tensor, y: Tensor | None, given: Mapping[str, Tensor]) -> Verdict:
        first = self.weight * x
        layers = (first, first.square()) if self.features else ()
        return Verdict(x.mean((1, 3)), features=layers)


def context(x_fake: Tensor, critic: Any = None, **given: Tensor) -> Context:
    networks = {"G": Translator(), "D": critic or Critic()}
    batch = Batch(x=x_fake, given=given)
    return Context(Play(networks), batch, Draws(1, rows=range(len(x_fake))), x_fake=x_fake)


def test_masked_l1_counts_its_pixels_only() -> None:
    x, fake = random(B, C, H, W), random(B, C, H, W)
    known = (torch.rand(B, 1, H, W, generator=SEED) < 0.6).double()
    known[0] = 1  # nothing is unknown
    error = (x - fake).abs().numpy()
    for where, value in (("hole", 0), ("known", 1)):
        chosen = np.broadcast_to(known.numpy() == value, error.shape)
        expected = [e[c].mean() if c.any() else 0.0 for e, c in zip(error, chosen, strict=True)]
        found = MaskedL1(where=where).compare(x, context(fake, known=known))  # type: ignore[arg-type]
        np.testing.assert_allclose(found, expected)
    with pytest.raises(UsageError, match="needs the given tensor 'known'"):
        MaskedL1().compare(x, context(fake))


def test_total_variation_is_numpys_differences() -> None:
    fake = random(B, C, H, W)
    expected = [abs(np.diff(f, axis=1)).mean() + abs(np.diff(f, axis=2)).mean() for f in fake.numpy()]
    np.testing.assert_allclose(TotalVariation().compare(random(B, C, H, W), context(fake)), expected)


def test_matched_features_are_those_of_d() -> None:
    x, fake = random(B, C, H, W), random(B, C, H, W).requires_grad_()
    found = MatchedFeatures().compare(x, context(fake))
    first = 1.5 * (x - fake.detach()).abs().flatten(1).mean(1)
    second = 1.5**2 * (x.square() - fake.detach().square()).abs().flatten(1).mean(1)
    torch.testing.assert_close(found, first + second)
    found.sum().backward()
    assert fake.grad is not None
    with pytest.raises(UsageError, match="gives its features"):
        MatchedFeatures().compare(x, context(fake, Critic(features=False)))


def test_class_map_is_the_cross_entropy_of_torch() -> None:
    logits = random(B, C, H, W) * 3
    classes = torch.randint(0, C, (B, H, W), generator=SEED)
    x = 2 * nn.functional.one_hot(classes, C).permute(0, 3, 1, 2).double() - 1
    x[1, :, 0] = -1  # unknown pixels
    classes[1, 0] = -100
    x[2] = -1  # no map at all
    fake = 2 * logits.softmax(1) - 1
    found = ClassMap().compare(x, context(fake))
    for row in (0, 1, 3):
        expected = nn.functional.cross_entropy(logits[row : row + 1], classes[row : row + 1])
        assert float(found[row]) == pytest.approx(float(expected), rel=1e-5)
    assert found[2] == 0


def test_perceptual_term_sees_contents_and_reaches_g() -> None:
    x = random(2, 3, 32, 32).float()
    fake = (x + 0.3 * random(2, 3, 32, 32).float()).requires_grad_()
    assert float(PerceptualTerm().compare(x, context(x.clone())).abs().max()) == 0
    near = PerceptualTerm().compare(x, context(fake))
    far = PerceptualTerm().compare(x, context(-x))
    assert (near < far).all()
    near.sum().backward()
    assert fake.grad is not None
    assert bool(fake.grad.any())
    grey = PerceptualTerm().compare(x[:, :1], context(fake.detach()[:, :1]))
    assert grey.shape == (2,)


def terms_of(game: Any, turn: str, batch: Batch) -> dict[str, tuple[float, float]]:
    networks = {"G": Translator(), "D": Critic()}
    terms = game.turns()[turn].terms(Play(networks), batch, Draws(3, rows=range(len(batch.x))))
    return {name: (float(term.value.detach().mean()), float(term.weight)) for name, term in terms.items()}


def test_each_pair_term_has_its_weight_and_its_turns() -> None:
    game = Translation(
        condition="input", reconstruction_weight=2.0, pair_terms=(MatchedFeatures(), TotalVariation(0.5))
    )
    batch = Batch(x=random(B, C, H, W), given={"input": random(B, C, H, W)})
    whole = terms_of(game, "generator", batch)
    assert {name: weight for name, (_, weight) in whole.items()} == {
        "adversarial": 1.0,
        "reconstruction": 2.0,
        "MatchedFeatures": 10.0,
        "TotalVariation": 0.5,
    }
    alone = terms_of(game, "reconstruction", batch)
    assert set(alone) == {"reconstruction", "TotalVariation"}  # D is not read
    assert alone["reconstruction"] == pytest.approx(whole["reconstruction"])


def test_pictures_without_a_map_are_no_reals() -> None:
    x = random(6, C, H, W).sign()
    x[[1, 4]] = -1.0
    assert is_labelled(x).tolist() == [True, False, True, True, False, True]
    batch = Batch(x=x, given={"input": random(6, C, H, W)})
    kept = with_labelled_only(batch)
    rows = [0, 2, 2, 3, 0, 5]
    assert torch.equal(kept.x, x[rows])
    assert torch.equal(kept.given["input"], batch.given["input"][rows])
    nothing = Batch(x=torch.full_like(x, -1.0), given=batch.given)
    assert with_labelled_only(nothing) is nothing


def test_the_masked_term_counts_only_where_d_believes() -> None:
    made = (2 * (3 * random(B, C, H, W)).softmax(1) - 1).float()
    logits = torch.full((B, H * W), -9.0)
    logits[:, : 2 * W] = 9.0  # the first two rows of pixels
    found = Segmentation()._masked(made, Verdict(logits))
    probability = (made.amax(1) + 1) / 2
    expected = -probability[:, :2].log().flatten(1).sum(1) / (H * W)
    torch.testing.assert_close(found, expected)


def test_unlabelled_pictures_reach_g_by_the_masked_term_alone() -> None:
    x = 2 * nn.functional.one_hot(torch.randint(0, C, (B, H, W), generator=SEED), C).permute(0, 3, 1, 2).double() - 1
    x[2:] = -1
    batch = Batch(x=x, given={"input": random(B, C, H, W)})
    game = Segmentation(loss=LeastSquares(), confidence=0.0, unlabelled_weight=0.3)
    networks: Any = {"G": Translator(), "D": PatchRows()}
    terms = game.generator_turn(Play(networks), batch, Draws(3, rows=range(B)))
    assert terms["unlabelled"].weight == 0.3
    assert (terms["unlabelled"].value[:2] == 0).all()
    assert (terms["unlabelled"].value[2:] > 0).all()
    labelled = Batch(x=x[:2], given={"input": batch.given["input"][:2]})
    assert "unlabelled" not in game.generator_turn(Play(networks), labelled, Draws(3, rows=range(2)))


class PatchRows(nn.Module):
    """A logit a pixel."""

    def forward(self, x: Tensor, y: Tensor | None, given: Mapping[str, Tensor]) -> Verdict:
        return Verdict(x.mean(1).flatten(1))


@pytest.mark.parametrize(("before", "after"), [(1, 3), (3, 1), (3, 4), (3, 3)])
def test_pictures_of_another_form_can_stand_in_one_sheet(before: int, after: int) -> None:
    small = random(2, before, 3, 4)
    made = in_the_form_of(torch.zeros(2, after, 6, 8), small)
    assert made.shape == (2, after, 6, 8)
    if before == after:
        assert torch.equal(made[:, :, ::2, ::2], small.float())
        assert torch.equal(made[:, :, 1::2, 1::2], small.float())
