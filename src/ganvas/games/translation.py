"""Image to image with paired examples: G answers a condition, D judges the answer beside the condition. Isola et al. 2017. https://arxiv.org/abs/1611.07004"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import torch
from torch import Tensor

from ..base.draws import Draws
from ..base.types import Batch, Loss, NonNegative, Term
from ..losses.nonsaturating import NonSaturating
from ..penalties.contract import Pass, Penalty, due, terms
from .contract import Game, Play, Terms, Turn


@dataclass(frozen=True)
class Translation(Game):
    """G: adversarial + reconstruction |x - G(c)|_1; D: is x the true answer to c? Isola et al. 2017, equations 1-4.

    The condition c is `given[condition]`. The reconstruction is a mean over the numbers of x, as is the weight's habit in pix2pix (100).
    A phase that plays "reconstruction" alone is ordinary regression; it gives the adversarial phase its start (Ledig et al. 2017, section 3.2).
    """

    images_per_sample: ClassVar[int] = 3
    needs_data: ClassVar[bool] = True
    loss: Loss = field(default_factory=NonSaturating)
    condition: str = "masked"
    penalties: tuple[Penalty, ...] = ()
    adversarial_weight: NonNegative = 1.0
    reconstruction_weight: NonNegative = 100.0

    def turns(self) -> Mapping[str, Turn]:
        return {
            "reconstruction": Turn("G", self.reconstruction_turn),
            "discriminator": Turn("D", self.discriminator_turn),
            "generator": Turn("G", self.generator_turn),
        }

    def round(self) -> tuple[str, ...]:
        return ("discriminator", "generator")

    def reconstruction_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        return self._reconstruction(batch.x, self.output(play, batch, draws))

    def discriminator_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        x_fake = self.output(play, batch, draws).detach()
        penalties = due(self.penalties, play.turn)
        judged = Pass(
            play.D,
            batch.x,
            x_fake,
            batch.given[self.condition],
            draws=draws,
            gradients=any(p.gradients for p in penalties),
        )
        return {
            "adversarial": Term(self.loss.discriminator(judged.real.logits, judged.fake.logits)),
            **terms(penalties, judged),
        }

    def generator_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        x_fake = self.output(play, batch, draws)
        judged = Pass(
            play.D, batch.x if self.loss.needs_real else None, x_fake, batch.given[self.condition], draws=draws
        )
        real = judged.real.logits if self.loss.needs_real else None
        adversarial = Term(self.loss.generator(real=real, fake=judged.fake.logits), self.adversarial_weight)
        return {"adversarial": adversarial, **self._reconstruction(batch.x, x_fake)}

    def output(self, play: Play, batch: Batch, draws: Draws) -> Tensor:
        x: Tensor = play.G(None, batch.y, batch.given)
        return x

    def judge(self, play: Play, batch: Batch, x: Tensor) -> Tensor | None:
        logits: Tensor = play.D(x, batch.given[self.condition]).logits
        return logits

    def show(self, batch: Batch, output: Tensor) -> Tensor:
        """Condition, answer and truth side by side."""
        return torch.stack([batch.given[self.condition], output, batch.x], dim=1).flatten(0, 1)

    def _reconstruction(self, x: Tensor, x_fake: Tensor) -> Terms:
        return {"reconstruction": Term((x - x_fake).abs().flatten(1).mean(1), self.reconstruction_weight)}
