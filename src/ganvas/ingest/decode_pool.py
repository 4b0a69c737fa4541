"""The parent of the decoding processes: chunks go out, answers come back in order.

A file that crashes a worker, or takes too long, is named as the cause.
"""

import json
import os
import subprocess
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import IO, Literal, NamedTuple

from ..base.errors import ResourceError
from ..base.processes import module_command, module_environment
from .decode import MOST_HELD
from .decode_options import DecodeOptions
from .decode_worker import BROKEN, DONE, EXCLUSIVE, HEAD, LENGTH, SECONDS
from .listing import Place

Task = Literal["pixels", "left", "right", "classes", "extent", "header", "index", "check", "patient"]
CHUNK, CHUNK_BYTES = 32, 2 * 2**20  # pictures, and bytes of pixels, that go to a worker at a time
ENOUGH = 64  # pictures for which another worker is worth its start
WAITING = 2  # chunks for each worker that wait for their turn to be read
START_SECONDS = 120
THREADS = "decode"  # begins their names
LATE, CRASHED, GREEDY = (
    "takes longer than",
    "crashes the decoder",
    "needs too much memory",
)  # causes that a busy machine can have as well
MIN_ANSWER_BYTES = 2**16  # of an answer that is not pixels


class DecodeAnswer(NamedTuple):
    """What came of one picture: a payload, or a cause."""

    payload: bytes
    cause: str = ""


