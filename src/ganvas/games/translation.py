"""Image-to-image translation with paired examples: D judges the output together with the condition.

Isola et al. 2017. https://arxiv.org/abs/1611.07004
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from ..base.errors import UsageError
from ..base.types import Batch, NonNegative, Term
from ..penalties.contract import Context
from .contract import Draws, Play, Terms, Turn
from .pair_terms import PairTerm
from .synthesis import Synthesis


@dataclass(frozen=True)
class Translation(Synthesis):
    """G: adversarial + reconstruction |x - G(c)|_1 + pair terms; D: is x the true answer to c?

    Isola et al. 2017, equations 1-4. https://arxiv.org/abs/1611.07004

    The condition c is in `given`, where G and D read it. The reconstruction is a mean over the numbers of x, as in
    pix2pix with its weight of 100. The paper halves D's objective (section 3.3): `discriminator_weight` 0.5; here the
    default is 1. A phase that plays the turn "reconstruction" alone is ordinary regression; it gives the adversarial
    phase its start (Ledig et al. 2017, section 3.2).

    Args:
        condition: the given image that `show` puts first.
        reconstruction_weight: of the L1 term.
        pair_terms: further terms of G, such as PerceptualTerm, MatchedFeatures, TotalVariation.
    """

    images_per_sample: ClassVar[int] = 3
    needs_data: ClassVar[bool] = True
    condition: str = "masked"
    reconstruction_weight: NonNegative = 100.0
    pair_terms: tuple[PairTerm, ...] = ()

    def turns(self) -> Mapping[str, Turn]:
        generator = Turn(("G",), self.generator_turn)
        return {"reconstruction": Turn(("G",), self.reconstruction_turn), **super().turns(), "generator": generator}

    def reconstruction_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        self._require_condition(batch)
        latents = self.latents(play, draws, batch)
        x_fake = self.generate(play, latents, batch)
        context = Context(play, batch, draws, x_fake=x_fake, latents=latents, critic=self.critic)
        return self._compared(batch.x, context, [each for each in self.pair_terms if not each.needs_critic])

    def generator_terms(self, context: Context, batch: Batch) -> Terms:
        self._require_condition(batch)
        return {**super().generator_terms(context, batch), **self._compared(batch.x, context, self.pair_terms)}

    def show(self, batch: Batch, output: Tensor) -> Tensor:
        """Condition, answer and truth side by side; a smaller condition is enlarged by repeating its pixels."""
        condition = in_the_form_of(batch.x, batch.given[self.condition])
        return torch.stack([condition, output, batch.x], dim=1).flatten(0, 1)

    def _require_condition(self, batch: Batch) -> None:
        if self.condition not in batch.given:
            names = ", ".join(sorted(batch.given)) or "nothing"
            raise UsageError(
                f"game.condition is {self.condition!r}, and the data give {names}",
                hint="Set game.condition to one of these.",
            )

    def _compared(self, x: Tensor, context: Context, pair_terms: Sequence[PairTerm]) -> Terms:
        """The L1 term, and one term for each comparison, named after its class."""
        terms: dict[str, Term] = {}
        if self.reconstruction_weight or not pair_terms:
            error = (x - context.x_fake).abs().flatten(1).mean(1)
            terms["reconstruction"] = Term(error, self.reconstruction_weight)
        return {**terms, **{type(each).__name__: Term(each.compare(x, context), each.weight) for each in pair_terms}}


def in_the_form_of(x: Tensor, picture: Tensor) -> Tensor:
    """A picture with as many pixels and channels as x, for display.

    Pixels are repeated; grey becomes colour, and colour its mean; missing channels are -1.
    """
    made = F.interpolate(picture.float(), size=x.shape[2:], mode="nearest")
    if made.shape[1] == x.shape[1]:
        return made
    if made.shape[1] == 1 or x.shape[1] == 1:
        return made.mean(1, keepdim=True).expand_as(x)
    channels = made[:, : x.shape[1]]
    return torch.cat([channels, channels.new_full((len(x), x.shape[1] - channels.shape[1], *x.shape[2:]), -1.0)], 1)
