"""The approximate gradient penalties: for a linear D exactly known, and in the mean R1 and R2."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from ganvas.augment import Translate
from ganvas.base.draws import Draws
from ganvas.base.play import Play
from ganvas.base.types import Batch, Given, Verdict
from ganvas.penalties import R1, R2, ApproximateR1, ApproximateR2
from ganvas.penalties.contract import Context

B = 4000


class Linear(nn.Module):
    """One logit w . x of points, or of pictures."""

    def __init__(self, w: Tensor) -> None:
        super().__init__()
        self.w = nn.Parameter(w)

    def forward(self, x: Tensor, y: Tensor | None = None, given: Given = None) -> Verdict:
        return Verdict((x.flatten(1) @ self.w)[:, None])


def context_of(w: Tensor, shape: tuple[int, ...], **more: Any) -> Context:
    real, fake = torch.randn(2, B, *shape, generator=torch.Generator().manual_seed(0))
    play = Play({"D": Linear(w)})
    return Context(play, Batch(x=real), Draws(5, rows=range(B)), x_real=real, x_fake=fake, **more)


def test_of_a_linear_discriminator() -> None:
    w = torch.tensor([0.5, -1.5])
    for kind, stream, exact in ((ApproximateR1, "real", R1), (ApproximateR2, "fake", R2)):
        context = context_of(w, (2,))
        found = kind(gamma=0.8, sigma=0.25).penalty(context)
        noise = context.draws.normal(f"nearby.{stream}", 2)
        torch.testing.assert_close(found, 0.4 * (noise @ w).square(), rtol=1e-3, atol=1e-4)
        wanted = exact(gamma=0.8).penalty(context_of(w, (2,), gradients=True)).mean()
        assert found.mean().item() == pytest.approx(wanted.item(), rel=5 * (2 / B) ** 0.5)


def test_both_calls_of_the_discriminator_see_the_same_views() -> None:
    w = torch.randn(16, generator=torch.Generator().manual_seed(1))
    context = context_of(w, (1, 4, 4), views=(Translate(share=0.25),))
    found = ApproximateR1(gamma=2.0).penalty(context)
    assert found.mean().item() < 2 * w.square().sum().item()  # the same picture moved elsewhere would be far away
