"""The sets of rows that an evaluation of a table compares: real, generated, and those of baselines."""

from typing import Any

import numpy as np

from ..base.draws import permutation
from ..domains.tables import Tables
from ..metrics.table_baselines import gaussian_copula, independent_columns
from .table_scores_of import Numbers, RealRows, RowScores, scores_of, target_of

MOST = 10_000  # rows of each side


def real_rows(domain: Tables, train: np.ndarray[Any, Any], held: np.ndarray[Any, Any], seed: int) -> RealRows:
    """At most 10,000 real rows of each split.

    Args:
        domain: fitted.
        train: the rows that the model learnt from.
        held: rows that it has not seen.
        seed: of the choice among the training rows.
    """
    some = train[permutation((seed, "rows of an evaluation"), len(train))][:MOST]
    return RealRows(domain, some.astype(np.float64), held[:MOST].astype(np.float64), target_of(domain))


def scores_of_sides(generated: Numbers, real: RealRows, seed: int) -> dict[str, RowScores]:
    """The scores of generated rows, of real ones, and of as many rows of two baselines."""
    n = len(generated)
    sides = {
        "generated": generated,
        "real rows": real.train,
        "independent columns": independent_columns(real.train, n, seed=seed),
        "Gaussian copula": gaussian_copula(real.train, n, seed=seed),
    }
    return {name: scores_of(rows, real, learnt_from=name == "real rows", seed=seed) for name, rows in sides.items()}
