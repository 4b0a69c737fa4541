"""The GAN's game with both players' steps at once."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from ..base.errors import UsageError
from ..base.types import Batch, Term
from ..penalties.contract import due, leaf, penalty_terms
from .contract import Draws, Play, Terms, Turn
from .synthesis import Synthesis, each_discriminator


@dataclass(frozen=True)
class Simultaneous(Synthesis):
    """D and G learn from one pass of the same samples and step together: simultaneous gradient descent.

    Mescheder et al. 2017, "The numerics of GANs", algorithm 1. https://arxiv.org/abs/1705.10461

    From the same weights and random numbers, D's and G's gradients are those of the two turns of Synthesis. D reads x
    and G(z) once, where two turns read them again, so that a round is shorter. G's terms must depend on G through its
    samples alone: a penalty that differentiates `Context.latents` ends in an error.

    The terms are "D", "D.NAME", "G" (the weighted adversarial one) and "G.NAME".

    Raises:
        UsageError: `n_critic` is not 1.
    """

    def __post_init__(self) -> None:
        if self.n_critic != 1:
            raise UsageError(
                f"game.n_critic is {self.n_critic}, but both players step at once",
                hint="Set it to 1, or use the game Synthesis.",
            )

    def turns(self) -> Mapping[str, Turn]:
        return {"both": Turn(("D", "G"), self.both_turn)}

    def round(self) -> tuple[str, ...]:
        return ("both",)

    def both_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        batch = self._training_batch(batch)
        penalties, for_G = due(self.penalties, play.turn), due(self.generator_penalties, play.turn)
        latents = self.training_latents(play, draws, batch)
        fakes = self.outputs(play, latents, batch)
        at = tuple(leaf(x) for x in fakes)  # D's terms end here, and G's gradient is read here
        x_real = self.reals(play, batch)
        context = self._context(play, batch, draws, latents, x_real=x_real, fakes=at, penalties=(*penalties, *for_G))
        real, fake = context.real.logits, context.fake.logits
        terms = {"": Term(each_discriminator(self.loss.generator, real, fake), self.adversarial_weight)}
        terms |= {**self.generator_terms(context, batch), **penalty_terms(for_G, context)}
        gradients = torch.autograd.grad(sum_of(terms), at, retain_graph=True)
        step = torch.stack([(gradient * x).sum() for gradient, x in zip(gradients, fakes, strict=True)]).sum()
        reported = {name: Term(term.value.detach(), term.weight) for name, term in terms.items()}
        reported[""] = Term(self.adversarial_weight * reported[""].value + step - step.detach())
        loss = each_discriminator(self.loss.discriminator, real, fake)
        auxiliary = {name: term for each in self.auxiliary for name, term in each.discriminator_terms(context).items()}
        watched = {**auxiliary, **penalty_terms(penalties, context), **self.reports(play, context)}
        of_D = {"": Term(loss, self.discriminator_weight), **watched}
        return {
            f"{player}.{name}".strip("."): term
            for player, each in (("D", of_D), ("G", reported))
            for name, term in each.items()
        }


def sum_of(terms: Terms) -> Tensor:
    """The sum of weight * mean."""
    return torch.stack([term.weight * term.value.float().mean() for term in terms.values()]).sum()
