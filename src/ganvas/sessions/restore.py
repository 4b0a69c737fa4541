"""Back to a checkpoint: when a run is resumed, and when its numbers stay broken."""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import torch

from ..base.errors import CheckFailed, DataError, Diverged, UsageError
from ..base.types import Spec
from ..recipes import Experiment, Recipe, comparable, differences, dump, live_trainer
from ..runs import Run, checkpoints
from ..runs.checkpoint_state import BestScore, CheckpointState, damaged_checkpoint, read_state
from ..training import NonFinite, Trainer, checkpoint, read_checkpoint, state
from .extend import lengths_apart, rates

RUNGS = 2  # rollbacks within a stretch
# may differ: parts are counted, data have a fingerprint, and the others only look on
FREE = ("diagnoses", "micro_batches", "scores", "scorings", "saves", "snapshots", "source", "streams")
NOTED = ("samples", "phase_samples", "threads", "precision")  # may differ, but not without a word
STRETCH = 0.1  # of the run: who gets so much further than where it broke starts from the first level again


class Found(NamedTuple):
    """A checkpoint to go on from."""

    path: Path
    state: CheckpointState
    notes: tuple[str, ...]  # what is not as it was, in sentences


def newest(run: Run, experiment: Experiment, trainer: Trainer) -> Found | None:
    """The newest checkpoint that is sound, if it is of this recipe and these data; None for a run that was stopped before its first.

    Raises UsageError or DataError with what differs, CheckFailed where all are damaged.
    """

    def use(path: Path) -> CheckpointState:
        kept = read_state(path)
        if kept.recipe is not None:
            check_alike(run, experiment, kept, kept.recipe)
            if Spec.from_json(vars(kept.spec)).sha256 != experiment.spec.sha256:
                raise damaged_checkpoint(path, "state.json: spec is not that of the data")
            read_checkpoint(trainer, path)
        return kept

    def first() -> list[Any]:
        if not checkpoints.newest_first(run.checkpoints):
            return ["", []]
        taken = checkpoints.open_newest(run.checkpoints, use)
        return [taken.path.name, list(taken.notes)]

    name, said = trainer.world.on_rank_0(first)
    if not name:
        if "init_from" in run.read_json("environment.json"):
            raise CheckFailed(
                "the run has no checkpoint, and it began from another run's weights",
                where=str(run.path),
                hint="Train again.",
            )
        return None
    kept = read_state(run.checkpoints / name)
    if kept.recipe is None:
        hint = "Begin a new run from its weights: --init-from."
        raise CheckFailed(
            "the run was made by an older ganvas, whose checkpoints tell too little to go on",
            where=str(run.path),
            hint=hint,
        )
    around = surroundings(trainer.device)
    before = lengths_apart(kept.recipe)
    now, then = ({key: tree.get(key) for key in NOTED} for tree in (lengths_apart(compared(experiment.recipe)), before))
    notes = differences({**now, **around}, {**then, **{key: getattr(kept, key) for key in around}})
    if notes:
        said.append(f"{'; '.join(notes)}: the end will not be that of the run left alone.")
    if before["samples"] != experiment.recipe.samples:
        said.append(rates(experiment.recipe, kept.samples_seen, before["samples"]))
    return Found(run.checkpoints / name, kept, tuple(said))


def check_alike(run: Run, experiment: Experiment, kept: CheckpointState, before: Mapping[str, Any]) -> None:
    """Raises UsageError or DataError where a checkpoint is of another recipe (it was `before`) or of other data, with what differs."""
    recipe = experiment.recipe
    if kept.data != experiment.fingerprint:
        hint = "Bring them back as they were (moved ones: --data NEW), or train anew; --init-from begins with this run's weights."
        place = getattr(recipe.source, "path", str(run.path))
        place = place if isinstance(place, str) else ", ".join(place)
        raise DataError(
            "the data are not those that the run was trained on: some were changed, added or taken away",
            where=place,
            hint=hint,
        )
    trees = (lengths_apart(compared(recipe)), lengths_apart(before))
    bound, then = ({name: value for name, value in tree.items() if name not in NOTED} for tree in trees)
    if changed := differences(bound, then):
        hint = "Change config.yaml back, or train anew; --init-from begins with this run's weights."
        raise UsageError(
            f"the recipe is not that of the checkpoint: {'; '.join(changed[:3])}", where=str(run.config), hint=hint
        )


def compared(recipe: Recipe) -> dict[str, Any]:
    """What of a recipe a resume compares, as JSON has it."""
    tree: dict[str, Any] = json.loads(json.dumps(comparable(dump(recipe))))
    return {name: value for name, value in tree.items() if name not in FREE}


def surroundings(device: torch.device) -> dict[str, str]:
    """What else the bits depend on."""
    return {
        "torch": str(torch.__version__),
        "device": device.type,
        "instructions": torch.backends.cpu.get_cpu_capability(),
    }


class Places(NamedTuple):
    """Where checkpoints stand that may be gone back to, in samples; 0 without a checkpoint is the start."""

    scheduled: int  # the newest that every course of this run has: one that a signal asked for would lead elsewhere
    pinned: int | None  # what was gone back to before


class Back(NamedTuple):
    """What was gone back to."""

    words: str
    best: tuple[BestScore, ...]  # the best scores as they were there


def roll_back(run: Run, experiment: Experiment, trainer: Trainer, broken: NonFinite, places: Places) -> Back:
    """The trainer as an earlier checkpoint has it, with random numbers of its own from there on, and the data behind the break.

    First to the newest scheduled checkpoint; a second time within a tenth of the run to the same one, which was pinned, with half the learning rates.
    What was saved after it is of a course that is given up, and goes. Raises Diverged at the third.
    """
    at, position, parts = trainer.samples_seen, trainer.position, trainer.parts.each
    level = trainer.rollback_level + 1 if at <= trainer.rollback_from + STRETCH * trainer.total else 1
    if level > RUNGS:
        told = f"{broken.what}; playing that turn again, going back with other random numbers, and half the learning rates did not help"
        raise Diverged(
            told,
            where=str(run.path),
            hint="Lower the learning rates for good, strengthen the penalties, or look at the data.",
        ) from broken
    attempt, lr_scale = trainer.attempt + 1, trainer.lr_scale / (2 if level == RUNGS else 1)
    found = sound(run, trainer, places.scheduled if level == 1 or places.pinned is None else places.pinned)
    trainer.parts.set_each(experiment.recipe.micro_batches)  # memory may have run short since
    if found is None:
        fresh = live_trainer(experiment, trainer.device, trainer.world)
        state.restore(trainer, state.tensors(fresh), state.counters(fresh))
    else:
        checkpoint.load(trainer, found)
    trainer.attempt, trainer.rollback_level, trainer.rollback_from, trainer.lr_scale, trainer.position = (
        attempt,
        level,
        at,
        lr_scale,
        position,
    )
    trainer.parts.set_each(parts)
    if trainer.world.rank == 0:
        checkpoints.drop_after(run.checkpoints, trainer.samples_seen)
    place = "to the start" if trainer.samples_seen == 0 else f"to {trainer.samples_seen:,} samples"
    words = f"{broken.what}. Went back {place}, on with other random numbers{' and half the learning rates' if level == RUNGS else ''}"
    return Back(words, read_state(found).best if found else ())


def sound(run: Run, trainer: Trainer, samples: int) -> Path | None:
    """The checkpoint at so many samples, else the newest before it that is sound; None for the start. Rank 0 decides. Raises CheckFailed where that is lost."""

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
