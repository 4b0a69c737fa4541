"""Conditions on rows of a table, such as 'income = >50K' and 'start <= end': read from text, and held or not."""

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np

from ..base.errors import DataError, UsageError, suggest
from ..base.wording import shortened
from ..ingest.dialect import MISSING, value
from .table_column import TableColumn
from .table_dates import seconds

Mask = np.ndarray[Any, np.dtype[np.bool_]]
OPERATORS: dict[str, Callable[[Any, Any], Any]] = {  # the longer first, as one begins with another
    "<=": operator.le,
    ">=": operator.ge,
    "!=": operator.ne,
    "==": operator.eq,
    "=": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
}


class RowTest(Protocol):
    """What rows can meet."""

    def holds(self, rows: np.ndarray[Any, Any]) -> Mask:
        """[N]: whether rows [N, F] meet it."""


class RowCondition(NamedTuple):
    """One condition: a column compared with a value or with another column.

    Args:
        text: as it was written.
        column: place of the column among those that are learnt.
        sign: of OPERATORS.
        value: a number, seconds or the place of a category; NaN for missing.
        other: place of the other column; None for a value.
    """

    text: str
    column: int
    sign: str
    value: float = math.nan
    other: int | None = None

    def holds(self, rows: np.ndarray[Any, Any]) -> Mask:
        """[N]: whether rows [N, F] meet it. A comparison with a missing value does not hold, = and != apart."""
        left = rows[:, self.column]
        if self.other is None and math.isnan(self.value):
            absent: Mask = np.isnan(left)
            return ~absent if self.sign == "!=" else absent
        right = self.value if self.other is None else rows[:, self.other]
        held: Mask = OPERATORS[self.sign](left, right)
        return held


def parse_condition(text: str, columns: Sequence[TableColumn]) -> RowCondition:
    """A condition on the learnt columns.

    Args:
        text: 'COLUMN SIGN VALUE', SIGN one of = != < <= > >=; VALUE a value of the column, 'missing', or a column.
        columns: those that are learnt, in their order.

    Raises:
        UsageError: the text is no condition, there is no such column, or it cannot be compared in this way.
        DataError: the column has no such category.
    """
    names = [column.name for column in columns]
    for name in sorted(names, key=len, reverse=True):
        rest = text.strip().removeprefix(name).lstrip()
        sign = next((each for each in OPERATORS if rest.startswith(each)), "")
        if text.strip().startswith(name) and sign:
            break
    else:
        raise not_condition(text, names)
    place, wanted = names.index(name), rest.removeprefix(sign).strip().strip("\"'")
    column = columns[place]
    if wanted in names and wanted not in column.categories:
        return RowCondition(text, place, sign, other=other_column(text, column, columns[names.index(wanted)], names))
    if column.is_discrete and sign not in ("=", "==", "!="):
        message = f"the categories of '{name}' have no order, so '{sign}' does not apply"
        raise UsageError(message, where=text, hint="Use = or !=.")
    return RowCondition(text, place, sign, number_of(wanted, column, text))


def not_condition(text: str, names: Sequence[str]) -> UsageError:
    """The error for a text that is no condition on these columns."""
    first = text.strip().split(" ")[0]
    near = suggest(first, names)
    hint = near or f"Such as '{names[0]} = VALUE'. There are: {shortened(names)}."
    return UsageError("this is no condition on a column that is learnt", where=text, hint=hint)


def other_column(text: str, column: TableColumn, other: TableColumn, names: Sequence[str]) -> int:
    """The place of the column that another is compared with. Raises UsageError for columns of unlike kinds."""
    if column.is_discrete or other.is_discrete or (column.type == "date") != (other.type == "date"):
        message = f"'{column.name}' is {column.type} and '{other.name}' {other.type}: they cannot be compared"
        raise UsageError(message, where=text, hint="Compare two columns of numbers, or two of dates.")
    return names.index(other.name)


def number_of(wanted: str, column: TableColumn, text: str) -> float:
    """The value of a column that a text names. Raises UsageError, DataError."""
    places = {each.strip(): place for place, each in enumerate(column.categories)}
    if wanted in places:
        return float(places[wanted])
    if wanted.lower() in (*MISSING, "missing"):
        return math.nan
    if column.is_discrete:
        hint = suggest(wanted, places) or f"There are: {shortened(list(places))}."
        raise DataError(f"column '{column.name}' has no value '{wanted}'", where=text, hint=hint)
    found = seconds(wanted, column.form) if column.type == "date" else value(wanted, commas=True)
    if found is None:
        kind = f"a date such as {column.form}" if column.type == "date" else "a number"
        raise UsageError(f"'{wanted}' is not {kind}", where=text, hint="Write 'missing' for missing values.")
    return found


def all_hold(conditions: Sequence[RowTest], rows: np.ndarray[Any, Any]) -> Mask:
    """[N]: whether rows [N, F] meet all conditions."""
    held: Mask = np.ones(len(rows), bool)
    for condition in conditions:
        held &= condition.holds(rows)
    return held
