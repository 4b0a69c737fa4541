"""Spoken words: the spectrogram of a word, given the word and its duration."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ..base.types import Batch, NonNegative
from .translation import Translation


@dataclass(frozen=True)
class Speaking(Translation):
    """G: adversarial + w |x - G(z, y, d)|_1; D: is x a recording of the word y?

    Isola et al. 2017, equations 1 to 4 (https://arxiv.org/abs/1611.07004), with the word y and its duration
    d = given["frames"] as the condition. A phase that plays the turn "reconstruction" alone is ordinary regression:
    its spectrogram is the median of all speakers'; the adversarial phase adds the details that a median lacks.

    Args:
        condition: the given duration.
        reconstruction_weight: of the L1 term.
    """

    images_per_sample: ClassVar[int] = 2
    condition: str = "frames"
    reconstruction_weight: NonNegative = 100.0

    def show(self, batch: Batch, output: Tensor) -> Tensor:
        """The made word and a recording of it, side by side."""
        return torch.stack([output, batch.x], dim=1).flatten(0, 1)
