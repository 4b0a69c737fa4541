"""A margin: D no longer learns from samples that it tells clearly."""

from dataclasses import dataclass
from typing import ClassVar

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor


@dataclass(frozen=True)
class Hinge:
    """D: max(0, 1 - D(x)) + max(0, 1 + D(G(z))); G: -D(G(z)). Lim and Ye 2017 (https://arxiv.org/abs/1705.02894); Miyato et al. 2018, equations 16 and 17 (https://arxiv.org/abs/1802.05957)"""

    needs_real: ClassVar[bool] = False

    def discriminator(self, real: Float[Tensor, "b k"], fake: Float[Tensor, "b k"]) -> Float[Tensor, "b k"]:
        return F.relu(1 - real) + F.relu(1 + fake)

    def generator(self, real: Float[Tensor, "b k"] | None, fake: Float[Tensor, "b k"]) -> Float[Tensor, "b k"]:
        return -fake
