"""A Gaussian mixture of numbers by variational inference, which leaves modes empty that are not needed."""

from typing import Any, NamedTuple

import numpy as np
import torch

Numbers = np.ndarray[Any, np.dtype[np.float64]]
DISPERSED = 1e-3  # of the Dirichlet prior: the smaller, the fewer modes
STEPS, CLOSE = 200, 1e-4  # iterations at most; the change of the weights below which they end
LLOYD = 20  # iterations of k-means for the start


class FittedMixture(NamedTuple):
    """Weights, means and standard deviations of the modes, [K] each."""

    weights: Numbers
    means: Numbers
    deviations: Numbers


def variational_mixture(values: Numbers, modes: int) -> FittedMixture:
    """The variational posterior of a mixture of Gaussians with a Dirichlet prior on its weights.

    Bishop 2006, "Pattern Recognition and Machine Learning", section 10.2, equations 10.46 to 10.63, for numbers: a
    precision is Gamma distributed.
    https://www.microsoft.com/en-us/research/publication/pattern-recognition-machine-learning/
    Priors: 0.001 of the weights; mean of the values, with the weight of one value; Gamma(1/2, variance / 2).

    Args:
        values: [N], finite.
        modes: K, at least 1; fewer where there are fewer distinct values.

    Returns:
        The modes, ascending by mean.
    """
    x, counts = np.unique(values, return_counts=True)
    n = counts.astype(np.float64)
    m0, variance = float(values.mean()), float(values.var()) or 1.0
    share = first_shares(x, n, min(modes, len(x)))
    weights = np.zeros(share.shape[1])
    for _ in range(STEPS):
        count = n @ share + 1e-10
        mean = (n[:, None] * share * x[:, None]).sum(0) / count
        scatter = (n[:, None] * share * (x[:, None] - mean) ** 2).sum(0)
        alpha, beta = DISPERSED + count, 1 + count
        m = (m0 + count * mean) / beta
        a = 0.5 + count / 2
        b = variance / 2 + (scatter + count / (1 + count) * (mean - m0) ** 2) / 2
        logs = digamma(alpha) - digamma(alpha.sum()) + (digamma(a) - np.log(b)) / 2
        logs = logs - (1 / beta + a / b * (x[:, None] - m) ** 2) / 2
        share = np.exp(logs - logs.max(axis=1, keepdims=True))
        share /= share.sum(axis=1, keepdims=True)
        before, weights = weights, alpha / alpha.sum()
        if np.abs(weights - before).max() < CLOSE:
            break
    order = np.argsort(m)
    return FittedMixture(weights[order], m[order], np.sqrt(b / a)[order])


def digamma(x: "Numbers | float") -> Numbers:
    """The logarithmic derivative of the Gamma function."""
    return torch.special.digamma(torch.as_tensor(x, dtype=torch.float64)).numpy()


def first_shares(x: Numbers, n: Numbers, modes: int) -> Numbers:
    """[N, K]: each value wholly in the nearest of K means, from k-means that starts at even places of the values."""
    places = np.unique(np.linspace(0, len(x) - 1, modes).round().astype(int))
    means = x[places].astype(float)
    for _ in range(LLOYD):
        nearest = np.abs(x[:, None] - means).argmin(axis=1)
        counts = np.bincount(nearest, weights=n, minlength=len(means))
        sums = np.bincount(nearest, weights=n * x, minlength=len(means))
        means = np.where(counts > 0, sums / np.maximum(counts, 1), means)
    nearest = np.abs(x[:, None] - means).argmin(axis=1)
    return np.eye(len(means))[nearest]
