"""Groups of runs side by side: the same recipe with several seeds says how much of a difference is luck."""

import math
import os
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..base.errors import UsageError
from ..base.wording import counted
from ..metrics import Difference, Mean, Result, difference_of, mean_of, require_comparable
from .compare import SURE
from .comparison_tables import html, rendered
from .evaluation import Evaluation
from .stored_scores import Taken, model_of, taken, total

One = str | os.PathLike[str] | Evaluation  # a run, a file that `ganvas eval --json` wrote, or an Evaluation


@dataclass(frozen=True)
class Row:
    """One score of every group.

    Args:
        name: of the score.
        lower_is_better: None where neither is.
        values: a value a run, for each group.
        means: of each group.
        difference: second group minus first, where there are two. Its interval is Welch's, over runs;
            of two single runs it is 1.96 standard errors of sampling.
    """

    name: str
    lower_is_better: bool | None
    values: tuple[tuple[float, ...], ...]
    means: tuple[Mean, ...]
    difference: Difference | None

    @property
    def better(self) -> int | None:
        """The number of the better of two groups, 0 or 1, where the interval of the difference does not hold 0."""
        found = self.difference
        if (
            found is None
            or found.low is None
            or found.high is None
            or self.lower_is_better is None
            or found.low <= 0 <= found.high
        ):
            return None
        return int((found.value < 0) == self.lower_is_better)


@dataclass(frozen=True, repr=False)
class Comparison:
    """Scores of groups of runs, in the order of the first run; `refused` says why others are not compared."""

    names: tuple[str, ...]
    runs: tuple[tuple[str, ...], ...]  # of each group
    rows: tuple[Row, ...]
    refused: Mapping[str, str] = field(default_factory=dict)
    messages: tuple[str, ...] = ()  # where each run's scores are from, and warnings
    test_scorings: tuple[tuple[int | None, ...], ...] = ()  # of the test split behind each run of each group

    def __getitem__(self, name: str) -> Row:
        """A score by its name. Raises KeyError."""
        return {row.name: row for row in self.rows}[name]

    def table(self, form: str = "text") -> str:
        """The whole as "text", "markdown", "csv" or "latex"."""
        return rendered(self, form)

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        rows = [
            {
                "name": row.name,
                "lower_is_better": row.lower_is_better,
                "groups": [
                    {**mean._asdict(), "values": list(values)}
                    for mean, values in zip(row.means, row.values, strict=True)
                ],
                "difference": None if row.difference is None else row.difference._asdict(),
                "better": None if row.better is None else self.names[row.better],
            }
            for row in self.rows
        ]
        groups = [
            {"name": name, "runs": list(runs), "test_scorings": list(scorings)}
            for name, runs, scorings in zip(self.names, self.runs, self.test_scorings, strict=True)
        ]
        return {"groups": groups, "scores": rows, "refused": dict(self.refused), "notes": list(self.messages)}

    def __repr__(self) -> str:
        sizes = ", ".join(
            f"{name}: {counted(len(runs), 'run')}" for name, runs in zip(self.names, self.runs, strict=True)
        )
        return f"Comparison({sizes}; {counted(len(self.rows), 'score')})"

    def _repr_html_(self) -> str:
        return html(self)


def compare(groups: Mapping[str, One | Sequence[One]], *, ignore: Collection[str] = ()) -> Comparison:
    """Mean, standard deviation and 95 % interval of every score over the runs of each group; two groups' difference.

    Args:
        groups: name to a run, or to several runs that differ in their seed: paths, Runs, files that
            `ganvas eval --json` wrote, or Evaluations.
        ignore: fields of the protocol that may differ, such as "versions".

    Raises:
        UsageError: a run or a model is named twice, a group is empty, or no score was measured alike in all runs.
        DataError: a run has no scores, or a file is no evaluation.
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
    for name, given in members.items():
        if not given:
            raise UsageError(f"the group '{name}' is empty", hint="Name one run at least.")
    refuse_twice(
        [Path(each).resolve() for given in members.values() for each in given if not isinstance(each, Evaluation)]
    )
    found = {name: [scores_of(each) for each in given] for name, given in members.items()}
    labels = tuple(tuple(label(each) for each in given) for given in members.values())
    for name, sides in found.items():
        refuse_copies(name, sides, labels[list(found).index(name)])
    rows, refused = rows_of(list(found.values()), [each for group in labels for each in group], ignore)
    messages = [
        f"{label}: {side.source}"
        for labelled, sides in zip(labels, found.values(), strict=True)
        for label, side in zip(labelled, sides, strict=True)
    ]
    return Comparison(
        tuple(found),
        labels,
        rows,
        refused,
        (*messages, *(side.stale for sides in found.values() for side in sides if side.stale)),
        tuple(tuple(side.test_scorings for side in sides) for sides in found.values()),
    )


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
