"""Two evaluations side by side: only numbers of one protocol are compared."""

import math
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..base.errors import CheckFailed, DataError, UsageError
from ..base.files import NotRegular, TooLarge, kind_of
from ..base.trees import float_or_none, is_count, read_json
from ..base.wording import command
from ..metrics.contract import Result, require_comparable
from ..runs import Run, checkpoints

SURE = 1.96  # standard errors of the difference: 95 % of differences of equals lie within
EVALUATION = "evaluation-{split}.json"  # beside a run's config.yaml
FILE_BYTES = 2**24  # of an evaluation that is read
SPLITS = ("test", "val", "all")  # "all": against other pictures than the run's own


@dataclass(frozen=True)
class Taken:
    """One side's scores, where they are from, a sentence where the run has gone on since, and the SHA-256 of the players' weights, where it is known."""

    results: tuple[Result, ...]
    source: str
    stale: str = ""
    model: str = ""


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
    """The scores that both have, and of those that were not measured alike, why. Raises UsageError where no score is left."""
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


def taken(path: Path) -> Taken:
    """The scores of a run (its newest evaluation, else the last ones of its training) or of a file that `ganvas eval --json` wrote. Raises DataError."""
    if path.is_file():
        results, scored = parsed(path)
        return Taken(results, path.name, model=model_of(scored))
    run = Run.open(path)
    files = [file for split in SPLITS if kind_of(file := run.path / EVALUATION.format(split=split))]
    if files:
        file = max(files, key=lambda file: file.lstat().st_mtime)
        results, scored = parsed(file, inside=run.path)
        return Taken(results, file.name, stale(run, file, scored), model_of(scored))
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
    return Taken(
        results, f"the last scores of its training, on {newest[1]} at {newest[0]:,} samples; it was not evaluated"
    )


def model_of(scored: Mapping[str, Any]) -> str:
    """The SHA-256 of the weights that were scored; empty where it is not said."""
    return str(scored.get("players_sha256", ""))


def stale(run: Run, file: Path, scored: Mapping[str, Any]) -> str:
    """A sentence where the run's newest checkpoint is another one than that scored."""
    with suppress(CheckFailed, UsageError):  # no checkpoint is left to score
        newest = checkpoints.open_newest(run.checkpoints, checkpoints.read_state).path
        if scored.get("players_sha256") != checkpoints.sha256(newest / "players.safetensors"):
            of = f"of {scored['checkpoint']}" if "checkpoint" in scored else "of a checkpoint that it does not name"
            return f"{file} is {of}, and the run's newest is {newest.name}: evaluate it anew."
    return ""


def parsed(file: Path, *, inside: Path | None = None) -> tuple[tuple[Result, ...], Mapping[str, Any]]:
    """From JSON: {"results": [...]}, or the list alone; and what was scored, where that is said. `inside`: the run whose file it is. Raises DataError."""
    try:
        tree = read_json(file, inside=inside)
        whole = tree if isinstance(tree, dict) else {"results": tree}
        return tuple(result_of(record) for record in whole["results"]), dict(whole.get("scored", {}))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        why = f": {error.strerror}" if isinstance(error, NotRegular | TooLarge) else ""
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
