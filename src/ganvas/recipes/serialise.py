"""Trees of plain values to parts; all faults are reported at once, each with its path."""

import math
import reprlib
import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import lru_cache
from typing import Any, NamedTuple, Union, get_args, get_origin, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.errors import PydanticUserError

from ..base.errors import UsageError, suggest
from .custom_parts import (
    MISSING_CLASS_HINT,
    NAME,
    NOTHING,
    OBJECT,
    OwnParts,
    class_of,
    is_builtin,
    is_plain,
    plain_form,
)
from .discover import fits, is_protocol, lacks, parts


class Fault(NamedTuple):
    """What is wrong with a recipe, and at which path."""

    path: str
    what: str


def construct(tree: Any, expected: Any, own: OwnParts = NOTHING) -> Any:
    """The part that a tree of plain values describes.

    Args:
        tree: as `dump` makes it.
        expected: the type of the part, such as Recipe.
        own: classes of a person's own that the tree may name.

    Raises:
        UsageError: the tree describes no such part; it lists all faults, each with its path.
    """
    faults: list[Fault] = []
    value = read_value(tree, expected, "", faults, own)
    if faults:
        listed = [f"{fault.path or 'recipe'}: {fault.what}" for fault in faults]
        raise UsageError(
            listed[0] if len(listed) == 1 else "\n  ".join([f"{len(listed)} faults in the recipe", *listed])
        )
    return value


def read_value(tree: Any, expected: Any, path: str, faults: list[Fault], own: OwnParts = NOTHING) -> Any:
    """One value of the expected type; None, with a fault added, if it has another type."""
    options = alternatives(expected)
    if isinstance(tree, dict) and set(tree) == {OBJECT}:
        hint = "Pass the recipe that the run was made from, such as ganvas.resume(run, parts=recipe)."
        faults.append(
            Fault(path, f"a file cannot hold the object of class {abbreviated(tree[OBJECT])} that was here. {hint}")
        )
        return None
    if tree is None and type(None) in options:
        return None
    contracts = [option for option in options if is_part(option)]
    only_parts = len(contracts) == len([option for option in options if option is not type(None)])
    if contracts and (isinstance(tree, dict) or only_parts):
        return read_part(tree, contracts, path, faults, own)
    for option in options:
        if fits_collection(tree, option):
            return read_collection(tree, option, path, faults, own)
    if any(is_part(kind) for option in options for kind in get_args(option)):
        faults.append(Fault(path, f"expected parts in a list, or by name, not {abbreviated(tree)}"))
        return None
    if Any in options:
        return read_any(tree, path, faults, own)
    if not is_plain(tree):
        return read_object(tree, options, path, faults)
    return read_scalar(tree, tuple(option for option in options if not is_part(option)), path, faults)


def fits_collection(tree: Any, option: Any) -> bool:
    """Whether a type is that of a tuple, list or mapping, and the tree is of such a kind."""
    origin = get_origin(option)
    if origin is tuple:
        return isinstance(tree, list | tuple)
    if origin is list:
        return isinstance(tree, list)
    return isinstance(origin, type) and issubclass(origin, Mapping) and isinstance(tree, dict)


def read_collection(tree: Any, option: Any, path: str, faults: list[Fault], own: OwnParts) -> Any:
    """A tuple, list or mapping, each item of the type that `option` names; None, with a fault, for a wrong length."""
    origin, inner = get_origin(option), get_args(option)
    if isinstance(tree, dict):
        faults += [Fault(below(path, key), "expected a name") for key in tree if not isinstance(key, str)]
        return {key: read_value(item, inner[1], below(path, key), faults, own) for key, item in tree.items()}
    kinds = list(inner) if origin is tuple and inner[1:] != (...,) else [inner[0]] * len(tree)
    if len(kinds) != len(tree):
        faults.append(Fault(path, f"{len(tree)} values, expected {len(kinds)}"))
        return None
    items = [
        read_value(item, kind, below(path, index), faults, own)
        for index, (item, kind) in enumerate(zip(tree, kinds, strict=True))
    ]
    return tuple(items) if origin is tuple else items


