"""The recipes by name: every public function of this folder that takes nothing and returns a Recipe."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..base.errors import UsageError, suggest
from .files import read_recipe
from .schema import Recipe


@lru_cache(maxsize=1)
def recipe_functions() -> dict[str, Callable[[], Recipe]]:
    """Name to function; `gan_nonsaturating` is called gan.nonsaturating, a variant of gan."""
    package = importlib.import_module(__package__)
    modules = [
        importlib.import_module(f"{__package__}.{module.name}") for module in pkgutil.iter_modules(package.__path__)
    ]
    found = {
        name.replace("_", ".", 1): function
        for module in modules
        for name, function in vars(module).items()
        if inspect.isfunction(function)
        and function.__module__ == module.__name__
        and makes_recipe(function)
        and name[0] != "_"
    }
    return dict(sorted(found.items()))


def makes_recipe(function: Callable[..., object]) -> bool:
    """Whether a function takes nothing and returns a Recipe."""
    signature = inspect.signature(function)
    return not signature.parameters and signature.return_annotation is Recipe


def recipe(name: str, parts: Any = ()) -> Recipe:
    """A recipe of the catalogue, or of a YAML file.

    Args:
        name: such as "mnist", or the path of a .yaml file.
        parts: for a file that names classes of your own: these classes, such as [MyLoss].

    Raises:
        UsageError: there is no such recipe, or the file does not hold one.
    """
    if name in recipe_functions():
        return recipe_functions()[name]()
    if name.endswith((".yaml", ".yml")):
        return read_recipe(Path(name), parts)
    raise UsageError(
        f"there is no recipe '{name}'",
        hint=suggest(name, recipe_functions()) or "`ganvas recipes list` shows them all.",
    )
