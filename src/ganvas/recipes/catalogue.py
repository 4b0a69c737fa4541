"""The recipes by name: every public function of this folder that takes nothing and returns a Recipe."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Collection
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..base.errors import UsageError, suggest
from .files import read_recipe
from .listed import listed
from .schema import Recipe


@lru_cache(maxsize=1)
def recipe_functions() -> dict[str, Callable[[], Recipe]]:
    """The recipes of this folder.

    Returns:
        Functions without arguments that return a Recipe, by name, sorted.
    """
    package = importlib.import_module(__package__)
    found: dict[str, Callable[[], Recipe]] = {}
    for module in pkgutil.iter_modules(package.__path__):
        found |= functions_in(module.name)
    return dict(sorted(found.items()))


def functions_in(module: str) -> dict[str, Callable[[], Recipe]]:
    """Name to function of the recipes in one module of this folder, such as "dcgan"."""
    imported = importlib.import_module(f"{__package__}.{module}")
    functions = {
        name: function
        for name, function in vars(imported).items()
        if inspect.isfunction(function)
        and function.__module__ == imported.__name__
        and makes_recipe(function)
        and name[0] != "_"
    }
    return {recipe_name(name, functions): function for name, function in functions.items()}


def recipe_name(function: str, functions: Collection[str]) -> str:
    """The name of a recipe, from that of its function and those of all recipe functions in the same module.

    A hyphen replaces each underscore (`wgan_gp` is wgan-gp), but a dot follows the name of another recipe of the same
    module: `gan_nonsaturating` is gan.nonsaturating, a variant of gan.
    """
    bases = [base for base in functions if function.startswith(f"{base}_")]
    base = max(bases, key=len, default="")
    return (f"{base}." + function.removeprefix(f"{base}_") if base else function).replace("_", "-")


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

    Returns:
        The recipe.
    """
    module = next((each.module for each in listed() if each.name == name), None)
    functions = recipe_functions() if module is None else functions_in(module)  # one module is sooner imported than all
    if name in functions:
        return functions[name]()
    if name.endswith((".yaml", ".yml")):
        return read_recipe(Path(name), parts)
    raise UsageError(
        f"there is no recipe '{name}'",
        hint=suggest(name, recipe_functions()) or "`ganvas recipes list` shows them all.",
    )
