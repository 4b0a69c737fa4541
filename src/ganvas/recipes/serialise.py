"""Trees of plain values to parts and back; every fault is found at once, each with its path."""

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
from .custom_parts import MEND, NAME, NOTHING, OBJECT, OwnParts, is_plain, named, ours, short
from .discover import fits, is_protocol, lacks, parts


class Fault(NamedTuple):
    """What is wrong, and where."""

    path: str
    what: str


def differences(now: Any, then: Any, path: str = "") -> list[str]:
    """Where two trees part, in words: "G.optimiser.lr is 0.001, and was 0.0002"."""
    if isinstance(now, dict) and isinstance(then, dict) and now.get("kind") == then.get("kind"):
        names = [
            *(name for name in now if name in then or not is_default(now, name)),
            *(name for name in then if name not in now),
        ]
        return [
            words for name in names for words in differences(now.get(name), then.get(name), f"{path}.{name}".strip("."))
        ]
    if isinstance(now, list) and isinstance(then, list) and len(now) == len(then):
        pairs = enumerate(zip(now, then, strict=True))
        return [
            words
            for place, (mine, theirs) in pairs
            for words in differences(mine, theirs, f"{path}.{place}".strip("."))
        ]
    return [] if now == then else [f"{path} is {brief(now)}, and was {brief(then)}"]


def is_default(tree: dict[str, Any], name: str) -> bool:
    """Whether a part has a scalar field's default: a tree written before the field was there means the same."""
    part = parts().get(str(tree.get("kind")))
    known = {field.name: field.default for field in fields(part)} if part is not None else {}
    return isinstance(tree[name], str | int | float) and name in known and known[name] == tree[name]


def brief(tree: Any) -> str:
    """A value, or a part's name."""
    return (
        str(tree["kind"])
        if isinstance(tree, dict) and "kind" in tree
        else "nothing"
        if tree is None
        else tree
        if isinstance(tree, str)
        else reprlib.repr(tree)
    )


def construct(tree: Any, expected: Any, own: OwnParts = NOTHING) -> Any:
    """The part that a tree describes, `own` classes besides those that ganvas finds; or a UsageError that lists all faults."""
    faults: list[Fault] = []
    value = read(tree, expected, "", faults, own)
    if faults:
        listed = [f"{fault.path or 'recipe'}: {fault.what}" for fault in faults]
        raise UsageError(
            listed[0] if len(listed) == 1 else "\n  ".join([f"{len(listed)} faults in the recipe", *listed])
        )
    return value


def read(tree: Any, expected: Any, path: str, faults: list[Fault], own: OwnParts = NOTHING) -> Any:
    """One value of the expected type; None, with a fault noted, where it is not one."""
    options = alternatives(expected)
    if isinstance(tree, dict) and set(tree) == {OBJECT}:
        hint = "Pass the recipe that the run was made from, such as ganvas.resume(run, parts=recipe)."
        faults.append(
            Fault(path, f"an object of class {shown(tree[OBJECT])} stood here, and no file can hold it. {hint}")
        )
        return None
    contracts = [option for option in options if is_part(option)]
    if tree is None and type(None) in options:
        return None
    if contracts and (isinstance(tree, dict) or len(contracts) == len([o for o in options if o is not type(None)])):
        return read_part(tree, contracts, path, faults, own)
    for option in options:
        origin, inner = get_origin(option), get_args(option)
        if origin is tuple and isinstance(tree, list | tuple):
            kinds = [inner[0]] * len(tree) if inner[1:] == (...,) else list(inner)
            if len(kinds) != len(tree):
                faults.append(Fault(path, f"{len(tree)} values where {len(kinds)} belong"))
                return None
            return tuple(
                read(item, kind, f"{path}.{place}".strip("."), faults, own)
                for place, (item, kind) in enumerate(zip(tree, kinds, strict=True))
            )
        if origin is list and isinstance(tree, list):
            return [read(item, inner[0], f"{path}.{place}".strip("."), faults, own) for place, item in enumerate(tree)]
        if (
            origin is not None
            and origin is not tuple
            and isinstance(origin, type)
            and issubclass(origin, Mapping)
            and isinstance(tree, dict)
        ):
            faults += [
                Fault(f"{path}.{key}".strip("."), "a name belongs here") for key in tree if not isinstance(key, str)
            ]
            return {key: read(item, inner[1], f"{path}.{key}".strip("."), faults, own) for key, item in tree.items()}
    if any(is_part(kind) for option in options for kind in get_args(option)):
        faults.append(Fault(path, f"parts in a list, or by name, belong here, not {shown(tree)}"))
        return None
    if Any in options:
        return read_any(tree, path, faults, own)
    if not is_plain(tree):
        return read_object(tree, options, path, faults)
    return read_scalar(tree, tuple(option for option in options if not is_part(option)), path, faults)


def read_any(tree: Any, path: str, faults: list[Fault], own: OwnParts) -> Any:
    """Whatever stands there; a part of a person's own is made, as only here its class is known."""
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
    if not isinstance(simple := named(value), dict):  # NumPy's numbers
        return read_scalar(simple, options, path, faults)
    faults.append(
        Fault(
            path, f"{' or '.join(kind.__name__ for kind in kinds) or 'a plain value'} belongs here, not {short(value)}"
        )
    )
    return None


