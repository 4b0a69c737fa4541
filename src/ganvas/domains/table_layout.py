"""Where each column of a table stands in x, there and back."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..data.table_column import TableColumn
from .column_codes import ColumnCode, coded, decoded


@dataclass(frozen=True)
class TableLayout:
    """x [D]: the one-hot values of all discrete columns, then a scalar and a one-hot mode of each column of numbers.

    Args:
        columns: every column of the table.
        codes: of the columns that are learnt, in their order.
    """

    columns: tuple[TableColumn, ...] = ()
    codes: tuple[ColumnCode, ...] = ()

    @cached_property
    def learnt(self) -> tuple[TableColumn, ...]:
        """The columns that networks get."""
        return tuple(column for column in self.columns if column.is_learnt)

    @cached_property
    def followers(self) -> frozenset[int]:
        """Places of the learnt columns that follow from others."""
        return frozenset(place for place, code in enumerate(self.codes) if code.values)

    @cached_property
    def sums(self) -> frozenset[int]:
        """Places of the learnt columns that are sums of others."""
        return frozenset(place for place, code in enumerate(self.codes) if code.parts)

    @cached_property
    def order(self) -> tuple[int, ...]:
        """Places of the columns that stand in x, discrete ones first; those that follow from others do not."""
        places = [place for place in range(len(self.learnt)) if place not in {*self.followers, *self.sums}]
        return (
            *(place for place in places if self.learnt[place].is_discrete),
            *(place for place in places if not self.learnt[place].is_discrete),
        )

    @cached_property
    def widths(self) -> tuple[int, ...]:
        """How many categories each discrete column has, in the order of x; missing is one."""
        return tuple(len(self.codes[place].counts) for place in self.order if self.learnt[place].is_discrete)

    @cached_property
    def modes_of_numbers(self) -> tuple[int, ...]:
        """How many modes each column of numbers has, in the order of x; missing is one."""
        return tuple(len(self.codes[place].counts) for place in self.order if not self.learnt[place].is_discrete)

    @property
    def blocks(self) -> tuple[int, ...]:
        """The form of x: k for a one-hot of k categories, -k for a scalar and a one-hot of k modes."""
        return (*self.widths, *(-modes for modes in self.modes_of_numbers))

    @property
    def size(self) -> int:
        """D."""
        return sum(self.widths) + sum(1 + modes for modes in self.modes_of_numbers)

    def encoded(self, values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """`encode` of values [N, F]."""
        parts = [coded(self.codes[place], self.learnt[place], values[:, place], place) for place in self.order]
        return np.concatenate(parts, axis=1).astype(np.float32)

    def to_tensor(self, stored: Tensor) -> Tensor:
        discrete, modes = len(self.widths), self.modes_of_numbers
        starts = torch.tensor([0, *np.cumsum([*self.widths, *(1 + each for each in modes)])], dtype=torch.int64)
        x = torch.zeros(len(stored), int(starts[-1]))
        x.scatter_(1, stored[:, :discrete].long() + starts[:discrete], 1.0)
        if modes:
            scalars = starts[discrete:-1]
            x.scatter_(1, stored[:, discrete + 1 :: 2].long() + scalars + 1, 1.0)
            x[:, scalars] = stored[:, discrete::2].to(x.dtype)
        return x

    def decode(self, x: Tensor) -> np.ndarray[Any, Any]:
        """float64 [N, F] as `Items.x` has it: numbers, seconds, places of categories, NaN where missing."""
        values = np.empty((len(x), len(self.learnt)))
        rows, start = x.detach().double().cpu().numpy(), 0
        for place in self.order:
            size = len(self.codes[place].counts) + (not self.learnt[place].is_discrete)
            part = rows[:, start : start + size]
            values[:, place] = decoded(self.codes[place], self.learnt[place], part)
            start += size
        for place in self.followers:
            code = self.codes[place]
            of = np.nan_to_num(values[:, code.of], nan=len(code.values) - 1)
            values[:, place] = np.array(code.values)[of.astype(np.int64)]
        for place in self.sums:
            total, decimals = values[:, list(self.codes[place].parts)].sum(axis=1), self.learnt[place].decimals
            values[:, place] = total.round(decimals) if decimals >= 0 else total
        return values
