"""The progress line of `train` and `resume` when called from Python, on a terminal or in a notebook."""

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol

from ..base.processes import rank
from ..base.progress import progress_listener
from ..runs import Event, Progress, ProgressText, Saved, Snapshot

INTERVAL = 0.1  # seconds between two drawings of a step that is no event of the run
CLEAR = "\r\x1b[K"  # to the start of the line, which is emptied


class Screen(Protocol):
    """Where the line is drawn."""

    def line(self, text: str) -> None:
        """Draw the line again."""
        ...

    def message(self, text: str) -> None:
        """Print a line that stays, above it."""
        ...

    def close(self) -> None:
        """Remove the line."""
        ...


class Terminal:
    """The line of stderr that the cursor is in."""

    def line(self, text: str) -> None:
        width = max(20, shutil.get_terminal_size().columns - 1)
        self.write(f"{CLEAR}{printable(text)[:width]}")

    def message(self, text: str) -> None:
        self.write(f"{CLEAR}{printable(text)}\n")

    def close(self) -> None:
        self.write(CLEAR)

    def write(self, text: str) -> None:
        """Write at once, without waiting for the end of the line."""
        sys.stderr.write(text)
        sys.stderr.flush()


class Notebook:
    """One output of the cell, replaced at each change. `show` is IPython.display.display."""

    def __init__(self, show: Callable[..., Any]) -> None:
        self.show, self.messages, self.handle = show, list[str](), None

    def line(self, text: str) -> None:
        shown = {"text/plain": "\n".join([*self.messages, *([printable(text)] if text else [])])}
        if self.handle is None:
            self.handle = self.show(shown, raw=True, display_id=True)
        else:
            self.handle.update(shown, raw=True)

    def message(self, text: str) -> None:
        self.messages.append(printable(text))
        self.line("")

    def close(self) -> None:
        if self.handle is not None:
            self.line("")


class Display:
    """Call it with each event of a run."""

    def __init__(self, screen: Screen) -> None:
        self.screen, self.progress, self.last = screen, ProgressText(), 0.0

    def __call__(self, event: Event) -> None:
        self.progress.take(event)
        if isinstance(event, Progress):
            share = event.samples / max(1, self.progress.total)
            self.screen.line(self.progress.text(event, f"{share:4.0%}"))
        elif not isinstance(event, Snapshot | Saved) and (text := self.progress.text(event)):
            self.screen.message(text)

    def reading(self, what: str, done: int, total: int) -> None:
        """Draw a step before training: `done` of `total` items."""
        now = time.monotonic()
        if now - self.last >= INTERVAL:
            self.last = now
            self.screen.line(f"{what}: {done:,} of {total:,}")


class Listeners(NamedTuple):
    """Functions that a run calls with events, and with sentences."""

    on_event: Callable[[Event], None] | None
    on_message: Callable[[str], None] | None


@contextmanager
def progress_shown(
    quiet: bool, on_event: Callable[[Event], None] | None, on_message: Callable[[str], None] | None = None
) -> Iterator[Listeners]:
    """Show the progress of a run that calls the listeners given to the `with` block, on a terminal or in a notebook.

    Args:
        quiet: show nothing.
        on_event: also called with every event.
        on_message: called with every sentence, which is then not shown.
    """
    screen = None if quiet or rank() else screen_here()
    if screen is None:
        yield Listeners(on_event, on_message)
        return
    display = Display(screen)

    def show(event: Event) -> None:
        display(event)
        if on_event is not None:
            on_event(event)

    try:
        with progress_listener(display.reading):
            yield Listeners(show, on_message or screen.message)
    finally:
        screen.close()


def screen_here() -> Screen | None:
    """The output of a notebook's cell, or the terminal of stderr; None if there is neither."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    show = getattr(sys.modules.get("IPython.display"), "display", None)
    if hasattr(shell, "kernel") and show is not None:
        return Notebook(show)
    if sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        return Terminal()
    return None


def printable(text: str) -> str:
    """The text on one line, without control characters of a terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
