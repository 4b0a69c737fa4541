"""Average precision of scores that should be high for the rare class."""

import math
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from .membership import Z95, require_finite_scores


class AveragePrecision(NamedTuple):
    """The area under the curve of precision against recall.

    Attributes:
        value: from 0 to 1; `chance` for scores that say nothing.
        low: lower end of the 95 % interval.
        high: upper end.
        chance: the share of positives.
    """

    value: float
    low: float
    high: float
    chance: float


def average_precision(*, positive: Float[Tensor, "n"], negative: Float[Tensor, "m"]) -> AveragePrecision:
    """sum_k (R_k - R_(k-1)) P_k over the thresholds k, from high to low; equal scores are one threshold.

    The interval is that of Boyd, Eng and Page 2013, section 3.1: logit(a) -+ 1.96 / sqrt(n a (1 - a)), n positives.
    https://doi.org/10.1007/978-3-642-40994-3_29

    Args:
        positive: scores of the samples that should be found.
        negative: scores of the others.

    Returns:
        The area; its interval is [value, value] where it is 0 or 1.

    Raises:
        DataError: fewer than two scores on a side, or scores that are not finite.

    Example:
        >>> import torch
        >>> from ganvas.metrics.precision_recall_curve import average_precision
        >>> round(average_precision(positive=torch.tensor([3.0, 1.0]), negative=torch.tensor([2.0, 0.0])).value, 3)
        0.833
    """
    positive = require_finite_scores(positive, "positives")
    negative = require_finite_scores(negative, "negatives")
    thresholds, hits = positive.unique(return_counts=True)
    found = hits.flip(0).cumsum(0).double()
    false = above(negative, thresholds.flip(0))
    value = float((hits.flip(0) * found / (found + false)).sum() / len(positive))
    chance = len(positive) / (len(positive) + len(negative))
    if not 0 < value < 1:
        return AveragePrecision(value, value, value, chance)
    middle, reach = math.log(value / (1 - value)), Z95 / math.sqrt(len(positive) * value * (1 - value))
    low, high = (1 / (1 + math.exp(-(middle + sign * reach))) for sign in (-1, 1))
    return AveragePrecision(value, low, high, chance)


def above(values: Tensor, thresholds: Tensor) -> Tensor:
    """How many of the values are at or above each threshold, float64."""
    return (len(values) - torch.searchsorted(values.sort().values, thresholds)).double()
