"""Penalties on the gradient of D, estimated from its logits of nearby samples: without a second derivative.

Lin et al. 2025 (APT), https://arxiv.org/abs/2501.08316; Hyun et al. 2025 (GAT), https://arxiv.org/abs/2509.24935
"""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from annotated_types import Gt
from jaxtyping import Float
from torch import Tensor

from ..base.types import NonNegative, Verdict
from .contract import Context


@dataclass(frozen=True)
class ApproximateR1:
    """gamma/2 (D(x + sigma e) - D(x))^2 / sigma^2 on real x, e ~ N(0, 1); for small sigma its mean over e is R1.

    The approximated R1 of Lin et al. 2025, https://arxiv.org/abs/2501.08316, divided by sigma^2 as in Hyun et al. 2025,
    https://arxiv.org/abs/2509.24935. It costs one more call of D, and D needs no second derivative. Where D gives
    several logits, the squares are added.

    Args:
        gamma: as of R1, twice the factor of the squared norm.
        sigma: deviation of the noise; x spans 2.
    """

    gamma: NonNegative = 1.0
    sigma: Annotated[float, Gt(0)] = 0.05
    interval: ClassVar[int] = 1
    needs_real: ClassVar[bool] = True
    needs_gradients: ClassVar[bool] = False

    def penalty(self, context: Context) -> Float[Tensor, " v"]:
        return self.gamma / 2 * squared_slope(context, context.x_real, context.real, "real", self.sigma)


@dataclass(frozen=True)
class ApproximateR2:
    """gamma/2 (D(x + sigma e) - D(x))^2 / sigma^2 on generated x; for small sigma its mean over e is R2.

    As `ApproximateR1`. Lin et al. 2025, https://arxiv.org/abs/2501.08316; Hyun et al. 2025,
    https://arxiv.org/abs/2509.24935

    Args:
        gamma: as of R2, twice the factor of the squared norm.
        sigma: deviation of the noise; x spans 2.
    """

    gamma: NonNegative = 1.0
    sigma: Annotated[float, Gt(0)] = 0.05
    interval: ClassVar[int] = 1
    needs_real: ClassVar[bool] = False
    needs_gradients: ClassVar[bool] = False

    def penalty(self, context: Context) -> Float[Tensor, " v"]:
        return self.gamma / 2 * squared_slope(context, context.x_fake, context.fake, "fake", self.sigma)


def squared_slope(context: Context, x: Tensor, verdict: Verdict, stream: str, sigma: float) -> Float[Tensor, " v"]:
    """(D(x + sigma e) - D(x))^2 / sigma^2 of each verdict; the views of both are those of the stream."""
    near = x + sigma * context.draws.normal(f"nearby.{stream}", *x.shape[1:])
    change = (context.verdict(near, stream).scores - verdict.scores) / sigma
    return change.square().sum(1)
