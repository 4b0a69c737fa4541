"""Training by sampling: rows of a table in an order in which rare categories come more often, each with a condition."""

from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..base.draws import uniform_rows
from .stream import GivenRows, Index, Store

CONDITION = "condition"  # of `Batch.given`: one-hot [B, categories of all columns]


class BalancedRows(Store):
    """Rows, each with a category as its condition. Xu et al. 2019, section 4.3. https://arxiv.org/abs/1907.00503

    A discrete column j is drawn uniformly, its category k with a probability in proportion to log(1 + count), and a row
    uniformly among those with k in column j. Item j N + i is row i of N with the condition of its column j; so the
    first N items are the rows in their own order.

    Args:
        x: float32 [N, S], as the domain stores it; its first columns are the discrete ones, as whole numbers.
        widths: of each discrete column, how many categories it has.
    """

    def __init__(self, x: np.ndarray[Any, Any], widths: tuple[int, ...]) -> None:
        super().__init__(x, None)
        self.widths = widths
        self.offsets = torch.tensor([0, *np.cumsum(widths)[:-1]])
        self.given = {CONDITION: GivenRows(Conditions(self))}

    def rows(self, index: Tensor) -> Tensor:
        return super().rows(index % len(self))

    def order(self, *, seed: int, name: str) -> "BalancedOrder":  # type: ignore[override]  # an order all the same
        return BalancedOrder(self, seed=seed, name=name)

    @cached_property
    def codes(self) -> Index:
        """int64 [N, J]: the category of every row in each discrete column."""
        return self.x[:, : len(self.widths)].numpy().astype(np.int64)


def rows_of_table(x: np.ndarray[Any, Any], widths: tuple[int, ...]) -> Store:
    """A store of rows as `BalancedRows` takes them; in a plain order where no discrete column is named."""
    return BalancedRows(x, widths) if widths else Store(x, None)


class Conditions:
    """The conditions of items, one-hot, made on demand."""

    def __init__(self, store: BalancedRows) -> None:
        self.store = store

    def __getitem__(self, index: Tensor) -> Tensor:
        n, widths = len(self.store), self.store.widths
        column, row = index // n, index % n
        category = self.store.x[row, column].long() + self.store.offsets[column]
        return torch.zeros(len(index), sum(widths)).scatter_(1, category[:, None], 1.0)


class BalancedOrder:
    """The item at each position: a pure function of (seed, position)."""

    def __init__(self, store: BalancedRows, *, seed: int, name: str) -> None:
        self.key, self.n, self.columns = (seed, "balanced order", name), len(store), len(store.widths)
        each = [np.bincount(store.codes[:, j], minlength=width) for j, width in enumerate(store.widths)]
        self.counts = np.concatenate(each)
        shares = [np.log1p(count) / np.log1p(count).sum() for count in each]
        self.ends = np.concatenate([j + np.cumsum(share) for j, share in enumerate(shares)])
        self.sorted = np.concatenate([np.argsort(store.codes[:, j], kind="stable") for j in range(self.columns)])
        self.starts = np.concatenate([j * self.n + np.cumsum(count) - count for j, count in enumerate(each)])

    def at(self, position: int, count: int) -> tuple[Index, Index]:
        """Items of `count` places from `position` on, and the numbers of passes."""
        u = uniform_rows(self.key, range(position, position + count), 3)
        column = (u[:, 0] * self.columns).astype(np.int64)
        bound = np.nextafter(column + 1.0, 0)  # below the next column's
        place = np.searchsorted(self.ends, np.minimum(column + u[:, 1], bound), side="right")
        place = np.minimum(place, len(self.ends) - 1)
        place = self.nonempty(place)
        row = self.sorted[self.starts[place] + (u[:, 2] * self.counts[place]).astype(np.int64)]
        return column * self.n + row, np.arange(position, position + count) // self.n

    def nonempty(self, place: Index) -> Index:
        """Categories with rows: rounding may have led to an empty one at the end of a column."""
        empty = self.counts[place] == 0
        while empty.any():
            place = np.where(empty, place - 1, place)
            empty = self.counts[place] == 0
        return place
