"""A run from its first round to its last word: the trainer, everyone who looks on, and the test at the end."""

import hashlib
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import torch
from PIL import Image

from ..base.errors import ResourceError
from ..diagnosis import diagnose
from ..diagnosis.doctor import Doctor, measurement_times
from ..diagnosis.probe import Probe
from ..recipes import Experiment, to_yaml
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
    read_events,
    wants_test,
)
from ..training import (
    Best,
    Callback,
    NonFinite,
    RankSync,
    RecoveryLogger,
    Reports,
    Save,
    Saves,
    Scorer,
    Scores,
    Snapshots,
    Trainer,
    check_same_weights,
    checkpoint,
    lacks_memory,
    listening,
    pass_on,
    record,
)
from .ledger import add_scoring
from .restore import Places, compared, newest, roll_back, surroundings
from .sample_sheet import picture

if TYPE_CHECKING:
    from ..data.source import Split


class Session:
    """One process's part in a run; rank 0 alone writes."""

    def __init__(self, run: Run, experiment: Experiment, trainer: Trainer, listen: Listener | None) -> None:
        self.run, self.experiment, self.trainer = run, experiment, trainer
        self.writes = trainer.world.rank == 0
        self.saved = trainer.samples_seen  # where the newest checkpoint stands
        self.failed = False  # whether the last one could not be written
        self.best = Best()
        self.pinned: int | None = None  # where the checkpoint stands that the run went back to
        self.scheduled = 0  # where the newest one stands that every course of this run has
        self.training = False  # whether this process has begun to train the run
        self.signal = ""  # the name of the signal that came while it was played
        self.game = trainer.phases[-1].game
        self.model = hashlib.sha256(
            to_yaml(experiment.recipe).encode()
        ).hexdigest()  # of its recipe: the weights still change
        run.listeners = [self.log, *([listen] if listen else [])]
        if trainer.world.watchdog:
            trainer.world.watchdog.folder = run.path
        self.splits: tuple[Split, ...] = ("val",)  # that the finished run is scored on
        if experiment.recipe.scores:
            trainer.world.on_rank_0(self.open_splits)

    def open_splits(self) -> None:
        """Before training, so that nothing that happens to the data meanwhile can change them. Test is opened only on request."""
        self.splits = ("val", "test") if wants_test(self.run) else ("val",)
        for split in self.splits:
            self.experiment.stream(split)

    def play(
        self, *, resumed: bool, said: tuple[str, ...] = (), save_first: bool = False, config: str = ""
    ) -> "Session":
        """To the end, or to a signal. An error after the first status "training" is written into the run before it is raised.

        Returns this session. `said` goes into log.txt. `save_first`: where the run begins is not derived from the recipe, so a resume must find it.
        `config`: the text of a new config.yaml, written once recipe and data are known to be those of the checkpoint.
        """
        with ExitStack() as stack:
            arrived = stack.enter_context(listening())
            if self.writes:
                stack.enter_context(self.run.exclusive_lock())
            try:
                notes = self.restore() if resumed else ()
                if self.writes:
                    if config:
                        self.run.reconfigure(config)
                    self.training = True
                    self.run.status("training")
                    for sentence in said:
                        self.run.put(self.run.path / "log.txt", f"{sentence}\n")
                    self.run.add(
                        Started(**self.now(), total=self.trainer.total, resumed=resumed, notes=" ".join(notes))
                    )
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
            except BaseException as error:  # whatever it is, the run must not look alive
                if self.training:  # a resume that was refused leaves the run as it was
                    self.fail(error)
                raise
        return self

    def handed_back(self, on_signal: Callable[[str], object] | None) -> Run:
        """The run, for the program that asked for it. A signal that came while it was played is passed on to the program, or to `on_signal`."""
        if self.signal and on_signal:
            on_signal(self.signal)
        elif self.signal:
            pass_on(
                self.signal,
                f"the training was stopped; ganvas.resume({str(self.run.path)!r}) goes on from its last checkpoint",
            )
        return self.run

    def train(self, arrived: Callable[[], str]) -> str:
        """The rounds, through whatever breaks and can be mended; why they ended."""
        moments = (self.experiment.recipe.snapshots, self.experiment.recipe.scorings)
        while True:
            try:
                return self.trainer.run([RankSync(self.callbacks(), arrived, moments)], self.save)
            except NonFinite as broken:
                back = roll_back(self.run, self.experiment, self.trainer, broken, Places(self.scheduled, self.pinned))
                self.best.restore(back.best)
                self.saved = self.pinned = self.scheduled = self.trainer.samples_seen
                if self.writes:
                    self.run.rewind(self.trainer.samples_seen)
                    self.run.add(Recovered(**self.now(), fault="numbers", message=back.words))

    def restore(self) -> tuple[str, ...]:
        """The trainer as the newest checkpoint that verifies has it, or at its start before the first; what is not as it was, in sentences."""
        found = newest(self.run, self.experiment, self.trainer)
        if found:
            checkpoint.load(self.trainer, found.path)
            self.best.restore(found.state.best)
            self.pinned, self.scheduled = found.state.pinned, found.state.scheduled
        self.saved = self.trainer.samples_seen
        if self.writes:
            self.run.rewind(self.trainer.samples_seen)
        return found.notes if found else ()

    def fail(self, error: BaseException) -> None:
        """Write down why, where that can still be written."""
        reason = "aborted" if isinstance(error, KeyboardInterrupt) else "failed"
        self.run.status(reason, error=str(error) or type(error).__name__)
        self.run.add(Stopped(**self.now(), reason=reason, notes={"error": str(error) or type(error).__name__}))

    def callbacks(self) -> list[Callback]:
        """Whoever the recipe wants to look on."""
        recipe = self.experiment.recipe
        if not self.writes:
            return []
        callbacks: list[Callback] = [
            Reports(self.run),
            Snapshots(self.run, recipe.snapshots, self.picture, self.model, recipe.seed),
        ]
        if recipe.scores and recipe.scorings:
            scorer = self.scorer("val")
            note = self.best.note
            callbacks.append(
                Scores(
                    self.run,
                    recipe.scorings,
                    lambda _: scorer.score(self.networks()),
                    "val",
                    lambda results, seen: note(results, scorer.headlines, seen),
                )
            )
        if looks := measurement_times(recipe.diagnoses, self.trainer.total, recipe.batch_samples):
            callbacks += self.doctor(looks)
        return [RecoveryLogger(self.run), *callbacks, Saves(recipe.saves, lambda: self.failed)]

    def doctor(self, times: int) -> list[Doctor]:
        """The doctor, who knows what was measured before a resume; none where memory is too short for it, as training must go on."""
        recipe, stream, total = self.experiment.recipe, self.experiment.stream, self.trainer.total
        try:
            examiner = Probe(
                self.game,
                self.experiment.spec,
                train=stream("train"),
                held=stream("val"),
                batch_samples=recipe.batch_samples,
                seed=recipe.seed,
            )
        except (MemoryError, RuntimeError) as error:
            if not lacks_memory(error):
                raise
            self.run.put(
                self.run.path / "log.txt", "Memory is too short for the doctor: this run is trained without it.\n"
            )
            return []
        config, past = self.run.settings(), read_events(self.run.events)
        return [
            Doctor(
                examiner,
                times,
                self.run.add,
                lambda looks: diagnose(looks, total=total, config=config, scores=self.run.read_metrics()),
                past,
            )
        ]

    def finish(self, reason: str) -> None:
        """Score a finished run on val, on request on test too, then write the last checkpoint and the status."""
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
        self.run.add(Stopped(**self.now(), reason=reason))
        self.run.status(
            "finished" if reason == "finished" else "interrupted", reason=reason, samples=self.trainer.samples_seen
        )

    def score(self, split: "Split") -> None:
        """Scores on a split into the run; on test also into the ledgers, first, so that none is left out."""
        results = self.scorer(split).score(self.networks())
        if split == "test":
            data = self.experiment.recipe.source.items("test").fingerprint
            add_scoring(data, model="", run=self.run.path)
        record(self.run, self.trainer.samples_seen, results, split)

    def save(self, asked: Save) -> bool:
        """Whether a checkpoint was written, of players that are the same in all processes, and finite; all of them come here together."""
        check_same_weights(self.trainer)
        checkpoint.check(self.trainer)
        written = self.trainer.world.on_rank_0(lambda: self.write(asked.scheduled))
        self.scheduled = self.trainer.samples_seen if written and asked.scheduled else self.scheduled
        return written

    def write(self, scheduled: bool) -> bool:
        """A checkpoint. One that cannot be written is said aloud, and training goes on with the older ones."""
        place = self.trainer.samples_seen if scheduled else self.scheduled
        try:
            keep = self.best.samples | {place} | (set() if self.pinned is None else {self.pinned})
            path = checkpoint.save(self.trainer, self.run.checkpoints, {**self.facts(), "scheduled": place}, keep)
        except (OSError, ResourceError) as error:
            self.run.add(SaveFailed(**self.now(), error=str(error)))
            self.failed = True
            self.best.settle(written=False)
            return False
        self.saved, self.failed = self.trainer.samples_seen, False
        self.best.settle(written=True)
        self.run.add(Saved(**self.now(), checkpoint=path.name))
        return True

    def facts(self) -> dict[str, Any]:
        """What a checkpoint holds besides the trainer: what a resume compares, and what it goes on with."""
        experiment = self.experiment
        facts = {
            "spec": vars(experiment.spec),
            "data": experiment.fingerprint,
            "recipe": compared(experiment.recipe),
            **surroundings(self.trainer.device),
        }
        return {**facts, "best": self.best.to_json(), "pinned": self.pinned}

    def scorer(self, split: "Split") -> Scorer:
        """The recipe's metrics against a split."""
        recipe, stream = self.experiment.recipe, self.experiment.stream
        sides: dict[str, Any] = {"reals": stream(split), "split": split, "train": stream("train")}
        return Scorer(recipe.scores, self.game, self.experiment.spec, **sides, kept=self.experiment.kept)

    def picture(self, trainer: Trainer) -> Image.Image | None:
        """The fixed latents, or the first val items, as the players answer them now."""
        return picture(self.experiment, self.game, self.networks())

    def networks(self) -> dict[str, torch.nn.Module]:
        """The networks to use: averages where there are any."""
        return {name: player.best for name, player in self.trainer.players.items()}

    def now(self) -> dict[str, Any]:
        """When an event happens."""
        return {"samples": self.trainer.samples_seen, "time": time.time()}

    def log(self, event: Event) -> None:
        """log.txt: what a terminal would say."""
        if text := event_text(event):
            self.run.put(self.run.path / "log.txt", text + "\n")
