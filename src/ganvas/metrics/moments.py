"""Means and covariances of sets, which can be added and subtracted."""

from collections.abc import Sequence
from functools import reduce
from typing import NamedTuple

import torch
from jaxtyping import Float, Float64
from torch import Tensor


class Moments(NamedTuple):
    """Moments of n samples.

    Attributes:
        n: samples.
        mean: [d].
        scatter: [d, d], sum of (x - mean)(x - mean)^T.
    """

    n: int
    mean: Float64[Tensor, "d"]
    scatter: Float64[Tensor, "d d"]

    @property
    def covariance(self) -> Tensor:
        """scatter / (n - 1)."""
        return self.scatter / (self.n - 1)


def moments(features: Float[Tensor, "n d"]) -> Moments:
    """The moments of features, in float64; in float32 the Frechet distance would be wrong in the third digit."""
    x = features.double()
    mean = x.mean(0)
    centred = x - mean
    return Moments(len(x), mean, centred.T @ centred)


def merge_moments(parts: Sequence[Moments]) -> Moments:
    """The moments of all parts together. Chan, Golub and LeVeque 1983, equation 2.1.
    https://doi.org/10.1080/00031305.1983.10483115
    """
    return reduce(add_moments, parts)


def add_moments(whole: Moments, part: Moments) -> Moments:
    """The moments of two disjoint sets together."""
    n = whole.n + part.n
    gap = part.mean - whole.mean
    return Moments(
        n,
        whole.mean + gap * (part.n / n),
        whole.scatter + part.scatter + torch.outer(gap, gap) * (whole.n * part.n / n),
    )


def subtract_moments(whole: Moments, part: Moments) -> Moments:
    """The moments of the samples of `whole` that are not in `part`: the equation of `merge_moments`, solved for one
    side.
    """
    n = whole.n - part.n
    mean = (whole.n * whole.mean - part.n * part.mean) / n
    gap = part.mean - mean
    return Moments(n, mean, whole.scatter - part.scatter - torch.outer(gap, gap) * (n * part.n / whole.n))
