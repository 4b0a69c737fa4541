"""Groups of runs side by side: the same recipe with several seeds says how much of a difference is luck."""

import math
import os
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from ..base.errors import UsageError
from ..metrics import Difference, Result, difference_of, mean_of, require_comparable
from .compare import SURE
from .comparison import Comparison, Row
from .evaluation import Evaluation
from .stored_scores import Taken, model_of, taken, total

One = str | os.PathLike[str] | Evaluation  # a run, a file that `ganvas eval --json` wrote, or an Evaluation


def compare(groups: Mapping[str, One | Sequence[One]], *, ignore: Collection[str] = ()) -> Comparison:
    """Mean, standard deviation and 95 % interval of every score over the runs of each group; two groups' difference.

    Args:
        groups: name to a run, or to several runs that differ in their seed: paths, Runs, files that
            `ganvas eval --json` wrote, or Evaluations.
        ignore: fields of the protocol that may differ, such as "versions".

    Raises:
        UsageError: a run or a model is named twice, a group is empty, or no score was measured alike in all runs.
        DataError: a run has no scores, or a file is no evaluation.

    Returns:
        Rows by score, with a table of them.
    """
    if not isinstance(groups, Mapping) or not groups:
        raise UsageError(
            "groups are named",
            hint='Such as ganvas.compare({"base": ["runs/a", "runs/b"], "mine": ["runs/c", "runs/d"]}).',
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


def check_members(members: Mapping[str, Sequence[One]]) -> None:
    """Raises UsageError where a group is empty or a run is named twice."""
    for name, given in members.items():
        if not given:
            raise UsageError(f"the group '{name}' is empty", hint="Name one run at least.")
    refuse_twice(
        [Path(each).resolve() for given in members.values() for each in given if not isinstance(each, Evaluation)]
    )


def sources(labels: Sequence[Sequence[str]], found: Sequence[Sequence[Taken]]) -> tuple[str, ...]:
    """A sentence for each run on where its scores are from, then one for each that was trained further since."""
    from_where = [
        f"{label}: {side.source}"
        for labelled, sides in zip(labels, found, strict=True)
        for label, side in zip(labelled, sides, strict=True)
    ]
    return (*from_where, *(side.stale for sides in found for side in sides if side.stale))


def rows_of(
    sides: Sequence[Sequence[Taken]], labels: Sequence[str], ignore: Collection[str]
) -> tuple[tuple[Row, ...], dict[str, str]]:
    """Scores that all runs have, measured alike, and why others are left out. Raises UsageError where none is left."""
    rows, refused = [], dict[str, str]()
    every = [side for group in sides for side in group]
    beside = [{result.name: result for result in side.results} for side in every]
    for name in dict.fromkeys(result.name for side in every for result in side.results):
        results = [scores.get(name) for scores in beside]
        why = unlike(results, labels, ignore)
        if why:
            refused[name] = why
            continue
        there = iter([result for result in results if result is not None])
        rows.append(row([[next(there) for _ in group] for group in sides]))
    if not rows:
        name, why = next(iter(refused.items()), ("", "there are no scores"))
        hint = "Evaluate all alike, or leave a field out of the question with --ignore FIELD."
        raise UsageError(f"these runs cannot be compared: {name}: {why}", hint=hint)
    return tuple(rows), refused


def unlike(results: Sequence[Result | None], labels: Sequence[str], ignore: Collection[str]) -> str:
    """Why these cannot be compared, in words; empty where they can."""
    first = next(result for result in results if result is not None)
    beginning = labels[results.index(first)]
    for result, place in zip(results, labels, strict=True):
        if result is None:
            return f"{place} does not have it"
        if not math.isfinite(result.value):
            return f"it is no number in {place}"
        try:
            require_comparable(first, result, ignore=ignore)
        except UsageError as error:
            return f"{error.what.partition(': ')[2]} ({beginning} and {place})"
    return ""


def row(groups: Sequence[Sequence[Result]]) -> Row:
    """One score, measured alike in all runs."""
    values = tuple(tuple(result.value for result in group) for group in groups)
    means = tuple(map(mean_of, values))
    difference = difference_of(*means) if len(means) == 2 else None
    singles = [group[0].error for group in groups if len(group) == 1 and group[0].error is not None]
    if difference is not None and len(singles) == 2:
        half = SURE * math.hypot(*singles)
        difference = Difference(difference.value, difference.value - half, difference.value + half)
    return Row(groups[0][0].name, groups[0][0].lower_is_better, values, means, difference)


def scores_of(one: One) -> Taken:
    """Of a run, a file or an Evaluation. Raises DataError, UsageError."""
    if isinstance(one, Evaluation):
        scorings = total(one.test_scorings)
        return Taken(one.results, "an evaluation", model=model_of(one.scored), test_scorings=scorings)
    return taken(Path(one))


def label(one: One) -> str:
    """What a run is called in messages."""
    return one.title if isinstance(one, Evaluation) else os.fspath(one)


def refuse_twice(paths: Iterable[Path]) -> None:
    """Raises UsageError where a run is counted twice."""
    if twice := [path for path, count in Counter(paths).items() if count > 1]:
        raise UsageError(
            "this run is named twice", where=str(twice[0]), hint="Each run counts once; name runs of different seeds."
        )


def refuse_copies(group: str, sides: Sequence[Taken], labels: Sequence[str]) -> None:
    """Raises UsageError where two runs of a group are one model: they say nothing of other seeds."""
    first: dict[str, str] = {}
    for side, place in zip(sides, labels, strict=True):
        if side.model and first.setdefault(side.model, place) != place:
            raise UsageError(
                f"{first[side.model]} and {place} of the group '{group}' have the same weights",
                hint="Name runs of different seeds.",
            )
