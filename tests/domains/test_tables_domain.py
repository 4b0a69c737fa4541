"""Tables: values there and back, missing ones too; the one-hots and modes of the paper; files with the data's form."""

import csv
from pathlib import Path

import numpy as np
import pytest
import torch

from ganvas.base.errors import DataError
from ganvas.data.balanced import CONDITION, BalancedRows
from ganvas.data.made_table import MadeTable
from ganvas.data.source import Items
from ganvas.data.table_column import TableColumn
from ganvas.domains.column_codes import ColumnCode, coded, decoded
from ganvas.domains.following import following, function_of
from ganvas.domains.table_files import identifier
from ganvas.domains.tables import Tables
from ganvas.domains.wanted_rows import WantedRows, check_rules

ITEMS = MadeTable().items("train")
DOMAIN = Tables().fit(ITEMS)


def encoded(items: Items) -> torch.Tensor:
    return DOMAIN.to_tensor(torch.from_numpy(DOMAIN.encode(items)))


def test_values_survive_and_missing_ones_too() -> None:
    x = encoded(ITEMS)
    np.testing.assert_allclose(DOMAIN.decode(x), ITEMS.x, rtol=0, atol=1e-9)
    assert np.isnan(DOMAIN.decode(x)[:, 3]).mean() == pytest.approx(0.1, abs=0.02)
    assert torch.equal(DOMAIN.as_written(x), x)


def test_x_is_one_hots_and_then_scalars_with_their_modes() -> None:
    x, start = encoded(ITEMS), 0
    assert DOMAIN.blocks[:2] == (3, 2)
    assert DOMAIN.spec(ITEMS).shape == (x.shape[1],)
    for block in DOMAIN.blocks:
        start += block < 0
        part = x[:, start : start + abs(block)]
        assert torch.equal(part.sum(1), torch.ones(len(x)))
        assert set(part.unique().tolist()) == {0.0, 1.0}
        start += abs(block)
    assert start == x.shape[1]


def test_a_number_is_normalised_by_its_mode() -> None:
    """(c - mean_k) / (4 sigma_k), Xu et al. 2019, section 4.2."""
    code = ColumnCode((50, 50, 1), means=(0.0, 100.0), scales=(1.0, 10.0))
    column = TableColumn("c", "number", low=-5.0, high=200.0, missing=1)
    stored = coded(code, column, np.array([2.0, 80.0, np.nan]), 0)
    np.testing.assert_allclose(stored, [[0.5, 0.0], [-0.5, 1.0], [0.0, 2.0]])
    part = np.concatenate([stored[:, :1], np.eye(3)[stored[:, 1].astype(int)]], axis=1)
    np.testing.assert_allclose(decoded(code, column, part), [2.0, 80.0, np.nan])


def test_a_number_far_from_its_likeliest_mode_gets_one_that_holds_it() -> None:
    """Of 4.5, the likeliest is the narrow mode, which ends at 4; the other holds it. Nothing holds -60."""
    code = ColumnCode((1_000_000_000, 1), means=(0.0, 100.0), scales=(1.0, 25.0))
    column = TableColumn("c", "number", low=-60.0, high=200.0)
    stored = coded(code, column, np.array([4.5, -60.0]), 0)
    np.testing.assert_allclose(stored, [[-0.955, 1.0], [-1.6, 1.0]])
    part = np.concatenate([stored[:, :1], np.eye(2)[stored[:, 1].astype(int)]], axis=1)
    np.testing.assert_allclose(decoded(code, column, part), [4.5, -60.0])


def test_the_mode_of_an_ambiguous_number_is_drawn_by_its_probability() -> None:
    code = ColumnCode((75, 25), means=(-1.0, 1.0), scales=(1.0, 1.0))
    stored = coded(code, TableColumn("c", "number", low=-9, high=9), np.zeros(4_000), 0)
    assert stored[:, 1].mean() == pytest.approx(0.25, abs=0.02)


def test_the_order_prefers_rare_categories_by_the_logarithm_of_their_rows() -> None:
    n = np.array([900, 99, 1])
    store = BalancedRows(np.repeat(np.arange(3.0), n)[:, None].astype(np.float32), (3,))
    index, _ = store.order(seed=0, name="data").at(0, 20_000)
    shares = np.bincount(store.rows(torch.from_numpy(index))[:, 0].int(), minlength=3) / 20_000
    np.testing.assert_allclose(shares, np.log1p(n) / np.log1p(n).sum(), atol=0.01)


def test_each_row_has_the_category_that_it_is_asked_for_and_columns_take_turns() -> None:
    store = DOMAIN.store(ITEMS)
    order = store.order(seed=1, name="data")
    index, _ = order.at(0, 500)
    x = DOMAIN.to_tensor(store.rows(torch.from_numpy(index)))
    condition = store.given[CONDITION].values[torch.from_numpy(index)]
    assert torch.equal((x[:, :5] * condition).sum(1), torch.ones(500))
    assert condition[:, :3].sum(1).mean() == pytest.approx(0.5, abs=0.07)
    later, _ = order.at(200, 100)
    np.testing.assert_array_equal(later, index[200:300], "a function of the position alone")


