"""A metric: from real and fake samples to numbers that carry their protocol."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import torch

from ..base.errors import UsageError
from ..base.types import Batch, Spec
from ..base.version import VERSION

VERSIONS = {"ganvas": VERSION, "torch": str(torch.__version__)}


@dataclass(frozen=True)
class Result:
    """One number: its standard error (None where there is none), from how many samples, and by which protocol."""

    name: str
    value: float
    n: int
    error: float | None = None
    lower_is_better: bool | None = True  # None: neither, the nearer to real_vs_real the better
    protocol: Mapping[str, Any] = field(default_factory=dict)
    real_vs_real: float | None = None  # the same score of other real samples, at the same n

    def better_than(self, other: "Result") -> bool:
        """Compare two results of one protocol; unlike protocols are refused."""
        require_comparable(self, other)
        if self.lower_is_better is None:
            raise UsageError(
                f"neither a low nor a high {self.name} is better", hint="Look which is nearer to that of reals."
            )
        return self.value < other.value if self.lower_is_better else self.value > other.value


def require_comparable(one: Result, other: Result, *, ignore: Collection[str] = ()) -> None:
    """Two numbers may be compared if they were measured alike. Raises UsageError, which names every field that differs."""
    mine, theirs = ({"name": each.name, "n": each.n, **each.protocol} for each in (one, other))
    fields = sorted(
        key for key in mine.keys() | theirs.keys() if mine.get(key) != theirs.get(key) and key not in ignore
    )
    if fields:
        said = "; ".join(f"{key} is {mine.get(key)!r} here and {theirs.get(key)!r} there" for key in fields)
        raise UsageError(f"these scores cannot be compared: {said}", hint="Score both by the same protocol.")


def require(holds: bool, metric: object, needs: str) -> None:
    """A metric's condition on the data."""
    if not holds:
        raise UsageError(f"{type(metric).__name__} needs {needs}", hint="Score without it: scores=[]")


@runtime_checkable
class Metric(Protocol):
    """A frozen dataclass. `real` and `fake` hold at most `n` samples each; the first result is the headline."""

    @property
    def n(self) -> int: ...

    def check_spec(self, spec: Spec, output_kind: str) -> None:
        """Raise UsageError where data of this spec, or what the game makes ("samples", "classes"), cannot be scored so."""
        ...

    def measure(self, *, real: Batch, fake: Batch) -> tuple[Result, ...]: ...


@runtime_checkable
class TwoSided(Protocol):
    """A metric that looks at each side by itself: `measure(real=, fake=)` is `compare(real=summarize(real), fake=summarize(fake))`.

    What it saw of reals is kept, so that every further scoring looks at the fakes alone.
    """

    def summarize(self, batch: Batch) -> Any:
        """What is compared of one side; small, as it is kept."""
        ...

    def compare(self, *, real: Any, fake: Any, errors: bool = True) -> tuple[Result, ...]:
        """As `measure`; without `errors`, standard errors that take long may be left out."""
        ...
