"""Histograms, and the Jensen-Shannon divergence that is counted on a grid."""

import math

import numpy as np
import pytest
import torch
from scipy.spatial.distance import jensenshannon  # type: ignore[import-untyped]

from ganvas.base.errors import DataError
from ganvas.metrics.grid_divergence import grid_divergence
from ganvas.metrics.histograms import histograms


def test_bins_are_those_of_numpy() -> None:
    generator = torch.Generator().manual_seed(0)
    sets = {"a": torch.randn(500, generator=generator), "b": 2 + torch.randn(300, generator=generator)}
    low, high, shares = histograms(sets, 12)
    assert (low, high) == (float(torch.cat(list(sets.values())).min()), float(torch.cat(list(sets.values())).max()))
    for name, values in sets.items():
        counts, _ = np.histogram(values.numpy(), bins=12, range=(low, high))
        assert shares[name] == pytest.approx(counts / len(values), abs=1e-4)
    low, high, shares = histograms({"a": torch.ones(4)}, 3)
    assert high > low
    assert sum(shares["a"]) == 1


def test_the_divergence_on_a_grid_is_scipys() -> None:
    generator = torch.Generator().manual_seed(0)
    real, fake = torch.randn(4000, 2, generator=generator), 0.5 + 1.3 * torch.randn(3000, 2, generator=generator)
    edges = np.linspace(-2, 2, 9)
    shares = []
    for each in (real, fake):
        inside, _, _ = np.histogram2d(each[:, 0].numpy(), each[:, 1].numpy(), bins=[edges, edges])
        shares.append(np.append(inside.ravel(), len(each) - inside.sum()) / len(each))
    found = grid_divergence(real=real, fake=fake, low=-2.0, high=2.0, cells=8)
    assert found.value == pytest.approx(jensenshannon(*shares) ** 2, rel=1e-9)


def test_the_divergence_has_its_bounds_and_its_expected_value() -> None:
    left, right = torch.full((100, 2), -0.5), torch.full((50, 2), 0.5)
    assert grid_divergence(real=left, fake=right, low=-1, high=1).value == pytest.approx(math.log(2))
    assert grid_divergence(real=left, fake=left, low=-1, high=1).value == 0
    lost = torch.tensor([[math.nan, 0.0], [5.0, 0.0]])
    assert grid_divergence(real=lost, fake=lost + 100, low=-1, high=1).value == 0, "outside is one cell"
    with pytest.raises(DataError):
        grid_divergence(real=left[:0], fake=right, low=-1, high=1)
    halves = torch.cat([left, -left])
    assert grid_divergence(real=halves, fake=halves[::2], low=-1, high=1).expected == (1 / 200 + 1 / 100) / 8
    generator = torch.Generator().manual_seed(1)
    alike = [
        grid_divergence(
            real=torch.rand(2000, 2, generator=generator), fake=torch.rand(2000, 2, generator=generator), low=0, high=1
        )
        for _ in range(20)
    ]
    mean = sum(each.value for each in alike) / 20
    assert mean == pytest.approx(alike[0].expected, rel=0.1)
