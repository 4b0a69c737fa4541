"""What columns are taken for, and what is refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ganvas.base.errors import DataError, UsageError
from ganvas.data.learnt_table import LearntTable
from ganvas.data.table import TableFile, table_of

ROWS = 60


def table(tmp_path: Path, **columns: list[Any]) -> LearntTable:
    path = tmp_path / "rows.csv"
    lines = [",".join(columns), *(",".join(map(str, row)) for row in zip(*columns.values(), strict=True))]
    path.write_text("\n".join(lines) + "\n")
    return table_of(TableFile(str(path)))


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ([f"{row / 7:.3f}" for row in range(ROWS)], "number"),
        ([row * row for row in range(ROWS)], "whole"),
        ([("red", "green", "blue")[row % 3] for row in range(ROWS)], "category"),
        (["yes" if row % 3 else "no" for row in range(ROWS)], "yes/no"),
        ([row % 2 for row in range(ROWS)], "yes/no"),
        ([f"2024-01-{1 + row % 28:02d}" for row in range(ROWS)], "date"),
        ([f"{1 + row % 28:02d}.01.2024 12:30" for row in range(ROWS)], "date"),
        (["same"] * ROWS, "constant"),
        ([7] * ROWS, "constant"),
        ([1000 + row for row in range(ROWS)], "identifier"),
        ([f"A-{row:04d}" for row in range(ROWS)], "identifier"),
        ([f"the words of row {row}" for row in range(ROWS)], "text"),
        ([f"{row % 5:03d}" for row in range(ROWS)], "category"),
        ([("1", "2", "3", "4+")[row % 4] for row in range(ROWS)], "category"),
    ],
)
def test_each_kind_is_recognised(tmp_path: Path, cells: list[Any], kind: str) -> None:
    found = table(tmp_path, value=cells, other=[(row * 7) % 50 for row in range(ROWS)])
    assert found.columns[0].type == kind
    assert found.columns[1].type == "whole"


def test_numbers_keep_decimals_range_and_missing_cells(tmp_path: Path) -> None:
    cells = ["" if row % 4 == 0 else f"{row / 8:.2f}" for row in range(ROWS)]
    found = table(tmp_path, value=cells, other=[(row * 7) % 50 for row in range(ROWS)])
    column = found.columns[0]
    assert (column.decimals, column.low, column.high, column.missing) == (2, 0.12, 7.38, 15)
    np.testing.assert_array_equal(np.isnan(found.x[:, 0]), [row % 4 == 0 for row in range(ROWS)])
    assert found.x[5, 0] == pytest.approx(0.62)


def test_a_decimal_comma_and_codes_keep_their_form(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("preis;plz\n" + "".join(f"{row / 4:.2f};{row % 7:05d}\n".replace(".", ",") for row in range(ROWS)))
    found = table_of(TableFile(str(path)))
    assert found.x[3, 0] == 0.75
    assert found.columns[1].categories[3] == "00003"
    assert "semicolons" in found.raw.written


def test_a_column_may_be_taken_for_another_kind(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("a,b\n" + "".join(f"{row % 5},{row % 3:02d}\n" for row in range(ROWS)))
    named = TableFile(str(path), kinds={"a": "category", "b": "whole"})
    a, b = table_of(named).columns
    assert (a.type, a.categories, b.type, b.high) == ("category", ("0", "1", "2", "3", "4"), "whole", 2.0)
    assert [column.name for column in table_of(TableFile(str(path), drop=("a",))).columns] == ["b"]
    with pytest.raises(UsageError, match="no column 'c'"):
        table_of(TableFile(str(path), drop=("c",)))
    with pytest.raises(DataError, match="no primary key"):
        table_of(TableFile(str(path), primary_key="a"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1,2\n" * ROWS, "no header"),
        ("a,a\n" + "x,2\n" * ROWS, "2 columns are called 'a'"),
        ("a,b\n" + "x,\n" * ROWS, "every cell of column 'b' is missing"),
        ("a,b\n" + "x,1\n" * ROWS, "no column can be learnt"),
        ("a,b\n" + "".join(f"x{row % 3},{row}\n" for row in range(10)), "too few rows to learn from: 10"),
        (",".join(f"c{place}" for place in range(5_000)) + "\n", "5,000 columns"),
        ("a\n" + "".join(f"{row}.5\n" for row in range(ROWS)) + "many\n", "line 62: 'many'"),
        ("a\n" + "".join(f"{row}.5\n" for row in range(ROWS)) + "inf\n", "infinite numbers: line 62"),
        ("a,b\n" + "x,y\0\n" * ROWS, "NUL"),
        ("a,b\n" + "x,y\n" * ROWS + "x\n", "line 62 has 1 cell"),
        ("ä,b\n".encode("latin-1") + b"x,y\n" * ROWS, "not text in UTF-8"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str | bytes, said: str) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(DataError, match=said) as refused:
        table_of(TableFile(str(path)))
    assert refused.value.where == str(path)
    assert refused.value.hint


def test_a_frame_keeps_its_types(tmp_path: Path) -> None:
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(
        {
            "grade": pd.Categorical(["low", "high"] * 30, categories=["low", "mid", "high"], ordered=False),
            "done": [True, False, True] * 20,
            "when": pd.date_range("2024-01-01", periods=60, freq="h"),
            "count": pd.array([1, None, 3, 7, 9, 11] * 10, dtype="Int64"),
        }
    )
    path = tmp_path / "rows.parquet"
    frame.to_parquet(path)
    found = table_of(TableFile(str(path)))
    assert [column.type for column in found.columns] == ["category", "yes/no", "date", "whole"]
    assert found.columns[0].categories == ("low", "mid", "high")
    assert np.diff(found.x[:, 2]).tolist() == [3600.0] * 59
    assert found.columns[3].missing == 10