def test_another_table_is_refused() -> None:
    with pytest.raises(Exception, match="the recipe knows the columns"):
        DOMAIN.fit(Items(x=ITEMS.x[:, :2], table=ITEMS.table[:2], columns=ITEMS.columns[:2]))


def test_a_file_has_the_names_order_decimals_categories_dates_and_missing_cells_of_the_data(tmp_path: Path) -> None:
    columns = (
        TableColumn("id", "identifier", form="A-|4|12"),
        TableColumn("grade", "category", categories=("high", "low"), padding=" ", missing=1, missing_text="?"),
        TableColumn("note", "text"),
        TableColumn("day", "date", form="%d.%m.%Y"),
        TableColumn("price", "number", decimals=2),
        TableColumn("unit", "constant", categories=("EUR",)),
    )
    rows = np.array([[1.0, 86_400.0 * 31, 1.5], [np.nan, 0.0, -0.001]])
    Tables(columns=columns).write(rows, tmp_path / "new.csv")
    with (tmp_path / "new.csv").open() as file:
        assert list(csv.reader(file)) == [
            ["id", "grade", "day", "price", "unit"],
            ["A-0012", " low", "01.02.1970", "1.50", "EUR"],
            ["A-0013", " ?", "01.01.1970", "-0.00", "EUR"],
        ]


def test_identifiers_are_new_and_in_the_form_of_the_old() -> None:
    assert identifier(TableColumn("id", "identifier", form="|0|401"), 2) == "403"
    first, second = (identifier(TableColumn("key", "identifier", form="uuid"), row) for row in (0, 1))
    assert len(first) == 36
    assert first != second


def test_a_column_that_follows_from_another_is_set_by_it() -> None:
    """Country and code follow from each other: the later one is set. The third breaks it in one row."""
    columns = (
        TableColumn("country", "category", categories=("at", "be", "ch"), missing=1),
        TableColumn("code", "whole", decimals=0, low=1, high=43),
        TableColumn("almost", "yes/no", categories=("no", "yes")),
    )
    place = np.repeat([0.0, 1.0, 2.0, np.nan], 30)
    x = np.stack([place, np.repeat([43.0, 32.0, 41.0, 1.0], 30), np.repeat([0.0, 1.0, 1.0, 0.0], 30)], axis=1)
    x[7, 2] = 1.0
    items = Items(x=x, table=columns, columns=("country", "code", "almost"))
    assert following(columns, x).keys() == {1}
    domain = Tables(follows=True).fit(items)
    assert domain.blocks == (4, 2)
    assert (
        list(domain.messages(items))[-2] == "code follows from country in all training rows, and so it does in samples"
    )
    made = domain.to_tensor(torch.from_numpy(domain.encode(items)))
    np.testing.assert_array_equal(domain.decode(made), x)
    assert Tables().fit(items).blocks == (4, 2, -2), "the recipe of the paper learns it"


def test_a_sum_is_not_learnt_and_holds_in_every_row() -> None:
    names = ("net", "tax", "total")
    columns = tuple(TableColumn(name, "number", decimals=2, low=0.0, high=9.0) for name in names)
    parts = np.random.default_rng(0).uniform(0, 9, (100, 2)).round(2)
    items = Items(x=np.column_stack([parts, parts.sum(1).round(2)]), table=columns, columns=names)
    domain = Tables(rules=("total = net + tax",)).fit(items)
    assert len(domain.blocks) == 2
    rows = domain.decode(torch.randn(50, domain.size))
    np.testing.assert_array_equal(rows[:, 2], (rows[:, 0] + rows[:, 1]).round(2))
    assert WantedRows.of(domain).hold(rows).all()
    assert check_rules(domain, items.x) == ("every sample will meet the rule total = net + tax",)
    items.x[3, 2] += 0.01
    with pytest.raises(DataError, match="1 of 100 rows breaks the rule"):
        check_rules(domain, items.x)


@pytest.mark.parametrize(
    ("rows", "values"),
    [
        ([50, 50, 0], (7.0, 8.0, 7.0)),  # a code without rows gets the commonest value
        ([10, 9, 9], ()),  # less than 10 rows a code
        ([96, 4, 50], ()),  # all that differs is seen in 4 rows
    ],
)
def test_a_function_is_believed_where_enough_rows_have_it(rows: list[int], values: tuple[float, ...]) -> None:
    codes = np.repeat([0, 1, 2], rows)
    assert function_of(codes, np.array([7.0, 8.0, 7.0])[codes], 3) == values
