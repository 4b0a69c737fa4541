"""Conditions of `--fail-if` that an evaluation cannot contain are refused before anything is scored."""

from collections.abc import Collection, Sequence
from pathlib import Path

from ..base.errors import UsageError, suggest
from ..metrics.known_weights import INCEPTION, MissingWeights, find_weights
from ..metrics.score_names import SPACES, group_of, score_names
from .recipe_scores import has_further_metrics
from .thresholds import GRADE, SHORT, Condition


def check_in_advance(
    conditions: Sequence[Condition],
    what: Path,
    *,
    metrics: Collection[str] | None,
    profile: str | None,
    features: Path | None,
    weights: Path | None,
) -> None:
    """Raises UsageError for a condition on a score that this evaluation cannot contain.

    The names of the scores of a recipe's own metrics are known only after scoring.
    """
    others = (metrics is None or "recipe" in metrics) and has_further_metrics(what)
    for condition in conditions:
        if condition.score == GRADE:
            continue
        name = SHORT.get(condition.score, condition.score)
        group = group_of(name) if features else group_of(name, SPACES)
        subject = f"--fail-if names '{condition.score}', which"
        if group is None and not others:
            raise UsageError(
                f"{subject} is not a score",
                hint=suggest(name, score_names()) or "Run once without --fail-if to list them.",
            )
        if group is not None and metrics is not None and group not in metrics and not others:
            raise UsageError(f"{subject} --metrics leaves out", hint=f"Add {group} to --metrics.")
        if name.startswith("inception_") and features is None:  # --features may be that network too
            check_inception(profile, weights, subject)


def check_inception(profile: str | None, weights: Path | None, subject: str) -> None:
    """Raises UsageError if scores in the Inception space are not measured."""
    if profile is None:
        raise UsageError(f"{subject} needs the Inception network", hint="Name a profile, such as --profile clean.")
    try:
        find_weights(INCEPTION, "" if weights is None else str(weights))
    except MissingWeights as error:
        raise UsageError(f"{subject} was not measured: {error.what}", where=error.where, hint=error.hint) from error
