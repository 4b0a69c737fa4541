"""The energy distance between a batch of fakes and a batch of reals, in D's features."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from ..base.errors import UsageError
from ..base.types import NonNegative
from .contract import Context


@dataclass(frozen=True)
class EnergyDistance:
    """weight * sum over D's features f of (2 E|f - r| - E|f - f'|) / E|r - r'|, for G.

    Szekely and Rizzo 2013, equation 5. https://doi.org/10.1016/j.jspi.2013.03.018
    The means are over pairs of different samples of the batch, so that the estimate has no bias: a G that makes one
    picture is not rewarded. The term E|r - r'| of the distance does not depend on G.

    Args:
        weight: factor of the penalty.

    Raises:
        UsageError: D gives no features (in training).
    """

    weight: NonNegative = 1.0
    interval: ClassVar[int] = 1
    mixes_samples: ClassVar[bool] = True
    needs_real: ClassVar[bool] = True
    needs_gradients: ClassVar[bool] = False

    def penalty(self, context: Context) -> Float[Tensor, ""]:
        real, fake = context.real.features, context.fake.features
        if not real or not fake:
            raise UsageError("the energy distance needs a discriminator that gives its features")
        pairs = zip(real, fake, strict=True)
        return self.weight * torch.stack([energy_distance(r.detach().flatten(1), f.flatten(1)) for r, f in pairs]).sum()


def energy_distance(real: Float[Tensor, "n d"], fake: Float[Tensor, "m d"]) -> Float[Tensor, ""]:
    """(2 E|f - r| - E|f - f'|) / E|r - r'| - 1: 0 on average for equal distributions."""
    real, fake = (each.to(torch.promote_types(each.dtype, torch.float32)) for each in (real, fake))
    between = distances(fake, real).mean()
    among = distances(fake, fake).sum() / (len(fake) * (len(fake) - 1))
    of_reals = distances(real, real).sum() / (len(real) * (len(real) - 1))
    return (2 * between - among) / of_reals - 1


def distances(a: Tensor, b: Tensor) -> Tensor:
    """Euclidean distances of all pairs, whose gradient is finite at 0 too."""
    squares = (a[:, None] - b[None]).square().sum(2)
    return (squares + 1e-12).sqrt()
