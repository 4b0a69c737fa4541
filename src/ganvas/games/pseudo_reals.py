"""Some of D's reals are fakes, more of them the more D overfits. Jiang et al. 2021. https://arxiv.org/abs/2111.06849"""

from dataclasses import dataclass, field, replace

import torch
from torch import nn

from ..base.types import Batch
from .adaptive import Adaptive
from .contract import Draws, Play, Terms
from .synthesis import Synthesis


@dataclass(frozen=True)
class PseudoReals(Synthesis):
    """max over D: E log D(x') + E log(1 - D(G(z))), with x' = G(z') in place of x with probability p; p by `adaptive`.

    Adaptive pseudo augmentation, APA: Jiang et al. 2021, section 3.2. https://arxiv.org/abs/2111.06849
    D is kept from learning the few reals by heart, and no picture is changed. r, which p follows, is the paper's
    lambda_r, the mean sign of D's logits of the samples x' that it is to call real. In the turn of G, p is not used.
    The views are applied to every sample, as in Synthesis without `adaptive`.

    Args:
        adaptive: how p follows from D's logits; None: p is 0.
    """

    adaptive: Adaptive | None = field(default_factory=Adaptive)

    def strength(self, state: nn.Module | None) -> float:
        return 1.0

    def discriminator_turn(self, play: Play, batch: Batch, draws: Draws) -> Terms:
        p = 0.0 if self.adaptive is None else self.adaptive.probability(play.state)
        return super().discriminator_turn(play, self.with_pseudo_reals(play, batch, draws, p), draws)

    @torch.no_grad()
    def with_pseudo_reals(self, play: Play, batch: Batch, draws: Draws, p: float) -> Batch:
        """The batch with each x exchanged for a fake of the same y with probability p.

        Args:
            play: the live networks.
            batch: of the turn.
            draws: the turn's random numbers; the fakes' are others than those of the turn's own fakes.
            p: from 0 to 1.
        """
        if p == 0:
            return batch
        conditions = self._training_batch(batch)
        latents = self.latents(play, Draws(*draws.key, "pseudo", rows=draws.rows, device=draws.device), conditions)
        fake = self.generate(play, latents, conditions)
        chosen = draws.uniform("pseudo.applied") < p
        return replace(batch, x=torch.where(chosen.view(-1, *[1] * (fake.ndim - 1)), fake.to(batch.x.dtype), batch.x))
