"""What a table's columns are taken for, as a table for people and as plain values."""

from collections.abc import Sequence
from typing import Any

from ..base.wording import shortened
from .table_column import TableColumn
from .table_dates import written

HEAD = ("column", "taken for", "missing", "values", "range", "why", "and then")
WIDEST = 34  # characters of a cell


def column_facts(column: TableColumn) -> dict[str, Any]:
    """A column as JSON has it."""
    return {
        "name": column.name,
        "kind": column.type,
        "why": column.why,
        "missing": column.missing / max(1, column.rows),
        "distinct": column.distinct,
        "range": range_text(column),
        "fate": column.fate,
    }


def range_text(column: TableColumn) -> str:
    """The least and largest value, or the first categories."""
    if column.type in ("number", "whole"):
        form = ",.0f" if column.decimals == 0 else ",.6g"
        return f"{column.low:{form}} to {column.high:{form}}"
    if column.type == "date":
        return f"{written(column.low, column.form)} to {written(column.high, column.form)}"
    return shortened(list(column.categories), 3)


def report_table(columns: Sequence[TableColumn]) -> list[str]:
    """One line a column, under a line of heads."""
    rows = [HEAD]
    for column in columns:
        share = f"{column.missing / max(1, column.rows):.1%}" if column.missing else ""
        cells = (column.name, column.type, share, f"{column.distinct:,}", range_text(column), column.why, column.fate)
        rows.append(tuple(cut(cell) for cell in cells))  # type: ignore[arg-type]  # seven cells
    widths = [max(len(row[place]) for row in rows) for place in range(len(HEAD))]
    right = (2, 3)
    return [
        "  ".join(
            cell.rjust(width) if place in right else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def cut(text: str) -> str:
    """A text of at most WIDEST characters."""
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"
