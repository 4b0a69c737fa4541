"""Means and covariances that can be put together and taken apart again."""

from collections.abc import Sequence
from functools import reduce
from typing import NamedTuple

import torch
from jaxtyping import Float, Float64
from torch import Tensor


class Moments(NamedTuple):
    """Count, mean and scatter = sum of (x - mean)(x - mean)^T."""

    n: int
    mean: Float64[Tensor, "d"]
    scatter: Float64[Tensor, "d d"]

    @property
    def covariance(self) -> Tensor:
        """With ddof 1."""
        return self.scatter / (self.n - 1)


def moments(features: Float[Tensor, "n d"]) -> Moments:
    """Of a set of features, in float64: in float32 the Frechet distance is wrong in the third digit."""
    x = features.double()
    mean = x.mean(0)
    centred = x - mean
    return Moments(len(x), mean, centred.T @ centred)


def merge_moments(parts: Sequence[Moments]) -> Moments:
    """The moments of all parts together. Chan, Golub and LeVeque 1983, equation 2.1. https://doi.org/10.1080/00031305.1983.10483115"""
    return reduce(add_moments, parts)


def add_moments(whole: Moments, part: Moments) -> Moments:
    """Two parts together."""
    n = whole.n + part.n
    gap = part.mean - whole.mean
    return Moments(
        n,
        whole.mean + gap * (part.n / n),
        whole.scatter + part.scatter + torch.outer(gap, gap) * (whole.n * part.n / n),
    )


def subtract_moments(whole: Moments, part: Moments) -> Moments:
    """What is left when `part` is taken out: the same equation, solved for one side."""
    n = whole.n - part.n
    mean = (whole.n * whole.mean - part.n * part.mean) / n
    gap = part.mean - mean
    return Moments(n, mean, whole.scatter - part.scatter - torch.outer(gap, gap) * (n * part.n / whole.n))
