"""The scores that a run or a file keeps: its evaluation, else the last scores of its training."""

import math
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from ..base.errors import CheckFailed, DataError, UsageError
from ..base.trees import float_or_none, is_count, read_json
from ..base.wording import command
from ..metrics.contract import Result
from ..runs import Run, checkpoints, fingerprint_of_test
from ..sessions.ledger import Scorings, count_scorings, scorings_of, scorings_so_far

EVALUATION = "evaluation-{split}.json"  # beside a run's config.yaml
SPLITS = ("test", "val", "all")  # "all": against other pictures than the run's own


@dataclass(frozen=True)
class Taken:
    """One side's scores.

    Args:
        results: the scores.
        source: where they are from, for people.
        stale: a sentence where the run has been trained further since; else empty.
        model: SHA-256 of the players' weights, where it is known.
        test_scorings: how often the test split of its data was scored on this machine; None where that is not known.
    """

    results: tuple[Result, ...]
    source: str
    stale: str = ""
    model: str = ""
    test_scorings: int | None = None


def taken(path: Path) -> Taken:
    """The scores of a run, or of a file that `ganvas eval --json` wrote.

    Of a run: its newest evaluation, else the last scores of its training. Raises DataError.
    """
    if path.is_file():
        found = parsed(path)
        return Taken(found.results, path.name, model=model_of(found.scored), test_scorings=total(found.test_scorings))
    run = Run.open(path)
    files = [file for split in SPLITS if os.path.lexists(file := run.path / EVALUATION.format(split=split))]
    if files:
        file = max(files, key=lambda file: file.lstat().st_mtime)
        found = parsed(file, inside=run.path)
        data = fingerprint_of_test(run)
        scorings = [*found.test_scorings, *([scorings_so_far(data, run.path)] if data else [])]
        return Taken(
            found.results, file.name, stale(run, file, found.scored), model_of(found.scored), total(scorings, run.path)
        )
    return last_of_training(run)


def last_of_training(run: Run) -> Taken:
    """The last scores of a run's own training. Raises DataError."""
    records = run.read_metrics()
    if not records:
        raise DataError(
            "the run has no scores", where=str(run.path), hint=f"`{command('ganvas', 'eval', run.path)}` makes some."
        )
    try:
        newest = (records[-1]["samples"], records[-1]["protocol"].get("split"))
        found = [
            result_of(record) for record in records if (record["samples"], record["protocol"].get("split")) == newest
        ]
    except (ValueError, KeyError) as error:
        raise DataError(
            "the run's scores cannot be read",
            where=str(run.metrics),
            hint=f"`{command('ganvas', 'eval', run.path)}` makes new ones.",
        ) from error
    data: list[str] = []  # a run's own scores are all on its data, and do not name them
    with suppress(UsageError):
        data = [checkpoints.open_newest(run.checkpoints, checkpoints.read_state).value.data]
    results = tuple(replace(result, protocol={**result.protocol, "data": data}) for result in found)
    source = f"the last scores of its training, on {newest[1]} at {newest[0]:,} samples; it was not evaluated"
    test = fingerprint_of_test(run)
    return Taken(results, source, test_scorings=count_scorings(test, run.path) if test else None)


def total(scorings: Iterable[Scorings], run: Path | None = None) -> int | None:
    """How often the test split was scored: the larger of the ledgers' count and the recorded one; None if unknown."""
    return max((max(each.total, count_scorings(each.data, run)) for each in scorings), default=None)


def model_of(scored: Mapping[str, Any]) -> str:
    """The SHA-256 of the weights that were scored; empty where it is not known."""
    return str(scored.get("players_sha256", ""))


def stale(run: Run, file: Path, scored: Mapping[str, Any]) -> str:
    """A sentence where the run's newest checkpoint is another one than that scored."""
    with suppress(CheckFailed, UsageError):  # no checkpoint is left to score
        newest = checkpoints.open_newest(run.checkpoints, checkpoints.read_state).path
        if scored.get("players_sha256") != checkpoints.sha256(newest / "players.safetensors"):
            of = f"of {scored['checkpoint']}" if "checkpoint" in scored else "of a checkpoint that it does not name"
            return f"{file} is {of}, and the run's newest is {newest.name}: evaluate it anew."
    return ""


class EvaluationFile(NamedTuple):
    """What `ganvas eval --json` wrote: the scores, which model was scored, and how often its test split was."""

    results: tuple[Result, ...]
    scored: Mapping[str, Any]
    test_scorings: tuple[Scorings, ...]


def parsed(file: Path, *, inside: Path | None = None) -> EvaluationFile:
    """From JSON: {"results": [...]}, or the list alone. `inside`: the run whose file it is. Raises DataError."""
    try:
        tree = read_json(file, inside=inside)
        record = tree if isinstance(tree, dict) else {"results": tree}
        results = tuple(result_of(each) for each in record["results"])
        scorings = tuple(each for each in map(scorings_of, record.get("test_scorings", [])) if each is not None)
        return EvaluationFile(results, dict(record.get("scored", {})), scorings)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        why = f": {error.strerror}" if isinstance(error, OSError) and error.strerror else ""
        raise DataError(
            f"this is no evaluation{why}",
            where=str(file),
            hint="Give a run, or a file that `ganvas eval --json` wrote.",
        ) from error


def result_of(record: Mapping[str, Any]) -> Result:
    """A result as files have it; what is not finite was written as null. Raises ValueError, KeyError, TypeError."""
    value, error, real_vs_real = (float_or_none(record[key]) for key in ("value", "error", "real_vs_real"))
    name, n, lower, protocol = (record[key] for key in ("name", "n", "lower_is_better", "protocol"))
    if not (
        isinstance(name, str)
        and is_count(n)
        and (lower is None or isinstance(lower, bool))
        and isinstance(protocol, dict)
    ):
        raise ValueError(f"{name!r} is no score")
    return Result(name, math.nan if value is None else value, n, error, lower, protocol, real_vs_real)
