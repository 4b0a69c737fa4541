"""Rows of numbers whose columns are different quantities: float [N, F]; each column is standardised separately."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from ..base.errors import DataError
from ..base.types import Spec
from ..base.wording import counted, shortened
from ..data.source import Items
from .points import scatter

TAIL = 0.001  # of the values, on each side; the rest is the range that sets the bounds
HEAVY = 10.0  # standard deviations from the mean to the farthest value, beyond which a column has heavy tails
DECIMALS = 6  # with more, a column is not rounded
Numbers = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Columns:
    """x = (clip(v, low, high) - mean) / scale, each of them one number a column, fitted on the training split.

    low and high are the column's least and largest value, but no farther than R beyond its 0.1 % and 99.9 % quantiles,
    R the distance of these two; mean and standard deviation (scale) are those of the clipped values. A column of one
    value has scale 0: it is not part of x [V], V the columns that vary. Samples are brought into [low, high] and
    rounded to as many decimals as the column has.

    Attributes:
        names: of the columns; empty texts where they have none.
        mean, scale, low, high: one number a column, in its own unit.
        decimals: of each column, at most 6; -1 where a value has more.
    """

    sheet: ClassVar[int] = 2500
    names: tuple[str, ...] = ()
    mean: tuple[float, ...] = ()
    scale: tuple[float, ...] = ()
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    decimals: tuple[int, ...] = ()

    def fit(self, items: Items) -> "Columns":
        if items.x.ndim != 2 or not np.issubdtype(items.x.dtype, np.floating):
            raise DataError(f"columns are floats [N, F]; these data are {items.x.dtype} {list(items.x.shape)}")
        names = items.columns or ("",) * items.x.shape[1]
        if self.mean:  # fitted already, and stored with the run
            if self.names != names:
                known, found = (shortened([name or "no name" for name in each]) for each in (self.names, names))
                raise DataError(f"the recipe knows the columns {known}; the data have {found}")
            return self
        x = items.x.astype(np.float64)
        low, high = bounds(x)
        clipped = x.clip(low, high)
        mean, scale = clipped.mean(axis=0), clipped.std(axis=0)
        constant = low == high
        fitted = {
            "mean": np.where(constant, low, mean),
            "scale": np.where(constant, 0.0, scale),
            "low": low,
            "high": high,
        }
        numbers = {name: tuple(map(float, values)) for name, values in fitted.items()}
        return replace(self, names=names, decimals=tuple(map(decimals, x.T)), **numbers)

    def spec(self, items: Items) -> Spec:
        if not self.varying.any():
            raise DataError(
                "every column has one value only: there is nothing to learn", hint="Bring a column that varies."
            )
        return Spec(domain="points", shape=(int(self.varying.sum()),), bounded=False, classes=items.classes)

    @property
    def varying(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """[F]: whether a column has more than one value."""
        return np.array(self.scale) > 0

    @property
    def labels(self) -> tuple[str, ...]:
        """The columns that vary, as messages name them: by name, or by number from 1."""
        return tuple(name or f"column {place + 1}" for place, name in enumerate(self.names) if self.scale[place] > 0)

    @property
    def farthest(self) -> tuple[float, ...]:
        """Of each column, the distance of its farthest value from the mean, in standard deviations; 0 for one value."""
        numbers = zip(self.mean, self.scale, self.low, self.high, strict=True)
        return tuple(max(high - mean, mean - low) / scale if scale else 0.0 for mean, scale, low, high in numbers)

    @property
    def heavy(self) -> bool:
        """Whether a column has heavy tails."""
        return max(self.farthest, default=0.0) > HEAVY

    def encode(self, items: Items) -> np.ndarray[Any, Any]:
        return self.standardised(items.x)

    def standardised(self, values: Numbers) -> np.ndarray[Any, Any]:
        """[N, F] in the columns' units to float32 [N, V] as networks receive them."""
        v = self.varying
        low, high, mean, scale = (np.array(each)[v] for each in (self.low, self.high, self.mean, self.scale))
        x: np.ndarray[Any, Any] = ((values[:, v].astype(np.float64).clip(low, high) - mean) / scale).astype(np.float32)
        return x

    def to_tensor(self, stored: Tensor) -> Tensor:
        return stored

    def decode(self, x: Tensor) -> np.ndarray[Any, Any]:
        values = np.zeros((len(x), len(self.mean)))
        values[:, self.varying] = x.detach().double().cpu().numpy()
        values = (values * np.array(self.scale) + np.array(self.mean)).clip(self.low, self.high)
        for place, digits in enumerate(self.decimals):
            if digits >= 0 and self.scale[place] > 0:
                values[:, place] = values[:, place].round(digits)
        return values

    def decode_tensor(self, x: Tensor) -> Tensor:
        """`decode` as a tensor, float64 [N, F]."""
        mean, scale, low, high = (
            torch.tensor(each, dtype=torch.float64) for each in (self.mean, self.scale, self.low, self.high)
        )
        place = torch.from_numpy(self.varying.cumsum() - 1).clamp(min=0)  # columns with one value have scale 0
        values = torch.minimum(torch.maximum(x.double()[:, place] * scale + mean, low), high)
        steps = torch.tensor([10.0**digits if digits >= 0 else 0.0 for digits in self.decimals], dtype=torch.float64)
        rounds = (steps > 0) & (scale > 0)
        return torch.where(rounds, (values * steps).round() / torch.where(rounds, steps, 1.0), values)

    def as_written(self, x: Tensor) -> Tensor:
        """x [N, V] after decode and encode: with the bounds and the rounding that samples get."""
        return torch.from_numpy(self.standardised(self.decode(x))).to(x.device)

    def render(self, x: Tensor, columns: int | None = None) -> Image.Image:
        """A scatter plot of the first two columns that vary, density as darkness."""
        return scatter(x)

    def messages(self, items: Items) -> Iterator[str]:
        """Messages about constant columns, whole numbers, clipped values, heavy tails, and how they are treated."""
        labels = [name or f"column {place + 1}" for place, name in enumerate(self.names)]
        places = range(len(labels))
        if constant := [labels[place] for place in places if self.scale[place] == 0]:
            yield f"one value only, which samples keep exactly: {shortened(constant)}"
        if whole := [labels[place] for place in places if self.decimals[place] == 0 and self.scale[place] > 0]:
            yield f"whole numbers, to which samples are rounded: {shortened(whole)}"
        outside = ((items.x < np.array(self.low)) | (items.x > np.array(self.high))).sum(axis=0)
        if clipped := [f"{labels[place]} ({outside[place]:,})" for place in places if outside[place]]:
            count = counted(int(outside.sum()), "training value is", "training values are")
            yield f"{count} far outside the rest and moved to the nearest bound: {shortened(clipped)}"
        if heavy := [f"{labels[place]} ({far:.0f})" for place, far in enumerate(self.farthest) if far > HEAVY]:
            what = "standard deviations from the mean to the farthest value"
            yield f"heavy tails, whose rare values are hard to learn ({what}): {shortened(heavy)}"


def bounds(x: Numbers) -> tuple[Numbers, Numbers]:
    """low and high of each column of x [N, F]: the extremes, or R beyond the quantiles where that is nearer.

    A column whose quantiles are one value keeps its extremes. The quantiles are values of the column, and never its
    least and largest where there are three or more, so that one wrong value does not set the bounds.
    """
    order = np.sort(x, axis=0)
    within = min(max(1, int(TAIL * (len(x) - 1))), (len(x) - 1) // 2)
    first, last = order[within], order[-1 - within]
    spread = last - first
    low, high = np.maximum(order[0], first - spread), np.minimum(order[-1], last + spread)
    return np.where(spread > 0, low, order[0]), np.where(spread > 0, high, order[-1])


def decimals(column: Numbers) -> int:
    """To how many decimals, at most DECIMALS, rounding changes no value; -1 if there is no such number."""
    return next((digits for digits in range(DECIMALS + 1) if np.array_equal(column.round(digits), column)), -1)
