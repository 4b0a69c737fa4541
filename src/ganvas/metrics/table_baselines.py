"""Baselines for tables: columns drawn independently, and a Gaussian copula. They learn in seconds and copy nothing."""

from typing import Any

import numpy as np
import torch

from ..base.draws import normal_rows, uniform_rows

Numbers = np.ndarray[Any, np.dtype[np.float64]]
RIDGE = 1e-6  # added to the diagonal of the correlations, so that they have a root


def independent_columns(rows: Numbers, n: int, *, seed: int = 0) -> Numbers:
    """n rows whose cells are drawn from each column of `rows` [N, F] by itself, NaN for missing ones too."""
    u = uniform_rows((seed, "independent columns"), range(n), rows.shape[1])
    place = (u * len(rows)).astype(np.int64)
    return np.take_along_axis(rows, place, axis=0)


def gaussian_copula(rows: Numbers, n: int, *, seed: int = 0) -> Numbers:
    """n rows of a Gaussian copula with the columns' own distributions.

    A cell becomes z = Phi^-1(u), u its rank among its column's, drawn within the ranks of equal cells; new rows are
    normal with the correlations of z, and go back by each column's quantiles. Nelsen 2006, "An Introduction to
    Copulas", section 2.4; for categories: Patki et al. 2016, section III. https://doi.org/10.1109/DSAA.2016.49

    Args:
        rows: [N, F], NaN for missing cells.
        n: new rows.
        seed: of the ranks and of the rows.
    """
    u = uniform_rows((seed, "copula ranks"), range(len(rows)), rows.shape[1])
    z = np.stack([normal_scores(column, each) for column, each in zip(rows.T, u.T, strict=True)], axis=1)
    varying = z.std(axis=0) > 0
    correlations = np.eye(rows.shape[1])
    correlations[np.ix_(varying, varying)] = np.corrcoef(z[:, varying], rowvar=False).reshape(varying.sum(), -1)
    values, vectors = np.linalg.eigh(correlations)
    root = vectors * np.sqrt(np.maximum(values, RIDGE))
    drawn = normal_rows((seed, "copula"), range(n), rows.shape[1]) @ root.T
    shares = 0.5 * torch.erfc(-torch.from_numpy(drawn) / 2**0.5).numpy()
    return np.stack([quantiles(column, share) for column, share in zip(rows.T, shares.T, strict=True)], axis=1)


def normal_scores(column: Numbers, u: Numbers) -> Numbers:
    """Phi^-1 of the ranks of cells [N], those of equal cells in the order of u; missing cells come last."""
    order = np.lexsort((u, np.nan_to_num(column, nan=np.inf)))
    ranks = np.empty(len(column))
    ranks[order] = (np.arange(len(column)) + 0.5) / len(column)
    found: Numbers = torch.special.ndtri(torch.from_numpy(ranks)).numpy()
    return found


def quantiles(column: Numbers, shares: Numbers) -> Numbers:
    """The column's cells at these shares of its order, missing cells last."""
    ordered: Numbers = np.sort(column)  # NaN is last
    return ordered[np.minimum((shares * len(column)).astype(np.int64), len(column) - 1)]
