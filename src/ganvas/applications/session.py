"""A run from its first round to its last word: the trainer, everyone who looks on, and the test at the end."""

import hashlib
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import torch
from PIL import Image

from ..base.errors import CheckFailed, DataError, ResourceError
from ..data.source import Split
from ..recipes import Experiment, to_yaml
from ..runs import Event, Run, Saved, SaveFailed, Scored, Started, Stopped, checkpoints, describe, read, settings, verdicts
from ..training import Doctor, Examiner, Interrupts, Observer, Reports, Saves, Scorer, Scores, Snapshots, Trainer, checkpoint, listening, rarely, record
from .pictures import picture

Listener = Callable[[Event], None]


class Session:
    """One process's part in a run; rank 0 alone writes."""

    def __init__(self, run: Run, experiment: Experiment, trainer: Trainer, listen: Listener | None) -> None:
        self.run, self.experiment, self.trainer = run, experiment, trainer
        self.writes = trainer.world.rank == 0
        self.saved = trainer.seen  # where the newest checkpoint stands
        self.game = trainer.phases[-1].game
        self.model = hashlib.sha256(to_yaml(experiment.recipe).encode()).hexdigest()  # of its recipe: the weights still change
        run.listeners = [self.log, *([listen] if listen else [])]
        if self.writes and experiment.recipe.scores:
            for split in ("val", "test"):  # found now, so that nothing that happens to the data meanwhile can change them
                experiment.stream(split)

    def play(self, *, resumed: bool, said: tuple[str, ...] = (), save_first: bool = False) -> Run:
        """To the end, or to a signal; an error is written down before it is raised.

        `said` goes into log.txt. `save_first`: where the run begins is not derived from the recipe, so a resume must find it.
        """
        with ExitStack() as stack:
            arrived = stack.enter_context(listening())
            if self.writes:
                stack.enter_context(self.run.alone())
            try:
                if resumed:
                    self.restore()
                if self.writes:
                    self.run.status("training")
                    for sentence in said:
                        self.run.put(self.run.path / "log.txt", f"{sentence}\n")
                    self.run.add(Started(**self.now(), total=self.trainer.total, resumed=resumed))
                if save_first and not self.save():
                    raise ResourceError("the first checkpoint could not be written", where=str(self.run.path), mend="Make room, then train again.")
                reason = self.trainer.run([*self.observers(), Interrupts(arrived)], lambda _: self.save())
                if self.writes:
                    self.finish(reason)
                self.trainer.world.close()
            except BaseException as error:  # whatever it is, the run must not look alive
                if self.writes:
                    self.fail(error)
                raise
        return self.run

    def restore(self) -> None:
        """The trainer as the newest checkpoint that verifies has it; a run that was stopped before its first begins again."""
        if checkpoints.newest_first(self.run.checkpoints):
            newest = checkpoints.latest(self.run.checkpoints)
            if checkpoints.read_state(newest)["data"] != self.experiment.fingerprint:
                place = getattr(self.experiment.recipe.source, "path", str(self.run.path))
                mend = "Bring them back as they were, or train anew; --init-from begins with this run's weights."
                raise DataError("the data are not those that the run was trained on: some were changed, added or taken away", where=place, mend=mend)
            checkpoint.load(self.trainer, newest)
        elif "init_from" in self.run.read_json("environment.json"):
            raise CheckFailed("the run has no checkpoint, and it began from another run's weights", where=str(self.run.path), mend="Train again.")
        self.saved = self.trainer.seen
        if self.writes:
            self.run.rewind(self.trainer.seen)

    def fail(self, error: BaseException) -> None:
        """Write down why, where that can still be written."""
        reason = "aborted" if isinstance(error, KeyboardInterrupt) else "failed"
        self.run.status(reason, error=str(error) or type(error).__name__)
        self.run.add(Stopped(**self.now(), reason=reason, notes={"error": str(error) or type(error).__name__}))

    def observers(self) -> list[Observer]:
        """Whoever the recipe wants to look on."""
        recipe = self.experiment.recipe
        if not self.writes:
            return [Saves(recipe.saves)]
        observers: list[Observer] = [Reports(self.run), Snapshots(self.run, recipe.snapshots, self.picture, self.model, recipe.seed)]
        if recipe.scores and recipe.scorings:
            scorer = self.scorer("val")
            observers.append(Scores(self.run, recipe.scorings, lambda _: scorer.score(self.best()), "val"))
        if looks := rarely(recipe.looks, self.trainer.total, recipe.batch_samples):
            observers.append(self.doctor(looks))
        return [*observers, Saves(recipe.saves)]

    def doctor(self, times: int) -> Doctor:
        """Who looks at the players' health; the looks of a run that is resumed are remembered."""
        recipe, stream, total = self.experiment.recipe, self.experiment.stream, self.trainer.total
        examiner = Examiner(self.game, self.experiment.spec, train=stream("train"), held=stream("val"), batch_samples=recipe.batch_samples, seed=recipe.seed)
        config = settings(self.run)
        return Doctor(
            examiner,
            times,
            self.run.add,
            lambda looks: verdicts(looks, total=total, config=config, scores=self.run.read_metrics()),
            read(self.run.events),
        )

    def finish(self, reason: str) -> None:
        """The only look at the test split, and the last word."""
        tested = any(isinstance(event, Scored) and event.split == "test" for event in read(self.run.events))
        if reason == "finished" and self.experiment.recipe.scores and not tested:
            record(self.run, self.trainer.seen, self.scorer("test").score(self.best()), "test")
        if self.saved != self.trainer.seen:
            self.save()  # once more: there may be room by now
        if self.saved != self.trainer.seen:
            raise ResourceError("the last checkpoint could not be written", where=str(self.run.path), mend="Make room, then `ganvas resume` it.")
        self.run.add(Stopped(**self.now(), reason=reason))
        self.run.status("finished" if reason == "finished" else "interrupted", reason=reason, samples=self.trainer.seen)

    def save(self) -> bool:
        """Whether a checkpoint was written. One that cannot be is said aloud, and training goes on with the older ones."""
        if not self.writes:
            return True
        spec = vars(self.experiment.spec)
        try:
            path = checkpoint.save(self.trainer, self.run.checkpoints, {"spec": spec, "data": self.experiment.fingerprint})
            self.saved = self.trainer.seen
        except (OSError, ResourceError) as error:
            self.run.add(SaveFailed(**self.now(), error=str(error)))
            return False
        self.run.add(Saved(**self.now(), checkpoint=path.name))
        return True

    def scorer(self, split: Split) -> Scorer:
        """The recipe's metrics against a split."""
        recipe, stream = self.experiment.recipe, self.experiment.stream
        return Scorer(recipe.scores, self.game, self.experiment.spec, reals=stream(split), split=split, train=stream("train"))

    def picture(self, trainer: Trainer) -> Image.Image | None:
        """The fixed latents, or the first val items, as the players answer them now."""
        return picture(self.experiment, self.game, self.best())

    def best(self) -> dict[str, torch.nn.Module]:
        """The networks to use: averages where there are any."""
        return {name: player.best for name, player in self.trainer.players.items()}

    def now(self) -> dict[str, Any]:
        """When an event happens."""
        return {"samples": self.trainer.seen, "time": time.time()}

    def log(self, event: Event) -> None:
        """log.txt: what a terminal would say."""
        if text := describe(event):
            self.run.put(self.run.path / "log.txt", text + "\n")
