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
from .data_option import Data as Data
from .data_option import check_given, one_or_several, with_given
from .warm_start import Initial, initial

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
    size: str | int | tuple[int, int] | None = None,
    fit: str | None = None,
    channels: int | None = None,
    background: str | None = None,
    labels: str | None = None,
    range: str | None = None,
    encoding: str | None = None,
    flips: bool | None = None,
    init_from: str | os.PathLike[str] | None = None,
    changes: Mapping[str, Any] | None = None,
    minutes: float | None = None,
    device: str = "cpu",
    parts: Any = (),
) -> Plan:
    """The recipe of a name, a file, a run to begin from, or chosen for the data; `data` takes the place of its source. `device` is "cpu" or "cuda".

    `parts` are classes of a person's own that the run to begin from names.
    """
    data = one_or_several(data)
    if data == "":
        raise UsageError(
            "the path of --data is empty",
            hint="Is a variable of your shell unset? Name a folder, a zip, a list, an .npz or shards.",
        )
    asked = {
        "size": size,
        "fit": fit,
        "channels": channels,
        "background": background,
        "labels": labels,
        "range": range,
        "encoding": encoding,
    }
    changes = changes or {}
    table = check_given(asked, changes, data=data, choosing=recipe is None and init_from is None, flips=flips)
    if recipe is None and data is None and init_from is None:
        raise UsageError(
            "a RECIPE is missing",
            hint="Name one of `ganvas recipes list`, or bring your own pictures, or a table of numbers, with --data PATH.",
        )
    if data is None and (given := [name for name, value in asked.items() if value is not None]):
        raise UsageError(f"--{given[0]} is about data of your own", hint="Name them with --data PATH.")
    start = None if init_from is None else initial(init_from, parts)
    base = (
        replace(start.recipe, threads=0, precision="auto")
        if start and recipe is None
        else named(recipe, parts)
        if isinstance(recipe, str)
        else recipe
    )
    name = called(recipe, data, init_from)
    said: list[str] = []
    if data is None:
        assert base is not None  # a recipe or a start
        chosen = base
    else:
        if start and recipe is None and not table:  # its networks want pictures of its own size
            asked |= {key: value for key, value in shape_of(start).items() if asked[key] is None}
        if base is None and minutes is None and "samples" not in changes:
            minutes = MINUTES
            said.append(f"Nobody said how long: it trains for {MINUTES:g} minutes. --minutes changes that.")
        chosen, words = with_given(base, data, asked, changes, device=device, minutes=minutes, flips=bool(flips))
        said = [*words, *said]
    if flips is not None:
        chosen = with_flips(chosen, flips)
    if start:
        said += start.notes
        said.append(
            f"Begins from the weights of {start.name} after {start.seen:,} samples (SHA-256 {start.sha256[:12]}); optimisers begin afresh."
        )
    return Plan(override(chosen, changes), name, minutes, tuple(map(sentence, said)), start)


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


def shape_of(start: Initial) -> dict[str, Any]:
    """The size and channels of a run's pictures, and their range where they have more than 8 bits, as --size, --channels and --range take them."""
    if len(start.spec.shape) != 3:
        raise UsageError(
            f"that run knows {start.spec.domain}, not pictures",
            where=start.name,
            hint="Name a run that was trained on pictures.",
        )
    channels, height, width = start.spec.shape
    return {"size": f"{width}x{height}", "channels": channels} | (
        {"range": start.spec.units.split(" ")[1]} if start.spec.units else {}
    )


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
