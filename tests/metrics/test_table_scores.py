"""Distances of shares, against counts by hand."""

import pytest
import torch
from torch.nn.functional import one_hot

from ganvas.base.types import Batch
from ganvas.metrics.table_scores import TableScores


def rows(a: list[int], b: list[int]) -> Batch:
    scalar = torch.zeros(len(a), 1)
    return Batch(torch.cat([one_hot(torch.tensor(a), 2), scalar, one_hot(torch.tensor(b), 3)], dim=1).float())


def test_marginals_and_pairs_by_hand() -> None:
    """Both marginals are equal to the last digit, and every pair of values differs."""
    real, fake = rows([0, 0, 1, 1], [0, 0, 1, 1]), rows([0, 0, 1, 1], [1, 1, 0, 0])
    pairs, marginals = TableScores(n=50, blocks=(2, -3)).measure(real=real, fake=fake)
    assert (pairs.name, pairs.value) == ("table_pairs", 1.0)
    assert (marginals.name, marginals.value) == ("table_marginals", 0.0)
    other = rows([0, 0, 0, 1], [0, 0, 1, 2])
    pairs, marginals = TableScores(n=50, blocks=(2, -3)).measure(real=real, fake=other)
    assert marginals.value == pytest.approx(0.25)
    assert pairs.value == pytest.approx(0.5)
    assert TableScores(n=50, blocks=(2, -3)).measure(real=real, fake=real)[0].value == 0.0
