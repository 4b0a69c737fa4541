"""All that listens to a run: the progress line, functions of the caller, and trackers."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..runs import Listener
from .display import Listeners, progress_shown
from .trackers import followers

if TYPE_CHECKING:
    from .event_callback import EventFunction


@contextmanager
def listening(
    quiet: bool,
    on_event: Listener | None,
    on_message: Callable[[str], None] | None,
    callback: "EventFunction | None",
    track: Sequence[str],
) -> Iterator[Listeners]:
    """What a run calls while it is played; trackers are closed, and the progress line is removed, at the end.

    The arguments are those of `ganvas.train`. Raises UsageError for a tracker that there is not.
    """
    with (
        followers(callback, track) as follower,
        progress_shown(quiet, on_event, on_message, follower) as listeners,
    ):
        yield listeners
