"""Lazy regularisation."""

from dataclasses import dataclass, field

from jaxtyping import Float
from torch import Tensor

from ..base.types import Count
from .contract import Context, Penalty
from .gradient import R1


@dataclass(frozen=True)
class Every:
    """interval * penalty in every interval-th turn: the same gradient on average, at a fraction of the cost.

    Karras et al. 2020, section 3.1. https://arxiv.org/abs/1912.04958
    Unlike the paper it leaves Adam's learning rate and betas alone.

    Args:
        interval: turns from one that counts to the next.
        each: the penalty.
    """

    interval: Count = 8
    each: Penalty = field(default_factory=R1)

    @property
    def needs_real(self) -> bool:
        return self.each.needs_real

    @property
    def needs_gradients(self) -> bool:
        return self.each.needs_gradients

    def penalty(self, context: Context) -> Float[Tensor, "..."]:
        return self.interval * self.each.penalty(context)
