"""How well maps of anomalies cover the regions that a person has marked."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int64
from torch import Tensor

from ..base.errors import DataError

MOST_FALSE = 0.3  # share of normal pixels, up to which the curve is integrated
LEVELS = 60  # thresholds


class RegionOverlap(NamedTuple):
    """Coverage of marked regions.

    Attributes:
        value: from 0 to 1.
        regions: that were marked.
        chance: the value of a map that says nothing, MOST_FALSE / 2.
    """

    value: float
    regions: int
    chance: float = MOST_FALSE / 2


def region_overlap(maps: Float[Tensor, "n h w"], masks: Bool[Tensor, "n h w"]) -> RegionOverlap:
    """1 / f int_0^f PRO(t(u)) du, f = 0.3: PRO is the mean over regions of their share with a map above t, and t(u)
    the threshold that a share u of the normal pixels exceeds. Bergmann et al. 2020, section 4.2.
    https://arxiv.org/abs/1911.02357

    A region is a set of marked pixels that touch at a side or a corner; a small one counts as much as a large one.

    Args:
        maps: high where a sample is abnormal.
        masks: the truth, True in regions.

    Raises:
        DataError: nothing is marked, or everything is.
    """
    normal = maps[~masks]
    if not masks.any() or not len(normal):
        raise DataError("the masks must have marked pixels and others", hint="Mark what is abnormal in white.")
    rates = torch.linspace(0, MOST_FALSE, LEVELS + 1)
    order = normal.sort(descending=True).values
    places = (rates * len(order)).long().clamp(max=len(order) - 1)
    labels, count = regions(masks)
    sizes = torch.bincount(labels[masks], minlength=count).double()
    inside, owner = maps[masks], labels[masks]
    shares = torch.stack(
        [
            (torch.bincount(owner[inside > order[place]], minlength=count).double() / sizes).mean()
            for place in places.tolist()
        ]
    )
    return RegionOverlap(float(torch.trapezoid(shares, rates.double()) / MOST_FALSE), count)


def regions(masks: Bool[Tensor, "n h w"]) -> tuple[Int64[Tensor, "n h w"], int]:
    """The number of the region of each marked pixel, counted from 0 over all pictures, and how many there are.

    Each pixel begins with a number of its own, and takes the largest one among its eight neighbours until nothing
    changes. Pixels that are not marked have -1.
    """
    numbers = torch.arange(1, masks.numel() + 1, dtype=torch.float64).view(masks.shape) * masks
    while True:
        spread = F.max_pool2d(numbers[:, None], 3, stride=1, padding=1)[:, 0] * masks
        if torch.equal(spread, numbers):
            break
        numbers = spread
    found, places = numbers[masks].unique(return_inverse=True)
    labels = torch.full(masks.shape, -1, dtype=torch.int64)
    labels[masks] = places
    return labels, len(found)