def read_scalar(tree: Any, options: tuple[Any, ...], path: str, faults: list[Fault]) -> Any:
    """A number, a text, a choice; pydantic knows ranges and that "1e-3" is a number. 1e6, which YAML 1.1 reads as a text, is a count."""
    try:
        value: Any = adapter(options).validate_python(tree)
        if isinstance(value, float) and not math.isfinite(value):
            faults.append(Fault(path, f"a finite number belongs here, not {shown(tree)}"))
        return value
    except ValidationError as error:
        if isinstance(tree, str) and (count := whole(tree)) is not None:
            return read_scalar(count, options, path, faults)
        faults.append(Fault(path, f"{error.errors()[0]['msg']}, not {shown(tree)}"))
        return None


def adapter(options: tuple[Any, ...]) -> TypeAdapter[Any]:
    """What checks a value of these types; kept, as making it takes longer than checking."""
    try:
        return kept_adapter(options)
    except TypeError:  # a type that has no hash
        return new_adapter(options)


def new_adapter(options: tuple[Any, ...]) -> TypeAdapter[Any]:
    """What checks a value of these types; pydantic knows some itself and checks others by their class."""
    expected: Any = Union[options]  # noqa: UP007  # built at run time
    try:
        return TypeAdapter(expected)
    except PydanticUserError:
        return TypeAdapter(expected, config=ConfigDict(arbitrary_types_allowed=True))


kept_adapter = lru_cache(maxsize=1024)(new_adapter)


def whole(text: str) -> int | None:
    """The whole number that a text such as 1e6 is."""
    try:
        number = float(text)
    except ValueError:
        return None
    return int(number) if number.is_integer() else None


def read_part(tree: Any, contracts: list[Any], path: str, faults: list[Fault], own: OwnParts = NOTHING) -> Any:
    """{"kind": ..., fields}; the class name alone will do for a part with its defaults."""
    tree = {"kind": tree} if isinstance(tree, str) else tree
    known = sorted(
        name for name, part in {**parts(), **own.classes}.items() if any(fits(part, contract) for contract in contracts)
    )
    if not isinstance(tree, dict) or "kind" not in tree:
        faults.append(
            Fault(
                path,
                no_part(tree, contracts)
                or f"a part with its kind belongs here (one of {', '.join(known)}), not {shown(tree)}",
            )
        )
        return None
    part = own.find(tree["kind"], contracts) if isinstance(tree["kind"], str) else None
    if part is None or not any(fits(part, contract) for contract in contracts):
        faults.append(Fault(path, unknown(tree["kind"], part, contracts, known)))
        return None
    hints = hints_of(part)
    known_fields = {field.name: field for field in fields(part) if field.init}
    before = len(faults)
    for key in sorted(map(str, tree.keys() - known_fields.keys() - {"kind"})):
        faults.append(
            Fault(
                f"{path}.{key}".strip("."),
                f"{tree['kind']} has no such field. {suggest(key, known_fields) or 'It has: ' + ', '.join(known_fields) + '.'}",
            )
        )
    for name, field in known_fields.items():
        if name not in tree and field.default is MISSING and field.default_factory is MISSING:
            faults.append(Fault(f"{path}.{name}".strip("."), f"missing: {tree['kind']} needs it"))
    values = {
        name: read(tree[name], hints.get(name, Any), f"{path}.{name}".strip("."), faults, own)
        for name in known_fields
        if name in tree
    }
    return None if len(faults) > before else made(part, values, path, faults)


def made(part: type, values: Mapping[str, Any], path: str, faults: list[Fault]) -> Any:
    """The part; what its own checks refuse is a fault like any other."""
    try:
        return part(**values)
    except (TypeError, ValueError) as error:
        faults.append(Fault(path, f"{part.__name__} refuses its values: {error}"))
        return None


def hints_of(part: type) -> dict[str, Any]:
    """The types of a part's fields. A type that is named as a text and cannot be found, as in a function, is not checked."""
    try:
        return get_type_hints(part, include_extras=True)
    except (NameError, TypeError, AttributeError):
        return {field.name: Any if isinstance(field.type, str) else field.type for field in fields(part)}


def unknown(kind: Any, part: type | None, contracts: list[Any], known: list[str]) -> str:
    """Why a kind cannot stand here, and what to do."""
    if part is not None and not ours(part):
        missing = ", ".join(lacks(part, contracts[0]))
        return f"{short(part)} is no {contracts[0].__name__}{f': it lacks {missing}' if missing else ''}"
    if isinstance(kind, str) and NAME.fullmatch(kind):
        module, _, name = kind.partition(":")
        place = "a notebook or a script" if module == "__main__" else f"the module {module}"
        return f"the class {name} of {place} is missing; classes that a file names are never imported. {MEND.format(name=name.rpartition('.')[2])}"
    if not known:
        return f"{' or '.join(contract.__name__ for contract in contracts)} belongs here, not {shown(kind)}"
    return f"unknown kind {shown(kind)}. {suggest(str(kind), known) or 'Known: ' + ', '.join(known) + '.'}"


def no_part(value: Any, contracts: list[Any]) -> str:
    """Why an object from Python is no part; empty for plain values."""
    if is_plain(value):
        return ""
    wanted = contracts[0].__name__
    cls = value if isinstance(value, type) else type(value)
    if isinstance(value, type) and is_dataclass(value):
        return f"an instance belongs here, {cls.__name__}(...), not {short(value)}"
    return f"{short(value)} is no {wanted}: that is a frozen dataclass (@dataclass(frozen=True)) with {', '.join(lacks(object, contracts[0])) or 'its fields'}"


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


def shown(tree: Any) -> str:
    """A value in a message, cut short: aliases can make a small file's tree endless."""
    return reprlib.repr(tree)
