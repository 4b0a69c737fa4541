"""A GAN of sequences with attributes, and a second discriminator for the attributes. Lin et al. 2020 (DoppelGANger).

https://arxiv.org/abs/1909.13403
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from ..base.types import Batch, NonNegative, Term
from ..penalties.contract import Context, due, penalty_terms
from .contract import Draws, Play, Terms, Turn
from .synthesis import Synthesis

AUXILIARY = "A"  # the player that judges attributes


@dataclass(frozen=True)
class AttributeSynthesis(Synthesis):
    """min over G, max over D and A: L(D; x) + alpha L(A; attributes of x). Lin et al. 2020, section 4.2, equation 2.

    https://arxiv.org/abs/1909.13403
    A (`AttributeCritic`) learns by the same loss and the same penalties as D, in the same turn.

    Args:
        alpha: weight of A's verdict.
    """

    new_players: ClassVar[frozenset[str]] = frozenset()
    alpha: NonNegative = 1.0

    def turns(self) -> Mapping[str, Turn]:
        found = super().turns()
        return {**found, "discriminator": found["discriminator"]._replace(players=("D", AUXILIARY))}

    def discriminator_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        terms = super().discriminator_turn(play, batch, draws)
        x_fake = self.output(play, batch, draws).detach()
        penalties = due(self.penalties, play.turn)
        context = self.auxiliary_context(play, batch, draws, x_real=batch.x, x_fake=x_fake)
        own = {
            "adversarial": Term(self.loss.discriminator(context.real.scores, context.fake.scores), self.alpha),
            **{name: term._replace(weight=self.alpha) for name, term in penalty_terms(penalties, context).items()},
        }
        return {**terms, **{f"attributes.{name}": term for name, term in own.items()}}

    def generator_terms(self, context: Context, batch: Batch) -> Terms:
        x_real = batch.x if self.loss.needs_real else None
        own = self.auxiliary_context(context.play, batch, context.draws, x_real=x_real, x_fake=context.x_fake)
        real = own.real.scores if self.loss.needs_real else None
        adversarial = Term(self.loss.generator(real, own.fake.scores), self.alpha)
        return {**super().generator_terms(context, batch), "attributes.adversarial": adversarial}

    def auxiliary_context(
        self, play: Play, batch: Batch, draws: Draws, *, x_real: Tensor | None, x_fake: Tensor
    ) -> Context:
        """What penalties of A read."""
        gradients = any(penalty.needs_gradients for penalty in self.penalties)
        return Context(play, batch, draws, x_real=x_real, x_fake=x_fake, gradients=gradients, critic=AUXILIARY)
