"""Rows of a table: one-hot categories, and numbers by mode-specific normalisation."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from ..base.errors import DataError
from ..base.types import Count, Share, Spec
from ..base.wording import counted, shortened
from ..data.balanced import BalancedRows
from ..data.source import Items
from ..data.stream import Store
from ..data.table_column import TableColumn
from .column_codes import ColumnCode, category_code, coded, decoded, number_code
from .table_files import frame_of, write_rows
from .table_picture import shares_picture


@dataclass(frozen=True)
class Tables:
    """x [D]: the one-hot values of all discrete columns, then a scalar and a one-hot mode of each column of numbers.

    Mode-specific normalisation: a number c of mode k becomes (c - mean_k) / (4 sigma_k) and the one-hot k; k is drawn
    from P(k | c) under a Gaussian mixture of the column. Xu et al. 2019, section 4.2. https://arxiv.org/abs/1907.00503
    A missing value is a further category, or a further mode whose scalar is 0.

    Args:
        modes: of the mixture of a column, at most.
        spikes: share of the rows from which a value is a mode of its own, which samples hold exactly; 0: none is.
        balanced: whether training sees rare categories more often, each row with the category it is asked for.
        rules: conditions that every sample meets, such as "start <= end" (data/table_conditions.py).
        columns: every column of the table; set by `fit`.
        codes: of the columns that are learnt, in their order; set by `fit`.
    """

    sheet: ClassVar[int] = 2500
    modes: Count = 10
    spikes: Share = 0.0
    balanced: bool = True
    rules: tuple[str, ...] = ()
    columns: tuple[TableColumn, ...] = ()
    codes: tuple[ColumnCode, ...] = ()

    def fit(self, items: Items) -> "Tables":
        if not items.table:
            names = items.columns or tuple(f"column {place + 1}" for place in range(items.x.shape[-1]))
            if items.x.ndim != 2 or not np.issubdtype(items.x.dtype, np.floating):
                message = f"tables are floats [N, F]; these data are {items.x.dtype} {list(items.x.shape)}"
                raise DataError(message)
            items = replace(items, table=plain_columns(names, items.x), columns=names)
        if self.codes:  # fitted already, and stored with the run
            known, found = (tuple((each.name, each.type) for each in side) for side in (self.columns, items.table))
            if known != found:
                text, other = (shortened([f"{name} ({kind})" for name, kind in side]) for side in (known, found))
                raise DataError(f"the recipe knows the columns {text}; the data have {other}")
            return self
        codes = []
        for place, column in enumerate(each for each in items.table if each.is_learnt):
            values = items.x[:, place]
            discrete = column.is_discrete
            codes.append(
                category_code(column, values) if discrete else number_code(column, values, self.modes, self.spikes)
            )
        return replace(self, columns=items.table, codes=tuple(codes))

    @cached_property
    def learnt(self) -> tuple[TableColumn, ...]:
        """The columns that networks get."""
        return tuple(column for column in self.columns if column.is_learnt)

    @cached_property
    def order(self) -> tuple[int, ...]:
        """Places of the learnt columns as they stand in x: discrete ones first."""
        places = range(len(self.learnt))
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

    def spec(self, items: Items) -> Spec:
        size = sum(self.widths) + sum(1 + modes for modes in self.modes_of_numbers)
        counts = [count for place in self.order[: len(self.widths)] for count in self.codes[place].counts]
        settings: Mapping[str, Any] = {"blocks": list(self.blocks), "counts": counts}
        return Spec(domain="tables", shape=(size,), bounded=False, settings=settings)

    def encode(self, items: Items) -> np.ndarray[Any, Any]:
        """float32 [N, S]: a category's place; of a number its scalar and the place of its mode."""
        return self.encoded(items.x)

    def encoded(self, values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """`encode` of values [N, F]."""
        parts = [coded(self.codes[place], self.learnt[place], values[:, place], place) for place in self.order]
        return np.concatenate(parts, axis=1).astype(np.float32)

    def store(self, items: Items) -> Store:
        """The rows, in a balanced order where there are categories and `balanced` is set."""
        x = self.encode(items)
        return BalancedRows(x, self.widths) if self.balanced and self.widths else Store(x, None)

    def to_tensor(self, stored: Tensor) -> Tensor:
        discrete, modes = len(self.widths), self.modes_of_numbers
        starts = torch.tensor([0, *np.cumsum([*self.widths, *(1 + each for each in modes)])], dtype=torch.int64)
        x = torch.zeros(len(stored), int(starts[-1]))
        x.scatter_(1, stored[:, :discrete].long() + starts[:discrete], 1.0)
        if modes:
            scalars = starts[discrete:-1]
            x.scatter_(1, stored[:, discrete + 1 :: 2].long() + scalars + 1, 1.0)
            x[:, scalars] = stored[:, discrete::2]
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
        return values

    def as_written(self, x: Tensor) -> Tensor:
        """x after decode and encode: with the rounding and the bounds that samples get."""
        return self.to_tensor(torch.from_numpy(self.encoded(self.decode(x)))).to(x.device)

    def render(self, x: Tensor, columns: int | None = None) -> Image.Image:
        """The shares of every category and mode: grey those of the training rows, coloured those of x."""
        names = [self.learnt[place].name for place in self.order]
        counts = [np.array(self.codes[place].counts, float) for place in self.order]
        return shares_picture(x.detach().float().cpu().numpy(), self.blocks, names, counts)

    def write(self, samples: np.ndarray[Any, Any], out: Path) -> None:
        """Samples as a table under the columns of the data: .csv, .tsv, .csv.gz or .parquet. Raises UsageError."""
        write_rows(samples, self.columns, out)

    def frame(self, samples: np.ndarray[Any, Any]) -> Any:
        """Samples as a DataFrame with the columns and types of the data. Raises MissingExtra."""
        return frame_of(samples, self.columns)

    def messages(self, items: Items) -> Iterator[str]:
        """What the columns are taken for, and which are not learnt."""
        for kind in dict.fromkeys(column.type for column in self.columns):
            names = [column.name for column in self.columns if column.type == kind]
            yield f"{kind}: {shortened(names)}" + ("" if self.of(kind).is_learnt else f" ({self.of(kind).fate})")
        missing = [f"{column.name} ({column.missing:,})" for column in self.learnt if column.missing]
        if missing:
            yield f"missing values are a state of their own: {shortened(missing)}"
        size = sum(self.widths) + sum(1 + modes for modes in self.modes_of_numbers)
        yield f"{counted(len(self.learnt), 'column')} as {size:,} numbers for the networks"

    def of(self, kind: str) -> TableColumn:
        """The first column of a kind."""
        return next(column for column in self.columns if column.type == kind)


def plain_columns(names: tuple[str, ...], x: np.ndarray[Any, Any]) -> tuple[TableColumn, ...]:
    """Columns of plain numbers, for data that are no table of a person's own."""
    lows, highs = np.nanmin(x, axis=0).tolist(), np.nanmax(x, axis=0).tolist()
    return tuple(
        TableColumn(name, "number", "plain numbers", low=low, high=high, missing=int(np.isnan(column).sum()))
        for name, low, high, column in zip(names, lows, highs, x.T, strict=True)
    )
