"""Baselines for sequences: a block bootstrap, and a vector autoregressive model. They are fitted in a moment."""

from typing import Any

import numpy as np

from ..base.draws import uniform_rows

Numbers = np.ndarray[Any, np.dtype[np.float64]]
RIDGE = 1e-6  # of the least squares, as a share of the inputs' mean square


def block_bootstrap(x: Numbers, n: int, *, block: int = 0, seed: int = 0) -> Numbers:
    """n sequences of blocks that are cut from random places of real ones and joined. Kuensch 1989, section 2.

    https://doi.org/10.1214/aos/1176347265

    Args:
        x: [N, T, C], without NaN.
        n: new sequences.
        block: steps of a block; 0: a third of T, rounded up.
        seed: of the places.
    """
    length = x.shape[1]
    block = min(length, block or -(-length // 3))
    count = -(-length // block)
    u = uniform_rows((seed, "block bootstrap"), range(n), 2 * count)
    row = (u[:, :count] * len(x)).astype(np.int64)
    first = (u[:, count:] * (length - block + 1)).astype(np.int64)
    steps = first[:, :, None] + np.arange(block)
    found: Numbers = x[row[:, :, None], steps].reshape(n, count * block, -1)[:, :length]
    return found


def autoregression(x: Numbers, n: int, *, seed: int = 0) -> Numbers:
    """n sequences of x_t = c + A x_{t-1} + e_t: c and A by least squares, first steps and residuals e drawn from x's.

    Luetkepohl 2005, "New Introduction to Multiple Time Series Analysis", section 3.2; values beyond those of x are
    moved to its extremes.

    Args:
        x: [N, T, C], without NaN.
        n: new sequences.
        seed: of the draws.
    """
    before, after = (side.reshape(-1, x.shape[2]) for side in (x[:, :-1], x[:, 1:]))
    inputs = np.concatenate([before, np.ones((len(before), 1))], axis=1)
    square = inputs.T @ inputs / len(inputs)
    square += RIDGE * np.trace(square) / len(square) * np.eye(len(square))
    weights = np.linalg.solve(square, inputs.T @ after / len(inputs))
    residuals = after - inputs @ weights
    u = uniform_rows((seed, "autoregression"), range(n), x.shape[1])
    low, high = x.min((0, 1)), x.max((0, 1))
    found = np.empty((n, *x.shape[1:]))
    found[:, 0] = x[(u[:, 0] * len(x)).astype(np.int64), 0]
    for t in range(1, x.shape[1]):
        drawn = residuals[(u[:, t] * len(residuals)).astype(np.int64)]
        found[:, t] = (found[:, t - 1] @ weights[:-1] + weights[-1] + drawn).clip(low, high)
    return found
