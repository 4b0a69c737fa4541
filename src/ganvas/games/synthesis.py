"""The GAN of Goodfellow et al. 2014: G generates, D separates. https://arxiv.org/abs/1406.2661"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor, nn

from ..base.types import Batch, Count, Loss, NonNegative, Spec, Term, Verdict
from ..losses.nonsaturating import NonSaturating
from ..penalties.contract import (
    Context,
    Penalty,
    Stateful,
    View,
    due,
    in_viewed_form,
    penalty_terms,
    rows_of,
    stateful,
    viewed_spec,
)
from .adaptive import Adaptive
from .auxiliary import AuxiliaryTerm, BeginsAtReals, ReadsIntermediate, outputs_of_all_depths
from .contract import Draws, Game, Latents, Play, Terms, Turn


@dataclass(frozen=True)
class Synthesis(Game):
    """min over G, max over D: D learns to separate x from G(z), G to be classified as x.

    Goodfellow et al. 2014, algorithm 1. https://arxiv.org/abs/1406.2661

    Args:
        loss: the adversarial term of both players.
        penalties: D minimises them too.
        generator_penalties: G minimises them too.
        auxiliary: further terms of both players, such as ClassTerm (AC-GAN) and CodeTerm (InfoGAN).
        views: changes of all samples that D gets, such as InstanceNoise.
        view_share: the probability with which each view is applied to each sample, at most 1; often a schedule.
        n_critic: discriminator turns for each generator turn.
        discriminator_weight: of D's adversarial term; DCGAN and pix2pix programs halve it.
        adversarial_weight: of G's adversarial term.
        adaptive: how that probability follows from D's logits; None: it is `view_share`.
        detail: how much detail growing networks show, usually a schedule; None: they do not grow.
    """

    loss: Loss = field(default_factory=NonSaturating)
    penalties: tuple[Penalty, ...] = ()
    generator_penalties: tuple[Penalty, ...] = ()
    auxiliary: tuple[AuxiliaryTerm, ...] = ()
    views: tuple[View, ...] = ()
    view_share: NonNegative = 1.0
    n_critic: Count = 1
    discriminator_weight: NonNegative = 1.0
    adversarial_weight: NonNegative = 1.0
    adaptive: Adaptive | None = None
    detail: NonNegative | None = None

    def turns(self) -> Mapping[str, Turn]:
        return {
            "discriminator": Turn(("D",), self.discriminator_turn),
            "generator": Turn(("G",), self.generator_turn, reals=self.generator_needs_real),
        }

    def round(self) -> tuple[str, ...]:
        return ("discriminator",) * self.n_critic + ("generator",)

    def discriminator_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        batch, penalties = self._training_batch(batch), due(self.penalties, play.turn)
        latents = self.training_latents(play, draws, batch)
        fakes = tuple(x.detach() for x in self.outputs(play, latents, batch))
        x_real = self.reals(play, batch)
        context = self._context(play, batch, draws, latents, x_real=x_real, fakes=fakes, penalties=penalties)
        loss = each_discriminator(self.loss.discriminator, context.real.logits, context.fake.logits)
        auxiliary = {name: term for each in self.auxiliary for name, term in each.discriminator_terms(context).items()}
        adversarial = Term(loss, self.discriminator_weight)
        terms = {**auxiliary, **penalty_terms(penalties, context), **self.reports(play, context)}
        return {"adversarial": adversarial, **terms}

    def generator_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        batch, penalties = self._training_batch(batch), due(self.generator_penalties, play.turn)
        latents = self.training_latents(play, draws, batch)
        fakes = self.outputs(play, latents, batch)
        x_real = self.reals(play, batch) if self.generator_needs_real else None
        context = self._context(play, batch, draws, latents, x_real=x_real, fakes=fakes, penalties=penalties)
        real = context.real.logits if self.loss.needs_real else None
        adversarial = Term(each_discriminator(self.loss.generator, real, context.fake.logits), self.adversarial_weight)
        return {"adversarial": adversarial, **self.generator_terms(context, batch), **penalty_terms(penalties, context)}

    def reals(self, play: Play, batch: Batch) -> Tensor:
        """The data of a turn, in the form of `outputs`."""
        return batch.x

    def generator_terms(self, context: Context, batch: Batch) -> Terms:
        """What G minimises besides the adversarial term and its penalties."""
        return {name: term for each in self.auxiliary for name, term in each.generator_terms(context).items()}

    def reports(self, play: Play, context: Context) -> Terms:
        """Terms of weight 0, for the curves of a run; D's logits are handed to `after_turn`."""
        if self.stateful_parts:
            play.record("real", each_sample(context.real, len(context.x_real)))
            play.record("fake", each_sample(context.fake, len(context.x_fake)))
        return {} if self.adaptive is None else self.adaptive.reports(context.state_of(self.adaptive), context.real)

    def state(self, spec: Spec) -> nn.Module | None:
        parts = self.stateful_parts
        return nn.ModuleDict({name: part.state() for name, part in parts.items()}) if parts else None

    def strength(self, state: nn.Module | None) -> float:
        if self.adaptive is not None:
            return self.adaptive.probability(state)
        return float(self.view_share)  # type: ignore[arg-type]  # resolved before a turn

    def after_turn(
        self, state: nn.Module, turn: str, stats: Mapping[str, float], recorded: Mapping[str, Tensor]
    ) -> None:
        if isinstance(state, nn.ModuleDict):
            for name, part in self.stateful_parts.items():
                part.update(state[name], recorded)

    @property
    def stateful_parts(self) -> dict[str, Stateful]:
        """The parts that learn from earlier turns, by the names of their classes."""
        return stateful((self.adaptive, *self.penalties, *self.generator_penalties, *self.auxiliary))

    def latents(self, play: Play, draws: Draws, batch: Batch) -> Latents:
        drawn = (each.latents(play, draws, batch.y) for each in self.auxiliary)
        return next((latents for latents in drawn if latents is not None), None) or super().latents(play, draws, batch)

    def training_latents(self, play: Play, draws: Draws, batch: Batch) -> Latents:
        """What G starts from in a turn: `latents`, unless a term lets some samples begin from real ones."""
        latents = self.latents(play, draws, batch)
        for each in self.beginners:
            latents = each.begin(play, draws, self.reals(play, batch), latents)
        return latents

    def outputs(self, play: Play, latents: Latents, batch: Batch) -> tuple[Tensor, ...]:
        """Samples of a turn as the last of a tuple; before it those of G's lesser depths, if a term reads them.

        They are those of `generate`, unless training needs them in another form, and D judges them.

        Raises:
            UsageError: a term reads them, and G shows none.
        """
        if not self.readers:
            return (self.generate(play, latents, batch),)
        return outputs_of_all_depths(self.readers[0], play, latents, batch)

    def logits(self, play: Play, batch: Batch, x: Tensor) -> Tensor | None:
        return play.D(self.player_input(self.critic, x), batch.y, batch.given, **play.options).scores

    def player_spec(self, name: str, spec: Spec) -> Spec:
        return viewed_spec(self.views, spec) if name == self.critic else spec

    def player_input(self, name: str, x: Tensor) -> Tensor:
        return in_viewed_form(self.views, x, name) if name == self.critic else x

    def current_detail(self) -> float | None:
        return None if self.detail is None else float(self.detail)  # type: ignore[arg-type]  # resolved before a turn

    @property
    def generator_needs_real(self) -> bool:
        """Whether G's turn reads the real samples."""
        readers = bool(self.beginners) or any(term.needs_real for term in self.readers)
        return self.loss.needs_real or readers or any(each.needs_real for each in self.generator_penalties)

    @property
    def beginners(self) -> tuple[BeginsAtReals, ...]:
        """The auxiliary terms for which some samples begin from real ones."""
        return tuple(each for each in self.auxiliary if isinstance(each, BeginsAtReals))

    @property
    def readers(self) -> tuple[ReadsIntermediate, ...]:
        """The auxiliary terms that read G's intermediate outputs."""
        return tuple(each for each in self.auxiliary if isinstance(each, ReadsIntermediate))

    @property
    def uses_labels(self) -> bool:
        """Whether the players get the data's classes: False if a term, such as CodeTerm, learns without them."""
        return all(each.uses_labels for each in self.auxiliary)

    def _training_batch(self, batch: Batch) -> Batch:
        """The batch, without its classes unless the game uses them."""
        return batch if self.uses_labels else replace(batch, y=None)

    def _context(
        self,
        play: Play,
        batch: Batch,
        draws: Draws,
        latents: Latents,
        *,
        x_real: Tensor | None,
        fakes: tuple[Tensor, ...],
        penalties: tuple[Penalty, ...],
    ) -> Context:
        return Context(
            play,
            batch,
            draws,
            x_real=x_real,
            x_fake=fakes[-1],
            latents=latents,
            intermediate=fakes[:-1],
            views=self.views,
            gradients=any(penalty.needs_gradients for penalty in penalties),
            paired=bool(self.beginners),
        )


def each_sample(verdict: Verdict, samples: int) -> Tensor:
    """Logits [samples, K]; of a pack each sample gets those of the pack."""
    return verdict.scores.repeat_interleave(samples // rows_of(verdict), dim=0)


def each_discriminator(
    side: Callable[..., Tensor], real: Tensor | tuple[Tensor, ...] | None, fake: Tensor | tuple[Tensor, ...]
) -> Tensor:
    """One side of a loss, computed for each of several joined discriminators.

    Args:
        side: `Loss.discriminator` or `Loss.generator`.
        real, fake: logits [B, K], or a tuple of [B, K_i] for several discriminators; real may be None.

    Returns:
        [B, K] for one discriminator; for several the sum over them of each one's mean, [B].
    """
    if isinstance(fake, Tensor):
        return side(real=real, fake=fake)
    reals = [None] * len(fake) if real is None else real
    return torch.stack([side(real=r, fake=f).flatten(1).mean(1) for r, f in zip(reals, fake, strict=True)]).sum(0)
