"""A recipe for a person's own table: of plain numbers, of columns of several kinds, or of series."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..domains.tables import Tables
from ..ingest.plain_numbers import holds_plain_numbers
from ..recipes import Recipe
from .custom_rows import with_rows
from .custom_series import is_for_series, with_series
from .custom_table import is_table as is_table
from .custom_table import with_numbers

OPTIONS = ("source.kinds", "source.drop", "source.primary_key", "domain.rules")


def with_table(
    base: Recipe | None, path: Path | str, encoding: str | None, changes: Mapping[str, Any], *, minutes: float | None
) -> tuple[Recipe, tuple[str, ...]]:
    """A recipe for the rows of this table, and messages about what was inferred and chosen.

    Args:
        base: a recipe whose source is replaced; None to choose one.
        path: of the table.
        encoding: of its text; None to infer it from the file.
        changes: the overrides; those of the source apply while the table is read.
        minutes: length of the training; None where the recipe names its samples.

    Raises:
        DataError: the table cannot be read.
        UsageError: an override or an option is wrong.
    """
    if is_for_series(changes, base):
        return with_series(base, path, encoding, changes)
    if is_for_rows(str(path), encoding, changes, base):
        return with_rows(base, path, encoding, changes)
    return with_numbers(base, path, encoding, changes, minutes=minutes)


def is_for_rows(path: str, encoding: str | None, changes: Mapping[str, Any], base: Recipe | None) -> bool:
    """Whether a table is read by columns of several kinds, and not as plain numbers.

    Args:
        path: of the table.
        encoding: of its text; None to infer it.
        changes: the overrides.
        base: the recipe, if one is named.
    """
    if base is not None and isinstance(base.domain, Tables):
        return True
    if any(key.startswith(OPTIONS) for key in changes):
        return True
    return not holds_plain_numbers(Path(path).expanduser(), encoding or "")
