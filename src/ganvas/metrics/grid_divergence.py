"""The Jensen-Shannon divergence of two sets of points, counted on a grid."""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from ..base.errors import DataError


class GridDivergence(NamedTuple):
    """A divergence and what it would be for equal distributions.

    Args:
        value: in nats, from 0 to log 2.
        expected: of two samples of these sizes from the same distribution, about.
    """

    value: float
    expected: float


def grid_divergence(
    *, real: Float[Tensor, "n 2"], fake: Float[Tensor, "m 2"], low: float, high: float, cells: int = 20
) -> GridDivergence:
    """JS(p, q) = KL(p, (p + q)/2)/2 + KL(q, (p + q)/2)/2 of the shares of points in each cell, in nats.

    Lin 1991, equation 4.1. https://doi.org/10.1109/18.61115
    The grid has cells x cells squares between low and high, and one more cell for all points outside. Shares of n and m
    points of one distribution differ: for K cells with points the divergence is about (K - 1) (1/n + 1/m) / 8.

    Args:
        real, fake: points in the plane.
        low, high: of both axes.
        cells: of each axis.

    Returns:
        The divergence, and its size for equal distributions.

    Raises:
        DataError: a side has no points.
    """
    if not len(real) or not len(fake):
        raise DataError("the divergence on a grid needs points on both sides")
    p, q = (shares(each, low, high, cells) for each in (real, fake))
    middle = (p + q) / 2
    divergence = sum(float((each * (each / middle).log()).nan_to_num(nan=0.0).sum()) for each in (p, q)) / 2
    filled = int((middle > 0).sum())
    return GridDivergence(max(0.0, divergence), (filled - 1) * (1 / len(real) + 1 / len(fake)) / 8)


def shares(x: Float[Tensor, "n 2"], low: float, high: float, cells: int) -> Float[Tensor, "k"]:
    """The share of points in each cell; the last one is for points outside, and for those that are not finite."""
    place = ((x.double() - low) / (high - low) * cells).floor()
    inside = ((place >= 0) & (place < cells)).all(1)
    number = torch.where(inside, place[:, 0] * cells + place[:, 1], torch.tensor(float(cells * cells))).long()
    return torch.bincount(number, minlength=cells * cells + 1).double() / len(x)
