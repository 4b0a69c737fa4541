"""Comparison of two evaluations: only scores of the same protocol are compared."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ..base.errors import UsageError
from ..metrics.contract import Result, require_comparable

SIGNIFICANT = 1.96  # standard errors of the difference; 95 % of the differences of equal scores are smaller


@dataclass(frozen=True)
class ScorePair:
    """One score of two evaluations.

    Args:
        name: of the score.
        one: the first result.
        other: the second result.
        error: standard error of the difference; None where a result has none.
    """

    name: str
    one: Result
    other: Result
    error: float | None

    @property
    def difference(self) -> float:
        """Second value minus first."""
        return self.other.value - self.one.value

    @property
    def differs(self) -> bool:
        """Whether the difference is more than 1.96 of its standard errors."""
        return self.error is not None and abs(self.difference) > SIGNIFICANT * self.error

    @property
    def better(self) -> str:
        """ "one" or "other"; empty without a significant difference or a better direction."""
        if not self.differs or self.one.lower_is_better is None:
            return ""
        return "other" if (self.difference < 0) == self.one.lower_is_better else "one"


def compare(
    one: Sequence[Result], other: Sequence[Result], *, ignore: Collection[str] = ()
) -> tuple[tuple[ScorePair, ...], dict[str, str]]:
    """Compare the scores that both have.

    Args:
        one: the first results.
        other: the second results.
        ignore: fields of the protocol that may differ.

    Returns:
        A pair for each score with equal protocols, and for each other score the fields that differ.

    Raises:
        UsageError: no score can be compared.
    """
    others = {result.name: result for result in other}
    both = [(result, others[result.name]) for result in one if result.name in others]
    if not both:
        raise UsageError(
            "the two evaluations have no score in common", hint="Evaluate both with the same --metrics and --profile."
        )
    compared, refused = [], {}
    for mine, theirs in both:
        try:
            require_comparable(mine, theirs, ignore=ignore)
        except UsageError as error:
            refused[mine.name] = error.what.partition(": ")[2]
            continue
        errors = [each.error for each in (mine, theirs) if each.error is not None]
        compared.append(ScorePair(mine.name, mine, theirs, math.hypot(*errors) if len(errors) == 2 else None))
    if not compared:
        name, why = next(iter(refused.items()))
        raise UsageError(
            f"these scores cannot be compared: {name}: {why}",
            hint="Evaluate both with the same options, or ignore a field with --ignore FIELD.",
        )
    return tuple(compared), refused
