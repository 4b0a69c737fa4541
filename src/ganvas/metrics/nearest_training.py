"""The nearest training sample of each sample, which all scores of memorisation are made of."""

from typing import NamedTuple

import torch
from jaxtyping import Float, Float64, Int64
from torch import Tensor

from ..base.errors import DataError
from .jackknife import require_features

ELEMENTS = 2**24  # of a table of distances that is held at a time: 64 MB
SURE = 4  # times the rounding error of a squared distance: smaller distances are computed again


class NearestTraining(NamedTuple):
    """The nearest training sample of each sample.

    Attributes:
        distance: to it, float64.
        train: its number.
    """

    distance: Float[Tensor, "n"]
    train: Int64[Tensor, "n"]


def require_two_samples(*sides: Tensor) -> None:
    """Refuses fewer than two samples of a kind. Raises DataError."""
    if any(len(side) < 2 for side in sides):
        counts = ", ".join(
            f"{len(side):,} {name}" for side, name in zip(sides, ("of train", "held out", "fakes"), strict=True)
        )
        raise DataError(
            f"too few samples to search for copies: {counts}", hint="Bring two of each at least, better thousands."
        )


def nearest_training(
    x: Float[Tensor, "m _"], *, train: Float[Tensor, "n d"], itself: Int64[Tensor, "m"] | None = None
) -> NearestTraining:
    """argmin_t |x - t|^2 over the training samples t.

    The search uses products in the features' dtype; the distance to the sample that was found is computed in float64 by
    subtraction, so a copy has distance exactly 0. Where rounding could hide a nearer sample, the search is repeated in
    float64.

    Args:
        x: features of samples.
        train: features of training samples.
        itself: where x are training samples: their numbers, which do not count as their own neighbours.

    Raises:
        DataError: different widths, or values that are not finite.
    """
    require_features(x, train)
    if not (torch.isfinite(x).all() and torch.isfinite(train).all()):
        raise DataError("features are not finite, so there are no distances", hint="Search the samples for NaN.")
    if x.dtype != train.dtype:
        x, train = x.double(), train.double()
    index = nearest_by_products(x, train, itself)
    distance = distances_to_numbered(x, train, index)
    middle = train.mean(0)
    rounding = (
        torch.finfo(x.dtype).eps
        * x.shape[1]
        * ((x - middle).norm(dim=1) + (train - middle).norm(dim=1).max()).double().square()
    )
    if x.dtype != torch.float64 and (doubtful := (distance > 0) & (distance.square() < SURE * rounding)).any():
        again = nearest_by_products(x[doubtful].double(), train.double(), None if itself is None else itself[doubtful])
        index[doubtful], distance[doubtful] = again, distances_to_numbered(x[doubtful], train, again)
    return NearestTraining(distance, index)


def nearest_by_products(
    x: Float[Tensor, "m d"], train: Float[Tensor, "n d"], itself: Int64[Tensor, "m"] | None
) -> Int64[Tensor, "m"]:
    """argmin_t |t|^2 - 2 x.t after subtracting the mean of train, in blocks."""
    middle = train.mean(0)
    centred = train - middle
    lengths = centred.square().sum(1)
    index = torch.empty(len(x), dtype=torch.int64)
    for rows in torch.arange(len(x)).split(max(1, ELEMENTS // len(train))):
        table = torch.addmm(lengths, x[rows] - middle, centred.T, alpha=-2)
        if itself is not None:
            table[torch.arange(len(rows)), itself[rows]] = torch.inf
        index[rows] = table.argmin(1)
    return index


def distances_to_numbered(
    x: Float[Tensor, "m d"], train: Float[Tensor, "n d"], index: Int64[Tensor, "m"]
) -> Float64[Tensor, "m"]:
    """The distance of each x to the training sample of the given number, in float64."""
    parts = zip(x.split(ELEMENTS // 64), index.split(ELEMENTS // 64), strict=True)
    return torch.cat([(part.double() - train[numbers].double()).norm(dim=1) for part, numbers in parts])
