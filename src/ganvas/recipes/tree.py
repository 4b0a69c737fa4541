"""Trees of plain values to parts and back; every fault is found at once, each with its path."""

import math
import reprlib
import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, NamedTuple, Union, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError

from ..base.errors import UsageError, suggest
from .parts import fits, is_protocol, parts


class Fault(NamedTuple):
    """What is wrong, and where."""

    path: str
    what: str


def dump(part: Any) -> Any:
    """Plain values: a part becomes {"kind": its class, ...}, a tuple a list."""
    if is_dataclass(part) and not isinstance(part, type):
        return {"kind": type(part).__name__, **{field.name: dump(getattr(part, field.name)) for field in fields(part)}}
    if isinstance(part, tuple | list):
        return [dump(item) for item in part]
    if isinstance(part, Mapping):
        return {key: dump(value) for key, value in part.items()}
    return part


def differences(now: Any, then: Any, path: str = "") -> list[str]:
    """Where two trees part, in words: "G.optimiser.lr is 0.001, and was 0.0002"."""
    if isinstance(now, dict) and isinstance(then, dict) and now.get("kind") == then.get("kind"):
        names = [*now, *(name for name in then if name not in now)]
        return [words for name in names for words in differences(now.get(name), then.get(name), f"{path}.{name}".strip("."))]
    if isinstance(now, list) and isinstance(then, list) and len(now) == len(then):
        pairs = enumerate(zip(now, then, strict=True))
        return [words for place, (mine, theirs) in pairs for words in differences(mine, theirs, f"{path}.{place}".strip("."))]
    return [] if now == then else [f"{path} is {brief(now)}, and was {brief(then)}"]


def brief(tree: Any) -> str:
    """A value, or a part's name."""
    return (
        str(tree["kind"]) if isinstance(tree, dict) and "kind" in tree else "nothing" if tree is None else tree if isinstance(tree, str) else reprlib.repr(tree)
    )


def construct(tree: Any, expected: Any) -> Any:
    """The part that a tree describes, or a UsageError that lists all faults."""
    faults: list[Fault] = []
    value = read(tree, expected, "", faults)
    if faults:
        listed = [f"{fault.path or 'recipe'}: {fault.what}" for fault in faults]
        raise UsageError(listed[0] if len(listed) == 1 else "\n  ".join([f"{len(listed)} faults in the recipe", *listed]))
    return value


def read(tree: Any, expected: Any, path: str, faults: list[Fault]) -> Any:
    """One value of the expected type; None, with a fault noted, where it is not one."""
    options = alternatives(expected)
    contracts = [option for option in options if is_part(option)]
    if tree is None and type(None) in options:
        return None
    if contracts and (isinstance(tree, dict) or len(contracts) == len([o for o in options if o is not type(None)])):
        return read_part(tree, contracts, path, faults)
    for option in options:
        origin, inner = get_origin(option), get_args(option)
        if origin is tuple and isinstance(tree, list | tuple):
            kinds = [inner[0]] * len(tree) if inner[1:] == (...,) else list(inner)
            if len(kinds) != len(tree):
                faults.append(Fault(path, f"{len(tree)} values where {len(kinds)} belong"))
                return None
            return tuple(read(item, kind, f"{path}.{place}".strip("."), faults) for place, (item, kind) in enumerate(zip(tree, kinds, strict=True)))
        if origin is not None and origin is not tuple and isinstance(origin, type) and issubclass(origin, Mapping) and isinstance(tree, dict):
            faults += [Fault(f"{path}.{key}".strip("."), "a name belongs here") for key in tree if not isinstance(key, str)]
            return {key: read(item, inner[1], f"{path}.{key}".strip("."), faults) for key, item in tree.items()}
    if any(is_part(kind) for option in options for kind in get_args(option)):
        faults.append(Fault(path, f"parts in a list, or by name, belong here, not {shown(tree)}"))
        return None
    return read_scalar(tree, tuple(option for option in options if not is_part(option)), path, faults)


def read_scalar(tree: Any, options: tuple[Any, ...], path: str, faults: list[Fault]) -> Any:
    """A number, a text, a choice; pydantic knows ranges and that "1e-3" is a number. 1e6, which YAML 1.1 reads as a text, is a count."""
    try:
        value: Any = TypeAdapter(Union[options]).validate_python(tree)  # type: ignore[arg-type]  # noqa: UP007  # built at run time
        if isinstance(value, float) and not math.isfinite(value):
            faults.append(Fault(path, f"a finite number belongs here, not {shown(tree)}"))
        return value
    except ValidationError as error:
        if isinstance(tree, str) and (count := whole(tree)) is not None:
            return read_scalar(count, options, path, faults)
        faults.append(Fault(path, f"{error.errors()[0]['msg']}, not {shown(tree)}"))
        return None


def whole(text: str) -> int | None:
    """The whole number that a text such as 1e6 is."""
    try:
        number = float(text)
    except ValueError:
        return None
    return int(number) if number.is_integer() else None


def read_part(tree: Any, contracts: list[Any], path: str, faults: list[Fault]) -> Any:
    """{"kind": ..., fields}; the class name alone will do for a part with its defaults."""
    tree = {"kind": tree} if isinstance(tree, str) else tree
    known = sorted(name for name, part in parts().items() if any(fits(part, contract) for contract in contracts))
    if not isinstance(tree, dict) or "kind" not in tree:
        faults.append(Fault(path, f"a part with its kind belongs here (one of {', '.join(known)}), not {shown(tree)}"))
        return None
    if tree["kind"] not in known:
        faults.append(Fault(path, f"unknown kind '{tree['kind']}'. {suggest(str(tree['kind']), known) or 'Known: ' + ', '.join(known) + '.'}"))
        return None
    part = parts()[tree["kind"]]
    hints = get_type_hints(part, include_extras=True)
    known_fields = {field.name: field for field in fields(part)}
    before = len(faults)
    for key in sorted(map(str, tree.keys() - known_fields.keys() - {"kind"})):
        faults.append(
            Fault(f"{path}.{key}".strip("."), f"{tree['kind']} has no such field. {suggest(key, known_fields) or 'It has: ' + ', '.join(known_fields) + '.'}")
        )
    for name, field in known_fields.items():
        if name not in tree and field.default is MISSING and field.default_factory is MISSING:
            faults.append(Fault(f"{path}.{name}".strip("."), f"missing: {tree['kind']} needs it"))
    values = {name: read(tree[name], hints[name], f"{path}.{name}".strip("."), faults) for name in known_fields if name in tree}
    return None if len(faults) > before else part(**values)


def alternatives(expected: Any) -> tuple[Any, ...]:
    """The members of a union, nested ones too; otherwise the type itself."""
    if get_origin(expected) in (Union, types.UnionType):
        return tuple(inner for member in get_args(expected) for inner in alternatives(member))
    return (expected,)


def is_part(option: Any) -> bool:
    """Whether a field's type is a contract of ours or one of our classes."""
    return isinstance(option, type) and (is_protocol(option) or option.__module__.startswith(f"{__package__.partition('.')[0]}."))


def shown(tree: Any) -> str:
    """A value in a message, cut short: aliases can make a small file's tree endless."""
    return reprlib.repr(tree)
