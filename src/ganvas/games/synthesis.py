"""The game of Goodfellow et al. 2014: one player draws samples, the other tells them from the data. https://arxiv.org/abs/1406.2661"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from torch import Tensor

from ..base.draws import Draws
from ..base.types import Batch, Count, Loss, NonNegative, Term
from ..losses.nonsaturating import NonSaturating
from ..penalties.contract import Pass, Penalty, View, due, terms
from .contract import Game, Play, Terms, Turn


@dataclass(frozen=True)
class Synthesis(Game):
    """min over G, max over D: D learns to tell x from G(z), G to be taken for x. Algorithm 1 of the paper.

    `n_critic` discriminator turns to one generator turn; `discriminator_weight` multiplies D's loss (DCGAN scripts halve it).
    D sees reals and fakes through the `views`, such as InstanceNoise.
    """

    loss: Loss = field(default_factory=NonSaturating)
    penalties: tuple[Penalty, ...] = ()
    generator_penalties: tuple[Penalty, ...] = ()
    views: tuple[View, ...] = ()
    n_critic: Count = 1
    discriminator_weight: NonNegative = 1.0

    def turns(self) -> Mapping[str, Turn]:
        return {
            "discriminator": Turn("D", self.discriminator_turn),
            "generator": Turn("G", self.generator_turn, reals=self._generator_reads),
        }

    def round(self) -> tuple[str, ...]:
        return ("discriminator",) * self.n_critic + ("generator",)

    def discriminator_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        z = draws.normal("z", *play.latent)
        x_fake = play.G(z, batch.y).detach()
        penalties = due(self.penalties, play.turn)
        judged = Pass(
            play.D,
            batch.x,
            x_fake,
            batch.y,
            draws=draws,
            views=self.views,
            gradients=any(p.gradients for p in penalties),
        )
        adversarial = self.loss.discriminator(real=judged.real.logits, fake=judged.fake.logits)
        return {"adversarial": Term(adversarial, self.discriminator_weight), **terms(penalties, judged)}

    def generator_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        z = draws.normal("z", *play.latent)
        x_fake = play.G(z, batch.y)
        judged = Pass(
            play.D, batch.x if self._generator_reads else None, x_fake, batch.y, draws=draws, views=self.views
        )
        real = judged.real.logits if self.loss.needs_real else None
        adversarial = self.loss.generator(real=real, fake=judged.fake.logits)
        return {"adversarial": Term(adversarial), **terms(due(self.generator_penalties, play.turn), judged)}

    def output(self, play: Play, batch: Batch, draws: Draws) -> Tensor:
        x: Tensor = play.G(draws.normal("z", *play.latent), batch.y)
        return x

    def judge(self, play: Play, batch: Batch, x: Tensor) -> Tensor | None:
        logits: Tensor = play.D(x, batch.y).logits
        return logits

    @property
    def _generator_reads(self) -> bool:
        return self.loss.needs_real or bool(self.generator_penalties)
