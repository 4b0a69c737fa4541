"""What `train` and `resume` show when called from Python: a line that is redrawn, on a terminal or in a notebook."""

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

OFTEN = 0.1  # seconds between two drawings of a step that is no event of the run
CLEAR = "\r\x1b[K"  # back to the line's start, and nothing stands in it


class Screen(Protocol):
    """Where the line is drawn."""

    def line(self, text: str) -> None:
        """Draw the line anew."""
        ...

    def words(self, text: str) -> None:
        """A line that stays, above it."""
        ...

    def close(self) -> None:
        """Take the line away."""
        ...


class Terminal:
    """The line of stderr that the cursor is in."""

    def line(self, text: str) -> None:
        width = max(20, shutil.get_terminal_size().columns - 1)
        self.write(f"{CLEAR}{printable(text)[:width]}")

    def words(self, text: str) -> None:
        self.write(f"{CLEAR}{printable(text)}\n")

    def close(self) -> None:
        self.write(CLEAR)

    def write(self, text: str) -> None:
        """Now, not at the end of the line."""
        sys.stderr.write(text)
        sys.stderr.flush()


class Notebook:
    """One output of the cell, replaced at each change. `show` is IPython.display.display."""

    def __init__(self, show: Callable[..., Any]) -> None:
        self.show, self.kept, self.handle = show, list[str](), None

    def line(self, text: str) -> None:
        shown = {"text/plain": "\n".join([*self.kept, *([printable(text)] if text else [])])}
        if self.handle is None:
            self.handle = self.show(shown, raw=True, display_id=True)
        else:
            self.handle.update(shown, raw=True)

    def words(self, text: str) -> None:
        self.kept.append(printable(text))
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
            self.screen.words(text)

    def reading(self, what: str, done: int, total: int) -> None:
        """What is done before training begins: `done` of `total` steps."""
        now = time.monotonic()
        if now - self.last >= OFTEN:
            self.last = now
            self.screen.line(f"{what}: {done:,} of {total:,}")


class Heard(NamedTuple):
    """Who is called with events, and with sentences."""

    listen: Callable[[Event], None] | None
    say: Callable[[str], None] | None


@contextmanager
def shown(
    quiet: bool, listen: Callable[[Event], None] | None, say: Callable[[str], None] | None = None
) -> Iterator[Heard]:
    """Within it, a run that tells its events and sentences to what is yielded is shown, unless `quiet` or nobody looks.

    Args:
        quiet: show nothing.
        listen: called with every event besides.
        say: called with every sentence in the display's place.
    """
    screen = None if quiet or rank() else screen_here()
    if screen is None:
        yield Heard(listen, say)
        return
    display = Display(screen)

    def hear(event: Event) -> None:
        display(event)
        if listen is not None:
            listen(event)

    try:
        with progress_listener(display.reading):
            yield Heard(hear, say or screen.words)
    finally:
        screen.close()


def screen_here() -> Screen | None:
    """A notebook's output, or the terminal that stderr is; None where neither can be drawn over."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    show = getattr(sys.modules.get("IPython.display"), "display", None)
    if hasattr(shell, "kernel") and show is not None:
        return Notebook(show)
    if sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        return Terminal()
    return None


def printable(text: str) -> str:
    """On one line, without characters that steer a terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
