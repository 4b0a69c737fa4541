"""Scores of tables: each column by itself, and all columns together."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar

import torch
from annotated_types import Ge
from jaxtyping import Float, Float64
from torch import Tensor

from ..base.types import Batch, Spec
from .contract import Result, require
from .jackknife import BLOCKS, jackknife_variance, require_samples
from .prdc import prdc_with_errors
from .sliced import sliced_distance

DIRECTIONS = {"directions": 500, "seed": 0}
NEIGHBOURS = 5
COMPARED = 2_000  # samples of each side for the scores of neighbours, whose cost is quadratic
SHARES = ("precision", "recall", "coverage")


@dataclass(frozen=True)
class ColumnScores:
    """Scores of tables: of each column by itself, and of all together, after standardising by the reals.

    All columns: columns_sliced, the sliced Wasserstein distance (metrics/sliced.py; the primary score), and
    columns_precision, columns_recall and columns_coverage of the first 2,000 samples of each side (metrics/prdc.py).

    Each column c:

    - wasserstein[c] = integral |F(v) - G(v)| dv, F and G the distribution functions of reals and fakes, in standard
      deviations of the reals. Ramdas et al. 2017, section 2.3. https://arxiv.org/abs/1509.02237
    - ks[c] = max_v |F(v) - G(v)|, from 0 to 1. Kolmogorov 1933; Smirnov 1939.
      https://en.wikipedia.org/wiki/Kolmogorov-Smirnov_test
    - mean[c] = (mean of fakes - mean of reals) / standard deviation of reals; 0 is best.
    - sd[c] = standard deviation of fakes / that of reals; 1 is best.

    Args:
        n: samples of each side, at least 50.
        names: of the columns that vary, in their order; numbers from 1 where empty.

    Raises:
        UsageError: by `check_spec`, for data other than points, or another number of names than of columns.
        DataError: by `measure`, for samples that are not finite.
    """

    n: Annotated[int, Ge(50)] = 5_000
    names: tuple[str, ...] = ()
    in_every_evaluation: ClassVar[bool] = False

    def check_spec(self, spec: Spec, output_kind: str) -> None:
        require(
            output_kind == "samples" and spec.domain == "points" and len(spec.shape) == 1,
            self,
            "a game that makes points",
        )
        needs = f"as many names as there are columns that vary, {spec.shape[0]} and not {len(self.names)}"
        require(len(self.names) in (0, spec.shape[0]), self, needs)

    def measure(self, *, real: Batch, fake: Batch) -> tuple[Result, ...]:
        """Results with their standard errors, where there are formulas for them. Raises DataError for samples that are
        not finite.
        """
        require_samples(real.x, fake.x)
        x, y = standardised(real.x, fake.x)
        names = self.names or tuple(str(place + 1) for place in range(x.shape[1]))
        columns = [
            result for place, name in enumerate(names) for result in column_scores(name, x[:, place], y[:, place])
        ]
        return (*joint_scores(x, y), *columns)


def standardised(
    real: Float[Tensor, "n f"], fake: Float[Tensor, "m f"]
) -> tuple[Float64[Tensor, "n f"], Float64[Tensor, "m f"]]:
    """Both sides with the reals' mean subtracted, divided by the reals' standard deviation; by 1 for a column of equal
    reals.
    """
    x, y = real.double(), fake.double()
    mean, scale = x.mean(0), x.std(0)
    scale = torch.where(scale > 0, scale, 1.0)
    return (x - mean) / scale, (y - mean) / scale


def joint_scores(x: Float64[Tensor, "n f"], y: Float64[Tensor, "m f"]) -> Iterator[Result]:
    """Scores of all columns together, of standardised reals x and fakes y."""
    sliced = sliced_distance(real=x, fake=y, **DIRECTIONS)
    protocol = {"space": "columns standardised by the reals"}
    yield Result(
        "columns_sliced",
        sliced.value,
        len(y),
        sliced.error,
        True,
        {**protocol, **{f"sliced_{key}": value for key, value in DIRECTIONS.items()}},
    )
    near, errors = prdc_with_errors(real=x[:COMPARED], fake=y[:COMPARED], k=NEIGHBOURS)
    for name in SHARES:
        error = None if errors is None else float(getattr(errors, name))
        yield Result(
            f"columns_{name}", getattr(near, name), min(COMPARED, len(y)), error, False, {**protocol, "k": NEIGHBOURS}
        )


def column_scores(name: str, x: Float64[Tensor, "n"], y: Float64[Tensor, "m"]) -> Iterator[Result]:
    """Scores of one column, of standardised reals x and fakes y."""
    n, protocol = len(y), {"space": "column standardised by the reals"}
    real, fake = (side[torch.argsort(side)] for side in (x, y))
    places = [torch.arange(len(side)) % BLOCKS for side in (x, y)]
    left_out = torch.tensor(
        [
            wasserstein(x[places[0] != block].sort().values, y[places[1] != block].sort().values)
            for block in range(BLOCKS)
        ]
    )
    yield Result(
        f"wasserstein[{name}]",
        wasserstein(real, fake),
        n,
        jackknife_variance(left_out) ** 0.5,
        True,
        {**protocol, "error": "jackknife over 20 blocks"},
    )
    yield Result(f"ks[{name}]", kolmogorov_smirnov(real, fake), n, None, True, protocol)
    error = float(x.var() / len(x) + y.var() / n) ** 0.5
    yield Result(f"mean[{name}]", float(y.mean() - x.mean()), n, error, None, protocol)
    ratio = float(y.std() / x.std()) if x.std() > 0 else float(y.std())
    yield Result(
        f"sd[{name}]",
        ratio,
        n,
        ratio / 2 * (relative_variance_of_variance(x) + relative_variance_of_variance(y)) ** 0.5,
        None,
        protocol,
    )


def relative_variance_of_variance(x: Float64[Tensor, "n"]) -> float:
    """Var(s^2) / s^4 = (m4 / s^4 - 1) / n of a sample's variance s^2, to first order; 0 for equal values."""
    centred = x - x.mean()
    variance = float(centred.square().mean())
    return max(0.0, float(centred.pow(4).mean()) / variance**2 - 1) / len(x) if variance > 0 else 0.0


def distribution_functions(x: Float64[Tensor, "n"], y: Float64[Tensor, "m"]) -> tuple[Tensor, Tensor, Tensor]:
    """All values of two sorted samples in ascending order [n + m], and the share of x and of y at or below each."""
    values = torch.cat([x, y]).sort().values
    F, G = (torch.searchsorted(side, values, right=True).double() / len(side) for side in (x, y))
    return values, F, G


def wasserstein(x: Float64[Tensor, "n"], y: Float64[Tensor, "m"]) -> float:
    """integral |F(v) - G(v)| dv, the Wasserstein-1 distance of two sorted samples. Ramdas et al. 2017.
    https://arxiv.org/abs/1509.02237
    """
    values, F, G = distribution_functions(x, y)
    return float(((F - G).abs()[:-1] * values.diff()).sum())


def kolmogorov_smirnov(x: Float64[Tensor, "n"], y: Float64[Tensor, "m"]) -> float:
    """max_v |F(v) - G(v)| of two sorted samples, from 0 to 1."""
    _, F, G = distribution_functions(x, y)
    return float((F - G).abs().max())
