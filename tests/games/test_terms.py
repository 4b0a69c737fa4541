"""What each turn minimises, term by term, by hand: formulas, weights, and the weights' defaults."""

from collections.abc import Mapping
from typing import Any, ClassVar

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganvas.base.draws import Draws
from ganvas.base.play import Play
from ganvas.base.types import Batch, Verdict
from ganvas.games.class_term import ClassTerm
from ganvas.games.code_term import CodeTerm
from ganvas.games.feature_matching import FeatureMatching
from ganvas.games.supervised import Supervised
from ganvas.games.synthesis import Synthesis
from ganvas.games.translation import Translation
from ganvas.losses.least_squares import LeastSquares
from ganvas.penalties.gradient import R1

B, N, K = 6, 4, 3  # samples, numbers of one x, classes (of InfoGAN: categories)
DIALS = 2


def terms_of(game: Any, turn: str, networks: Mapping[str, nn.Module], batch: Batch) -> dict[str, tuple[Tensor, float]]:
    """(mean, weight) of each term that the turn minimises. A change of the games' contract is made here."""
    terms = game.turns()[turn].terms(Play(networks), batch, Draws(3, rows=range(B)))
    return {name: (term.value.mean(), float(term.weight)) for name, term in terms.items()}


def verdict_of(
    logits: Tensor, classes: Tensor | None = None, features: Tensor | None = None, code: Tensor | None = None
) -> Verdict:
    """What a discriminator returns. A change of the verdict's contract is made here."""
    return Verdict(logits, classes, () if features is None else (features,), code)


def total(terms: Mapping[str, tuple[Tensor, float]]) -> Tensor:
    """What is minimised."""
    return sum((weight * value for value, weight in terms.values()), torch.zeros((), dtype=torch.float64))


def random(*shape: int, seed: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


Given = Mapping[str, Tensor] | None


class G(nn.Module):
    """x = tanh of the latent; it keeps z, y and x, so that a test need not repeat how they are drawn."""

    latent: tuple[int, ...] = (N,)

    def __init__(self) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.tensor(0.8, dtype=torch.float64))

    def forward(self, z: Tensor, y: Tensor | None = None, given: Given = None) -> Tensor:
        self.z, self.y = z, y
        self.x = torch.tanh(self.gain * z.double())
        return self.x


class Translator(G):
    """x = tanh of the condition."""

    latent = ()

    def forward(self, z: Tensor | None, y: Tensor | None = None, given: Given = None) -> Tensor:
        assert given is not None
        return super().forward(given["masked"])


class D(nn.Module):
    """Everything linear in x: one logit, classes, code and features."""

    def __init__(self) -> None:
        super().__init__()
        self.w = nn.Parameter(random(N, 1, seed=1))
        self.classes, self.code = random(N, K, seed=3), random(N, K + 2 * DIALS, seed=4)
        self.features = random(N, 5, seed=5)

    def forward(self, x: Tensor, y: Tensor | None = None, given: Given = None) -> Verdict:
        return verdict_of(x @ self.w, x @ self.classes, x @ self.features, x @ self.code)


class PairD(D):
    """A logit that is linear in x and the condition."""

    u = random(N, 1, seed=2)

    def forward(self, x: Tensor, y: Tensor | None = None, given: Given = None) -> Verdict:
        assert given is not None
        return verdict_of(x @ self.w + given["masked"] @ self.u)


class Classes(nn.Module):
    """Class logits of which the real-or-fake logit is the log-sum-exp, as FeatureMatching wants it."""

    def __init__(self) -> None:
        super().__init__()
        self.classes, self.features = nn.Parameter(random(N, K, seed=3)), random(N, 5, seed=5)

    def forward(self, x: Tensor, y: Tensor | None = None, given: Given = None) -> Verdict:
        classes = x @ self.classes
        return verdict_of(classes.logsumexp(1, keepdim=True), classes, x @ self.features)


def setting(
    critic: nn.Module | None = None, generator: nn.Module | None = None
) -> tuple[Any, Any, dict[str, nn.Module], Batch]:
    """G, D, both by name, and a batch with everything that a game may read."""
    made, judge = generator or G(), critic or D()
    given = {"masked": random(B, N, seed=6), "labelled": random(B, N, seed=7), "labelled.y": torch.arange(B) * 2 % K}
    batch = Batch(x=random(B, N, seed=8), y=torch.arange(B) % K, given=given)
    return made, judge, {"G": made, "D": judge}, batch


