"""Values with standard errors, and the jackknife that computes most of the errors."""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from ..base.errors import DataError

BLOCKS = 20  # sample number i belongs to block i % BLOCKS
FEWEST = 3  # samples a side: with one left out, a variance is still defined


class Estimate(NamedTuple):
    """A value and its standard error over fresh draws of as many samples."""

    value: float
    error: float


def jackknife_variance(left_out: Float[Tensor, "b"]) -> float:
    """(B - 1)/B sum_b (v_b - mean)^2, v_b the value without block b. Tukey 1958; Efron and Stein 1981.
    https://doi.org/10.1214/aos/1176345462

    On average never too small, as the second paper proves. A bootstrap duplicates samples, which biases statistics of
    neighbours and of covariances.

    Args:
        left_out: the value without each block.
    """
    b = len(left_out)
    return float((left_out - left_out.mean()).square().sum() * (b - 1) / b)


def require_features(*sides: object) -> None:
    """Refuses what is not tensors [n, d] of one d. Raises DataError."""
    widths = []
    for x in sides:
        if not isinstance(x, Tensor) or x.ndim != 2:
            given = f"{type(x).__name__} {list(getattr(x, 'shape', ()))}"
            raise DataError(
                f"features are torch tensors [n, d], and here is {given}",
                hint="torch.from_numpy(x) makes one of an array of NumPy's.",
            )
        widths.append(x.shape[1])
    if len(set(widths)) > 1:
        raise DataError(
            f"samples of {widths[0]} features cannot be compared with samples of {widths[1]}",
            hint="Extract both with one network.",
        )


def require_samples(*sides: Float[Tensor, "_ _"]) -> None:
    """Refuses fewer than three samples a side, different widths, and values that are not finite. Raises DataError."""
    require_features(*sides)
    for x in sides:
        require_count(len(x))
        require_finite(x, torch.arange(len(x)))


def require_count(n: int, fewest: int = FEWEST) -> None:
    """Refuses fewer than `fewest` samples. Raises DataError."""
    if n < fewest:
        raise DataError(
            f"at least {fewest} samples are needed on each side, here {'is' if n == 1 else 'are'} {n}",
            hint="Give more samples.",
        )


def require_finite(values: Float[Tensor, "n d"], numbers: Int64[Tensor, "n"]) -> None:
    """Refuses values that are not finite; the message has the number of the first such sample. Raises DataError."""
    finite = values.isfinite().all(1)
    if not finite.all():
        which = int(numbers[int(finite.int().argmin())])
        raise DataError(
            f"the features of sample {which} are not finite numbers",
            hint="Check that sample, or the network that made its features.",
        )
