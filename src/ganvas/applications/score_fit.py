"""A linear fit of scores, with the strength of its ridge chosen by leave-one-out errors in closed form."""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

RIDGES = tuple(10.0**power for power in range(-6, 4))  # times the largest squared singular value / n


class LinearFit(NamedTuple):
    """score ~ x weight + constant.

    Args:
        weight: [d].
        constant: a number.
        explained: share of the variance of the scores that is explained where each score is predicted by the fit of
            all others: R^2 by leave-one-out, at most 1; below 0: worse than the mean.
    """

    weight: Float[Tensor, "d"]
    constant: float
    explained: float


def linear_fit(x: Float[Tensor, "n d"], score: Float[Tensor, "n"]) -> LinearFit:
    """Ridge regression: min over b of |s - X b|^2 + lambda |b|^2, X and s centred.

    With X = U S V^T the fit is H s, H = U S^2 / (S^2 + lambda) U^T + 1 / n, and the error of the prediction of s_i by
    all others is (s_i - (H s)_i) / (1 - H_ii) (Allen 1974, PRESS, https://doi.org/10.1080/00401706.1974.10489157).
    lambda is the one of RIDGES with the smallest sum of squares of these.

    Args:
        x: rows of numbers.
        score: a number for each.
    """
    x, score = x.double(), score.double()
    mean, level = x.mean(0), score.mean()
    u, strength, v = torch.linalg.svd(x - mean, full_matrices=False)
    onto = u.T @ (score - level)
    best: tuple[float, Tensor] | None = None
    for ridge in RIDGES:
        squares = strength.square()
        shrink = squares / (squares + ridge * squares[0].clamp(min=1e-300))
        hat = (u.square() * shrink).sum(1) + 1 / len(x)
        left = (score - level - u @ (shrink * onto)) / (1 - hat).clamp(min=1e-9)
        error = float(left.square().sum())
        if best is None or error < best[0]:
            best = error, v.T @ (shrink / strength.clamp(min=1e-12) * onto)
    assert best is not None  # RIDGES is not empty
    error, weight = best
    total = float((score - level).square().sum())
    explained = 1 - error / total if total > 0 else 0.0
    return LinearFit(weight.float(), float(level - mean @ weight), explained)