def surprise(logits: Tensor, y: Tensor) -> Tensor:
    """-log p(y), p the softmax."""
    p = logits.exp() / logits.exp().sum(1, keepdim=True)
    return -p[torch.arange(len(y)), y].log()


def softplus(x: Tensor) -> Tensor:
    return (1 + x.exp()).log()


def same(terms: Mapping[str, tuple[Tensor, float]], by_hand: Mapping[str, tuple[Tensor, float]]) -> None:
    """Names, means and weights."""
    assert terms.keys() == by_hand.keys()
    for name, (value, weight) in by_hand.items():
        torch.testing.assert_close(terms[name][0].double(), value, rtol=1e-6, atol=1e-9)
        assert terms[name][1] == pytest.approx(weight), name


def test_synthesis() -> None:
    made, judge, networks, batch = setting()
    game = Synthesis(discriminator_weight=0.5, adversarial_weight=0.7, penalties=(R1(gamma=3.0),))
    terms = terms_of(game, "discriminator", networks, batch)
    adversarial = (softplus(-(batch.x @ judge.w)) + softplus(made.x @ judge.w)).mean()
    same(terms, {"adversarial": (adversarial, 0.5), "R1": (1.5 * judge.w.square().sum(), 1.0)})
    terms = terms_of(game, "generator", networks, batch)
    same(terms, {"adversarial": (softplus(-(made.x @ judge.w)).mean(), 0.7)})
    assert (Synthesis().discriminator_weight, Synthesis().adversarial_weight) == (1, 1)


def test_class_term() -> None:
    """The generator's class term has the weight of real samples' class term, not that of D's term on fakes."""
    made, judge, networks, batch = setting()
    game = Synthesis(auxiliary=(ClassTerm(weight=0.5, fakes_weight=0.0),))
    terms = terms_of(game, "discriminator", networks, batch)
    assert batch.y is not None
    of_critic = {
        "adversarial": ((softplus(-(batch.x @ judge.w)) + softplus(made.x @ judge.w)).mean(), 1.0),
        "class_real": (surprise(batch.x @ judge.classes, batch.y).mean(), 0.5),
        "class_fake": (surprise(made.x @ judge.classes, batch.y).mean(), 0.0),
    }
    same(terms, of_critic)
    terms = terms_of(game, "generator", networks, batch)
    named = surprise(made.x @ judge.classes, batch.y).mean()
    same(terms, {"adversarial": (softplus(-(made.x @ judge.w)).mean(), 1.0), "class_fake": (named, 0.5)})
    by_hand = softplus(-(made.x @ judge.w)).mean() + 0.5 * named
    slope, expected = (torch.autograd.grad(value, made.gain, retain_graph=True)[0] for value in (total(terms), by_hand))
    torch.testing.assert_close(slope, expected)  # the class reward reaches G
    assert (ClassTerm().weight, ClassTerm().fakes_weight) == (1, 1)


@pytest.mark.parametrize(
    ("weights", "expected"),
    [({}, (1.0, 0.1)), ({"category_weight": 0.5, "dial_weight": 0.25}, (0.5, 0.25))],  # Chen et al. 2016, section 7
)
@pytest.mark.parametrize("turn", ["discriminator", "generator"])
def test_code_term(turn: str, weights: dict[str, Any], expected: tuple[float, float]) -> None:
    made, judge, networks, batch = setting()
    terms = terms_of(Synthesis(auxiliary=(CodeTerm(categories=K, dials=DIALS, **weights),)), turn, networks, batch)
    code, dials = made.x @ judge.code, made.z[:, -DIALS:].double()
    mean, deviation = code[:, K : K + DIALS], code[:, K + DIALS :].clamp(min=-1).exp()
    normal = -torch.distributions.Normal(mean, deviation).log_prob(dials).sum(1)
    real = softplus(-(batch.x @ judge.w)) + softplus(made.x @ judge.w)
    adversarial = real if turn == "discriminator" else softplus(-(made.x @ judge.w))
    by_hand = {
        "adversarial": (adversarial.mean(), 1.0),
        "category": (surprise(code[:, :K], made.y).mean(), expected[0]),
        "dials": (normal.mean(), expected[1]),
    }
    same(terms, by_hand)


