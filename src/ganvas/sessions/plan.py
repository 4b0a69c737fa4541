"""From what a person asked for to a recipe: their data, guesses about them, and choices, each said aloud."""

import os
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from ..base.errors import UsageError
from ..base.wording import command
from ..recipes import Recipe, override
from ..recipes import recipe as by_name
from ..recipes.auto import MINUTES, with_flips
from .data_option import INFERRED, DataPath, is_table_of, one_or_several, with_data_option
from .data_option import Data as Data
from .data_option import PictureOptions as PictureOptions
from .warm_start import Initial, initial

UNTIMED = f"Nobody said how long: it trains for {MINUTES:g} minutes. --minutes changes that."
NAMELESS = re.compile(r"[*?\[\]{}]")  # letters of patterns, which no run's name needs


class Plan(NamedTuple):
    """A whole recipe, how long to train it, and what was guessed and chosen on the way."""

    recipe: Recipe
    name: str  # of the run's folder
    minutes: float | None  # None: the recipe's samples
    said: tuple[str, ...] = ()
    start: Initial | None = None  # weights to begin from


def plan(
    recipe: str | Recipe | None = None,
    *,
    data: Data | None = None,
    options: PictureOptions = INFERRED,
    init_from: str | os.PathLike[str] | None = None,
    changes: Mapping[str, Any] | None = None,
    minutes: float | None = None,
    device: str = "cpu",
    parts: Any = (),
) -> Plan:
    """A complete recipe, with the messages about what was inferred and chosen. Raises UsageError, DataError.

    Args:
        recipe: a name, a file or a Recipe. None: the one of `init_from`, or one that is chosen for the data.
        data: paths of pictures or of a table; they replace the recipe's source.
        options: of the data.
        init_from: a run whose weights are the start.
        changes: overrides by dotted name.
        minutes: how long to train. None: the recipe's samples.
        device: "cpu" or "cuda".
        parts: classes of the caller that the run of `init_from` names.
    """
    data, changes = one_or_several(data), changes or {}
    if data == "":
        hint = "Is a variable of your shell unset? Name a folder, a zip, a list, an .npz or shards."
        raise UsageError("the path of --data is empty", hint=hint)
    table = is_table_of(options, changes, data=data, choosing=recipe is None and init_from is None)
    check_enough(recipe, data, options, init_from)
    start = None if init_from is None else initial(init_from, parts)
    base = named(recipe, parts) if isinstance(recipe, str) else recipe
    if start and recipe is None:
        base = replace(start.recipe, threads=0, precision="auto")
        if data is not None and not table:  # the networks of the start have a size of their own
            options = shaped_like(start, options)
    messages: list[str] = []
    if data is not None:
        timeless = base is None and minutes is None and "samples" not in changes
        minutes = MINUTES if timeless else minutes
        base, inferred = with_data_option(base, data, options, changes, table=table, device=device, minutes=minutes)
        messages += [*inferred, *([UNTIMED] if timeless else [])]
    assert base is not None  # a recipe, a start or data
    if options.flips is not None:
        base = with_flips(base, options.flips)
    messages += start_messages(start)
    name = called(recipe, data, init_from)
    return Plan(override(base, changes), name, minutes, tuple(map(sentence, messages)), start)


def check_enough(
    recipe: str | Recipe | None,
    data: DataPath | None,
    options: PictureOptions,
    init_from: str | os.PathLike[str] | None,
) -> None:
    """Raises UsageError where there is nothing to train, and for options of data without data."""
    if recipe is None and data is None and init_from is None:
        hint = "Name one of `ganvas recipes list`, or bring your own pictures, or a table of numbers, with --data PATH."
        raise UsageError("a RECIPE is missing", hint=hint)
    if data is None and options.given:
        raise UsageError(f"--{options.given[0]} is about data of your own", hint="Name them with --data PATH.")


def start_messages(start: Initial | None) -> tuple[str, ...]:
    """What is said of the weights that a run begins from."""
    if start is None:
        return ()
    weights = f"the weights of {start.name} after {start.samples_seen:,} samples (SHA-256 {start.sha256[:12]})"
    return *start.notes, f"Begins from {weights}; optimisers begin afresh."


def called(recipe: str | Recipe | None, data: Data | None, init_from: str | os.PathLike[str] | None) -> str:
    """A run's name."""
    if isinstance(recipe, str):
        return Path(recipe).stem
    paths = one_or_several(data)
    first = paths[0] if isinstance(paths, tuple) else paths
    return (
        (NAMELESS.sub("", Path(first).absolute().stem) or "pictures") if first else "tuned" if init_from else "recipe"
    )


def sentence(words: str) -> str:
    """With a capital and a full stop."""
    return f"{words[:1].upper()}{words[1:].rstrip('.')}."


def named(recipe: str, parts: Any = ()) -> Recipe:
    """A recipe by name or file; a path to data in its place is told."""
    try:
        return by_name(recipe, parts)
    except UsageError as error:
        if Path(recipe).exists() and not recipe.endswith((".yaml", ".yml")):
            if (Path(recipe) / "config.yaml").is_file():
                hint = f"Go on with `{command('ganvas', 'resume', recipe)}`, or begin anew with --init-from."
                raise UsageError(f"'{recipe}' is a run, not a recipe", hint=hint) from error
            hint = f"If it holds your data: {command('ganvas', 'train', '--data', recipe)}"
            raise UsageError(f"'{recipe}' is no recipe, but it is there", hint=hint) from error
        raise


def shaped_like(start: Initial, options: PictureOptions) -> PictureOptions:
    """The options, with size, channels and range (of more than 8 bits) of the start's pictures where they are not given.

    Raises UsageError for a run that was not trained on pictures.
    """
    if len(start.spec.shape) != 3:
        raise UsageError(
            f"that run knows {start.spec.domain}, not pictures",
            where=start.name,
            hint="Name a run that was trained on pictures.",
        )
    channels, height, width = start.spec.shape
    shape: dict[str, Any] = {"size": f"{width}x{height}", "channels": channels}
    if start.spec.units:
        shape["range"] = start.spec.units.split(" ")[1]
    return replace(options, **{name: value for name, value in shape.items() if getattr(options, name) is None})


def anchored(part: Any) -> Any:
    """A source, or a recipe with its sources, whose paths hold wherever the command is run from."""
    if not is_dataclass(part) or isinstance(part, type):
        return part
    found: dict[str, Any] = {}
    for field in fields(part):
        value = getattr(part, field.name)
        if isinstance(value, tuple) and field.name == "path":
            found[field.name] = tuple(str(Path(path).expanduser().absolute()) for path in value)
        elif isinstance(value, str) and (
            field.name == "path" or (field.name == "labels" and value not in ("", "folders", "y", "cls"))
        ):
            found[field.name] = str(Path(value).expanduser().absolute())
        elif field.name == "source":
            found[field.name] = anchored(value)
        elif field.name == "streams":
            found[field.name] = {name: anchored(source) for name, source in value.items()}
    return replace(part, **found)
