"""A slope of one between the reals and the fakes."""

from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor

from ..base.types import NonNegative
from .contract import Context


@dataclass(frozen=True)
class WganGp:
    """weight (|grad D(x^)|_2 - target)^2, x^ = a x + (1 - a) G(z), a uniform in [0, 1).

    Gulrajani et al. 2017, equation 3. https://arxiv.org/abs/1704.00028
    One a for each sample. The norm is over all numbers that one verdict judges. D should judge each sample alone,
    without batch norm (section 4 of the paper): otherwise a row of the gradient holds what the sample does to the
    others' verdicts as well.

    Args:
        weight: factor of the penalty.
        target: the norm that the gradient should have.
    """

    weight: NonNegative = 10.0
    target: NonNegative = 1.0
    interval: ClassVar[int] = 1
    needs_real: ClassVar[bool] = True
    needs_gradients: ClassVar[bool] = False

    def penalty(self, context: Context) -> Float[Tensor, " v"]:
        x, x_fake = context.x_real, context.x_fake
        a = context.draws.uniform("WganGp").to(x.dtype).view(-1, *[1] * (x.ndim - 1))
        slope = context.gradient_at(a * x + (1 - a) * x_fake)
        return self.weight * (slope.norm(dim=1) - self.target).square()