class Worker:
    """One worker process."""

    def __init__(self, setup: bytes, most: int) -> None:
        self.most, self.since, self.late = most, time.monotonic(), False
        environment = module_environment(
            OPENBLAS_NUM_THREADS="1",
            OMP_NUM_THREADS="1",
            PYTHONWARNINGS="ignore",
            JPEGMEM=f"{MOST_HELD // 10**6}M",  # libjpeg's own limit
        )
        self.process = subprocess.Popen(  # noqa: S603 (our own module, no shell)
            module_command("ganvas.ingest.decode_worker"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        self.ready = self.send(setup)

    def send(self, message: bytes) -> bool:
        """Whether the worker could be given the message."""
        try:
            pipe = self._pipe(self.process.stdin)
            pipe.write(LENGTH.pack(len(message)) + message)
            pipe.flush()
        except OSError:
            return False
        return True

    def receive(self, seconds: float | None = None) -> tuple[int, bytes] | None:
        """The next answer; None if the worker has ended, was too slow or answers out of form."""
        self.since = time.monotonic() + (seconds or SECONDS)
        try:
            pipe = self._pipe(self.process.stdout)
            head = pipe.read(HEAD.size)
            status, length = HEAD.unpack(head) if len(head) == HEAD.size else (BROKEN, self.most + 1)
            payload = pipe.read(length) if length <= self.most else b""
        finally:
            self.since = float("inf")
        return (status, payload) if len(payload) == length and status in (DONE, BROKEN, EXCLUSIVE) else None

    def stop(self) -> None:
        """End the process and close its pipes."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            try:
                self._pipe(pipe).close()
            except OSError:
                continue  # what was not flushed is lost with the process

    @staticmethod
    def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
        assert pipe is not None
        return pipe


class WorkerPool:
    """As many workers as there are threads that ask, each started when first needed."""

    def __init__(self, task: Task, options: DecodeOptions | None, archive: str) -> None:
        self.setup = json.dumps({"task": task, "options": options, "archive": archive}).encode()
        self.most = MIN_ANSWER_BYTES if options is None else max(MIN_ANSWER_BYTES, options.bytes)
        self.own, self.workers, self.exclusive, self.over = (
            threading.local(),
            set[Worker](),
            threading.Lock(),
            threading.Event(),
        )
        threading.Thread(target=self.watch, daemon=True).start()

    def watch(self) -> None:
        """End workers whose picture takes too long."""
        while not self.over.wait(0.25):
            for worker in tuple(self.workers):
                if worker.since < time.monotonic():
                    worker.late = True
                    worker.process.kill()

    def acquire(self) -> Worker:
        """This thread's worker, a fresh one if it has none. Raises ResourceError where none can be started."""
        worker: Worker | None = getattr(self.own, "worker", None)
        if worker is None:
            worker = Worker(self.setup, self.most)
            worker.since = float("inf")
            self.workers.add(worker)
            if not worker.ready or worker.receive(START_SECONDS) is None:
                self.discard(worker)
                raise ResourceError(
                    "the process that decodes pictures does not start",
                    hint="Is there memory left? Try `python -P -m ganvas.ingest.decode_worker`.",
                )
            self.own.worker = worker
        return worker

    def discard(self, worker: Worker) -> None:
        """End a worker; the next picture gets a fresh one."""
        self.workers.discard(worker)
        worker.stop()
        self.own.worker = None

    def ask(self, places: Sequence[Place], *, exclusive: bool = False) -> list[DecodeAnswer]:
        """Answers to a chunk, in order."""
        answers: list[DecodeAnswer] = []
        while len(answers) < len(places) and not self.over.is_set():
            worker = self.acquire()
            if not worker.send(json.dumps([[place, exclusive] for place in places[len(answers) :]]).encode()):
                self.discard(worker)  # it died between two chunks, which is no picture's fault
                continue
            while len(answers) < len(places):
                answer = worker.receive()
                if answer is None:
                    self.discard(worker)
                    answers.append(DecodeAnswer(b"", f"{LATE} {SECONDS} s" if worker.late else CRASHED))
                    break
                answers.append(
                    DecodeAnswer(answer[1])
                    if answer[0] == DONE
                    else DecodeAnswer(b"", "" if answer[0] == EXCLUSIVE else answer[1].decode(errors="replace"))
                )
        return (
            answers
            if exclusive
            else [
                self.retry(place) if answer == DecodeAnswer(b"") else answer
                for place, answer in zip(places, answers, strict=False)
            ]
        )

    def retry(self, place: Place) -> DecodeAnswer:
        """A picture that needs much memory, while no other such picture is decoded."""
        with self.exclusive:
            answer = self.ask([place], exclusive=True)
        return answer[0] if answer and answer[0] != DecodeAnswer(b"") else DecodeAnswer(b"", GREEDY)

    def close(self) -> None:
        """End all workers."""
        self.over.set()
        for worker in tuple(self.workers):
            worker.process.kill()


def answers(
    task: Task, places: Sequence[Place], *, options: DecodeOptions | None = None, archive: str = ""
) -> Iterator[DecodeAnswer]:
    """One answer a picture, in the order of `places`, from one worker a core; few wait in memory at a time."""
    size = together(options)
    chunks = (places[start : start + size] for start in range(0, len(places), size))
    count = max(1, min(cores(), -(-len(places) // max(size, ENOUGH))))
    workers = WorkerPool(task, options, archive)
    threads = ThreadPoolExecutor(count, thread_name_prefix=THREADS)
    waiting: deque[Future[list[DecodeAnswer]]] = deque()
    try:
        for chunk in chunks:
            waiting.append(threads.submit(workers.ask, chunk))
            if len(waiting) > WAITING * count:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()
    finally:
        workers.close()
        threads.shutdown(wait=True, cancel_futures=True)
        stop_all(workers.workers)


def stop_all(workers: Iterable[Worker]) -> None:
    """End workers and close their pipes."""
    for worker in tuple(workers):
        worker.stop()


def doubtful(cause: str) -> bool:
    """Whether the cause may be the machine's and not the picture's, so that another try could succeed."""
    return cause.startswith(LATE) or cause in (CRASHED, GREEDY)


def together(options: DecodeOptions | None) -> int:
    """How many pictures go to a worker at a time."""
    return max(1, min(CHUNK, CHUNK_BYTES // (1 if options is None else options.bytes)))


class PersistentPool:
    """A pool of workers that lives until it is closed; no worker is started before the first request."""

    def __init__(self, task: Task, *, options: DecodeOptions | None = None) -> None:
        self.workers, self.count, self.most = WorkerPool(task, options, ""), cores(), together(options)
        self.threads = ThreadPoolExecutor(self.count, thread_name_prefix=THREADS)

    def ask(self, places: Sequence[Place]) -> list[Future[list[DecodeAnswer]]]:
        """Answers in order, in parts that are worked on side by side."""
        size = max(1, min(self.most, -(-len(places) // self.count)))
        return [
            self.threads.submit(self.workers.ask, places[start : start + size]) for start in range(0, len(places), size)
        ]

    def close(self) -> None:
        """End all workers; requests without an answer are dropped."""
        self.workers.close()
        ours = threading.current_thread().name.startswith(
            THREADS
        )  # the last owner may be such a thread, which cannot wait for itself
        self.threads.shutdown(wait=not ours, cancel_futures=True)
        if ours:  # it may be in the middle of reading from a pipe, which it can therefore not close
            threading.Thread(target=stop_all, args=(tuple(self.workers.workers),), daemon=True).start()
        else:
            stop_all(self.workers.workers)


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
