"""A recipe for a person's own table of numbers: how it is read, what is chosen, and the scores that fit."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..data.custom_table import as_table, guess_table, table_messages
from ..data.custom_table import is_table as is_table
from ..domains.columns import Columns
from ..recipes import Recipe, override, reasons_text
from ..recipes.auto_table import ColumnFacts, choose_columns, score_columns
from .custom_data import scores_that_fit


def with_numbers(
    base: Recipe | None, path: Path | str, encoding: str | None, changes: Mapping[str, Any], *, minutes: float | None
) -> tuple[Recipe, tuple[str, ...]]:
    """A recipe for the rows of this table of numbers, and messages about what was inferred and chosen.

    Args:
        base: a recipe whose source is replaced; None to choose one.
        path: of the table.
        encoding: of its text; None to infer it from the file.
        changes: the overrides; those of the source apply while the table is read.
        minutes: length of the training; None where the recipe names its samples.

    Raises:
        DataError: the table cannot be read, or holds values that are not numbers.
        UsageError: an override or an option is wrong.
    """
    guessed = guess_table(str(path), encoding)
    example, _ = choose_columns(guessed, ColumnFacts(("",), 1_000, 0), minutes=None)
    source = as_table(
        override(example, {key: value for key, value in changes.items() if key.startswith("source.")}).source
    )
    items = source.items("train")
    columns = Columns().fit(items)
    columns.spec(items)
    messages = (*table_messages(source), *columns.messages(items))
    facts = ColumnFacts(columns.labels, len(items), len(source.items("val")), columns.heavy)
    if base is None:
        chosen, reasons = choose_columns(source, facts, minutes=minutes)
        return chosen, (*messages, *reasons_text(reasons, changes))
    fitting_recipe, more = scores_that_fit(replace(base, source=source, domain=None), lambda: score_columns(facts))
    return fitting_recipe, (*messages, *more)
