"""New rows of a table: as many as are wanted, all of which meet some conditions."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..base.draws import derive
from ..base.progress import report_progress
from ..domains.tables import Tables
from ..domains.wanted_rows import WantedRows, no_table
from ..training import noise_batches, outputs
from .model import Model

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
    wanted = WantedRows.of(domain, where)
    if not wanted.conditions:
        return model.sample(n, seed=seed)
    found, have, tried = list[np.ndarray[Any, Any]](), 0, 0
    while have < n:
        count = min(CHUNK, max(64, 2 * (n - have)))
        batches = map(wanted.conditioned, noise_batches(model.spec, None))
        own = seed if not tried else derive(seed, "rows", tried) % 2**63
        made = outputs(model.game, model.networks, batches, n=count, seed=own)
        rows = domain.decode(made)
        rows = rows[wanted.hold(rows)]
        found.append(rows)
        have, tried = have + len(rows), tried + count
        report_progress("rows that meet the conditions", min(have, n), n)
        if have < n and (tried >= MOST_TRIED or (tried >= PATIENCE and have < RARE * tried)):
            raise wanted.too_rare(have, tried)
    return np.concatenate(found)[:n]


def wanted_samples(
    model: Model, n: int, *, seed: int = 0, classes: Sequence[str] | None = None, where: Sequence[str] = ()
) -> np.ndarray[Any, Any]:
    """n samples of any model; those of a table meet the conditions and the table's rules. Raises as `table_rows`."""
    if where or isinstance(model.domain, Tables):
        return table_rows(model, n, seed=seed, where=where)
    return model.sample(n, seed=seed, classes=classes)


def domain_of(model: Model) -> Tables:
    """The model's domain. Raises UsageError for a model of other data."""
    if not isinstance(model.domain, Tables):
        raise no_table(model.spec.domain)
    return model.domain
