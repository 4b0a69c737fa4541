"""The callbacks of a run: reports, previews, scores on val, the doctor, and requests for checkpoints."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from ..diagnosis.doctor import measurement_times
from ..runs import rules_since
from ..training import (
    Callback,
    CheckpointScheduler,
    EarlyStop,
    ProgressLogger,
    RecoveryLogger,
    Request,
    RunControl,
    ScoreLogger,
    SnapshotWriter,
    Trainer,
)
from .doctor_callback import doctor
from .sample_sheet import picture, preview_model, sample_lines, sheet_classes

if TYPE_CHECKING:
    from .session import TrainingSession


def run_callbacks(session: "TrainingSession", arrived: Callable[[], str]) -> list[Callback]:
    """What runs after each round, as often as the recipe says. The last one requests checkpoints.

    Args:
        session: in training.
        arrived: the name of a signal that came, or an empty string.
    """
    run, experiment, trainer, recipe = session.run, session.experiment, session.trainer, session.experiment.recipe
    trained = {name: player.network for name, player in trainer.players.items()}
    averaged = any(player.average is not None for player in trainer.players.values())
    snapshots = SnapshotWriter(
        run,
        recipe.snapshots,
        lambda _: picture(experiment, session.game, session.networks()),
        preview_model(recipe),
        recipe.seed,
        draw_raw=(lambda _: picture(experiment, session.game, trained)) if averaged else None,
        classes=sheet_classes(experiment, session.game, trained),
        lines=lambda _: sample_lines(experiment, session.game, session.networks()),
    )
    callbacks: list[Callback] = [RecoveryLogger(run), ProgressLogger(run), snapshots]
    actions: dict[str, Callable[[Trainer], Iterable[Request]]] = {"snapshot": snapshots.write}
    if recipe.scores and recipe.scorings:
        scorer, record_best = session.scorer("val"), session.best.record
        scores = ScoreLogger(
            run,
            recipe.scorings,
            lambda _: scorer.score(session.networks()),
            "val",
            lambda results, samples: record_best(
                results, scorer.headlines, samples, since=rules_since(run.settings(), samples)
            ),
        )
        callbacks.append(scores)
        actions["score"] = scores.write
        callbacks.append(EarlyStop(recipe.patience, lambda: session.best.primary_at))
    if times := measurement_times(recipe.diagnoses, trainer.total, recipe.batch_samples):
        callbacks += doctor(session, times)
    if trainer.world.size == 1:
        callbacks.append(RunControl(run, actions, arrived))
    if session.callback is not None:
        callbacks.append(session.callback.requests)
    return [*callbacks, CheckpointScheduler(recipe.saves, lambda: session.failed)]
