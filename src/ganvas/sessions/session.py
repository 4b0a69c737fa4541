"""Trains a run from its first round to its end: callbacks, checkpoints, rollbacks, and the test score."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import torch

from ..base.errors import ResourceError
from ..runs import (
    Event,
    Recovered,
    Run,
    Saved,
    SaveFailed,
    Started,
    Stopped,
    event_text,
)
from ..training import (
    NO_PROGRESS,
    BestScores,
    NonFinite,
    RankSync,
    Rewind,
    Save,
    Scorer,
    Trainer,
    catch_signals,
    check_same_weights,
    checkpoint,
    raise_signal,
)
from .final_scores import open_splits, record_end, score_finished
from .restore import RollbackPoints, compared, follow, machine_conditions, newest, record_remedies, rewind, roll_back
from .run_callbacks import run_callbacks

if TYPE_CHECKING:
    from ..data.source import Split
    from ..recipes import Experiment
    from ..runs.checkpoint_state import AppliedRemedy, CheckpointState
    from .display import Listeners


class TrainingSession:
    """The part of one process in a run. Only rank 0 writes files."""

    def __init__(
        self,
        run: Run,
        experiment: "Experiment",
        trainer: Trainer,
        listeners: "Listeners",
    ) -> None:
        self.callback = listeners.callback
        self.run, self.experiment, self.trainer = run, experiment, trainer
        self.writes = trainer.world.rank == 0
        self.saved = trainer.samples_seen  # samples of the newest checkpoint
        self.failed = False  # whether the last one could not be written
        self.best = BestScores()
        self.pinned: int | None = None  # samples of the checkpoint that the run went back to
        self.scheduled = 0  # samples of the newest scheduled checkpoint
        self.sound: int | None = None  # samples of the newest of these at which the doctor found no collapse
        self.finds_sound = False  # whether it found none at its last measurement
        self.remedies: tuple[AppliedRemedy, ...] = ()
        self.training = False  # whether this process has begun to train the run
        self.signal = ""  # the name of the signal that came while it was played
        self.game = trainer.phases[-1].game
        if self.callback is not None and self.writes:
            self.callback.begin(run.path)
        run.listeners = [self.log, *(each for each in (listeners.on_event, self.callback) if each)]
        if trainer.world.watchdog:
            trainer.world.watchdog.folder = run.path
        self.splits: tuple[Split, ...] = ("val",)  # that the finished run is scored on
        self.test_fingerprint = ""  # of the test split, where it is scored
        if experiment.recipe.scores:
            self.splits, self.test_fingerprint = trainer.world.on_rank_0(lambda: open_splits(run, experiment))

    def play(
        self, *, resumed: bool, messages: tuple[str, ...] = (), save_first: bool = False, config: str = ""
    ) -> "TrainingSession":
        """Train to the end of the run, or until a signal arrives. An error in training is recorded before it is raised.

        Args:
            resumed: whether to continue from the newest valid checkpoint.
            messages: sentences for log.txt.
            save_first: whether to save a checkpoint before the first round, as the recipe does not determine the start.
            config: the text of a new config.yaml, written after the checkpoint was found to fit; empty for no change.

        Returns:
            This session.

        Raises:
            GanvasError: the run cannot be continued, diverged, or its checkpoint could not be written.
        """
        with ExitStack() as stack:
            arrived = stack.enter_context(catch_signals())
            if self.writes:
                stack.enter_context(self.run.exclusive_lock())
            try:
                notes = self.restore() if resumed else ()
                if self.writes:
                    facts: dict[str, Any] = {"total": self.trainer.total, "resumed": resumed, "notes": " ".join(notes)}
                    self.training = True
                    self.record_start(Started(**self.now(), **facts), messages, config)
                self.finds_sound = save_first  # trained weights
                if save_first and not self.save(Save(scheduled=True)):
                    raise ResourceError(
                        "the first checkpoint could not be written",
                        where=str(self.run.path),
                        hint="Make room, then train again.",
                    )
                reason = self.train(arrived)
                self.trainer.world.on_rank_0(lambda: self.finish(reason))
                self.trainer.world.close()
                self.signal = reason if reason.startswith("SIG") else arrived()
            except BaseException as error:  # the status must not stay "training"
                if self.training:  # a resume that was refused leaves the run as it was
                    self.record_failure(error)
                raise
        return self

    def record_start(self, event: Started, messages: tuple[str, ...], config: str) -> None:
        """Record the start: a changed config.yaml, the status, sentences for log.txt, and the event."""
        if config:
            self.run.reconfigure(config)
        self.run.status("training")
        for sentence in messages:
            self.run.put(self.run.path / "log.txt", f"{sentence}\n")
        self.run.add(event)

    def result(self, on_signal: Callable[[str], object] | None) -> Run:
        """The run. A signal that arrived in training is raised again, or `on_signal` is called with its name."""
        if self.signal and on_signal:
            on_signal(self.signal)
        elif self.signal:
            raise_signal(
                self.signal,
                f"the training was stopped; ganvas.resume({str(self.run.path)!r}) goes on from its last checkpoint",
            )
        return self.run

    def train(self, arrived: Callable[[], str]) -> str:
        """Train until the run ends, with rollbacks where numbers are not finite. Returns why training ended."""
        moments = (self.experiment.recipe.snapshots, self.experiment.recipe.scorings)
        while True:
            callbacks = run_callbacks(self, arrived) if self.writes else []
            try:
                ended = self.trainer.run([RankSync(callbacks, arrived, moments)], self.save)
                if ended == NO_PROGRESS:
                    span = f"{self.experiment.recipe.patience:,} samples"
                    sentence = f"No score on val was better for {span}: the run ends early, as its patience says."
                    self.run.put(self.run.path / "log.txt", f"{sentence}\n")
                    return "finished"
                if isinstance(ended, str):
                    return ended
                self.rewind(ended)
            except NonFinite as broken:
                points = RollbackPoints(self.scheduled, self.pinned)
                rollback = roll_back(self.run, self.experiment, self.trainer, broken, points)
                self.begin_again(rollback.state)
                if self.writes:
                    self.run.add(Recovered(**self.now(), fault="numbers", message=rollback.message))

    def begin_again(self, state: "CheckpointState | None") -> None:
        """Continue from an earlier checkpoint, or from the start: later events and scores do not count."""
        self.best.restore(state.best if state else ())
        self.sound = state.sound if state else None
        self.saved = self.pinned = self.scheduled = self.trainer.samples_seen
        if self.writes:
            self.run.rewind(self.trainer.samples_seen)

    def rewind(self, request: Rewind) -> None:
        """Go back to a checkpoint, and train on by the changed recipe; a new checkpoint there holds the change."""
        self.remedies, state = rewind(self.run, self.experiment, self.trainer, request, self.remedies)
        self.begin_again(state)
        self.save(Save(scheduled=True))
        if self.writes:
            record_remedies(self.run, self.trainer, self.remedies)

    def restore(self) -> tuple[str, ...]:
        """Load the newest valid checkpoint, if there is one. Returns a sentence for each condition that differs."""
        found = newest(self.run, self.experiment, self.trainer)
        if found:
            checkpoint.load_checkpoint(self.trainer, found.path)
            self.best.restore(found.state.best)
            self.pinned, self.scheduled, self.sound = found.state.pinned, found.state.scheduled, found.state.sound
            self.remedies = follow(self.trainer, self.experiment, found.state.remedies)
        self.saved = self.trainer.samples_seen
        if self.writes:
            self.run.rewind(self.trainer.samples_seen)
            record_remedies(self.run, self.trainer, self.remedies)  # a process may be killed just before
        return found.notes if found else ()

    def record_failure(self, error: BaseException) -> None:
        """Record the error in the run, as far as the disk allows."""
        reason = "aborted" if isinstance(error, KeyboardInterrupt) else "failed"
        self.run.status(reason, error=str(error) or type(error).__name__)
        self.run.add(Stopped(**self.now(), reason=reason, notes={"error": str(error) or type(error).__name__}))

    def finish(self, reason: str) -> None:
        """Score a finished run on val, on request on test too; write the last checkpoint and the status.

        Raises:
            ResourceError: the last checkpoint could not be written.
        """
        if reason == "finished" and self.experiment.recipe.scores:
            score_finished(self)
        if self.saved != self.trainer.samples_seen:
            self.write(scheduled=reason == "finished")  # once more: there may be room by now
        if self.saved != self.trainer.samples_seen:
            raise ResourceError(
                "the last checkpoint could not be written",
                where=str(self.run.path),
                hint="Make room, then `ganvas resume` it.",
            )
        record_end(self, reason)

    def save(self, request: Save) -> bool:
        """Write a checkpoint, if the players are finite and equal in all processes, which call this together."""
        check_same_weights(self.trainer)
        checkpoint.check_finite_weights(self.trainer)
        written = self.trainer.world.on_rank_0(lambda: self.write(request.scheduled))
        self.scheduled = self.trainer.samples_seen if written and request.scheduled else self.scheduled
        return written

    def write(self, scheduled: bool) -> bool:
        """Write a checkpoint. Returns False if that fails; then an event says so, and training continues."""
        place = self.trainer.samples_seen if scheduled else self.scheduled
        sound = place if scheduled and self.finds_sound else self.sound
        try:
            retained = self.best.samples | {each for each in (place, self.pinned, sound) if each is not None}
            facts = {**self.facts(), "scheduled": place, "sound": sound}
            path = checkpoint.save_checkpoint(self.trainer, self.run.checkpoints, facts, retained)
        except (OSError, ResourceError) as error:
            self.run.add(SaveFailed(**self.now(), error=str(error)))
            self.failed = True
            self.best.commit(written=False)
            return False
        self.saved, self.failed, self.sound = self.trainer.samples_seen, False, sound
        self.best.commit(written=True)
        self.run.add(Saved(**self.now(), checkpoint=path.name))
        return True

    def facts(self) -> dict[str, Any]:
        """The part of a checkpoint that is not the trainer's: what a resume compares and restores."""
        facts = {
            "spec": vars(self.experiment.spec),
            "data": self.experiment.fingerprint,
            "recipe": compared(self.experiment.recipe),
            **machine_conditions(self.trainer.device),
        }
        remedies = [vars(each) for each in self.remedies]
        return {**facts, "best": self.best.to_json(), "pinned": self.pinned, "remedies": remedies}

    def scorer(self, split: "Split") -> Scorer:
        """The recipe's metrics on a split."""
        recipe, stream = self.experiment.recipe, self.experiment.stream
        sides: dict[str, Any] = {"reals": stream(split), "split": split, "train": stream("train")}
        sides["data"] = recipe.source.items(split).fingerprint
        sides |= {"cache": self.experiment.score_cache, "trained": recipe.trained_spaces}
        return Scorer(recipe.scores, self.game, self.experiment.spec, **sides)

    def networks(self) -> dict[str, torch.nn.Module]:
        """The networks with averaged weights, of players that have an average."""
        return {name: player.best for name, player in self.trainer.players.items()}

    def now(self) -> dict[str, Any]:
        """Position and time of an event."""
        return {"samples": self.trainer.samples_seen, "time": time.time()}

    def log(self, event: Event) -> None:
        """Write an event to log.txt, as a terminal would show it."""
        if text := event_text(event):
            self.run.put(self.run.path / "log.txt", text + "\n")
