"""From a plan to a run: its folder, its numbers settled, and training from the first round to the last word."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from ..recipes import live_trainer, prepare, to_yaml
from ..runs import MARKER, Run, fresh_path
from .device import check_test, environment, join, settle
from .plan import Plan, anchored
from .resume import resumed
from .session import Session

if TYPE_CHECKING:
    from ..training import ProcessGroup
    from .display import Listeners


def trained(
    planned: Plan, place: torch.device, out: Path | str | None, listeners: "Listeners", begun: float, *, test: bool
) -> Session:
    """Train a new run to its end.

    Args:
        planned: the recipe and its length.
        place: the device.
        out: the run's folder; None for a new one under runs/.
        listeners: called with events and sentences.
        begun: a time.monotonic() from which planned.minutes count.
        test: whether to score the finished run on test too.

    Returns:
        The session of the run.

    Raises:
        GanvasError: as `train` says.
    """
    check_test(planned.recipe, test)
    world = join(place)
    path = Path(world.on_rank_0(lambda: where(world, Path(out) if out else fresh_path(Path("runs"), planned.name))))
    if world.restarted and (path / MARKER).is_file():
        return resumed(path, place, world, listeners.on_event, parts=planned.recipe)
    tell(listeners.on_message, world, planned.said)
    experiment, fits = settle(prepare(anchored(planned.recipe)), place, world, planned.minutes, begun=begun, test=test)
    tell(listeners.on_message, world, fits)
    trainer = live_trainer(experiment, place, world)
    if planned.start:
        planned.start.begin(trainer)
    facts = environment(place, world, experiment, test=test)
    facts |= {"init_from": planned.start.facts} if planned.start else {}
    run = Run.create(path, config=to_yaml(experiment.recipe), environment=facts) if world.rank == 0 else Run(path)
    return Session(run, experiment, trainer, listeners.on_event).play(
        resumed=False, messages=(*planned.said, *fits), save_first=planned.start is not None
    )


def tell(on_message: Callable[[str], None] | None, world: "ProcessGroup", sentences: tuple[str, ...]) -> None:
    """Each sentence, once for all processes."""
    for sentence in sentences if on_message and world.rank == 0 else ():
        on_message(sentence)  # type: ignore[misc]  # not None


def where(world: "ProcessGroup", path: Path) -> str:
    """The run's folder: the same in all processes, and after a restart that of before, where the launcher can tell."""
    if world.lasting_store is not None:
        path = Path(world.lasting_store.compare_set("run", "", str(path)).decode())
    if not world.restarted:
        Run.check(path)
    return str(path)
