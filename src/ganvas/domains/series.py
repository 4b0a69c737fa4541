"""Sequences of several channels, of equal or unequal lengths, with static attributes beside."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from ..base.errors import DataError
from ..base.types import Spec
from ..base.wording import counted, shortened
from ..data.source import Items
from ..data.table_column import TableColumn
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
        x = items.x
        if x.ndim != 3 or not np.issubdtype(x.dtype, np.floating):
            raise DataError(f"series are floats [N, T, F]; these data are {x.dtype} {list(x.shape)}")
        columns = items.table or plain_channels(items)
        if self.columns:
            sides = [tuple((each.name, each.type) for each in side) for side in (self.columns, columns)]
            if sides[0] != sides[1] or self.length < x.shape[1]:
                raise DataError("the recipe knows other columns, or shorter sequences, than the data have")
            return self
        learnt = [column for column in columns if column.is_learnt]
        fixed = [bool(np.nanmax(np.ptp(each, axis=1), initial=0.0) == 0) for each in filled(x)]
        names = tuple(column.name for column, still in zip(learnt, fixed, strict=True) if still or column.is_discrete)
        if len(names) == len(learnt):
            raise DataError("no channel changes over time: there is nothing to learn", hint="Bring one that does.")
        low, high = (tuple(map(float, edge(x, axis=(0, 1)))) for edge in (np.nanmin, np.nanmax))
        ends = bool(np.isnan(x).any())
        return replace(self, columns=columns, attributes=names, low=low, high=high, length=int(x.shape[1]), ends=ends)

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
        x = items.x
        if x.shape[1] > self.length:
            message = f"a sequence has {x.shape[1]:,} steps, and the longest of the training split {self.length:,}"
            raise DataError(message, hint="Cut windows of equal length: --window N.")
        if x.shape[1] < self.length:
            x = np.pad(x, ((0, 0), (0, self.length - x.shape[1]), (0, 0)), constant_values=np.nan)
        return self.encoded(x)

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
        names = [self.learnt[place].name for place in self.channels]
        steps = counted(self.length, "step")
        count = counted(len(items), "training sequence")
        yield f"{count} of {'up to ' * self.ends}{steps}; channels: {shortened(names)}"
        if self.attributes:
            yield f"do not change within a sequence (attributes): {shortened(list(self.attributes))}"


def filled(x: np.ndarray[Any, Any]) -> list[np.ndarray[Any, Any]]:
    """Each column [N, T], the first step of a sequence in the place of NaN."""
    return [np.where(np.isnan(each), each[:, :1], each) for each in np.moveaxis(x, 2, 0)]


def plain_channels(items: Items) -> tuple[TableColumn, ...]:
    """Columns of plain numbers."""
    names = items.columns or tuple(f"channel {place + 1}" for place in range(items.x.shape[2]))
    return tuple(TableColumn(name, "number", "plain numbers") for name in names)
