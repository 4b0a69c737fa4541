"""The game as it was first written."""

from dataclasses import dataclass
from typing import ClassVar

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from ..base.types import Share


@dataclass(frozen=True)
class Minimax:
    """D: -log s(D(x)) - log(1 - s(D(G(z)))); G: log(1 - s(D(G(z)))). Goodfellow et al. 2014, equation 1. https://arxiv.org/abs/1406.2661

    s is the logistic sigmoid. G minimises what D maximises, so where D is sure (D(G(z)) -> -inf) its gradient vanishes.
    `smoothing` asks D to be only so sure of reals, 1 - smoothing (one-sided label smoothing): its best s(D(x)) becomes
    (1 - smoothing) p_data / (p_data + p_g). Salimans et al. 2016, section 3.4. https://arxiv.org/abs/1606.03498
    """

    smoothing: Share = 0.0
    needs_real: ClassVar[bool] = False

    def discriminator(self, real: Float[Tensor, "b k"], fake: Float[Tensor, "b k"]) -> Float[Tensor, "b k"]:
        return (
            F.softplus(-real) + self.smoothing * real + F.softplus(fake)
        )  # -log s(x) = softplus(-x); -log(1 - s(x)) = softplus(-x) + x

    def generator(self, real: Float[Tensor, "b k"] | None, fake: Float[Tensor, "b k"]) -> Float[Tensor, "b k"]:
        return -F.softplus(fake)  # log(1 - s(x)) = -softplus(x)
