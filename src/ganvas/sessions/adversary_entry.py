"""When an adversary enters a loop, and with which weight."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Ge, Gt, Le
from torch import Tensor

SMALLEST = 1e-6  # added to the norm of the adversarial gradient
Unit = Annotated[float, Ge(0), Le(1)]


@dataclass(frozen=True)
class AdversaryEntry:
    """share <- share + 1/ramp while D's accuracy is at least `low`, share - 1/ramp below it; D waits above `high`.

    The accuracy is P(D(real) > D(fake)) on samples that D was not trained on yet, averaged over some `memory` steps.
    So G gets a gradient only from a D that separates its samples from the data, and D does not run away from it.

    Args:
        start: steps of D before which G gets nothing.
        ramp: steps from nothing to the whole weight; 0: at once.
        low, high: the band of the accuracy; low = 0 and high = 1 switch it off.
        memory: steps over which the accuracy is averaged.
    """

    start: Annotated[int, Ge(0)] = 0
    ramp: Annotated[int, Ge(0)] = 1000
    low: Unit = 0.6
    high: Unit = 0.95
    memory: Annotated[int, Gt(0)] = 20

    def averaged(self, before: float, accuracy: float, steps: int) -> float:
        """The running mean of the accuracy after `steps` earlier steps; at first the mean of all.

        Args:
            before: the mean so far.
            accuracy: of this step.
            steps: earlier ones.

        Returns:
            The mean after this step.
        """
        return before + (accuracy - before) / min(steps + 1, self.memory)

    def next_share(self, share: float, accuracy: float, steps: int) -> float:
        """The share of the weight after a step.

        Args:
            share: before it.
            accuracy: the running mean.
            steps: of D so far.

        Returns:
            A number in [0, 1].
        """
        if steps < self.start:
            return 0.0
        if accuracy < self.low:
            return max(0.0, share - 1 / self.ramp) if self.ramp else share
        return min(1.0, share + 1 / self.ramp) if self.ramp else 1.0

    def waits(self, accuracy: float, steps: int) -> bool:
        """Whether D does not step, as it is ahead too far.

        Args:
            accuracy: the running mean.
            steps: of D so far.

        Returns:
            True where it waits.
        """
        return steps >= self.memory and accuracy > self.high


def gradient_ratio(norms: Sequence[Tensor], most: float) -> float:
    """lambda = |grad_L reconstruction| / (|grad_L adversarial| + 1e-6), at most `most`.

    Esser, Rombach and Ommer 2021, equation 7. https://arxiv.org/abs/2012.09841

    Args:
        norms: of both gradients with respect to the weights L of the last layer.
        most: the largest value.

    Returns:
        lambda; 0 where a norm is not finite.
    """
    reconstruction, adversarial = (float(norm) for norm in norms)
    ratio = reconstruction / (adversarial + SMALLEST)
    return min(ratio, most) if torch.isfinite(torch.tensor(ratio)) else 0.0
