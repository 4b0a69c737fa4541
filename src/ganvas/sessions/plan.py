"""Plans a run: a complete recipe, its length, and messages about what was inferred and chosen."""

import os
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from ..base.errors import UsageError
from ..base.wording import command
from ..recipes import LEFT_OUT, Recipe, override, recorded_path, scale_factors, with_scale
from ..recipes import recipe as by_name
from ..recipes.auto import MINUTES, with_flips
from .data_option import INFERRED, DataPath, kind_of_data, one_or_several, with_data_option
from .data_option import Data as Data
from .data_option import PictureOptions as PictureOptions
from .initial_weights import Initial, initial

UNTIMED = f"No length was given: the run trains for {MINUTES:g} minutes. --minutes changes that."
NAMELESS = re.compile(r"[*?\[\]{}]")  # characters of patterns, left out of a run's name


class Plan(NamedTuple):
    """A complete recipe, its length, and messages about what was inferred and chosen."""

    recipe: Recipe
    name: str  # of the run's folder
    minutes: float | None  # None: the recipe's samples
    messages: tuple[str, ...] = ()
    start: Initial | None = None  # weights to begin from


def plan(
    recipe: str | Recipe | None = None,
    *,
    data: Data | None = None,
    options: PictureOptions = INFERRED,
    init_from: str | os.PathLike[str] | None = None,
    init_at: str = "newest",
    changes: Mapping[str, Any] | None = None,
    minutes: float | None = None,
    parts: Any = (),
) -> Plan:
    """A complete recipe, with the messages about what was inferred and chosen.

    Args:
        recipe: a name, a file or a Recipe. None: the one of `init_from`, or one that is chosen for the data.
        data: paths of pictures, of a table or of text; they replace the recipe's source.
        options: of the data.
        init_from: a run whose weights are the start.
        init_at: its checkpoint, as in `load`.
        changes: overrides by dotted name.
        minutes: how long to train. None: the recipe's samples.
        parts: classes of the caller that the run of `init_from` names.

    Raises:
        UsageError: the recipe, an override or an option is wrong.
        DataError: the data cannot be read.
    """
    data, changes = one_or_several(data), changes or {}
    if data == "":
        hint = "Is a variable of your shell unset? Name a folder, a zip, a list, an .npz or shards."
        raise UsageError("the path of --data is empty", hint=hint)
    kind = kind_of_data(options, changes, data=data, choosing=recipe is None and init_from is None)
    check_enough(recipe, data, options, init_from)
    if init_at != "newest" and init_from is None:
        raise UsageError("--init-at names a checkpoint of the run in --init-from", hint="Name that run too.")
    start = None if init_from is None else initial(init_from, parts, init_at)
    base = find_recipe(recipe, parts) if isinstance(recipe, str) else recipe
    if start and recipe is None:
        base = replace(start.recipe, threads=0, precision="auto")
        if data is None and (recorded_path(base) or "").startswith(LEFT_OUT):
            raise UsageError("a model folder has no data", where=str(init_from), hint="Name yours with --data PATH.")
        if data is not None and kind == "pictures":  # the networks of the start have a fixed size
            options = shaped_like(start, options)
    base, options = at_scale(base, options)
    messages: list[str] = []
    if data is not None:
        timeless = base is None and minutes is None and "samples" not in changes
        minutes = MINUTES if timeless else minutes
        base, inferred = with_data_option(base, data, options, changes, kind=kind, minutes=minutes)
        messages += [*inferred, *([UNTIMED] if timeless else [])]
    assert base is not None  # a recipe, a start or data
    if options.flips is not None:
        base = with_flips(base, options.flips)
    messages += start_messages(start)
    name = run_name(recipe, data, init_from)
    return Plan(override(base, changes), name, minutes, tuple(map(sentence, messages)), start)


def at_scale(base: Recipe | None, options: PictureOptions) -> tuple[Recipe | None, PictureOptions]:
    """The recipe at the scale of the options, and options with the recipe's scale. Raises UsageError."""
    if base is None:
        return base, options
    if options.scale is not None:
        return with_scale(base, options.scale), options
    return base, replace(options, scale=max(scale_factors(base).values(), default=None))


