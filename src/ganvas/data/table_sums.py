"""Rules such as 'total = net + tax': a column of a table that is the sum of others."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..base.errors import UsageError, suggest
from ..base.wording import shortened
from .table_column import TableColumn
from .table_conditions import Mask, RowCondition, parse_condition

RELATIVE = 1e-9  # share of a sum by which it may differ, beside half a unit of its last decimal
Numbers = np.ndarray[Any, np.dtype[np.float64]]


class SumRule(NamedTuple):
    """A column that is the sum of others.

    Args:
        text: as it was written.
        column: place of the sum among the columns that are learnt.
        parts: places of the columns that are added.
        decimals: of the sum; -1 where it is not rounded.
    """

    text: str
    column: int
    parts: tuple[int, ...]
    decimals: int

    def holds(self, rows: Numbers) -> Mask:
        """[N]: whether rows [N, F] meet it; a sum is missing where a part is."""
        found, total = rows[:, self.column], rows[:, list(self.parts)].sum(axis=1)
        apart = RELATIVE * np.abs(total) + (0.5 * 10.0**-self.decimals if self.decimals >= 0 else 0.0)
        held: Mask = (np.abs(found - total) <= apart) | (np.isnan(found) & np.isnan(total))
        return held


def parse_rule(text: str, columns: Sequence[TableColumn]) -> RowCondition | SumRule:
    """A sum, or a condition as `parse_condition` reads it, whose errors it raises.

    Args:
        text: 'COLUMN = COLUMN + COLUMN' with two columns or more to add, or a condition.
        columns: those that are learnt, in their order.

    Raises:
        UsageError: a column of the sum is unknown, no number, or added to itself.
    """
    names = [column.name for column in columns]
    left, sign, right = text.partition("=")
    total, parts = left.strip(), [part.strip() for part in right.removeprefix("=").split("+")]
    if not sign or len(parts) < 2 or total not in names or not any(part in names for part in parts):
        return parse_condition(text, columns)
    for name in (total, *parts):
        if name not in names:
            hint = suggest(name, names) or f"There are: {shortened(names)}."
            raise UsageError(f"there is no column '{name}' to add", where=text, hint=hint)
        if columns[names.index(name)].type not in ("number", "whole"):
            message = f"'{name}' is {columns[names.index(name)].type}, and a sum is of numbers"
            raise UsageError(message, where=text, hint="Name columns of numbers.")
    if total in parts:
        raise UsageError(f"'{total}' is added to itself", where=text, hint="Leave it out on one side.")
    place = names.index(total)
    return SumRule(text, place, tuple(names.index(part) for part in parts), columns[place].decimals)


def sums_of(rules: Sequence[str], columns: Sequence[TableColumn]) -> dict[int, SumRule]:
    """The sums among these rules, by the place of their column.

    Raises UsageError for a column in two sums, and as `parse_rule`.
    """
    every = [rule for rule in (parse_rule(text, columns) for text in rules) if isinstance(rule, SumRule)]
    found: dict[int, SumRule] = {}
    for rule in every:
        if rule.column in found or any(rule.column in other.parts for other in every):
            message = f"'{columns[rule.column].name}' is in two sums"
            raise UsageError(message, where=rule.text, hint="Write one sum, of columns that are no sums themselves.")
        found[rule.column] = rule
    return found
