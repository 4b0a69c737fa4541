"""The columns of a pandas DataFrame as they are read from a Parquet file."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.errors import DataError, MissingExtra
from .raw_column import ABSENT, MOST_DECIMALS, RawColumn, RawTable

if TYPE_CHECKING:
    import pandas as pd  # type: ignore[import-untyped]


def read_parquet(path: Path) -> RawTable:
    """The columns of a Parquet file. Raises DataError, MissingExtra."""
    try:
        import pyarrow.parquet as pq  # type: ignore[import-untyped]
    except ImportError as error:
        message = "a Parquet file needs pyarrow, which is not installed"
        raise MissingExtra(message, where=str(path), hint='pip install "ganvas[tables]"') from error
    try:
        frame = pq.read_table(path).to_pandas()
    except (OSError, ValueError) as error:  # pyarrow's errors are of these
        message = f"cannot read the Parquet file: {str(error).splitlines()[0][:200]}"
        raise DataError(message, where=str(path), hint="Is it whole?") from error
    return RawTable(columns_of_frame(frame, str(path)), len(frame), "Parquet")


def columns_of_frame(frame: "pd.DataFrame", where: str = "") -> tuple[RawColumn, ...]:
    """One column each, types kept. Raises DataError for repeated names and for cells that are tables themselves."""
    names = [str(name) for name in frame.columns]
    for name in names:
        if names.count(name) > 1:
            raise DataError(
                f"{names.count(name)} columns are called '{name}'", where=where, hint="Give each a name of its own."
            )
    return tuple(column_of(frame.iloc[:, place], name, where) for place, name in enumerate(names))


def column_of(series: "pd.Series[Any]", name: str, where: str) -> RawColumn:
    """One column of a frame. Raises DataError."""
    import pandas as pd

    dtype = str(series.dtype)
    absent = series.isna().to_numpy()
    if pd.api.types.is_bool_dtype(series.dtype) and not isinstance(series.dtype, pd.CategoricalDtype):
        texts = np.where(absent, "", series.astype(object).map(str).to_numpy())
        return texts_column(name, texts, absent, dtype)
    if pd.api.types.is_numeric_dtype(series.dtype):
        numbers = series.astype("float64").to_numpy(dtype=np.float64, na_value=np.nan).copy()
        check_finite(numbers, name, where)
        return RawColumn(name, numbers=numbers, decimals=decimals_of(numbers), dtype=dtype)
    if pd.api.types.is_datetime64_any_dtype(series.dtype):
        texts = series.dt.strftime("%Y-%m-%dT%H:%M:%S").fillna("").to_numpy(dtype=object)
        return texts_column(name, texts, absent, dtype)
    if isinstance(series.dtype, pd.CategoricalDtype):
        codes = series.cat.codes.to_numpy(dtype=np.int64)
        return RawColumn(name, codes=codes, texts=tuple(map(str, series.cat.categories)), dtype=dtype)
    return texts_column(name, series.astype(object).map(str).to_numpy(), absent, dtype)


def texts_column(name: str, texts: Any, absent: Any, dtype: str) -> RawColumn:
    """A column of texts."""
    places: dict[str, int] = {}
    codes = [
        ABSENT if missing else places.setdefault(text, len(places)) for text, missing in zip(texts, absent, strict=True)
    ]
    return RawColumn(name, codes=np.array(codes, np.int64), texts=tuple(places), dtype=dtype)


def check_finite(numbers: Any, name: str, where: str) -> None:
    """Raises DataError for infinite numbers, with the first row."""
    infinite = np.isinf(numbers)
    if infinite.any():
        message = f"column '{name}' holds infinite numbers, the first in row {int(infinite.argmax()) + 1}"
        raise DataError(message, where=where, hint="Remove them, or leave the cells empty.")


def decimals_of(numbers: Any) -> int:
    """To how many decimals, at most MOST_DECIMALS, rounding changes no value; -1 if there is no such number."""
    values = np.unique(numbers[np.isfinite(numbers)])
    return next((digits for digits in range(MOST_DECIMALS + 1) if np.array_equal(values.round(digits), values)), -1)
