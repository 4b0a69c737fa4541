"""Training as people call it: from a recipe's name or a folder of pictures to a run directory."""

import os
import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..recipes import Recipe, live_trainer, prepare, to_yaml
from ..runs import MARKER, Run, fresh_path
from .machine import environment, find_device, join, settle
from .plan import anchored, plan
from .resume import resumed
from .session import Listener, Session

if TYPE_CHECKING:
    from ..training import World


def train(
    recipe: str | Recipe | None = None,
    *,
    data: Path | str | None = None,
    size: str | int | tuple[int, int] | None = None,
    fit: str | None = None,
    channels: int | None = None,
    background: str | None = None,
    labels: str | None = None,
    flips: bool | None = None,
    init_from: str | os.PathLike[str] | None = None,
    out: Path | str | None = None,
    changes: Mapping[str, Any] | None = None,
    minutes: float | None = None,
    device: str = "auto",
    listen: Listener | None = None,
    say: Callable[[str], None] | None = None,
    parts: Recipe | Collection[Any] = (),
) -> Run:
    """Train a recipe (a name, a .yaml file or a Recipe) with dotted `changes`; returns the run, finished or interrupted. Raises GanvasError.

    `data` are your own pictures: a folder, a zip, a list of files, an .npz, or shards. Without a recipe one is chosen for them, and `minutes` is 20.
    `size` 64 or "64x48" (width x height), `fit` "crop", "pad" or "stretch", `channels` 1 or 3, `background` a colour for what is transparent,
    `labels` "folders", a .csv, "y" or "cls"; whatever is left out is guessed, and `say` is called with every guess and choice.
    `flips` mirrors pictures in half of the passes. `init_from` is a run whose weights are the start.
    `minutes` sets the recipe's samples, so that the run ends about so long after the call, reading, scores and snapshots included.
    `listen` is called with every event.
    `parts` are classes of your own that a .yaml file or the run of `init_from` names, as in `load`; those that `recipe` and `changes` use need not be passed.
    """
    begun = time.monotonic()
    place = find_device(device)
    planned = plan(
        recipe,
        data=data,
        size=size,
        fit=fit,
        channels=channels,
        background=background,
        labels=labels,
        flips=flips,
        init_from=init_from,
        changes=changes,
        minutes=minutes,
        device=place.type,
        parts=parts,
    )
    world = join(place)
    path = Path(world.first(lambda: where(world, Path(out) if out else fresh_path(Path("runs"), planned.name))))
    if world.restarted and (path / MARKER).is_file():
        return resumed(path, place, world, listen, parts=planned.recipe)
    tell(say, world, planned.said)
    experiment, fits = settle(prepare(anchored(planned.recipe)), place, world, planned.minutes, begun=begun)
    tell(say, world, fits)
    trainer = live_trainer(experiment, place, world)
    if planned.start:
        planned.start.begin(trainer)
    facts = environment(place, world) | ({"init_from": planned.start.facts} if planned.start else {})
    run = Run.create(path, config=to_yaml(experiment.recipe), environment=facts) if world.rank == 0 else Run(path)
    return Session(run, experiment, trainer, listen).play(resumed=False, said=(*planned.said, *fits), save_first=planned.start is not None)


def tell(say: Callable[[str], None] | None, world: "World", sentences: tuple[str, ...]) -> None:
    """Each sentence, once for all processes."""
    for sentence in sentences if say and world.rank == 0 else ():
        say(sentence)  # type: ignore[misc]  # not None


def where(world: "World", path: Path) -> str:
    """The run's folder: the same in all processes, and after a restart that of before, where the launcher can tell."""
    if world.kept is not None:
        path = Path(world.kept.compare_set("run", "", str(path)).decode())
    if not world.restarted:
        Run.check(path)
    return str(path)
