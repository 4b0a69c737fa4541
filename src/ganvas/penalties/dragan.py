"""A slope of one around the reals."""

from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor

from ..base.types import NonNegative
from .contract import Context


@dataclass(frozen=True)
class Dragan:
    """weight (|grad D(x + spread std(x) u)|_2 - target)^2 on real x, u uniform in [0, 1).

    Kodali et al. 2017, algorithm 1. https://arxiv.org/abs/1705.07215
    With x_p = x + spread std(x) u the authors' program also draws a ~ U(0, 1) for each sample and takes the gradient at
    x + a (x_p - x), between the real sample and x_p; here it is always taken at x_p.

    u has a number for each number of x; std is over the whole (micro-)batch. Spread 0.5 and uniform noise are of the
    authors' programs. The norm is over all numbers that one verdict judges.

    Args:
        weight: factor of the penalty.
        target: the norm that the gradient should have.
        spread: size of the noise, in standard deviations of x.
    """

    weight: NonNegative = 10.0
    target: NonNegative = 1.0
    spread: NonNegative = 0.5
    interval: ClassVar[int] = 1
    mixes_samples: ClassVar[bool] = True
    needs_real: ClassVar[bool] = True
    needs_gradients: ClassVar[bool] = False

    def penalty(self, context: Context) -> Float[Tensor, " v"]:
        x = context.x_real.detach()
        u = context.draws.uniform("Dragan", *x.shape[1:]).to(x.dtype)
        slope = context.gradient_at(x + self.spread * x.std(correction=0) * u)
        return self.weight * (slope.norm(dim=1) - self.target).square()
