"""The option --data: pictures, recordings, a table or text, and a recipe for them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from ..base.errors import UsageError
from ..recipes import Recipe
from .custom_data import INFERRED as INFERRED
from .custom_data import DataPath as DataPath
from .custom_data import PictureOptions as PictureOptions
from .custom_data import check_options, with_data
from .data_kinds import FileKind, answers, kind_of_files, takes_clips, with_clips, with_files, with_pairs
from .texture_data import with_texture
from .translated_data import with_translated

Data = Path | str | Sequence[Path | str]
NO_TABLE = (None, "", "folders", "y", "cls")  # values of `labels` that name no table


def one_or_several(data: Data | None) -> DataPath | None:
    """--data in the form that sources use: one path, or a tuple of several."""
    if data is None or isinstance(data, str | Path):
        return None if data is None else str(data)
    paths = tuple(dict.fromkeys(map(str, data)))
    return "" if "" in paths else paths[0] if len(paths) == 1 else paths or None


Kind = FileKind | Literal["pictures"]


def kind_of_data(options: PictureOptions, changes: Mapping[str, Any], *, data: DataPath | None, choosing: bool) -> Kind:
    """What the data are; options are checked before the data are read.

    Args:
        options: of the data.
        changes: overrides by dotted name.
        data: one path, or several.
        choosing: whether the recipe is chosen for the data.

    Raises:
        UsageError: an option is wrong for any data of this kind.
    """
    if isinstance(data, str) and "source.column" in changes:
        check_table_options(options, data, "text")
        return "text"
    if isinstance(data, str) and (kind := kind_of_files(data)) is not None:
        names = {"table": "a table", "text": "text", "sound": "sound", "video": "video"}
        check_table_options(replace(options, labels=None) if kind == "sound" else options, data, names[kind])
        return kind
    in_file = isinstance(data, str) and Path(data).is_file()
    if data is not None and options.encoding is not None and options.labels in NO_TABLE and not in_file:
        raise UsageError(f"--encoding applies to tables and lists, and {data} is neither", hint="Leave --encoding out.")
    check_options(options, changes, data=data, choosing=choosing)
    return "pictures"


def check_table_options(options: PictureOptions, path: str, kind: str) -> None:
    """Raises UsageError for options that only pictures have."""
    given = [name for name in (*options.given, *(["flips"] if options.flips else [])) if name != "encoding"]
    if given:
        raise UsageError(f"--{given[0]} applies to pictures, and {path} is {kind}", hint=f"Leave --{given[0]} out.")


def with_data_option(
    base: Recipe | None,
    data: DataPath,
    options: PictureOptions,
    changes: Mapping[str, Any],
    *,
    kind: Kind,
    minutes: float | None,
) -> tuple[Recipe, tuple[str, ...]]:
    """A recipe for these data, and messages about what was inferred and chosen.

    Args:
        base: a recipe whose source is replaced; None to choose one.
        data: one path, or several.
        options: of the data.
        changes: overrides by dotted name.
        kind: of the data.
        minutes: length of the training; None where the recipe names its samples.

    Raises:
        DataError: the data cannot be read.
        UsageError: an option or override is wrong.
    """
    if isinstance(data, str) and takes_clips(base):
        return with_clips(base, data, changes)
    if kind == "pictures":
        return (
            with_texture(base, data, options, changes)
            or with_translated(base, data, options, changes)
            or with_data(base, data, options, changes)
        )
    if isinstance(data, str) and answers(base, data):
        return with_pairs(base, data, options.encoding, changes)
    if base is not None and base.streams:
        message = f"this recipe has further data ({', '.join(base.streams)}), which --data does not replace"
        raise UsageError(message, hint="Set source and streams in a YAML file.")
    return with_files(kind, base, str(data), options.encoding, options.labels, changes, minutes=minutes)
