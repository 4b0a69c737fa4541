"""How far along: code far down tells, whoever listens hears, and neither knows the other."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Listener = Callable[[str, int, int], None]  # (what, done, total), such as ("decoding pictures", 300, 2543)
_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


@contextmanager
def progress_listener(callback: Listener) -> Iterator[None]:
    """Within it, `callback` hears what is told in this thread."""
    token = _listener.set(callback)
    try:
        yield
    finally:
        _listener.reset(token)


def report_progress(what: str, done: int, total: int) -> None:
    """`done` of `total` steps of `what` are over. Cheap where nobody listens."""
    callback = _listener.get()
    if callback is not None:
        callback(what, done, total)
