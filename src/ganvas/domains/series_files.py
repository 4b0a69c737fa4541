"""Sequences as a file: below each other, each with its number and its steps, under the columns of the data."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..data.table_column import TableColumn
from .table_files import write_rows

SEQUENCE, STEP = "sequence", "step"  # names of the columns of samples, where the data have none


def write_sequences(samples: np.ndarray[Any, Any], columns: Sequence[TableColumn], out: Path) -> None:
    """Write samples [N, T, F], NaN behind the end of a sequence, as a table.

    Raises:
        UsageError: of an ending that names no table.
        MissingExtra: of Parquet without pyarrow.
        OSError: the file cannot be written.
    """
    n, length, _ = samples.shape
    number, step = np.divmod(np.arange(n * length), length)
    flat = samples.reshape(n * length, -1)
    going = ~np.isnan(flat).all(axis=1)
    rows = np.concatenate([number[:, None], step[:, None], flat], axis=1)[going]
    keys = [TableColumn(name, "whole", decimals=0) for name in key_names(columns)]
    write_rows(rows, [*keys, *(column for column in columns if column.type != "identifier")], out)


def key_names(columns: Sequence[TableColumn]) -> tuple[str, str]:
    """The names of the columns of the sequence and of its steps: those of the data, where they have such columns."""
    own = {column.form: column.name for column in columns if column.type == "identifier"}
    taken = {column.name for column in columns}
    free = [name if name not in taken else f"{name} number" for name in (SEQUENCE, STEP)]
    return own.get(SEQUENCE, free[0]), own.get(STEP, free[1])
