"""A metric: from real and fake samples to numbers that carry their protocol."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from ..base.errors import UsageError
from ..base.types import Batch


@dataclass(frozen=True)
class Result:
    """One number: its standard error (None where there is none), from how many samples, and by which protocol."""

    name: str
    value: float
    n: int
    error: float | None = None
    lower_is_better: bool = True
    floor: float | None = None  # the same measured on reals against reals, at the same n
    protocol: Mapping[str, Any] = field(default_factory=dict)

    def better_than(self, other: "Result") -> bool:
        """Compare two results of one protocol; unlike protocols are refused, and the first difference named."""
        mine, theirs = {"name": self.name, "n": self.n, **self.protocol}, {"name": other.name, "n": other.n, **other.protocol}
        for key in sorted(mine.keys() | theirs.keys()):
            if mine.get(key) != theirs.get(key):
                raise UsageError(
                    f"these scores cannot be compared: {key} is {mine.get(key)!r} here and {theirs.get(key)!r} there",
                    mend="Score both by the same protocol.",
                )
        return self.value < other.value if self.lower_is_better else self.value > other.value


@runtime_checkable
class Metric(Protocol):
    """A frozen dataclass. `real` and `fake` hold at most `n` samples each; the first result is the headline."""

    n: int

    def measure(self, *, real: Batch, fake: Batch) -> tuple[Result, ...]: ...
