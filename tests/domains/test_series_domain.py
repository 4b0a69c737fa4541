"""Series: values there and back, ends, attributes, ranges of single sequences, and files."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ganvas.base.errors import DataError
from ganvas.base.types import Spec
from ganvas.data.made_sines import MadeSines
from ganvas.data.source import Items
from ganvas.data.table_column import TableColumn
from ganvas.domains.series import Series

COLUMNS = (
    TableColumn("id", "identifier", form="sequence"),
    TableColumn("heat", "number", decimals=1),
    TableColumn("site", "category", categories=("east", "north", "west")),
    TableColumn("load", "whole", decimals=0),
    TableColumn("height", "number", decimals=0),
)
NAN = np.nan


def unequal() -> Items:
    """Three sequences of 3, 2 and 1 steps: two channels, a category and a number that do not change."""
    x = np.full((3, 3, 4), NAN)
    x[0] = [[0.0, 2, 10, 100], [5.0, 2, 20, 100], [10.0, 2, 30, 100]]
    x[1, :2] = [[2.5, 0, 20, 300], [7.5, 0, 10, 300]]
    x[2, :1] = [[10.0, 1, 30, 200]]
    return Items(x=x, columns=("heat", "site", "load", "height"), table=COLUMNS)


@pytest.mark.parametrize("each", [False, True])
@pytest.mark.parametrize("items", [MadeSines(samples=60, length=7, channels=3).items("train"), unequal()])
def test_there_and_back(items: Items, each: bool) -> None:
    domain = Series(each=each).fit(items)
    x = domain.to_tensor(torch.from_numpy(domain.encode(items)))
    assert tuple(x.shape) == (len(items), *domain.spec(items).shape)
    assert float(x.abs().max()) <= 1 + 1e-6
    np.testing.assert_allclose(domain.decode(x), items.x, rtol=0, atol=1e-5)
    np.testing.assert_allclose(domain.as_written(x), x, rtol=0, atol=1e-5)
    assert domain.fit(items) == domain
    assert domain.render(x).width > 0
    spec = domain.spec(items)
    assert Spec.from_json(json.loads(json.dumps(vars(spec)))) == spec


def test_rows_of_x_by_hand() -> None:
    x = Series().fit(unequal()).encode(unequal())
    moving = [[-1, 0, 1], [-1, 0, 1], [1, 1, 1]]
    np.testing.assert_allclose(x[0], np.array([*moving, [0] * 3, [0] * 3, [1] * 3, [-1] * 3]))
    np.testing.assert_allclose(x[1][:3], np.array([[-0.5, 0.5, 0.0], [0.0, -1.0, 0.0], [1.0, 1.0, -1.0]]))
    np.testing.assert_allclose(x[2][3:, 0], [0, 1, 0, 0])


def test_a_sequence_by_its_own_range() -> None:
    items = Items(x=np.array([[[0.0], [10.0]], [[4.0], [6.0]]]), columns=("v",))
    x = Series(each=True).fit(items).encode(items)
    np.testing.assert_allclose(x[:, 0], [[-1, 1], [-1, 1]])
    np.testing.assert_allclose(x[:, 1, 0], [0, 0])  # the middle, of the range 0 to 10
    np.testing.assert_allclose(x[:, 2, 0], [1, 2 * 0.2 - 1], atol=1e-6)  # half the range, as a share of 5


def test_samples_keep_range_decimals_and_end() -> None:
    domain = Series().fit(unequal())
    x = torch.zeros(1, domain.rows, 3)
    x[0, 0], x[0, 1] = torch.tensor([-9.0, 0.123, 9.0]), torch.tensor([0.04, 0.0, 0.0])
    x[0, 2] = torch.tensor([-1.0, -0.1, 1.0])  # the first step always is there; what ended stays so
    x[0, 4] = 2.0
    found = domain.decode(x)[0]
    assert found[0].tolist() == [0.0, 1.0, 20.0, 200.0]
    assert np.isnan(found[1:]).all()
    x[0, 2] = 1.0
    assert domain.decode(x)[0, :, 0].tolist() == [0.0, 5.6, 10.0]


def test_a_file_has_sequences_below_each_other(tmp_path: Path) -> None:
    items, out = unequal(), tmp_path / "new.csv"
    Series().fit(items).write(items.x, out)
    rows = list(csv.reader(out.read_text().splitlines()))
    assert rows[0] == ["id", "step", "heat", "site", "load", "height"]
    assert rows[1] == ["0", "0", "0.0", "west", "10", "100"]
    assert rows[4:] == [
        ["1", "0", "2.5", "east", "20", "300"],
        ["1", "1", "7.5", "east", "10", "300"],
        ["2", "0", "10.0", "north", "30", "200"],
    ]


@pytest.mark.parametrize(
    "x", [np.zeros((3, 2)), np.zeros((3, 4, 2), np.int64), np.ones((3, 4, 2))], ids=["rows", "whole", "constant"]
)
def test_refused(x: Any) -> None:
    with pytest.raises(DataError):
        Series().fit(Items(x=x))


def test_longer_sequences_are_refused() -> None:
    domain = Series().fit(unequal())
    with pytest.raises(DataError, match="longest"):
        domain.encode(Items(x=np.zeros((1, 9, 4))))
