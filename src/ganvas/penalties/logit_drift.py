"""Logits that stay near zero, for losses to which only their differences matter."""

from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor

from ..base.types import NonNegative
from .contract import Context


@dataclass(frozen=True)
class LogitDrift:
    """weight D(x)^2 on real x.

    Karras et al. 2018, appendix A.1, where the weight is 0.001. https://arxiv.org/abs/1710.10196
    Of several logits of a sample the squares are averaged.

    Args:
        weight: factor of the penalty.
    """

    weight: NonNegative = 0.001
    interval: ClassVar[int] = 1
    needs_real: ClassVar[bool] = True
    needs_gradients: ClassVar[bool] = False

    def penalty(self, context: Context) -> Float[Tensor, " v"]:
        return self.weight * context.real.scores.square().mean(1)
