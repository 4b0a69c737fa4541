"""Whether a recipe reads pictures that are given with its data, and whether its transforms make them."""

import math
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

import torch

from ..base.errors import UsageError
from ..base.types import Batch
from ..data.custom_pairs import two_sides
from ..recipes import Recipe, scale_factors
from .custom_data import DataPath, PictureOptions

INPUT = "input"  # the given picture that is translated
PROBE_SIDE = 48  # pixels of the pictures that transforms are tried with, times the recipe's factors


def kind_of_data(base: Recipe | None, path: DataPath, options: PictureOptions) -> str:
    """What the data of a recipe are: "pairs", "domains" (a stream of inputs and one of truths), or "" for neither.

    Args:
        base: None where a recipe is chosen for the data.
        path: of the data.
        options: of the data.

    Raises:
        UsageError: `to` or `reverse` is given, and the recipe translates nothing.
    """
    if base is not None and INPUT in base.streams:
        return "domains"
    if base is not None and reads_input(base):
        made = made_input(base) is not None
        if options.to or not made or (isinstance(path, str) and two_sides(path) is not None):
            return "pairs"
    for name, value in (("to", options.to), ("reverse", options.reverse)):
        if value:
            what = "this recipe does not" if base is not None else "no recipe is named that does"
            raise UsageError(
                f"--{name} is for recipes that translate given pictures, and {what}",
                hint="Name such a recipe, as in `ganvas train pix2pix --data INPUTS --to TRUTHS`.",
            )
    return ""


def one_path(path: DataPath) -> str:
    """The path, if it is one. Raises UsageError."""
    if not isinstance(path, str):
        raise UsageError(f"--data names {len(path)} paths, and one is needed here", hint="Name one folder or zip.")
    return path


def reads_input(recipe: Recipe) -> bool:
    """Whether the game or a network reads the given picture called "input"."""
    parts = (recipe.game, *(player.network for player in recipe.players.values()))
    values = [value for part in parts if is_dataclass(part) for value in field_values(part)]
    return any(value == INPUT or (isinstance(value, tuple) and INPUT in value) for value in values)


def field_values(part: Any) -> Iterator[Any]:
    """The values of a dataclass's fields."""
    return (getattr(part, each.name) for each in fields(part))


def made_input(recipe: Recipe) -> torch.Tensor | None:
    """The given picture that the transforms of a recipe make of a grey or a coloured square; None: they make none."""
    side = probe_side(recipe)
    for channels in (3, 1):
        batch = Batch(x=torch.zeros(1, channels, side, side))
        for transform in recipe.transforms:
            try:
                batch = transform.transform(batch, torch.zeros(1, transform.uniforms))
            except UsageError:  # not for such pictures
                continue
        if INPUT in batch.given:
            return batch.given[INPUT]
    return None


def probe_side(recipe: Recipe) -> int:
    """Pixels of a side that every factor of the recipe divides."""
    return PROBE_SIDE * math.lcm(*scale_factors(recipe).values())


def without_made_inputs(recipe: Recipe) -> tuple[Recipe, tuple[str, ...]]:
    """The recipe without the transforms that make an input, for data that bring theirs, and a message for each.

    Raises:
        UsageError: such a transform makes inputs of another size, which data of pairs do not have.
    """
    retained, messages = [], []
    for transform in recipe.transforms:
        single = replace(recipe, transforms=(transform,))
        made = made_input(single)
        if made is None:
            retained.append(transform)
        elif made.shape[3] != probe_side(single):
            raise UsageError(
                f"{type(transform).__name__} makes the inputs of this recipe from the pictures, at another size",
                hint="Leave --to out, and name only the true pictures with --data.",
            )
        else:
            messages.append(f"{type(transform).__name__} is left out: the data bring their inputs")
    return replace(recipe, transforms=tuple(retained)), tuple(messages)
