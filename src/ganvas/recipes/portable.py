"""Recipes as they leave a machine: without the paths of its disk."""

import os
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from .custom_parts import dump
from .schema import Recipe

LEFT_OUT = "(not in the model folder)"  # in the place of the path of the data


def portable_tree(recipe: Recipe) -> dict[str, Any]:
    """The tree of a recipe, as `dump` makes it, in which no path leads to a place on a disk.

    One folder of data becomes LEFT_OUT; of several, as those of pairs, each keeps its own last name, so that they can
    be found in a folder that holds them all. A table of labels keeps its name.
    """
    tree: dict[str, Any] = dump(recipe)
    places = {path for source in sources(tree) for path in paths_of(source)}
    names = {path: LEFT_OUT if len(places) == 1 else f"{LEFT_OUT}/{last_name(path)}" for path in places}
    changed: dict[str, Any] = without_paths(tree, names)
    return changed


def sources(tree: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The trees of all sources of a recipe, inner ones too."""
    waiting = [tree.get("source"), *(tree.get("streams") or {}).values()]
    while waiting:
        source = waiting.pop()
        if isinstance(source, Mapping):
            yield source
            waiting.append(source.get("source"))


def paths_of(source: Mapping[str, Any]) -> Iterator[str]:
    """The places of a source's data."""
    for name in ("path", "to"):
        value = source.get(name)
        yield from (each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str) and each)


def without_paths(tree: Any, names: Mapping[str, str]) -> Any:
    """A tree in which each text that is a path is replaced: by its entry in `names`, else by LEFT_OUT and its name."""
    if isinstance(tree, dict):
        return {key: without_paths(value, names) for key, value in tree.items()}
    if isinstance(tree, list):
        return [without_paths(value, names) for value in tree]
    if not isinstance(tree, str):
        return tree
    if tree in names:
        return names[tree]
    return f"{LEFT_OUT}/{last_name(tree)}" if is_path(tree) else tree


def is_path(text: str) -> bool:
    """Whether a text is a path from the root of a disk or from a home folder."""
    return os.path.isabs(text) or text.startswith(("~", "\\\\")) or (text[1:3] in (":\\", ":/") and text[0].isalpha())


def last_name(path: str) -> str:
    """The name of the last part of a path of any system."""
    return PurePosixPath(path.replace("\\", "/")).name
