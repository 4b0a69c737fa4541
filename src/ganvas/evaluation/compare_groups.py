"""Comparison of groups of runs: several seeds of one recipe show how much a score varies between trainings."""

import math
import os
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from ..base.errors import UsageError
from ..metrics import Difference, Result, difference_of, mean_of, require_comparable
from .compare import SIGNIFICANT
from .comparison import Comparison, Row
from .evaluation import Evaluation
from .stored_scores import StoredScores, load_scores, model_of, total_scorings

ScoreSource = (
    str | os.PathLike[str] | Evaluation
)  # a path of a run or of a file of `ganvas eval --json`, or an Evaluation


def compare(groups: Mapping[str, ScoreSource | Sequence[ScoreSource]], *, ignore: Collection[str] = ()) -> Comparison:
    """Mean, standard deviation and 95 % interval of each score over the runs of each group.

    For two groups also the difference of the means with Welch's 95 % interval.

    Args:
        groups: for each name a run, or several runs that differ in their seed: paths, Runs, files that
            `ganvas eval --json` wrote, or Evaluations.
        ignore: fields of the protocol that may differ, such as "versions".

    Returns:
        A row for each score, and the table of them.

    Raises:
        UsageError: a run or a model is named twice, a group is empty, or no score has one protocol in all runs.
        DataError: a run has no scores, or a file is no evaluation.
    """
    if not isinstance(groups, Mapping) or not groups:
        raise UsageError(
            "groups must be a mapping of names to runs",
            hint='For example: ganvas.compare({"base": ["runs/a", "runs/b"], "mine": ["runs/c", "runs/d"]}).',
        )
    members = {
        name: [given] if isinstance(given, str | os.PathLike | Evaluation) else list(given)
        for name, given in groups.items()
    }
    check_members(members)
    found = {name: [scores_of(each) for each in given] for name, given in members.items()}
    labels = tuple(tuple(label(each) for each in given) for given in members.values())
    for (name, sides), labelled in zip(found.items(), labels, strict=True):
        refuse_copies(name, sides, labelled)
    rows, refused = rows_of(list(found.values()), [each for group in labels for each in group], ignore)
    counts = tuple(tuple(side.test_scorings for side in sides) for sides in found.values())
    return Comparison(tuple(found), labels, rows, refused, sources(labels, list(found.values())), counts)


def check_members(members: Mapping[str, Sequence[ScoreSource]]) -> None:
    """Raises UsageError if a group is empty or a run is named twice."""
    for name, given in members.items():
        if not given:
            raise UsageError(f"the group '{name}' is empty", hint="Name at least one run.")
    refuse_twice(
        [Path(each).resolve() for given in members.values() for each in given if not isinstance(each, Evaluation)]
    )


def sources(labels: Sequence[Sequence[str]], found: Sequence[Sequence[StoredScores]]) -> tuple[str, ...]:
    """The source of each run's scores, then one for each run that was trained since."""
    from_where = [
        f"{label}: {side.source}"
        for labelled, sides in zip(labels, found, strict=True)
        for label, side in zip(labelled, sides, strict=True)
    ]
    return (*from_where, *(side.stale for sides in found for side in sides if side.stale))


def rows_of(
    sides: Sequence[Sequence[StoredScores]], labels: Sequence[str], ignore: Collection[str]
) -> tuple[tuple[Row, ...], dict[str, str]]:
    """The scores with one protocol in all runs, and for each other score the reason. UsageError if none is left."""
    rows, refused = [], dict[str, str]()
    every = [side for group in sides for side in group]
    by_name = [{result.name: result for result in side.results} for side in every]
    for name in dict.fromkeys(result.name for side in every for result in side.results):
        results = [scores.get(name) for scores in by_name]
        why = why_unlike(results, labels, ignore)
        if why:
            refused[name] = why
            continue
        there = iter([result for result in results if result is not None])
        rows.append(row([[next(there) for _ in group] for group in sides]))
    if not rows:
        name, why = next(iter(refused.items()), ("", "there are no scores"))
        hint = "Evaluate all with the same options, or ignore a field with --ignore FIELD."
        raise UsageError(f"these runs cannot be compared: {name}: {why}", hint=hint)
    return tuple(rows), refused


def why_unlike(results: Sequence[Result | None], labels: Sequence[str], ignore: Collection[str]) -> str:
    """A sentence on why these results cannot be compared; empty if they can."""
    first = next(result for result in results if result is not None)
    beginning = labels[results.index(first)]
    for result, place in zip(results, labels, strict=True):
        if result is None:
            return f"{place} has no such score"
        if not math.isfinite(result.value):
            return f"it is not finite in {place}"
        try:
            require_comparable(first, result, ignore=ignore)
        except UsageError as error:
            return f"{error.what.partition(': ')[2]} ({beginning} and {place})"
    return ""


def row(groups: Sequence[Sequence[Result]]) -> Row:
    """The row of one score, given its results in each group."""
    values = tuple(tuple(result.value for result in group) for group in groups)
    means = tuple(map(mean_of, values))
    difference = difference_of(*means) if len(means) == 2 else None
    singles = [group[0].error for group in groups if len(group) == 1 and group[0].error is not None]
    if difference is not None and len(singles) == 2:
        half = SIGNIFICANT * math.hypot(*singles)
        difference = Difference(difference.value, difference.value - half, difference.value + half)
    return Row(groups[0][0].name, groups[0][0].lower_is_better, values, means, difference)


def scores_of(one: ScoreSource) -> StoredScores:
    """The scores of a run, a file or an Evaluation. Raises DataError, UsageError."""
    if isinstance(one, Evaluation):
        scorings = total_scorings(one.test_scorings)
        return StoredScores(one.results, "an evaluation", model=model_of(one.scored), test_scorings=scorings)
    return load_scores(Path(one))


def label(one: ScoreSource) -> str:
    """The name of a run in messages and tables."""
    return one.title if isinstance(one, Evaluation) else os.fspath(one)


def refuse_twice(paths: Iterable[Path]) -> None:
    """Raises UsageError if two paths are one run."""
    if twice := [path for path, count in Counter(paths).items() if count > 1]:
        raise UsageError(
            "this run is named twice", where=str(twice[0]), hint="Name each run once; name runs of different seeds."
        )


def refuse_copies(group: str, sides: Sequence[StoredScores], labels: Sequence[str]) -> None:
    """Raises UsageError if two runs of a group have the same weights: they are not trainings with different seeds."""
    first: dict[str, str] = {}
    for side, place in zip(sides, labels, strict=True):
        if side.model and first.setdefault(side.model, place) != place:
            raise UsageError(
                f"{first[side.model]} and {place} of the group '{group}' have the same weights",
                hint="Name runs of different seeds.",
            )
