"""Translation between two sets of pictures without pairs: there and back again.

Zhu et al. 2017 (CycleGAN). https://arxiv.org/abs/1703.10593
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar, cast

import torch
from torch import Tensor, nn

from ..base.types import Batch, Count, Loss, NonNegative, Spec, Term
from ..losses.least_squares import LeastSquares
from ..penalties.contract import Context, Penalty, View, due, penalty_terms
from .contract import Draws, Game, Play, Terms, Turn
from .sample_pool import SamplePool, pool_of
from .synthesis import each_discriminator


@dataclass(frozen=True)
class Cycle(Game):
    """G: A -> B, F: B -> A; each must pass the other side's discriminator, and |F(G(a)) - a|_1 + |G(F(b)) - b|_1 is
    minimised.

    Zhu et al. 2017, equations 1 to 4. https://arxiv.org/abs/1703.10593

    The players are G, F, D (is it of B?) and D_A (is it of A?). b is the batch's x, and a is given["input"], from the
    stream "input" of the recipe; both have the same shape, and no a belongs to any b. G and F each read given["input"].
    Means are over the numbers of a picture, as in the paper's program. Both discriminators step in one turn, on earlier
    samples half of the time (section 4, SamplePool); then both generators step on one backward pass.

    Where one domain has something that the other lacks (a colour, a texture), the generators learn to hide it in the
    translated picture as noise of low contrast, because the cycle asks for it. Chu et al. 2017,
    https://arxiv.org/abs/1712.02950. `hiding_noise` adds noise to G(a) and F(b) before they are translated back, which
    removes hidden numbers; a low `cycle_weight_a` does not ask for what G(a) cannot show.

    Args:
        loss: the adversarial term of all players.
        cycle_weight_a: of |F(G(a)) - a|.
        cycle_weight_b: of |G(F(b)) - b|.
        identity_weight_a: of |F(a) - a| (section 5.2: half the weight of the cycle).
        identity_weight_b: of |G(b) - b|.
        hiding_noise: standard deviation of the noise on G(a) and F(b) before they are translated back; 0 in the paper.
        pool_samples: earlier samples of each generator that the discriminators learn from.
        penalties: each discriminator minimises them too.
        views: changes of all samples that the discriminators get, such as Translate.
        discriminator_weight: of the discriminators' adversarial terms; 1 with LeastSquares is half of the sum of
            squares, as in the paper's program.
        adversarial_weight: of the generators' adversarial terms; 2 with LeastSquares is the paper's.
    """

    images_per_sample: ClassVar[int] = 2
    needs_data: ClassVar[bool] = True
    needs_streams: ClassVar[bool] = True
    loss: Loss = field(default_factory=LeastSquares)
    cycle_weight_a: NonNegative = 10.0
    cycle_weight_b: NonNegative = 10.0
    identity_weight_a: NonNegative = 5.0
    identity_weight_b: NonNegative = 5.0
    hiding_noise: NonNegative = 0.0
    pool_samples: Count = 50
    penalties: tuple[Penalty, ...] = ()
    views: tuple[View, ...] = ()
    discriminator_weight: NonNegative = 1.0
    adversarial_weight: NonNegative = 2.0

    @property
    def uses_labels(self) -> bool:
        return False

    def turns(self) -> Mapping[str, Turn]:
        return {
            "discriminators": Turn(("D", "D_A"), self.discriminators_turn),
            "generators": Turn(("G", "F"), self.generators_turn),
        }

    def discriminators_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        a, b = batch.given["input"], batch.x
        pool, penalties = cast(SamplePool, play.state), due(self.penalties, play.turn)
        fake_b, fake_a = (self._made(play, *each, draws).detach() for each in (("G", a), ("F", b)))
        chosen = draws.uniform("pool", 2, 2)
        for name, value in (("b", fake_b), ("a", fake_a), ("chosen", chosen)):
            play.record(name, value)
        terms: dict[str, Term] = {}
        for critic, real, fake in (
            ("D", b, pool.mixed("b", fake_b, chosen)),
            ("D_A", a, pool.mixed("a", fake_a, chosen)),
        ):
            context = self._context(play, batch, draws, critic, x_real=real, x_fake=fake, penalties=penalties)
            value = each_discriminator(self.loss.discriminator, context.real.logits, context.fake.logits)
            terms[critic] = Term(value, self.discriminator_weight)
            terms |= {f"{critic}.{name}": term for name, term in penalty_terms(penalties, context).items()}
        return terms

    def generators_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        a, b = batch.given["input"], batch.x
        fake_b, fake_a = self._made(play, "G", a, draws), self._made(play, "F", b, draws)
        back_a = self._made(play, "F", self._noisy(fake_b, draws, "b"), draws, "back.")
        back_b = self._made(play, "G", self._noisy(fake_a, draws, "a"), draws, "back.")
        return {
            "G": Term(self._deceived(play, batch, draws, "D", b, fake_b), self.adversarial_weight),
            "F": Term(self._deceived(play, batch, draws, "D_A", a, fake_a), self.adversarial_weight),
            "cycle_a": Term(distance(back_a, a), self.cycle_weight_a),
            "cycle_b": Term(distance(back_b, b), self.cycle_weight_b),
            **self._identity(play, draws, "F", a, "identity_a", self.identity_weight_a),
            **self._identity(play, draws, "G", b, "identity_b", self.identity_weight_b),
        }

    def output(self, play: Play, batch: Batch, draws: Draws) -> Tensor:
        return self._made(play, "G", batch.given["input"], draws)

    def logits(self, play: Play, batch: Batch, x: Tensor) -> Tensor:
        return play.D(x, None, {}).scores

    def show(self, batch: Batch, output: Tensor) -> Tensor:
        """a and G(a) side by side."""
        return torch.stack([batch.given["input"], output], dim=1).flatten(0, 1)

    def state(self, spec: Spec) -> nn.Module:
        return pool_of(spec, self.pool_samples)

    def after_turn(
        self, state: nn.Module, turn: str, stats: Mapping[str, float], recorded: Mapping[str, Tensor]
    ) -> None:
        if turn == "discriminators":
            cast(SamplePool, state).add({name: recorded[name] for name in ("b", "a")}, recorded["chosen"])

    def _made(self, play: Play, player: str, x: Tensor, draws: Draws, use: str = "") -> Tensor:
        """What a generator makes of x; where it takes a latent, each use draws another one."""
        generator = play.generator(player)
        z = draws.normal(f"{use}z.{player}", *generator.latent) if generator.latent else None
        return generator(z, None, {"input": x}, **play.options)

    def _noisy(self, x: Tensor, draws: Draws, side: str) -> Tensor:
        if not self.hiding_noise:
            return x
        return x + self.hiding_noise * draws.normal(f"hiding.{side}", *x.shape[1:])

    def _identity(self, play: Play, draws: Draws, player: str, x: Tensor, name: str, weight: NonNegative) -> Terms:
        return {name: Term(distance(self._made(play, player, x, draws, "same."), x), weight)} if weight else {}

    def _deceived(self, play: Play, batch: Batch, draws: Draws, critic: str, real: Tensor, fake: Tensor) -> Tensor:
        """The loss of the generator whose samples this critic judges."""
        x_real = real if self.loss.needs_real else None
        context = self._context(play, batch, draws, critic, x_real=x_real, x_fake=fake, penalties=())
        logits = context.real.logits if self.loss.needs_real else None
        return each_discriminator(self.loss.generator, logits, context.fake.logits)

    def _context(
        self,
        play: Play,
        batch: Batch,
        draws: Draws,
        critic: str,
        *,
        x_real: Tensor | None,
        x_fake: Tensor,
        penalties: tuple[Penalty, ...],
    ) -> Context:
        return Context(
            play,
            replace(batch, y=None, given={}),  # a critic gets neither classes nor the other side's pictures
            draws,
            x_real=x_real,
            x_fake=x_fake,
            views=self.views,
            gradients=any(penalty.needs_gradients for penalty in penalties),
            critic=critic,
        )


def distance(one: Tensor, other: Tensor) -> Tensor:
    """mean |one - other| over the numbers of each picture, [B]."""
    return (one - other).abs().flatten(1).mean(1)
