"""The contracts of how a player's weights change: optimiser, average, constraint, and the rule for gradients."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, runtime_checkable

import torch
from torch import nn

from .types import Term


@runtime_checkable
class Optimiser(Protocol):
    """A description of an optimiser; `tune` writes the numbers that a schedule may have changed."""

    def optimise(self, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
        """The live optimiser of these parameters.

        Args:
            parameters: those of one player.

        Returns:
            An optimiser of torch.
        """

    def tune(self, optimiser: torch.optim.Optimizer) -> None:
        """Write the current numbers, such as the learning rate, into the live optimiser.

        Args:
            optimiser: what `optimise` returned.
        """


@runtime_checkable
class Averaging(Protocol):
    """A description of an average of the weights over training."""

    def decay(self, samples_seen: float, passed: float) -> float:
        """The factor of the old average in one step.

        Args:
            samples_seen: real samples shown to D so far.
            passed: samples since the average's last step.

        Returns:
            A number in [0, 1].
        """


@runtime_checkable
class Constraint(Protocol):
    """A condition on a player's weights: built into a new network by `prepare`, or restored after each step by
    `constrain`.
    """

    def prepare(self, network: nn.Module) -> None:
        """Build something into a new network, before its first step.

        Args:
            network: a player's module, changed in place.
        """

    def constrain(self, network: nn.Module) -> None:
        """Restore the constraint after a step of the optimiser.

        Args:
            network: a player's module, changed in place.
        """


@runtime_checkable
class GradientRule(Protocol):
    """How a turn's gradient is made from its terms, in place of the gradient of their weighted means: clipping per
    sample, noise.
    """

    def accumulate(
        self, terms: Mapping[str, Term], parameters: Sequence[nn.Parameter], *, share: float, key: tuple[object, ...]
    ) -> None:
        """Add one micro-batch's part of the gradient to each parameter's `grad`.

        Args:
            terms: of the micro-batch.
            parameters: the player's, those that are trained.
            share: the micro-batch's share of the global batch.
            key: of random numbers of this turn and micro-batch.
        """
