"""Training as people call it: from a recipe's name or a folder of pictures to a run directory, and on from there."""

import os
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import torch

from ..recipes import Recipe, live_trainer, prepare, read_recipe, to_yaml
from ..runs import MARKER, Run, fresh_path
from ..training import World
from .machine import environment, find_device, settle
from .plan import anchored, plan
from .session import Listener, Session


def train(
    recipe: str | Recipe | None = None,
    *,
    data: Path | str | None = None,
    size: str | int | tuple[int, int] | None = None,
    fit: str | None = None,
    channels: int | None = None,
    background: str | None = None,
    labels: str | None = None,
    range: str | None = None,
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
    `labels` "folders", a .csv, "y" or "cls", `range` "0:4095", "min:max" or "1%:99%" for pictures of more than 8 bits: the values that become black and
    white; whatever is left out is guessed, and `say` is called with every guess and choice.
    `flips` mirrors pictures in half of the passes. `init_from` is a run whose weights are the start.
    `minutes` sets the recipe's samples from the measured speed; `listen` is called with every event.
    `parts` are classes of your own that a .yaml file or the run of `init_from` names, as in `load`; those that `recipe` and `changes` use need not be passed.
    """
    place = find_device(device)
    own: dict[str, Any] = {"size": size, "fit": fit, "channels": channels, "background": background, "labels": labels, "range": range, "flips": flips}
    planned = plan(recipe, data=data, **own, init_from=init_from, changes=changes, minutes=minutes, device=place.type, parts=parts)
    world = World.from_environment(place)
    path = Path(world.first(lambda: where(world, Path(out) if out else fresh_path(Path("runs"), planned.name))))
    if world.restarted and (path / MARKER).is_file():
        return resumed(path, place, world, listen, planned.recipe)
    if say and world.rank == 0:
        for sentence in planned.said:
            say(sentence)
    experiment = settle(prepare(anchored(planned.recipe)), place, world, planned.minutes)
    trainer = live_trainer(experiment, place, world)
    if planned.start:
        planned.start.begin(trainer)
    facts = environment(place, world) | ({"init_from": planned.start.facts} if planned.start else {})
    run = Run.create(path, config=to_yaml(experiment.recipe), environment=facts) if world.rank == 0 else Run(path)
    return Session(run, experiment, trainer, listen).play(resumed=False, said=planned.said, save_first=planned.start is not None)


def resume(path: str | os.PathLike[str], *, device: str = "auto", listen: Listener | None = None, parts: Recipe | Collection[Any] = ()) -> Run:
    """Go on from the newest checkpoint that verifies; the end is bitwise the run left alone.

    Args:
        path: the run's folder, or a Run.
        device: "cpu", "cuda" or "auto".
        listen: called with every event.
        parts: classes of your own that the run's recipe uses, such as [MyLoss], or the Recipe that it was made from. What the recipe's numbers
            are is read from config.yaml all the same. Whether the code of a class has changed since cannot be known.

    Raises:
        GanvasError: there is no run, its recipe or its data were changed, or a class of its recipe is missing.
    """
    place = find_device(device)
    return resumed(Run.open(Path(path)).path, place, World.from_environment(place), listen, parts)


def resumed(path: Path, place: torch.device, world: World, listen: Listener | None, parts: Recipe | Collection[Any] = ()) -> Run:
    """The run at `path`, gone on with in this world."""
    run = Run.open(path)
    recipe = read_recipe(run.config, parts)
    experiment = prepare(recipe)
    torch.set_num_threads(recipe.threads)
    return Session(run, experiment, live_trainer(experiment, place, world), listen).play(resumed=True)


def where(world: World, path: Path) -> str:
    """The run's folder: the same in all processes, and after a restart that of before, where the launcher can tell."""
    if world.kept is not None:
        path = Path(world.kept.compare_set("run", "", str(path)).decode())
    if not world.restarted:
        Run.check(path)
    return str(path)
