"""Recipes as YAML, and changed by dotted overrides."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from ..base import trees
from ..base.errors import UsageError, suggest
from ..base.files import read_regular
from .custom_parts import OwnParts, classes_in, dump, own_parts, with_live_objects
from .schema import Recipe
from .serialise import construct

FILE_BYTES = 2**20  # of a recipe that is read
ALIASES = {"generator": "G.network", "discriminator": "D.network", "penalties": "game.penalties", "loss": "game.loss"}


def to_yaml(recipe: Recipe) -> str:
    """The whole recipe as YAML; each part has its kind.

    Args:
        recipe: any recipe.

    Returns:
        Text that `from_yaml` reads.
    """
    return yaml.safe_dump(dump(recipe), sort_keys=False, allow_unicode=True, width=120)


def from_yaml(text: str, where: str = "", parts: Any = ()) -> Recipe:
    """The recipe of a YAML text; to_yaml's inverse.

    Args:
        text: YAML with a kind for each part.
        where: the file, for messages.
        parts: classes of a person's own that the text names as `module:qualname`, or a Recipe that uses them.

    Returns:
        The recipe.

    Raises:
        UsageError: the text is no recipe, or names a class that is not ganvas's, an entry point's or among `parts`.
    """
    try:
        return from_tree(trees.from_yaml(text), parts)
    except ValueError as error:
        raise UsageError(f"not a recipe in YAML: {' '.join(str(error).split())}", where=where) from error


def from_tree(tree: Any, parts: Any = ()) -> Recipe:
    """The recipe of a tree of plain values; `parts` and errors as in `from_yaml`, and ValueError."""
    own = own_parts(parts)
    recipe: Recipe = construct(with_live_objects(tree, own.tree), Recipe, own)
    return recipe


def read_recipe(path: Path, parts: Any = (), *, inside: Path | None = None) -> Recipe:
    """The recipe of a YAML file.

    Args:
        path: a regular file of at most trees.LARGEST_YAML bytes.
        parts: as in `from_yaml`.
        inside: the run that the file belongs to, in which no link is followed.

    Returns:
        The recipe.

    Raises:
        UsageError: the file cannot be read, or is no recipe.
    """
    try:
        text = read_regular(path, trees.MAX_YAML_CHARACTERS, inside=inside).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"cannot read the recipe: {getattr(error, 'strerror', None) or error}", where=str(path)
        ) from error
    return from_yaml(text, where=str(path), parts=parts)


def override(recipe: Recipe, changes: Mapping[str, Any]) -> Recipe:
    """The recipe with some values replaced, validated as a whole.

    Args:
        recipe: stays as it is.
        changes: values or parts by dotted path, such as {"D.optimiser.lr": 1e-4, "game.loss": Hinge()}.

    Returns:
        Another recipe.

    Raises:
        UsageError: there is no such path, or a value does not fit; it lists all faults.
    """
    tree = dump(recipe, plain=False)
    for key, value in changes.items():
        set_value(tree, full_path(key), dump(value, plain=False), key)
    changed: Recipe = construct(tree, Recipe, OwnParts(classes_in((recipe, changes))))
    return changed


def parse_overrides(assignments: Iterable[str]) -> dict[str, Any]:
    """Overrides from `key=value` arguments of a command line; values are YAML.

    Args:
        assignments: such as "G.optimiser.lr=1e-4".

    Returns:
        Values by dotted path, for `override`.

    Raises:
        UsageError: an argument has no "=", or its value is not YAML.
    """
    changes: dict[str, Any] = {}
    for text in assignments:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise UsageError(f"'{text}' is not an override", hint="Write key=value, such as batch_samples=32.")
        try:
            changes[key] = trees.from_yaml(value)
        except ValueError as error:
            raise UsageError(f"'{value}' is not a value", where=key) from error
    return changes


def full_path(key: str) -> list[str]:
    """The path of a key: generator.width is G.network.width."""
    first, *rest = key.split(".")
    return [*ALIASES.get(first, first).split("."), *rest]


def set_value(tree: Any, path: list[str], value: Any, key: str) -> None:
    """Replace the value at a path. A new kind starts from that kind's defaults."""
    for place, name in enumerate(path[:-1]):
        tree = child(owner_of_field(tree, name), name, key, path[:place])
    name = path[-1]
    tree = owner_of_field(tree, name)
    if isinstance(tree, list):
        child(tree, name, key, path[:-1])
        tree[int(name)] = value
    elif name == "kind" and isinstance(tree, dict):
        tree.clear()
        tree["kind"] = value
    elif isinstance(tree, dict):
        tree[name] = value  # unknown names are refused, with a suggestion, when the tree is read
    else:
        raise UsageError(f"'{key}' does not exist: {'.'.join(path[:-1])} is {tree!r}")


def owner_of_field(tree: Any, name: str) -> Any:
    """The part, or the network inside it that has a field of this name; the part if none has."""
    inner = tree
    while isinstance(inner, dict) and name not in inner and isinstance(inner.get("network"), dict):
        inner = inner["network"]
    return inner if isinstance(inner, dict) and name in inner else tree


def child(tree: Any, name: str, key: str, before: list[str]) -> Any:
    """The field or item of this name. Raises UsageError if there is none."""
    if isinstance(tree, dict) and name in tree:
        return tree[name]
    if isinstance(tree, list) and name.isdecimal() and int(name) < len(tree):
        return tree[int(name)]
    known = list(tree) if isinstance(tree, dict) else []
    if isinstance(tree, list):
        known = [str(index) for index in range(len(tree))]
    parent = ".".join(before) or "the recipe"
    hint = suggest(name, known) or (f"There is: {', '.join(known)}." if known else "")
    raise UsageError(f"'{key}': {parent} has no '{name}'", hint=hint)
