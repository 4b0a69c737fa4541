"""The callbacks of a run: reports, previews, scores on val, the doctor, and requests for checkpoints."""

from typing import TYPE_CHECKING

from ..diagnosis import diagnose
from ..diagnosis.doctor import Doctor, measurement_times
from ..diagnosis.probe import Probe
from ..runs import read_events
from ..training import (
    Callback,
    CheckpointScheduler,
    ProgressLogger,
    RecoveryLogger,
    ScoreLogger,
    SnapshotWriter,
    lacks_memory,
)
from .sample_sheet import picture, preview_model

if TYPE_CHECKING:
    from .session import TrainingSession


def run_callbacks(session: "TrainingSession") -> list[Callback]:
    """What runs after each round, as often as the recipe says. The last one requests checkpoints."""
    run, experiment, trainer, recipe = session.run, session.experiment, session.trainer, session.experiment.recipe
    callbacks: list[Callback] = [
        RecoveryLogger(run),
        ProgressLogger(run),
        SnapshotWriter(
            run,
            recipe.snapshots,
            lambda _: picture(experiment, session.game, session.networks()),
            preview_model(recipe),
            recipe.seed,
        ),
    ]
    if recipe.scores and recipe.scorings:
        scorer, record_best = session.scorer("val"), session.best.record
        callbacks.append(
            ScoreLogger(
                run,
                recipe.scorings,
                lambda _: scorer.score(session.networks()),
                "val",
                lambda results, samples: record_best(results, scorer.headlines, samples),
            )
        )
    if times := measurement_times(recipe.diagnoses, trainer.total, recipe.batch_samples):
        callbacks += doctor(session, times)
    return [*callbacks, CheckpointScheduler(recipe.saves, lambda: session.failed)]


def doctor(session: "TrainingSession", times: int) -> list[Doctor]:
    """The doctor, with the measurements from before a resume; none if memory does not suffice."""
    run, experiment, recipe = session.run, session.experiment, session.experiment.recipe
    try:
        probe = Probe(
            session.game,
            experiment.spec,
            train=experiment.stream("train"),
            held=experiment.stream("val"),
            batch_samples=recipe.batch_samples,
            seed=recipe.seed,
        )
    except (MemoryError, RuntimeError) as error:
        if not lacks_memory(error):
            raise
        run.put(run.path / "log.txt", "Memory does not suffice for the doctor: this run is trained without it.\n")
        return []
    config, past, total = run.settings(), read_events(run.events), session.trainer.total
    return [
        Doctor(
            probe,
            times,
            run.add,
            lambda measurements: diagnose(measurements, total=total, config=config, scores=run.read_metrics()),
            past,
        )
    ]
