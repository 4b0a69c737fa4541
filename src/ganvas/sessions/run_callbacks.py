"""The callbacks of a run: reports, previews, scores on val, the doctor, and requests for checkpoints."""

from typing import TYPE_CHECKING, Any

from ..diagnosis.doctor import measurement_times
from ..metrics.grade import grade_of
from ..runs import Run, chosen_scores
from ..training import Callback, CheckpointScheduler, ProgressLogger, RecoveryLogger, ScoreLogger, SnapshotWriter
from .doctor_callback import doctor
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


def final_grade(run: Run) -> dict[str, Any]:
    """The grade of a finished run, for its status and its last event; empty without one."""
    grade = grade_of(chosen_scores(run))
    return {"grade": vars(grade)} if grade else {}
