"""A watchdog thread in each process: sends heartbeats during long work, and writes stack traces when messages stall."""

import faulthandler
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..base.files import open_regular
from ..base.processes import launcher_pid


class Watchdog:
    """A thread that checks ten times within `patience` seconds, and at least every second.

    Args:
        rank: of this process.
        patience: seconds without a message after which stacks are written.
    """

    def __init__(self, rank: int, patience: float) -> None:
        self.rank, self.patience = rank, patience
        self.folder: Path | None = None  # where stacks are written
        self.last = time.monotonic()  # when this process last moved
        self.beat: Callable[[], object] | None = None  # called while it is at work that may take long
        self.dumped = False  # whether the stacks of this stall are written
        self.ended = threading.Event()
        threading.Thread(target=self._run, name="ganvas watchdog", daemon=True).start()

    def moved(self) -> None:
        """Once for each message: this process is not stuck."""
        self.last, self.dumped = time.monotonic(), False

    @contextmanager
    def busy(self, beat: Callable[[], object]) -> Iterator[None]:
        """Work of any length: it is no stall, and `beat` is called meanwhile for the other processes."""
        self._send(beat)
        self.beat = beat
        try:
            yield
        finally:
            self.beat = None
            self.moved()

    def _send(self, beat: Callable[[], object]) -> None:
        """One heartbeat; if the other processes have ended, the next message raises."""
        with suppress(RuntimeError):
            beat()

    def _run(self) -> None:
        """The thread's loop."""
        launcher = launcher_pid()
        while not self.ended.wait(min(1.0, self.patience / 10)):
            if launcher and os.getppid() != launcher:  # nobody would stop us any more
                launcher = 0
                os.kill(os.getpid(), signal.SIGINT)
            if beat := self.beat:
                self._send(beat)
            elif time.monotonic() - self.last > self.patience and not self.dumped:
                self.dump()

    def dump(self) -> Path | None:
        """The stacks of all threads into stacks-rank-K.txt, once for each stall."""
        if self.folder is None:
            return None
        path = self.folder / f"stacks-rank-{self.rank}.txt"
        if not self.dumped:
            self.dumped = True
            with suppress(OSError), open_regular(path, "w", inside=self.folder, encoding="utf-8") as file:
                faulthandler.dump_traceback(file, all_threads=True)
        return path

    def close(self) -> None:
        """Ends the thread."""
        self.ended.set()
