"""The scores in a run or a file: the newest evaluation, else the last scores of the training."""

import math
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from ..base.errors import CheckFailed, DataError, UsageError
from ..base.trees import float_or_none, is_count, read_json
from ..base.wording import command
from ..metrics.contract import Result
from ..runs import Run, checkpoints, chosen_checkpoint, fingerprint_of_test
from ..sessions.ledger import Scorings, count_scorings, scorings_of, scorings_so_far

EVALUATION = "evaluation-{split}.json"  # in a run's folder
SPLITS = ("test", "val", "all")  # "all": against other pictures than the run's own


@dataclass(frozen=True)
class StoredScores:
    """The scores of a run or a file.

    Args:
        results: the scores.
        source: a short text on their source.
        stale: a sentence if the run was trained further after the evaluation; else empty.
        model: SHA-256 of the players' weights; empty if unknown.
        test_scorings: how many times the test split of its data was scored on this machine; None if unknown.
    """

    results: tuple[Result, ...]
    source: str
    stale: str = ""
    model: str = ""
    test_scorings: int | None = None


def load_scores(path: Path) -> StoredScores:
    """The scores of a run, or of a file that `ganvas eval --json` wrote.

    Args:
        path: of the file, or of the run: its newest evaluation, else the last scores of its training.

    Returns:
        The scores.

    Raises:
        DataError: the run has no scores, or the file is no evaluation.
    """
    if path.is_file():
        found = parse_evaluation(path)
        return StoredScores(
            found.results, path.name, model=model_of(found.scored), test_scorings=total_scorings(found.test_scorings)
        )
    run = Run.open(path)
    files = [file for split in SPLITS if os.path.lexists(file := run.path / EVALUATION.format(split=split))]
    if files:
        file = max(files, key=lambda file: file.lstat().st_mtime)
        found = parse_evaluation(file, inside=run.path)
        data = fingerprint_of_test(run)
        scorings = [*found.test_scorings, *([scorings_so_far(data, run.path)] if data else [])]
        return StoredScores(
            found.results,
            file.name,
            stale(run, file, found.scored),
            model_of(found.scored),
            total_scorings(scorings, run.path),
        )
    return last_of_training(run)


def last_of_training(run: Run) -> StoredScores:
    """The last scores of a run's own training. Raises DataError."""
    records = run.read_metrics()
    if not records:
        raise DataError(
            "the run has no scores",
            where=str(run.path),
            hint=f"Evaluate it with `{command('ganvas', 'eval', run.path)}`.",
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
            hint=f"Evaluate it again with `{command('ganvas', 'eval', run.path)}`.",
        ) from error
    source = f"the last scores of its training, on {newest[1]} at {newest[0]:,} samples; there is no evaluation"
    test = fingerprint_of_test(run)
    return StoredScores(tuple(found), source, test_scorings=count_scorings(test, run.path) if test else None)


def total_scorings(scorings: Iterable[Scorings], run: Path | None = None) -> int | None:
    """The number of scorings of the test split: the larger of the ledgers' and the recorded count; None if unknown."""
    return max((max(each.total, count_scorings(each.data, run)) for each in scorings), default=None)


def model_of(scored: Mapping[str, Any]) -> str:
    """The SHA-256 of the weights that were scored; empty if unknown."""
    return str(scored.get("players_sha256", ""))


def stale(run: Run, file: Path, scored: Mapping[str, Any]) -> str:
    """A sentence if the checkpoint that the run's samples come from is not the one that was scored; else empty."""
    with suppress(CheckFailed, UsageError):  # no checkpoint is left to score
        better = chosen_checkpoint(run)
        at, kind = (str(better.samples), "best") if better else ("newest", "newest")
        used = checkpoints.open_selected(run.checkpoints, at, checkpoints.read_state).path
        if scored.get("players_sha256") != checkpoints.sha256(used / "players.safetensors"):
            other = "" if scored.get("checkpoint") in (None, used.name) else f", but of {scored['checkpoint']}"
            return f"{file} is not of the run's {kind} checkpoint, {used.name}{other}. Evaluate the run again."
    return ""


class EvaluationFile(NamedTuple):
    """The content of a file of `ganvas eval --json`: scores, model, and scorings of the test split."""

    results: tuple[Result, ...]
    scored: Mapping[str, Any]
    test_scorings: tuple[Scorings, ...]


def parse_evaluation(file: Path, *, inside: Path | None = None) -> EvaluationFile:
    """Read a JSON file: {"results": [...]}, or only the list. `inside`: the run of the file. Raises DataError."""
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
    """A result from JSON, in which null is a value that is not finite.

    Raises ValueError, KeyError, TypeError.
    """
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
