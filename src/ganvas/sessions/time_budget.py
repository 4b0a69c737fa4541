"""The number of samples for --minutes, after the time for scores, snapshots, checkpoints and the doctor."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, NamedTuple

from torch import nn

from ..base.wording import counted
from ..metrics.contract import Metric
from ..recipes import Experiment, Recipe
from ..training import ProcessGroup, Scorer, Trainer, state_tensors
from .run_probe import run_probe
from .sample_sheet import picture

PILOT = 500  # samples of a first scoring, to estimate the cost of a full one
# share of the minutes, at most, for the scores at the end and their baselines; else scores use fewer samples
SCORED = 0.4
FEWEST = 500  # samples of a score, however short the run
# shares of the training time, at most, for scorings during training; for snapshots, and for checkpoints
DURING, SHOWN = 0.08, 0.04
LEAST = 0.25  # share of the minutes, at least, for training
SLACK = 0.95  # of the training time: a run is a little slower than its first rounds
DIAGNOSED = 0.02  # share of the training time, at most, for the doctor's measurements
FEWEST_DIAGNOSES = 8  # that are made all the same: a finding needs several in a row
BYTES_PER_SECOND, PER_SAVE = 50e6, 0.1  # of a checkpoint; further seconds
CLOSING = 1.0  # seconds from the last score to the prompt


class Costs(NamedTuple):
    """Seconds that each activity besides training takes once."""

    scoring: float  # on val
    testing: float  # on test, the baseline included; 0 without scores on test
    snapshot: float
    save: float
    diagnosis: float  # one measurement of the doctor
    opening: float  # of the doctor, before its first measurement


def fitted(
    experiment: Experiment,
    trial: Trainer,
    rate: float,
    world: ProcessGroup,
    *,
    seconds: float,
    started_at: float,
    resized: bool = True,
    test: bool = False,
) -> tuple[Recipe, tuple[str, ...]]:
    """The recipe with the samples that fit into `seconds` from `started_at`, and messages about reductions.

    Args:
        experiment: its recipe's threads and precision are settled; what is computed of reals stays in it for the run.
        trial: a trainer of the experiment, of which the networks are used.
        rate: samples a second.
        world: rank 0 measures, all get the same.
        seconds: from `started_at` to the end of the run.
        started_at: by time.monotonic().
        resized: whether scores may use fewer samples than the recipe says.
        test: whether the finished run is scored on test too.
    """
    recipe = experiment.recipe

    def found() -> dict[str, Any]:
        scores, costs = measured(experiment, trial, seconds if resized else math.inf, test=test)
        return planned(
            replace(recipe, scores=scores), costs, rate, seconds=seconds, left=seconds - (time.monotonic() - started_at)
        )

    numbers = world.on_rank_0(found)
    scores = tuple(sized(metric, n) for metric, n in zip(recipe.scores, numbers.pop("n"), strict=True))
    settled = replace(recipe, scores=scores, **numbers)
    return settled, (*reductions(recipe, settled, seconds), *shortage(settled.samples / rate, seconds))


def planned(recipe: Recipe, costs: Costs, rate: float, *, seconds: float, left: float) -> dict[str, Any]:
    """`samples`, `scorings`, `snapshots`, `saves`, `diagnoses` and `n` of each metric, for a run of which `left`
    seconds remain.
    """
    scoring = costs.scoring + costs.save  # a score that is the best so far is saved
    last = costs.scoring + costs.testing + costs.save + CLOSING  # a finished run is scored on val
    time_left = max(left - last - costs.opening, LEAST * seconds)

    def fitting(times: int, cost: float, share: float) -> int:
        return times if times * cost <= share * time_left else int(share * time_left / cost)

    scorings = min(recipe.scorings, 1 + fitting(recipe.scorings, scoring, DURING))
    snapshots, saves = (
        min(times, max(1, fitting(times, cost, SHOWN)))
        for times, cost in ((recipe.snapshots, costs.snapshot), (recipe.saves, costs.save))
    )
    diagnoses = min(recipe.diagnoses, max(FEWEST_DIAGNOSES, int(DIAGNOSED * time_left / max(costs.diagnosis, 1e-9))))
    other_seconds = (
        max(0, scorings - 1) * scoring + snapshots * costs.snapshot + saves * costs.save + diagnoses * costs.diagnosis
    )
    batches = round(rate * SLACK * max(time_left - other_seconds, LEAST * seconds) / recipe.batch_samples)
    samples = max(1, batches) * recipe.batch_samples
    return {
        "samples": samples,
        "scorings": scorings,
        "snapshots": snapshots,
        "saves": saves,
        "diagnoses": diagnoses,
        "n": [metric.n for metric in recipe.scores],
    }


def measured(experiment: Experiment, trial: Trainer, seconds: float, *, test: bool) -> tuple[tuple[Metric, ...], Costs]:
    """The recipe's metrics, with fewer samples where full ones would take too long, and the costs besides training."""
    recipe, game = experiment.recipe, trial.phases[-1].game
    networks = {name: player.best for name, player in trial.players.items()}
    scores, scoring, testing = scoring_costs(experiment, trial, networks, seconds, test=test)
    _, snapshot = timed(lambda: picture(experiment, game, networks)) if recipe.snapshots else (None, 0.0)
    opening = diagnosis = 0.0
    if recipe.diagnoses:
        examiner, opening = timed(lambda: run_probe(experiment, trial))
        _, diagnosis = timed(lambda: examiner.measure(networks, networks))
    size = sum(value.nbytes for part in state_tensors(trial).values() for value in part.values())
    return scores, Costs(scoring, testing, 1.5 * snapshot, size / BYTES_PER_SECOND + PER_SAVE, diagnosis, opening)


