"""A plain function that follows a run: called with each event as a dict, it may ask for a checkpoint or for the end."""

from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ..base.errors import UsageError
from ..training import Request, Save, Trainer
from ..training.trainer import Stop

if TYPE_CHECKING:
    from ..runs import Event

EventFunction = Callable[[dict[str, Any]], Literal["save", "stop"] | None]
STOPPED = "callback"  # the reason of a run that a callback ended


def event_tree(event: "Event") -> dict[str, Any]:
    """An event as a dict: its kind, samples and time, and what that kind has."""
    return {"kind": type(event).__name__, **asdict(event)}


class EventCallback:
    """A listener of a run's events that hands them to a function, and what the function answers to the trainer.

    Args:
        function: called with `event_tree` of each event; "save" asks for a checkpoint after the round, "stop" for one
            and for the end of the run.
        begins: called with the run's folder before the first event.
    """

    def __init__(self, function: EventFunction, begins: Iterable[Callable[[Path], None]] = ()) -> None:
        self.function, self.begins = function, tuple(begins)
        self.answers: list[str] = []

    def __call__(self, event: "Event") -> None:
        self.take(self.function(event_tree(event)))

    def begin(self, run: Path) -> None:
        """Called before the first event."""
        for each in self.begins:
            each(run)

    def take(self, answer: object) -> None:
        """Remember an answer until the round ends. Raises UsageError for one that is none."""
        if answer not in (None, "save", "stop"):
            raise UsageError(f"a callback answered {answer!r}", hint='It returns None, "save" or "stop".')
        if answer is not None:
            self.answers.append(str(answer))

    def requests(self, trainer: Trainer, before: int) -> Iterable[Request]:
        """A callback of the trainer: what the function requested since the last round."""
        answers, self.answers = self.answers, []
        if "stop" in answers:
            return (Save(), Stop(STOPPED))
        return (Save(),) if answers else ()
