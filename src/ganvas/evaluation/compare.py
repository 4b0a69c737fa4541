"""Two evaluations side by side: only numbers of one protocol are compared."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ..base.errors import UsageError
from ..metrics.contract import Result, require_comparable

SURE = 1.96  # standard errors of the difference: 95 % of differences of equals lie within


@dataclass(frozen=True)
class Compared:
    """One score of two evaluations. `better`: "one", "other", or "" where that cannot be told."""

    name: str
    one: Result
    other: Result
    error: float | None  # of the difference

    @property
    def difference(self) -> float:
        return self.other.value - self.one.value

    @property
    def differs(self) -> bool:
        """Whether the difference is beyond its error."""
        return self.error is not None and abs(self.difference) > SURE * self.error

    @property
    def better(self) -> str:
        if not self.differs or self.one.lower_is_better is None:
            return ""
        return "other" if (self.difference < 0) == self.one.lower_is_better else "one"


def compare(
    one: Sequence[Result], other: Sequence[Result], *, ignore: Collection[str] = ()
) -> tuple[tuple[Compared, ...], dict[str, str]]:
    """The scores that both have, and of those that were not measured alike, why.

    Raises UsageError where no score is left.
    """
    beside = {result.name: result for result in other}
    both = [(result, beside[result.name]) for result in one if result.name in beside]
    if not both:
        raise UsageError("the two have no score in common", hint="Evaluate both with the same --metrics and --profile.")
    compared, refused = [], {}
    for mine, theirs in both:
        try:
            require_comparable(mine, theirs, ignore=ignore)
        except UsageError as error:
            refused[mine.name] = error.what.partition(": ")[2]
            continue
        errors = [each.error for each in (mine, theirs) if each.error is not None]
        compared.append(Compared(mine.name, mine, theirs, math.hypot(*errors) if len(errors) == 2 else None))
    if not compared:
        name, why = next(iter(refused.items()))
        raise UsageError(
            f"these scores cannot be compared: {name}: {why}",
            hint="Evaluate both alike, or leave a field out of the question with --ignore FIELD.",
        )
    return tuple(compared), refused
