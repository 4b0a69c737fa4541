"""The factor of a recipe for super-resolution."""

from typing import Any

from ..base.errors import UsageError
from .files import override
from .schema import Recipe

FACTOR = "factor"  # the field of transforms, games and networks that --scale sets


def with_scale(recipe: Recipe, scale: int) -> Recipe:
    """The recipe with every field `factor` of its transforms, game and networks set: super-resolution by that factor.

    Args:
        recipe: with at least one such field.
        scale: at least 2.

    Raises:
        UsageError: there is no such field, or the scale does not fit.
    """
    paths = list(scale_factors(recipe))
    if scale < 2:
        raise UsageError(f"--scale {scale} is no scale", hint="Write a whole number of at least 2.")
    if not paths:
        raise UsageError("--scale is for super-resolution, and this recipe has no factor", hint="Leave --scale out.")
    return override(recipe, dict.fromkeys(paths, scale))


def scale_factors(recipe: Recipe) -> dict[str, int]:
    """The values of all fields `factor` by their dotted paths."""
    parts: dict[str, Any] = {f"transforms.{number}": each for number, each in enumerate(recipe.transforms)}
    parts |= {"game": recipe.game}
    parts |= {f"{path_of(name)}.network": player.network for name, player in recipe.players.items()}
    return {f"{path}.{FACTOR}": getattr(part, FACTOR) for path, part in parts.items() if hasattr(part, FACTOR)}


def path_of(player: str) -> str:
    """The dotted path of a player in a recipe."""
    return player if player in ("G", "D") else f"others.{player}"
