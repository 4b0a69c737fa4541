"""A recipe for a table of numbers and categories, chosen by its size; each choice has a reason."""

from dataclasses import replace
from typing import NamedTuple

from ..base.wording import counted
from ..data.source import Source
from ..domains.tables import Tables
from ..metrics.table_scores import TableScores
from .auto import SCORED
from .ctgan import ctgan_modern
from .reasons import Reason
from .schema import Recipe

BATCH = 128
SMALLEST = 50  # rows of a batch
STEPS = 20  # batches of a pass, at least, where the table is small


class RowFacts(NamedTuple):
    """The size of the table.

    Args:
        domain: fitted.
        train: rows of the training split.
        val: rows of val.
    """

    domain: Tables
    train: int
    val: int


def choose_rows(source: Source, facts: RowFacts) -> tuple[Recipe, tuple[Reason, ...]]:
    """The recipe ctgan.modern with a batch and scores that fit, and the reasons.

    Args:
        source: of the table.
        facts: of the table.

    Returns:
        The recipe and the reasons.
    """
    batch = batch_of(facts.train)
    scores, scored = score_rows(facts)
    base = ctgan_modern()
    assert isinstance(base.domain, Tables)
    made = replace(
        base, source=source, domain=replace(base.domain, rules=facts.domain.rules), batch_samples=batch, scores=scores
    )
    columns = counted(len(facts.domain.learnt), "column")
    numbers = counted(len(facts.domain.modes_of_numbers), "of them is numbers", "of them are numbers")
    reasons = (
        Reason(
            f"The recipe ctgan.modern for {columns}, {numbers}: numbers by their modes, each row with a category "
            "that it is asked for.",
            ("G", "D", "game", "domain"),
        ),
        Reason(f"Batches of {batch} of {facts.train:,} rows.", ("batch_samples",)),
        Reason(scored, ("scores",)),
    )
    return made, reasons


def batch_of(rows: int) -> int:
    """A batch of 128 rows, or of a small table a multiple of 10 with 20 batches in a pass where that is possible."""
    return max(min(SMALLEST, rows // 10 * 10), min(BATCH, rows // STEPS // 10 * 10))


def score_rows(facts: RowFacts) -> tuple[tuple[TableScores, ...], str]:
    """The scores, if val has enough rows, and the reason."""
    if facts.val < SCORED:
        return (), f"No scores: val has {facts.val} rows, and a score needs {SCORED}."
    metric = TableScores(blocks=facts.domain.blocks)
    rows = min(metric.n, facts.val)
    return (metric,), f"Scored against {rows:,} rows of val, column by column and in pairs (TableScores)."
