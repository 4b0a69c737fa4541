"""From a mel spectrogram to the wave: adversarial terms, features of D, and the spectrogram itself.

Kong et al. 2020, "HiFi-GAN". https://arxiv.org/abs/2010.05646
"""

from dataclasses import dataclass, field
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from ..base.types import Batch, Loss, NonNegative
from ..losses.least_squares import LeastSquares
from ..ops.mel import Mel
from ..penalties.contract import Context
from .pair_terms import MatchedFeatures, PairTerm
from .translation import Translation


@dataclass(frozen=True)
class MelL1:
    """mean |mel(x) - mel(G(c))|: both waves have the same log mel spectrogram.

    Kong et al. 2020, equation 5, with a weight of 45. https://arxiv.org/abs/2010.05646. Of several spectrograms the
    mean is taken, as in BigVGAN-v2 and Descript's codec (Kumar et al. 2023, https://arxiv.org/abs/2306.06546).

    Args:
        weight: factor of the term.
        mels: settings of the spectrograms; in HiFi-GAN those of the input, up to half the rate.
    """

    weight: NonNegative = 45.0
    mels: tuple[Mel, ...] = (Mel(high=0.0),)
    needs_critic: ClassVar[bool] = False

    def compare(self, x: Tensor, context: Context) -> Float[Tensor, "b"]:
        made = context.x_fake
        return torch.stack([(mel.of(x) - mel.of(made)).abs().flatten(1).mean(1) for mel in self.mels]).mean(0)


@dataclass(frozen=True)
class Vocoding(Translation):
    """G: adversarial + 2 feature matching + 45 |mel(x) - mel(G(c))|; D: is x a recording?

    Kong et al. 2020, equations 1 to 6. https://arxiv.org/abs/2010.05646. The condition c is a spectrogram, so that
    nothing compares numbers of the wave: their phases are free. A phase that plays the turn "reconstruction" has the
    last term only: D enters later.

    Args:
        loss: the adversarial term of both players.
        condition: the given spectrogram.
        reconstruction_weight: of the L1 term of the waves.
        pair_terms: further terms of G.
    """

    images_per_sample: ClassVar[int] = 2
    loss: Loss = field(default_factory=LeastSquares)
    condition: str = "mel"
    reconstruction_weight: NonNegative = 0.0
    pair_terms: tuple[PairTerm, ...] = (MatchedFeatures(weight=2.0), MelL1())

    def show(self, batch: Batch, output: Tensor) -> Tensor:
        """Answer and recording side by side."""
        return torch.stack([output, batch.x], dim=1).flatten(0, 1)
