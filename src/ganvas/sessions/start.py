"""Trains a new run by a plan: its folder, its measured numbers, and the training."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from ..recipes import live_trainer, prepare, to_yaml
from ..runs import MARKER, Run, fresh_path
from .device import check_test, environment, join, settle
from .plan import Plan, anchored
from .resume import resumed
from .session import TrainingSession

if TYPE_CHECKING:
    from ..training import ProcessGroup
    from .display import Listeners


def trained(
    planned: Plan, place: torch.device, out: Path | str | None, listeners: "Listeners", started_at: float, *, test: bool
) -> TrainingSession:
    """Train a new run to its end.

    Args:
        planned: the recipe and its length.
        place: the device.
        out: the run's folder; None for a new one under runs/.
        listeners: called with events and messages.
        started_at: a time.monotonic() from which planned.minutes count.
        test: whether to score the finished run on test too.

    Returns:
        The session of the run.

    Raises:
        GanvasError: as `train` says.
    """
    check_test(planned.recipe, test)
    world = join(place)
    path = Path(
        world.on_rank_0(lambda: run_folder(world, Path(out) if out else fresh_path(Path("runs"), planned.name)))
    )
    if world.restarted and (path / MARKER).is_file():
        return resumed(path, place, world, listeners, parts=planned.recipe)
    send_messages(listeners.on_message, world, planned.messages)
    experiment, fits = settle(
        prepare(anchored(planned.recipe)), place, world, planned.minutes, started_at=started_at, test=test
    )
    send_messages(listeners.on_message, world, fits)
    trainer = live_trainer(experiment, place, world)
    if planned.start:
        planned.start.begin(trainer)
    facts = environment(place, world, experiment, test=test)
    facts |= {"init_from": planned.start.facts} if planned.start else {}
    run = Run.create(path, config=to_yaml(experiment.recipe), environment=facts) if world.rank == 0 else Run(path)
    return TrainingSession(run, experiment, trainer, listeners).play(
        resumed=False, messages=(*planned.messages, *fits), save_first=planned.start is not None
    )


def send_messages(on_message: Callable[[str], None] | None, world: "ProcessGroup", sentences: tuple[str, ...]) -> None:
    """Call `on_message` with each message, on rank 0 only."""
    for sentence in sentences if on_message and world.rank == 0 else ():
        on_message(sentence)  # type: ignore[misc]  # not None


def run_folder(world: "ProcessGroup", path: Path) -> str:
    """The run's folder: the same in all processes, and after a restart by a launcher that of before."""
    if world.lasting_store is not None:
        path = Path(world.lasting_store.compare_set("run", "", str(path)).decode())
    if not world.restarted:
        Run.check(path)
    return str(path)
