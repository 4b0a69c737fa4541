"""Trains a run from its first round to its end: callbacks, checkpoints, rollbacks, and the test score."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import torch

from ..base.errors import DataError, ResourceError
from ..runs import (
    Event,
    Listener,
    Recovered,
    Run,
    Saved,
    SaveFailed,
    Scored,
    Started,
    Stopped,
    event_text,
    fingerprint_of_test,
    read_events,
    wants_test,
)
from ..training import (
    BestScores,
    NonFinite,
    RankSync,
    Save,
    Scorer,
    Trainer,
    catch_signals,
    check_same_weights,
    checkpoint,
    raise_signal,
    record_scores,
)
from .ledger import add_scoring
from .restore import RollbackPoints, compared, machine_conditions, newest, roll_back
from .run_callbacks import final_grade, run_callbacks

if TYPE_CHECKING:
    from ..data.source import Split
    from ..recipes import Experiment


class TrainingSession:
    """The part of one process in a run. Only rank 0 writes files."""

    def __init__(self, run: Run, experiment: "Experiment", trainer: Trainer, on_event: Listener | None) -> None:
        self.run, self.experiment, self.trainer = run, experiment, trainer
        self.writes = trainer.world.rank == 0
        self.saved = trainer.samples_seen  # samples of the newest checkpoint
        self.failed = False  # whether the last one could not be written
        self.best = BestScores()
        self.pinned: int | None = None  # samples of the checkpoint that the run went back to
        self.scheduled = 0  # samples of the newest scheduled checkpoint
        self.training = False  # whether this process has begun to train the run
        self.signal = ""  # the name of the signal that came while it was played
        self.game = trainer.phases[-1].game
        run.listeners = [self.log, *([on_event] if on_event else [])]
        if trainer.world.watchdog:
            trainer.world.watchdog.folder = run.path
        self.splits: tuple[Split, ...] = ("val",)  # that the finished run is scored on
        self.test_fingerprint = ""  # of the test split, where it is scored
        if experiment.recipe.scores:
            trainer.world.on_rank_0(self.open_splits)

    def open_splits(self) -> None:
        """Read val, and test on request, before training, so that later changes of the data files have no effect.

        Raises:
            DataError: the data changed since the training split was read, or the test split since the run began.
        """
        self.splits = ("val", "test") if wants_test(self.run) else ("val",)
        if "test" in self.splits:
            self.test_fingerprint = self.experiment.split_items("test").fingerprint
            if self.test_fingerprint != (fingerprint_of_test(self.run) or self.test_fingerprint):
                raise DataError(
                    "the test split is not that of the start of this run: its data changed",
                    where=str(self.run.path),
                    hint="Restore the data, or train a new run on the changed data.",
                )
        for split in self.splits:
            self.experiment.stream(split)

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
            callbacks = run_callbacks(self) if self.writes else []
            try:
                return self.trainer.run([RankSync(callbacks, arrived, moments)], self.save)
            except NonFinite as broken:
                points = RollbackPoints(self.scheduled, self.pinned)
                rollback = roll_back(self.run, self.experiment, self.trainer, broken, points)
                self.best.restore(rollback.best)
                self.saved = self.pinned = self.scheduled = self.trainer.samples_seen
                if self.writes:
                    self.run.rewind(self.trainer.samples_seen)
                    self.run.add(Recovered(**self.now(), fault="numbers", message=rollback.message))

    def restore(self) -> tuple[str, ...]:
        """Load the newest valid checkpoint, if there is one. Returns a sentence for each condition that differs."""
        found = newest(self.run, self.experiment, self.trainer)
        if found:
            checkpoint.load_checkpoint(self.trainer, found.path)
            self.best.restore(found.state.best)
            self.pinned, self.scheduled = found.state.pinned, found.state.scheduled
        self.saved = self.trainer.samples_seen
        if self.writes:
            self.run.rewind(self.trainer.samples_seen)
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
        scored = {
            event.split
            for event in read_events(self.run.events)
            if isinstance(event, Scored) and event.samples == self.trainer.samples_seen
        }
        if reason == "finished" and self.experiment.recipe.scores:
            for split in self.splits:
                if split not in scored:
                    self.score(split)
        if self.saved != self.trainer.samples_seen:
            self.write(scheduled=reason == "finished")  # once more: there may be room by now
        if self.saved != self.trainer.samples_seen:
            raise ResourceError(
                "the last checkpoint could not be written",
                where=str(self.run.path),
                hint="Make room, then `ganvas resume` it.",
            )
        grade = final_grade(self.run) if reason == "finished" else {}
        self.run.add(Stopped(**self.now(), reason=reason, notes=grade))
        facts = {"reason": reason, "samples": self.trainer.samples_seen, **grade}
        self.run.status("finished" if reason == "finished" else "interrupted", **facts)

    def score(self, split: "Split") -> None:
        """Record the scores on a split; on test first in the ledgers, so that no scoring is missing there."""
        results = self.scorer(split).score(self.networks())
        if split == "test":
            add_scoring(self.test_fingerprint, model="", run=self.run.path)
        record_scores(self.run, self.trainer.samples_seen, results, split)

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
        try:
            retained = self.best.samples | {place} | (set() if self.pinned is None else {self.pinned})
            path = checkpoint.save_checkpoint(
                self.trainer, self.run.checkpoints, {**self.facts(), "scheduled": place}, retained
            )
        except (OSError, ResourceError) as error:
            self.run.add(SaveFailed(**self.now(), error=str(error)))
            self.failed = True
            self.best.commit(written=False)
            return False
        self.saved, self.failed = self.trainer.samples_seen, False
        self.best.commit(written=True)
        self.run.add(Saved(**self.now(), checkpoint=path.name))
        return True

    def facts(self) -> dict[str, Any]:
        """The part of a checkpoint that is not the trainer's: what a resume compares and restores."""
        experiment = self.experiment
        facts = {
            "spec": vars(experiment.spec),
            "data": experiment.fingerprint,
            "recipe": compared(experiment.recipe),
            **machine_conditions(self.trainer.device),
        }
        return {**facts, "best": self.best.to_json(), "pinned": self.pinned}

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
