"""Penalties at points between the samples, at changed samples and on features; and the views of D's inputs."""

from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
import torch
from torch import Tensor, nn

from ganvas.augment.noise import InstanceNoise
from ganvas.base.draws import Draws
from ganvas.base.errors import UsageError
from ganvas.base.play import Play
from ganvas.base.types import Batch, Given, Spec, Verdict
from ganvas.networks.dcgan import DcganCritic
from ganvas.networks.mlp import MlpCritic
from ganvas.networks.packed import Packed
from ganvas.penalties.consistency import BalancedConsistency, Consistency
from ganvas.penalties.contract import Context
from ganvas.penalties.dragan import Dragan
from ganvas.penalties.every import Every
from ganvas.penalties.gradient import R1
from ganvas.penalties.mean_features import MeanFeatures
from ganvas.penalties.wgan_gp import WganGp

B, DRAWS = 4, Draws(0, rows=range(4))
REAL, FAKE = torch.randn(2, B, 2, 3, 3, generator=torch.Generator().manual_seed(2), dtype=torch.float64)


class Linear(nn.Module):
    """D(x) = w . x + 0.3, and every x that it was shown."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(1, 18, generator=torch.Generator().manual_seed(1), dtype=torch.float64))
        self.shown: list[Tensor] = []

    def forward(self, x: Tensor, y: Tensor | None = None, given: Given = None) -> Verdict:
        self.shown.append(x.detach())
        return Verdict(x.flatten(1) @ self.weight.T + 0.3, features=(x.flatten(1),))


def context_of(D: nn.Module, real: Tensor = REAL, fake: Tensor = FAKE, draws: Draws = DRAWS, **more: Any) -> Context:
    return Context(Play({"D": D}), Batch(x=real), draws, x_real=real, x_fake=fake, **more)


@pytest.mark.parametrize("part", [WganGp, Dragan])
@pytest.mark.parametrize(("weight", "target"), [(10.0, 1.0), (3.0, 0.0), (1.0, 20.0)])
def test_of_a_linear_discriminator_it_is_the_squared_distance_of_the_slope_from_the_target(
    part: Any, weight: float, target: float
) -> None:
    D = Linear()
    value = part(weight, target).penalty(context_of(D))
    length = D.weight.detach().norm()
    torch.testing.assert_close(value.detach(), (weight * (length - target) ** 2).expand(B), rtol=1e-12, atol=0)
    value.mean().backward()
    torch.testing.assert_close(
        D.weight.grad, 2 * weight * (length - target) * D.weight.detach() / length, rtol=1e-12, atol=0
    )


def test_wgan_gp_stands_between_real_and_fake_with_one_share_a_sample() -> None:
    D = Linear()
    WganGp().penalty(context_of(D))
    (shown,) = D.shown
    shares = (shown - FAKE) / (REAL - FAKE)  # [B, 2, 3, 3]
    a = DRAWS.uniform("WganGp").double()
    torch.testing.assert_close(shares, a[:, None, None, None].expand_as(shares), rtol=1e-9, atol=1e-9)
    assert len(a.unique()) == B


def test_dragan_stands_around_the_reals_with_one_number_a_pixel() -> None:
    D = Linear()
    Dragan(spread=0.5).penalty(context_of(D))
    (shown,) = D.shown
    moved = (shown - REAL) / (0.5 * REAL.std(correction=0))
    torch.testing.assert_close(moved, DRAWS.uniform("Dragan", 2, 3, 3).double(), rtol=1e-9, atol=1e-9)
    assert len(moved.unique()) == moved.numel()


def test_micro_batches_see_the_same_shares() -> None:
    D = Linear()
    WganGp().penalty(context_of(D))
    WganGp().penalty(context_of(D, REAL[2:], FAKE[2:], Draws(0, rows=range(2, 4))))
    assert torch.equal(D.shown[0][2:], D.shown[1])


def test_the_norm_of_a_pack_is_that_of_all_its_samples() -> None:
    D: Any = Packed(MlpCritic(widths=()), pack=2).build(Spec("images", (2, 3, 3), bounded=True))
    length = D.network.head.linear.weight.detach().norm()  # 36 numbers
    value = WganGp().penalty(context_of(D, REAL.float(), FAKE.float()))
    torch.testing.assert_close(value.detach(), (10 * (length - 1) ** 2).expand(B // 2), rtol=1e-4, atol=0)


def test_a_discriminator_that_mixes_samples_is_penalised_as_by_r1() -> None:
    """The row of a sample then holds what it does to the others' verdicts too, for every penalty on gradients alike."""
    D = DcganCritic(width=4).build(Spec("images", (1, 16, 16), bounded=True))
    x = torch.randn(B, 1, 16, 16, generator=torch.Generator().manual_seed(3))
    ours = context_of(D, x, x.flip(0)).gradient_at(x)
    theirs = context_of(D, x, x.flip(0), gradients=True).real_gradient
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-8)
    assert torch.isfinite(WganGp().penalty(context_of(D, x, x.flip(0)))).all()