def check_enough(
    recipe: str | Recipe | None,
    data: DataPath | None,
    options: PictureOptions,
    init_from: str | os.PathLike[str] | None,
) -> None:
    """Raises UsageError where there is nothing to train, and for options of data without data."""
    if recipe is None and data is None and init_from is None:
        hint = "Name one of `ganvas recipes list`, or your own pictures, table of numbers or text with --data PATH."
        raise UsageError("a RECIPE is missing", hint=hint)
    if data is None and options.given:
        raise UsageError(f"--{options.given[0]} applies to data of your own", hint="Name them with --data PATH.")


def start_messages(start: Initial | None) -> tuple[str, ...]:
    """Messages about the weights that a run begins from."""
    if start is None:
        return ()
    weights = f"the weights of {start.name} after {start.samples_seen:,} samples (SHA-256 {start.sha256[:12]})"
    return *start.notes, f"Begins from {weights}; optimisers start new."


def run_name(recipe: str | Recipe | None, data: Data | None, init_from: str | os.PathLike[str] | None) -> str:
    """The name of a new run's folder: of the recipe, of the data, or "tuned" with --init-from."""
    if isinstance(recipe, str):
        return Path(recipe).stem
    paths = one_or_several(data)
    first = paths[0] if isinstance(paths, tuple) else paths
    return (
        (NAMELESS.sub("", Path(first).absolute().stem) or "pictures") if first else "tuned" if init_from else "recipe"
    )


def sentence(text: str) -> str:
    """The text with a capital at its start, if that is a plain word and not a path or a name, and a full stop."""
    first = text.split(" ", 1)[0].removesuffix(":").removesuffix(",")
    start = text[:1].upper() if first.isalpha() else text[:1]
    return f"{start}{text[1:].rstrip('.')}."


def find_recipe(recipe: str, parts: Any = ()) -> Recipe:
    """A recipe by name or file.

    Args:
        recipe: a name of the catalogue, or the path of a .yaml file.
        parts: classes of the caller that the file names.

    Raises:
        UsageError: there is no such recipe; the hint names what to do where it is a run or a path of data.
    """
    try:
        return by_name(recipe, parts)
    except UsageError as error:
        if Path(recipe).exists() and not recipe.endswith((".yaml", ".yml")):
            if (Path(recipe) / "config.yaml").is_file():
                hint = f"Go on with `{command('ganvas', 'resume', recipe)}`, or start a new run with --init-from."
                raise UsageError(f"'{recipe}' is a run, not a recipe", hint=hint) from error
            hint = f"If it holds your data: {command('ganvas', 'train', '--data', recipe)}"
            raise UsageError(f"'{recipe}' is no recipe; a file or folder of that name exists", hint=hint) from error
        raise


def shaped_like(start: Initial, options: PictureOptions) -> PictureOptions:
    """The options with the start's size, channels and range (of more than 8 bits) where they are not given.

    Raises UsageError for a run that was not trained on pictures.
    """
    if len(start.spec.shape) != 3:
        raise UsageError(
            f"that run was trained on {start.spec.domain}, not on pictures",
            where=start.name,
            hint="Name a run that was trained on pictures.",
        )
    channels, height, width = start.spec.shape
    shape: dict[str, Any] = {"size": f"{width}x{height}"}
    shape |= {"background": "keep"} if channels == 4 else {"channels": channels}
    if start.spec.units:
        shape["range"] = start.spec.units.split(" ")[1]
    return replace(options, **{name: value for name, value in shape.items() if getattr(options, name) is None})


def anchored(part: Any) -> Any:
    """A source, or a recipe with its sources, with absolute paths."""
    if not is_dataclass(part) or isinstance(part, type):
        return part
    found: dict[str, Any] = {}
    for field in fields(part):
        value = getattr(part, field.name)
        if isinstance(value, tuple) and field.name == "path":
            found[field.name] = tuple(str(Path(path).expanduser().absolute()) for path in value)
        elif isinstance(value, str) and (
            (field.name in ("path", "to") and value)
            or (field.name == "labels" and value not in ("", "folders", "y", "cls"))
        ):
            found[field.name] = str(Path(value).expanduser().absolute())
        elif field.name == "source":
            found[field.name] = anchored(value)
        elif field.name == "streams":
            found[field.name] = {name: anchored(source) for name, source in value.items()}
    return replace(part, **found)
