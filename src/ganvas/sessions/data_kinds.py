"""The kinds of data that are no pictures, by their files: tables, text, recordings and video."""

from collections.abc import Mapping
from typing import Any, Literal

from ..ingest.read_clips import is_video_data
from ..recipes import Recipe
from .any_rows import answers as answers
from .any_rows import is_table, is_text, with_table, with_text
from .any_rows import with_pairs as with_pairs
from .clip_data import takes_clips as takes_clips
from .clip_data import with_clips as with_clips
from .custom_sound import is_sound_data, with_sound

FileKind = Literal["table", "text", "sound", "video"]


def kind_of_files(path: str) -> FileKind | None:
    """What a path holds; None for pictures and for what is not known."""
    if is_table(path):
        return "table"
    if is_text(path):
        return "text"
    if is_sound_data(path):
        return "sound"
    return "video" if is_video_data(path) else None


def with_files(
    kind: FileKind,
    base: Recipe | None,
    path: str,
    encoding: str | None,
    labels: str | None,
    changes: Mapping[str, Any],
    *,
    minutes: float | None,
) -> tuple[Recipe, tuple[str, ...]]:
    """A recipe for data that are no pictures, and messages about what was inferred and chosen.

    Args:
        kind: of the data.
        base: a recipe whose source is replaced; None to choose one.
        path: of the data.
        encoding: of a table or a text; None to infer it.
        labels: of recordings.
        changes: overrides by dotted name.
        minutes: length of the training; None where the recipe names its samples.

    Raises:
        DataError: the data cannot be read.
        UsageError: an option or override is wrong.
    """
    if kind == "video":
        return with_clips(base, path, changes)
    if kind == "sound":
        return with_sound(base, path, labels, changes)
    if kind == "text":
        return with_text(base, path, encoding, changes)
    return with_table(base, path, encoding, changes, minutes=minutes)
