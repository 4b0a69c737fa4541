"""The way from noise to sample should be short. Lin et al. 2025 (adversarial flow models).

https://arxiv.org/abs/2511.22475
"""

from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor

from ..base.errors import UsageError
from ..base.types import NonNegative
from .contract import Context


@dataclass(frozen=True)
class Transport:
    """weight |G(z) - z|^2, for G: of all maps of noise to data the one with the shortest ways.

    Lin et al. 2025, https://arxiv.org/abs/2511.22475. The adversarial loss alone does not say which z becomes which x;
    this does, and a G that begins as a flow keeps its map. It is a mean over the numbers of x. In the paper the weight
    falls during training: it may be a schedule.

    Args:
        weight: factor of the penalty.

    Raises:
        UsageError: z has another shape than x (in training).
    """

    weight: NonNegative = 0.1
    interval: ClassVar[int] = 1
    needs_real: ClassVar[bool] = False
    needs_gradients: ClassVar[bool] = False

    def penalty(self, context: Context) -> Float[Tensor, " b"]:
        z = context.latents.z
        if z is None or z.shape != context.x_fake.shape:
            raise UsageError("Transport needs a generator whose z has the shape of x", hint="Use FlowUNet.")
        return self.weight * (context.x_fake - z).square().flatten(1).mean(1)
