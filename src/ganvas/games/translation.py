"""Image-to-image translation with paired examples: D judges the output together with the condition.

Isola et al. 2017. https://arxiv.org/abs/1611.07004
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ..base.errors import UsageError
from ..base.types import Batch, NonNegative, Term
from ..penalties.contract import Context
from .contract import Draws, Play, Terms, Turn
from .synthesis import Synthesis


@dataclass(frozen=True)
class Translation(Synthesis):
    """G: adversarial + reconstruction |x - G(c)|_1; D: is x the true answer to c?

    Isola et al. 2017, equations 1-4. https://arxiv.org/abs/1611.07004

    The condition c is in `given`, where G and D read it. The reconstruction is a mean over the numbers of x, as in
    pix2pix with its weight of 100. The paper halves D's objective (section 3.3): `discriminator_weight` 0.5; here the
    default is 1. A phase that plays the turn "reconstruction" alone is ordinary regression; it gives the adversarial
    phase its start (Ledig et al. 2017, section 3.2).

    Args:
        condition: the given image that `show` puts first.
        reconstruction_weight: of the L1 term.
    """

    images_per_sample: ClassVar[int] = 3
    needs_data: ClassVar[bool] = True
    condition: str = "masked"
    reconstruction_weight: NonNegative = 100.0

    def turns(self) -> Mapping[str, Turn]:
        generator = Turn(("G",), self.generator_turn)
        return {"reconstruction": Turn(("G",), self.reconstruction_turn), **super().turns(), "generator": generator}

    def reconstruction_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        self._require_condition(batch)
        return self._reconstruction(batch.x, self.output(play, batch, draws))

    def generator_terms(self, context: Context, batch: Batch) -> Terms:
        self._require_condition(batch)
        return {**super().generator_terms(context, batch), **self._reconstruction(batch.x, context.x_fake)}

    def show(self, batch: Batch, output: Tensor) -> Tensor:
        """Condition, answer and truth side by side."""
        return torch.stack([batch.given[self.condition], output, batch.x], dim=1).flatten(0, 1)

    def _require_condition(self, batch: Batch) -> None:
        if self.condition not in batch.given:
            names = ", ".join(sorted(batch.given)) or "nothing"
            raise UsageError(
                f"game.condition is {self.condition!r}, and the data give {names}",
                hint="Set game.condition to one of these.",
            )

    def _reconstruction(self, x: Tensor, x_fake: Tensor) -> Terms:
        return {"reconstruction": Term((x - x_fake).abs().flatten(1).mean(1), self.reconstruction_weight)}
