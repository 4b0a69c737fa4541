"""Whether the discriminator's scores reveal which samples it was trained on."""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from ..base.errors import DataError
from .jackknife import Estimate

Z95 = 1.959964  # of the normal distribution, both sides


class Auc(NamedTuple):
    """P(x > y) + P(x = y) / 2.

    Attributes:
        value: from 0 to 1.
        error: its standard error.
        low: lower end of the 95 % interval, at least 0.
        high: upper end, at most 1.
    """

    value: float
    error: float
    low: float
    high: float


def auc_interval(*, member: Float[Tensor, "n"], nonmember: Float[Tensor, "m"]) -> Auc:
    """theta = 1/(n m) sum_ij ([x_i > y_j] + [x_i = y_j] / 2). Mann and Whitney 1947; variance: DeLong et al. 1988,
    equations 3-5.

    https://doi.org/10.2307/2531595. The interval is Wilson's for a share of theta among as many independent trials as
    would have DeLong's variance, so it is valid near 0 and 1 too; where the two sides do not overlap, among as many as
    the smaller side has.

    Args:
        member: D's scores of training samples.
        nonmember: D's scores of held-out samples.

    Returns:
        0.5 where the two cannot be distinguished, 1 where every member scores higher.

    Raises:
        DataError: fewer than two scores on a side, or scores that are not finite.

    Example:
        >>> import torch
        >>> from ganvas.metrics.membership import auc_interval
        >>> auc_interval(member=torch.tensor([1.0, 2.0]), nonmember=torch.tensor([0.0, 1.0])).value
        0.875
    """
    above, below = placements(member, nonmember)
    value = float(above.mean())
    variance = float(above.var() / len(above) + below.var() / len(below))
    trials = value * (1 - value) / variance if variance > 0 else float(min(len(above), len(below)))
    middle = (value + Z95**2 / (2 * trials)) / (1 + Z95**2 / trials)
    reach = Z95 / (1 + Z95**2 / trials) * (value * (1 - value) / trials + Z95**2 / (4 * trials**2)) ** 0.5
    return Auc(value, variance**0.5, max(0.0, middle - reach), min(1.0, middle + reach))


def placements(x: Float[Tensor, "n"], y: Float[Tensor, "m"]) -> tuple[Float[Tensor, "n"], Float[Tensor, "m"]]:
    """For each x the share of y below it, for each y the share of x above it, in float64; ties count by half. Raises
    DataError.
    """
    x, y = require_finite_scores(x, "members"), require_finite_scores(y, "others")
    (ordered_x, _), (ordered_y, _) = x.sort(), y.sort()
    below, above = (
        (torch.searchsorted(ordered, side) + torch.searchsorted(ordered, side, right=True)).double()
        / (2 * len(ordered))
        for ordered, side in ((ordered_y, x), (ordered_x, y))
    )
    return below, 1 - above


def score_gap(*, train: Float[Tensor, "n"], held: Float[Tensor, "m"], fake: Float[Tensor, "k"]) -> Estimate:
    """r_v = (E D(train) - E D(held)) / (E D(train) - E D(fake)). Karras et al. 2020, equation 1.
    https://arxiv.org/abs/2006.06676

    Args:
        train: D's scores of training samples.
        held: D's scores of held-out samples.
        fake: D's scores of fakes.

    Returns:
        0 where D treats held-out samples as training samples, 1 where it treats them as fakes: it has memorised its
        training data. The standard error is the delta method's, for three independent samples.

    Raises:
        DataError: fewer than two scores of a kind, scores that are not finite, or the same mean for training samples
            and fakes.
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
    return Estimate(
        value, sum(slope**2 * float(side.var()) / len(side) for slope, side in zip(slopes, sides, strict=True)) ** 0.5
    )


def require_finite_scores(scores: Float[Tensor, "n"], name: str) -> Float[Tensor, "n"]:
    """The scores in float64. Raises DataError where there are fewer than two, or one is not finite."""
    if len(scores) < 2:
        raise DataError(f"{len(scores)} scores of {name} are too few", hint="Bring two at least, better thousands.")
    if not torch.isfinite(scores).all():
        raise DataError(f"scores of {name} are not finite")
    return scores.double()
