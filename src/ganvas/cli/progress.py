"""Progress of a command on stderr: a run's events, and steps such as the reading of data."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from ..base.progress import progress_listener
from ..runs import Event, Snapshot, event_line
from ..sessions.display import Display, Screen, Terminal, printable
from .output import above_progress, can_redraw, columns, output_options, print_message, wrapped

INTERVAL = 10.0  # seconds between lines where they cannot be redrawn


class PrintedLines:
    """Lines of a pipe or a file: each stays, so there are few."""

    def __init__(self) -> None:
        self.interval = self.delay = INTERVAL

    def line(self, text: str) -> None:
        """Print the line."""
        print_message(text)

    def message(self, text: str) -> None:
        """Print a message."""
        print_message(text)

    def close(self) -> None:
        """Do nothing: printed lines stay."""

    def position(self, samples: int, total: int) -> str:
        """The position in the run as numbers: 100/400."""
        return f"{samples:,}/{total:,}"


def stderr_screen() -> Screen:
    """A redrawn line where stderr is a terminal; else printed lines."""
    if not can_redraw():
        return PrintedLines()
    return Terminal(lambda text: wrapped(printable(text), columns(sys.stderr)))


@contextmanager
def showing_progress(display: Display | None = None) -> Iterator[None]:
    """Within the context, show reports of base/progress.py, with messages above the line; not with -q or --json.

    Args:
        display: of a run that follows; None for a new one.
    """
    if output_options.quiet or output_options.as_json:
        yield
        return
    display = display or Display(stderr_screen())
    redraws = isinstance(display.screen, Terminal)
    with progress_listener(display.reading), above_progress(display.screen.message if redraws else None):
        try:
            yield
        finally:
            display.screen.close()


class ProgressLine:
    """A context that shows a run: call it with each event. With --json it prints every event instead."""

    def __init__(self) -> None:
        self.display = Display(stderr_screen(), hidden=(Snapshot,))
        self.stack = ExitStack()

    @property
    def total(self) -> int:
        """Samples of the whole run; 0 before training begins."""
        return self.display.progress.total

    def __enter__(self) -> "ProgressLine":
        self.stack.enter_context(showing_progress(self.display))
        return self

    def __exit__(self, *error: object) -> None:
        self.stack.close()

    def __call__(self, event: Event) -> None:
        if output_options.as_json:
            print(event_line(event), end="", flush=True)
        self.display.progress.take(event)
        if not (output_options.quiet or output_options.as_json):
            self.display(event)

    def message(self, text: str) -> None:
        """Print a message above the line."""
        print_message(text)
