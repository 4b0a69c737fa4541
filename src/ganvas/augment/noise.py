"""A view that adds noise to all inputs of D."""

from dataclasses import dataclass

from torch import Tensor

from ..base.draws import Draws
from ..base.types import NonNegative


@dataclass(frozen=True)
class InstanceNoise:
    """x + sigma e, e ~ N(0, 1), on reals and fakes. Sønderby et al. 2017, section 2.2. https://arxiv.org/abs/1610.04490

    The distributions of noisy reals and fakes overlap, so D's loss has a useful gradient: Arjovsky and Bottou 2017,
    section 3, https://arxiv.org/abs/1701.04862. A view: it stands in a game's `views`; x has any shape.

    Args:
        sigma: standard deviation in units of x (pictures span 2), at least 0; a number or a schedule, such as
            Linear(0.5, 0).

    Example:
        >>> import torch
        >>> from ganvas.augment import InstanceNoise
        >>> from ganvas.base.draws import Draws
        >>> x = torch.zeros(2, 3)
        >>> torch.equal(InstanceNoise(sigma=0.0).view(x, Draws(0, rows=range(2)), "real"), x)
        True
    """

    sigma: NonNegative = 0.1

    def view(self, x: Tensor, draws: Draws, stream: str) -> Tensor:
        return x + self.sigma * draws.normal(stream, *x.shape[1:]).to(x.dtype)
