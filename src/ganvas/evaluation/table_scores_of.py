"""All scores of one set of rows against the real ones: one row of the table that compares models and baselines."""

from typing import Any, NamedTuple

import numpy as np

from ..domains.tables import Tables
from ..metrics.table_privacy import Privacy, privacy
from ..metrics.table_similarity import column_similarity, pair_similarity
from .table_learners import FOUR, Scale, features, two_sample_auc, usefulness

Numbers = np.ndarray[Any, np.dtype[np.float64]]


class RealRows(NamedTuple):
    """The real rows that others are compared with, as `Tables.decode` has them.

    Args:
        domain: of the table.
        train: the rows that the model learnt from.
        held: rows that it has not seen.
        target: the place of the column that classifiers predict; None without a column of categories.
    """

    domain: Tables
    train: Numbers
    held: Numbers
    target: int | None

    @property
    def discrete(self) -> list[bool]:
        """Whether each column is one of categories."""
        return [column.is_discrete for column in self.domain.learnt]


class RowScores(NamedTuple):
    """The scores of one set of rows.

    Attributes:
        columns: similarity [F] of each column.
        pairs: similarity [F, F] of each pair.
        auc, auc_error: of the classifier two-sample test.
        f1: of each classifier that learns from the rows, by name; empty without a column of categories.
        privacy: None for rows that were learnt from.
    """

    columns: Numbers
    pairs: Numbers
    auc: float
    auc_error: float
    f1: dict[str, float]
    privacy: Privacy | None

    @property
    def pair_mean(self) -> float:
        """The mean similarity over all pairs."""
        size = len(self.pairs)
        return float(self.pairs[np.triu_indices(size, 1)].mean()) if size > 1 else float(self.columns.mean())

    @property
    def four(self) -> float | None:
        """The mean F1 of the four classifiers."""
        return float(np.mean([self.f1[name] for name in FOUR])) if self.f1 else None


def target_of(domain: Tables, name: str = "") -> int | None:
    """The place of the column that classifiers predict: the named one, else the last one of categories."""
    places = [place for place, column in enumerate(domain.learnt) if column.is_discrete]
    named = [place for place in places if domain.learnt[place].name == name]
    return (named or places)[-1] if places else None


def scores_of(rows: Numbers, real: RealRows, *, learnt_from: bool, seed: int) -> RowScores:
    """The scores of rows.

    Args:
        rows: [K, F].
        real: what they are compared with.
        learnt_from: whether the rows are those that the model learnt from, so that privacy has no meaning.
        seed: of the folds.
    """
    learnt, scale = real.domain.learnt, Scale.of(real.train)
    every = {
        name: features(side, learnt, scale)
        for name, side in {"fake": rows, "train": real.train, "held": real.held}.items()
    }
    columns = [
        column_similarity(real.held[:, place], rows[:, place], discrete=discrete)
        for place, discrete in enumerate(real.discrete)
    ]
    auc, error = two_sample_auc(every["held"], every["fake"], seed)
    f1 = dict(learners(rows, real, scale)) if real.target is not None else {}
    found = None if learnt_from else privacy(every["train"], every["held"], every["fake"])
    return RowScores(np.array(columns), pair_similarity(real.held, rows, real.discrete), auc, error, f1, found)


def learners(rows: Numbers, real: RealRows, scale: Scale) -> dict[str, float]:
    """F1 on held-out rows of classifiers that learn from these rows."""
    assert real.target is not None
    learnt, target = real.domain.learnt, real.target
    sides = []
    for side in (rows, real.held):
        known = side[~np.isnan(side[:, target])]
        sides.append((features(known, learnt, scale, without=target), known[:, target].astype(int)))
    return dict(usefulness(sides[0], sides[1]))
