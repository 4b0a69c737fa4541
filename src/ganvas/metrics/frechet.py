"""The Frechet distance between two sets of features."""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

BLOCKS = 20  # of the jackknife


class Moments(NamedTuple):
    """Count, mean [d] and scatter [d, d] = sum of (x - mean)(x - mean)^T, float64."""

    n: int
    mean: Tensor
    scatter: Tensor

    @property
    def covariance(self) -> Tensor:
        """With ddof 1."""
        return self.scatter / (self.n - 1)


def moments(features: Float[Tensor, "n d"]) -> Moments:
    """Of a set of features, in float64: in float32 the distance is wrong in the third digit."""
    x = features.double()
    mean = x.mean(0)
    return Moments(len(x), mean, (x - mean).T @ (x - mean))


def without(whole: Moments, part: Moments) -> Moments:
    """The moments of what is left when `part` is taken out. Chan, Golub and LeVeque 1983, equation 2.1, solved for one side."""
    n = whole.n - part.n
    mean = (whole.n * whole.mean - part.n * part.mean) / n
    gap = part.mean - mean
    return Moments(n, mean, whole.scatter - part.scatter - torch.outer(gap, gap) * (n * part.n / whole.n))


def frechet_distance(real: Moments, fake: Moments) -> float:
    """|m_r - m_f|^2 + tr(S_r + S_f - 2 (S_r S_f)^(1/2)). Dowson and Landau 1982; Heusel et al. 2017, equation 6. https://arxiv.org/abs/1706.08500

    With S_r = L L^T the last trace is the sum of the roots of the eigenvalues of L^T S_f L, which is symmetric.
    """
    cholesky, failed = torch.linalg.cholesky_ex(real.covariance)
    if failed:  # rank-deficient: any other square root will do
        values, vectors = torch.linalg.eigh(real.covariance)
        cholesky = vectors * values.clamp(min=0).sqrt()
    inner = cholesky.T @ fake.covariance @ cholesky
    root_trace = torch.linalg.eigvalsh((inner + inner.T) / 2).clamp(min=0).sqrt().sum()
    gap = (real.mean - fake.mean).square().sum()
    return float(gap + real.covariance.trace() + fake.covariance.trace() - 2 * root_trace)


def frechet_with_error(real: Float[Tensor, "n d"], fake: Float[Tensor, "m d"]) -> tuple[float, float]:
    """The distance and its standard error by a jackknife over blocks of both sides (a bootstrap would be biased upward)."""
    whole = moments(real), moments(fake)
    blocks = [[moments(block) for block in side.tensor_split(BLOCKS) if len(block)] for side in (real, fake)]
    left_out = torch.tensor([frechet_distance(without(whole[0], r), without(whole[1], f)) for r, f in zip(*blocks, strict=False)], dtype=torch.float64)
    count = len(left_out)
    error = ((count - 1) / count * (left_out - left_out.mean()).square().sum()).sqrt()
    return frechet_distance(*whole), float(error)
