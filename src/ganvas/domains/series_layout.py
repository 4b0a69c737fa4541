"""Where channels, the end and static attributes of a sequence stand in x, there and back."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..data.table_column import TableColumn

Numbers = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class SeriesLayout:
    """x [C, T]: the channels, then a row that says where the sequence ends, then rows that do not change over time.

    Args:
        columns: every column of the data.
        attributes: names of the columns that do not change within a sequence.
        low, high: of each column that is learnt, in the training split.
        length: T, that of the longest sequence.
        ends: whether sequences differ in length.
        each: whether every channel is scaled by the range of its own sequence, which then stands in x too.
    """

    columns: tuple[TableColumn, ...] = ()
    attributes: tuple[str, ...] = ()
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    length: int = 0
    ends: bool = False
    each: bool = False

    @cached_property
    def learnt(self) -> tuple[TableColumn, ...]:
        """The columns that networks get."""
        return tuple(column for column in self.columns if column.is_learnt)

    @cached_property
    def channels(self) -> tuple[int, ...]:
        """Places of the columns that change over time."""
        return tuple(place for place, column in enumerate(self.learnt) if column.name not in self.attributes)

    @cached_property
    def statics(self) -> tuple[int, ...]:
        """Places of the columns that do not."""
        return tuple(place for place, column in enumerate(self.learnt) if column.name in self.attributes)

    @property
    def blocks(self) -> tuple[int, ...]:
        """The rows that do not change: k for a one-hot of k categories, -1 for a number in [-1, 1]."""
        own = (len(self.learnt[p].categories) if self.learnt[p].is_discrete else -1 for p in self.statics)
        return (*own, *(-1,) * (2 * len(self.channels) * self.each))

    @property
    def rows(self) -> int:
        """C."""
        return len(self.channels) + self.ends + sum(map(abs, self.blocks))

    @property
    def centre(self) -> Numbers:
        """The middle of the range of every column that is learnt."""
        found: Numbers = (np.array(self.low) + np.array(self.high)) / 2
        return found

    @property
    def half(self) -> Numbers:
        """Half the range of every column that is learnt; 1 for a column of one value."""
        half = (np.array(self.high) - np.array(self.low)) / 2
        found: Numbers = np.where(half > 0, half, 1.0)
        return found

    def encoded(self, values: Numbers) -> np.ndarray[Any, Any]:
        """`encode` of values [N, T, F], NaN behind the end of a sequence."""
        channels = list(self.channels)
        own = (values[:, : self.length, channels] - self.centre[channels]) / self.half[channels]
        going = ~np.isnan(own[:, :, 0])  # [N, T]
        middle, spread = own_range(own) if self.each else (0.0, 1.0)
        scaled = np.where(going[:, :, None], (own - middle) / spread, 0.0)
        parts = [scaled.transpose(0, 2, 1)]
        if self.ends:
            parts.append(np.where(going, 1.0, -1.0)[:, None])
        fixed = [self.encoded_static(place, values[:, 0, place]) for place in self.statics]
        if self.each:
            fixed += [np.asarray(middle)[:, 0], 2 * np.asarray(spread)[:, 0] - 1]
        if fixed:
            together = np.concatenate(fixed, axis=1)[:, :, None]
            parts.append(np.broadcast_to(together, (*together.shape[:2], self.length)))
        return np.concatenate(parts, axis=1).astype(np.float32)

    def encoded_static(self, place: int, values: Numbers) -> Numbers:
        """A column that does not change: [N, k], one-hot or a number."""
        column = self.learnt[place]
        if column.is_discrete:
            return np.eye(len(column.categories))[values.astype(np.int64)]
        found: Numbers = ((values - self.centre[place]) / self.half[place])[:, None]
        return found

    def decode(self, x: Tensor) -> np.ndarray[Any, Any]:
        """float64 [N, T, F] as `Items.x` has it: numbers, seconds, places of categories; NaN behind the end."""
        rows = x.detach().double().cpu().numpy()
        count, found = len(self.channels), np.empty((len(rows), self.length, len(self.learnt)))
        own = rows[:, :count].transpose(0, 2, 1)
        start = count + self.ends
        fixed = rows[:, start:].mean(axis=2)  # [N, A]
        if self.each:
            own = own * ((fixed[:, None, -count:] + 1) / 2) + fixed[:, None, -2 * count : -count]
        for place, column in enumerate(self.channels):
            found[:, :, column] = self.written(column, own[:, :, place])
        at = 0
        for place in self.statics:
            column_of = self.learnt[place]
            size = len(column_of.categories) if column_of.is_discrete else 1
            part = fixed[:, at : at + size]
            value = part.argmax(1).astype(float) if column_of.is_discrete else self.written(place, part[:, 0])
            found[:, :, place] = value[:, None]
            at += size
        if self.ends:
            found[~self.going(rows[:, count])] = np.nan
        return found

    def written(self, place: int, values: Numbers) -> Numbers:
        """Numbers of [-1, 1] in the column's unit, within its range, with its decimals."""
        column, low, high = self.learnt[place], self.low[place], self.high[place]
        found = (values * self.half[place] + self.centre[place]).clip(low, high)
        if column.type == "date":
            found = (found / column.step).round() * column.step
        elif column.decimals >= 0:
            found = found.round(column.decimals)
        clipped: Numbers = found.clip(low, high)
        return clipped

    @staticmethod
    def going(flags: Numbers) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """[N, T]: the steps before the first one whose flag is not above 0; the first step always is."""
        over = flags <= 0
        over[:, 0] = False
        found: np.ndarray[Any, np.dtype[np.bool_]] = ~np.logical_or.accumulate(over, axis=1)
        return found

    def mask(self, x: Tensor) -> Tensor:
        """[N, T], 1 where a sequence goes on, of x [N, C, T]."""
        if not self.ends:
            return torch.ones_like(x[:, 0])
        going = self.going(x[:, len(self.channels)].detach().cpu().numpy().copy())
        return torch.from_numpy(going).to(x)


def own_range(values: Numbers) -> tuple[Numbers, Numbers]:
    """Middle and half range [N, 1, C] of each sequence's channels; half ranges of 0 are 1e-3."""
    low, high = np.nanmin(values, axis=1, keepdims=True), np.nanmax(values, axis=1, keepdims=True)
    return (low + high) / 2, np.maximum((high - low) / 2, 1e-3)
