"""Package faces whose names are imported at their first use, so that `import ganvas` does not wait for torch."""

import ast
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import resolve_name
from typing import Any


def homes(package: str) -> dict[str, tuple[str, str]]:
    """The imports under `if TYPE_CHECKING:` of a package's own file.

    Args:
        package: full name of an imported package or module, such as "ganvas.losses".

    Returns:
        For each name: the module that is imported, and the attribute of it; an empty attribute means the module itself.

    Raises:
        ImportError: the package was installed without its source files.
    """
    module = sys.modules[package]
    loader = module.__spec__.loader if module.__spec__ else None
    source = getattr(loader, "get_source", lambda _: None)(package)
    if source is None:
        raise ImportError(f"{package} needs its source file, to find where its names are defined", name=package)
    blocks = [node.body for node in ast.parse(source).body if isinstance(node, ast.If) and is_type_checking(node.test)]
    statements = [node for block in blocks for node in block if isinstance(node, ast.ImportFrom)]
    found: dict[str, tuple[str, str]] = {}
    for node in statements:
        base = resolve_name("." * node.level + (node.module or ""), module.__package__)
        for alias in node.names:
            home = (base, alias.name) if node.module else (f"{base.rstrip('.')}.{alias.name}", "")
            found[alias.asname or alias.name] = home
    return found


def is_type_checking(test: ast.expr) -> bool:
    """Whether a condition is just the name TYPE_CHECKING."""
    return isinstance(test, ast.Name) and test.id == "TYPE_CHECKING"


def lazy_face(package: str) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """`__getattr__` and `__dir__` of a package that imports its names under TYPE_CHECKING and lists them in `__all__`.

    A type checker reads the imports; at run time each is carried out when its name is first used. A name that is
    imported but not in `__all__` is for other folders of ganvas alone: it can be imported, and `dir` does not list it.

    Args:
        package: the package's `__name__`.

    Returns:
        The two functions, to be bound to `__getattr__` and `__dir__`.

    Raises:
        ImportError: the package was installed without its source files.
    """
    known = homes(package)

    def get(name: str) -> Any:
        if name not in known:
            raise AttributeError(f"module '{package}' has no attribute '{name}'", name=name, obj=sys.modules[package])
        home, attribute = known[name]
        module = import_module(home)
        return getattr(module, attribute) if attribute else module

    return get, lambda: sorted(sys.modules[package].__all__)
