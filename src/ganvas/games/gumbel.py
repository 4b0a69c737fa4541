"""A GAN for tokens whose gradient passes through relaxed samples: the Gumbel-softmax."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch.nn.functional as F
from torch import Tensor

from ..base.schedule import Exponential
from ..base.types import Batch, NonNegative
from .contract import Latents, Play
from .likelihood import negative_log_likelihood, token_writer
from .synthesis import Synthesis


@dataclass(frozen=True)
class Gumbel(Synthesis):
    """Synthesis in which D gets one-hot reals and, for fakes, softmax(beta (logits + Gumbel noise)) of every token.

    Nie et al. 2019 (RelGAN), section 2.2. https://openreview.net/forum?id=rJedV3R5tm. beta is the inverse temperature,
    which RelGAN raises exponentially from 1 (equation 6). In use samples are tokens as in every game.

    Args:
        inverse_temperature: beta, above 0; a schedule.
        hard: whether the fakes are one-hot and only their gradient is relaxed (straight through).
    """

    inverse_temperature: NonNegative = field(default_factory=lambda: Exponential(1.0, 100.0))
    hard: bool = False

    def outputs(self, play: Play, latents: Latents, batch: Batch) -> tuple[Tensor, ...]:
        """Relaxed samples [B, T, K], as a tuple of one."""
        beta = float(self.inverse_temperature)  # type: ignore[arg-type]  # resolved before a turn
        relaxed: Tensor = token_writer(play).relaxed(len(batch.x), beta, hard=self.hard, given=batch.given)
        return (relaxed,)

    def reals(self, play: Play, batch: Batch) -> Tensor:
        """The data's tokens as one-hot rows [B, T, K]."""
        return F.one_hot(batch.x, token_writer(play).form.tokens).float()

    def assess(self, play: Play, batch: Batch) -> Mapping[str, Tensor]:
        return {"negative_log_likelihood": negative_log_likelihood(play, batch.x, given=batch.given)}
