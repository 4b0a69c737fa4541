"""Callbacks after each round: they read the trainer, write to the run directory, and may request a Save or Stop."""

import time
from collections.abc import Callable, Iterable
from typing import Any

from PIL import Image

from ..base.files import replace_file
from ..metrics.contract import Result
from ..runs.directory import Run
from ..runs.events import Recovered, SaveFailed, Scored, Snapshot
from ..runs.provenance import encode_picture, mark_of
from .trainer import Request, Save, Stop, Trainer

LONG = 5.0  # seconds that scoring may take whatever its share of the time
NO_PROGRESS = "no better score"  # the reason of an early end
AGAIN = 30.0  # seconds until a failed save is requested again
RAW_SHARE = 0.01  # of the time that sheets of the weights that are not averaged may take


Draw = Callable[[Trainer], Image.Image | None]  # an image of samples; None if the game shows none
WriteLines = Callable[[Trainer], list[str] | None]  # samples as lines of text; None if they are no text


def crossed(before: int, samples_seen: int, times: int, total: int) -> bool:
    """True if a round passed one of `times` evenly spaced positions of the run, the last of which is its end.

    Args:
        before: samples seen before the round.
        samples_seen: samples seen after it.
        times: how many positions there are.
        total: samples of the whole run.
    """
    return times > 0 and before * times // total < samples_seen * times // total


class SnapshotWriter:
    """Writes an image of samples from fixed latents at evenly spaced moments.

    A second one by the weights that are not averaged is left out where it would take more than RAW_SHARE of the time.

    Args:
        run: the run directory.
        times: how many images over the run.
        draw: returns the image, or None if the game shows none.
        model: name for the provenance mark in the file.
        seed: of the latents, for the mark.
        draw_raw: returns the image by the weights that are not averaged; None if no weights are averaged.
        classes: of the samples in the image, in turn.
        lines: returns the same samples as lines of text, for a file beside the image.
    """

    def __init__(
        self,
        run: Run,
        times: int,
        draw: Draw,
        model: str,
        seed: int,
        *,
        draw_raw: Draw | None = None,
        classes: tuple[str, ...] = (),
        lines: WriteLines = lambda _: None,
    ) -> None:
        self.run, self.times, self.draw, self.mark = run, times, draw, mark_of(model, seed)
        self.draw_raw, self.classes, self.lines = draw_raw, classes, lines
        self.begun, self.raw_seconds = time.monotonic(), 0.0

    def __call__(self, trainer: Trainer, before: int) -> Iterable[Request]:
        return self.write(trainer) if crossed(before, trainer.samples_seen, self.times, trainer.total) else ()

    def write(self, trainer: Trainer) -> Iterable[Request]:
        """Draw and write one now."""
        now: dict[str, Any] = {"samples": trainer.samples_seen, "time": time.time()}
        file = f"{trainer.samples_seen:012d}.webp"
        begun = time.monotonic()
        try:
            if self.write_picture(self.draw, trainer, file):
                raw = self.write_raw(trainer, time.monotonic() - begun)
                text = self.write_lines(trainer, f"{trainer.samples_seen:012d}.txt")
                self.run.add(Snapshot(**now, file=file, raw=raw, classes=self.classes, text=text))
        except OSError as error:
            self.run.add(SaveFailed(**now, error=f"{file}: {error.strerror or error}"))
        return ()

    def write_picture(self, draw: Draw, trainer: Trainer, file: str) -> bool:
        """Draw and write one picture; False if there is none. Raises OSError."""
        picture = draw(trainer)
        if picture is not None:
            replace_file(self.run.samples / file, encode_picture(picture, ".webp", self.mark), inside=self.run.path)
        return picture is not None

    def write_lines(self, trainer: Trainer, file: str) -> str:
        """The file's name of the samples as lines of text; "" where they are no text. Raises OSError."""
        lines = self.lines(trainer)
        if lines is None:
            return ""
        replace_file(self.run.samples / file, "".join(f"{line}\n" for line in lines).encode(), inside=self.run.path)
        return file

    def write_raw(self, trainer: Trainer, seconds: float) -> str:
        """The file's name of the picture by the weights that are not averaged; "" without one. Raises OSError.

        Args:
            trainer: in training.
            seconds: what it will take, as long as the picture before.
        """
        begun = time.monotonic()
        if self.draw_raw is None or self.raw_seconds + seconds > RAW_SHARE * (begun - self.begun):
            return ""
        file = f"{trainer.samples_seen:012d}-raw.webp"
        written = self.write_picture(self.draw_raw, trainer, file)
        self.raw_seconds += time.monotonic() - begun
        return file if written else ""


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


class EarlyStop:
    """Requests the end of the run where no score was better for a span of samples.

    Args:
        patience: the span; 0: never.
        best_at: samples at the best score so far; None before the first.
    """

    def __init__(self, patience: int, best_at: Callable[[], int | None]) -> None:
        self.patience, self.best_at = patience, best_at

    def __call__(self, trainer: Trainer, before: int) -> Iterable[Request]:
        best = self.best_at()
        late = self.patience > 0 and best is not None and trainer.samples_seen - best >= self.patience
        return (Stop(NO_PROGRESS),) if late else ()


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
