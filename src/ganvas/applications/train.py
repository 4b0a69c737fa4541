"""Training as people call it: from a recipe's name to a run directory, and on from there."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from ..recipes import Recipe, live_trainer, override, prepare, read_recipe, to_yaml
from ..recipes import recipe as by_name
from ..runs import Run, fresh_path
from ..training import World
from .machine import environment, find_device, settle
from .session import Listener, Session


def train(
    recipe: str | Recipe,
    *,
    out: Path | str | None = None,
    changes: Mapping[str, Any] | None = None,
    minutes: float | None = None,
    device: str = "auto",
    listen: Listener | None = None,
) -> Run:
    """Train a recipe (a name, a .yaml file or a Recipe) with dotted `changes`; returns the run, finished or interrupted.

    `minutes` sets the recipe's samples from the measured speed; `listen` is called with every event. Raises GanvasError.
    """
    name = Path(recipe).name if isinstance(recipe, str) else "recipe"
    chosen = override(by_name(recipe) if isinstance(recipe, str) else recipe, changes or {})
    path = Path(out) if out else fresh_path(Path("runs"), name)
    place = find_device(device)
    world = World.from_environment(place)
    if world.rank == 0:
        Run.check(path)
    experiment = settle(prepare(chosen), place, world, minutes)
    trainer = live_trainer(experiment, place, world)
    run = Run.create(path, config=to_yaml(experiment.recipe), environment=environment(place)) if world.rank == 0 else Run(path)
    return Session(run, experiment, trainer, listen).play(resumed=False)


def resume(path: Path | str, *, device: str = "auto", listen: Listener | None = None) -> Run:
    """Go on from the newest checkpoint that verifies; the end is bitwise the run left alone. Raises GanvasError."""
    run = Run.open(Path(path))
    recipe = read_recipe(run.config)
    experiment = prepare(recipe)
    torch.set_num_threads(recipe.threads)
    place = find_device(device)
    trainer = live_trainer(experiment, place, World.from_environment(place))
    return Session(run, experiment, trainer, listen).play(resumed=True)
