"""Penalties on the gradient: closed forms, the Context they read, laziness."""

import math
from typing import Any, get_type_hints

import pytest
import torch
from torch import Tensor, nn

from ganvas.base.draws import Draws
from ganvas.base.errors import UsageError
from ganvas.base.play import Play
from ganvas.base.types import Batch, Given, Verdict
from ganvas.networks.packed import PackedDiscriminator
from ganvas.penalties.contract import Context, Penalty, due, penalty_terms, stateful
from ganvas.penalties.every import Every
from ganvas.penalties.gradient import R1, R2
from ganvas.recipes.discover import fits, parts

GAMMA = 0.7
DRAWS = Draws(0, rows=range(4))
ELSEWHERE = {"PathLength", "Orthogonality"}  # they read G: test_path_length.py, test_orthogonality.py
ELSEWHERE |= {"Transport"}  # it reads z: tests/games/test_flow_matching.py
PENALTIES = [part() for name, part in parts().items() if fits(part, Penalty) and name not in ELSEWHERE]
each_penalty = pytest.mark.parametrize("penalty", PENALTIES, ids=lambda penalty: type(penalty).__name__)


class Linear(nn.Module):
    """D(x) = W x + b, K logits."""

    def __init__(self, numbers: int, k: int = 1) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(1)
        self.weight = nn.Parameter(torch.randn(k, numbers, generator=generator, dtype=torch.float64))
        self.calls = 0

    def forward(self, x: Tensor, y: Tensor | None = None, given: Given = None) -> Verdict:
        self.calls += 1
        return Verdict(x.flatten(1) @ self.weight.T + 0.3)


class Quadratic(nn.Module):
    """D(x) = x^T A x / 2, A symmetric."""

    def __init__(self, matrix: Tensor) -> None:
        super().__init__()
        self.matrix = matrix

    def forward(self, x: Tensor, y: Tensor | None = None, given: Given = None) -> Verdict:
        return Verdict((x @ self.matrix * x).sum(1, keepdim=True) / 2)


class Curved(nn.Module):
    """A small network with a bent surface, for laws."""

    def __init__(self, dtype: torch.dtype, numbers: int = 5) -> None:
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(3)
            self.hidden = nn.Sequential(nn.Linear(numbers, 8), nn.Tanh()).to(dtype)
            self.last = nn.Linear(8, 2).to(dtype)
        self.calls = 0

    def forward(self, x: Tensor, y: Tensor | None = None, given: Given = None) -> Verdict:
        self.calls += 1
        features = self.hidden(x.flatten(1))
        h = self.last(features)
        return Verdict(h if y is None else h * y[:, None], features=(features,))


class Mixing(Curved):
    mixes_samples = True


def context_of(
    D: nn.Module,
    real: Tensor | None,
    fake: Tensor,
    y: Tensor | None = None,
    draws: Draws = DRAWS,
    gradients: bool = True,
) -> Context:
    batch = Batch(x=fake if real is None else real, y=y)
    states = nn.ModuleDict({name: part.state() for name, part in stateful(PENALTIES).items()})
    return Context(Play({"D": D}, states), batch, draws, x_real=real, x_fake=fake, gradients=gradients)


def both_gradients(context: Context) -> tuple[Tensor, Tensor]:
    return context.real_gradient, context.fake_gradient


def samples(*shape: int, dtype: torch.dtype = torch.float64) -> tuple[Tensor, Tensor]:
    real, fake = torch.randn(2, *shape, generator=torch.Generator().manual_seed(2), dtype=dtype)
    return real, fake


@pytest.mark.parametrize("penalty", [R1(GAMMA), R2(GAMMA)], ids=str)
@pytest.mark.parametrize("shape", [(6,), (3, 4, 5)], ids=["points", "images"])
@pytest.mark.parametrize("k", [1, 3])
def test_of_a_linear_discriminator_it_is_half_gamma_times_the_squared_slope(
    penalty: Any, shape: tuple[int, ...], k: int
) -> None:
    D = Linear(math.prod(shape), k)
    value = penalty.penalty(context_of(D, *samples(4, *shape)))
    slope = D.weight.mean(0).square().sum()
    torch.testing.assert_close(value, (GAMMA / 2 * slope).expand(4), rtol=1e-12, atol=0)


