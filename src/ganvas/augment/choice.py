"""Which samples a transform is applied to, and with which numbers."""

from typing import Annotated

import torch
from annotated_types import Ge, Le
from jaxtyping import Bool, Float
from torch import Tensor

from ..base.draws import Draws

Degrees = Annotated[float, Ge(0), Le(180)]
"""An angle from 0 to 180 degrees."""


class Choice:
    """Of `transforms` transforms, those that were chosen for each sample, each with its probability, and their numbers.

    Args:
        draws: the turn's random numbers.
        stream: begins the names of the random numbers.
        p: the probability of each transform.
    """

    def __init__(self, draws: Draws, stream: str, p: tuple[float, ...]) -> None:
        self.draws, self.stream = draws, stream
        u = draws.uniform(f"{stream}.chosen", len(p))
        self.chosen: Bool[Tensor, "b n"] = u < torch.tensor(p, dtype=u.dtype, device=u.device)

    @property
    def rows(self) -> Tensor:
        """The numbers of the samples that some transform was chosen for, ascending."""
        return self.chosen.any(1).nonzero()[:, 0]

    def or_else(self, place: int, value: Float[Tensor, " b"], unchanged: float) -> Float[Tensor, " b"]:
        """The value of a transform where it was chosen, and elsewhere the value that changes nothing."""
        return torch.where(self.chosen[:, place], value, unchanged)


def only_rows(x: Tensor, rows: Tensor, changed: Tensor) -> Tensor:
    """x with some of its samples changed; the others stay exactly as they are.

    Args:
        x: [B, ...].
        rows: numbers of samples.
        changed: [len(rows), ...].
    """
    return changed.to(x.dtype) if len(rows) == len(x) else x.index_copy(0, rows, changed.to(x.dtype))