def below(path: str, name: object) -> str:
    """The path of a field or an item: below("G", "lr") is "G.lr"."""
    return f"{path}.{name}".strip(".")


def read_any(tree: Any, path: str, faults: list[Fault], own: OwnParts) -> Any:
    """Any value as it is, but a part of a person's own class is built, as its class is known here only."""
    if isinstance(tree, dict) and isinstance(kind := tree.get("kind"), str) and ":" in kind and own.find(kind):
        return read_part(tree, [object], path, faults, own)
    return tree


def read_object(value: Any, options: tuple[Any, ...], path: str, faults: list[Fault]) -> Any:
    """An object from Python that YAML has no form for, such as an nn.Module in a part of a person's own."""
    kinds = [
        kind
        for option in options
        if isinstance(kind := get_origin(option) or option, type) and kind not in (bool, int, float, str)
    ]
    if any(isinstance(value, kind) for kind in kinds):
        return value
    if not isinstance(simple := plain_form(value), dict):  # NumPy's numbers
        return read_scalar(simple, options, path, faults)
    faults.append(
        Fault(
            path, f"expected {' or '.join(kind.__name__ for kind in kinds) or 'a plain value'}, not {class_of(value)}"
        )
    )
    return None


def read_scalar(tree: Any, options: tuple[Any, ...], path: str, faults: list[Fault]) -> Any:
    """A number, a text or a choice, as pydantic validates it.

    1e-3 and 1e6 are texts in YAML 1.1; pydantic takes the first as a number, the second is made a count here.
    """
    try:
        value: Any = adapter(options).validate_python(tree)
        if isinstance(value, float) and not math.isfinite(value):
            faults.append(Fault(path, f"expected a finite number, not {abbreviated(tree)}"))
        return value
    except ValidationError as error:
        if isinstance(tree, str) and (count := whole_number(tree)) is not None:
            return read_scalar(count, options, path, faults)
        faults.append(Fault(path, f"{error.errors()[0]['msg']}, not {abbreviated(tree)}"))
        return None


def adapter(options: tuple[Any, ...]) -> TypeAdapter[Any]:
    """A validator of these types; cached, as making it takes longer than validating."""
    try:
        return cached_adapter(options)
    except TypeError:  # a type that has no hash
        return new_adapter(options)


def new_adapter(options: tuple[Any, ...]) -> TypeAdapter[Any]:
    """A validator of these types; pydantic checks types that it does not know by their class."""
    expected: Any = Union[options]  # noqa: UP007  # built at run time
    try:
        return TypeAdapter(expected)
    except PydanticUserError:
        return TypeAdapter(expected, config=ConfigDict(arbitrary_types_allowed=True))


cached_adapter = lru_cache(maxsize=1024)(new_adapter)


def whole_number(text: str) -> int | None:
    """The whole number that a text such as 1e6 stands for; None for any other text."""
    try:
        number = float(text)
    except ValueError:
        return None
    return int(number) if number.is_integer() else None


def read_part(tree: Any, contracts: list[Any], path: str, faults: list[Fault], own: OwnParts = NOTHING) -> Any:
    """A part from {"kind": its class, its fields}, or from the name of its class for one with its defaults."""
    tree = {"kind": tree} if isinstance(tree, str) else tree
    if not isinstance(tree, dict) or "kind" not in tree:
        kinds = ", ".join(known_kinds(contracts, own))
        expected = f"expected a part with its kind (one of {kinds}), not {abbreviated(tree)}"
        faults.append(Fault(path, not_a_part(tree, contracts) or expected))
        return None
    part = own.find(tree["kind"], contracts) if isinstance(tree["kind"], str) else None
    if part is None or not any(fits(part, contract) for contract in contracts):
        faults.append(Fault(path, unknown_kind(tree["kind"], part, contracts, known_kinds(contracts, own))))
        return None
    hints = hints_of(part)
    known_fields = {field.name: field for field in fields(part) if field.init}
    before = len(faults)
    for key in sorted(map(str, tree.keys() - known_fields.keys() - {"kind"})):
        faults.append(
            Fault(
                below(path, key),
                f"{tree['kind']} has no such field. "
                f"{suggest(key, known_fields) or 'It has: ' + ', '.join(known_fields) + '.'}",
            )
        )
    for name, field in known_fields.items():
        if name not in tree and field.default is MISSING and field.default_factory is MISSING:
            faults.append(Fault(below(path, name), f"missing: {tree['kind']} needs it"))
    values = {
        name: read_value(tree[name], hints.get(name, Any), below(path, name), faults, own)
        for name in known_fields
        if name in tree
    }
    return None if len(faults) > before else build_part(part, values, path, faults)


