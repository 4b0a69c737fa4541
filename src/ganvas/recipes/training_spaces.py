"""The feature spaces that a recipe's players train in: scores in them flatter it."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .schema import Recipe


def trained_spaces(recipe: "Recipe") -> frozenset[str]:
    """The union of `pretrained` over all parts of a recipe but its scores.

    A network, loss, penalty, term or view that uses a pretrained network declares
    `pretrained: ClassVar[tuple[str, ...]] = ("photo",)`: the names of the spaces of that network's features.

    Args:
        recipe: any recipe.

    Returns:
        Names of feature spaces, as scores begin with them; empty for most recipes.
    """
    return frozenset(
        space for part in parts_of(replace(recipe, scores=())) for space in getattr(type(part), "pretrained", ())
    )


def parts_of(value: Any) -> Iterator[Any]:
    """A part and all parts inside it, in tuples, lists and mappings too."""
    if is_dataclass(value) and not isinstance(value, type):
        yield value
        for field in fields(value):
            yield from parts_of(getattr(value, field.name))
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from parts_of(inner)
    elif isinstance(value, tuple | list):
        for inner in value:
            yield from parts_of(inner)
