"""The hinge loss, in which samples beyond a margin do not count."""

from dataclasses import dataclass
from typing import ClassVar

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor


@dataclass(frozen=True)
class Hinge:
    """D: max(0, 1 - D(x)) + max(0, 1 + D(G(z))); G: -D(G(z)). Miyato et al. 2018, equations 16 and 17.
    https://arxiv.org/abs/1802.05957

    First in Lim and Ye 2017, https://arxiv.org/abs/1705.02894. D gets no gradient from reals above 1 and from fakes
    below -1.

    Example:
        >>> import torch
        >>> from ganvas.losses import Hinge
        >>> Hinge().discriminator(real=torch.tensor([[2.0]]), fake=torch.tensor([[-0.5]]))
        tensor([[0.5000]])
    """

    needs_real: ClassVar[bool] = False

    def discriminator(self, real: Float[Tensor, "b k"], fake: Float[Tensor, "b k"]) -> Float[Tensor, "b k"]:
        return F.relu(1 - real) + F.relu(1 + fake)

    def generator(self, real: Float[Tensor, "b k"] | None, fake: Float[Tensor, "b k"]) -> Float[Tensor, "b k"]:
        return -fake