@pytest.mark.parametrize("penalty", [R1(GAMMA), R2(GAMMA)], ids=str)
def test_the_second_derivative_flows(penalty: Any) -> None:
    D = Linear(6)
    penalty.penalty(context_of(D, *samples(4, 6))).mean().backward()
    torch.testing.assert_close(D.weight.grad, GAMMA * D.weight.detach(), rtol=1e-12, atol=0)


def test_r1_looks_at_reals_and_r2_at_fakes() -> None:
    half = torch.randn(5, 5, generator=torch.Generator().manual_seed(4), dtype=torch.float64)
    matrix = half + half.T
    real, fake = samples(4, 5)
    context = context_of(Quadratic(matrix), real, fake)
    torch.testing.assert_close(
        R1(GAMMA).penalty(context), GAMMA / 2 * (real @ matrix).square().sum(1), rtol=1e-10, atol=0
    )
    torch.testing.assert_close(
        R2(GAMMA).penalty(context), GAMMA / 2 * (fake @ matrix).square().sum(1), rtol=1e-10, atol=0
    )


def test_lazy_penalties_pull_as_hard_on_average() -> None:
    D, pair = Linear(6), samples(4, 6)
    lazy, plain = Every(8, R1(GAMMA)), R1(GAMMA).penalty(context_of(Linear(6), *pair))
    assert [turn for turn in range(24) if due((lazy,), turn)] == [0, 8, 16]
    assert due((R1(), lazy), 3) == (R1(),)
    value = lazy.penalty(context_of(D, *pair))
    torch.testing.assert_close(value, 8 * plain, rtol=1e-12, atol=0)
    played = [
        sum(penalty.penalty(context_of(D, *pair)).mean().item() for penalty in due((lazy,), turn)) for turn in range(64)
    ]
    assert sum(played) / 64 == pytest.approx(plain.mean().item(), rel=1e-12)


def test_terms_are_named_after_the_penalty() -> None:
    context = context_of(Linear(6), *samples(4, 6))
    assert set(penalty_terms((Every(8, R1()), R2()), context)) == {"R1", "R2"}


@pytest.mark.parametrize(
    "y", [None, torch.tensor([0.5, -1.0, 2.0, 1.5], dtype=torch.float64)], ids=["plain", "conditional"]
)
def test_one_call_unless_samples_mix(y: Tensor | None) -> None:
    pair = samples(4, 5)
    once, twice = Curved(torch.float64), Mixing(torch.float64)
    together, apart = context_of(once, *pair, y), context_of(twice, *pair, y)
    assert once.calls == twice.calls == 0
    for name in ("real", "fake"):
        assert getattr(together, name) is getattr(together, name)
        torch.testing.assert_close(getattr(together, name).logits, getattr(apart, name).logits, rtol=1e-12, atol=1e-14)
    for ours, theirs in zip(both_gradients(together), both_gradients(apart), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-14)
    assert (once.calls, twice.calls) == (1, 2)


def test_without_reals_only_fakes_are_judged() -> None:
    D = Curved(torch.float64)
    context = context_of(D, None, samples(4, 5)[1], gradients=False)
    assert context.fake.scores.shape == (4, 2)
    assert D.calls == 1


def test_without_a_gradient_penalty_the_generator_is_reached() -> None:
    (real, fake), D = samples(4, 5), Curved(torch.float64)
    alone = fake.clone().requires_grad_()
    D(alone).scores.sum().backward()
    fake.requires_grad_()
    context_of(D, real, fake, gradients=False).fake.scores.sum().backward()
    assert alone.grad is not None
    assert alone.grad.any()
    torch.testing.assert_close(fake.grad, alone.grad, rtol=1e-12, atol=1e-14)


def test_all_penalties_are_found() -> None:
    assert {type(penalty).__name__ for penalty in PENALTIES} >= {
        "R1",
        "R2",
        "Every",
        "WganGp",
        "Dragan",
        "Consistency",
        "BalancedConsistency",
        "LeCam",
        "MeanFeatures",
    }


