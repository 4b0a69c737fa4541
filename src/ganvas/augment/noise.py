"""Noise on all that D sees, so that data and samples overlap."""

from dataclasses import dataclass

from torch import Tensor

from ..base.draws import Draws
from ..base.types import NonNegative


@dataclass(frozen=True)
class InstanceNoise:
    """x + sigma e, e ~ N(0, 1), on reals and fakes alike. Sønderby et al. 2017, section 2.2. https://arxiv.org/abs/1610.04490

    Arjovsky and Bottou 2017, section 3, say why: https://arxiv.org/abs/1701.04862. A view: it stands in a game's `views`. sigma is in units of x
    (pictures span 2) and may be a schedule, such as Linear(0.5, 0).
    """

    sigma: NonNegative = 0.1

    def view(self, x: Tensor, draws: Draws, stream: str) -> Tensor:
        return x + self.sigma * draws.normal(stream, *x.shape[1:]).to(x.dtype)
