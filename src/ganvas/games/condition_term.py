"""G gets a category of one column as its condition, and a term where it makes another."""

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from ..base.types import NonNegative, Term
from ..data.balanced import CONDITION
from ..penalties.contract import Context
from .contract import Draws, Latents, Play, Terms

LEAST = 1e-30  # below it, the gradient of a category's logarithm is zero


@dataclass(frozen=True)
class ConditionTerm:
    """G: - w log d_k, d the one-hot that G made of the column of the condition, whose category is k.

    Xu et al. 2019, section 4.3. https://arxiv.org/abs/1907.00503
    x begins with the one-hots of all discrete columns, as the condition has them (domain Tables). Tables without
    categories have no such term.

    Args:
        weight: w.
    """

    uses_labels: ClassVar[bool] = True
    weight: NonNegative = 1.0

    def latents(self, play: Play, draws: Draws, y: Tensor | None) -> Latents | None:
        return None

    def discriminator_terms(self, context: Context) -> Terms:
        return {}

    def generator_terms(self, context: Context) -> Terms:
        condition = context.given.get(CONDITION)
        if condition is None:
            return {}
        share = (context.x_fake[:, : condition.shape[1]] * condition).sum(1)
        return {"condition": Term(-share.clamp(min=LEAST).log(), self.weight)}
