"""A second pair of eyes in each process: tells the others that it is at work, and writes down where it stands when nothing moves."""

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


class Watch:
    """A thread that looks about ten times within `patience` seconds, and at least every second."""

    def __init__(self, rank: int, patience: float) -> None:
        self.rank, self.patience = rank, patience
        self.folder: Path | None = None  # where stacks are written
        self.last = time.monotonic()  # when this process last moved
        self.beat: Callable[[], object] | None = None  # called while it is at work that may take long
        self.told = False  # whether the stacks of this stillness are written
        self.ended = threading.Event()
        threading.Thread(target=self.look, name="ganvas watch", daemon=True).start()

    def moved(self) -> None:
        """Once for each message: this process is not stuck."""
        self.last, self.told = time.monotonic(), False

    @contextmanager
    def busy(self, beat: Callable[[], object]) -> Iterator[None]:
        """Work of any length: it is no stillness, and the others hear `beat`."""
        self.heard(beat)
        self.beat = beat
        try:
            yield
        finally:
            self.beat = None
            self.moved()

    def heard(self, beat: Callable[[], object]) -> None:
        """One beat; where the others are gone, the next message will tell."""
        with suppress(RuntimeError):
            beat()

    def look(self) -> None:
        """What the thread does."""
        launcher = launcher_pid()
        while not self.ended.wait(min(1.0, self.patience / 10)):
            if launcher and os.getppid() != launcher:  # nobody would stop us any more
                launcher = 0
                os.kill(os.getpid(), signal.SIGINT)
            if beat := self.beat:
                self.heard(beat)
            elif time.monotonic() - self.last > self.patience and not self.told:
                self.dump()

    def dump(self) -> Path | None:
        """The stacks of all threads into stacks-rank-K.txt, once for each stillness."""
        if self.folder is None:
            return None
        path = self.folder / f"stacks-rank-{self.rank}.txt"
        if not self.told:
            self.told = True
            with suppress(OSError), open_regular(path, "w", inside=self.folder, encoding="utf-8") as file:
                faulthandler.dump_traceback(file, all_threads=True)
        return path

    def close(self) -> None:
        """No more looking."""
        self.ended.set()
