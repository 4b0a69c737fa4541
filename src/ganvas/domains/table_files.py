"""Rows of a table as text and as files: types, decimals, categories, order and names of the data."""

import csv
import gzip
import io
import math
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.draws import derive
from ..base.errors import MissingExtra, UsageError
from ..data.table_column import TableColumn
from ..data.table_dates import written

if TYPE_CHECKING:
    import pandas as pd  # type: ignore[import-untyped]

ENDINGS = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".parquet", ".pq")


def write_rows(samples: np.ndarray[Any, Any], columns: Sequence[TableColumn], out: Path) -> None:
    """Write samples [N, F], F the learnt columns, as a table. Raises UsageError, MissingExtra, OSError."""
    name = out.name.lower()
    if not name.endswith(ENDINGS):
        hint = "Use .csv, .tsv, .csv.gz or .parquet."
        raise UsageError(f"cannot write a table as '{out.suffix}'", where=str(out), hint=hint)
    if name.endswith((".parquet", ".pq")):
        try:
            frame_of(samples, columns).to_parquet(out, index=False)
        except ImportError as error:
            hint = 'pip install "ganvas[tables]"'
            raise MissingExtra("a Parquet file needs pyarrow", where=str(out), hint=hint) from error
        return
    text = io.StringIO()
    writer = csv.writer(text, delimiter="\t" if ".tsv" in name else ",", lineterminator="\n")
    written_columns = [column for column in columns if column.type != "text"]
    writer.writerow(column.name for column in written_columns)
    writer.writerows(zip(*texts_of(samples, columns), strict=True))
    data = text.getvalue().encode()
    out.write_bytes(gzip.compress(data, mtime=0) if name.endswith(".gz") else data)  # without a date: same bytes


def texts_of(samples: np.ndarray[Any, Any], columns: Sequence[TableColumn]) -> list[list[str]]:
    """The cells of each column that samples have, as they are written."""
    place, found = 0, []
    for column in columns:
        if column.is_learnt:
            found.append([cell_text(column, value) for value in samples[:, place].tolist()])
            place += 1
        elif column.type == "constant":
            found.append([column.padding + column.categories[0]] * len(samples))
        elif column.type == "identifier":
            found.append([identifier(column, row) for row in range(len(samples))])
    return found


def cell_text(column: TableColumn, value: float) -> str:
    """One value as it is written."""
    if math.isnan(value):
        return column.padding + column.missing_text if column.missing_text else ""
    if column.is_discrete:
        return column.padding + column.categories[int(value)]
    if column.type == "date":
        return column.padding + written(value, column.form)
    return column.padding + (f"{value + 0.0:.{column.decimals}f}" if column.decimals >= 0 else f"{value:.9g}")


def identifier(column: TableColumn, row: int) -> str:
    """A new identifier for a row, in the form of the data's."""
    if column.form == "uuid":
        return str(uuid.UUID(int=derive("identifier", column.name, row), version=4))
    prefix, digits, following = column.form.rsplit("|", 2)
    return f"{column.padding}{prefix}{int(following) + row:0{int(digits)}d}"


def frame_of(samples: np.ndarray[Any, Any], columns: Sequence[TableColumn]) -> "pd.DataFrame":
    """Samples as a DataFrame with the types of the data. Raises MissingExtra."""
    try:
        import pandas as pd
    except ImportError as error:
        message = "a DataFrame needs pandas, which is not installed"
        raise MissingExtra(message, hint='pip install "ganvas[tables]"') from error
    place, found = 0, {}
    for column in columns:
        if column.is_learnt:
            found[column.name] = learnt_series(column, samples[:, place])
            place += 1
        elif column.type != "text":
            cells = texts_of(np.empty((len(samples), 0)), [column])[0]
            series = pd.Series(cells, dtype=object)
            numeric = column.form.startswith("|0|") or column.dtype.lower().startswith(("int", "uint", "float"))
            series = pd.to_numeric(series) if numeric else series
            found[column.name] = series.astype(column.dtype) if column.dtype else series
    return pd.DataFrame(found)


def learnt_series(column: TableColumn, values: np.ndarray[Any, Any]) -> "pd.Series[Any]":
    """One learnt column with its type; whole numbers with missing ones as Int64."""
    import pandas as pd

    absent = np.isnan(values)
    if column.is_discrete:
        cells: list[Any] = [
            None if missing else column.categories[int(v)] for v, missing in zip(values, absent, strict=True)
        ]
        if column.dtype in ("bool", "boolean"):
            cells = [None if each is None else each == "True" for each in cells]
        elif column.dtype.lower().startswith(("int", "uint", "float")):
            cells = [None if each is None else float(each) for each in cells]
        elif column.dtype == "category":
            return pd.Series(pd.Categorical(cells, categories=list(column.categories)))
        series = pd.Series(cells, dtype=object)
        return series.astype(column.dtype) if column.dtype not in ("", "object") else series
    if column.type == "date":
        if column.dtype.startswith("datetime"):
            return pd.Series(pd.to_datetime(values, unit="s")).astype(column.dtype)
        return pd.Series(
            [None if missing else written(v, column.form) for v, missing in zip(values, absent, strict=True)]
        )
    if column.dtype:
        return pd.Series(values).astype(column.dtype)
    if column.type == "whole":
        return pd.Series(values).astype("Int64" if absent.any() else "int64")
    return pd.Series(values)
