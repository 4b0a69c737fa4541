"""A recipe for a person's own table of numbers and categories: how it is read, what is chosen, and the scores."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..base.errors import UsageError
from ..data.table import TableFile, table_of
from ..domains.tables import Tables
from ..domains.wanted_rows import check_rules
from ..recipes import Recipe, override, reasons_text
from ..recipes.auto_rows import RowFacts, choose_rows, score_rows


def with_rows(
    base: Recipe | None, path: Path | str, encoding: str | None, changes: Mapping[str, Any]
) -> tuple[Recipe, tuple[str, ...]]:
    """A recipe for the rows of this table, and messages about what was inferred and chosen.

    Args:
        base: a recipe whose source is replaced; None to choose one.
        path: of the table.
        encoding: of its text; None to infer it from the file.
        changes: the overrides; those of the source and the domain apply before anything is chosen.

    Raises:
        DataError: the table cannot be read, or a rule does not hold in it.
        UsageError: an override is wrong, or the recipe learns from further data.
    """
    named = TableFile(str(Path(path).expanduser()), encoding=encoding or "")
    tables = base is not None and isinstance(base.domain, Tables)
    example, _ = choose_rows(named, RowFacts(Tables(), 1_000, 0))
    if base is not None and tables:
        example = replace(base, source=named)
    early = ("source.", "domain.") if base is None or tables else ("source.", "domain.rules")
    example = override(example, {key: value for key, value in changes.items() if key.startswith(early)})
    source, domain = example.source, example.domain
    if not isinstance(source, TableFile) or not isinstance(domain, Tables):
        raise UsageError("--data names a table, and source.kind another source", hint="Leave one of them out.")
    items = source.items("train")
    fitted = domain.fit(items)
    table = table_of(source)
    messages = (table.raw.form, *fitted.messages(items), *check_rules(fitted, table.x))
    facts = RowFacts(fitted, len(items), len(source.items("val")))
    if base is None:
        chosen, reasons = choose_rows(source, facts)
        return chosen, (*messages, *reasons_text(reasons, changes))
    own = replace(base.domain, rules=domain.rules) if isinstance(base.domain, Tables) else domain
    scores, _ = score_rows(facts)
    if not tables:
        messages = (*messages, "this recipe is not made for tables: it may not learn categories")
    return replace(base, source=source, domain=own, scores=scores), messages
