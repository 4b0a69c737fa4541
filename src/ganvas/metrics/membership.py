"""Whether D gives away what it was trained on: its scores of training samples against those of samples kept from it."""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from ..base.errors import DataError

Z95 = 1.959964  # of the normal distribution, both sides


class Auc(NamedTuple):
    """P(x > y) + P(x = y) / 2, its standard error, and a 95 % interval within [0, 1]."""

    value: float
    error: float
    low: float
    high: float


class Gap(NamedTuple):
    """A number and its standard error."""

    value: float
    error: float


def auc_interval(*, member: Float[Tensor, "n"], nonmember: Float[Tensor, "m"]) -> Auc:
    """theta = 1/(n m) sum_ij [x_i > y_j] + [x_i = y_j] / 2. Mann and Whitney 1947; variance: DeLong et al. 1988, equations 3-5. https://doi.org/10.2307/2531595

    0.5 where members cannot be told from others; 1 where every member scores higher. At least two scores a side, all finite. The interval is
    Wilson's for a share of theta among as many independent trials as would have DeLong's variance, which stays honest near 0 and 1;
    where the sides do not overlap at all, as many as the smaller side has. Raises DataError.
    """
    above, below = placements(member, nonmember)
    value = float(above.mean())
    variance = float(above.var() / len(above) + below.var() / len(below))
    trials = value * (1 - value) / variance if variance > 0 else float(min(len(above), len(below)))
    middle = (value + Z95**2 / (2 * trials)) / (1 + Z95**2 / trials)
    reach = Z95 / (1 + Z95**2 / trials) * (value * (1 - value) / trials + Z95**2 / (4 * trials**2)) ** 0.5
    return Auc(value, variance**0.5, max(0.0, middle - reach), min(1.0, middle + reach))


def placements(x: Float[Tensor, "n"], y: Float[Tensor, "m"]) -> tuple[Float[Tensor, "n"], Float[Tensor, "m"]]:
    """For each x the share of y below it, for each y the share of x above it, ties counted by half. float64. Raises DataError."""
    x, y = require_finite_scores(x, "members"), require_finite_scores(y, "others")
    (ordered_x, _), (ordered_y, _) = x.sort(), y.sort()
    below, above = (
        (torch.searchsorted(ordered, side) + torch.searchsorted(ordered, side, right=True)).double()
        / (2 * len(ordered))
        for ordered, side in ((ordered_y, x), (ordered_x, y))
    )
    return below, 1 - above


def score_gap(*, train: Float[Tensor, "n"], held: Float[Tensor, "m"], fake: Float[Tensor, "k"]) -> Gap:
    """r_v = (E D(train) - E D(held)) / (E D(train) - E D(fake)). Karras et al. 2020, equation 1. https://arxiv.org/abs/2006.06676

    0: D treats held-out samples as training samples; 1: as fakes, and so knows its training samples by heart. Standard error by the delta method
    over three independent samples. At least two scores a side, all finite. Raises DataError, also where D's means of training samples and
    fakes are equal, as the ratio says nothing then.
    """
    sides = [
        require_finite_scores(side, name)
        for side, name in ((train, "training samples"), (held, "held-out samples"), (fake, "fakes"))
    ]
    of_train, of_held, of_fake = (float(side.mean()) for side in sides)
    spread = of_train - of_fake
    if spread == 0:
        raise DataError(
            "D scores training samples and fakes alike, so its gap to held-out samples cannot be put in proportion",
            hint="Train D longer.",
        )
    value = (of_train - of_held) / spread
    slopes = ((1 - value) / spread, -1 / spread, value / spread)
    return Gap(
        value, sum(slope**2 * float(side.var()) / len(side) for slope, side in zip(slopes, sides, strict=True)) ** 0.5
    )


def require_finite_scores(scores: Float[Tensor, "n"], name: str) -> Float[Tensor, "n"]:
    """The scores in float64. Raises DataError where there are fewer than two, or one is no number."""
    if len(scores) < 2:
        raise DataError(f"{len(scores)} scores of {name} are too few", hint="Bring two at least, better thousands.")
    if not torch.isfinite(scores).all():
        raise DataError(f"scores of {name} are not finite")
    return scores.double()
