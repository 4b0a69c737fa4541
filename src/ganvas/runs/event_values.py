"""The values of an event as JSON gives them, checked against the types of its fields."""

import math
from collections.abc import Callable, Mapping
from typing import Any, get_args, get_origin

from ..base.trees import check_plain, float_or_none, is_count

Reader = Callable[[Any], Any]  # raises ValueError for a value of another type


def reader_of(expected: Any) -> Reader:
    """What turns a JSON value into a field of the type `expected`; null for a number becomes NaN.

    Args:
        expected: int, float, str, bool, a tuple of one type, or a mapping from names to one of these, to `float | None`
            or to Any.
    """
    if expected in READERS:
        return READERS[expected]
    if get_origin(expected) is tuple:
        return tuples(reader_of(get_args(expected)[0]))
    assert get_origin(expected) is Mapping, f"no reader of {expected}"
    return mappings(reader_of(get_args(expected)[1]))


def count(value: Any) -> int:
    """A whole number from 0 on."""
    if not is_count(value):
        raise ValueError("not a count")
    return int(value)


def finite_or_nan(value: Any) -> float:
    """A float; NaN for null."""
    if type(value) is float and math.isfinite(value):
        return value
    found = float_or_none(value)
    return math.nan if found is None else found


def text(value: Any) -> str:
    """A text of whole characters: half of a surrogate pair raises a ValueError."""
    if not isinstance(value, str):
        raise ValueError("not a text")
    if not value.isascii():
        value.encode()
    return value


def switch(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise ValueError("not true or false")
    return value


def plain(value: Any) -> Any:
    """Any plain value, bounded in depth."""
    check_plain(value)
    return value


def tuples(read: Reader) -> Reader:
    """A list of values."""

    def values(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise ValueError("not a list")
        return tuple(map(read, value))

    return values


def mappings(read: Reader) -> Reader:
    """An object of values by name."""

    def values(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ValueError("not an object")
        text("".join(value))
        return {name: read(each) for name, each in value.items()}

    return values


READERS: dict[Any, Reader] = {
    int: count,
    float: finite_or_nan,
    str: text,
    bool: switch,
    float | None: float_or_none,
    Any: plain,
}
