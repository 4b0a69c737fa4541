"""Loading an earlier checkpoint: when a run is resumed, and when its numbers are not finite."""

import json
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import torch

from ..base.errors import CheckFailed, DataError, Diverged, UsageError
from ..recipes import (
    Experiment,
    Recipe,
    comparable,
    differences,
    dump,
    given_up,
    live_phases,
    live_trainer,
    remedied,
)
from ..runs import Remedied, Run, checkpoints, read_events
from ..runs.checkpoint_state import AppliedRemedy, CheckpointState, damaged_checkpoint, read_state
from ..training import NonFinite, Rewind, Trainer, checkpoint, read_checkpoint, state
from .extend import learning_rate_message, lengths_apart

MOST_ROLLBACKS = 2  # within SPAN
# fields that may change on resume: checked elsewhere, or without effect on the weights
NOT_COMPARED = ("diagnoses", "micro_batches", "scores", "scorings", "saves", "snapshots", "source", "streams")
REPORTED = ("samples", "phase_samples", "threads", "precision")  # fields that may change on resume, with a message
SPAN = 0.1  # share of the run: a fault further from the last one counts as the first


class ResumePoint(NamedTuple):
    """A checkpoint to continue from."""

    path: Path
    state: CheckpointState
    notes: tuple[str, ...]  # a sentence for each condition that differs


def newest(run: Run, experiment: Experiment, trainer: Trainer) -> ResumePoint | None:
    """The newest valid checkpoint, compared with recipe and data; None for a run without checkpoints.

    Raises:
        UsageError: the checkpoint is of another recipe.
        DataError: it is of other data.
        CheckFailed: all checkpoints are damaged, or the run cannot start again as it began from another run's weights.
    """

    def use(path: Path) -> CheckpointState:
        stored = read_state(path)
        check_same_recipe_and_data(run, experiment, stored, stored.recipe)
        if experiment.spec.from_json(vars(stored.spec)).sha256 != experiment.spec.sha256:
            raise damaged_checkpoint(path, "state.json: spec is not that of the data")
        read_checkpoint(trainer, path)
        return stored

    def choose() -> list[Any]:
        if not checkpoints.newest_first(run.checkpoints):
            return ["", []]
        opened = checkpoints.open_newest(run.checkpoints, use)
        return [opened.path.name, list(opened.notes)]

    name, notes = trainer.world.on_rank_0(choose)
    if name:
        stored = read_state(run.checkpoints / name)
        changes = changed_conditions(experiment.recipe, stored, trainer.device)
        return ResumePoint(run.checkpoints / name, stored, (*notes, *changes))
    if "init_from" in run.read_json("environment.json"):
        raise CheckFailed(
            "the run has no checkpoint, and it began from another run's weights",
            where=str(run.path),
            hint="Train again.",
        )
    return None


def changed_conditions(recipe: Recipe, stored: CheckpointState, device: torch.device) -> list[str]:
    """Messages about conditions that differ from those of a checkpoint, and change the result."""
    before = lengths_apart(stored.recipe)
    ours, theirs = ({key: tree.get(key) for key in REPORTED} for tree in (lengths_apart(compared(recipe)), before))
    machine = machine_conditions(device)
    sentences = []
    if notes := differences({**ours, **machine}, {**theirs, **{key: getattr(stored, key) for key in machine}}):
        sentences.append(f"{'; '.join(notes)}: the result will differ from that of an uninterrupted run.")
    if before["samples"] != recipe.samples:
        now = remedied(recipe, stored.remedies)
        sentences.append(learning_rate_message(now, stored.samples_seen, before["samples"] - given_up(stored.remedies)))
    return sentences


def check_same_recipe_and_data(
    run: Run, experiment: Experiment, stored: CheckpointState, before: Mapping[str, Any]
) -> None:
    """Raises UsageError if a checkpoint is of another recipe (`before`), DataError if it is of other data."""
    recipe = experiment.recipe
    if stored.data != experiment.fingerprint:
        hint = "Restore them (moved ones: --data NEW), or train a new run; --init-from begins with this run's weights."
        path = getattr(recipe.source, "path", str(run.path))
        raise DataError(
            "the data are not those that the run was trained on: some were changed, added or removed",
            where=path if isinstance(path, str) else ", ".join(path),
            hint=hint,
        )
    trees = (lengths_apart(compared(recipe)), lengths_apart(before))
    bound, then = ({name: value for name, value in tree.items() if name not in REPORTED} for tree in trees)
    if changed := differences(bound, then):
        hint = "Change config.yaml back, or train a new run; --init-from begins with this run's weights."
        raise UsageError(
            f"the recipe is not that of the checkpoint: {'; '.join(changed[:3])}", where=str(run.config), hint=hint
        )


def compared(recipe: Recipe) -> dict[str, Any]:
    """The part of a recipe that a resume compares, as plain values of JSON."""
    tree: dict[str, Any] = json.loads(json.dumps(comparable(dump(recipe))))
    return {name: value for name, value in tree.items() if name not in NOT_COMPARED}


def machine_conditions(device: torch.device) -> dict[str, str]:
    """Conditions of the machine that the bits of the result depend on."""
    return {
        "torch": str(torch.__version__),
        "device": device.type,
        "instructions": torch.backends.cpu.get_cpu_capability(),
    }


class RollbackPoints(NamedTuple):
    """Checkpoints to roll back to, in samples; 0 is the start of the run."""

    scheduled: int  # the newest scheduled one; a checkpoint at a signal would change the result
    pinned: int | None  # that of the last rollback