def known_kinds(contracts: list[Any], own: OwnParts) -> list[str]:
    """The names of all parts that fit one of the contracts; found only where a fault lists them, for that is slow."""
    return sorted(
        name for name, part in {**parts(), **own.classes}.items() if any(fits(part, contract) for contract in contracts)
    )


def build_part(part: type, values: Mapping[str, Any], path: str, faults: list[Fault]) -> Any:
    """An instance of the class; None, with a fault, if the class refuses the values."""
    try:
        return part(**values)
    except (TypeError, ValueError) as error:
        faults.append(Fault(path, f"{part.__name__} refuses its values: {error}"))
        return None


def hints_of(part: type) -> dict[str, Any]:
    """The types of a part's fields; Any for a type that is written as a text and cannot be found, as in a function."""
    try:
        return get_type_hints(part, include_extras=True)
    except (NameError, TypeError, AttributeError):
        return {field.name: Any if isinstance(field.type, str) else field.type for field in fields(part)}


def unknown_kind(kind: Any, part: type | None, contracts: list[Any], known: list[str]) -> str:
    """Why a kind is refused, and how to fix it."""
    if part is not None and not is_builtin(part):
        missing = ", ".join(lacks(part, contracts[0]))
        return f"{class_of(part)} is no {contracts[0].__name__}{f': it lacks {missing}' if missing else ''}"
    if isinstance(kind, str) and NAME.fullmatch(kind):
        module, _, name = kind.partition(":")
        origin = "a notebook or a script" if module == "__main__" else f"the module {module}"
        hint = MISSING_CLASS_HINT.format(name=name.rpartition(".")[2])
        return f"the class {name} of {origin} is missing; classes that a file names are never imported. {hint}"
    if not known:
        return f"expected {' or '.join(contract.__name__ for contract in contracts)}, not {abbreviated(kind)}"
    return f"unknown kind {abbreviated(kind)}. {suggest(str(kind), known) or 'Known: ' + ', '.join(known) + '.'}"


def not_a_part(value: Any, contracts: list[Any]) -> str:
    """Why an object from Python is not a part; empty for plain values."""
    if is_plain(value):
        return ""
    wanted = contracts[0].__name__
    cls = value if isinstance(value, type) else type(value)
    if isinstance(value, type) and is_dataclass(value):
        return f"expected an instance, {cls.__name__}(...), not {class_of(value)}"
    members = ", ".join(lacks(object, contracts[0])) or "its fields"
    return f"{class_of(value)} is no {wanted}: that is a frozen dataclass (@dataclass(frozen=True)) with {members}"


def alternatives(expected: Any) -> tuple[Any, ...]:
    """The members of a union, nested ones too; otherwise the type itself."""
    if get_origin(expected) in (Union, types.UnionType):
        return tuple(inner for member in get_args(expected) for inner in alternatives(member))
    return (expected,)


def is_part(option: Any) -> bool:
    """Whether a field's type is a contract of ours, one of our classes, or a dataclass of a person's own."""
    return isinstance(option, type) and (
        is_protocol(option) or is_dataclass(option) or option.__module__.startswith(f"{__package__.partition('.')[0]}.")
    )


def abbreviated(tree: Any) -> str:
    """A value in a message, at most some 30 characters of each item: aliases can make a small file's tree very long."""
    return reprlib.repr(tree)
