"""Who looks on between rounds: they read the trainer, write to the run, and ask; they never change anything."""

import time
from collections.abc import Callable, Iterable

from PIL import Image

from ..base.files import replace_file
from ..metrics.contract import Result
from ..runs.directory import Run
from ..runs.events import Progress, Recovered, SaveFailed, Scored, Snapshot
from ..runs.provenance import encode_picture, mark_of
from .trainer import Request, Save, Trainer

LONG = 5.0  # seconds that a scoring may take without a thought
AGAIN = 30.0  # seconds until a save that failed is tried again


def crossed(before: int, samples_seen: int, times: int, total: int) -> bool:
    """Whether the run passed one of `times` evenly spaced marks; the last lies at its end."""
    return times > 0 and before * times // total < samples_seen * times // total


class ProgressLogger:
    """A Progress event every second at first, every half minute in a long run."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.begun = self.last = time.monotonic()
        self.last_seen: int | None = None

    def __call__(self, trainer: Trainer, before: int) -> Iterable[Request]:
        now = time.monotonic()
        self.last_seen = before if self.last_seen is None else self.last_seen
        if now - self.last < min(30.0, max(1.0, (now - self.begun) / 300)) and trainer.samples_seen < trainer.total:
            return ()
        terms = {name: float(value) for name, value in trainer.stats.items()}
        rate = (trainer.samples_seen - self.last_seen) / max(now - self.last, 1e-9)
        self.last, self.last_seen = now, trainer.samples_seen
        self.run.add(Progress(samples=trainer.samples_seen, time=time.time(), terms=terms, samples_per_second=rate))
        return ()


class SnapshotWriter:
    """A picture of the fixed latents at evenly spaced moments; every one is kept."""

    def __init__(
        self, run: Run, times: int, draw: Callable[[Trainer], Image.Image | None], model: str, seed: int
    ) -> None:
        self.run, self.times, self.draw, self.mark = run, times, draw, mark_of(model, seed)

    def __call__(self, trainer: Trainer, before: int) -> Iterable[Request]:
        if (
            crossed(before, trainer.samples_seen, self.times, trainer.total)
            and (picture := self.draw(trainer)) is not None
        ):
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
    """ScoreLogger on val at evenly spaced moments, within a budget: one that takes long is put off until four times as long has been trained. The last is never.

    Where `best` says that there was no better one, a checkpoint is asked for.
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
            begun = time.monotonic()
            results = self.score(trainer)
            record_scores(self.run, trainer.samples_seen, results, self.split)
            self.ended = time.monotonic()
            self.took = self.ended - begun
            return (Save(),) if self.best(results, trainer.samples_seen) else ()
        return ()

    def affordable(self) -> bool:
        """Whether scoring stays within a fifth of the time."""
        return self.took < LONG or time.monotonic() - self.ended >= 4 * self.took


class CheckpointScheduler:
    """Asks for a checkpoint at evenly spaced moments; for one that `failed`, after half a minute again, and then ever more patiently."""

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
    """Tells of faults that the trainer got over; smaller micro-batches are saved, as a resume must go on with them."""

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


def record_scores(run: Run, samples: int, results: tuple[Result, ...], split: str) -> None:
    """Results into metrics.jsonl with their protocols, and as one event."""
    for result in results:
        run.add_metric({"samples": samples, **vars(result), "protocol": dict(result.protocol)})
    if results:
        scores = {result.name: result.value for result in results}
        run.add(Scored(samples=samples, time=time.time(), scores=scores, split=split))
