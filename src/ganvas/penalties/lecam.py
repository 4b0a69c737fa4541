"""D's logits stay near averages of earlier ones. Tseng et al. 2021. https://arxiv.org/abs/2104.03310"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..base.types import NonNegative, Share
from .contract import Context


@dataclass(frozen=True)
class LeCam:
    """weight ((D(x) - a_F)^2 + (D(G(z)) - a_R)^2); a_R, a_F: moving averages of D's logits of reals and of fakes.

    Tseng et al. 2021, section 3. https://arxiv.org/abs/2104.03310
    With the Wasserstein loss D then measures the LeCam divergence. a <- decay a + (1 -
    decay) mean D after each turn of D, with decay 0.99 as in the paper; divided by 1 - decay^turns, so that the first
    averages do not lean to 0. In the first turn, which has no averages, they are 0. Several logits of a sample are
    penalised one by one, and the mean over them counts.

    A fitting weight depends on the loss and on the size of D's logits. The authors' scripts have 0.3 for BigGAN with
    the hinge loss on CIFAR-10, and 1e-6 for StyleGAN2 with ADA on a tenth of it. The default, 0.1, is ours.

    Args:
        weight: factor of the penalty.
        decay: factor of the old average in one turn, from 0 to below 1.

    Raises:
        UsageError: the game keeps no averages for it (in training).
    """

    weight: NonNegative = 0.1
    decay: Share = 0.99
    interval: ClassVar[int] = 1
    needs_real: ClassVar[bool] = True
    needs_gradients: ClassVar[bool] = False

    def penalty(self, context: Context) -> Float[Tensor, " v"]:
        averages: LogitAverages = context.state_of(self)
        real, fake = context.real.scores, context.fake.scores
        a_R, a_F = (each.to(real.dtype) for each in averages.corrected(self.decay))
        return self.weight * ((real - a_F).square() + (fake - a_R).square()).mean(1)

    def state(self) -> nn.Module:
        return LogitAverages()

    def update(self, state: "LogitAverages", recorded: Mapping[str, Tensor]) -> None:
        if "real" not in recorded:
            return
        for average, logits in ((state.real, recorded["real"]), (state.fake, recorded["fake"])):
            average.copy_(self.decay * average + (1 - self.decay) * logits.double().mean())
        state.turns += 1


class LogitAverages(nn.Module):
    """Moving averages of D's logits of reals and of fakes, which begin at 0, and the number of turns."""

    real: Tensor
    fake: Tensor
    turns: Tensor

    def __init__(self) -> None:
        super().__init__()
        for name in ("real", "fake"):
            self.register_buffer(name, torch.zeros((), dtype=torch.float64))
        self.register_buffer("turns", torch.zeros((), dtype=torch.int64))

    def corrected(self, decay: float) -> tuple[Tensor, Tensor]:
        """The averages without their start at 0; 0 before the first turn."""
        weight = 1 - decay ** int(self.turns)
        return (self.real / weight, self.fake / weight) if weight else (self.real, self.fake)
