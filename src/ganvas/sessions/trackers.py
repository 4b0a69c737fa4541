"""Trackers: what follows a run and shows it elsewhere, such as TensorBoard; others come from entry points."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from ..base.errors import GanvasError, UsageError, suggest
from ..base.processes import rank
from .mlflow_tracker import MlFlow
from .tensorboard_tracker import TensorBoard
from .wandb_tracker import WeightsAndBiases

if TYPE_CHECKING:
    from .event_callback import EventCallback, EventFunction

ENTRY_POINT = "ganvas.trackers"  # other packages name functions here that make a Tracker
BUILT_IN: Mapping[str, Callable[[], "Tracker"]] = {
    "tensorboard": TensorBoard,
    "wandb": WeightsAndBiases,
    "mlflow": MlFlow,
}


class Tracker(Protocol):
    """What follows a run."""

    def begin(self, run: Path) -> None:
        """Called before the first event.

        Args:
            run: the run's folder.
        """

    def follow(self, event: dict[str, Any]) -> None:
        """Called with each event.

        Args:
            event: its kind, samples and time, and what that kind has.
        """

    def close(self) -> None:
        """Called when the run has ended, or broken."""


def tracker(name: str) -> Tracker:
    """The tracker of a name.

    Args:
        name: "tensorboard", "wandb", "mlflow", or what another package registers under `ganvas.trackers`.

    Raises:
        UsageError: there is none.
        MissingExtra: what it needs is not installed.
    """
    others = {entry.name: entry for entry in entry_points(group=ENTRY_POINT)}
    if name in BUILT_IN:
        return BUILT_IN[name]()
    if name not in others:
        known = sorted({*BUILT_IN, *others})
        hint = suggest(name, known) or f"There are: {', '.join(known)}."
        raise UsageError(f"there is no tracker '{name}'", hint=hint)
    try:
        made: Tracker = others[name].load()()
    except GanvasError:
        raise
    except Exception as error:  # another package's code: whatever it raises
        raise UsageError(
            f"the tracker '{name}' cannot be made: {error}", hint="Repair or remove its package."
        ) from error
    return made


@contextmanager
def followers(callback: "EventFunction | None", names: Sequence[str]) -> "Iterator[EventCallback | None]":
    """A callback of the run that calls a function and trackers; these are closed at the end of the context.

    Args:
        callback: called with each event as a dict; what it returns is handed to the trainer.
        names: of trackers.

    Raises:
        UsageError: there is no such tracker.
    """
    made = [tracker(name) for name in names] if rank() == 0 else []
    if callback is None and not made:
        yield None
        return
    from .event_callback import EventCallback

    def call(event: dict[str, Any]) -> Any:
        for each in made:
            each.follow(event)
        return callback(event) if callback is not None else None

    with ExitStack() as stack:
        for each in made:
            stack.callback(each.close)
        yield EventCallback(call, [each.begin for each in made])
