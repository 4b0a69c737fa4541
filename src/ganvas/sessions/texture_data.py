"""--data for recipes of textures: one picture, of which crops are trained on."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..base.errors import UsageError
from ..data.texture import Texture
from ..recipes import Recipe, override
from .custom_data import DataPath, PictureOptions
from .given_inputs import one_path


def with_texture(
    base: Recipe | None, path: DataPath, options: PictureOptions, changes: Mapping[str, Any]
) -> tuple[Recipe, tuple[str, ...]] | None:
    """The recipe with crops of this picture in place of its data, and messages; None for other recipes.

    Args:
        base: a recipe; it is one of textures if its source is.
        path: of the picture.
        options: `size` is the side of a crop; no other applies.
        changes: overrides by dotted name; those of the source apply before the picture is read.

    Raises:
        DataError: the picture cannot be read, or is too small.
        UsageError: an option does not apply.
    """
    if base is None or not isinstance(base.source, Texture):
        return None
    others = [name for name in (*options.given, *(["flips"] if options.flips else [])) if name != "size"]
    if others:
        raise UsageError(f"--{others[0]} does not apply to the one picture of a texture", hint="Leave it out.")
    width, height = options.width_height or (base.source.side, base.source.side)
    if width != height:
        size = min(width, height)
        raise UsageError(f"crops of a texture are square, not {width} x {height}", hint=f"Use --size {size}.")
    source = replace(base.source, path=one_path(path), side=width)
    of_source = {key: value for key, value in changes.items() if key.startswith("source.")}
    recipe = override(replace(base, source=source, domain=None), of_source)
    crops = recipe.source.items("train")
    return recipe, (
        f"One picture, {path}: {len(crops):,} crops of {source.side} x {source.side} pixels to train on, "
        "from the first 70 % of its longer side; scores are on the rest.",
    )
