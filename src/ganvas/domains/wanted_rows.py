"""Which rows of a table are wanted: conditions that a person asks for, and rules that always hold."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from ..base.errors import DataError, UsageError
from ..base.types import Batch
from ..data.balanced import CONDITION
from ..data.table_conditions import Mask, RowCondition, all_hold, parse_condition
from ..data.table_sums import SumRule, parse_rule
from .tables import Tables


class WantedRows(NamedTuple):
    """The conditions on rows.

    Args:
        conditions: those asked for, and then the table's rules, sums too; all hold.
        given: one-hot [C], the first category that is asked for, as the generator gets it; None if there is none.
    """

    conditions: tuple[RowCondition | SumRule, ...]
    given: Tensor | None

    @classmethod
    def of(cls, domain: Tables, where: Sequence[str] = ()) -> "WantedRows":
        """The conditions in these texts and the rules of the table. Raises UsageError, DataError."""
        chosen = [parse_condition(text, domain.learnt) for text in where]
        rules = [parse_rule(text, domain.learnt) for text in domain.rules]
        return cls((*chosen, *rules), first_category(domain, chosen))

    def hold(self, rows: np.ndarray[Any, Any]) -> Mask:
        """[N]: whether rows [N, F] meet all of them."""
        return all_hold(self.conditions, rows)

    def conditioned(self, batch: Batch) -> Batch:
        """The batch with the category for every row."""
        return batch if self.given is None else batch.with_given(**{CONDITION: self.given.expand(len(batch.x), -1)})

    def too_rare(self, have: int, tried: int) -> DataError:
        """The error where too few rows meet them."""
        texts = " and ".join(condition.text for condition in self.conditions)
        hint = "Ask for fewer rows or fewer conditions; perhaps the data have no such rows either."
        return DataError(f"only {have:,} of {tried:,} generated rows meet: {texts}", hint=hint)


def first_category(domain: Tables, conditions: Sequence[RowCondition]) -> Tensor | None:
    """One-hot [C], the first condition on a category; None if there is none."""
    start = 0
    for place, width in zip(domain.order, domain.widths, strict=False):
        for condition in conditions:
            if condition.column == place and condition.sign in ("=", "=="):
                one_hot = torch.zeros(sum(domain.widths))
                missing = condition.value != condition.value
                one_hot[start + (width - 1 if missing else int(condition.value))] = 1.0
                return one_hot
        start += width
    return None


def check_rules(domain: Tables, rows: np.ndarray[Any, Any]) -> tuple[str, ...]:
    """A message about each rule of a table. Raises DataError where one does not hold in all rows [N, F]."""
    messages = []
    for text in domain.rules:
        broken = int((~parse_rule(text, domain.learnt).holds(rows)).sum())
        if broken:
            message = f"{broken:,} of {len(rows):,} rows {'breaks' if broken == 1 else 'break'} the rule"
            raise DataError(message, where=text, hint="Correct the rows, or leave the rule out.")
        messages.append(f"every sample will meet the rule {text}")
    return tuple(messages)


def no_table(domain: str) -> UsageError:
    """The error for conditions on samples that are no rows of a table."""
    return UsageError(f"conditions apply to tables, and this model makes {domain}", hint="Leave --where out.")
