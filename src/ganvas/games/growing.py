"""The game of players that grow: the real samples have as much detail as the networks."""

from dataclasses import dataclass, replace

from ..base.types import Batch
from ..networks.progressive import shown_at
from .synthesis import Synthesis


@dataclass(frozen=True)
class Growing(Synthesis):
    """Synthesis at the resolution that `detail` says; a new resolution fades in both in the samples and in the reals.

    Karras et al. 2018, figure 2 and appendix A. https://arxiv.org/abs/1710.10196
    With detail None, or at its end, it is Synthesis.
    """

    def _training_batch(self, batch: Batch) -> Batch:
        batch, detail = super()._training_batch(batch), self.current_detail()
        return batch if detail is None else replace(batch, x=shown_at(batch.x, detail))
