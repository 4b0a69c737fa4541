"""Laws over every loss, and closed forms."""

import math
from typing import Any

import pytest
import torch
from torch import Tensor

from ganvas.base.types import Loss
from ganvas.losses.hinge import Hinge
from ganvas.losses.least_squares import LeastSquares
from ganvas.losses.minimax import Minimax
from ganvas.losses.nonsaturating import NonSaturating
from ganvas.losses.relativistic import Relativistic
from ganvas.losses.wasserstein import Wasserstein
from ganvas.recipes.discover import fits, parts

LOSSES = [part() for part in parts().values() if fits(part, Loss)]
LOSSES += [Minimax(smoothing=0.1), NonSaturating(smoothing=0.1)]
EXTREMES = (-1e4, -100.0, -30.0, 0.0, 30.0, 100.0, 1e4)
each_loss = pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: type(loss).__name__)


def sides(loss: Any, real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor]:
    return loss.discriminator(real=real, fake=fake), loss.generator(real=real if loss.needs_real else None, fake=fake)


def logits(*shape: int, dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    real, fake = torch.randn(2, *shape, generator=generator, dtype=dtype) * 3
    return real, fake


def gradient(value: Tensor, at: Tensor) -> Tensor:
    return torch.autograd.grad(value.sum(), at)[0]


def test_all_losses_are_found() -> None:
    assert {type(loss).__name__ for loss in LOSSES} >= {
        "Hinge",
        "LeastSquares",
        "Minimax",
        "NonSaturating",
        "Relativistic",
        "Wasserstein",
    }


@each_loss
@pytest.mark.parametrize("k", [1, 4])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_shape_and_dtype_are_kept(loss: Any, k: int, dtype: torch.dtype) -> None:
    for side in sides(loss, *logits(6, k, dtype=dtype)):
        assert side.shape == (6, k)
        assert side.dtype == dtype


@each_loss
def test_finite_everywhere(loss: Any) -> None:
    real = torch.tensor(EXTREMES).repeat_interleave(len(EXTREMES))[:, None].requires_grad_()
    fake = torch.tensor(EXTREMES).repeat(len(EXTREMES))[:, None].requires_grad_()
    for side in sides(loss, real, fake):
        assert torch.isfinite(side).all()
        for slope in torch.autograd.grad(side.sum(), [real, fake], allow_unused=True):
            assert slope is None or torch.isfinite(slope).all()


@each_loss
def test_samples_are_alone(loss: Any) -> None:
    real, fake = logits(7, 2)
    order = torch.tensor([3, 0, 6, 2, 5, 1, 4])
    for side, permuted in zip(sides(loss, real, fake), sides(loss, real[order], fake[order]), strict=True):
        torch.testing.assert_close(permuted, side[order], rtol=0, atol=0)
    changed = fake.clone()
    changed[0] += 1
    for side, other in zip(sides(loss, real, fake), sides(loss, real, changed), strict=True):
        assert torch.equal(side[1:], other[1:])
        assert not torch.equal(side[0], other[0])


@each_loss
def test_at_indecision_each_player_pulls_its_way(loss: Any) -> None:
    real, fake = torch.zeros(3, 2, requires_grad=True), torch.zeros(3, 2, requires_grad=True)
    discriminator, generator = sides(loss, real, fake)
    on_real = gradient(discriminator, real)
    discriminator, generator = sides(loss, real, fake)
    on_fake = gradient(discriminator, fake)
    assert (on_real <= 0).all()
    assert (on_fake >= 0).all()
    assert (on_real < on_fake).all()  # least squares leaves fakes at 0 alone, as 0 is what it wants of them
    assert (gradient(generator, fake) < 0).all()


@each_loss
def test_a_forgotten_axis_is_caught(loss: Any) -> None:
    with pytest.raises(Exception, match=r"(?i)type-check|shape"):
        loss.discriminator(real=torch.zeros(4), fake=torch.zeros(4, 1))
    with pytest.raises(Exception, match=r"(?i)type-check|shape"):
        loss.discriminator(real=torch.zeros(4, 1), fake=torch.zeros(3, 1))


def sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-value))


MODERATE = [(real, fake) for real in (-3.0, -0.5, 0.0, 2.0) for fake in (-2.0, 0.0, 0.7, 3.0)]


@pytest.mark.parametrize("loss", [Minimax(), NonSaturating()], ids=["Minimax", "NonSaturating"])
@pytest.mark.parametrize(("real", "fake"), MODERATE)
def test_cross_entropy(loss: Any, real: float, fake: float) -> None:
    discriminator, generator = sides(loss, *(torch.tensor([[value]], dtype=torch.float64) for value in (real, fake)))
    assert discriminator.item() == pytest.approx(-math.log(sigmoid(real)) - math.log(1 - sigmoid(fake)), rel=1e-12)
    wanted = math.log(1 - sigmoid(fake)) if isinstance(loss, Minimax) else -math.log(sigmoid(fake))
    assert generator.item() == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize(("real", "fake"), MODERATE)
def test_relativistic_pairs(real: float, fake: float) -> None:
    discriminator, generator = sides(
        Relativistic(), *(torch.tensor([[value]], dtype=torch.float64) for value in (real, fake))
    )
    assert discriminator.item() == pytest.approx(-math.log(sigmoid(real - fake)), rel=1e-12)
    assert generator.item() == pytest.approx(-math.log(sigmoid(fake - real)), rel=1e-12)


def test_cross_entropy_agrees_with_bernoulli() -> None:
    real, fake = logits(50, 1, dtype=torch.float64)
    bernoulli = torch.distributions.Bernoulli
    wanted = -bernoulli(logits=real).log_prob(torch.ones_like(real)) - bernoulli(logits=fake).log_prob(
        torch.zeros_like(fake)
    )
    torch.testing.assert_close(NonSaturating().discriminator(real, fake), wanted, rtol=1e-12, atol=1e-14)


