"""The one thread that computes: requests wait in a bounded queue, and those that fit share a pass of the generator."""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

import torch
from torch import Tensor

from ..applications.packed_samples import BUCKET, RequestRows, WantedSamples
from ..applications.served_model import ServedModel
from ..base.errors import ResourceError
from .counters import Counters

LEAST_WAIT = 1  # seconds that a refused client is asked to wait, at least
STARTED_SECONDS = 0.05  # of a pass, until one was measured


class QueueIsFull(Exception):
    """Too many requests wait. `seconds`: after which it is worth to try again."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"too many requests wait; try again in {seconds} s")
        self.seconds = seconds


class QueuedJob:
    """A request that waits or is computed: samples of a model, or a function.

    Args:
        served: the model.
        work: what is wanted of it.
        packs: whether it shares passes with others.
    """

    def __init__(self, served: ServedModel, work: "WantedSamples | Callable[[], Any]", packs: bool) -> None:
        self.served, self.work, self.packs = served, work, packs
        self.future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.parts: list[Tensor] = []
        self.next = 0  # the first sample that is not made yet
        self.cancelled = False

    @property
    def kind(self) -> object:
        """Jobs of one kind share a pass."""
        if not self.packs or not isinstance(self.work, WantedSamples):
            return self
        return self.served.name, self.work.truncation != 1


class Part(NamedTuple):
    """The samples of a job that are made in one pass."""

    job: QueuedJob
    rows: RequestRows


class Engine:
    """Computes jobs in their order, each in turn one pass, so that a large one does not hold up small ones.

    Args:
        most_waiting: jobs that are accepted at once, the one that is computed included.
        counters: of what happens.
        together: whether jobs share passes.
    """

    def __init__(self, most_waiting: int, counters: Counters, *, together: bool = True) -> None:
        self.most_waiting, self.counters, self.together = most_waiting, counters, together
        self.jobs: deque[QueuedJob] = deque()
        self.accepted = 0
        self.seconds = STARTED_SECONDS  # of a pass, lately
        self.changed = threading.Condition()
        self.closing = False
        self.thread = threading.Thread(target=self.run, name="ganvas-engine", daemon=True)
        self.thread.start()

    @property
    def alive(self) -> bool:
        """Whether it still computes."""
        return self.thread.is_alive()

    def submit(self, served: ServedModel, work: "WantedSamples | Callable[[], Any]") -> QueuedJob:
        """Accept a job; called by the event loop.

        Args:
            served: the model.
            work: samples, or a function that returns the result.

        Returns:
            The job; its future has x [n, *shape], or what the function returned.

        Raises:
            QueueIsFull: too many wait.
        """
        job = QueuedJob(served, work, self.together and served.sampler.packs)
        with self.changed:
            if self.accepted >= self.most_waiting:
                raise QueueIsFull(max(LEAST_WAIT, round(self.accepted * self.seconds)))
            self.accepted += 1
            self.counters.waiting.set(self.accepted)
            self.jobs.append(job)
            self.changed.notify()
        return job

    def cancel(self, job: QueuedJob) -> None:
        """Forget a job whose client has left or whose time is over; a pass that has begun ends first."""
        with self.changed:
            job.cancelled = True
            if job in self.jobs:
                self.jobs.remove(job)
                self._leave([job])

    def close(self) -> None:
        """End the thread after the pass that it computes."""
        with self.changed:
            self.closing = True
            self.changed.notify()
        self.thread.join()

    def run(self) -> None:
        """Compute until `close`."""
        while True:
            with self.changed:
                while not self.jobs and not self.closing:
                    self.changed.wait()
                if self.closing:
                    return
                parts = self._next_parts()
            begun = time.perf_counter()
            try:
                found = self._computed(parts)
            except (MemoryError, torch.OutOfMemoryError):
                self._fail(parts, ResourceError("not enough memory for this request", hint="Ask for fewer samples."))
            except Exception as error:  # whatever a request raises, the next one is computed
                self._fail(parts, error)
            else:
                self._deliver(parts, found)
            self.seconds = 0.9 * self.seconds + 0.1 * (time.perf_counter() - begun)

    def _next_parts(self) -> list[Part]:
        """The first job, and others of its kind that fit into the same pass. They leave the queue."""
        first = self.jobs[0]
        if not first.packs or not isinstance(first.work, WantedSamples):
            rows = first.work.n if isinstance(first.work, WantedSamples) else 1
            work = first.work if isinstance(first.work, WantedSamples) else WantedSamples(1)
            return [Part(self.jobs.popleft(), RequestRows(work, 0, rows))]
        parts, free = list[Part](), BUCKET
        for job in [job for job in self.jobs if job.kind == first.kind]:
            if free == 0:
                break
            assert isinstance(job.work, WantedSamples)
            count = min(free, job.work.n - job.next)
            parts.append(Part(job, RequestRows(job.work, job.next, count)))
            free -= count
        for part in parts:
            self.jobs.remove(part.job)
        return parts

    def _computed(self, parts: list[Part]) -> list[Any]:
        job = parts[0].job
        if not isinstance(job.work, WantedSamples):
            return [job.work()]
        self.counters.passes.observe(sum(part.rows.size for part in parts))
        if not job.packs:
            return [job.served.sampler.whole(job.work)]
        return job.served.sampler.bucket([part.rows for part in parts])

    def _deliver(self, parts: list[Part], found: list[Any]) -> None:
        done: list[tuple[QueuedJob, Any]] = []
        with self.changed:
            for part, each in zip(parts, found, strict=True):
                job = part.job
                job.next += part.rows.size
                if not isinstance(job.work, WantedSamples) or not job.packs:
                    done.append((job, each))
                elif job.next < job.work.n and not job.cancelled:
                    job.parts.append(each.clone())  # not the whole pass
                    self.jobs.append(job)  # at the end: others come first
                else:
                    done.append((job, torch.cat([*job.parts, each])))
            self._leave([job for job, _ in done])
        if done:
            hand_over(done)

    def _fail(self, parts: list[Part], error: Exception) -> None:
        with self.changed:
            self._leave([part.job for part in parts])
        hand_over([(part.job, error) for part in parts])

    def _leave(self, jobs: list[QueuedJob]) -> None:
        self.accepted -= len(jobs)
        self.counters.waiting.set(self.accepted)


def hand_over(results: list[tuple[QueuedJob, Any]]) -> None:
    """Give results to the event loop; once the server has ended, nobody waits for them."""
    with suppress(RuntimeError):
        results[0][0].future.get_loop().call_soon_threadsafe(settle, results)


def settle(results: list[tuple[QueuedJob, Any]]) -> None:
    """Give jobs their results, or their errors; in the event loop."""
    for job, result in results:
        if job.future.done():
            continue
        if isinstance(result, Exception):
            job.future.set_exception(result)
        else:
            job.future.set_result(result)
