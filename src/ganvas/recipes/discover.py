"""All parts: the frozen dataclasses of these folders, and those that other packages register as entry points."""

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import is_dataclass
from functools import lru_cache
from importlib.metadata import entry_points
from typing import Any

from ..base.errors import UsageError

FOLDERS = (
    "base",
    "ops",
    "data",
    "domains",
    "augment",
    "penalties",
    "losses",
    "networks",
    "games",
    "metrics",
    "training",
    "recipes",
)
ENTRY_POINT = "ganvas.parts"  # other packages name their dataclasses here


@lru_cache(maxsize=1)
def parts() -> dict[str, type]:
    """Class name to class. Raises UsageError if two parts have one name."""
    found: dict[str, type] = {}
    for part in (*builtin_parts(), *registered_parts()):
        if found.setdefault(part.__name__, part) is not part:
            raise UsageError(
                f"two parts are called {part.__name__}: {found[part.__name__].__module__} and {part.__module__}"
            )
    return found


def registered_parts() -> Iterator[type]:
    """The parts that installed packages register."""
    for entry in entry_points(group=ENTRY_POINT):
        try:
            yield entry.load()
        except (ImportError, AttributeError) as error:
            raise UsageError(
                f"the part {entry.value} of another package cannot be imported: {error}",
                hint="Repair or remove that package.",
            ) from error


def builtin_parts() -> Iterator[type]:
    """The frozen dataclasses that are defined in FOLDERS."""
    root = __package__.rpartition(".")[0]
    for folder in FOLDERS:
        package = importlib.import_module(f"{root}.{folder}")
        for module in pkgutil.iter_modules(package.__path__):
            for value in vars(importlib.import_module(f"{package.__name__}.{module.name}")).values():
                if (
                    isinstance(value, type)
                    and is_dataclass(value)
                    and value.__module__ == f"{package.__name__}.{module.name}"
                ):
                    yield value


def fits(part: type, contract: Any) -> bool:
    """Whether a field of this type may hold a class: it is a subclass, or has all members of the protocol."""
    if not is_protocol(contract):
        return isinstance(contract, type) and issubclass(part, contract)
    return not lacks(part, contract)


def lacks(part: type, contract: Any) -> list[str]:
    """The members of a protocol that a class lacks."""
    if not is_protocol(contract):
        return []
    named = {*getattr(contract, "__annotations__", ()), *vars(contract)}
    return sorted(
        name
        for name in named
        if name[0] != "_" and not hasattr(part, name) and name not in getattr(part, "__dataclass_fields__", ())
    )


def is_protocol(contract: Any) -> bool:
    """Whether a type is one of our structural contracts."""
    return bool(getattr(contract, "_is_protocol", False))
