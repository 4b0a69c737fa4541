"""What --data names, pictures or a table, and the way that each goes to a recipe."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..base.errors import UsageError
from ..data.custom_table import is_table
from ..recipes import Recipe
from .custom_data import Where as Where
from .custom_data import check, with_data
from .custom_table import with_table

Data = Path | str | Sequence[Path | str]
NO_TABLE = (None, "", "folders", "y", "cls")  # labels that stand in no table


def one_or_several(data: Data | None) -> Where | None:
    """--data as the sources take it: one path, or a tuple of several."""
    if data is None or isinstance(data, str | Path):
        return None if data is None else str(data)
    paths = tuple(dict.fromkeys(map(str, data)))
    return "" if "" in paths else paths[0] if len(paths) == 1 else paths or None


def check_given(
    asked: Mapping[str, Any], changes: Mapping[str, Any], *, data: Where | None, choosing: bool, flips: bool | None
) -> bool:
    """Refuse what is wrong whatever the data hold, before they are read. Returns whether they are a table. Raises UsageError."""
    if isinstance(data, str) and is_table(data):
        check_options(asked, data, flips)
        return True
    if (
        data is not None
        and asked["encoding"] is not None
        and asked["labels"] in NO_TABLE
        and not (isinstance(data, str) and Path(data).is_file())
    ):
        raise UsageError(f"--encoding is about tables and lists, and {data} is none", hint="Leave --encoding out.")
    check(asked, changes, data=data, choosing=choosing, flips=bool(flips))
    return False


def check_options(asked: Mapping[str, Any], path: str, flips: bool | None) -> None:
    """Raises UsageError for options that only pictures have."""
    given = [
        name for name, value in {**asked, "flips": flips or None}.items() if value is not None and name != "encoding"
    ]
    if given:
        raise UsageError(f"--{given[0]} is about pictures, and {path} is a table", hint=f"Leave --{given[0]} out.")


def with_given(
    base: Recipe | None,
    data: Where,
    asked: Mapping[str, Any],
    changes: Mapping[str, Any],
    *,
    device: str,
    minutes: float | None,
    flips: bool,
) -> tuple[Recipe, tuple[str, ...]]:
    """A recipe for these data, and sentences on what was guessed and chosen. Raises DataError, UsageError."""
    if isinstance(data, str) and is_table(data):
        if base is not None and base.streams:
            words = f"this recipe has further data ({', '.join(base.streams)}), which --data does not replace"
            raise UsageError(words, hint="Set source and streams in a YAML file.")
        return with_table(base, data, asked["encoding"], changes, minutes=minutes)
    of_pictures = {**asked, "encoding": asked["encoding"] or "utf-8"}
    return with_data(base, data, of_pictures, changes, device=device, minutes=minutes, flips=flips)
