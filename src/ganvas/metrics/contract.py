"""The contract of metrics: from real and fake samples to scores that carry their protocol."""

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
    """One score with everything that is needed to compare it with another.

    Attributes:
        name: of the score, such as digit_frechet.
        value: the number.
        n: fakes that it was computed from.
        error: its standard error over fresh draws of as many samples; None where there is no formula.
        lower_is_better: None where neither a low nor a high value is better, but one near `real_vs_real`.
        protocol: how it was measured: extractor, weights, split, and what else two scores must share to be compared.
        real_vs_real: the same score of other real samples in place of the fakes, at the same n; None where it was not
            measured.
    """

    name: str
    value: float
    n: int
    error: float | None = None
    lower_is_better: bool | None = True
    protocol: Mapping[str, Any] = field(default_factory=dict)
    real_vs_real: float | None = None


def require_comparable(one: Result, other: Result, *, ignore: Collection[str] = ()) -> None:
    """Refuses two scores that were not measured alike.

    Args:
        one: a score.
        other: another.
        ignore: fields of the protocol that may differ.

    Raises:
        UsageError: their name, n or protocol differ; it names every field that does.
    """
    mine, theirs = ({"name": each.name, "n": each.n, **each.protocol} for each in (one, other))
    fields = sorted(
        key for key in mine.keys() | theirs.keys() if mine.get(key) != theirs.get(key) and key not in ignore
    )
    if fields:
        differences = "; ".join(f"{key} is {mine.get(key)!r} here and {theirs.get(key)!r} there" for key in fields)
        raise UsageError(f"these scores cannot be compared: {differences}", hint="Score both by the same protocol.")


def require(holds: bool, metric: object, needs: str) -> None:
    """Checks a metric's condition on the data.

    Args:
        holds: whether the condition holds.
        metric: the metric, for its class name in the message.
        needs: what the metric needs, for the message: "class labels".

    Raises:
        UsageError: the condition does not hold.
    """
    if not holds:
        raise UsageError(f"{type(metric).__name__} needs {needs}", hint="Score without it: scores=[]")


@runtime_checkable
class Metric(Protocol):
    """Scores fake samples against real ones.

    A frozen dataclass. `measure` is a pure function; it gets at most `n` samples of each side, and its first result is
    the primary score.
    """

    @property
    def n(self) -> int:
        """How many samples of each side it wants at most."""
        ...

    @property
    def in_every_evaluation(self) -> bool:
        """Whether `ganvas eval` computes its scores of any model, so that a recipe's own list need not be computed
        again.
        """
        ...

    def check_spec(self, spec: Spec, output_kind: str) -> None:
        """Refuses data that it cannot score.

        Args:
            spec: of the data.
            output_kind: what the game's networks put out, "samples" or "classes".

        Raises:
            UsageError: data of this spec, or this output, cannot be scored.
        """
        ...

    def measure(self, *, real: Batch, fake: Batch) -> tuple[Result, ...]:
        """Scores of `fake` against `real`; the first is the primary one.

        Args:
            real: at most `n` samples of the data.
            fake: at most `n` samples of the model.

        Returns:
            Scores, the headline first.
        """
        ...


@runtime_checkable
class TwoSided(Protocol):
    """A metric that summarises each side on its own: `measure(real=, fake=)` is `compare(real=summarize(real),
    fake=summarize(fake))`.

    The summary of the reals is computed once a run and reused by every scoring.
    """

    def summarize(self, batch: Batch) -> Any:
        """What `compare` needs of one side; small, as it stays in memory."""
        ...

    def compare(self, *, real: Any, fake: Any, errors: bool = True) -> tuple[Result, ...]:
        """Scores as `measure` returns them; with errors=False, standard errors that take long may be None."""
        ...
