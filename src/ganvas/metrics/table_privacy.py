"""Whether generated rows are nearer to the rows that were learnt from than to others: copies and membership."""

from typing import Any, NamedTuple

import numpy as np
import torch

Numbers = np.ndarray[Any, np.dtype[np.float64]]
CHUNK = 1_000  # rows whose distances are computed together
INTERVAL = 1.96  # standard errors to each end of the 95 % interval


class Privacy(NamedTuple):
    """What generated rows give away.

    Attributes:
        copies: share of generated rows that are equal to a training row.
        chance: share of held-out rows that are equal to a training row.
        nearer: share of generated rows that are nearer to a training row than to a held-out one; 0.5 is best.
        auc: how well the distance to the nearest generated row tells training rows from held-out ones; 0.5 is best.
        low, high: the ends of its 95 % interval.
    """

    copies: float
    chance: float
    nearer: float
    auc: float
    low: float
    high: float


def privacy(train: Numbers, held_out: Numbers, fake: Numbers) -> Privacy:
    """The measures of rows as features, with as many training rows as held-out ones.

    Distances are L1, of numbers standardised and categories one-hot. The area under the curve is the Mann-Whitney
    statistic, its error that of Hanley and McNeil 1982, equation 1, https://doi.org/10.1148/radiology.143.1.7063747;
    the attack by distance is that of Chen et al. 2020, section 4, https://arxiv.org/abs/1909.03935.

    Args:
        train: [N, D], a random part of the training rows; copies are searched among all of them.
        held_out: [M, D].
        fake: [K, D].
    """
    n = min(len(train), len(held_out))
    to_train, to_held_out = nearest(fake, train[:n]), nearest(fake, held_out[:n])
    nearer = float((to_train < to_held_out).mean() + (to_train == to_held_out).mean() / 2)
    members, others = nearest(train[:n], fake), nearest(held_out[:n], fake)
    auc, error = area(others, members)
    every = {row.tobytes() for row in rounded(train)}
    copies, chance = (float(np.mean([row.tobytes() in every for row in rounded(side)])) for side in (fake, held_out))
    return Privacy(copies, chance, nearer, auc, auc - INTERVAL * error, auc + INTERVAL * error)


def rounded(rows: Numbers) -> Any:
    """Rows as float32 without the last digits, so that equal rows have equal bytes."""
    return np.ascontiguousarray(rows.round(5).astype(np.float32) + 0.0)


def nearest(rows: Numbers, among: Numbers) -> Numbers:
    """[N]: the L1 distance of each row to the nearest of others."""
    others = torch.from_numpy(among.astype(np.float32))
    parts = torch.from_numpy(rows.astype(np.float32)).split(CHUNK)
    return torch.cat([torch.cdist(part, others, p=1).min(1).values for part in parts]).double().numpy()


def area(high: Numbers, low: Numbers) -> tuple[float, float]:
    """P(high > low) + P(high = low) / 2 of two samples, and its standard error."""
    values = np.sort(low)
    below = np.searchsorted(values, high, side="left") + np.searchsorted(values, high, side="right")
    auc = float(below.mean() / 2 / len(low))
    one, two = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    variance = auc * (1 - auc) + (len(high) - 1) * (one - auc**2) + (len(low) - 1) * (two - auc**2)
    return auc, float(np.sqrt(max(0.0, variance) / (len(high) * len(low))))