def scoring_costs(
    experiment: Experiment, trial: Trainer, networks: Mapping[str, nn.Module], seconds: float, *, test: bool
) -> tuple[tuple[Metric, ...], float, float]:
    """The metrics as `measured` returns them, and the seconds of a scoring on val and of one on test.

    A small scoring is timed. The ratio of a full one to it is that of the baselines on val, which the run needs anyway.
    The seconds on test include its baseline, and are 0 without `test`.
    """
    recipe = experiment.recipe
    if not recipe.scores:
        return (), 0.0, 0.0
    whole = min(max(metric.n for metric in recipe.scores), len(experiment.stream("val").store))
    part, is_full = min(PILOT, whole), whole <= PILOT
    tried = recipe.scores if is_full else tuple(sized(metric, PILOT) for metric in recipe.scores)
    pilot = scorer(experiment, trial, tried, experiment.score_cache if is_full else {})
    _, before = timed(pilot.baselines)
    _, after = timed(lambda: pilot.score(networks))
    most = min(whole, part * SCORED * seconds / ((1 + test) * (before + after)))
    if is_full and most >= whole:
        return recipe.scores, after, (before + after) * test
    scores = (
        recipe.scores
        if most >= whole
        else tuple(sized(metric, max(FEWEST, int(most // 100 * 100))) for metric in recipe.scores)
    )
    full = scorer(experiment, trial, scores, experiment.score_cache)
    _, baselines = timed(full.baselines)
    times = baselines / before if full.cache else most / part
    return scores, times * after, times * (before + after) * test


def scorer(experiment: Experiment, trial: Trainer, metrics: tuple[Metric, ...], cache: dict[Any, Any]) -> Scorer:
    """A scorer of these metrics on val."""
    sides: dict[str, Any] = {"reals": experiment.stream("val"), "split": "val", "train": experiment.stream("train")}
    return Scorer(metrics, trial.phases[-1].game, experiment.spec, **sides, cache=cache)


def sized(metric: Metric, n: int) -> Metric:
    """The metric with at most n samples, where n is a field of it."""
    if metric.n <= n or not is_dataclass(metric) or "n" not in {field.name for field in fields(metric)}:
        return metric
    smaller: Metric = replace(metric, n=n)
    return smaller


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """The result of `work`, and its seconds, above 0."""
    started_at = time.perf_counter()
    result = work()
    return result, max(time.perf_counter() - started_at, 1e-9)


def shortage(training: float, seconds: float) -> tuple[str, ...]:
    """A message where less than half of the time is left for training, and the minutes of which three quarters are.

    Args:
        training: seconds, by the measured speed.
        seconds: from the beginning of the command to its end.
    """
    if training >= seconds / 2:
        return ()
    enough = max(1, math.ceil(4 * (seconds - training) / 60))
    rest = "reading, measuring the speed, scores and samples take the rest"
    return (
        f"About {training:.0f} of {seconds:.0f} s are left for training: {rest}. --minutes {enough} leaves most of it.",
    )


def reductions(wanted: Recipe, settled: Recipe, seconds: float) -> tuple[str, ...]:
    """A message that names what is less than in the recipe."""
    less = [
        f"{counted(getattr(settled, name), singular)} instead of {getattr(wanted, name)}"
        for name, singular in {"scorings": "scoring", "snapshots": "snapshot", "saves": "checkpoint"}.items()
        if getattr(settled, name) != getattr(wanted, name)
    ]
    less += [
        f"{type(metric).__name__} of {metric.n:,} samples instead of {before.n:,}"
        for metric, before in zip(settled.scores, wanted.scores, strict=True)
        if metric.n != before.n
    ]
    return (f"To end after {seconds / 60:g} min: {', '.join(less)}.",) if less else ()
