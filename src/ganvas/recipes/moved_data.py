"""Data that were moved after a run was trained: another path is accepted if the fingerprint is the same."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..base.errors import DataError, UsageError
from ..ingest.label_tables import file_and_column, in_zip
from .build import Experiment, prepare
from .portable import LEFT_OUT
from .schema import Recipe

OF_THE_DATA = ("", "folders", "y", "cls")  # labels that are no file
PATTERN = "{*?["  # in the path of shards
BRING = "Name the data that the model was trained on with --data PATH; score other pictures with --against PATH."
MOVED = "If they were moved, name the new place with --data NEW."


def moved(recipe: Recipe, data: Path | str) -> Recipe:
    """The recipe with `data` in the place of its source's path, in further streams of the same path too.

    A table of labels that is not where it was is searched at the same place relative to the data.
    Raises UsageError for a source that has no path, such as Mnist, and for an empty path.
    """
    if str(data) == "":
        raise UsageError(
            "the path of --data is empty",
            hint="Is a variable of your shell unset? Name the place where the data are now.",
        )
    old, several = recorded_path(recipe), getattr(recipe.source, "path", None)
    if isinstance(several, tuple):
        hint = "Bring them back to where they were, or change source.path in the run's config.yaml."
        raise UsageError(f"--data does not apply: the data of this run are at {len(several)} paths", hint=hint)
    if old is None:
        raise UsageError(
            f"--data does not apply: {type(recipe.source).__name__}, the source of this run, has no path",
            hint="Leave --data out.",
        )
    new = str(Path(data).expanduser().absolute())
    places = {old: new}
    for source in (recipe.source, *recipe.streams.values()):
        path, to = (getattr(source, name, None) for name in ("path", "to"))
        partner = to if to else path
        if isinstance(partner, str) and partner not in places:
            places |= moved_places(old, partner, new, optional=not to)
    return replace(
        recipe,
        source=with_paths(recipe.source, places),
        streams={name: with_paths(source, places) for name, source in recipe.streams.items()},
    )


def moved_places(old: str, partner: str, new: str, *, optional: bool) -> dict[str, str]:
    """Where two paths are now: both inside `new` if it is the new place of the folder that they were in, else `new`
    and the same place relative to it, else where the second was.

    Args:
        old: the first path.
        partner: the second: of the truths of pairs, or of the other domain.
        new: the new path.
        optional: whether the second stays where it was if it is there, and may be missing everywhere, so that its
            reading will say so.

    Raises:
        DataError: the second is at none of these places.
    """
    if optional and os.path.exists(partner):
        return {old: new, partner: partner}
    root = os.path.commonpath([old, partner]) if os.path.isabs(old) == os.path.isabs(partner) else old
    inside = {each: os.path.normpath(os.path.join(new, os.path.relpath(each, root))) for each in (old, partner)}
    if all(map(os.path.exists, inside.values())):
        return inside
    there = os.path.normpath(os.path.join(new, os.path.relpath(partner, old)))
    if not os.path.exists(there) and not os.path.exists(partner) and not optional:
        raise DataError(
            f"the other pictures of the pairs are neither at {partner} nor at {there}",
            hint="Put both folders into one, as they were, and name that with --data.",
        )
    return {old: new, partner: there if os.path.exists(there) else partner}


def prepared(recipe: Recipe, run: Path) -> Experiment:
    """`prepare`, for the recipe of a run.

    Raises:
        DataError: nothing is at the recorded path any more, or the data are unusable.
    """
    try:
        return prepare(recipe)
    except DataError as error:
        path = recorded_path(recipe)
        if path is None or not is_missing(path):
            raise
        if path.startswith(LEFT_OUT):
            raise DataError("a model folder has no data", where=str(run), hint=BRING) from error
        raise DataError(f"the data of this run, {path}, are not there any more", where=str(run), hint=MOVED) from error


def check_same(now: Experiment, before: Recipe, fingerprint: str) -> None:
    """Raises DataError unless the data have the `fingerprint` of the data that the recipe `before` was trained on."""
    if now.fingerprint != fingerprint:
        raise DataError(
            f"the data at {recorded_path(now.recipe)} are not those that the run was trained on, "
            f"which were at {recorded_path(before)}: "
            f"their fingerprint is {now.fingerprint[:12]}, and was {fingerprint[:12]}",
            hint="Name the place of the same files with --data, or train a new run; "
            "--init-from begins with this run's weights.",
        )


def recorded_path(recipe: Recipe) -> str | None:
    """The path of a recipe's source, of the inner one where it wraps another; None for a source without a path."""
    source: Any = recipe.source
    while not hasattr(source, "path") and hasattr(source, "source"):
        source = source.source
    path = getattr(source, "path", None)
    return path if isinstance(path, str) else None


def is_missing(path: str) -> bool:
    """Whether nothing is at a path; of a pattern of shards, whether its folder is missing."""
    place = Path(path).expanduser()
    while any(sign in str(place) for sign in PATTERN) and place != place.parent and not place.exists():
        place = place.parent
    return not place.exists()


def with_paths(source: Any, places: Mapping[str, str]) -> Any:
    """A source, or one that wraps another, with new paths, and with a table of labels that has moved along.

    Args:
        source: of data.
        places: new paths by the old ones.
    """
    old = getattr(source, "path", None)
    if isinstance(old, str) and old in places:
        labels, to = getattr(source, "labels", ""), getattr(source, "to", "")
        changed = {"labels": moved_labels(labels, old, places[old])} if labels else {}
        return replace(source, path=places[old], **changed, **({"to": places[to]} if to else {}))
    return replace(source, source=with_paths(source.source, places)) if hasattr(source, "source") else source


def moved_labels(labels: str, old: str, new: str) -> str:
    """The path of a table of labels: the old one, or the same place relative to the new data.

    Raises:
        DataError: it is at neither place.
    """
    if labels in OF_THE_DATA:
        return labels
    found = os.path.normpath(os.path.join(new, os.path.relpath(labels, old)))
    here, there = (is_table(path) for path in (labels, found))
    if here and not Path(labels).is_relative_to(old):
        return labels
    if not there and not here:
        raise DataError(
            f"the table of labels is neither at {labels} nor at {found}", hint="Put it at one of the two places."
        )
    return found if there else labels


def is_table(labels: str) -> bool:
    """Whether a table of labels is there, in a zip too; FILE:COLUMN names one."""
    file = file_and_column(labels)[0]
    return file.is_file() or in_zip(file)
