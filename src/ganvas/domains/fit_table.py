"""The columns of a table with their codes, from the training rows, and messages about them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ..base.errors import DataError
from ..base.wording import counted, shortened
from ..data.table_column import TableColumn
from .column_codes import ColumnCode, category_code, number_code
from .following import columns_not_learnt
from .table_layout import TableLayout

if TYPE_CHECKING:
    from ..data.source import Items


def fitted_columns(
    items: "Items",
    known: TableLayout,
    modes: int,
    spikes: float,
    follows: bool = False,
    rules: tuple[str, ...] = (),
) -> tuple[tuple[TableColumn, ...], tuple[ColumnCode, ...]]:
    """The columns, and the codes of those that are learnt; those that are known already, of a stored run, are kept.

    Args:
        items: the training rows; a table, or plain numbers [N, F].
        known: without codes before the first fit.
        modes: of a column of numbers, at most.
        spikes: share of the rows from which a value is a mode of its own; 0: none is.
        follows: whether columns that follow from others are not learnt.
        rules: of the table; columns that are sums by one of them are not learnt.

    Raises:
        DataError: the rows are no numbers, or the columns are others than those that are known.
        UsageError: a rule is wrong.
    """
    columns = items.table or plain_columns(items)
    if known.codes:
        sides = [tuple((each.name, each.type) for each in side) for side in (known.columns, columns)]
        if sides[0] != sides[1]:
            text, other = (shortened([f"{name} ({kind})" for name, kind in side]) for side in sides)
            raise DataError(f"the recipe knows the columns {text}; the data have {other}")
        return known.columns, known.codes
    learnt = [column for column in columns if column.is_learnt]
    codes = columns_not_learnt(learnt, items.x, rules=rules, follows=follows)
    for place, (column, values) in enumerate(zip(learnt, items.x.T, strict=True)):
        if place not in codes:
            discrete = column.is_discrete
            codes[place] = category_code(column, values) if discrete else number_code(column, values, modes, spikes)
    return columns, tuple(codes[place] for place in range(len(learnt)))


def plain_columns(items: "Items") -> tuple[TableColumn, ...]:
    """Columns of plain numbers, for data that are no table of a person's own. Raises DataError."""
    x, names = items.x, items.columns or tuple(f"column {place + 1}" for place in range(items.x.shape[-1]))
    if x.ndim != 2 or not np.issubdtype(x.dtype, np.floating):
        raise DataError(f"tables are floats [N, F]; these data are {x.dtype} {list(x.shape)}")
    lows, highs = np.nanmin(x, axis=0).tolist(), np.nanmax(x, axis=0).tolist()
    return tuple(
        TableColumn(name, "number", "plain numbers", low=low, high=high, missing=int(np.isnan(column).sum()))
        for name, low, high, column in zip(names, lows, highs, x.T, strict=True)
    )


def messages_on(layout: TableLayout) -> Iterator[str]:
    """What the columns are taken for, and which are not learnt."""
    for kind in dict.fromkeys(column.type for column in layout.columns):
        alike = [column for column in layout.columns if column.type == kind]
        names = shortened([column.name for column in alike])
        yield f"{kind}: {names}" + ("" if alike[0].is_learnt else f" ({alike[0].fate})")
    missing = [f"{column.name} ({column.missing:,})" for column in layout.learnt if column.missing]
    if missing:
        yield f"missing values are a state of their own: {shortened(missing)}"
    for place in sorted(layout.followers):
        of = layout.learnt[layout.codes[place].of].name
        yield f"{layout.learnt[place].name} follows from {of} in all training rows, and so it does in samples"
    yield f"{counted(len(layout.learnt), 'column')} as {layout.size:,} numbers for the networks"
