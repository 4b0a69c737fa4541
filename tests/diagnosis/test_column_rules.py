"""The verdict on a column that is off, by its signals."""

from typing import Any

from ganvas.diagnosis.rules import findings
from health import LOOKS, TOTAL, looks

FINE = {"apart": 0.1, "sd": 1.05, "shift": 0.05, "chance": 0.1}


def signals(**columns: dict[str, float]) -> dict[str, Any]:
    return {
        f"column.{name}.{key}": value for name, changed in columns.items() for key, value in {**FINE, **changed}.items()
    }


def evidence(**columns: dict[str, float]) -> str:
    found = [
        finding for finding in findings(looks(lambda i: signals(**columns)), TOTAL) if finding.name == "column off"
    ]
    return found[0].evidence if found else ""


def test_columns_that_follow_the_data_are_called_nothing() -> None:
    assert evidence(age={}, pay={}) == ""
    assert findings(looks(lambda i: signals(age={}, pay={})), TOTAL) == []


def test_the_worst_column_is_named_with_its_numbers() -> None:
    assert "'income' has standard deviation 8.43e+03 times" in evidence(age={}, income={"apart": 6e3, "sd": 8428.0})
    assert "column 'income' is 2.1 standard deviations below" in evidence(income={"apart": 2.1, "shift": -2.1}, age={})
    assert "(2 columns are off)" in evidence(age={"apart": 0.9}, income={"apart": 0.8})
    assert "'a.b' are 0.7 standard deviations" in evidence(**{"a.b": {"apart": 0.7}})


def test_a_lost_spread_is_off_unless_it_may_be_chance() -> None:
    lost = {"apart": 0.2, "sd": 0.01}
    assert "'loss' has standard deviation 0.01 times" in evidence(loss={**lost, "chance": 0.3})
    assert evidence(loss={**lost, "chance": 0.8}) == "", "few samples would show its rare values"


def test_a_column_that_comes_nearer_is_left_alone() -> None:
    nearing = looks(lambda i: signals(age={"apart": 5 * 0.85**i}))
    assert [findings(nearing[:n], TOTAL) for n in range(LOOKS + 1)] == [[]] * (LOOKS + 1)
