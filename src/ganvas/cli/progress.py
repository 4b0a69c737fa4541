"""The progress line, drawn from the run's events."""

import sys
import time

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Column

from ..runs import Event, ProgressText, Snapshot, event_line, event_text
from ..runs import Progress as Progressed
from .output import columns, manner, redrawn, say, wrapped

EVERY = 10.0  # seconds between lines where the line cannot be redrawn


class ProgressLine:
    """Call it with each event. On a terminal one line is redrawn; elsewhere a line is printed now and then; with --json, every event."""

    def __init__(self) -> None:
        self.progress, self.last = ProgressText(), 0.0
        share = TextColumn("{task.percentage:>3.0f} %", table_column=Column(no_wrap=True, min_width=5))
        words = TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis"))
        columns = [share, BarColumn(bar_width=12), words]
        self.bar = Progress(*columns, console=Console(stderr=True), transient=True) if redrawn() else None
        self.task = self.bar.add_task("starting", total=None) if self.bar else None

    @property
    def total(self) -> int:
        """Samples of the whole run; 0 before training begins."""
        return self.progress.total

    def __enter__(self) -> "ProgressLine":
        if self.bar:
            self.bar.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self.bar:
            self.bar.stop()

    def __call__(self, event: Event) -> None:
        if manner.as_json:
            print(event_line(event), end="", flush=True)
            return
        self.progress.take(event)
        text = self.text(event)
        if self.bar and self.task is not None:
            if isinstance(event, Progressed):
                self.bar.update(self.task, total=self.total, completed=event.samples, description=text)
            elif not isinstance(event, Snapshot) and (words := event_text(event)):
                self.bar.console.print(words, markup=False, highlight=False)
        elif not manner.quiet and text and self.worth(event):
            print(wrapped(text, columns(sys.stderr)), file=sys.stderr, flush=True)

    def say(self, text: str) -> None:
        """A sentence above the line."""
        if self.bar:
            self.bar.console.print(text, markup=False, highlight=False)
            self.note("measuring the machine")  # what comes next
        else:
            say(text)

    def note(self, text: str) -> None:
        """What is done before training begins, in the line's place."""
        if self.bar and self.task is not None and text:
            self.bar.update(self.task, description=text)

    def worth(self, event: Event) -> bool:
        """Whether to spend a printed line on an event."""
        if isinstance(event, Snapshot):
            return False
        if not isinstance(event, Progressed):
            return True
        now = time.monotonic()
        if now - self.last < EVERY and event.samples < self.total:
            return False
        self.last = now
        return True

    def text(self, event: Event) -> str:
        """Images/s, time left, loss terms, last score."""
        done = "" if self.bar or not isinstance(event, Progressed) else f"{event.samples:,}/{self.total:,}"
        return self.progress.text(event, done)
