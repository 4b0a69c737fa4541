"""The doctor's signals of columns."""

import numpy as np
import pytest
import torch

from ganvas.data.source import Items
from ganvas.data.stream import Store, Stream
from ganvas.diagnosis.column_signals import MOST, column_signals
from ganvas.diagnosis.sample_statistics import SampleStatistics
from ganvas.domains.columns import Columns


def test_signals_are_in_standard_deviations_of_the_reals() -> None:
    real = torch.randn(4000, 2, generator=torch.Generator().manual_seed(0)) * torch.tensor([5.0, 1e-3]) + 7
    fake = real.flip(0)[:1000] * 1.0
    fake[:, 0] += 10
    fake[:, 1] = 7
    found = column_signals(("a", "b"), real=real, fake=fake)
    assert found["column.a.shift"] == pytest.approx(2, abs=0.15)
    assert found["column.a.apart"] == pytest.approx(2, abs=0.15)
    assert found["column.a.sd"] == pytest.approx(1, abs=0.1)
    assert found["column.b.sd"] == pytest.approx(0, abs=1e-3)
    assert found["column.b.apart"] == pytest.approx((2 / np.pi) ** 0.5, abs=0.05)
    assert found["column.b.chance"] == pytest.approx((2 / 1000) ** 0.5, rel=0.2)


def test_of_many_columns_the_farthest_are_kept() -> None:
    real = torch.randn(200, MOST + 5)
    fake = real + torch.arange(MOST + 5)
    found = column_signals(tuple(map(str, range(MOST + 5))), real=real, fake=fake)
    assert {name.split(".")[1] for name in found} == set(map(str, range(5, MOST + 5)))


def test_the_columns_of_a_table_are_looked_at() -> None:
    x = np.random.default_rng(0).normal(size=(800, 2)) * [1e6, 1e-4]
    items = Items(x=x, columns=("income", "rate"))
    domain = Columns().fit(items)
    stream = Stream(Store(domain.encode(items), None), domain, (), seed=0)
    likeness = SampleStatistics(stream, stream, n=256)
    fake = torch.randn(256, 2) * torch.tensor([1.0, 8000.0])
    found = likeness.update(fake)
    assert found["column.income.sd"] == pytest.approx(1, abs=0.2)
    assert found["column.rate.sd"] == pytest.approx(8000, rel=0.2)
