"""The progress line of a run, on a terminal or in a notebook; `train` and `resume` and the command draw it."""

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from ..base.processes import rank
from ..base.progress import progress_listener
from ..runs import Event, Progress, ProgressText, Saved, Snapshot

if TYPE_CHECKING:
    from .event_callback import EventCallback

INTERVAL = 0.1  # seconds between two drawings of the line
CLEAR = "\r\x1b[K"  # to the start of the line, which is emptied


class Screen(Protocol):
    """Where the line is drawn."""

    interval: float  # seconds between two drawings, at least
    delay: float  # seconds before a step before training is drawn

    def line(self, text: str) -> None:
        """Draw the line again."""
        ...

    def message(self, text: str) -> None:
        """Print a line that stays, above it."""
        ...

    def close(self) -> None:
        """Remove the line."""
        ...

    def position(self, samples: int, total: int) -> str:
        """The position in the run as text."""
        ...


class Terminal:
    """The line of stderr that the cursor is in. `wrap` makes a message fit the terminal."""

    def __init__(self, wrap: Callable[[str], str] | None = None) -> None:
        self.interval, self.delay, self.wrap = INTERVAL, 0.0, wrap or printable

    def line(self, text: str) -> None:
        width = max(20, shutil.get_terminal_size().columns - 1)
        self.write(f"{CLEAR}{printable(text)[:width]}")

    def message(self, text: str) -> None:
        self.write(f"{CLEAR}{self.wrap(text)}\n")

    def close(self) -> None:
        self.write(CLEAR)

    def position(self, samples: int, total: int) -> str:
        return percent(samples, total)

    def write(self, text: str) -> None:
        """Write at once, without waiting for the end of the line."""
        sys.stderr.write(text)
        sys.stderr.flush()


class Notebook:
    """One output of the cell, replaced at each change. `show` is IPython.display.display."""

    def __init__(self, show: Callable[..., Any]) -> None:
        self.show, self.messages, self.handle = show, list[str](), None
        self.interval, self.delay = INTERVAL, 0.0

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

    def position(self, samples: int, total: int) -> str:
        return percent(samples, total)


class Display:
    """Draws a run: call it with each event. Events of the types `hidden` are not shown."""

    def __init__(self, screen: Screen, hidden: tuple[type[Event], ...] = (Snapshot, Saved)) -> None:
        self.screen, self.hidden, self.progress = screen, hidden, ProgressText()
        self.created, self.last = time.monotonic(), 0.0

    def __call__(self, event: Event) -> None:
        self.progress.take(event)
        if isinstance(event, Progress):
            if self.is_due(event.samples >= self.progress.total):
                position = self.screen.position(event.samples, self.progress.total)
                self.screen.line(self.progress.text(event, position))
        elif not isinstance(event, self.hidden) and (text := self.progress.text(event)):
            self.screen.message(text)

    def reading(self, what: str, done: int, total: int) -> None:
        """Draw a step before training: `done` of `total` items."""
        if time.monotonic() - self.created >= self.screen.delay and self.is_due():
            self.screen.line(f"{what}: {done:,} of {total:,}")

    def is_due(self, last: bool = False) -> bool:
        """Whether the line may be drawn now: the interval has passed since it was drawn, or it is the last time."""
        now = time.monotonic()
        if not last and now - self.last < self.screen.interval:
            return False
        self.last = now
        return True


class Listeners(NamedTuple):
    """Functions that a run calls with events, and with messages."""

    on_event: Callable[[Event], None] | None
    on_message: Callable[[str], None] | None
    callback: "EventCallback | None" = None


@contextmanager
def progress_shown(
    quiet: bool,
    on_event: Callable[[Event], None] | None,
    on_message: Callable[[str], None] | None = None,
    callback: "EventCallback | None" = None,
) -> Iterator[Listeners]:
    """Show the progress of a run that calls the listeners given to the `with` block, on a terminal or in a notebook.

    Args:
        quiet: show nothing.
        on_event: also called with every event.
        on_message: called with every message, which is then not shown.
        callback: follows the run, and may ask for a checkpoint or the end; handed on.
    """
    screen = None if quiet or rank() else screen_here()
    if screen is None:
        yield Listeners(on_event, on_message, callback)
        return
    display = Display(screen)

    def show(event: Event) -> None:
        display(event)
        if on_event is not None:
            on_event(event)

    try:
        with progress_listener(display.reading):
            yield Listeners(show, on_message or screen.message, callback)
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


def percent(samples: int, total: int) -> str:
    """The share of the run as text: " 25%"."""
    return f"{samples / max(1, total):4.0%}"


def printable(text: str) -> str:
    """The text on one line, without control characters of a terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
