"""A player as a recipe describes it."""

from dataclasses import dataclass

from ..base.types import Network
from ..base.updates import Averaging, Constraint, GradientRule, Optimiser


@dataclass(frozen=True)
class Player:
    """A player as a recipe describes it.

    Args:
        network: the description of its network.
        optimiser: how its weights are stepped.
        ema: the average of its weights that is used after training; None: the weights themselves are.
        constraints: conditions that its weights keep.
        gradients: how a turn's gradient is made from its terms; None: the gradient of their weighted means.
    """

    network: Network
    optimiser: Optimiser
    ema: Averaging | None = None
    constraints: tuple[Constraint, ...] = ()
    gradients: GradientRule | None = None
