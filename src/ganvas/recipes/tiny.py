"""Overrides that make the recipes of the catalogue small enough for a test."""

import sys
from collections.abc import Mapping
from typing import Any

from .catalogue import recipe_functions

TWO_ROUNDS: Mapping[str, Any] = {"batch_samples": 8, "samples": 16}
PICTURES: Mapping[str, Any] = {**TWO_ROUNDS, "generator.width": 4, "discriminator.width": 4, "scores": []}
POINTS: Mapping[str, Any] = {
    **TWO_ROUNDS,
    "generator.widths": [8],
    "discriminator.widths": [8],
    "source.samples": 200,
}


def tiny_overrides(name: str) -> dict[str, Any]:
    """The overrides under which a recipe of the catalogue plays two rounds, or two in each phase, with small networks.

    The recipe's module declares them, as TINY, or as TINY_RGAN_GRID for the function `rgan_grid` only. Without a
    declaration they are PICTURES, which suits convolutional players.

    Args:
        name: of a recipe in the catalogue, such as "mnist".

    Returns:
        Dotted paths and values, as `override` takes them.

    Raises:
        KeyError: there is no such recipe.
    """
    function = recipe_functions()[name]
    declared = vars(sys.modules[function.__module__])
    return dict(declared.get(f"TINY_{function.__name__.upper()}") or declared.get("TINY") or PICTURES)
