"""Penalties on the gradient of the discriminator with respect to its input, centred at zero."""

from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor

from ..base.types import NonNegative
from .contract import Context


@dataclass(frozen=True)
class R1:
    """gamma/2 |grad_x D(x)|^2 on real x.

    Mescheder, Geiger and Nowozin 2018, equation 9. https://arxiv.org/abs/1801.04406
    The squared norm is a sum over all numbers of x (of all samples of a pack), so a fitting gamma grows with their
    count.

    Args:
        gamma: twice the factor of the squared norm.
    """

    gamma: NonNegative = 1.0
    interval: ClassVar[int] = 1
    needs_real: ClassVar[bool] = True
    needs_gradients: ClassVar[bool] = True

    def penalty(self, context: Context) -> Float[Tensor, " b"]:
        return self.gamma / 2 * context.real_gradient.square().sum(1)


@dataclass(frozen=True)
class R2:
    """gamma/2 |grad_x D(x)|^2 on generated x.

    Mescheder, Geiger and Nowozin 2018, equation 10. https://arxiv.org/abs/1801.04406

    Args:
        gamma: twice the factor of the squared norm.
    """

    gamma: NonNegative = 1.0
    interval: ClassVar[int] = 1
    needs_real: ClassVar[bool] = False
    needs_gradients: ClassVar[bool] = True

    def penalty(self, context: Context) -> Float[Tensor, " b"]:
        return self.gamma / 2 * context.fake_gradient.square().sum(1)
