"""A player as a recipe describes it."""

from dataclasses import dataclass

from ..base.types import Averaging, Constraint, Network, Optimiser


@dataclass(frozen=True)
class Player:
    """A network, how it learns, the average of its weights that is kept for use, and what its weights must obey."""

    network: Network
    optimiser: Optimiser
    ema: Averaging | None = None
    constraints: tuple[Constraint, ...] = ()
