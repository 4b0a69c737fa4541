"""The numbers that pictures are made of: their type, and the range that is mapped to [-1, 1]."""

from typing import Any, Literal, NamedTuple

import numpy as np

Depth = Literal["uint8", "uint16", "int16", "uint32", "int32", "float32"]
STORED = {
    "uint8": "u1",
    "uint16": "u2",
    "int16": "i2",
}  # in the cache and in memory; the others as float32, which holds whole numbers up to 2**24


class Units(NamedTuple):
    """Values of the type `depth` between low and high; low is mapped to -1 and high to 1.

    Args:
        depth: type of the values in files.
        low, high: values that become -1 and 1.
    """

    depth: Depth = "uint8"
    low: float = 0.0
    high: float = 255.0

    @property
    def stored(self) -> np.dtype[Any]:
        """The type that the values are stored in."""
        return stored(self.depth)

    @property
    def whole(self) -> bool:
        """Whether the values are whole numbers."""
        return self.depth != "float32"

    @property
    def text(self) -> str:
        """Such as "uint16 0:4095"; empty for bytes."""
        return "" if self == BYTES else f"{self.depth} {span(self.low, self.high)}"


BYTES = Units()


def stored(depth: str) -> np.dtype[Any]:
    """The type that values of this depth are stored in."""
    return np.dtype(STORED.get(depth, "f4"))


def span(low: float, high: float) -> str:
    """0:4095, as --range takes it."""
    return f"{plain_number(low)}:{plain_number(high)}"


def plain_number(value: float) -> str:
    """A number without a needless ".0"."""
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))


def head_of(shape: tuple[int, ...], dtype: np.dtype[Any], classes: tuple[str, ...], units: str = "") -> bytes:
    """What a fingerprint begins with."""
    return repr((shape, str(dtype), classes, *([units] if units else []))).encode()
