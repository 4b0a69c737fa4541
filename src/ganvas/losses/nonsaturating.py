"""The loss that most GANs are trained with."""

from dataclasses import dataclass
from typing import ClassVar

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor


@dataclass(frozen=True)
class NonSaturating:
    """D: -log s(D(x)) - log(1 - s(D(G(z)))); G: -log s(D(G(z))). Goodfellow et al. 2014, section 3. https://arxiv.org/abs/1406.2661

    s is the logistic sigmoid. G's gradient is largest where D is sure that the sample is fake.
    """

    needs_real: ClassVar[bool] = False

    def discriminator(self, real: Float[Tensor, "b k"], fake: Float[Tensor, "b k"]) -> Float[Tensor, "b k"]:
        return F.softplus(-real) + F.softplus(fake)

    def generator(self, real: Float[Tensor, "b k"] | None, fake: Float[Tensor, "b k"]) -> Float[Tensor, "b k"]:
        return F.softplus(-fake)  # -log s(x) = softplus(-x), finite for every logit
