"""The non-saturating loss, which most GANs are trained with."""

from dataclasses import dataclass
from typing import ClassVar

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from ..base.types import Share
from .cross_entropy import discriminator_cross_entropy


@dataclass(frozen=True)
class NonSaturating:
    """D: -log s(D(x)) - log(1 - s(D(G(z)))); G: -log s(D(G(z))). Goodfellow et al. 2014, section 3.
    https://arxiv.org/abs/1406.2661

    s is the logistic sigmoid. G's gradient is largest where D is certain that the sample is fake.

    Args:
        smoothing: one-sided label smoothing a, from 0 to below 1: D's target for reals is 1 - a, and its optimum
            s(D(x)) is (1 - a) p_data / (p_data + p_g). Salimans et al. 2016, section 3.4.
            https://arxiv.org/abs/1606.03498

    Example:
        >>> import torch
        >>> from ganvas.losses import NonSaturating
        >>> NonSaturating().generator(real=None, fake=torch.tensor([[0.0], [-2.0]])).flatten()
        tensor([0.6931, 2.1269])
    """

    smoothing: Share = 0.0
    needs_real: ClassVar[bool] = False

    def discriminator(self, real: Float[Tensor, "b k"], fake: Float[Tensor, "b k"]) -> Float[Tensor, "b k"]:
        return discriminator_cross_entropy(real, fake, self.smoothing)

    def generator(self, real: Float[Tensor, "b k"] | None, fake: Float[Tensor, "b k"]) -> Float[Tensor, "b k"]:
        return F.softplus(-fake)  # -log s(x) = softplus(-x), finite for every logit
