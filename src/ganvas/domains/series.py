"""Sequences of several channels, of equal or unequal lengths, with static attributes beside."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from ..base.types import Spec
from ..data.source import Items
from .fit_series import at_length, check_form, fitted_form, messages_on
from .series_files import write_sequences
from .series_layout import SeriesLayout
from .series_picture import lines_picture


@dataclass(frozen=True)
class Series(SeriesLayout):
    """x [C, T] in [-1, 1]: each channel by its range in the training split, 2 (v - low) / (high - low) - 1.

    With `each` a channel is scaled by the range of its own sequence, whose middle and half range become attributes:
    auto-normalisation, Lin et al. 2020 (DoppelGANger), section 4.1.3. https://arxiv.org/abs/1909.13403
    Sequences that are shorter than the longest are followed by 0, and a row of x says where they go on (1) and where
    they are over (-1). Attributes are rows of x that do not change.

    Args:
        columns, attributes, low, high, length, ends: set by `fit`.
        each: whether every sequence is scaled by its own range.
    """

    sheet: ClassVar[int] = 12

    def fit(self, items: Items) -> "Series":
        found = fitted_form(items)
        if self.columns:
            check_form(self, found)
            return self
        return replace(self, **found._asdict())

    def spec(self, items: Items) -> Spec:
        settings = {
            "channels": [self.learnt[place].name for place in self.channels],
            "ends": self.ends,
            "blocks": list(self.blocks),
            "each": self.each,
            "low": list(self.low),
            "high": list(self.high),
        }
        return Spec("series", (self.rows, self.length), bounded=True, settings=settings)

    def encode(self, items: Items) -> np.ndarray[Any, Any]:
        """float32 [N, C, T]. Raises DataError for sequences that are longer than those of the training split."""
        return self.encoded(at_length(items.x, self.length))

    def to_tensor(self, stored: Tensor) -> Tensor:
        return stored

    def as_written(self, x: Tensor) -> Tensor:
        """x after decode and encode: with the rounding and the bounds that samples get."""
        return torch.from_numpy(self.encoded(self.decode(x))).to(x.device)

    def features(self, x: Tensor) -> Tensor:
        """Vectors [N, C T]."""
        return x.flatten(1)

    def render(self, x: Tensor, columns: int | None = None) -> Image.Image:
        """Each sequence as lines over time, one for each channel."""
        count = len(self.channels)
        return lines_picture(x[:, :count].detach().float().cpu().numpy(), self.mask(x).cpu().numpy() > 0, columns)

    def write(self, samples: np.ndarray[Any, Any], out: Path) -> None:
        """Sequences below each other: .csv, .csv.gz, .tsv or .parquet. Raises UsageError, MissingExtra."""
        write_sequences(samples, self.columns, out)

    def messages(self, items: Items) -> Iterator[str]:
        """What networks get."""
        return messages_on(self, len(items))
