"""Progress reporting through a context variable: low-level code reports, a caller subscribes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Listener = Callable[[str, int, int], None]  # (what, done, total), such as ("decoding pictures", 300, 2543)
_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


@contextmanager
def progress_listener(callback: Listener) -> Iterator[None]:
    """Within the context, each report of this thread goes to `callback`; a nested listener replaces the outer one.

    Args:
        callback: called with (what, done, total).
    """
    token = _listener.set(callback)
    try:
        yield
    finally:
        _listener.reset(token)


def report_progress(what: str, done: int, total: int) -> None:
    """Report that `done` of `total` steps are finished. Cheap if there is no listener.

    Args:
        what: the activity, such as "decoding pictures".
        done: steps finished, from 0 to `total`.
        total: all steps.
    """
    callback = _listener.get()
    if callback is not None:
        callback(what, done, total)
