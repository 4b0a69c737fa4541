"""A metric: from real and fake samples to numbers that carry their protocol."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from ..base.errors import UsageError
from ..base.types import Batch, Spec


@dataclass(frozen=True)
class Result:
    """One number: its standard error (None where there is none), from how many samples, and by which protocol."""

    name: str
    value: float
    n: int
    error: float | None = None
    lower_is_better: bool = True
    protocol: Mapping[str, Any] = field(default_factory=dict)
    floor: float | None = None  # the same measured on reals against reals, at the same n

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


def require(holds: bool, metric: object, needs: str) -> None:
    """A metric's condition on the data."""
    if not holds:
        raise UsageError(f"{type(metric).__name__} needs {needs}", mend="Score without it: scores=[]")


@runtime_checkable
class Metric(Protocol):
    """A frozen dataclass. `real` and `fake` hold at most `n` samples each; the first result is the headline."""

    @property
    def n(self) -> int: ...

    def check(self, spec: Spec, makes: str) -> None:
        """Raise UsageError where data of this spec, or what the game makes ("samples", "classes"), cannot be scored so."""
        ...

    def measure(self, *, real: Batch, fake: Batch) -> tuple[Result, ...]: ...