@dataclass(frozen=True)
class Brighter:
    """x + u."""

    uniforms: ClassVar[int] = 1
    training_only: ClassVar[bool] = True

    def transform(self, batch: Batch, u: Tensor) -> Batch:
        return Batch(x=batch.x + u.double()[:, :, None, None])


def test_consistency_of_a_linear_discriminator() -> None:
    D = Linear()
    value = Consistency(weight=3.0, transforms=(Brighter(), Brighter())).penalty(context_of(D))
    added = sum(DRAWS.uniform(f"Consistency.{place}", 1).double()[:, 0] for place in (0, 1))
    torch.testing.assert_close(value, 3 * (added * D.weight.sum()) ** 2, rtol=1e-9, atol=0)


def test_consistency_without_a_change_is_nothing() -> None:
    assert not Consistency(transforms=()).penalty(context_of(Linear())).any()


def test_mean_features_are_matched() -> None:
    real, fake = REAL, FAKE.clone().requires_grad_()
    value = MeanFeatures(weight=2.0).penalty(context_of(Linear(), real, fake))
    apart = fake.detach().flatten(1).mean(0) - real.flatten(1).mean(0)
    assert value.item() == pytest.approx(2 * apart.square().sum().item(), rel=1e-12)
    (slope,) = torch.autograd.grad(value, fake)
    torch.testing.assert_close(slope.flatten(1), (2 * 2 * apart / B).expand(B, -1), rtol=1e-10, atol=0)
    shuffled = context_of(Linear(), real, real[[2, 0, 3, 1]])
    assert MeanFeatures().penalty(shuffled).item() == pytest.approx(0, abs=1e-24)


def test_features_that_are_not_shown_are_told() -> None:
    class Silent(nn.Module):
        def forward(self, x: Tensor, y: Tensor | None = None, given: Given = None) -> Verdict:
            return Verdict(x.flatten(1)[:, :1])

    with pytest.raises(UsageError, match="features"):
        MeanFeatures().penalty(context_of(Silent()))


def test_every_counts_a_scalar_too() -> None:
    once = MeanFeatures().penalty(context_of(Linear()))
    torch.testing.assert_close(Every(8, MeanFeatures()).penalty(context_of(Linear())), 8 * once)


def test_instance_noise_is_on_all_that_the_discriminator_sees() -> None:
    D = Linear()
    context = context_of(D, views=(InstanceNoise(0.5),), gradients=True)
    assert context.real.scores.shape == context.fake.scores.shape
    context.gradient_at(REAL)
    both, between = D.shown
    noise = [(both[:B] - REAL) / 0.5, (both[B:] - FAKE) / 0.5, (between - REAL) / 0.5]
    wanted = [DRAWS.normal(f"view.0.{stream}", 2, 3, 3).double() for stream in ("real", "fake", "between")]
    for ours, theirs in zip(noise, wanted, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-9)
    assert (noise[0] - noise[1]).abs().min() > 0
    assert context.real_gradient.shape == REAL.flatten(1).shape


def test_noise_of_zero_changes_nothing() -> None:
    plain, seen = (
        context_of(Linear(), gradients=True),
        context_of(Linear(), views=(InstanceNoise(0.0),), gradients=True),
    )
    assert torch.equal(plain.real.scores, seen.real.scores)
    assert torch.equal(R1().penalty(plain), R1().penalty(seen))


def test_noise_that_mixing_discriminators_see_is_the_same() -> None:
    class Mixing(Linear):
        mixes_samples = True

    together, apart = (context_of(D, views=(InstanceNoise(0.5),)) for D in (Linear(), Mixing()))
    torch.testing.assert_close(together.real.logits, apart.real.logits, rtol=1e-12, atol=0)
    torch.testing.assert_close(together.fake.logits, apart.fake.logits, rtol=1e-12, atol=0)


def test_balanced_consistency_compares_reals_and_fakes_by_weights_of_their_own() -> None:
    D = Linear()
    penalty = BalancedConsistency(real=3.0, fake=5.0, transforms=(Brighter(),))
    added = {side: DRAWS.uniform(f"BalancedConsistency.{side}.0", 1).double()[:, 0] for side in ("real", "fake")}
    slope = D.weight.detach().sum()
    wanted = 3.0 * (slope * added["real"]).square() + 5.0 * (slope * added["fake"]).square()
    torch.testing.assert_close(penalty.penalty(context_of(D)), wanted)
    torch.testing.assert_close(
        BalancedConsistency(real=3.0, fake=0.0, transforms=(Brighter(),)).penalty(context_of(D)),
        3.0 * (slope * added["real"]).square(),
    )
