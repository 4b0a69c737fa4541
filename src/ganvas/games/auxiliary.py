"""A discriminator that also names the class, and a generator that wants its class to be read. Odena, Olah and Shlens 2017. https://arxiv.org/abs/1610.09585"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch.nn.functional as F
from torch import Tensor

from ..base.draws import Draws
from ..base.schedule import Number
from ..base.types import Batch, Loss, NonNegative, Term
from ..losses.nonsaturating import NonSaturating
from ..penalties.contract import Pass, Penalty, View, due, terms
from .contract import Game, Play, Terms, Turn


@dataclass(frozen=True)
class AuxiliaryClassifier(Game):
    """D: adversarial - w log p(y | x) - v log p(y | G(z, y)); G: adversarial - w log p(y | G(z, y)). Odena et al. 2017, equations 2 and 3.

    D's `classes` are the logits of p(y | .); w is `class_weight`, v `fakes_weight`. Fakes are made of the classes of the batch. In the paper D's
    real-or-fake logit is not told y; one that is told (projection) may name classes besides. v = 0 keeps early fakes out of what D knows of classes.
    """

    loss: Loss = field(default_factory=NonSaturating)
    penalties: tuple[Penalty, ...] = ()
    views: tuple[View, ...] = ()
    class_weight: NonNegative = 1.0
    fakes_weight: NonNegative = 1.0  # of D's term on fakes

    def turns(self) -> Mapping[str, Turn]:
        return {
            "discriminator": Turn("D", self.discriminator_turn),
            "generator": Turn("G", self.generator_turn, reals=self.loss.needs_real),
        }

    def discriminator_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        penalties = due(self.penalties, play.turn)
        x_fake = self.output(play, batch, draws).detach()
        judged = Pass(
            play.D,
            batch.x,
            x_fake,
            batch.y,
            draws=draws,
            views=self.views,
            gradients=any(p.gradients for p in penalties),
        )
        return {
            "adversarial": Term(self.loss.discriminator(real=judged.real.logits, fake=judged.fake.logits)),
            "class_real": self._named(judged.real.classes, batch.y, self.class_weight),
            "class_fake": self._named(judged.fake.classes, batch.y, self.fakes_weight),
            **terms(penalties, judged),
        }

    def generator_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        judged = Pass(
            play.D,
            batch.x if self.loss.needs_real else None,
            self.output(play, batch, draws),
            batch.y,
            draws=draws,
            views=self.views,
        )
        real = judged.real.logits if self.loss.needs_real else None
        adversarial = self.loss.generator(real=real, fake=judged.fake.logits)
        return {
            "adversarial": Term(adversarial),
            "class_fake": self._named(judged.fake.classes, batch.y, self.class_weight),
        }

    def output(self, play: Play, batch: Batch, draws: Draws) -> Tensor:
        x: Tensor = play.G(draws.normal("z", *play.latent), batch.y)
        return x

    def judge(self, play: Play, batch: Batch, x: Tensor) -> Tensor | None:
        logits: Tensor = play.D(x, batch.y).logits
        return logits

    def _named(self, classes: Tensor | None, y: Tensor | None, weight: Number) -> Term:
        assert classes is not None, "AuxiliaryClassifier wants a discriminator that names classes: ClassHead(...)"
        assert y is not None, "AuxiliaryClassifier learns from labels"
        return Term(F.cross_entropy(classes, y, reduction="none"), weight)
