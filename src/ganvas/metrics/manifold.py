"""Precision, recall, density and coverage from nearest neighbours in feature space."""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

ROWS = 1000  # of a distance matrix held at a time


class Manifold(NamedTuple):
    """Shares between 0 and 1, except density, which may exceed 1."""

    precision: float  # fakes within the reach of some real
    recall: float  # reals within the reach of some fake
    density: float  # how many reals reach a fake, over k
    coverage: float  # reals that reach some fake


def reach(x: Float[Tensor, "n d"], k: int) -> Tensor:
    """Distance of each sample to its k-th nearest neighbour, itself not counted: [n]."""
    return torch.cat([torch.cdist(rows, x).kthvalue(k + 1, dim=1).values for rows in x.split(ROWS)])


def manifold(real: Float[Tensor, "n d"], fake: Float[Tensor, "m d"], k: int = 5) -> Manifold:
    """Kynkaanniemi et al. 2019, equations 1-2 (https://arxiv.org/abs/1904.06991); Naeem et al. 2020, equations 4-5 (https://arxiv.org/abs/2002.09797)

    Balls are open (<), as in the second paper's code.
    """
    reach_real, reach_fake = reach(real, k), reach(fake, k)
    reached, recalled, covered = torch.zeros(len(fake)), [], []
    for rows, radius in zip(real.split(ROWS), reach_real.split(ROWS), strict=True):
        distance = torch.cdist(rows, fake)
        reached += (distance < radius[:, None]).sum(0)
        recalled.append((distance < reach_fake[None, :]).any(1))
        covered.append(distance.min(1).values < radius)
    return Manifold(
        precision=float((reached > 0).float().mean()),
        recall=float(torch.cat(recalled).float().mean()),
        density=float(reached.mean() / k),
        coverage=float(torch.cat(covered).float().mean()),
    )
