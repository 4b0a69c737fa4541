"""How many different samples a set holds in effect."""

import torch
from jaxtyping import Float, Float64
from torch import Tensor

from .jackknife import Estimate, require_samples


def vendi(features: Float[Tensor, "n d"]) -> Estimate:
    """exp(-sum lambda log lambda), lambda the eigenvalues of K/n, K the cosines of all pairs: from 1 (all alike) to n (all orthogonal).

    Friedman and Dieng 2023, section 3 (https://arxiv.org/abs/2210.02410), from the eigenvalues of X^T X / n, which are the same but for zeros.
    """
    x = directions(features)
    values, vectors = torch.linalg.eigh(x.T @ x / len(x))
    held = values > values.max() * len(values) * torch.finfo(torch.float64).eps
    log = values[held].log()
    score = float((-(values[held] * log).sum()).exp())
    return Estimate(score, score * error_of_mean(((x @ vectors[:, held]).square() * log).sum(1)))


def vendi_collision(features: Float[Tensor, "n d"]) -> Estimate:
    """1/|K/n|_F^2, the order 2 of the same family: of two samples, one over their mean squared cosine. No eigenvalues: O(n d^2).

    Pasarkar and Dieng 2024 (https://arxiv.org/abs/2310.12952); the RKE of Jalali et al. 2023. https://arxiv.org/abs/2306.05369
    """
    x = directions(features)
    second = x.T @ x / len(x)
    score = float(1 / second.square().sum())
    return Estimate(score, score * score * 2 * error_of_mean(((x @ second) * x).sum(1)))


def diversity_ratio(*, fake: Estimate, real: Estimate) -> Estimate:
    """The fakes' over the reals', both from as many samples: well below 1, the fakes are more alike. The error is to first order."""
    share = fake.value / real.value
    return Estimate(share, share * ((fake.error / fake.value) ** 2 + (real.error / real.value) ** 2) ** 0.5)


def directions(features: Float[Tensor, "n d"]) -> Float64[Tensor, "n e"]:
    """Of length 1. A feature vector of zeros has no direction: it is alike to others of zeros and to nothing else."""
    require_samples(features)
    x = features.double()
    length = x.norm(dim=1, keepdim=True)
    return torch.cat([x / length.clamp(min=torch.finfo(torch.float64).tiny), (length == 0).double()], 1)


def error_of_mean(influence: Float64[Tensor, "n"]) -> float:
    """The standard error of a mean: of what each sample adds, the infinitesimal jackknife. Jaeckel 1972."""
    return float(influence.std()) / len(influence) ** 0.5
