"""A loss of pairs of a real and a fake: how much more real the one is than the other."""

from dataclasses import dataclass
from typing import ClassVar

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor


@dataclass(frozen=True)
class Relativistic:
    """D: -log s(D(x) - D(G(z))); G: -log s(D(G(z)) - D(x)). Jolicoeur-Martineau 2018, section 4.1 (RpGAN).
    https://arxiv.org/abs/1807.00734

    s is the logistic sigmoid; real i is paired with fake i. With R1 and R2 it converges locally (Huang et al. 2024,
    https://arxiv.org/abs/2501.05441).

    Example:
        >>> import torch
        >>> from ganvas.losses import Relativistic
        >>> Relativistic().discriminator(real=torch.tensor([[2.0]]), fake=torch.tensor([[-0.5]]))
        tensor([[0.0789]])
    """

    needs_real: ClassVar[bool] = True

    def discriminator(self, real: Float[Tensor, "b k"], fake: Float[Tensor, "b k"]) -> Float[Tensor, "b k"]:
        return F.softplus(fake - real)

    def generator(self, real: Float[Tensor, "b k"] | None, fake: Float[Tensor, "b k"]) -> Float[Tensor, "b k"]:
        assert real is not None  # needs_real
        return F.softplus(real - fake)
