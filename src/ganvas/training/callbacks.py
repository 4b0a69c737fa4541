"""Callbacks after each round: they read the trainer, write to the run directory, and may request a Save or Stop."""

import time
from collections.abc import Callable, Iterable

from PIL import Image

from ..base.files import replace_file
from ..metrics.contract import Result
from ..runs.directory import Run
from ..runs.events import Progress, Recovered, SaveFailed, Scored, Snapshot
from ..runs.provenance import encode_picture, mark_of
from .trainer import Request, Save, Trainer

LONG = 5.0  # seconds that scoring may take whatever its share of the time
AGAIN = 30.0  # seconds until a failed save is requested again


def crossed(before: int, samples_seen: int, times: int, total: int) -> bool:
    """True if a round passed one of `times` evenly spaced positions of the run, the last of which is its end.

    Args:
        before: samples seen before the round.
        samples_seen: samples seen after it.
        times: how many positions there are.
        total: samples of the whole run.
    """
    return times > 0 and before * times // total < samples_seen * times // total


class ProgressLogger:
    """Writes Progress events: one per second at first, one per half minute in a long run.

    Args:
        run: the run directory.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.begun = self.last = time.monotonic()
        self.last_samples: int | None = None

    def __call__(self, trainer: Trainer, before: int) -> Iterable[Request]:
        now = time.monotonic()
        self.last_samples = before if self.last_samples is None else self.last_samples
        if now - self.last < min(30.0, max(1.0, (now - self.begun) / 300)) and trainer.samples_seen < trainer.total:
            return ()
        terms = {name: float(value) for name, value in trainer.stats.items()}
        rate = (trainer.samples_seen - self.last_samples) / max(now - self.last, 1e-9)
        self.last, self.last_samples = now, trainer.samples_seen
        self.run.add(Progress(samples=trainer.samples_seen, time=time.time(), terms=terms, samples_per_second=rate))
        return ()


class SnapshotWriter:
    """Writes an image of samples from fixed latents at evenly spaced moments.

    Args:
        run: the run directory.
        times: how many images over the run.
        draw: returns the image, or None if the game shows none.
        model: name for the provenance mark in the file.
        seed: of the latents, for the mark.
    """

    def __init__(
        self, run: Run, times: int, draw: Callable[[Trainer], Image.Image | None], model: str, seed: int
    ) -> None:
        self.run, self.times, self.draw, self.mark = run, times, draw, mark_of(model, seed)

    def __call__(self, trainer: Trainer, before: int) -> Iterable[Request]:
        return self.write(trainer) if crossed(before, trainer.samples_seen, self.times, trainer.total) else ()

    def write(self, trainer: Trainer) -> Iterable[Request]:
        """Draw and write one now."""
        if (picture := self.draw(trainer)) is not None:
            file = f"{trainer.samples_seen:012d}.webp"
            try:
                replace_file(self.run.samples / file, encode_picture(picture, ".webp", self.mark), inside=self.run.path)
                self.run.add(Snapshot(samples=trainer.samples_seen, time=time.time(), file=file))
            except OSError as error:
                self.run.add(
                    SaveFailed(
                        samples=trainer.samples_seen, time=time.time(), error=f"{file}: {error.strerror or error}"
                    )
                )
        return ()


class ScoreLogger:
    """Scores the model at evenly spaced moments of the run.

    If scoring took longer than LONG seconds, it is skipped until 4 x that time has been spent on training; the final
    scoring always runs. A checkpoint is requested when a score is the best so far.

    Args:
        run: the run directory.
        times: how many scorings over the run.
        score: computes the scores.
        split: name of the split, for the event.
        best: called with (results, samples seen); True if a score is the best so far.
    """

    def __init__(
        self,
        run: Run,
        times: int,
        score: Callable[[Trainer], tuple[Result, ...]],
        split: str,
        best: Callable[[tuple[Result, ...], int], bool],
    ) -> None:
        self.run, self.times, self.score, self.split, self.best = run, times, score, split, best
        self.took, self.ended = 0.0, 0.0  # seconds of the last one, and when it ended

    def __call__(self, trainer: Trainer, before: int) -> Iterable[Request]:
        if crossed(before, trainer.samples_seen, self.times, trainer.total) and (
            self.affordable() or trainer.samples_seen >= trainer.total
        ):
            return self.write(trainer)
        return ()

    def write(self, trainer: Trainer) -> Iterable[Request]:
        """Score now, and record it."""
        begun = time.monotonic()
        results = self.score(trainer)
        record_scores(self.run, trainer.samples_seen, results, self.split)
        self.ended = time.monotonic()
        self.took = self.ended - begun
        return (Save(),) if self.best(results, trainer.samples_seen) else ()

    def affordable(self) -> bool:
        """True if another scoring leaves scoring within a fifth of the time."""
        return self.took < LONG or time.monotonic() - self.ended >= 4 * self.took


class CheckpointScheduler:
    """Requests checkpoints at evenly spaced moments; a failed one again after 30, 60, 120, ... seconds.

    Args:
        times: how many checkpoints over the run.
        failed: True while the newest checkpoint could not be written.
    """

    def __init__(self, times: int, failed: Callable[[], bool] = lambda: False) -> None:
        self.times, self.failed = times, failed
        self.patience, self.since = AGAIN, time.monotonic()

    def __call__(self, trainer: Trainer, before: int) -> Iterable[Request]:
        if crossed(before, trainer.samples_seen, self.times, trainer.total):
            self.since = time.monotonic()
            return (Save(scheduled=True),)
        if not self.failed():
            self.patience = AGAIN
        elif time.monotonic() - self.since >= self.patience:
            self.patience, self.since = 2 * self.patience, time.monotonic()
            return (Save(),)
        return ()


class RecoveryLogger:
    """Writes an event for each fault that the trainer recovered from.

    Requests a checkpoint when micro-batches became smaller, as a resumed run must use the smaller ones.

    Args:
        run: the run directory.
    """

    def __init__(self, run: Run) -> None:
        self.run = run

    def __call__(self, trainer: Trainer, before: int) -> Iterable[Request]:
        recoveries, trainer.recoveries = trainer.recoveries, []
        for recovery in recoveries:
            self.run.add(
                Recovered(
                    samples=trainer.samples_seen, time=time.time(), fault=recovery.fault, message=recovery.message
                )
            )
        return (Save(),) if any(recovery.fault == "memory" for recovery in recoveries) else ()


def record_scores(
    run: Run, samples: int, results: tuple[Result, ...], split: str, *, checkpoint: int | None = None
) -> None:
    """Append results to metrics.jsonl with their protocols, and one Scored event.

    Args:
        run: of the players.
        samples: of the event.
        results: of one scoring.
        split: "train", "val" or "test".
        checkpoint: samples of the players that were scored; None: those of the event.
    """
    scored = samples if checkpoint is None else checkpoint
    for result in results:
        run.add_metric({"samples": scored, **vars(result), "protocol": dict(result.protocol)})
    if results:
        scores = {result.name: result.value for result in results}
        run.add(Scored(samples=samples, time=time.time(), scores=scores, split=split))