class Rollback(NamedTuple):
    """The message of a rollback, and the state.json of the checkpoint; None for the start of the run."""

    message: str
    state: CheckpointState | None


def roll_back(
    run: Run, experiment: Experiment, trainer: Trainer, broken: NonFinite, points: RollbackPoints
) -> Rollback:
    """Load an earlier checkpoint. Training goes on with new random numbers and with the data that follow the fault.

    The first time it is the newest scheduled checkpoint. The second time within a tenth of the run it is the same one
    again (the pinned one), with half the learning rates. Checkpoints after it are removed.

    Raises:
        Diverged: it is the third time within a tenth of the run.
    """
    at = trainer.samples_seen
    level = trainer.rollback_level + 1 if at <= trainer.rollback_from + SPAN * trainer.total else 1
    if level > MOST_ROLLBACKS:
        what = (
            f"{broken.what}; repeating that turn, rollbacks with other random numbers and half the learning rates "
            "did not help"
        )
        raise Diverged(
            what,
            where=str(run.path),
            hint="Lower the learning rates, strengthen the penalties, or examine the data.",
        ) from broken
    lr_scale = trainer.lr_scale / (2 if level == MOST_ROLLBACKS else 1)
    found = go_back(
        run, experiment, trainer, points.scheduled if level == 1 or points.pinned is None else points.pinned
    )
    trainer.rollback_level, trainer.rollback_from, trainer.lr_scale = level, at, lr_scale
    place = "to the start" if trainer.samples_seen == 0 else f"to {trainer.samples_seen:,} samples"
    halved = " and half the learning rates" if level == MOST_ROLLBACKS else ""
    message = f"{broken.what}. Went back {place}, on with other random numbers{halved}"
    return Rollback(message, read_state(found) if found else None)


def go_back(run: Run, experiment: Experiment, trainer: Trainer, samples: int) -> Path | None:
    """Load the checkpoint at `samples`, or the newest valid one before it; later ones are removed.

    Training goes on with other random numbers and the data that follow. Learning-rate scale, rollback counters and
    micro-batches stay as they are.

    Returns:
        The checkpoint; None for the start of the run.
    """
    stays = ("position", "rollback_level", "rollback_from", "lr_scale")
    before, attempt, parts = {name: getattr(trainer, name) for name in stays}, trainer.attempt + 1, trainer.parts.each
    found = load_valid(run, trainer, samples)
    trainer.parts.set_each(experiment.recipe.micro_batches)  # memory may have run short since
    if found is None:
        fresh = live_trainer(experiment, trainer.device, trainer.world)
        state.restore(trainer, state.state_tensors(fresh), state.counters(fresh))
    else:
        checkpoint.load_checkpoint(trainer, found)
    for name, value in {**before, "attempt": attempt}.items():
        setattr(trainer, name, value)
    trainer.parts.set_each(parts)
    if trainer.world.rank == 0:
        checkpoints.drop_after(run.checkpoints, trainer.samples_seen)
    return found


def rewind(
    run: Run, experiment: Experiment, trainer: Trainer, request: Rewind, remedies: tuple[AppliedRemedy, ...]
) -> tuple[tuple[AppliedRemedy, ...], CheckpointState | None]:
    """Go back to the checkpoint of a request, and set the trainer to the recipe with its overrides.

    Args:
        run: of the trainer.
        experiment: with the recipe of config.yaml.
        trainer: at the finding.
        request: of the doctor.
        remedies: those that were applied before.

    Returns:
        The remedies, the new one last, and the state.json of the checkpoint; None for the start of the run.
    """
    found_at = trainer.samples_seen
    found = go_back(run, experiment, trainer, request.to_samples)
    applied = AppliedRemedy(request.finding, request.message, trainer.samples_seen, found_at, request.overrides)
    return follow(trainer, experiment, (*remedies, applied)), read_state(found) if found else None


def follow(trainer: Trainer, experiment: Experiment, remedies: tuple[AppliedRemedy, ...]) -> tuple[AppliedRemedy, ...]:
    """Set the trainer to the recipe after these remedies, which are returned."""
    trainer.set_phases(live_phases(remedied(experiment.recipe, remedies)))
    return remedies


def record_remedies(run: Run, trainer: Trainer, remedies: tuple[AppliedRemedy, ...]) -> None:
    """Record a remedy that was applied at this position, unless it is recorded already."""
    known = sum(isinstance(event, Remedied) for event in read_events(run.events))
    for each in remedies[known:]:
        if each.samples == trainer.samples_seen:  # events are in the order of their samples
            run.add(Remedied(**vars(each), time=time.time(), total=trainer.total))


def load_valid(run: Run, trainer: Trainer, samples: int) -> Path | None:
    """The checkpoint at `samples`, or the newest valid one before it; None for the start. Rank 0 decides.

    Raises:
        CheckFailed: there is none, and the run began from another run's weights.
    """

    def name() -> str:
        paths = [
            path
            for path in checkpoints.newest_first(run.checkpoints)
            if path.name <= checkpoints.checkpoint_name(samples)
        ]
        with suppress(CheckFailed, UsageError):  # all damaged, or none
            return checkpoints.open_newest(
                run.checkpoints, lambda path: read_checkpoint(trainer, path), paths
            ).path.name
        if "init_from" in run.read_json("environment.json"):
            raise CheckFailed(
                "the checkpoint with the weights that the run began from is damaged",
                where=str(run.path),
                hint="Train again.",
            )
        return ""

    found = trainer.world.on_rank_0(name)
    return run.checkpoints / found if found else None
