"""A recipe for a person's own series: how they are read, what is chosen, and the scores."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..base.errors import UsageError
from ..data.series_file import SeriesFile, series_messages
from ..domains.series import Series
from ..recipes import Recipe, override, reasons_text
from ..recipes.auto_series import SeriesFacts, choose_series, score_series

OPTIONS = ("source.sequence", "source.order", "source.window", "source.step", "source.parts")


def is_for_series(changes: Mapping[str, Any], base: Recipe | None) -> bool:
    """Whether the rows of a table are taken as steps in time.

    Args:
        changes: the overrides.
        base: the recipe, if one is named.
    """
    return (base is not None and isinstance(base.domain, Series)) or any(key in OPTIONS for key in changes)


def with_series(
    base: Recipe | None, path: Path | str, encoding: str | None, changes: Mapping[str, Any]
) -> tuple[Recipe, tuple[str, ...]]:
    """A recipe for the sequences of this table, and messages about what was inferred and chosen.

    Args:
        base: a recipe whose source is replaced; None to choose one.
        path: of the table.
        encoding: of its text; None to infer it from the file.
        changes: the overrides; those of the source apply before anything is chosen.

    Raises:
        DataError: the table cannot be read as series.
        UsageError: an override is wrong.
    """
    named = SeriesFile(str(Path(path).expanduser()), encoding=encoding or "")
    example, _ = choose_series(named, SeriesFacts(Series(), 1_000, 0))
    source = override(example, {key: value for key, value in changes.items() if key.startswith("source.")}).source
    if not isinstance(source, SeriesFile):
        raise UsageError(
            "--data names a table of series, and source.kind another source", hint="Leave one of them out."
        )
    items = source.items("train")
    own = base.domain if base is not None and isinstance(base.domain, Series) else Series()
    fitted = own.fit(items)
    messages = (*series_messages(source), *fitted.messages(items))
    facts = SeriesFacts(fitted, len(items), len(source.items("val")))
    if base is None:
        chosen, reasons = choose_series(source, facts)
        return chosen, (*messages, *reasons_text(reasons, changes))
    scores, _ = score_series(facts)
    if not isinstance(base.domain, Series):
        messages = (*messages, "this recipe is not made for series")
    return replace(base, source=source, domain=own, scores=scores), messages
