"""A view that adds noise to D's inputs, of another strength to each sample."""

from dataclasses import dataclass

from torch import Tensor

from ..base.draws import Draws
from ..base.types import NonNegative


@dataclass(frozen=True)
class VariedNoise:
    """x + s e, e ~ N(0, 1) for each number of x, s = |N(0, sigma^2)| for each sample.

    Karras et al. 2020, appendix B, "additional image-space corruptions". https://arxiv.org/abs/2006.06676
    A view of x of any shape. `InstanceNoise` has one strength for all samples. Where the game's strength is p, a sample
    gets noise with probability p.

    Args:
        sigma: deviation of s in units of x (pictures span 2), at least 0.
    """

    sigma: NonNegative = 0.1

    def view(self, x: Tensor, draws: Draws, stream: str) -> Tensor:
        s = self.sigma * draws.normal(f"{stream}.sigma").abs()
        return x + (s.view(-1, *[1] * (x.ndim - 1)) * draws.normal(stream, *x.shape[1:])).to(x.dtype)