@pytest.mark.parametrize(
    ("weights", "expected"),
    [({}, (1.0, 100.0)), ({"adversarial_weight": 0.5, "reconstruction_weight": 7.0}, (0.5, 7.0))],
)
def test_translation(weights: dict[str, Any], expected: tuple[float, float]) -> None:
    """Isola et al. 2017, equations 1 to 4: |x - G(c)| and not its square; D judges x beside c."""
    made, judge, networks, batch = setting(PairD(), Translator())
    game = Translation(loss=LeastSquares(), **weights)
    c = batch.given["masked"]
    difference = (batch.x - torch.tanh(0.8 * c)).abs().mean()
    terms = terms_of(game, "generator", networks, batch)
    fake = made.x @ judge.w + c @ judge.u
    same(
        terms,
        {
            "adversarial": ((fake - 1).square().mean() / 2, expected[0]),
            "reconstruction": (difference, expected[1]),
        },
    )
    terms = terms_of(game, "reconstruction", networks, batch)
    same(terms, {"reconstruction": (difference, expected[1])})
    terms = terms_of(game, "discriminator", networks, batch)
    real, fake = batch.x @ judge.w + c @ judge.u, made.x @ judge.w + c @ judge.u
    same(terms, {"adversarial": (((real - 1).square() + fake.square()).mean() / 2, 1.0)})


@pytest.mark.parametrize(("smoothing", "share"), [(None, 0.0), (0.3, 0.3)])
def test_supervised(smoothing: float | None, share: float) -> None:
    """Szegedy et al. 2016, section 7: the target is 1 - s for the label, and s / K more for every class."""
    _, judge, networks, batch = setting()
    game = Supervised() if smoothing is None else Supervised(smoothing=smoothing)
    terms = terms_of(game, "classifier", networks, batch)
    assert batch.y is not None
    logs = F.log_softmax(batch.x @ judge.classes, 1)
    smoothed = -((1 - share) * logs[torch.arange(B), batch.y] + share * logs.mean(1))
    same(terms, {"cross_entropy": (smoothed.mean(), 1.0)})


@pytest.mark.parametrize(("weights", "expected"), [({}, 0.5), ({"unlabelled_weight": 0.3}, 0.3)])
def test_feature_matching(weights: dict[str, Any], expected: float) -> None:
    """Salimans et al. 2016: the squares are summed over features, and are of the difference of means."""
    made, judge, networks, batch = setting(Classes())
    terms = terms_of(FeatureMatching(**weights), "discriminator", networks, batch)
    named = surprise(batch.given["labelled"] @ judge.classes, batch.given["labelled.y"]).mean()
    real, fake = ((x @ judge.classes).exp().sum(1).log() for x in (batch.x, made.x))
    same(terms, {"supervised": (named, 1.0), "unlabelled": ((softplus(-real) + softplus(fake)).mean(), expected)})
    terms = terms_of(FeatureMatching(**weights), "generator", networks, batch)
    difference = (batch.x.mean(0) - made.x.mean(0)) @ judge.features
    same(terms, {"features": (difference.square().sum(), 1.0)})


@pytest.mark.parametrize(("weights", "expected"), [({}, 1.0), ({"consistent_weight": 0.4}, 0.4)])
def test_consistency_of_feature_matching(weights: dict[str, Any], expected: float) -> None:
    _, judge, networks, batch = setting(Classes())
    game = FeatureMatching(transforms=(Same(),), confidence=0.6, **weights)
    value, weight = terms_of(game, "discriminator", networks, batch)["consistent"]
    p, k = F.softmax(batch.x @ judge.classes, 1).max(1)
    assert 0 < (p > 0.6).sum() < B
    torch.testing.assert_close(value, (surprise(batch.x @ judge.classes, k) * (p > 0.6)).mean())
    assert weight == expected
    assert FeatureMatching().confidence == 0.95  # Sohn et al. 2020, section 4


class Same:
    """T(x) = x."""

    uniforms: ClassVar[int] = 1
    training_only: ClassVar[bool] = True

    def transform(self, batch: Batch, u: Tensor) -> Batch:
        return batch
