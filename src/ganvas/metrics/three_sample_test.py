"""The three-sample test for copying, in cells of feature space."""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from ..base.draws import permutation, uniform_rows
from .jackknife import Estimate
from .membership import auc_interval
from .nearest_training import nearest_training, require_two_samples

LEAST = 20  # fakes in a cell that counts: the paper's tau, 20 / m
FITTED = 10_000  # training samples that place the cells, at most
ROUNDS = 50  # of k-means, at most


class ThreeSampleTest(NamedTuple):
    """The result of `three_sample_test`; below 0, fakes are nearer to training samples than held-out samples are.

    Attributes:
        z: the paper's C_T, which grows with the number of samples.
        z_error: its standard error without copying: C_T is a mean of z-scores, so at most 1.
        effect: P(a fake is farther from train than a held-out sample) - 1/2 within cells, from -1/2 to 1/2, with its
            error; does not grow with n.
        cells: cells that counted.
        share: share of held-out samples within them.
    """

    z: float
    z_error: float
    effect: Estimate
    cells: int
    share: float


def three_sample_test(
    *,
    train: Float[Tensor, "n d"],
    held: Float[Tensor, "h _"],
    fake: Float[Tensor, "m _"],
    cells: int = 5,
    seed: int = 0,
) -> ThreeSampleTest:
    """C_T = sum_p P(p) Z_U(p) / sum_p P(p) over cells p, P(p) the share of held-out samples there. Meehan et al. 2020,
    section 3.

    https://arxiv.org/abs/2004.05675. Z_U is the Mann-Whitney statistic of distances to the nearest training sample of
    the same cell, fakes against held-out samples, as a z-score corrected for ties. Cells are those of k-means on train.
    A cell counts with at least 20 fakes, two held-out and two training samples; where none does, the whole space is one
    cell.

    Args:
        train: features of training samples, at least two.
        held: features of held-out samples, at least two.
        fake: features of fakes, at least two.
        cells: of k-means.
        seed: of k-means.

    Raises:
        DataError: too few samples, different widths, or values that are not finite.
    """
    require_two_samples(train, held, fake)
    centres = k_means(train, cells, seed)
    of_train, of_held, of_fake = (
        nearest_training(side, train=centres).train if len(centres) > 1 else torch.zeros(len(side))
        for side in (train, held, fake)
    )
    good = [
        c
        for c in range(len(centres))
        if (of_fake == c).sum() >= LEAST and (of_held == c).sum() >= 2 and (of_train == c).sum() >= 2
    ]
    parts = [(train[of_train == c], held[of_held == c], fake[of_fake == c]) for c in good] or [(train, held, fake)]
    weights = torch.tensor([len(part[1]) for part in parts], dtype=torch.float64)
    tested = [
        mann_whitney(*(nearest_training(side, train=part[0]).distance for side in (part[2], part[1]))) for part in parts
    ]
    scores, effects, errors = (torch.tensor(column, dtype=torch.float64) for column in zip(*tested, strict=True))
    share = weights / weights.sum()
    effect = Estimate(float(share @ effects), float((share**2 @ errors**2).sqrt()))
    return ThreeSampleTest(
        float(share @ scores), float(share.square().sum().sqrt()), effect, len(parts), float(weights.sum()) / len(held)
    )


def mann_whitney(x: Float[Tensor, "n"], y: Float[Tensor, "m"]) -> tuple[float, float, float]:
    """z of U = #(x > y) + #(x = y) / 2 under equality, corrected for ties; U / (n m) - 1/2; and the error of the
    latter.

    Mann and Whitney 1947. https://doi.org/10.1214/aoms/1177730491
    """
    auc = auc_interval(member=x, nonmember=y)
    n, m = len(x), len(y)
    _, ties = torch.cat([x, y]).unique(return_counts=True)
    tied = float((ties.double() ** 3 - ties).sum()) / ((n + m) * (n + m - 1))
    spread = ((n + m + 1 - tied) / (12 * n * m)) ** 0.5
    return (auc.value - 0.5) / spread if spread > 0 else 0.0, auc.value - 0.5, auc.error


def k_means(x: Float[Tensor, "n d"], count: int, seed: int) -> Float[Tensor, "k d"]:
    """At most `count` centres: k-means++ (Arthur and Vassilvitskii 2007), then at most 50 rounds of Lloyd's algorithm.

    Fewer where there are fewer different samples. Fitted to at most 10,000 samples, drawn by the seed.
    """
    x = x[torch.from_numpy(permutation((seed, "cells"), len(x)))[:FITTED]]
    u = torch.from_numpy(uniform_rows((seed, "centres"), range(count), 1))[:, 0]
    centres = x[:1]
    far = (x - centres).double().square().sum(1)
    for number in u[1:]:
        if not far.any():
            break
        chosen = torch.searchsorted(far.cumsum(0), number * far.sum()).clamp(max=len(x) - 1)
        centres = torch.cat([centres, x[chosen][None]])
        far = far.minimum((x - x[chosen]).double().square().sum(1))
    if len(centres) == 1:
        return centres
    before = torch.full((len(x),), -1)
    for _ in range(ROUNDS):
        where = nearest_training(x, train=centres).train
        if torch.equal(where, before):
            break
        sizes = torch.bincount(where, minlength=len(centres))
        sums = torch.zeros_like(centres).index_add_(0, where, x)
        centres, before = torch.where(sizes[:, None] > 0, sums / sizes[:, None].clamp(min=1), centres), where
    return centres
