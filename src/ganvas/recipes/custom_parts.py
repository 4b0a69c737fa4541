"""Classes of a notebook or a script as parts. YAML names them as information; nothing that a file names is imported."""

import enum
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from types import MappingProxyType
from typing import Any

from ..base.errors import UsageError
from .discover import FOLDERS, parts

NAME = re.compile(r"[^\W\d][\w.]{0,200}:[^\W\d][\w.<>]{0,200}")  # module:qualname
OBJECT = "python object"  # the key under which YAML names what it cannot hold
PACKAGE = __package__.partition(".")[0]
MISSING_CLASS_HINT = (
    "Pass the class from Python, such as ganvas.resume(run, parts=[{name}]), "
    "or name it in a package's entry point `ganvas.parts`."
)


def identity(part: type) -> str:
    """module:qualname of a class."""
    return f"{part.__module__}:{part.__qualname__}"


def kind_of(part: type) -> str:
    """What YAML calls a class: `Hinge` for a part of ganvas or an entry point, `module:qualname` for any other."""
    return part.__name__ if parts().get(part.__name__) is part else identity(part)


@dataclass(frozen=True)
class OwnParts:
    """What a person passes so that a file that names their classes can be read.

    Args:
        classes: frozen dataclasses, by `module:qualname`.
        tree: the live tree of a recipe, for objects that no file holds.
    """

    classes: Mapping[str, type] = field(default_factory=lambda: MappingProxyType({}))
    tree: Any = None

    def find(self, kind: str, also: Iterable[type] = ()) -> type | None:
        """The class that YAML calls `kind`: ganvas's, an entry point's, one passed, or of `also`; else None.

        A class that has moved to another module is found by its qualname, where only one has it that is not ganvas's.
        """
        known = parts()
        if kind in known:
            return known[kind]
        every = {
            identity(part): part for part in (*known.values(), *also) if is_dataclass(part) and not is_builtin(part)
        } | {**self.classes}
        if kind in every:
            return every[kind]
        moved = [
            part for part in every.values() if NAME.fullmatch(kind) and part.__qualname__ == kind.partition(":")[2]
        ]
        return moved[0] if len(moved) == 1 else None


NOTHING = OwnParts()


def is_builtin(part: type) -> bool:
    """Whether a class is one of ganvas's own parts."""
    return part.__module__.startswith(tuple(f"{PACKAGE}.{folder}." for folder in FOLDERS))


def own_parts(given: Any) -> OwnParts:
    """The classes that a person passes as `parts=`.

    Args:
        given: a list of classes or instances, or a Recipe that uses them.

    Raises:
        UsageError: it is neither, or a class is not a frozen dataclass.
    """
    if is_dataclass(given) and not isinstance(given, type):
        return OwnParts(classes_in(given), dump(given, plain=False))
    if isinstance(given, type) or not isinstance(given, Iterable) or isinstance(given, str | Mapping):
        raise UsageError(
            f"parts= takes a list of classes or a Recipe, not {class_of(given)}", hint="Such as parts=[MyLoss]."
        )
    found: dict[str, type] = {}
    for each in given:
        for part in (each,) if isinstance(each, type) else [type(each), *classes_in(each).values()]:
            add_class(found, part)
    return OwnParts(found)


def classes_in(value: Any) -> dict[str, type]:
    """Classes in a value that are neither ganvas's nor an entry point's, by `module:qualname`. Raises UsageError."""
    found: dict[str, type] = {}
    for part in classes_used(value):
        if parts().get(part.__name__) is not part:
            add_class(found, part)
    return found


def classes_used(value: Any) -> Iterator[type]:
    """The class of every dataclass in a value."""
    if is_dataclass(value) and not isinstance(value, type):
        yield type(value)
        for each in fields(value):
            yield from classes_used(getattr(value, each.name, None))
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from classes_used(inner)
    elif isinstance(value, tuple | list):
        for inner in value:
            yield from classes_used(inner)


def add_class(found: dict[str, type], part: type) -> None:
    """Add a class under its name. Raises UsageError if it is no frozen dataclass, or another class has that name."""
    name = identity(part)
    if not is_dataclass(part) or not part.__dataclass_params__.frozen:  # type: ignore[attr-defined]
        raise UsageError(
            f"{name} is not a frozen dataclass", hint=f"Write @dataclass(frozen=True) above class {part.__name__}."
        )
    if found.setdefault(name, part) is not part:
        raise UsageError(
            f"two different classes are called {name}", hint="Create all parts of the recipe again, from one of them."
        )


def dump(part: Any, *, plain: bool = True) -> Any:
    """A tree of plain values: a part becomes {"kind": its class, its fields}, a tuple a list.

    Args:
        part: a recipe, one of its parts, or any value.
        plain: whether an object that YAML cannot hold is replaced by the name of its class; otherwise it stays.
    """
    if is_dataclass(part) and not isinstance(part, type):
        return {
            "kind": kind_of(type(part)),
            **{each.name: dump(getattr(part, each.name), plain=plain) for each in fields(part) if each.init},
        }
    if isinstance(part, tuple | list):
        return [dump(item, plain=plain) for item in part]
    if isinstance(part, Mapping):
        return {key: dump(value, plain=plain) for key, value in part.items()}
    return plain_form(part) if plain and not is_plain(part) else part


def is_plain(value: Any) -> bool:
    """Whether YAML and JSON hold a value as it is."""
    return value is None or type(value) in (bool, int, float, str, dict, list)


def plain_form(value: Any) -> Any:
    """A form that YAML can hold: a number or a path itself, the name of its class for any other object."""
    if isinstance(value, enum.Enum):
        return dump(value.value)
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    for kind in (bool, int, float, str):  # subclasses, such as NumPy's float64
        if isinstance(value, kind):
            return kind(value)
    item = getattr(value, "item", None)
    if getattr(value, "ndim", None) == 0 and callable(item):
        return dump(item())
    return {OBJECT: identity(value if isinstance(value, type) else type(value))}


def with_live_objects(tree: Any, live: Any) -> Any:
    """The tree of a file, with the objects that the file can only name taken from the live tree of its recipe."""
    if isinstance(tree, dict) and set(tree) == {OBJECT}:
        return live if dump(live) == tree else tree
    if isinstance(tree, dict) and isinstance(live, dict):
        return {key: with_live_objects(value, live.get(key)) for key, value in tree.items()}
    if isinstance(tree, list) and isinstance(live, list) and len(tree) == len(live):
        return [with_live_objects(value, other) for value, other in zip(tree, live, strict=True)]
    return tree


def comparable(tree: Any) -> Any:
    """A dumped recipe in which a class that is not ganvas's is named without its module: it may have moved since."""
    if isinstance(tree, dict):
        kind = tree.get("kind")
        found = {key: comparable(value) for key, value in tree.items()}
        if isinstance(kind, str) and (":" in kind or (kind in parts() and not is_builtin(parts()[kind]))):
            found["kind"] = f":{kind.rpartition(':')[2]}"
        return found
    return [comparable(value) for value in tree] if isinstance(tree, list) else tree


def class_of(value: Any) -> str:
    """A value in a message: a class by its name, an object by its class."""
    return f"the class {value.__name__}" if isinstance(value, type) else f"an object of class {type(value).__name__}"