class Shuffled(Draws):
    """The draws of the same samples in another order."""

    order = torch.tensor([3, 0, 5, 2, 1, 4])

    def normal(self, stream: str, *shape: int) -> Tensor:
        return super().normal(stream, *shape)[self.order]

    def uniform(self, stream: str, *shape: int) -> Tensor:
        return super().uniform(stream, *shape)[self.order]


def pictures(dtype: torch.dtype, size: float = 1.0) -> tuple[Curved, Tensor, Tensor]:
    real, fake = samples(6, 1, 5, 5, dtype=dtype)
    return Curved(dtype, numbers=25), size * real, size * fake


def is_statistic(penalty: Any) -> bool:
    """Whether a penalty declares a scalar: a statistic of the batch."""
    declared: tuple[int, ...] = get_type_hints(penalty.penalty)["return"].dims
    return declared == ()


@each_penalty
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_laws(penalty: Any, dtype: torch.dtype) -> None:
    D, real, fake = pictures(dtype)
    value = penalty.penalty(context_of(D, real, fake, draws=Draws(0, rows=range(6)), gradients=penalty.needs_gradients))
    assert value.shape == (() if is_statistic(penalty) else (6,))
    assert value.dtype == dtype
    assert torch.isfinite(value).all()
    if type(penalty).__name__ == "EnergyDistance":  # an estimate without bias, so it may be below 0
        return
    assert (value >= 0).all()
    assert (value > 0).any()
    order = Shuffled.order
    permuted = penalty.penalty(
        context_of(D, real[order], fake[order], draws=Shuffled(0, rows=range(6)), gradients=penalty.needs_gradients)
    )
    torch.testing.assert_close(permuted, value if is_statistic(penalty) else value[order])
    value.mean().backward()
    slopes = [parameter.grad for parameter in D.parameters() if parameter.grad is not None]
    assert slopes
    assert all(torch.isfinite(slope).all() for slope in slopes)


def test_what_is_declared_a_scalar() -> None:
    assert [type(penalty).__name__ for penalty in PENALTIES if is_statistic(penalty)] == [
        "EnergyDistance",
        "MeanFeatures",
    ]


@each_penalty
@pytest.mark.parametrize("size", [1e-6, 1e6])
def test_finite_at_odd_scales(penalty: Any, size: float) -> None:
    D, real, fake = pictures(torch.float32, size)
    value = penalty.penalty(context_of(D, real, fake, draws=Draws(0, rows=range(6)), gradients=penalty.needs_gradients))
    assert torch.isfinite(value).all()


@each_penalty
def test_finite_where_the_discriminator_says_nothing(penalty: Any) -> None:
    D, real, fake = pictures(torch.float64)
    for parameter in D.parameters():
        nn.init.zeros_(parameter)
    penalty.penalty(
        context_of(D, real, fake, draws=Draws(0, rows=range(6)), gradients=penalty.needs_gradients)
    ).mean().backward()
    assert all(torch.isfinite(parameter.grad).all() for parameter in D.parameters() if parameter.grad is not None)


def test_penalties_of_one_name_both_count() -> None:
    real, fake = samples(6, 5, dtype=torch.float32)
    both = penalty_terms((R1(1.0), Every(1, R1(2.0))), context_of(Curved(torch.float32), real, fake))
    first, second = (term.value for term in both.values())
    torch.testing.assert_close(second, 2 * first)


@pytest.mark.parametrize("pack", [1, 2, 4])
def test_a_pack_is_penalised_for_all_its_samples(pack: int) -> None:
    """Of a linear D the squared slope is |w|^2, w being as long as a pack is."""
    D = PackedDiscriminator(Linear(3 * pack), pack)
    x = torch.randn(2, 8, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    for penalty in (R1(gamma=2.0), R2(gamma=2.0)):
        found = penalty.penalty(context_of(D, x[0], x[1]))
        torch.testing.assert_close(found, D.network.weight.square().sum().expand(8 // pack))  # type: ignore[operator]


def test_no_pack_holds_reals_and_fakes() -> None:
    D = PackedDiscriminator(Linear(6), 2)
    x = torch.randn(2, 3, 3, dtype=torch.float64)
    with pytest.raises(UsageError, match="cannot be packed"):
        _ = context_of(D, x[0], x[1], gradients=False).real
