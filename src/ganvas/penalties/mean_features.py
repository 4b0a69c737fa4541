"""Feature matching: batches of fakes with the mean features of the data."""

from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor

from ..base.errors import UsageError
from ..base.types import NonNegative
from .contract import Context


@dataclass(frozen=True)
class MeanFeatures:
    """weight |mean f(x) - mean f(G(z))|_2^2, for G; f is D's last hidden layer.

    Salimans et al. 2016, section 3.1. https://arxiv.org/abs/1606.03498
    A scalar: a statistic of the (micro-)batch. The squares are summed over the features, so a fitting weight falls with
    their count.

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
            raise UsageError(
                "feature matching needs a discriminator that shows its features",
                hint="Use DcganCritic, MlpCritic or ResnetCritic.",
            )
        return self.weight * (real[-1].detach().mean(0) - fake[-1].mean(0)).square().sum()