def test_minimax_saturates_and_nonsaturating_does_not() -> None:
    fake = torch.tensor([[-30.0], [-2.0], [0.0], [5.0]], dtype=torch.float64, requires_grad=True)
    minimax = gradient(Minimax().generator(None, fake), fake)
    torch.testing.assert_close(minimax, -torch.sigmoid(fake), rtol=1e-12, atol=0)
    assert 0 < -minimax[0].item() < 1e-12
    kept = gradient(NonSaturating().generator(None, fake), fake)
    assert kept[0].item() == pytest.approx(-1, abs=1e-12)


def test_value_at_the_optimal_discriminator_is_the_jensen_shannon_divergence() -> None:
    p_data, p_g = P_DATA, P_G
    pairs = torch.outer(p_data, p_g).flatten()

    def expected(best: Tensor) -> float:
        real, fake = best.repeat_interleave(4)[:, None], best.repeat(4)[:, None]
        return (pairs * Minimax().discriminator(real, fake)[:, 0]).sum().item()

    middle = (p_data + p_g) / 2
    jsd = ((p_data * (p_data / middle).log()).sum() + (p_g * (p_g / middle).log()).sum()).item() / 2
    optimal = (p_data / p_g).log()
    assert expected(optimal) == pytest.approx(2 * math.log(2) - 2 * jsd, rel=1e-12)
    for place in range(4):
        for change in (-0.1, 0.1):
            moved = optimal.clone()
            moved[place] += change
            assert expected(moved) > expected(optimal)


FORMULAS = [
    (LeastSquares(), lambda real, fake: (real - 1) ** 2 / 2 + fake**2 / 2, lambda fake: (fake - 1) ** 2 / 2),
    (Hinge(), lambda real, fake: max(0.0, 1 - real) + max(0.0, 1 + fake), lambda fake: -fake),
    (Wasserstein(), lambda real, fake: fake - real, lambda fake: -fake),
]


@pytest.mark.parametrize(("loss", "discriminator", "generator"), FORMULAS, ids=lambda part: type(part).__name__)
@pytest.mark.parametrize(("real", "fake"), MODERATE)
def test_formulas_of_the_papers(loss: Any, discriminator: Any, generator: Any, real: float, fake: float) -> None:
    ours = sides(loss, *(torch.tensor([[value]], dtype=torch.float64) for value in (real, fake)))
    assert [side.item() for side in ours] == pytest.approx([discriminator(real, fake), generator(fake)], rel=1e-12)


def test_hinge_lets_go_at_the_margin() -> None:
    real = torch.tensor([[-3.0], [0.999], [1.001], [5.0]], dtype=torch.float64, requires_grad=True)
    fake = (-real).detach().requires_grad_()
    pulls = torch.autograd.grad(Hinge().discriminator(real, fake).sum(), [real, fake])
    assert pulls[0].flatten().tolist() == [-1, -1, 0, 0]
    assert pulls[1].flatten().tolist() == [1, 1, 0, 0]
    assert gradient(Hinge().generator(None, fake), fake).flatten().tolist() == [-1] * 4  # G is pulled wherever D stands


def test_least_squares_pulls_back_what_is_too_real() -> None:
    fake = torch.tensor([[3.0]], requires_grad=True)
    assert gradient(LeastSquares().generator(None, fake), fake).item() == 2


P_DATA = torch.tensor([0.5, 0.3, 0.15, 0.05], dtype=torch.float64)
P_G = torch.tensor([0.1, 0.2, 0.3, 0.4], dtype=torch.float64)


def slope_of_the_expectation(loss: Any, logits: Tensor) -> Tensor:
    """d/dD of E[loss of D] over four places, real and fake."""
    at = logits.clone().requires_grad_()
    real, fake = at.repeat_interleave(4)[:, None], at.repeat(4)[:, None]
    return gradient(torch.outer(P_DATA, P_G).flatten() * loss.discriminator(real, fake)[:, 0], at)


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.3])
@pytest.mark.parametrize("part", [Minimax, NonSaturating])
def test_the_best_discriminator_under_one_sided_smoothing(part: Any, smoothing: float) -> None:
    best = torch.logit((1 - smoothing) * P_DATA / (P_DATA + P_G))
    torch.testing.assert_close(
        slope_of_the_expectation(part(smoothing), best), torch.zeros(4, dtype=torch.float64), rtol=0, atol=1e-12
    )
    assert (slope_of_the_expectation(part(smoothing), best + 0.1) > 1e-3).all()
    assert torch.equal(
        part(smoothing).generator(None, best[:, None]), part().generator(None, best[:, None])
    )  # one-sided: G is not told


def test_the_best_discriminator_of_least_squares() -> None:
    best = P_DATA / (P_DATA + P_G)  # Mao et al. 2017, equation 5
    torch.testing.assert_close(
        slope_of_the_expectation(LeastSquares(), best), torch.zeros(4, dtype=torch.float64), rtol=0, atol=1e-12
    )
    assert slope_of_the_expectation(LeastSquares(), best + 0.1).abs().min() > 1e-3


def test_hinge_at_its_best_is_twice_one_minus_the_total_variation() -> None:
    best = torch.where(P_DATA > P_G, 1.0, -1.0).to(torch.float64)
    real, fake = best.repeat_interleave(4)[:, None], best.repeat(4)[:, None]
    value = (torch.outer(P_DATA, P_G).flatten() * Hinge().discriminator(real, fake)[:, 0]).sum()
    assert value.item() == pytest.approx(2 * (1 - (P_DATA - P_G).abs().sum().item() / 2), rel=1e-12)
