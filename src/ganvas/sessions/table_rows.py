"""New rows of a table: as many as are wanted, all of which meet some conditions."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from ..base.draws import derive
from ..base.errors import DataError, UsageError
from ..base.progress import report_progress
from ..data.balanced import CONDITION
from ..data.table_conditions import RowCondition, all_hold, parse_condition
from ..domains.tables import Tables
from ..training import noise_batches, outputs
from .model import Model

if TYPE_CHECKING:
    from ..base.types import Batch

CHUNK = 8_192  # rows that are made at once
MOST_TRIED = 1_000_000  # rows; with fewer wanted ones among them than wanted, sampling ends
RARE = 1e-3  # share of rows that meet the conditions, below which it ends after PATIENCE rows
PATIENCE = 200_000


def table_rows(model: Model, n: int, *, seed: int = 0, where: Sequence[str] = ()) -> np.ndarray[Any, Any]:
    """n rows as `Tables.decode` has them, all of which meet the conditions and the table's rules.

    The first condition of a category is given to the generator; the rest is met by rejection.

    Args:
        model: of a table.
        n: how many, at least 1.
        seed: the same seed gives the same rows.
        where: conditions such as "income = >50K"; all hold.

    Raises:
        UsageError: a condition is wrong, or the model makes no tables.
        DataError: a category is unknown, or too few rows meet the conditions.
    """
    domain = domain_of(model)
    conditions = [parse_condition(text, domain.learnt) for text in where]
    rules = [parse_condition(text, domain.learnt) for text in domain.rules]
    if not conditions and not rules:
        return model.sample(n, seed=seed)
    condition = condition_of(domain, conditions)
    found, have, tried = list[np.ndarray[Any, Any]](), 0, 0
    while have < n:
        count = min(CHUNK, max(64, 2 * (n - have)))
        batches = conditioned(noise_batches(model.spec, None), condition)
        own = seed if not tried else derive(seed, "rows", tried) % 2**63
        made = outputs(model.game, model.networks, batches, n=count, seed=own)
        rows = domain.decode(made)
        rows = rows[all_hold([*conditions, *rules], rows)]
        found.append(rows)
        have, tried = have + len(rows), tried + count
        report_progress("rows that meet the conditions", min(have, n), n)
        if have < n and (tried >= MOST_TRIED or (tried >= PATIENCE and have < RARE * tried)):
            raise too_rare([*where, *domain.rules], have, tried)
    return np.concatenate(found)[:n]


def too_rare(texts: Sequence[str], have: int, tried: int) -> DataError:
    """The error for conditions that too few rows meet."""
    message = f"only {have:,} of {tried:,} generated rows meet: {' and '.join(texts)}"
    return DataError(message, hint="Ask for fewer rows or fewer conditions; perhaps the data have no such rows either.")


def domain_of(model: Model) -> Tables:
    """The model's domain. Raises UsageError for a model of other data."""
    if not isinstance(model.domain, Tables):
        message = f"conditions apply to tables, and this model makes {model.spec.domain}"
        raise UsageError(message, hint="Leave --where out.")
    return model.domain


def condition_of(domain: Tables, conditions: Sequence[RowCondition]) -> Tensor | None:
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


def conditioned(batches: "Iterator[Batch]", condition: Tensor | None) -> "Iterator[Batch]":
    """The batches with this condition for every row."""
    for batch in batches:
        yield batch if condition is None else batch.with_given(**{CONDITION: condition.expand(len(batch.x), -1)})
