"""The semi-supervised game against K + 1 classes, and what it may not look at."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganvas.base.draws import Draws
from ganvas.base.play import Play
from ganvas.base.types import Batch, Given, TensorSpec, Verdict
from ganvas.games.feature_matching import FeatureMatching
from ganvas.recipes import override, prepare, recipe

B, K = 6, 4


class LinearClasses(nn.Module):
    """Class logits A x, features C x; the real-or-fake logit is log sum exp of the classes."""

    def __init__(self) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        self.A = nn.Parameter(torch.randn(K, 3, generator=generator, dtype=torch.float64))
        self.C = torch.randn(5, 3, generator=generator, dtype=torch.float64)

    def forward(self, x: Tensor, y: Tensor | None = None, given: Given = None) -> Verdict:
        classes = x @ self.A.T
        return Verdict(classes.logsumexp(1, keepdim=True), classes, (x @ self.C.T,))


class Doubler(nn.Module):
    """G(z) = a z."""

    latent = (3,)

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Parameter(torch.tensor(2.0, dtype=torch.float64))

    def forward(self, z: Tensor, y: Tensor | None = None, given: Given = None) -> Tensor:
        return self.a * z.double()


def setting(**more: Any) -> tuple[Play, Batch, Draws]:
    generator = torch.Generator().manual_seed(1)
    x, labelled = (torch.randn(B, 3, generator=generator, dtype=torch.float64) for _ in range(2))
    batch = Batch(
        x=x, y=torch.zeros(B, dtype=torch.int64), given={"labelled": labelled, "labelled.y": torch.arange(B) % K}
    )
    return Play({"G": Doubler(), "D": LinearClasses()}), replace(batch, **more), Draws(0, rows=range(B))


def total(terms: Mapping[str, Any]) -> Tensor:
    return sum((term.weight * term.value.mean() for term in terms.values()), torch.zeros((), dtype=torch.float64))


def test_it_is_a_classifier_of_one_class_more_whose_fakes_have_logit_zero() -> None:
    """Salimans et al. 2016, section 5: -log p(y | x, y <= K) - 1/2 log(1 - p(K + 1 | x)) - 1/2 log p(K + 1 | G(z)), and
    the same gradient.
    """
    play, batch, draws = setting()
    D: Any = play.D
    ours = total(FeatureMatching().discriminator_turn(play, batch, draws))

    def one_more(x: Tensor) -> Tensor:
        return F.softmax(torch.cat([D(x).classes, torch.zeros(B, 1, dtype=torch.float64)], dim=1), dim=1)

    x, y = batch.given["labelled"], batch.given["labelled.y"]
    fake = 2 * draws.uniform("z", 3).double()
    p = one_more(x)
    supervised = -(p[torch.arange(B), y] / p[:, :K].sum(1)).log()
    reference = (supervised - 0.5 * (1 - one_more(batch.x)[:, K]).log() - 0.5 * one_more(fake)[:, K].log()).mean()
    torch.testing.assert_close(ours, reference, rtol=1e-12, atol=1e-12)
    mine, theirs = (torch.autograd.grad(value, D.A)[0] for value in (ours, reference))
    torch.testing.assert_close(mine, theirs, rtol=1e-10, atol=1e-12)


def test_the_generator_matches_the_means_of_features() -> None:
    play, batch, draws = setting()
    G: Any = play.G
    D: Any = play.D
    value = total(FeatureMatching().generator_turn(play, batch, draws))
    z = draws.uniform("z", 3).double()
    gap = (batch.x.mean(0) - 2 * z.mean(0)) @ D.C.T
    torch.testing.assert_close(value, gap.square().sum())
    slope = torch.autograd.grad(value, G.a)[0]
    torch.testing.assert_close(slope, -2 * (gap @ (z.mean(0) @ D.C.T)))


def test_labels_of_the_main_stream_are_never_looked_at() -> None:
    game, (play, batch, draws) = FeatureMatching(), setting()
    for turn in game.turns().values():
        told, untold = (turn.terms(play, each, draws) for each in (batch, replace(batch, y=None)))
        assert told.keys() == untold.keys()
        assert all(torch.equal(told[name].value, untold[name].value) for name in told)


def test_logits_stay_finite_where_exponentials_do_not() -> None:
    play, batch, draws = setting()
    D: Any = play.D
    huge = replace(batch, x=batch.x * 1e4, given={**batch.given, "labelled": batch.given["labelled"] * 1e4})
    terms = FeatureMatching().discriminator_turn(play, huge, draws)
    assert all(torch.isfinite(term.value).all() for term in terms.values())
    assert torch.isfinite(torch.autograd.grad(total(terms), D.A)[0]).all()


def test_the_recipe_has_a_hundred_labels_and_all_the_pictures() -> None:
    made = override(recipe("feature-matching"), {"scores": []})
    spec = prepare(made).spec
    assert spec.given == {"labelled": TensorSpec((1, 28, 28)), "labelled.y": TensorSpec((), "int64")}
    assert len(made.streams["labelled"].items("train")) == 100
    assert len(made.source.items("train")) == 50_000


@dataclass(frozen=True)
class Twice:
    """T(x) = 2x."""

    uniforms: ClassVar[int] = 1
    training_only: ClassVar[bool] = True

    def transform(self, batch: Batch, u: Tensor) -> Batch:
        return replace(batch, x=2 * batch.x)


def test_what_it_is_sure_of_it_must_say_of_the_changed_picture_too() -> None:
    """Sohn et al. 2020, equation 4: 1(max p(k | x) >= tau) H(argmax p(k | x), p(k | T(x))); the labelled are seen
    through T.
    """
    play, batch, draws = setting()
    D: Any = play.D
    p, changed = F.softmax(D(batch.x).classes, 1), F.softmax(D(2 * batch.x).classes, 1)
    tau = float(p.detach().max(1).values.median())
    terms = FeatureMatching(transforms=(Twice(),), confidence=tau).discriminator_turn(play, batch, draws)
    sure = p.max(1).values >= tau
    assert 0 < sure.sum() < B
    torch.testing.assert_close(terms["consistent"].value, -changed[torch.arange(B), p.argmax(1)].log() * sure)
    labelled = D(2 * batch.given["labelled"]).classes
    torch.testing.assert_close(
        terms["supervised"].value, F.cross_entropy(labelled, batch.given["labelled.y"], reduction="none")
    )
    plain = FeatureMatching().discriminator_turn(play, batch, draws)
    torch.testing.assert_close(terms["unlabelled"].value, plain["unlabelled"].value)


@pytest.mark.parametrize("micro_batches", [1, 2])
def test_the_terms_are_a_samples_each(micro_batches: int) -> None:
    play, batch, draws = setting()
    rows = range(0, B // micro_batches)
    part = Draws(0, rows=rows)
    terms = FeatureMatching().discriminator_turn(play, batch.rows(rows), part)
    assert terms["supervised"].value.shape == (len(rows),)
    assert terms["unlabelled"].value.shape == (len(rows), 1)
    whole = FeatureMatching().discriminator_turn(play, batch, draws)
    torch.testing.assert_close(terms["unlabelled"].value, whole["unlabelled"].value[: len(rows)])
