"""What G draws from, as a mixture of Gaussians that is computed from normal numbers."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from .layers import full_precision

SPREAD = 64.0  # samples of the mean covariance within components, that each component's own is mixed with
LEAST = 1e-4  # added to each variance
ROUNDS = 15  # of expectation and maximisation
CANDIDATES = 4  # for each place to begin from
NEVER = 40.0  # standard deviations, that no normal number has
SAMPLES = 25  # at least, on average, of a component


class LatentMixture(nn.Module):
    """z ~ N(0, 1), [B, d + 1] -> w [B, d], of density sum_k p_k N(w; m_k, L_k L_k').

    w = m_k + L_k (z_1, ..., z_d), and z_{d + 1} chooses k: the first whose p_1 + ... + p_k is above Phi(z_{d + 1}).
    Before `fit` there is one component, N(0, 1), and w = (z_1, ..., z_d).

    Ghosh et al. 2020, section 4, fit a mixture to the codes of a trained autoencoder, so that samples begin where codes
    are. https://arxiv.org/abs/1903.12436

    Args:
        numbers: d.
        components: the number of Gaussians, at most.
    """

    copied_buffers = ("bounds", "means", "factors")
    bounds: Tensor
    means: Tensor
    factors: Tensor

    def __init__(self, numbers: int, components: int) -> None:
        super().__init__()
        self.register_buffer("bounds", torch.full((components - 1,), NEVER))  # of z_{d + 1}, between components
        self.register_buffer("means", torch.zeros(components, numbers))
        self.register_buffer("factors", torch.eye(numbers).repeat(components, 1, 1))

    def forward(self, z: Float[Tensor, "b e"]) -> Float[Tensor, "b d"]:
        with full_precision(z):
            z = z.float()
            which = (z[:, -1:] >= self.bounds).sum(1)
            return self.means[which] + (self.factors[which] @ z[:, :-1, None])[:, :, 0]

    def inverse(self, w: Float[Tensor, "b d"]) -> Float[Tensor, "b e"]:
        """The z of a w: of the component that it most probably comes from, and the middle of its share of z_{d + 1}."""
        with full_precision(w):
            edges = torch.cat([w.new_zeros(1), normal_share(self.bounds), w.new_ones(1)])
            logs, white = log_densities(w.float(), edges.diff(), self.means, self.factors)
            which = logs.argmax(1)
            middle = torch.special.ndtri((edges[which] + edges[which + 1]) / 2)
            return torch.cat([white[which, torch.arange(len(w), device=w.device)], middle[:, None]], dim=1)

    def fit(self, w: Float[Tensor, "n d"]) -> None:
        """Fit the mixture to samples, by expectation and maximisation from places of greedy k-means++.

        Dempster et al. 1977 (https://doi.org/10.1111/j.2517-6161.1977.tb01600.x); Arthur and Vassilvitskii 2007
        (https://dl.acm.org/doi/10.5555/1283383.1283494). A component's covariance is mixed with the mean one within
        components, which counts as SPREAD samples, so that few samples suffice for many numbers. Fewer than SAMPLES per
        component: fewer components.
        """
        count = max(1, min(len(self.means), len(w) // SAMPLES))
        with full_precision(w), torch.no_grad():
            w = w.float()
            shares = F.one_hot(torch.cdist(w, spread_out(w, count)).argmin(1), count).float()
            for _ in range(ROUNDS):
                weights, means, factors = maximised(w, shares)
                shares = log_densities(w, weights, means, factors)[0].softmax(1)
            order = means[:, 0].argsort()  # neighbours in z_{d + 1} are alike in the first number
            weights, self.means[:count], self.factors[:count] = weights[order], means[order], factors[order]
            self.bounds.fill_(NEVER)
            self.bounds[: count - 1] = torch.special.ndtri(weights.cumsum(0)[:-1]).clamp(-NEVER, NEVER)


def log_densities(w: Tensor, weights: Tensor, means: Tensor, factors: Tensor) -> tuple[Tensor, Tensor]:
    """log p_k N(w; m_k, L_k L_k') + d/2 log 2 pi, [N, K], and L_k^-1 (w - m_k), [K, N, d]."""
    white = torch.linalg.solve_triangular(factors, (w[None] - means[:, None]).mT, upper=False).mT
    sizes = factors.diagonal(dim1=1, dim2=2).log().sum(1)
    return (weights.log() - sizes - white.square().sum(2).T / 2), white


def maximised(w: Tensor, shares: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Weights [K], means [K, d] and Cholesky factors [K, d, d] of components to which samples [N, d] belong in part."""
    counts = shares.sum(0) + 1e-6
    means = (shares.T @ w) / counts[:, None]
    products = torch.stack([(shares[:, k, None] * (w - mean)).T @ (w - mean) for k, mean in enumerate(means)])
    within = products.sum(0) / len(w)
    covariances = (products + SPREAD * within) / (counts + SPREAD)[:, None, None]
    factors = torch.linalg.cholesky(covariances + LEAST * torch.eye(w.shape[1], device=w.device))
    return counts / counts.sum(), means, factors


def spread_out(w: Tensor, count: int) -> Tensor:
    """Samples as places to begin from: of CANDIDATES, each drawn in proportion to its squared distance from the places
    so far, the one that leaves the smallest sum of these.
    """
    draws = torch.rand(count, CANDIDATES, generator=torch.Generator().manual_seed(0), dtype=torch.float64).to(w.device)
    places = w[(draws[0, :1] * len(w)).long()]
    squares = torch.cdist(w, places).square().amin(1)
    for draw in draws[1:]:
        sums = (squares.double() + 1e-12).cumsum(0)
        chosen = w[torch.searchsorted(sums, draw * sums[-1]).clamp(max=len(w) - 1)]
        left = torch.minimum(squares[:, None], torch.cdist(w, chosen).square())
        best = left.sum(0).argmin()
        squares, places = left[:, best], torch.cat([places, chosen[best][None]])
    return places


def normal_share(x: Tensor) -> Tensor:
    """Phi(x): the probability that a normal number is below x."""
    return torch.special.ndtr(x)
