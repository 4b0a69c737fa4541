"""Rules that are sums: how they are read, what is refused, and when rows meet them."""

import numpy as np
import pytest

from ganvas.base.errors import UsageError
from ganvas.data.table_column import TableColumn
from ganvas.data.table_conditions import RowCondition
from ganvas.data.table_sums import SumRule, parse_rule, sums_of

COLUMNS = (
    TableColumn("total", "number", decimals=1),
    TableColumn("net", "number", decimals=2),
    TableColumn("tax", "number", decimals=2),
    TableColumn("grade", "category", categories=("A", "A + B")),
)


def test_a_sum_is_read_and_other_rules_are_conditions() -> None:
    assert parse_rule("total = net + tax", COLUMNS) == SumRule("total = net + tax", 0, (1, 2), 1)
    assert parse_rule("total == net+tax+net", COLUMNS)[2] == (1, 2, 1)
    for text in ("total >= net", "grade = A + B", "net > 0"):
        assert isinstance(parse_rule(text, COLUMNS), RowCondition)


def test_a_sum_may_be_rounded_and_is_missing_with_its_parts() -> None:
    """To one decimal: 1.26 + 2.00 is 3.3 or 3.2 within half a unit, and not 3.4."""
    nan = float("nan")
    rows = [[3.3, 1.26, 2.0], [3.4, 1.26, 2.0], [nan, nan, 2.0], [nan, 1.0, 2.0], [3.0, nan, 2.0]]
    held = SumRule("", 0, (1, 2), 1).holds(np.array(rows))
    assert held.tolist() == [True, False, True, False, False]
    assert SumRule("", 0, (1, 2), -1).holds(np.array([[0.3, 0.1, 0.2], [0.3001, 0.1, 0.2]])).tolist() == [True, False]


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (["total = net + tex"], "no column 'tex'"),
        (["total = net + grade"], "'grade' is category"),
        (["total = net + total"], "added to itself"),
        (["total = net + tax", "net = total + tax"], "in two sums"),
        (["total = net + tax", "total = net + net"], "in two sums"),
    ],
)
def test_wrong_sums_are_refused(texts: list[str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        sums_of(texts, COLUMNS)
