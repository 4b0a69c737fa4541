"""The effective number of different samples in a set."""

import torch
from jaxtyping import Float, Float64
from torch import Tensor

from .jackknife import Estimate, require_samples


def vendi_collision(features: Float[Tensor, "n d"]) -> Estimate:
    """1 / |K/n|_F^2, the Vendi score of order 2, K the cosines of all pairs of samples. Pasarkar and Dieng 2024.
    https://arxiv.org/abs/2310.12952

    Also the RKE of Jalali et al. 2023, https://arxiv.org/abs/2306.05369. Computed without K or eigenvalues, in O(n
    d^2).

    Args:
        features: at least three finite rows; rows of zeros count as equal to each other and orthogonal to the rest.

    Returns:
        A value from 1 (all equal) to n (all orthogonal), with its standard error.

    Raises:
        DataError: fewer than three samples, or values that are not finite.

    Example:
        >>> import torch
        >>> from ganvas.metrics.diversity import vendi_collision
        >>> round(vendi_collision(torch.eye(4).repeat(5, 1)).value, 6)
        4.0
    """
    x = directions(features)
    second = x.T @ x / len(x)
    score = float(1 / second.square().sum())
    return Estimate(score, score * score * 2 * error_of_mean(((x @ second) * x).sum(1)))


def diversity_ratio(*, fake: Estimate, real: Estimate) -> Estimate:
    """The fakes' Vendi score over the reals', both of as many samples, with its error to first order.

    Args:
        fake: score of the fakes.
        real: score of the reals.

    Returns:
        About 1 where fakes are as diverse as reals; well below 1 where they are more alike.
    """
    share = fake.value / real.value
    return Estimate(share, share * ((fake.error / fake.value) ** 2 + (real.error / real.value) ** 2) ** 0.5)


def directions(features: Float[Tensor, "n d"]) -> Float64[Tensor, "n e"]:
    """Rows of length 1, with a further column that is 1 for rows of zeros, which have no direction."""
    require_samples(features)
    x = features.double()
    length = x.norm(dim=1, keepdim=True)
    return torch.cat([x / length.clamp(min=torch.finfo(torch.float64).tiny), (length == 0).double()], 1)


def error_of_mean(influence: Float64[Tensor, "n"]) -> float:
    """Standard error of a mean of influence values: the infinitesimal jackknife. Jaeckel 1972."""
    return float(influence.std()) / len(influence) ** 0.5
